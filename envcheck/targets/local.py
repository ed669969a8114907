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
    from collections.abc import Iterator, Mapping

    from envcheck.targets.target import PythonLayout


_PRE_COMMIT = ".install_state_v2"  # its mark in the environments that it makes for hooks and activates


def open_here(cwd: str, environ: Mapping[str, str]) -> Target:
    """Return this machine with the first of: the active environment, the folder's .venv, the python on PATH."""
    problems = []
    for where, why in _at_hand(cwd, environ):
        try:
            layout = find(LocalFiles(), where, environ=environ, platform=sys.platform)
        except TargetError as error:
            problems.append(f"{where} ({why}): {error.message}")
            if why.startswith("active"):
                break  # what is active is what runs: another environment would answer another question
        else:
            return _target(".", f"this machine and {layout.prefix} ({why})", layout, "", cwd, environ)
    problem = "; ".join(problems) or "no VIRTUAL_ENV, no CONDA_PREFIX, no .venv here and no python on PATH"
    return _target(".", f"this machine; no Python environment at hand: {problem}", None, problem, cwd, environ)


def open_python(path: str, cwd: str, environ: Mapping[str, str]) -> Target:
    """Return this machine with the Python environment of a prefix or an interpreter; raises TargetError."""
    where = os.path.normpath(os.path.join(cwd, path))
    layout = find(LocalFiles(), where, environ=environ, platform=sys.platform)
    return _target(f"python:{path}", f"{layout.prefix} (named on the command line)", layout, "", cwd, environ)


def _target(
    address: str, chosen: str, layout: PythonLayout | None, problem: str, cwd: str, environ: Mapping[str, str]
) -> Target:
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


def _at_hand(cwd: str, environ: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yield where a Python environment may be at hand, and why that one, the likeliest first."""
    for variable in ("VIRTUAL_ENV", "CONDA_PREFIX"):
        prefix = environ.get(variable)
        if prefix and not (_is_own(prefix) and os.path.isfile(os.path.join(prefix, _PRE_COMMIT))):
            yield prefix, f"active: {variable} is set"
    folder = os.path.join(cwd, ".venv")
    if os.path.isfile(os.path.join(folder, "pyvenv.cfg")):
        yield folder, "the .venv of this folder"
    why = "the first python on PATH"
    for place in environ.get("PATH", os.defpath).split(os.pathsep):
        if _of_envcheck(os.path.dirname(place)):
            why = "the first python on PATH after envcheck's own"
            continue
        if os.path.basename(place) == "shims":
            yield from _of_pyenv(os.path.dirname(place), cwd, environ)
            continue
        for name in ("python3", "python", "python.exe"):
            candidate = os.path.join(place, name)
            if place and os.path.isfile(candidate) and os.access(candidate, os.X_OK):
                yield candidate, why


def _is_own(prefix: str) -> bool:
    """Return whether envcheck itself runs in the virtual environment of that prefix."""
    return sys.prefix != sys.base_prefix and os.path.realpath(prefix) == os.path.realpath(sys.prefix)


def _of_envcheck(prefix: str) -> bool:
    """Return whether this is the environment that pipx, uv or pre-commit made for envcheck, which nobody asks about.

    A virtual environment in which envcheck lies beside what is to be checked has none of their marks:
    pypa/pipx:src/pipx/pipx_metadata_file.py, astral-sh/uv:crates/uv-tool/src/lib.rs, for uvx, which puts its
    environments two folders below its cache and first on PATH, https://docs.astral.sh/uv/concepts/cache/, and
    pre-commit/pre-commit:pre_commit/repository.py.
    """
    if not _is_own(prefix):
        return False
    marks = [os.path.join(prefix, mark) for mark in ("pipx_metadata.json", "uv-receipt.toml", _PRE_COMMIT)]
    cache = os.path.dirname(os.path.dirname(os.path.realpath(prefix)))
    return any(map(os.path.isfile, (*marks, os.path.join(cache, "CACHEDIR.TAG"))))


def _of_pyenv(root: str, cwd: str, environ: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yield the versions that pyenv's shims would choose; source: pyenv/pyenv:COMMANDS.md and README.md."""
    chosen, why = environ.get("PYENV_VERSION", ""), "PYENV_VERSION"
    folder = cwd
    while not chosen:
        chosen, why = _first_line(os.path.join(folder, ".python-version")), f"{folder}/.python-version"
        if os.path.dirname(folder) == folder:
            break
        folder = os.path.dirname(folder)
    if not chosen:
        chosen, why = _first_line(os.path.join(root, "version")), f"{root}/version"
    for name in chosen.replace(":", " ").split():
        prefix = os.path.join(root, "versions", name)
        if os.path.isdir(prefix):
            yield prefix, f"the pyenv version that {why} names"


def _first_line(path: str) -> str:
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.readline(200).strip()
    except OSError:
        return ""
