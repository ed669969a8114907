"""TOML as texts; floats keep their spelling, and lines are found where a key stands on its own line."""

from __future__ import annotations

import tomllib

from envcheck.formats.tree import Builder, FormatError, Node

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from envcheck.formats.tree import Tree


def read(text: str) -> Tree:
    """Return the tree; raises FormatError."""
    try:
        data = tomllib.loads(text, parse_float=str)
    except tomllib.TOMLDecodeError as error:
        raise FormatError(f"not valid TOML: {error}") from None
    except (RecursionError, ValueError) as error:
        raise FormatError(f"not usable TOML: {error}") from None
    builder = Builder()
    _build(data, (), builder, _lines(text))
    return builder.tree()


def _build(value: Any, path: tuple[str, ...], builder: Builder, lines: dict[tuple[str, ...], int]) -> None:
    line = _line(path, lines)
    if isinstance(value, dict):
        builder.begin({}, line)
        for key, inside in value.items():
            inner = (*path, key)
            builder.add(Node(key, _line(inner, lines)))
            _build(inside, inner, builder, lines)
        builder.end()
    elif isinstance(value, list):
        builder.begin([], line)
        for place, inside in enumerate(value):
            _build(inside, (*path, str(place)), builder, lines)
        builder.end()
    elif isinstance(value, bool):
        builder.add(Node("true" if value else "false", line, bare=True))
    elif isinstance(value, int):
        # Hexadecimal, since Python refuses to write very long integers in decimal.
        builder.add(Node(str(value) if value.bit_length() < 1 << 10 else hex(value), line, bare=True))
    else:
        builder.add(Node(value if isinstance(value, str) else str(value).replace(" ", "T"), line))


def _line(path: tuple[str, ...], lines: dict[tuple[str, ...], int]) -> int:
    while path and path not in lines:
        path = path[:-1]
    return lines.get(path, 0)


def _lines(text: str) -> dict[tuple[str, ...], int]:
    """Return the lines of tables and of keys that begin a line; a look-alike in a multi-line string may mislead."""
    lines: dict[tuple[str, ...], int] = {}
    counts: dict[tuple[str, ...], int] = {}
    table: tuple[str, ...] = ()
    for number, raw in enumerate(text.splitlines(), 1):
        line = raw.strip()
        if line.startswith("["):
            table = _dotted(line.strip("[]").partition("]")[0])
            if line.startswith("[["):
                counts[table] = counts.get(table, -1) + 1
                table = (*table, str(counts[table]))
            lines.setdefault(table, number)
        elif "=" in line and not line.startswith("#"):
            path = (*table, *_dotted(line.partition("=")[0]))
            lines.setdefault(path, number)
    return lines


def _dotted(text: str) -> tuple[str, ...]:
    return tuple(part.strip().strip("\"'") for part in text.split("."))
