"""Reads the tables of names that a module writes out, for its `__getattr__` and for lazy loaders."""

from __future__ import annotations

import ast
import re

from envcheck.pysource.expressions import dotted
from envcheck.pysource.syntax import assigned

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_MAKERS = frozenset(("dict", "set", "frozenset", "list", "tuple", "sorted"))
_COMPREHENSIONS = (ast.DictComp, ast.SetComp, ast.ListComp, ast.GeneratorExp)


def names_in(source: bytes, tree: ast.Module, table: str) -> set[str] | None:
    """Return the strings of a table that may be names, None where not all of it is written out in its assignments."""
    changed = rb"\b%s\b[ ]*(?:\[[^]\n]*\][ ]*=(?!=)|[|+]=|\.(?:update|add|append|extend|insert|setdefault)\b)"
    if re.search(changed % re.escape(table.encode()), source):
        return None
    values: list[ast.expr] = []
    for node in top_level(tree):
        if table not in assigned(node):
            continue
        value = getattr(node, "value", None)
        if not isinstance(value, ast.expr) or not _is_written_out(value):
            return None
        values.append(value)
    keywords = {key.arg for value in values for key in ast.walk(value) if isinstance(key, ast.keyword) and key.arg}
    return strings_in(values) | keywords if values else None


def _is_written_out(value: ast.expr) -> bool:
    """Tell whether an expression shows all keys or members of the collection that it makes."""
    if isinstance(value, ast.Dict):
        return all(isinstance(key, ast.Constant) for key in value.keys)
    if isinstance(value, (ast.List, ast.Tuple, ast.Set)):
        return all(isinstance(one, ast.Constant) or _is_written_out(one) for one in value.elts)
    if isinstance(value, ast.Call):
        inside = all(_is_written_out(argument) for argument in value.args)
        return dotted(value.func) in _MAKERS and inside and all(keyword.arg for keyword in value.keywords)
    if isinstance(value, ast.BinOp):
        return _is_written_out(value.left) and _is_written_out(value.right)
    if isinstance(value, _COMPREHENSIONS):
        names = [node for node in ast.walk(value) if isinstance(node, ast.Name)]
        own = {node.id for node in names if isinstance(node.ctx, ast.Store)}
        return all(node.id in own for node in names) and _is_whole(value)
    return isinstance(value, ast.Constant) and isinstance(value.value, str)


def _is_whole(value: ast.expr) -> bool:
    """Tell whether no part of an expression is taken from elsewhere by `*` or `**`."""
    return not any(
        isinstance(node, ast.Starred) or (isinstance(node, ast.Dict) and None in node.keys) for node in ast.walk(value)
    )


def strings_in(nodes: Iterable[ast.AST]) -> set[str]:
    """Return the string constants in some nodes that may be names."""
    return {
        inner.value
        for node in nodes
        for inner in ast.walk(node)
        if isinstance(inner, ast.Constant) and isinstance(inner.value, str) and inner.value.isidentifier()
    }


def top_level(tree: ast.Module) -> Iterator[ast.stmt]:
    """Yield the statements of a module, those in its branches as well."""
    waiting: list[ast.stmt] = list(tree.body)
    while waiting:
        node = waiting.pop()
        yield node
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            for field in ("body", "orelse", "finalbody"):
                waiting += getattr(node, field, ())
            for part in (*getattr(node, "handlers", ()), *getattr(node, "cases", ())):
                waiting += part.body
