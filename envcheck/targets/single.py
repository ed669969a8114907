"""One file as an environment of its own: a configuration or a contract, to be compared with another one."""

from __future__ import annotations

import os

from envcheck.errors import TargetError
from envcheck.targets.files import LocalFiles
from envcheck.targets.target import Target

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping


def open_config(path: str, cwd: str, environ: Mapping[str, str]) -> Target:
    """Return the target of a configuration file, called `config` so that two of them meet; raises TargetError."""
    target = _alone("config", path, cwd, environ)
    return target.replace(config=(("config", os.path.normpath(os.path.join(cwd, path))),))


def open_contract(path: str, cwd: str, environ: Mapping[str, str]) -> Target:
    """Return the target of a contract file, called `contract` so that two of them meet; raises TargetError."""
    target = _alone("contract", path, cwd, environ)
    return target.replace(contracts=(("contract", os.path.normpath(os.path.join(cwd, path))),))


def _alone(kind: str, path: str, cwd: str, environ: Mapping[str, str]) -> Target:
    if not os.path.isfile(os.path.join(cwd, path)):
        raise TargetError("there is no such file", where=path, hint=f"{kind}:FILE, or list files in envcheck.yaml")
    return Target(
        label=path,
        address=f"{kind}:{path}",
        chosen=f"the {kind} {path}",
        files=LocalFiles(),
        layout=None,
        layout_problem=f"a {kind} is no Python environment",
        environ=environ,
        cwd=cwd,
        project=cwd,
        only=("config",) if kind == "config" else ("contracts",),
    )
