"""What the words of a condition mean: a table of small functions over known values."""

from __future__ import annotations

from envcheck.engine.syntax import as_number
from envcheck.model.facts import plain
from envcheck.versions import satisfies

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from envcheck.model.facts import Value


def _equal(value: Value, wanted: object) -> bool:
    return value == wanted or plain(value) == plain(wanted)


def _member(value: Value, wanted: object) -> bool:
    assert isinstance(wanted, tuple)
    choices = [item for choice in wanted for item in (choice if isinstance(choice, tuple) else (choice,))]
    return any(_equal(value, choice) for choice in choices)


def _contains(value: Value, wanted: object) -> bool:
    if isinstance(value, tuple):
        return plain(wanted) in value
    return plain(wanted) in plain(value)


def _compared(test: Callable[[float, float], bool]) -> Callable[[Value, object], bool | None]:
    def compare(value: Value, wanted: object) -> bool | None:
        left, right = as_number(value), as_number(wanted)
        return None if left is None or right is None else test(left, right)

    return compare


# Each takes the fact's value and the operand and returns None where they cannot be compared.
OPERATORS: dict[str, Callable[[Value, object], bool | None]] = {
    "is": _equal,
    "in": _member,
    "version": lambda value, wanted: satisfies(plain(value), plain(wanted)),
    "contains": _contains,
    "starts": lambda value, wanted: plain(value).startswith(plain(wanted)),
    "ends": lambda value, wanted: plain(value).endswith(plain(wanted)),
    "lt": _compared(lambda left, right: left < right),
    "le": _compared(lambda left, right: left <= right),
    "gt": _compared(lambda left, right: left > right),
    "ge": _compared(lambda left, right: left >= right),
}
