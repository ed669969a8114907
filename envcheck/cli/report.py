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
    from envcheck.cli.options import Values
    from envcheck.model.reports import Report


def run(values: Values) -> int:
    """Render one file."""
    outputs = wanted(many(values, "output"))
    put(_read(str(values["file"]), many(values, "rules")), str(values["format"]), outputs)
    return 0


def _read(path: str, folders: tuple[str, ...]) -> Report:
    from envcheck import reports, snapshots

    data = snapshots.read(path, "a report or a snapshot")
    try:
        held = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise DocumentError(f"not JSON: {error}", where=path, hint="give a report or a snapshot of envcheck") from None
    if isinstance(held, dict) and "findings" in held:
        return reports.from_json(data, path)
    return evaluate([snapshots.from_json(data, path)], load(folders), tool=f"envcheck {__version__}")
