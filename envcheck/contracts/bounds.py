"""What differs between the bounds and patterns of two schemas: tighter, looser, newly set or gone."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from envcheck.contracts.difference import ABSENT, shortened

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    Change = tuple[str, str, str]

_MOST_DIGITS = 25  # decimal arithmetic is exact to 28
_LOWER = ("minLength", "minItems", "minProperties")
_UPPER = ("maxLength", "maxItems", "maxProperties")


def compare_bounds(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Change]:
    """Yield (change, old, new) for every bound of two flat schemas that is not the same."""
    for keyword in _LOWER:
        yield from _bound(keyword, _number(old.get(keyword)) or None, _number(new.get(keyword)) or None, tighter=1)
    for keyword in _UPPER:
        yield from _bound(keyword, _number(old.get(keyword)), _number(new.get(keyword)), tighter=-1)
    yield from _range("minimum", "exclusiveMinimum", old, new, tighter=1)
    yield from _range("maximum", "exclusiveMaximum", old, new, tighter=-1)
    yield from _step(_number(old.get("multipleOf")), _number(new.get("multipleOf")))
    if (old.get("uniqueItems") is True) != (new.get("uniqueItems") is True):
        if new.get("uniqueItems") is True:
            yield "bound-tightened", "repeats allowed", "uniqueItems"
        else:
            yield "bound-loosened", "uniqueItems", "repeats allowed"
    yield from _pattern(old.get("pattern"), new.get("pattern"))


def _number(value: Any) -> Decimal | None:
    """Return a number, also one that YAML gives as a text; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return None
    return number if number.is_finite() and abs(number.adjusted()) < _MOST_DIGITS else None


def _bound(keyword: str, old: Decimal | None, new: Decimal | None, *, tighter: int) -> Iterator[Change]:
    if old == new:
        return
    if old is None:
        yield "bound-set", ABSENT, f"{keyword} {new}"
    elif new is None:
        yield "bound-loosened", f"{keyword} {old}", ABSENT
    else:
        change = "bound-tightened" if (new - old) * tighter > 0 else "bound-loosened"
        yield change, f"{keyword} {old}", f"{keyword} {new}"


def _range(
    keyword: str, exclusive: str, old: Mapping[str, Any], new: Mapping[str, Any], *, tighter: int
) -> Iterator[Change]:
    """Compare one end of a range, whether it is written as in OpenAPI 3.0 (a flag) or as in 3.1 (a number)."""
    one, other = _end(keyword, exclusive, old, tighter), _end(keyword, exclusive, new, tighter)
    if one == other:
        return
    said = [ABSENT if end is None else f"{exclusive if end[1] else keyword} {end[0] * tighter}" for end in (one, other)]
    change = "bound-set" if one is None else "bound-loosened" if other is None or other < one else "bound-tightened"
    yield change, said[0], said[1]


def _end(keyword: str, exclusive: str, schema: Mapping[str, Any], tighter: int) -> tuple[Decimal, bool] | None:
    """Return the end as (value, exclusive), greater where it is tighter."""
    value, beyond = _number(schema.get(keyword)), _number(schema.get(exclusive))
    ends = []
    if value is not None:
        ends.append((value * tighter, schema.get(exclusive) is True))
    if beyond is not None:
        ends.append((beyond * tighter, True))
    return max(ends, default=None)


def _step(old: Decimal | None, new: Decimal | None) -> Iterator[Change]:
    if old == new:
        return
    if old is None or new is None:
        yield from _bound("multipleOf", old, new, tighter=1)
        return
    looser = bool(new) and (old / new) % 1 == 0
    yield "bound-loosened" if looser else "bound-tightened", f"multipleOf {old}", f"multipleOf {new}"


def _pattern(old: Any, new: Any) -> Iterator[Change]:
    if old != new:
        change = "pattern-added" if old is None else "pattern-removed" if new is None else "pattern-changed"
        yield change, shortened(str(old or ABSENT)), shortened(str(new or ABSENT))
