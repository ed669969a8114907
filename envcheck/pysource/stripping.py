"""Leaves out what does nothing on import before a file is compiled, which is most of it.

Compiling is what reading costs. Of a function that imports nothing, the names of its parameters are left and what its
signature evaluates; of one that does, its imports and what they depend on (see `bodies`); of a class, what calls
something or reads an attribute, and the names that it binds. `__getattr__` and what has an unusual form stay as they
are, and what is left has every line where it was. The result need not be equivalent: whoever finds something missing
reads the whole file again before it says so.
"""

from __future__ import annotations

import re
from itertools import pairwise

from envcheck.pysource.bodies import COMPOUND, imports, left_of_body
from envcheck.pysource.chunks import block_of, chunks, indentation
from envcheck.pysource.signatures import DEFINITION, shortened, uses_names

_CLASS = re.compile(
    rb"class[ \t]+\w+[ \t]*(?:\((?:[^()]{0,2000}(?:\([^()]{0,500}\)[^()]{0,2000}){0,40})\))?[ \t]*:[ \t]*"
    rb"(?:#[^\n]{0,500})?\n"
)
_FIELD = re.compile(rb"(?!(?:else|try|finally)\b)(\w+)[ \t]*[:=](?!=)")
# What may use a name, go on elsewhere, or bind another one.
_USES = re.compile(rb"[\w\])]\s*\.\s*[A-Za-z_]|[()\\]|:=")
_TEXT = re.compile(rb'[rRuU]?("""|\'\'\')')
_LAZY = re.compile(rb"from __future__ import [^\n]*\bannotations\b")
_CHECKING = (b"if TYPE_CHECKING:\n", b"if typing.TYPE_CHECKING:\n", b"if t.TYPE_CHECKING:\n")
_IS_CHECKING = re.compile(rb"TYPE_CHECKING[ \t]*=[ \t]*True")
_DEEPEST = 12  # blocks within blocks


def without_bodies(source: bytes) -> bytes:
    """Return the source without what does nothing on import; the number of lines stays the same."""
    if b"\r" in source:
        source = source.replace(b"\r\n", b"\n")  # as the compiler does
    if b"\r" in source or b"\f" in source:
        return source
    stripper = Stripper(source)
    stripper.block(0, len(source), b"", 0)
    return stripper.result()


