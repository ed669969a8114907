"""This machine: the Python environment at hand, or one that is named."""

from __future__ import annotations

import os
import sys

from envcheck.errors import TargetError
from envcheck.targets.files import LocalFiles
from envcheck.targets.layout import find
from envcheck.targets.target import Target

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping


def open_here(cwd: str, environ: Mapping[str, str]) -> Target:
    """Return this machine with the first of: the active environment, the folder's .venv, the python on PATH."""
    where, why = _at_hand(cwd, environ)
    if not where:
        return _target(".", "this machine; there is no Python environment at hand", None, why, cwd, environ)
    try:
        layout = find(LocalFiles(), where, environ=environ, platform=sys.platform)
    except TargetError as error:
        return _target(".", f"this machine; {where} ({why}) cannot be used", None, str(error), cwd, environ)
    return _target(".", f"this machine and {layout.prefix} ({why})", layout, "", cwd, environ)


def open_python(path: str, cwd: str, environ: Mapping[str, str]) -> Target:
    """Return this machine with the Python environment of a prefix or an interpreter; raises TargetError."""
    where = os.path.normpath(os.path.join(cwd, path))
    layout = find(LocalFiles(), where, environ=environ, platform=sys.platform)
    return _target(f"python:{path}", f"{layout.prefix} (named on the command line)", layout, "", cwd, environ)


def _target(address, chosen, layout, problem, cwd, environ) -> Target:  # type: ignore[no-untyped-def]  # noqa: ANN001
    return Target(
        label=address,
        address=address,
        chosen=chosen,
        files=LocalFiles(),
        layout=layout,
        layout_problem=problem,
        environ=environ,
        cwd=cwd,
        live=True,
        platform=sys.platform,
    )


def _at_hand(cwd: str, environ: Mapping[str, str]) -> tuple[str, str]:
    """Return where the Python environment at hand is, and why that one; or nothing, and why not."""
    for variable in ("VIRTUAL_ENV", "CONDA_PREFIX"):
        if environ.get(variable):
            return environ[variable], f"active: {variable} is set"
    folder = os.path.join(cwd, ".venv")
    if os.path.isfile(os.path.join(folder, "pyvenv.cfg")):
        return folder, "the .venv of this folder"
    for place in environ.get("PATH", os.defpath).split(os.pathsep):
        for name in ("python3", "python", "python.exe"):
            candidate = os.path.join(place, name)
            if place and os.access(candidate, os.X_OK) and os.path.isfile(candidate):
                return candidate, "the first python on PATH"
    return "", "no VIRTUAL_ENV, no CONDA_PREFIX, no .venv here and no python on PATH"
