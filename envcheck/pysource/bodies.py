"""Leaves of the bodies of functions that import something their imports, and what these depend on."""

from __future__ import annotations

import re

from envcheck.pysource.chunks import block_of, chunks, indentation
from envcheck.pysource.signatures import shortened

TYPE_CHECKING = False
if TYPE_CHECKING:
    from envcheck.pysource.stripping import Stripper

COMPOUND = re.compile(rb"(?:if|else|elif|try|except|finally|with|for|while)\b")
# All of these begin with the end of the line before, which is found much faster than the beginning of a line.
_IMPORTS = re.compile(rb"\n[ \t]+(?:from|import|global)[ \t]")
_IMPORTED = re.compile(rb"\n[ \t]+(?:from[ \t]+[.\w]+[ \t]+)?import[ \t]+(?:\([^()]{0,20000}\)|[^\n#;\\()]{1,2000})")
_WORD = re.compile(rb"\w+")
_GOES_ON = re.compile(rb"(?:else|elif|except|finally)\b")
_ENDING = re.compile(rb"return\b|raise\b(?:[ \t]+[A-Za-z_][\w.]*)?")
_TEXTS = (b'"', b"'", b'r"', b'R"')
_DEFINES = (*_TEXTS, b"def ", b"async def ", b"class ", b"@")
_MOST = 60  # names that are looked for in each statement
_MOST_BLOCKS = 12  # blocks within blocks
_SHORT = 200  # bytes; a longer assignment tells nothing of a version
# What a function may do to modules, whether it may end, and what it may know of its names.
_SETS = re.compile(rb"\n[ \t]+(?!self\.|cls\.)[A-Za-z_][\w.]*\.\w+[ \t]*(?::[^=\n]{0,200})?=(?!=)")
_SETTERS = (b"setattr(", b"__all__", b"sys.path")
_ENDS = re.compile(rb"\n[ \t]+(?:[^\n#\"']{0,200}:[ \t]*)?(return\b|raise\b(?:[ \t]+[A-Za-z_][\w.]*)?)")
_ASSIGNS = re.compile(rb"(\w+)[ \t]*=(?!=)")
_TELLS = re.compile(rb"\b(?:True|False|not|sys|os|platform|\w*[vV]ersion\w*|parse)\b")


def imports(source: bytes, start: int, end: int) -> bool:
    """Tell whether some lines import something or bind names of the module."""
    if source.find(b"import", start, end) < 0 and source.find(b"global", start, end) < 0:
        return False
    return _IMPORTS.search(source, start - 1, end) is not None


def left_of_body(stripper: Stripper, found: re.Match[bytes], at: int, end: int, indent: bytes) -> None:
    """Shorten a function that imports something."""
    source = stripper.source
    inner = indentation(source, found.end() - 1, end)
    if inner is None or len(inner[1]) <= len(indent) or any(source.find(one, at, end) >= 0 for one in _SETTERS):
        return
    names = {name for one in _IMPORTED.finditer(source, found.end() - 1, end) for name in _WORD.findall(one[0])}
    if len(names) > _MOST:
        return
    short = shortened(found, lazy=stripper.lazy, named=True)
    if short is not None:
        stripper.cut(at, found.end(), indent + short)
    last = max(one.start() for one in _IMPORTS.finditer(source, found.end() - 1, end))
    _Body(stripper, names, last).block(inner[0], end, inner[1], 0)


class _Body:
    """The body of one function; `last` is where its last import stands."""

    def __init__(self, stripper: Stripper, names: set[bytes], last: int) -> None:
        self.stripper = stripper
        self.source = stripper.source
        self.names = names - {b"import", b"from", b"as"}
        self.last = last
        self.told: set[bytes] = set()  # names of which something may be known

    def block(self, start: int, end: int, indent: bytes, depth: int) -> None:
        """Leave what imports something, what may end the function before, and what is known of names."""
        source = self.source
        places = chunks(source, start, end, indent)
        count = len(places) - 1
        number = 0
        slot = -1
        kept = False
        while number < count:
            first = number
            number += 1
            decorates = source.startswith(b"@", places[first] + len(indent))
            while number < count and (decorates or _GOES_ON.match(source, places[number] + len(indent))):
                decorates = decorates and source.startswith(b"@", places[number] + len(indent))
                number += 1
            at, behind = places[first], places[number]
            if imports(source, at, behind) and not source.startswith(_TEXTS, at + len(indent)):
                kept = True
                for part in range(first, number):
                    self.part(places[part], places[part + 1], indent, depth)
            elif self.gives_away(at, behind):
                kept = True
            else:
                text = self.left(at, behind, indent) if at < self.last else b""
                kept = kept or bool(text)
                cut = self.stripper.cut(at, behind, text)
                slot = cut if slot < 0 else slot
        if not kept and slot >= 0:
            self.stripper.put(slot, indent + b"pass")

    def part(self, at: int, end: int, indent: bytes, depth: int) -> None:
        """Shorten what is in an `if`, `try` and the like."""
        if COMPOUND.match(self.source, at + len(indent), end):
            inner = block_of(self.source, at, end, indent)
            if inner is not None and depth < _MOST_BLOCKS:
                self.block(inner[0], end, inner[1], depth + 1)

    def left(self, at: int, end: int, indent: bytes) -> bytes:
        """Return what stands for a statement that imports nothing."""
        source = self.source
        here = at + len(indent)
        if ending := _ENDING.match(source, here):
            return indent + ending[0]
        assigns = _ASSIGNS.match(source, here, end)
        if assigns is not None:
            if end - at < _SHORT and len(self.told) < _MOST and _TELLS.search(source, assigns.end(), end):
                self.told.add(assigns[1])
                return source[at:end].rstrip(b"\n")
            return indent + assigns[1] + b"=_"
        ends = None if source.startswith(_DEFINES, here) else _ENDS.search(source, at - 1, end)
        lines = [indent + name + b"=_" for name in self.told if self.binds(name, at, end)]
        lines += [indent + b"if _: " + ends[1]] if ends is not None else []
        return b"\n".join(lines) if source.count(b"\n", at, end) >= len(lines) else source[at:end].rstrip(b"\n")

    def binds(self, name: bytes, start: int, end: int) -> bool:
        """Tell whether some lines may bind a name."""
        if self.source.find(name, start, end) < 0:
            return False
        return re.search(rb"\b%b\b[^\n=(!<>]{0,80}=(?!=)" % name, self.source[start:end]) is not None

    def gives_away(self, start: int, end: int) -> bool:
        """Tell whether attributes of anything may be set, or an imported name is given to something."""
        source = self.source
        if _SETS.search(source, start - 1, end):
            return True
        for name in self.names:
            at = source.find(name, start, end)
            while at >= 0:
                behind = at + len(name)
                if source[behind : behind + 1] in (b",", b")") and source[at - 1 : at] in (b"(", b" ", b"\n"):
                    return True
                at = source.find(name, behind, end)
        return False
