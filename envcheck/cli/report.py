"""`envcheck report`: a saved report, or a saved snapshot judged now, in any format."""

from __future__ import annotations

import json

from envcheck import __version__
from envcheck.cli.options import many
from envcheck.cli.output import put, wanted
from envcheck.errors import DocumentError
from envcheck.pipeline import evaluate
from envcheck.rulebooks import load

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from envcheck.cli.commands import Values
    from envcheck.model.reports import Report
    from envcheck.model.rules import Rulebook


def run(values: Values) -> int:
    """Render one file."""
    outputs = wanted(many(values, "output"))
    report = read(str(values["file"]), lambda: load(many(values, "rules")))
    put(report, str(values["format"]), outputs)
    return 0


def read(path: str, rules: Callable[[], Rulebook]) -> Report:
    """Return a saved report, or that of a saved snapshot by the rules, which are asked for only then.

    Raises DocumentError for a file that is neither, TargetError for one that cannot be read.
    """
    from envcheck import reports, snapshots

    data = snapshots.read(path, "a report or a snapshot")
    try:
        held = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise DocumentError(f"not JSON: {error}", where=path, hint="give a report or a snapshot of envcheck") from None
    if isinstance(held, dict) and "findings" in held:
        return reports.from_json(data, path)
    return evaluate([snapshots.from_json(data, path)], rules(), tool=f"envcheck {__version__}")
