"""`envcheck snapshot`: what was seen, as versioned JSON."""

from __future__ import annotations

from envcheck.cli.check import see
from envcheck.cli.options import many
from envcheck.cli.output import say, write
from envcheck.snapshots import to_json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from envcheck.cli.options import Values


def run(values: Values) -> int:
    """Collect one target and write the snapshot."""
    text = to_json(see(str(values["target"]) or ".", cached=not values["no_cache"]))
    outputs = many(values, "output")
    for path in outputs:
        write(path.removeprefix("json:"), text)
    if not outputs:
        say(text)
    return 0
