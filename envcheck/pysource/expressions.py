"""What expressions use of imported names when they are evaluated."""

from __future__ import annotations

import ast

from envcheck.pysource.summary import IMPORT, USE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from envcheck.pysource.summary import Step

# Parts of these may never be evaluated, or not now, or they have none.
_LATER = frozenset(
    (ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp, ast.JoinedStr, ast.Constant, ast.Name)
)
_BEFORE_LEVEL = 4  # arguments of __import__ before the one that makes it relative


def uses(node: ast.expr) -> Iterator[Step]:
    """Yield `(USE, line, name, attributes, keywords of the call or None)` for every attribute chain on a name."""
    waiting = [node]
    while waiting:
        one = waiting.pop()
        kind = one.__class__
        if kind is ast.Attribute:
            yield from _chain(one, None, waiting)
        elif kind is ast.Call:
            assert isinstance(one, ast.Call)
            if (module := _imported(one)) is not None:
                yield (IMPORT, one.lineno, module, False)
            else:
                yield from _chain(one.func, _keywords(one), waiting)
            waiting += [argument for argument in one.args if argument.__class__ not in _LATER]
            waiting += [keyword.value for keyword in one.keywords if keyword.value.__class__ not in _LATER]
        elif kind is ast.BoolOp:
            waiting.append(one.values[0])  # type: ignore[attr-defined]  # the others only if it says so
        elif kind is ast.IfExp:
            waiting.append(one.test)  # type: ignore[attr-defined]
        elif kind not in _LATER:
            waiting += _parts(one)


def _parts(node: ast.expr) -> list[ast.expr]:
    """Return the expressions within an expression that may use a name."""
    found: list[ast.expr] = []
    for field in node._fields:
        value = getattr(node, field)
        parts = value if value.__class__ is list else (value,)
        found += [part for part in parts if isinstance(part, ast.expr) and part.__class__ not in _LATER]
    return found


def _chain(node: ast.expr, call: tuple[str, ...] | None, waiting: list[ast.expr]) -> Iterator[Step]:
    """Yield the use of a name, if that is what an attribute chain begins with."""
    chain = []
    base = node
    while isinstance(base, ast.Attribute):
        chain.append(base.attr)
        base = base.value
    if isinstance(base, ast.Name):
        if chain or call:
            yield (USE, node.lineno, base.id, tuple(reversed(chain)), call)
    elif base.__class__ not in _LATER:
        waiting.append(base)


def _imported(node: ast.Call) -> str | None:
    """Return the module of `__import__("a.b")` and `import_module("a.b")`, none of a relative import."""
    if dotted(node.func).rpartition(".")[2] not in ("__import__", "import_module") or not node.args:
        return None
    if len(node.args) > _BEFORE_LEVEL or any(keyword.arg in ("level", None) for keyword in node.keywords):
        return None
    first = node.args[0]
    if not isinstance(first, ast.Constant) or not isinstance(first.value, str):
        return None
    return first.value if all(part.isidentifier() for part in first.value.split(".")) else None


def _keywords(node: ast.Call) -> tuple[str, ...] | None:
    """Return the names of a call's keyword arguments, None where `**` or `*` hides some."""
    if any(keyword.arg is None for keyword in node.keywords) or any(isinstance(one, ast.Starred) for one in node.args):
        return None
    return tuple(keyword.arg for keyword in node.keywords if keyword.arg is not None)


def dotted(node: ast.expr | None) -> str:
    """Return a name or an attribute chain as text, empty for any other expression."""
    parts = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return ".".join([node.id, *reversed(parts)]) if isinstance(node, ast.Name) else ""