class Stripper:
    """One pass over a source, from its beginning to its end."""

    def __init__(self, source: bytes) -> None:
        self.source = source
        self.lazy = b"annotations" in source and _LAZY.search(source) is not None
        self.never_checks = b"TYPE_CHECKING" in source and not _IS_CHECKING.search(source)
        self._pieces: list[bytes] = []
        self._done = 0

    def result(self) -> bytes:
        """Return what is left."""
        return b"".join([*self._pieces, self.source[self._done :]]) if self._pieces else self.source

    def cut(self, start: int, end: int, text: bytes = b"") -> int:
        """Put a text in the place of some lines; return a number by which `put` may change it."""
        pieces = self._pieces
        lines = self.source.count(b"\n", start, end)
        pieces += (self.source[self._done : start], text, b"\n" * (lines - text.count(b"\n") if text else lines))
        self._done = end
        return len(pieces) - 2

    def put(self, number: int, text: bytes) -> None:
        """Change the text of a cut."""
        self._pieces[number] = text

    def block(self, start: int, end: int, indent: bytes, depth: int) -> None:
        """Shorten the functions and classes of a module, or of a block in it."""
        source = self.source
        places = chunks(source, start, end, indent)
        for at, behind in pairwise(places):
            here = at + len(indent)
            two = source[here : here + 2]
            if two in (b"de", b"as"):
                self.function(at, behind, indent, named=True)
            elif two == b"cl":
                self.klass(at, behind, indent, depth)
            elif two in _COMPOUND_BEGINNINGS and COMPOUND.match(source, here, behind):
                self.compound(at, behind, indent, depth)

    def compound(self, at: int, end: int, indent: bytes, depth: int) -> None:
        """Shorten what is in an `if`, `try` and the like; what is for type checkers goes."""
        source = self.source
        inner = block_of(source, at, end, indent)
        if inner is None or depth > _DEEPEST:
            return
        if self.never_checks and source.startswith(_CHECKING, at + len(indent)):
            self.cut(inner[0], end, inner[1] + b"pass")
        elif source.find(b"def ", at, end) > 0 or source.find(b"class ", at, end) > 0:
            self.block(inner[0], end, inner[1], depth + 1)

    def function(self, at: int, end: int, indent: bytes, *, named: bool) -> None:
        """Shorten one function, whose parameters matter if `named`."""
        source = self.source
        found = DEFINITION.match(source, at + len(indent), end)
        if found is None:
            inner = block_of(source, at, end, indent)
            if inner is not None and not imports(source, inner[0], end) and b"__getattr__" not in source[at : inner[0]]:
                self.cut(inner[0], end, inner[1] + b"pass")
            return
        if found[1] == b"__getattr__":
            return
        if imports(source, found.end(), end):
            left_of_body(self, found, at, end, indent)
            return
        short = shortened(found, lazy=self.lazy, named=named)
        if short is not None:
            self.cut(at, end, indent + short + b" pass")
        elif not found[3] and found.end() < end:
            self.cut(found.end(), end, indent + b" pass")

    def klass(self, at: int, end: int, indent: bytes, depth: int) -> None:
        """Shorten a class to its name and what it uses when it is made."""
        source = self.source
        found = _CLASS.match(source, at + len(indent), end)
        inner = indentation(source, found.end() - 1, end) if found is not None else None
        if inner is None or len(inner[1]) <= len(indent) or depth > _DEEPEST:
            return
        self.members(inner[0], end, inner[1], depth)

    def members(self, start: int, end: int, indent: bytes, depth: int) -> None:
        """Shorten the body of a class; what only binds names becomes one assignment."""
        source = self.source
        importing = imports(source, start, end)
        names: dict[bytes, None] = {}
        slot = left = -1  # the first cut, and where what is left out at the moment begins
        everything = True
        decorated = False
        places = chunks(source, start, end, indent)
        for here, behind in pairwise(places):
            decorator = source.startswith(b"@", here + len(indent))
            name = None if decorated else self.bound(here, behind, indent, importing=importing)
            decorated = decorator and name is None
            if name is not None:
                names[name] = None
                left = here if left < 0 else left
                continue
            everything = False
            if left >= 0:
                number = self.cut(left, here)
                slot, left = number if slot < 0 else slot, -1
            self.part(here, behind, indent, depth)
        if left >= 0:
            number = self.cut(left, end)
            slot = number if slot < 0 else slot
        names.pop(b"", None)
        if slot >= 0:
            self.put(slot, indent + (b"pass" if everything or not names else b"=".join(names) + b"=_"))

    def bound(self, at: int, end: int, indent: bytes, *, importing: bool) -> bytes | None:
        """Return the name that a statement of a class binds if it does no more, nothing if it does nothing, else None.

        Something in the class may be `importing`.
        """
        source = self.source
        here = at + len(indent)
        if source.startswith((b"def ", b"async def "), here):
            found = DEFINITION.match(source, here, end)
            if found is None or uses_names(found[2], lazy=self.lazy):
                return None
            return None if importing and imports(source, found.end(), end) else found[1]
        if source.startswith(b"@", here):
            return None if _USES.search(source, at, end) else b""
        if text := _TEXT.match(source, here, end):
            alone = source.count(text[1], at, end) == 2 and source[at:end].rstrip().endswith(text[1])  # noqa: PLR2004
            return b"" if alone else None
        field = _FIELD.match(source, here, end)
        if field is None or _USES.search(source, at, end):
            return None
        count = source.count
        closed = count(b"[", at, end) == count(b"]", at, end) and count(b"{", at, end) == count(b"}", at, end)
        return field[1] if closed else None

    def part(self, at: int, end: int, indent: bytes, depth: int) -> None:
        """Shorten a statement of a class that does more than to bind a name."""
        source = self.source
        here = at + len(indent)
        if source.startswith((b"def ", b"async def "), here):
            self.function(at, end, indent, named=False)
        elif source.startswith(b"class ", here):
            self.klass(at, end, indent, depth + 1)
        elif COMPOUND.match(source, here, end):
            self.compound(at, end, indent, depth)


_COMPOUND_BEGINNINGS = frozenset((b"if", b"el", b"tr", b"ex", b"fi", b"wi", b"fo", b"wh"))
