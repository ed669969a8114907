"""Tracebacks as pytest prints them: what it marks as said (`E   `) and as failing (`>   `), without these marks."""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from envcheck.failures.lines import Line

_SAID = re.compile(r"E {3,80}(?=[^ ])")  # pytest/src/_pytest/_code/code.py: FormattedExcinfo.fail_marker
_FAILS = re.compile(r"> {3,80}(?=\S)")
_FARTHEST = 12  # lines of one statement between its mark and what was said


def unmarked(lines: Sequence[Line]) -> list[Line]:
    """Return lines without pytest's marks; what is said keeps the indentation that it had itself."""
    found = list(lines)
    width = 0
    for place, (number, text, level, worker) in enumerate(lines):
        said = _SAID.match(text)
        if said is None:
            if text == "E" and width:
                found[place] = (number, "", level, worker)
            else:
                width = 0
            continue
        if not width:
            width = said.end()
            _unmark_source(found, place)
        found[place] = (number, text[min(width, said.end()) :], level, worker)
    return found


def _unmark_source(found: list[Line], said: int) -> None:
    """Turn the mark at the failing statement before a place into a blank."""
    for place in range(said - 1, max(said - _FARTHEST, 0) - 1, -1):
        number, text, level, worker = found[place]
        if _FAILS.match(text):
            found[place] = (number, f" {text[1:]}", level, worker)
            return
        if text and not text[0].isspace():
            return
