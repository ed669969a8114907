"""Leaves out the bodies of functions before a file is compiled, which are most of it and do not run on import.

Compiling is what reading costs. Bodies that import something, `__getattr__`, and functions of unusual form are kept,
and what is left has every line where it was. The result need not be equivalent (a name may be lost where quotes of long
strings stand in others): whoever finds something missing reads the whole file again before it says so. Of indented
functions, the signature goes as well, unless it calls something or reads an attribute: half of what is left are those.
"""

from __future__ import annotations

import re

# `def` at the beginning of a line to the end of its signature's line; brackets nested once, bounded so that no input
# makes it slow.
_DEFINITION = re.compile(
    rb"^([ \t]*)(?:async[ \t]+)?def[ \t]+(\w+)[ \t]*(\((?:[^()]{0,2000}(?:\([^()]{0,500}\)[^()]{0,2000}){0,40})\)"
    rb"[^\n:#]{0,500}):[ \t]*(?:#[^\n]{0,500})?\n",
    re.MULTILINE,
)
_KEPT = re.compile(rb"^[ \t]+(?:(?:from|import)[ \t]|global[ \t])", re.MULTILINE)
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
_DEDENTS: dict[int, re.Pattern[bytes]] = {}


def without_bodies(source: bytes) -> bytes:
    """Return the source with `pass` for the bodies that do nothing on import; the number of lines stays the same."""
    if b"\r" in source or b"\f" in source:
        return source
    pieces = []
    done = clear = 0  # `clear` is a place that is in no string
    found = _DEFINITION.search(source)
    while found is not None:
        behind = _string_end(source, clear, found.start())
        if behind is not None:
            clear = behind
            found = _DEFINITION.search(source, clear)
            continue
        clear = start = found.end()
        end = _end_of_body(source, start, len(found[1]))
        if end > start and found[2] != b"__getattr__" and not _KEPT.search(source, start, end):
            pieces += _shortened(source, found, done, end)
            clear = done = end
        found = _DEFINITION.search(source, clear)
    return b"".join([*pieces, source[done:]]) if pieces else source


def _shortened(source: bytes, found: re.Match[bytes], done: int, end: int) -> list[bytes]:
    """Return what stands for a definition, and for all from `done` up to it, on as many lines."""
    if not found[1] or b"." in found[3] or found[3].count(b"(") > 1:
        start = found.end()
        return [source[done:start], found[1], b" pass", b"\n" * source.count(b"\n", start, end)]
    lines = source.count(b"\n", found.start(), end)
    return [source[done : found.start()], found[1], b"def ", found[2], b"(*_, **__): pass", b"\n" * lines]


def _end_of_body(source: bytes, start: int, indent: int) -> int:
    """Return where the first line begins that is indented no deeper than the definition and is in no long string."""
    dedent = _DEDENTS.get(indent)
    if dedent is None:
        dedent = _DEDENTS[indent] = re.compile(rb"^[ \t]{0,%d}[^\s#]" % indent, re.MULTILINE)
    clear = at = start
    while True:
        found = dedent.search(source, at)
        end = found.start() if found is not None else len(source)
        behind = _string_end(source, clear, end)
        if behind is None:
            return end
        clear = behind
        at = source.find(b"\n", clear) + 1
        if not at:
            return start  # it ends with the string, or the string does not end at all


def _string_end(source: bytes, clear: int, place: int) -> int | None:
    """Return the end of the long string that a place is in, None if it is in none; `clear` is before it and in none.

    An even number of long quotes is taken for strings that end, since telling for certain takes much longer.
    """
    if not (source.count(b'"""', clear, place) % 2 or source.count(b"'''", clear, place) % 2):
        return None
    for found in _STRING.finditer(source, clear):
        if found.start() >= place:
            return None
        if found.end() > place or found[1]:
            return len(source) if found[1] else found.end()
    return None
