"""Finds the renderers: each module here without a leading underscore is one, named after its format.

A renderer is a module with

- `SUFFIX`: how a file of the format is named, with the dot;
- `render(report, *, width=80, colour=False)`: the whole report as one text that ends with a newline.

It looks nothing up: no file of the environment, no clock, no rule. `width` (columns) and `colour` (ANSI) only matter
to formats that are read in a terminal. What comes from the environment is neutralised in the format's own way. The text
is to be written as UTF-8, with `errors="replace"` where a terminal's encoding is narrower.
"""

from __future__ import annotations

import os
from importlib import import_module

from envcheck.errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Protocol

    from envcheck.model.reports import Report

    class Renderer(Protocol):
        """One format."""

        SUFFIX: str

        def render(self, report: Report, *, width: int = 80, colour: bool = False) -> str:
            """Return the whole report in this format."""


def names() -> list[str]:
    """Return the names of all formats, sorted."""
    return sorted(
        name.removesuffix(".py")
        for name in os.listdir(__path__[0])
        if name.endswith(".py") and not name.startswith("_")
    )


def get(name: str) -> Renderer:
    """Return the renderer of a format; raises UsageError for one that does not exist."""
    if name not in names():
        raise UsageError(f"there is no format {name!r}", hint=f"one of {', '.join(names())}")
    return import_module(f"{__name__}.{name}")
