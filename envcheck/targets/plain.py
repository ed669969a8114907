"""Tells what a plain path is: a snapshot, a lock file, a description or a Python environment."""

from __future__ import annotations

import os
import re

from envcheck.errors import DocumentError, UsageError
from envcheck.locks.recognition import format_of, top_level
from envcheck.targets.lock import read_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

# One of these at the top of a YAML or JSON file makes it a description; see envcheck.targets.description.
_DESCRIBING = {"python", "packages", "gpu", "gpus", "os", "host", "cuda_toolkit", "cuda_driver", "nvidia_driver"}
# How a snapshot begins; reading it whole to find that out would take ten times as long as loading it.
_SNAPSHOT = re.compile(r'\s*\{\s*"schema":\s*\d+,\s*"tool":\s*"envcheck [^"\\]*",\s*"label":')
_OF_AN_ENVIRONMENT = ("pyvenv.cfg", "conda-meta", "bin/python", "bin/python3", "python.exe", "Scripts/python.exe")


def recognise(address: str, cwd: str) -> str:
    """Return the kind of target that a path is; raises UsageError where that is none or not clear, TargetError."""
    where = os.path.normpath(os.path.join(cwd, os.path.expanduser(address)))
    if os.path.isdir(where):
        if any(os.path.exists(os.path.join(where, name)) for name in _OF_AN_ENVIRONMENT):
            return "python"
        hint = f"python:{address} for a Python environment, root:{address} for an unpacked root file system"
        raise UsageError(f"{address!r} is no target: a folder without pyvenv.cfg, conda-meta or bin/python", hint=hint)
    hint = f"snapshot:{address}, facts:{address}, lock:{address} or python:{address}"
    try:
        text = read_text(where)
    except DocumentError as error:
        raise UsageError(f"{address!r} is no target: {error.message}", hint=hint) from None
    return _of_text(address, os.path.basename(where), text, hint)


def _of_text(address: str, name: str, text: str, hint: str) -> str:
    if _SNAPSHOT.match(text):
        return "snapshot"
    top = top_level(name, text)
    if {"schema", "facts", "coverage"} <= top.keys():
        return "snapshot"
    if {"schema", "findings", "snapshots"} <= top.keys():
        raise UsageError(f"{address!r} is a report, not an environment", hint=f"envcheck report {address}")
    declared, described = format_of(name, text, top), _describes(top)
    if declared == "environment.yml" and described:
        hint = f"facts:{address} or lock:{address}"
        raise UsageError(f"{address!r} may be a description or an environment.yml", hint=hint)
    if declared:
        return "lock"
    if described:
        return "facts"
    raise UsageError(f"{address!r} is no target: its content is not known", hint=hint)


def _describes(keys: Iterable[str]) -> bool:
    plain = {key.strip().lower().replace("-", "_").replace(" ", "_") for key in keys}
    return bool(plain & _DESCRIBING) or any(key.startswith("package/") or "#" in key for key in plain)
