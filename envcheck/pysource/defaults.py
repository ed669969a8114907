"""Decides tests by what the parameters of a function are when nothing is passed for them."""

from __future__ import annotations

import ast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, TypeAlias

    # True, False or not known, and the parameters that it takes for being as they are by default.
    Answer: TypeAlias = tuple[bool | None, tuple[str, ...]]

_UNDECIDED: tuple[None, tuple[str, ...]] = (None, ())


def constants(arguments: ast.arguments) -> dict[str, Any]:
    """Return the parameters whose default is written out, with it."""
    positional = [*arguments.posonlyargs, *arguments.args]
    last = positional[len(positional) - len(arguments.defaults) :]
    pairs = [
        *zip(last, arguments.defaults, strict=True),
        *zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True),
    ]
    return {one.arg: default.value for one, default in pairs if isinstance(default, ast.Constant)}


def chosen(test: ast.expr, defaults: Mapping[str, Any]) -> Answer:
    """Return the truth of a test that hangs on nothing but such defaults."""
    if isinstance(test, ast.Name) and test.id in defaults:
        return bool(defaults[test.id]), (test.id,)
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        truth, needed = chosen(test.operand, defaults)
        return None if truth is None else not truth, needed
    if isinstance(test, ast.BoolOp):
        return _several(test, defaults)
    if isinstance(test, ast.Compare) and len(test.ops) == 1 and isinstance(test.ops[0], (ast.Is, ast.IsNot)):
        left, right = test.left, test.comparators[0]
        if isinstance(left, ast.Name) and left.id in defaults and isinstance(right, ast.Constant):
            return (defaults[left.id] is right.value) is isinstance(test.ops[0], ast.Is), (left.id,)
    return _UNDECIDED


def _several(test: ast.BoolOp, defaults: Mapping[str, Any]) -> Answer:
    """Decide `and` and `or`: one operand may settle it whatever the others are."""
    settling = isinstance(test.op, ast.Or)
    answers = [chosen(value, defaults) for value in test.values]
    for truth, needed in answers:
        if truth is settling:
            return truth, needed
    if any(truth is None for truth, _ in answers):
        return _UNDECIDED
    return not settling, tuple(name for _, needed in answers for name in needed)
