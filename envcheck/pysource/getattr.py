"""Which names a module's `__getattr__` can give, as far as its code tells; see https://peps.python.org/pep-0562/."""

from __future__ import annotations

import ast

from envcheck.pysource.expressions import dotted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import TypeAlias

    # Names and tables to which the way to a statement restricts the name that is asked for; None for no restriction.
    Keys: TypeAlias = tuple[frozenset[str], frozenset[str]] | None

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
_COPIES = frozenset(("set", "frozenset", "list", "tuple", "sorted"))


class Given:
    """What a function may return for a name: `names`, the keys of `tables`, or `anything`."""

    def __init__(self) -> None:
        self.names: set[str] = set()
        self.tables: set[str] = set()
        self.anything = False

    def add(self, keys: Keys) -> None:
        """Note that the function returns for these."""
        if keys is None:
            self.anything = True
        else:
            self.names |= keys[0]
            self.tables |= keys[1]


def given_by(function: ast.FunctionDef | ast.AsyncFunctionDef) -> Given:
    """Follow every way through `__getattr__` that returns, or reaches the end, which returns None."""
    given = Given()
    arguments = [*function.args.posonlyargs, *function.args.args]
    stored = [node.id for node in ast.walk(function) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)]
    if isinstance(function, ast.AsyncFunctionDef) or not arguments or arguments[0].arg in stored:
        given.anything = True
        return given
    ways = _Ways(arguments[0].arg, given, frozenset(name for name in stored if stored.count(name) == 1))
    reached, only = ways.follow(function.body, None)
    if reached:
        given.add(only)
    return given


class _Ways:
    """The ways through one function."""

    def __init__(self, name: str, given: Given, constants: frozenset[str]) -> None:
        self.name = name
        self.given = given
        self.constants = constants  # names that are bound once
        self.maybe: dict[str, Keys] = {}  # names that hold `TABLE.get(name)`

    def follow(self, body: Sequence[ast.stmt], only: Keys) -> tuple[bool, Keys]:
        """Note what statements return; return whether their end is reached, and what restricts the name there."""
        for node in body:
            reached = True
            if isinstance(node, ast.Return):
                self.returned(node.value, only)
                return False, only
            if isinstance(node, (ast.Raise, ast.Continue, ast.Break)):
                return False, only
            if isinstance(node, ast.If):
                reached, only = self.branch(node, only)
            elif isinstance(node, ast.Try):
                reached, only = self.tried(node, only)
            elif isinstance(node, (ast.With, ast.For, ast.While)):  # the body may be left early, or never be entered
                self.follow(node.body, only)
                self.follow(getattr(node, "orelse", ()), only)
            elif hasattr(node, "body") or hasattr(node, "cases"):
                self.given.anything |= not isinstance(node, _FUNCTIONS)
            else:
                only = only or self.looked_up(node)
                self.noted(node)
            if not reached:
                return False, only
        return True, only

    def branch(self, node: ast.If, only: Keys) -> tuple[bool, Keys]:
        """Follow both ways of an `if`."""
        only = only or self.looked_up(node.test)
        tested, inside = self.tested(node.test)
        restricted = only if tested is None else tested
        ends = (
            self.follow(node.body, restricted if inside else only),
            self.follow(node.orelse, only if inside else restricted),
        )
        return _joined(ends, only)

    def tried(self, node: ast.Try, only: Keys) -> tuple[bool, Keys]:
        """Follow a `try` and each handler, which begins with no more than what held before it."""
        end = self.follow(node.body, only)
        ends = [self.follow(node.orelse, end[1]) if end[0] else end]
        ends += [self.follow(handler.body, only) for handler in node.handlers]
        reached, after = _joined(ends, only)
        ended, _ = self.follow(node.finalbody, after if reached else only)
        return reached and ended, after

    def returned(self, value: ast.expr | None, only: Keys) -> None:
        """Note what a `return` gives, which is None for every name where it has no value."""
        if only is None and isinstance(value, ast.IfExp):
            tested, inside = self.tested(value.test)
            self.returned(value.body, tested if inside else None)
            self.returned(value.orelse, None if inside else tested)
            return
        found = only or (self.looked_up(value) if value is not None else None)
        if found is not None or value is None or not self.finds_modules_only(value):
            self.given.add(found)

    def noted(self, node: ast.stmt) -> None:
        """Remember `found = TABLE.get(name)`."""
        target = node.targets[0] if isinstance(node, ast.Assign) else None
        if isinstance(node, ast.Assign) and isinstance(target, ast.Name) and target.id in self.constants:
            self.maybe[target.id] = self.got(node.value)

    def got(self, node: ast.expr) -> Keys:
        """Return the table of `TABLE.get(name)`, or of a name that holds it: None is its value for all other names."""
        if isinstance(node, ast.NamedExpr):
            return self.got(node.value)
        if isinstance(node, ast.Name):
            return self.maybe.get(node.id)
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute) or node.keywords:
            return None
        asked = node.func.attr == "get" and node.args and dotted(node.args[0]) == self.name
        default = node.args[1] if len(node.args) > 1 else ast.Constant(None)
        table = dotted(node.func.value)
        if not asked or not table or not isinstance(default, ast.Constant) or default.value is not None:
            return None
        return frozenset(), frozenset((table,))

    def tested(self, test: ast.expr) -> tuple[Keys, bool]:
        """Return what a test compares the name with, None for any other test, and whether it holds for these."""
        if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
            found, inside = self.tested(test.operand)
            return found, not inside
        if isinstance(test, ast.BoolOp):
            parts = [self.tested(value) for value in test.values]
            told = [found for found, inside in parts if found is not None and inside]
            if isinstance(test.op, ast.And):
                return (told[0] if told else None), True
            return (_union(told) if len(told) == len(parts) else None), True
        if isinstance(test, ast.Compare) and len(test.ops) == 1:
            return self.compared(test.left, test.ops[0], test.comparators[0])
        return self.got(test), True

    def compared(self, left: ast.expr, operator: ast.cmpop, right: ast.expr) -> tuple[Keys, bool]:
        """Return what `name == …`, `name in …` and `TABLE.get(name) is None` compare with, as `tested`."""
        inside = isinstance(operator, (ast.Eq, ast.In))
        if dotted(left) == self.name:
            if isinstance(operator, (ast.Eq, ast.NotEq)):
                return _named(right), inside
            return (_listed(right) if isinstance(operator, (ast.In, ast.NotIn)) else None), inside
        if isinstance(right, ast.Constant) and right.value is None and isinstance(operator, (ast.Is, ast.IsNot)):
            return self.got(left), isinstance(operator, ast.IsNot)
        return None, True

    def looked_up(self, node: ast.AST) -> Keys:
        """Return the tables that a statement certainly looks the name up in, which raises for all other names."""
        tables = set()
        for inner in _evaluated(node):
            if (
                isinstance(inner, ast.Subscript)
                and isinstance(inner.ctx, ast.Load)
                and dotted(inner.slice) == self.name
            ):
                tables.add(dotted(inner.value))
            elif isinstance(inner, ast.Call) and isinstance(inner.func, ast.Attribute) and inner.func.attr == "pop":
                asked = len(inner.args) == 1 and dotted(inner.args[0]) == self.name
                tables.add(dotted(inner.func.value) if asked else "")
        tables.discard("")
        return (frozenset(), frozenset(tables)) if tables else None

    def finds_modules_only(self, value: ast.expr) -> bool:
        """Tell whether a value is what the module has anyway: `globals()[name]`, or a module below it."""
        if isinstance(value, ast.Subscript) and isinstance(value.value, ast.Call):
            return dotted(value.value.func) == "globals"
        if (
            not isinstance(value, ast.Call)
            or dotted(value.func).rpartition(".")[2] != "import_module"
            or not value.args
        ):
            return False
        here = ("__name__", "__package__")
        parts = _parts(value.args[0])
        relative = parts == [".", self.name] and len(value.args) > 1
        if relative:
            return dotted(value.args[1]) in here
        return len(parts) == 3 and parts[0] in here and parts[1:] == [".", self.name]  # noqa: PLR2004  f"{a}.{b}"


