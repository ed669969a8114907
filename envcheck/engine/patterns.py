"""Patterns of rules about failures: what every match must contain, and which expressions are refused as too slow."""

from __future__ import annotations

import re
from itertools import combinations
from re import _constants as codes  # type: ignore[attr-defined]  # the only parser that knows all of re's syntax
from re import _parser as parser  # type: ignore[attr-defined]

from envcheck.engine.prefilter import GRAM
from envcheck.errors import RuleError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

    from envcheck.model.rules import Pattern

_MOST = 24  # alternatives of which one must be there
_FEW = 4  # characters of a set that are tried one by one
_FEW_TIMES = 300  # a repetition of no more is cheap
_MANY = 5000  # a repetition of more is as good as one without end
_REPEATS = (codes.MAX_REPEAT, codes.MIN_REPEAT, codes.POSSESSIVE_REPEAT)
_ANY = "\n" + "".join(map(chr, range(32, 127)))
_SINGLE = (codes.LITERAL, codes.NOT_LITERAL, codes.ANY, codes.IN)
_CATEGORIES = {codes.CATEGORY_DIGIT: r"\d", codes.CATEGORY_SPACE: r"\s", codes.CATEGORY_WORD: r"\w"}
_CATEGORIES |= {codes.CATEGORY_NOT_DIGIT: r"\D", codes.CATEGORY_NOT_SPACE: r"\S", codes.CATEGORY_NOT_WORD: r"\W"}


def read(text: str) -> tuple[Pattern, tuple[str, ...]]:
    """Return a pattern with its literals, and the names of its captures; raises RuleError."""
    try:
        re.compile(text, re.MULTILINE)
        tree = parser.parse(text, re.MULTILINE)
    except (re.error, RecursionError, OverflowError) as error:
        raise RuleError(f"no regular expression: {error}", hint="see docs/writing-rules.md") from None
    _refuse_slow(tree, bool(tree.state.flags & re.DOTALL), text)
    _refuse_open(tree, text)
    literals = _needed(tree)
    if literals is None or min(map(len, literals)) < GRAM:
        raise RuleError(
            f"no literal text of {GRAM} characters or more stands in every match of {text!r:.200}",
            hint="give each alternative a word that only this message has",
        )
    folded = "(?i" in text
    chosen = sorted({literal.lower() if folded else literal for literal in literals})
    spans = "(?s" in text or any(_may_hold(item, "\n") for item in tree)
    return (text, tuple(chosen), folded, spans), tuple(sorted(tree.state.groupdict))


def _needed(items: Iterable[Any]) -> frozenset[str] | None:
    """Return texts of which every match has at least one, those that say most; None where there are none."""
    best: frozenset[str] | None = None
    runs = frozenset(("",))
    for code, detail in [*items, (None, None)]:
        if code is codes.AT:
            continue
        letters = _letters(code, detail)
        if letters and len(runs) * len(letters) <= _MOST:
            runs = frozenset(run + letter for run in runs for letter in letters)
            continue
        for found in (runs, _inside(code, detail)):
            if found and (best is None or _worth(found) > _worth(best)):
                best = found
        runs = frozenset(letters or ("",))
    return best


def _letters(code: Any, detail: Any) -> tuple[str, ...]:
    """Return what an item that matches one of a few characters can match; nothing of any other."""
    if code is codes.LITERAL:
        return (chr(detail),)
    few = code is codes.IN and len(detail) <= _FEW and all(inner is codes.LITERAL for inner, _ in detail)
    return tuple(chr(number) for _, number in detail) if few else ()


def _inside(code: Any, detail: Any) -> frozenset[str] | None:
    """Return what one item of an expression needs."""
    if code is codes.SUBPATTERN:
        return _needed(detail[3])
    if code is codes.ATOMIC_GROUP:
        return _needed(detail)
    if code in _REPEATS and detail[0] > 0:
        return _needed(detail[2])
    if code is codes.BRANCH:
        found = [_needed(branch) for branch in detail[1]]
        merged = frozenset[str]().union(*(one for one in found if one is not None))
        return merged if all(found) and len(merged) <= _MOST else None
    return None


def _worth(literals: frozenset[str]) -> tuple[int, int]:
    return min(map(len, literals)), -len(literals)


def _refuse_slow(items: Iterable[Any], dot_is_all: bool, text: str) -> None:  # noqa: FBT001  a flag of the expression
    """Raise RuleError for repetitions that make matching take more than the square of the text's length."""
    for code, detail in items:
        if code in _REPEATS:
            _, most, body = detail
            if most > _MANY and len(body) == 1 and _takes_all(body[0], dot_is_all):
                raise RuleError(
                    f"an unbounded repetition runs over every line: {text!r:.200}",
                    hint="bound it, (?s:.{0,400}?), or keep it in its line, [^\\n]*",
                )
            if most > 1 and not _is_told_apart(list(body)):
                raise RuleError(
                    f"a repetition within a repetition can match in too many ways: {text!r:.200}",
                    hint="give it a character that nothing else in it can match: \\n beside [ \\t]* and [^\\n]*",
                )
        for inner, flags in _children(code, detail):
            _refuse_slow(inner, dot_is_all or bool(flags & re.DOTALL), text)


