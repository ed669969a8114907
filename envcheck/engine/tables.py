"""Finds the row of a table that fits some values, column by column."""

from __future__ import annotations

from envcheck.model.facts import plain
from envcheck.versions import satisfies

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from envcheck.model.facts import Value
    from envcheck.model.rules import Row, Table

MATCHES = ("text", "version", "minor", "specifier", "name")


def find_row(table: Table, by: Mapping[str, Value]) -> Row | None:
    """Return the first row that every value fits (by name: the one with the longest cell), or None."""
    named = [column for column in by if table.match.get(column) == "name"]
    first, wanted = next(((one, plain(by[one])) for one in by if table.match.get(one, "text") == "text"), ("", ""))
    best: Row | None = None
    length = -1
    for row in table.rows:
        if first and row.get(first).__class__ is str and row[first] != wanted:
            continue  # most rows, of which some tables have a thousand
        if all(_fits(table.match.get(column, "text"), row.get(column), value) for column, value in by.items()):
            if not named:
                return row
            size = sum(len(plain(row[column])) for column in named)
            if size > length:
                best, length = row, size
    return best


def _fits(how: str, cell: object, value: Value) -> bool:
    if cell is None:
        return False
    wanted, given = plain(cell), plain(value)
    if how == "version":
        return wanted == given or satisfies(given, f"=={wanted}") is True
    if how == "minor":
        return satisfies(given, f"=={wanted}.*") is True
    if how == "specifier":
        return satisfies(given, wanted) is True
    if how == "name":
        return _has_words(given.lower(), wanted.lower())
    return wanted == given


def _has_words(text: str, words: str) -> bool:
    start = text.find(words)
    while start >= 0:
        end = start + len(words)
        if not (text[start - 1 : start].isalnum() or text[end : end + 1].isalnum()):
            return True
        start = text.find(words, start + 1)
    return False
