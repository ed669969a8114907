"""What environments have for a key, in words, and where inside of two values the difference lies."""

from __future__ import annotations

from envcheck.keys import KINDS
from envcheck.model.drift import EXEMPT, PRESENT, TYPE, UNDETERMINED, UNKNOWN, Change, Side
from envcheck.model.record import Record
from envcheck.renderers._outline import value_words

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from envcheck.model.facts import Value

# Of a value beside another: what both have, what only this one has, and how much of what both have was left out.
SAME, DIFFERS, LEFT = "same", "differs", "left"
_STATES = {UNKNOWN: "not known", EXEMPT: "does not apply"}
_LONG = 20  # characters that two values share; more are left out around a difference
_EDGE = 8  # so many of them stay on each side of it


class Held(Record):
    """What some environments have alike for a key: its state, the words for it, and their numbers (from 0)."""

    state: str
    words: str
    members: tuple[int, ...]
    side: Side
    majority: bool = False


def short_key(key: str) -> str:
    """Return a key without its attribute where that is the kind's primary one: `package/torch`, but `host#os`."""
    entity, mark, attribute = key.rpartition("#")
    primary = mark and kind_of(key) in KINDS and KINDS[kind_of(key)][0] == attribute
    return entity if primary and ("/" in entity or entity == "python") else key


def kind_of(key: str) -> str:
    """Return the kind of a key."""
    return key.partition("#")[0].partition("/")[0]


def held(change: Change) -> list[Held]:
    """Return what the environments have, the majority first, then other values, then what is not known or exempt."""
    first = len(change.groups[0]) if change.groups else 0
    majority = first > (len(change.groups[1]) if len(change.groups) > 1 else 0)
    words = _words([change.sides[members[0]] for members in change.groups], change)
    found = [
        Held(
            state=change.sides[members[0]].state,
            words=said,
            members=members,
            side=change.sides[members[0]],
            majority=majority and number == 0,
        )
        for number, (members, said) in enumerate(zip(change.groups, words, strict=True))
    ]
    grouped = {number for members in change.groups for number in members}
    others: dict[tuple[str, str, str], list[int]] = {}
    for number, side in enumerate(change.sides):
        if number not in grouped:
            others.setdefault((side.state, side.reason, repr(side.value)), []).append(number)
    return found + [
        Held(
            state=change.sides[members[0]].state,
            words=_words([change.sides[members[0]]], change)[0],
            members=tuple(members),
            side=change.sides[members[0]],
        )
        for members in others.values()
    ]


def _words(sides: Sequence[Side], change: Change) -> list[str]:
    """Return what each environment has in words that tell the values apart."""
    kind, attribute = kind_of(change.key), change.key.rpartition("#")[2]
    keys = change.form == UNDETERMINED and not change.groups  # of a whole scope that is not known, how many there are
    values = [None if side.state != PRESENT else side.value for side in sides]
    said = [
        _STATES.get(side.state, side.state)
        if value is None
        else f"{value} {'key' if value == 1 else 'keys'}"
        if keys and isinstance(value, int) and not isinstance(value, bool)
        else value_words(value, kind, attribute) or literal(value)
        for side, value in zip(sides, values, strict=True)
    ]
    if change.form == TYPE or len(set(said)) < len(said):
        return [word if value is None else literal(value) for word, value in zip(said, values, strict=True)]
    return said


def literal(value: Value) -> str:
    """Return a value so that its type shows: `"5"` and `5`, `"true"` and `true`."""
    if isinstance(value, tuple):
        return f"[{', '.join(map(literal, value))}]"
    if isinstance(value, bool):
        return "true" if value else "false"
    return f'"{value}"' if isinstance(value, str) else str(value)


def parts(held: Held, other: Held) -> list[tuple[str, str]]:
    """Return a value in pieces `(SAME, DIFFERS or LEFT, text)`, compared with another's; long likeness is left out."""
    one, two = held.side.value, other.side.value
    if held.state != PRESENT or other.state != PRESENT or held.words == other.words:
        return [(DIFFERS, held.words)]
    if isinstance(one, tuple) and isinstance(two, tuple) and set(one) != set(two):
        return _items(one, frozenset(two)) or [(SAME, held.words)]
    before, after = _alike(held.words, other.words)
    end = len(held.words) - after
    return [piece for piece in _pieces(held.words[:before], held.words[before:end], held.words[end:]) if piece[1]]


def _pieces(before: str, middle: str, after: str) -> Iterator[tuple[str, str]]:
    if len(before) > _LONG:
        yield from ((LEFT, "…"), (SAME, before[-_EDGE:]))
    else:
        yield SAME, before
    yield DIFFERS, middle
    if len(after) > _LONG:
        yield from ((SAME, after[:_EDGE]), (LEFT, "…"))
    else:
        yield SAME, after


def _items(items: Iterable[str], others: frozenset[str]) -> list[tuple[str, str]]:
    """Return what only one of two lists has, and how many items both have."""
    own = [item for item in items if item not in others]
    alike = sum(item in others for item in items)
    told = [(DIFFERS, ", ".join(own))] if own else []
    if alike:
        told.append((LEFT, f"{' and ' if own else ''}{alike} alike"))
    return told


def _alike(one: str, two: str) -> tuple[int, int]:
    """Return how many characters two texts share at their beginning and at their end, whole words only."""
    most = min(len(one), len(two))
    before = next((place for place in range(most) if one[place] != two[place]), most)
    while before and _inside(one, before) | _inside(two, before):
        before -= 1
    most -= before
    after = next((place for place in range(most) if one[-1 - place] != two[-1 - place]), most)
    while after and _inside(one, len(one) - after) | _inside(two, len(two) - after):
        after -= 1
    return before, after


def _inside(text: str, place: int) -> bool:
    """Tell whether a place lies in the middle of a word or number."""
    return 0 < place < len(text) and text[place - 1].isalnum() and text[place].isalnum()
