"""Answers small questions about statements: which names they bind, what they catch, whether they end a function."""

from __future__ import annotations

import ast

from envcheck.pysource.expressions import dotted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_LEAVES = frozenset((ast.Constant, ast.Pass, ast.Load, ast.Store, ast.Lambda))  # they bind nothing


def assigned(node: ast.stmt) -> list[str]:
    """Return the names that one statement itself binds; those of blocks within it are left to the caller."""
    if isinstance(node, ast.Assign):
        return [name for target in node.targets for name in assigned_in(target)]
    if isinstance(node, _DEFINITIONS):
        return [node.name]
    if isinstance(node, (ast.AnnAssign, ast.AugAssign)):
        return assigned_in(node.target)
    if isinstance(node, (ast.Import, ast.ImportFrom)):
        return [alias.asname or alias.name.partition(".")[0] for alias in node.names]
    named = getattr(node, "name", None)  # `type X = …`, which Python 3.11 has no class for
    return [named.id] if isinstance(named, ast.Name) else []


def assigned_in(target: ast.expr) -> list[str]:
    """Return the names that a target binds."""
    if isinstance(target, ast.Name):
        return [target.id]
    if isinstance(target, (ast.Tuple, ast.List)):
        return [name for one in target.elts for name in assigned_in(one)]
    return assigned_in(target.value) if isinstance(target, ast.Starred) else []


def assigned_within(body: Sequence[ast.stmt]) -> frozenset[str]:
    """Return the names that statements and the blocks within them may bind, perhaps some of inner functions too."""
    names = {name for node in body for name in assigned(node)}
    for node in body:
        if not isinstance(node, _DEFINITIONS) and hasattr(node, "body"):
            for inner in ast.walk(node):
                if isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Store):
                    names.add(inner.id)
                elif isinstance(inner, ast.stmt):
                    names.update(assigned(inner))
                elif isinstance(inner, ast.ExceptHandler) and inner.name:
                    names.add(inner.name)
    return frozenset(names)


def captured(pattern: ast.pattern) -> Iterator[str]:
    """Yield the names that the pattern of a `case` binds."""
    for inner in ast.walk(pattern):
        name = getattr(inner, "rest" if isinstance(inner, ast.MatchMapping) else "name", None)
        if isinstance(name, str):
            yield name


def made_global(function: ast.stmt) -> Iterator[str]:
    """Yield the names that a function, or one within it, binds in the module."""
    waiting = list(blocks(function))
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Global):
            yield from node.names
        waiting += blocks(node)


def assigned_in_expressions(tree: ast.Module, lines: Iterable[int]) -> Iterator[str]:
    """Yield the names that `:=` binds outside of functions; `lines` are those where it stands, in order."""
    left = list(lines)
    for node in tree.body:
        end = node.end_lineno or 0
        if left and left[0] <= end:
            yield from _named_in(node)
            left = [line for line in left if line > end]


def _named_in(statement: ast.stmt) -> Iterator[str]:
    waiting: list[ast.AST] = [statement]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.NamedExpr):
            yield node.target.id
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            waiting += [node.args, *node.decorator_list]
        elif isinstance(node, ast.Lambda):
            waiting.append(node.args)
        else:
            waiting += ast.iter_child_nodes(node)


def blocks(node: ast.stmt) -> Iterator[ast.stmt]:
    """Yield the statements in the blocks of a statement."""
    for field in ("body", "orelse", "finalbody"):
        yield from getattr(node, field, ())
    for part in (*getattr(node, "handlers", ()), *getattr(node, "cases", ())):
        yield from part.body


def caught(node: ast.expr | None) -> tuple[str, ...]:
    """Return the names of the exceptions that a handler catches, `*` for all and for one that is computed."""
    if node is None:
        return ("*",)
    several = node.elts if isinstance(node, ast.Tuple) else [node]
    return tuple(dotted(one).rpartition(".")[2] or "*" for one in several)


def may_return(node: ast.stmt) -> bool:
    """Tell whether a function may return within a statement."""
    if isinstance(node, _DEFINITIONS):
        return False
    return isinstance(node, ast.Return) or any(may_return(inner) for inner in blocks(node))


def bound_within(body: Sequence[ast.stmt]) -> dict[str, int]:
    """Return how many times statements and all blocks in them bind each name; what functions make global counts."""
    times: dict[str, int] = {}
    found: Sequence[str]
    waiting: list[ast.AST] = list(body)
    while waiting:
        node = waiting.pop()
        kind = node.__class__
        if kind is ast.Name:
            found = [node.id] if node.ctx.__class__ is not ast.Load else ()  # type: ignore[attr-defined]
        elif kind in _LEAVES:
            continue
        else:
            found = _bound_by(node)
            if kind not in _DEFINITIONS:
                waiting += ast.iter_child_nodes(node)
        for name in found:
            times[name] = times.get(name, 0) + 1
    return times


def _bound_by(node: ast.AST) -> Sequence[str]:
    """Return the names that a node itself binds, beside those that are names in it."""
    if isinstance(node, _DEFINITIONS):
        return [node.name, *(made_global(node) if not isinstance(node, ast.ClassDef) else ())]
    if isinstance(node, (ast.Import, ast.ImportFrom)):
        return assigned(node)
    if isinstance(node, (ast.Global, ast.Nonlocal)):
        return node.names * 2  # whatever it is, others change it
    if isinstance(node, (ast.MatchAs, ast.MatchStar)):
        return [node.name] if node.name else ()
    if isinstance(node, ast.MatchMapping):
        return [node.rest] if node.rest else ()
    return [node.name] if isinstance(node, ast.ExceptHandler) and node.name else ()


def may_end(node: ast.stmt) -> bool:
    """Tell whether a function may end within a statement that has blocks."""
    if isinstance(node, _DEFINITIONS):
        return False
    return any(isinstance(inner, (ast.Return, ast.Raise)) or may_end(inner) for inner in blocks(node))


def asks_for_flag(node: ast.Try) -> bool:
    """Tell whether a `try` does no more than to look at a name."""
    return len(node.body) == 1 and isinstance(node.body[0], ast.Expr) and isinstance(node.body[0].value, ast.Name)


def asks_for_platform(test: ast.expr) -> bool:
    """Tell whether a test looks at `sys.platform`, `os.name` or `platform.system`."""
    return any(
        isinstance(node, ast.Attribute) and node.attr in ("platform", "name", "system") for node in ast.walk(test)
    )


def puts_off_annotations(tree: ast.Module) -> bool:
    """Tell whether `from __future__ import annotations` leaves them as texts: https://peps.python.org/pep-0563/."""
    return any(
        isinstance(node, ast.ImportFrom)
        and node.module == "__future__"
        and any(alias.name == "annotations" for alias in node.names)
        for node in tree.body[:20]
    )
