"""Finds the renderer of an explanation in a format; only those that people or programs read have one."""

from __future__ import annotations

from importlib import import_module

from envcheck.errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from envcheck.model.explanation import Explanation

FORMATS = ("text", "json", "html", "markdown")


def render(explanation: Explanation, name: str, *, width: int = 80, colour: bool = False) -> str:
    """Return an explanation in one of FORMATS; raises UsageError for another, EnvcheckError without templates."""
    if name not in FORMATS:
        raise UsageError(f"an explanation has no format {name!r}", hint=f"one of {', '.join(FORMATS)}")
    text: str = import_module(f"envcheck.renderers._explanation_{name}").render(explanation, width=width, colour=colour)
    return text
