"""Collects contracts between programs: the files that the target lists, or else those that `envcheck.yaml` names."""

from __future__ import annotations

import posixpath

from envcheck.errors import EnvcheckError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from envcheck.collectors import Collection
    from envcheck.targets.files import Files
    from envcheck.targets.target import Target

COVERS = ("contract",)
PLATFORMS: tuple[str, ...] = ()

_PROJECT_FILE = "envcheck.yaml"
_LARGEST = 16 << 20  # bytes; the largest public API descriptions have about ten million
_MOST_FILES = 500


def collect(target: Target, into: Collection) -> None:
    """Record every contract as `contract/<logical name>`, in the form in which two versions can be compared."""
    wanted: Sequence[tuple[str, str]] = target.contracts or ()
    if target.contracts is None:
        folder = target.cwd
        if folder is None or not target.files.exists(posixpath.join(folder, _PROJECT_FILE)):
            return
        wanted = _named(target.files, folder, into)
    if len(wanted) > _MOST_FILES:
        into.gap("contract", f"only {_MOST_FILES} of {len(wanted)} files were read")
    for name, path in _with_names(wanted[:_MOST_FILES]):
        _collect_file(target.files, name, path, target.cwd or posixpath.dirname(path), into)


def _named(files: Files, folder: str, into: Collection) -> list[tuple[str, str]]:
    """Return (logical name or nothing, path) of the contracts that `envcheck.yaml` lists; raises DocumentError."""
    from envcheck import project
    from envcheck.targets.files import expand

    path = posixpath.join(folder, _PROJECT_FILE)
    try:
        entries = project.load(files, folder).contracts
    except OSError as error:
        into.gap("contract", f"{path} cannot be read: {error.strerror or error}")
        return []
    wanted: list[tuple[str, str]] = []
    for entry in entries:
        name, pattern = ("", entry) if isinstance(entry, str) else (entry.name, entry.path)
        try:
            found = expand(files, folder, pattern)
        except (OSError, ValueError):
            found = []
        if not found:
            problem = f"{_PROJECT_FILE} names {pattern}, and nothing of that name can be read"
            into.put(("unread", name or pattern), path, problem=problem, path=path)
            into.gap("contract", problem)
        taken = {known for _, known in wanted}
        wanted += [(name, each) for each in found if each not in taken]
    return wanted


def _with_names(wanted: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return (logical name, path), no name twice: the file's name without its end, else with it, else its path."""
    given = {name for name, _ in wanted if name}
    named: dict[str, str] = {}
    for name, path in wanted:
        whole = posixpath.basename(path)
        choices = (name, whole.partition(".")[0], whole, path)
        free = [
            choice for choice in choices if choice and choice not in named and (choice == name or choice not in given)
        ]
        named[free[0] if free else path] = path
    return list(named.items())


def _collect_file(files: Files, name: str, path: str, folder: str, into: Collection) -> None:
    from envcheck.contracts import canonical
    from envcheck.keys import format_entity

    entity = ("contract", name)
    try:
        data = files.read(path, _LARGEST + 1)
        format_, document = canonical(path, data, _beside(files, path, folder))
    except EnvcheckError as error:
        problem = f"{error.where}: {error.message}" if error.where else error.message
        problem += f"; {error.hint}" if error.hint.startswith("pip ") else ""
    except (OSError, ValueError) as error:
        problem = f"{path} cannot be read: {getattr(error, 'strerror', None) or error}"
    else:
        # Below the project's folder as its people call it, so that a command can be pasted there.
        into.put(entity, path.removeprefix(f"{folder.rstrip('/')}/"), format=format_, document=document, path=path)
        return
    into.put(("unread", name), path, problem=problem, path=path)
    into.gap(format_entity(entity), problem)


def _beside(files: Files, path: str, folder: str) -> Callable[[str], bytes]:
    """Return what reads a file that a contract refers to: one below the project's folder, or beside the contract."""
    own = posixpath.dirname(path)

    def read(relative: str) -> bytes:
        other = posixpath.normpath(posixpath.join(own, relative))
        if not any(other.startswith(f"{place.rstrip('/')}/") for place in (folder, own)):
            raise PermissionError(0, "lies outside of the project")
        data = files.read(other, _LARGEST + 1)
        if len(data) > _LARGEST:
            raise OSError(0, f"larger than {_LARGEST >> 20} MiB")
        return data

    return read
