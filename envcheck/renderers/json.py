"""A report as the saved form that other programs read; its schema is published."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from envcheck.model.reports import Report

SUFFIX = ".json"


def render(report: Report, *, width: int = 80, colour: bool = False) -> str:
    """Return the report as sorted JSON; width and colour do not matter."""
    del width, colour
    from envcheck.reports import to_json

    return to_json(report)
