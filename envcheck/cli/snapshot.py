"""`envcheck snapshot`: what was seen, as versioned JSON."""

from __future__ import annotations

from envcheck.cli.check import see
from envcheck.cli.options import many
from envcheck.cli.output import say, write
from envcheck.errors import UsageError
from envcheck.snapshots import to_json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from envcheck.cli.options import Values


def run(values: Values) -> int:
    """Collect one target and write the snapshot."""
    outputs = [_json_path(output) for output in many(values, "output")]
    text = to_json(see(str(values["target"]) or ".", cached=not values["no_cache"]))
    for path in outputs:
        write(path, text)
    if not outputs:
        say(text)
    return 0


def _json_path(output: str) -> str:
    """Return where to write; raises UsageError for the ending of another format, which a snapshot does not have."""
    said, colon, path = output.partition(":")
    if colon and said == "json":
        return path
    if output.lower().endswith((".html", ".htm", ".md", ".txt")):
        raise UsageError(f"a snapshot is JSON, not {output!r}", hint=f"envcheck check -o {output}")
    return output
