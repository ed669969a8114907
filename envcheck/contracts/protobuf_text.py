"""The text of a .proto file: messages, enums and services by full name, with the line of whatever is wrong."""

from __future__ import annotations

import re

from envcheck.contracts.documents import shown
from envcheck.errors import DocumentError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any, NoReturn

# Own, since the parsers on the package index need a release of the ANTLR runtime that omegaconf excludes (it pins
# antlr4-python3-runtime to 4.9), and envcheck is installed beside such packages.
_TOKEN = re.compile(
    r"""\s+|//[^\n]*|/\*.*?(?:\*/|\Z)|(?P<text>"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*')|(?P<word>[\w.+-]+)|(?P<mark>[^\s\w])""",
    re.DOTALL,
)
_DEEPEST = 60
_LABELS = ("required", "optional", "repeated")
_MAX = 536_870_911  # the highest field number


class Reader:
    """Reads one file by recursive descent; options and extensions are passed over."""

    def __init__(self, text: str, where: str) -> None:
        self.where = where
        self.line = 1
        self._tokens = self._split(text)
        self.messages: dict[str, Any] = {}
        self.enums: dict[str, Any] = {}
        self.services: dict[str, Any] = {}
        self.uses: list[tuple[str, dict[str, Any], str]] = []
        self.package = ""
        self.now = ""
        self._advance()

    def _split(self, text: str) -> Iterator[tuple[str, int]]:
        line = 1
        for match in _TOKEN.finditer(text):
            if match.lastgroup:
                yield match[0], line
            line += match[0].count("\n")
        yield "", line

    def _advance(self) -> str:
        before = self.now
        self.now, self.line = next(self._tokens, ("", self.line))
        return before

    def fail(self, wanted: str) -> NoReturn:
        """Raise DocumentError: something else stands here."""
        found = "a text" if self.now[:1] in ("'", '"') else f"{self.now[:40]!r}" if self.now else "the end of the file"
        raise DocumentError(
            f"{wanted} was expected, here is {found}", where=f"{self.where}:{self.line}", hint="mend the .proto file"
        )

    def take(self, wanted: str) -> None:
        """Pass one token that must be there."""
        if self.now != wanted:
            self.fail(repr(wanted))
        self._advance()

    def name(self) -> str:
        """Return a name, dots included."""
        if not self.now or not (self.now[0].isalpha() or self.now[0] in "_."):
            self.fail("a name")
        return self._advance()

    def number(self) -> int:
        """Return a whole number in any of the ways to write it."""
        try:
            value = int(self.now, 0) if not re.fullmatch(r"-?0[0-7]+", self.now) else int(self.now, 8)
        except ValueError:
            self.fail("a number")
        self._advance()
        return value

    def skip(self) -> None:
        """Pass everything up to the end of a statement or of its block."""
        depth = 0
        while self.now:
            mark = self._advance()
            depth += (mark in "{[(<") - (mark in "}])>") if len(mark) == 1 else 0
            if depth <= 0 and (mark == ";" or (mark == "}" and self.now != ";")):
                return
        self.fail("';' or '}'")

    def file(self) -> None:
        """Read the whole file."""
        while self.now:
            if self.now == "package":
                self._advance()
                self.package = self.name()
                self.take(";")
            elif self.now in ("message", "enum", "service"):
                self._definition(self.package, 0)
            elif self.now in ("syntax", "edition", "import", "option", "extend", ";"):
                self.skip()
            else:
                self.fail("a definition")

    def _definition(self, scope: str, depth: int) -> None:
        kind = self._advance()
        name = self.name()
        full = f"{scope}.{name}" if scope else name
        self.take("{")
        if kind == "message":
            self._message(full, depth)
        elif kind == "enum":
            self._enum(full)
        else:
            self._service(full)

    def _message(self, full: str, depth: int) -> None:
        if depth > _DEEPEST:
            raise DocumentError(f"nested more than {_DEEPEST} levels deep", where=f"{self.where}:{self.line}")
        message: dict[str, Any] = {"fields": {}, "reserved": []}
        self.messages[full] = message
        while self.now != "}":
            if self.now in ("message", "enum"):
                self._definition(full, depth + 1)
            elif self.now in ("option", "extensions", "extend", ";"):
                self.skip()
            elif self.now == "reserved":
                message["reserved"] += self._reserved()
            elif self.now == "oneof":
                self._oneof(full, message, depth)
            else:
                self._field(full, message, depth)
        self._advance()

    def _oneof(self, full: str, message: dict[str, Any], depth: int) -> None:
        self._advance()
        self.name()
        self.take("{")
        while self.now != "}":
            if self.now in ("option", ";"):
                self.skip()
            else:
                self._field(full, message, depth)
        self._advance()

    def _field(self, full: str, message: dict[str, Any], depth: int) -> None:
        label = self._advance() if self.now in _LABELS else ""
        kind = self.name()
        if kind == "map" and self.now == "<":
            self._advance()
            key = self.name()
            self.take(",")
            field = {"type": f"map<{key}>", "value": self.name(), "label": "repeated"}
            self.take(">")
            self.uses.append((full, field, "value"))
        else:
            field = {"type": kind, "label": label}
            self.uses.append((full, field, "type"))
        field["name"] = self.name()
        self.take("=")
        number = self.number()
        if str(number) in message["fields"]:
            self.fail(f"a number other than {number}, which another field of {full} has,")
        message["fields"][str(number)] = field
        self._options()
        if kind == "group" and self.now == "{":
            field["type"] = f"{full}.{field['name']}"
            self._advance()
            self._message(field["type"], depth + 1)
        else:
            self.take(";")

    def _options(self) -> None:
        """Pass the options of a field or a value, in brackets."""
        depth = 0
        while self.now == "[" or (depth and self.now):
            depth += (self.now == "[") - (self.now == "]")
            self._advance()

    def _reserved(self) -> list[str]:
        """Return reserved names, and numbers as `first-last`."""
        self._advance()
        found = []
        while self.now != ";":
            if self.now[:1] in ("'", '"') or (self.now[:1].isalpha() and self.now not in ("to", "max")):
                found.append(shown("", self._advance().strip("'\"")))
            else:
                first = last = self.number()
                if self.now == "to":
                    self._advance()
                    last = _MAX if self.now == "max" else self.number()
                    if last == _MAX and self.now == "max":
                        self._advance()
                found.append(f"{first}-{last}")
            if self.now == ",":
                self._advance()
        self._advance()
        return sorted(found)

    def _enum(self, full: str) -> None:
        values: dict[str, int] = {}
        reserved: list[str] = []
        self.enums[full] = {"values": values, "reserved": reserved}
        while self.now != "}":
            if self.now in ("option", ";"):
                self.skip()
            elif self.now == "reserved":
                reserved += self._reserved()
            else:
                name = self.name()
                self.take("=")
                values[name] = self.number()
                self._options()
                self.take(";")
        self._advance()

    def _service(self, full: str) -> None:
        methods: dict[str, Any] = {}
        self.services[full] = {"methods": methods}
        while self.now != "}":
            if self.now != "rpc":
                self.skip()
                continue
            self._advance()
            name = self.name()
            method: dict[str, Any] = {"streams": []}
            for key in ("request", "response"):
                if key == "response":
                    self.take("returns")
                method[key], streams = self._message_type()
                if streams:
                    method["streams"].append(f"{key}s")
            self.uses += [(full, method, "request"), (full, method, "response")]
            methods[name] = method
            if self.now == "{":
                method["deprecated"] = self._is_deprecated()
            else:
                self.take(";")
        self._advance()

    def _message_type(self) -> tuple[str, bool]:
        """Return the message in parentheses, and whether it is a stream of them."""
        self.take("(")
        name = self.name()
        streams = name == "stream" and self.now != ")"
        if streams:
            name = self.name()
        self.take(")")
        return name, streams

    def _is_deprecated(self) -> bool:
        """Pass the options of a method, and tell whether they say `deprecated = true`."""
        said: list[str] = []
        depth = 0
        while self.now:
            depth += (self.now == "{") - (self.now == "}")
            said.append(self._advance())
            if depth == 0:
                break
        else:
            self.fail("'}'")
        return "deprecated = true" in " ".join(said)