def _refuse_open(items: Iterable[Any], text: str) -> None:
    """Raise RuleError where a pattern begins with two repetitions that can run over the same words.

    A search tries every place of a line, so that two of them take the third power of its length; words are short.
    """
    begun = False
    for item in _flat(items):
        code, detail = item
        if code in _REPEATS and detail[1] > _FEW_TIMES and len(detail[2]) == 1 and _can_be(detail[2][0], " "):
            if begun:
                raise RuleError(
                    f"it begins with two repetitions that can match the same: {text!r:.200}",
                    hint="bound one of them, {0,60}, or begin with the words that tell the message",
                )
            begun = True
        elif code not in (*_REPEATS, codes.AT):
            return


def _flat(items: Iterable[Any]) -> Iterator[Any]:
    """Yield the items of an expression with those of its groups in their place."""
    for code, detail in items:
        if code is codes.SUBPATTERN:
            yield from _flat(detail[3])
        else:
            yield code, detail


def _overlap(one: Any, other: Any) -> bool:
    return any(_can_be(one, char) and _can_be(other, char) for char in _ANY)


def _children(code: Any, detail: Any) -> list[tuple[Any, int]]:
    if code in _REPEATS:
        return [(detail[2], 0)]
    if code is codes.SUBPATTERN:
        return [(detail[3], detail[1])]
    if code is codes.BRANCH:
        return [(branch, 0) for branch in detail[1]]
    if code is codes.ATOMIC_GROUP:
        return [(detail, 0)]
    return [(detail[1], 0)] if code in (codes.ASSERT, codes.ASSERT_NOT) else []


def _takes_all(item: Any, dot_is_all: bool) -> bool:  # noqa: FBT001  a flag of the expression
    code = item[0]
    if code is codes.ANY:
        return dot_is_all
    return code is codes.IN and all(_can_be(item, char) for char in _ANY)


def _is_told_apart(body: list[Any]) -> bool:
    """Tell whether a repeated expression has a fixed length, or a character that only its fixed part can match."""
    while len(body) == 1 and body[0][0] is codes.SUBPATTERN:
        body = list(body[0][1][3])
    if any(_is_ambiguous(item) for item in body):
        return False
    varying = [item for item in body if _varies(item)]
    fixed = [chr(detail) for code, detail in body if code is codes.LITERAL]
    return not varying or any(not any(_may_hold(item, char) for item in varying) for char in fixed)


def _is_ambiguous(item: Any) -> bool:
    """Tell whether two alternatives of an item may match the same text."""
    code, detail = item
    if code is codes.BRANCH and any(not _exclude(one, other) for one, other in combinations(detail[1], 2)):
        return True
    return any(_is_ambiguous(inner) for held, _ in _children(code, detail) for inner in held)


def _exclude(one: Any, other: Any) -> bool:
    """Tell whether two sequences differ in a character that stands at the same place of both."""
    for left, right in zip(one, other, strict=False):
        begins = [item[1][2][0] if item[0] in _REPEATS and item[1][0] else item for item in (left, right)]
        if not _overlap(*begins):
            return True
        if left[0] not in _SINGLE or right[0] not in _SINGLE:
            return False
    return not one or not other


def _may_hold(item: Any, char: str) -> bool:
    """Tell whether what an item matches may contain a character."""
    code, detail = item
    if code is codes.BRANCH:
        return any(_may_hold(inner, char) for branch in detail[1] for inner in branch)
    inside = _children(code, detail)
    return any(_may_hold(inner, char) for held, _ in inside for inner in held) if inside else _can_be(item, char)


def _varies(item: Any) -> bool:
    code, detail = item
    if code in _REPEATS:
        return bool(detail[0] != detail[1]) or any(map(_varies, detail[2]))
    if code is codes.BRANCH:
        return any(_varies(inner) for branch in detail[1] for inner in branch)
    return any(_varies(inner) for children, _ in _children(code, detail) for inner in children)


def _can_be(item: Any, char: str) -> bool:
    """Tell whether an item that matches one character can match this one; of what is no such item, yes."""
    code, detail = item
    if code is codes.LITERAL:
        return bool(chr(detail) == char)
    if code is codes.NOT_LITERAL:
        return bool(chr(detail) != char)
    if code is codes.ANY:
        return char != "\n"
    if code is codes.AT:
        return False
    if code is not codes.IN:
        return True
    negated = detail[0][0] is codes.NEGATE
    return any(_is_member(one, char) for one in detail[negated:]) != negated


def _is_member(one: Any, char: str) -> bool:
    code, detail = one
    if code is codes.RANGE:
        return bool(detail[0] <= ord(char) <= detail[1])
    if code is codes.CATEGORY:
        return re.fullmatch(_CATEGORIES[detail], char) is not None
    return bool(chr(detail) == char)
