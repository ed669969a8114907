"""`envcheck merge`: partial snapshots of one environment as one, with the conflicts among them."""

from __future__ import annotations

import sys

from envcheck import snapshots
from envcheck.cli.options import many
from envcheck.cli.output import say, write
from envcheck.cli.snapshot import json_path
from envcheck.drift.history import merge
from envcheck.errors import UsageError
from envcheck.gate import FAILED, PASSED
from envcheck.renderers._printable import cut, printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from envcheck.cli.commands import Values

_WIDEST = 80  # columns of a value; the result has all of it


def run(values: Values) -> int:
    """Merge the snapshots, write the result, and return 1 where they contradict each other."""
    paths = many(values, "files")
    if len(paths) < 2:  # noqa: PLR2004  it is merged already
        raise UsageError("one snapshot is nothing to merge", hint="envcheck merge A.json B.json -o merged.json")
    outputs = [json_path(output) for output in many(values, "output")]
    loaded = {path: snapshots.load(path) for path in paths}
    # Under the names of their files, conflicts tell the states of one writer apart.
    merged, conflicts = merge([snapshot.replace(label=path) for path, snapshot in loaded.items()])
    text = snapshots.to_json(merged.replace(label=loaded[merged.label].label))
    for path in outputs:
        write(path, text)
    if not outputs:
        say(text)
    for conflict in conflicts:
        said = "; ".join(f"{writer} says {cut(value, _WIDEST)}" for writer, value in conflict.said)
        print(printable(f"envcheck: conflict: {conflict.key}: {said}"), file=sys.stderr)
    return FAILED if conflicts else PASSED
