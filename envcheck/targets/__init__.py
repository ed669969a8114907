"""Where an environment lives: an address opened as a target, one module a kind of address.

`.` is this machine and the Python environment at hand; `python:PREFIX_OR_INTERPRETER`, `root:DIR`, `snapshot:FILE` and
`facts:FILE` name another.
"""

from __future__ import annotations

import os
from importlib import import_module

from envcheck.errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from envcheck.targets.target import Target

# Each module has `open_<kind>(rest of the address, cwd, environ)`.
KINDS = {"python": "local", "root": "root", "snapshot": "saved", "facts": "saved"}


def open_target(address: str, *, cwd: str, environ: Mapping[str, str]) -> Target:
    """Return the target of an address; raises UsageError for what is none, TargetError where nothing can be read."""
    if address in ("", "."):
        from envcheck.targets.local import open_here

        return open_here(cwd, environ)
    kind, colon, rest = address.partition(":")
    if not colon or kind not in KINDS or not rest:
        raise UsageError(f"{address!r} is no target", hint=_hint(address, cwd))
    module = import_module(f"{__name__}.{KINDS[kind]}")
    opened: Target = getattr(module, f"open_{kind}")(os.path.expanduser(rest), cwd, environ)
    return opened


def _hint(address: str, cwd: str) -> str:
    path = os.path.join(cwd, os.path.expanduser(address))
    if os.path.isdir(path):
        return f"python:{address} for a Python environment, root:{address} for an unpacked root file system"
    if os.path.isfile(path):
        return f"snapshot:{address}, facts:{address} or python:{address}, for a snapshot, a description, an interpreter"
    return "one of " + ", ".join((".", *(f"{kind}:…" for kind in KINDS)))
