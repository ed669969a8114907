"""Shell text as words with the places they begin at, variables put in; nothing is run."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import TypeAlias

    # A word and the offset of its first letter.
    Word: TypeAlias = tuple[str, int]

_OPERATORS = ";&|()\n"
_REDIRECTIONS = "<>"
_NAMED = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_")


def commands(text: str, variables: Mapping[str, str], escape: str = "\\") -> list[list[Word]]:
    """Return the words of every simple command, in order; redirections and comments are left out.

    A variable that is not known, and the output of a command, stay as they are written.
    """
    reader = _Reader(text, variables, escape)
    found: list[list[Word]] = [[]]
    skipped = False
    while (word := reader.next()) is not None:
        sign, value, start = word
        last = found[-1]
        if sign and value in _REDIRECTIONS:
            if last and last[-1][0].isdecimal() and last[-1][1] + len(last[-1][0]) == start:
                last.pop()  # the number of what is redirected
            skipped = True
        elif sign and skipped and value == "&":
            pass  # 2>&1
        elif sign:
            found.append([])
            skipped = False
        elif skipped:
            skipped = False
        else:
            last.append((value, start))
    return [words for words in found if words]


def words(text: str, variables: Mapping[str, str], escape: str = "\\") -> list[Word]:
    """Return the words of a text in which operators mean nothing."""
    reader = _Reader(text, variables, escape, plain=True)
    found = []
    while (word := reader.next()) is not None:
        found.append((word[1], word[2]))
    return found


class _Reader:
    def __init__(self, text: str, variables: Mapping[str, str], escape: str, *, plain: bool = False) -> None:
        self.text = text
        self.variables = variables
        self.escape = escape
        self.signs = "" if plain else _OPERATORS + _REDIRECTIONS
        self.at = 0

    def next(self) -> tuple[bool, str, int] | None:
        """Return (whether it is an operator, text, offset) of the next word, None at the end."""
        text, size = self.text, len(self.text)
        while self.at < size and text[self.at].isspace() and text[self.at] not in self.signs:
            self.at += 1
        if self.signs and text[self.at : self.at + 1] == "#":
            end = text.find("\n", self.at)
            self.at = size if end < 0 else end
        if self.at >= size:
            return None
        start = self.at
        if text[start] in self.signs:
            self.at += 1
            return True, text[start], start
        pieces: list[str] = []
        while self.at < size and not text[self.at].isspace() and text[self.at] not in self.signs:
            pieces.append(self.piece())
        return False, "".join(pieces), start

    def piece(self) -> str:
        letter = self.text[self.at]
        if letter == "'":
            return self.until("'", literal=True)
        if letter == '"':
            return self.until('"', literal=False)
        if letter == "$":
            return self.variable()
        self.at += 1
        if letter == self.escape and self.at < len(self.text):
            self.at += 1
            return self.text[self.at - 1]
        return letter

    def until(self, quote: str, *, literal: bool) -> str:
        """Return what a pair of quotes holds; one that is not closed holds the rest."""
        self.at += 1
        pieces: list[str] = []
        while self.at < len(self.text) and self.text[self.at] != quote:
            if literal:
                pieces.append(self.text[self.at])
                self.at += 1
            else:
                pieces.append(self.variable() if self.text[self.at] == "$" else self.escaped())
        self.at += 1
        return "".join(pieces)

    def escaped(self) -> str:
        """Return one letter inside of double quotes."""
        letter = self.text[self.at]
        if letter == self.escape and self.text[self.at + 1 : self.at + 2] in ('"', "$", "`", self.escape):
            self.at += 1
            letter = self.text[self.at]
        self.at += 1
        return letter

    def variable(self) -> str:
        """Return the value of `$NAME` or `${NAME}`, `${NAME:-other}`, `${NAME:+other}`."""
        text, start = self.text, self.at
        if text[start + 1 : start + 2] in ("{", "("):
            close = text.find("}" if text[start + 1] == "{" else ")", start)
            self.at = len(text) if close < 0 else close + 1
            whole = text[start : self.at]
            return self.braced(whole) if close > 0 and whole[1] == "{" else whole
        self.at += 1
        while self.at < len(text) and text[self.at] in _NAMED:
            self.at += 1
        whole = text[start : self.at]
        return self.variables.get(whole[1:], whole)

    def braced(self, whole: str) -> str:
        end = next((place for place, letter in enumerate(whole[2:], 2) if letter not in _NAMED), 2)
        name, rest = whole[2:end], whole[end:-1]
        if rest.startswith((":-", "-")):
            return self.variables.get(name) or rest.lstrip(":").removeprefix("-")
        if rest.startswith((":+", "+")):
            return rest.lstrip(":").removeprefix("+") if self.variables.get(name) else ""
        return self.variables.get(name, whole) if not rest else whole
