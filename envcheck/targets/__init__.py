"""Where an environment lives: an address opened as a target, one module a kind of address.

`.` is this machine and the Python environment at hand; `python:PREFIX_OR_INTERPRETER`, `root:DIR`, `snapshot:FILE`,
`facts:FILE` and `lock:FILE` name another, `config:FILE` and `contract:FILE` one file alone. So do the names that the
project's `envcheck.yaml` gives, and the plain path of a file or folder that tells what it is.
"""

from __future__ import annotations

import os
from importlib import import_module

from envcheck.errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from envcheck.targets.target import Target

PROJECT_FILE = "envcheck.yaml"
# Each module has `open_<kind>(rest of the address, cwd, environ)`.
KINDS = {
    "python": "local",
    "root": "root",
    "snapshot": "saved",
    "facts": "saved",
    "lock": "lock",
    "config": "single",
    "contract": "single",
}


def open_target(address: str, *, cwd: str, environ: Mapping[str, str]) -> Target:
    """Return the target of an address; raises UsageError for what is none, TargetError where nothing can be read."""
    if address in ("", "."):
        from envcheck.targets.local import open_here

        return open_here(cwd, environ)
    kind, colon, rest = address.partition(":")
    if not colon and os.path.isfile(os.path.join(cwd, PROJECT_FILE)):
        from envcheck.targets.named import open_named

        named = open_named(address, cwd, environ)
        if named is not None:
            return named
    if not colon or kind not in KINDS or not rest:
        if not os.path.exists(os.path.join(cwd, os.path.expanduser(address))):
            hint = "the path of a file or a folder that is there, or one of "
            raise UsageError(f"{address!r} is no target", hint=hint + ", ".join((".", *(f"{one}:…" for one in KINDS))))
        from envcheck.targets.plain import recognise

        kind, rest = recognise(address, cwd), address
    module = import_module(f"{__name__}.{KINDS[kind]}")
    opened: Target = getattr(module, f"open_{kind}")(os.path.expanduser(rest), cwd, environ)
    return opened
