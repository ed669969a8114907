"""Tells of statements which expressions are certainly evaluated, which branch is taken, and what is passed on."""

from __future__ import annotations

import ast

from envcheck.pysource.conditions import decide
from envcheck.pysource.expressions import dotted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from envcheck.pysource.conditions import Python

# Context managers that never swallow an exception; any other may.
_PLAIN = frozenset(("catch_warnings", "open", "closing", "nullcontext", "localcontext", "errstate", "no_grad", "lock"))
_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def only_adds(function: ast.stmt, name: str) -> bool:
    """Tell whether a function passes on all keywords that it was given, having added some at most."""
    kept = 0
    for node in ast.walk(function):
        if isinstance(node, ast.keyword):
            kept += node.arg is None and dotted(node.value) == name
        elif isinstance(node, ast.Attribute):
            kept += node.attr in ("setdefault", "get") and dotted(node.value) == name
    return kept == sum(isinstance(node, ast.Name) and node.id == name for node in ast.walk(function))


def with_decided(body: Sequence[ast.stmt], python: Python) -> list[ast.stmt]:
    """Return statements with those of a decided `if` in its place."""
    found: list[ast.stmt] = []
    for node in body:
        truth = decide(node.test, python, {}) if isinstance(node, ast.If) else None
        if isinstance(node, ast.If) and truth is not None:
            found += with_decided(node.body if truth else node.orelse, python)
        else:
            found.append(node)
    return found


def evaluated(node: ast.stmt) -> list[ast.expr]:
    """Return the expressions that a statement certainly evaluates, those of its blocks left out."""
    if isinstance(node, _DEFINITIONS):
        defaults = [one for one in (*node.args.defaults, *node.args.kw_defaults) if one is not None]
        return [*node.decorator_list, *defaults]
    if isinstance(node, ast.ClassDef):
        return [*node.decorator_list, *node.bases]
    found: Mapping[type[ast.stmt], tuple[str, ...]] = _FIELDS
    values = (getattr(node, field) for field in found.get(type(node), ()))
    return [value for value in values if isinstance(value, ast.expr)]


_FIELDS: dict[type[ast.stmt], tuple[str, ...]] = {
    ast.Expr: ("value",),
    ast.Assign: ("value",),
    ast.AnnAssign: ("value",),
    ast.AugAssign: ("value",),
    ast.Return: ("value",),
    ast.Raise: ("exc",),
    ast.For: ("iter",),
    ast.AsyncFor: ("iter",),
    ast.While: ("test",),
    ast.Match: ("subject",),
}


def is_plain(item: ast.withitem) -> bool:
    """Tell whether a context manager never swallows an exception."""
    called = item.context_expr
    name = dotted(called.func if isinstance(called, ast.Call) else called).rpartition(".")[2].lower()
    return name in _PLAIN or name.endswith("lock")
