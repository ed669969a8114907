"""Collects contracts between programs: the files that the target lists, or else those that `envcheck.yaml` names."""

from __future__ import annotations

import posixpath

from envcheck.collectors._listed import listed, with_names
from envcheck.errors import EnvcheckError
from envcheck.targets import PROJECT_FILE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from envcheck.collectors import Collection
    from envcheck.targets.files import Files
    from envcheck.targets.target import Target

COVERS = ("contract",)
PLATFORMS: tuple[str, ...] = ()

_MOST_FILES = 500


def collect(target: Target, into: Collection) -> None:
    """Record every contract as `contract/<logical name>`, in the form in which two versions can be compared."""
    wanted: Sequence[tuple[str, str]] = target.contracts or ()
    if target.contracts is None:
        folder = target.cwd
        if folder is None or not target.files.exists(posixpath.join(folder, PROJECT_FILE)):
            return
        wanted = listed(target.files, folder, "contracts", "contract", into)
    if not wanted:
        return
    if len(wanted) > _MOST_FILES:
        into.gap("contract", f"only {_MOST_FILES} of {len(wanted)} files were read")
    for name, path in with_names(wanted[:_MOST_FILES], target.cwd or "/"):
        _collect_file(target.files, name, path, target.cwd or posixpath.dirname(path), into)


def _collect_file(files: Files, name: str, path: str, folder: str, into: Collection) -> None:
    from envcheck.contracts import load
    from envcheck.keys import format_entity

    entity = ("contract", name)
    try:
        format_, document = load(files, path, folder)
    except EnvcheckError as error:
        problem = f"{error.where}: {error.message}" if error.where else error.message
        problem += f"; {error.hint}" if error.hint.startswith("pip ") else ""
    else:
        # Below the project's folder as its people call it, so that a command can be pasted there.
        into.put(entity, path.removeprefix(f"{folder.rstrip('/')}/"), format=format_, document=document, path=path)
        return
    into.put(("unread", name), path, problem=problem, path=path)
    into.gap(format_entity(entity), problem)