def _joined(ends: Sequence[tuple[bool, Keys]], only: Keys) -> tuple[bool, Keys]:
    """Return what holds behind several ways: the restriction of the one that is left, or what held before."""
    left = [restriction for reached, restriction in ends if reached]
    return bool(left), left[0] if len(left) == 1 else only


def _evaluated(node: ast.AST) -> Iterator[ast.AST]:
    """Yield the parts of a statement or expression that are evaluated whatever the values are."""
    waiting = [node]
    while waiting:
        one = waiting.pop()
        yield one
        if isinstance(one, ast.BoolOp):
            waiting.append(one.values[0])
        elif isinstance(one, ast.IfExp):
            waiting.append(one.test)
        elif not isinstance(one, (*_COMPREHENSIONS, *_FUNCTIONS)):
            waiting += ast.iter_child_nodes(one)


def _named(node: ast.expr) -> Keys:
    """Return the one name that an expression is."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return frozenset((node.value,)), frozenset()
    return (frozenset(), frozenset((dotted(node),))) if dotted(node) else None


def _listed(node: ast.expr) -> Keys:
    """Return the names and tables that a collection consists of, None where it has others."""
    found: Keys = None
    if table := dotted(node):
        found = frozenset(), frozenset((table,))
    elif isinstance(node, (ast.Tuple, ast.List, ast.Set, ast.Dict)):
        items = node.keys if isinstance(node, ast.Dict) else node.elts
        found = _union([_named(one) if isinstance(one, ast.Constant) else None for one in items])
    elif isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Add, ast.BitOr)):
        found = _union([_listed(node.left), _listed(node.right)])
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "keys":
        found = _listed(node.func.value)
    elif isinstance(node, ast.Call) and dotted(node.func) in _COPIES and len(node.args) == 1:
        found = _listed(node.args[0])
    return found


def _union(several: Sequence[Keys]) -> Keys:
    known = [one for one in several if one is not None]
    if len(known) < len(several):
        return None
    return frozenset(name for one in known for name in one[0]), frozenset(table for one in known for table in one[1])


def _parts(node: ast.expr) -> list[str]:
    """Return the texts and names that a text is put together from, by `+` or in an f-string."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return [*_parts(node.left), *_parts(node.right)]
    if isinstance(node, ast.JoinedStr):
        return [part for value in node.values for part in _parts(value)]
    if isinstance(node, ast.FormattedValue):
        return _parts(node.value)
    return [str(node.value)] if isinstance(node, ast.Constant) else [dotted(node)]
