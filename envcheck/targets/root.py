"""An unpacked root file system: everything is looked up under it, nothing of this machine is."""

from __future__ import annotations

import os

from envcheck.errors import TargetError
from envcheck.targets.files import RootedFiles
from envcheck.targets.layout import find
from envcheck.targets.target import Target

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

# In the order in which an image's entry point would most likely find one: its own venv, conda, the system.
_PREFIXES = (
    *("/app/.venv", "/app/venv", "/workspace/.venv", "/opt/venv", "/venv", "/.venv", "/root/.venv"),
    *("/opt/conda", "/opt/miniconda3", "/opt/miniforge3", "/root/miniconda3", "/usr/local", "/usr"),
)


def open_root(path: str, cwd: str, environ: Mapping[str, str]) -> Target:  # noqa: ARG001  this machine's variables are not the root's
    """Return the root file system in a folder, with the Python that its programs would use; raises TargetError."""
    folder = os.path.normpath(os.path.join(cwd, path))
    if not os.path.isdir(folder):
        raise TargetError("there is no such folder", where=folder, hint="unpack the root file system there first")
    files = RootedFiles(folder)
    layout, others, problem = None, [], "no Python under any of the usual prefixes"
    for prefix in _PREFIXES:
        if not files.is_dir(prefix):
            continue
        try:
            found = find(files, prefix, environ={}, platform="linux")
        except TargetError as error:
            problem = problem if error.where in ("", prefix) else str(error)
            continue
        if layout is None:
            layout = found
        else:
            others.append(prefix)
    chosen = f"the root file system in {folder}"
    if layout is not None:
        chosen += f" and its {layout.prefix}" + (f" (also there: {', '.join(others)})" if others else "")
    return Target(
        label=f"root:{path}",
        address=f"root:{path}",
        chosen=chosen,
        files=files,
        layout=layout,
        layout_problem="" if layout is not None else problem,
    )
