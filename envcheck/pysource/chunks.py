"""Splits source text into statements by their indentation, without reading it."""

from __future__ import annotations

import re
from itertools import pairwise

# Comments and strings; the group is a long quote that nothing ends.
_STRING = re.compile(
    rb"#[^\n]*"
    rb'|"""[^"\\]*(?:(?:\\.|"(?!""))[^"\\]*)*"""'
    rb"|'''[^'\\]*(?:(?:\\.|'(?!''))[^'\\]*)*'''"
    rb'|("""|\'\'\')'
    rb'|"[^"\\\n]*(?:\\.[^"\\\n]*)*"'
    rb"|'[^'\\\n]*(?:\\.[^'\\\n]*)*'",
    re.DOTALL,
)
_INDENTED = re.compile(rb"\n([ \t]+)[^\s#]")
# The first line of a statement with a block, and the last line of one whose first line does not end it.
_HEADER = re.compile(rb"[^\n]*:[ \t]*(?:#[^\n]*)?\n")
_HEADER_END = re.compile(rb"\n[ \t]*[)\]}][^\n]*:[ \t]*(?:#[^\n]*)?\n")
_LONG_QUOTES = (b'"""', b"'''")
_BEGINNINGS: dict[bytes, re.Pattern[bytes]] = {}
_MOST = 1_000  # indentations whose patterns are remembered


def indentation(source: bytes, start: int, end: int) -> tuple[int, bytes] | None:
    """Return where the first indented line begins behind the line of `start`, and its indentation."""
    found = _INDENTED.search(source, start, end)
    return None if found is None else (found.start() + 1, found[1])


def block_of(source: bytes, start: int, end: int, indent: bytes) -> tuple[int, bytes] | None:
    """Return where the block of an `if` or the like begins, and its indentation; None without lines of its own."""
    header = _HEADER.match(source, start, end) or _HEADER_END.search(source, start, end)
    inner = indentation(source, header.end() - 1, end) if header is not None else None
    return inner if inner is not None and len(inner[1]) > len(indent) else None


def chunks(source: bytes, start: int, end: int, indent: bytes) -> list[int]:
    """Return where the statements of a block begin, and its end; `start` is the beginning of its first line.

    A statement is what begins at the block's indentation, with what is indented deeper, closing brackets, comments and
    what stands in long strings. What goes on at the same indentation, such as `else:`, counts as a statement. An even
    number of long quotes is taken for strings that end, since telling for certain takes much longer.
    """
    pattern = _BEGINNINGS.get(indent)
    if pattern is None:
        if len(_BEGINNINGS) > _MOST:
            _BEGINNINGS.clear()
        pattern = _BEGINNINGS[indent] = re.compile(rb"\n%s[^\s#)\]}]" % indent)
    starts = [found.start() + 1 for found in pattern.finditer(source, max(start - 1, 0), end)]
    if not starts or starts[0] != start:
        starts.insert(0, start)
    starts.append(end)
    quotes = [quote for quote in _LONG_QUOTES if source.find(quote, start, end) >= 0]
    if not quotes:
        return starts
    places = []
    clear = start  # a place that is in no string
    for at, following in pairwise(starts):
        if at >= clear:
            places.append(at)
            clear = at
        if following > clear:
            for quote in quotes:
                if source.count(quote, clear, following) % 2:
                    clear = _string_end(source, clear, following, end)
                    break
            else:
                clear = following
    return [*places, end]


def _string_end(source: bytes, clear: int, place: int, end: int) -> int:
    """Return the end of the long string that a place is in, the place if it is in none; `clear` is before it."""
    for found in _STRING.finditer(source, clear, end):
        if found.start() >= place:
            return place
        if found.end() > place or found[1]:
            return end if found[1] else found.end()
    return place
