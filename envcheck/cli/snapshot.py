"""`envcheck snapshot`: what was seen, as versioned JSON, with a version vector that continues the previous one."""

from __future__ import annotations

import os

from envcheck.cli.check import see
from envcheck.cli.options import many
from envcheck.cli.output import say, write
from envcheck.errors import DocumentError, UsageError
from envcheck.snapshots import load, to_json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from envcheck.cli.commands import Values
    from envcheck.model.facts import Snapshot


def run(values: Values) -> int:
    """Collect one target and write the snapshot."""
    outputs = [json_path(output) for output in many(values, "output")]
    previous = _previous(str(values["after"]), outputs)
    snapshot = see(str(values["target"]) or ".", cached=not values["no_cache"])
    writer = str(values["writer"]) or _host()
    text = to_json(_following(snapshot, previous, writer))
    for path in outputs:
        write(path, text)
    if not outputs:
        say(text)
    return 0


def _previous(after: str, outputs: list[str]) -> Snapshot | None:
    """Return the state that this one comes after: the one that is named, else the one that is about to be replaced."""
    if after:
        return load(after)
    replaced = next((path for path in outputs if os.path.isfile(path)), None)
    try:
        return None if replaced is None else load(replaced)
    except DocumentError:
        return None  # it was no snapshot, and is replaced all the same


def _following(snapshot: Snapshot, previous: Snapshot | None, writer: str) -> Snapshot:
    if previous is None:  # most are the first of their kind, or saved again, and need not be compared with anything
        return snapshot if snapshot.vector else snapshot.replace(vector={writer: 1})
    from envcheck.drift.history import following

    return following(snapshot, previous, writer)


def _host() -> str:
    """Return the name of this machine; Windows has no uname."""
    return os.uname().nodename if hasattr(os, "uname") else os.environ.get("COMPUTERNAME", "here")


def json_path(output: str) -> str:
    """Return where to write; raises UsageError for the ending of another format, which a snapshot does not have."""
    said, colon, path = output.partition(":")
    if colon and said == "json":
        return path
    if output.lower().endswith((".html", ".htm", ".md", ".txt")):
        raise UsageError(f"a snapshot is JSON, not {output!r}", hint=f"envcheck check -o {output}")
    return output
