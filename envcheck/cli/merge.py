"""`envcheck merge`: partial snapshots of one environment as one, with the conflicts among them."""

from __future__ import annotations

import sys

from envcheck import snapshots
from envcheck.cli.options import many
from envcheck.cli.output import say, write
from envcheck.drift.history import merge
from envcheck.errors import UsageError
from envcheck.gate import FAILED, PASSED
from envcheck.renderers._printable import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from envcheck.cli.options import Values


def run(values: Values) -> int:
    """Merge the snapshots, write the result, and return 1 where they contradict each other."""
    paths = many(values, "files")
    if len(paths) < 2:  # noqa: PLR2004
        raise UsageError("one snapshot is nothing to merge", hint="envcheck merge A.json B.json -o merged.json")
    merged, conflicts = merge([snapshots.load(path) for path in paths])
    text = snapshots.to_json(merged)
    outputs = many(values, "output")
    for path in outputs:
        write(path, text)
    if not outputs:
        say(text)
    for conflict in conflicts:
        said = "; ".join(f"{writer} says {value}" for writer, value in conflict.said)
        print(printable(f"envcheck: conflict: {conflict.key}: {said}"), file=sys.stderr)
    return FAILED if conflicts else PASSED
