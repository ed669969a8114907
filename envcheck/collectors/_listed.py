"""The files that a project's `envcheck.yaml` lists for a collector: patterns as paths, each under a name of its own."""

from __future__ import annotations

import posixpath

from envcheck.model.facts import NOT_COLLECTED
from envcheck.targets import PROJECT_FILE
from envcheck.targets.files import expand

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from envcheck.collectors import Collection
    from envcheck.targets.files import Files


def listed(files: Files, folder: str, section: str, kind: str, into: Collection) -> list[tuple[str, str]]:
    """Return (logical name or nothing, path) of the files that a section lists; raises DocumentError.

    What it names and is not there, or could not be searched for, is a gap of the kind.
    """
    from envcheck import project

    path = posixpath.join(folder, PROJECT_FILE)
    try:
        entries = getattr(project.load(files, folder), section)
    except OSError as error:
        _tell(into, PROJECT_FILE, path, reason(error))
        into.gap(kind, f"{PROJECT_FILE} cannot be read", status=NOT_COLLECTED)
        return []
    wanted: list[tuple[str, str]] = []
    for entry in entries:
        name, pattern = ("", entry) if isinstance(entry, str) else (entry.name, entry.path)
        try:
            found = expand(files, folder, pattern)
        except (OSError, ValueError) as error:
            found = []
            into.gap(kind, f"{pattern} cannot be searched for: {reason(error)}")
        if not found:
            problem = f"{PROJECT_FILE} names {pattern}, and nothing of that name is there"
            _tell(into, name or pattern, path, problem)
            into.gap(kind, problem)
        taken = {known for _, known in wanted}
        wanted += [(name, each) for each in found if each not in taken]
    return wanted


def with_names(wanted: Iterable[tuple[str, str]], folder: str) -> Iterator[tuple[str, str]]:
    """Yield (logical name, path), no name twice: the file's name without its end, else with it, else its path."""
    held = list(wanted)
    taken = {name for name, _ in held if name}
    for given, path in held:
        name = given
        if not name:
            whole = posixpath.basename(path)
            choices = (posixpath.splitext(whole)[0], whole, posixpath.relpath(path, folder), path)
            name = next(choice for choice in choices if choice not in taken)
            taken.add(name)
        yield name, path


def reason(error: Exception) -> str:
    """Return what the system says of a failure, without the path that stands beside it anyway."""
    return getattr(error, "strerror", None) or str(error)


def _tell(into: Collection, name: str, path: str, problem: str) -> None:
    into.put(("unread", name), path, problem=problem, path=path)
