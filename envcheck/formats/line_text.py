"""Formats of one setting a line: INI, .env and Java properties."""

from __future__ import annotations

from envcheck.formats.tree import Builder, FormatError, Node

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from envcheck.formats.tree import Tree

_ESCAPES = {"t": "\t", "n": "\n", "r": "\r", "f": "\f"}


def read_ini(text: str) -> Tree:
    """Return the tree of sections and settings, without interpolation; raises FormatError."""
    builder = Builder()
    builder.begin({}, 1)
    sections: dict[str, list[tuple[str, int, list[str]]]] = {"": []}
    starts = {"": 1}
    section = ""
    for number, raw in enumerate(text.splitlines(), 1):
        line = raw.strip()
        settings = sections[section]
        if not line or line[0] in "#;":
            continue
        if line[0] == "[":
            section, closing, _ = line[1:].partition("]")
            if not closing:
                raise FormatError("a section has no closing bracket", number)
            sections.setdefault(section, [])
            starts.setdefault(section, number)
        elif raw[0].isspace() and settings:
            settings[-1][2].append(line)
        else:
            name, value = _split(line, "=:")
            settings.append((name, number, [value] if value else []))
    for name, settings in sections.items():
        if name:
            builder.add(Node(name, starts[name]))
            builder.begin({}, starts[name])
        for key, number, pieces in settings:
            _add(builder, key, "\n".join(pieces), number)
        if name:
            builder.end()
    builder.end()
    return builder.tree()


def read_env(text: str) -> Tree:
    """Return the tree of a .env file, `export` and quotes left out, references not followed; raises FormatError."""
    builder = Builder()
    builder.begin({}, 1)
    lines = iter(enumerate(text.splitlines(), 1))
    for number, raw in lines:
        line = raw.strip().removeprefix("export ").lstrip()
        if not line or line[0] == "#":
            continue
        name, equals, value = line.partition("=")
        if not equals and not name.isidentifier():
            raise FormatError("a line is neither NAME=value nor a comment", number)
        value = value.strip()
        if value[:1] in ("'", '"'):
            value = _quoted(value, number, lines)
        else:
            value = "" if value.startswith("#") else value.partition(" #")[0].rstrip()
        _add(builder, name.strip(), value, number)
    builder.end()
    return builder.tree()


def read_properties(text: str) -> Tree:
    """Return the tree of a properties file: `=`, `:` or a space divides, a backslash goes on; never refuses.

    As https://docs.oracle.com/en/java/javase/21/docs/api/java.base/java/util/Properties.html says of `load`.
    """
    builder = Builder()
    builder.begin({}, 1)
    lines = iter(enumerate(text.splitlines(), 1))
    for number, raw in lines:
        line = raw.lstrip()
        if not line or line[0] in "#!":
            continue
        pieces = []
        while (len(line) - len(line.rstrip("\\"))) % 2:
            pieces.append(line[:-1])
            line = next(lines, (0, ""))[1].lstrip()
        name, value = _split("".join([*pieces, line]), "=: \t")
        _add(builder, _unescaped(name), _unescaped(value), number)
    builder.end()
    return builder.tree()


def _add(builder: Builder, name: str, value: str, line: int) -> None:
    builder.add(Node(name, line))
    builder.add(Node(value, line))


def _split(line: str, dividers: str) -> tuple[str, str]:
    """Return name and value around the first unescaped divider; an empty value without one."""
    for place, letter in enumerate(line):
        if letter in dividers and not (place and line[place - 1] == "\\"):
            rest = line[place:].lstrip()
            # After `name = value`'s space comes the divider proper.
            return line[:place].strip(), rest.removeprefix(rest[0]).strip() if rest[:1] in tuple("=:") else rest
    return line, ""


def _quoted(value: str, number: int, lines: Iterator[tuple[int, str]]) -> str:
    quote, rest = value[0], value[1:]
    pieces = []
    while quote not in rest.replace(f"\\{quote}", ""):
        pieces.append(rest)
        following = next(lines, None)
        if following is None:
            raise FormatError("a quote is not closed", number)
        rest = following[1]
    end = 0
    while rest[end] != quote or (end and rest[end - 1] == "\\"):
        end += 1
    return "\n".join([*pieces, rest[:end]]).replace(f"\\{quote}", quote)


def _unescaped(text: str) -> str:
    if "\\" not in text:
        return text
    made = []
    letters = iter(text)
    for letter in letters:
        if letter != "\\":
            made.append(letter)
            continue
        after = next(letters, "")
        if after == "u":
            digits = "".join(next(letters, "") for _ in range(4))
            made.append(chr(int(digits, 16)) if digits.isalnum() and digits.isascii() and _is_hex(digits) else digits)
        else:
            made.append(_ESCAPES.get(after, after))
    return "".join(made)


def _is_hex(digits: str) -> bool:
    return bool(digits) and all(digit in "0123456789abcdefABCDEF" for digit in digits)
