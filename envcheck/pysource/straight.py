"""Reads what functions certainly do when they are called with their defaults: the straight line through each body.

A statement is on the straight line if nothing before it may return, and if no branch, loop or handler decides whether
it is reached. What hangs on a parameter being what it is by default (`if client is None`, `client or Client()`) counts
as well, and says so. An exception that is raised on the way changes nothing: the call fails then, too.
"""

from __future__ import annotations

import ast

from envcheck.model.record import Record
from envcheck.pysource.bindings import signature_of
from envcheck.pysource.conditions import decide
from envcheck.pysource.defaults import chosen, constants
from envcheck.pysource.evaluated import evaluated, is_plain, only_adds, with_decided
from envcheck.pysource.expressions import dotted
from envcheck.pysource.syntax import bound_within, may_return

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any, TypeAlias

    from envcheck.pysource.bindings import Signature
    from envcheck.pysource.conditions import Python
    from envcheck.pysource.summary import Reference

    # Whether all arguments are seen; for each one in its place, and for each keyword, the parameter of the caller that
    # is passed on as it is by default, or nothing. The keyword `**` stands for all keywords that the caller was given.
    Call: TypeAlias = tuple[bool, tuple[str, ...], tuple[tuple[str, str], ...]]
    # Line; what a chain begins with: a name of the module, what the function itself imports, `self.` or `super.`; the
    # attributes; the call; the parameters that must be as they are by default.
    Use: TypeAlias = tuple[int, str | Reference, tuple[str, ...], Call | None, tuple[str, ...]]
    # Line, signature, whether nothing decorates it, uses.
    Function: TypeAlias = tuple[int, Signature, bool, tuple[Use, ...]]
    # Bases, whether it is an ordinary class as far as it says itself, the names that its body binds.
    Class: TypeAlias = tuple[tuple[str, ...], bool, tuple[str, ...]]

SELF, SUPER, REST = "self.", "super.", "**"
_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_NOT_NOW = (ast.Lambda, ast.JoinedStr, ast.Constant)
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
_PLAIN_METACLASS = "ABCMeta"


class Straight(Record):
    """The functions of a module by name (`f`, `C.method`; its own statements under no name) and its classes.

    `same` are names that are bound once, to what another name or chain stands for.
    """

    functions: dict[str, Function] = {}  # noqa: RUF012  a Record's fields are never changed
    classes: dict[str, Class] = {}  # noqa: RUF012  likewise
    same: dict[str, str] = {}  # noqa: RUF012  likewise


def read_straight(source: bytes, python: Python) -> Straight:
    """Return the straight lines of a file; nothing of one that cannot be compiled. Never raises."""
    import warnings

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return _Module(ast.parse(source), python).read()
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return Straight()


class _Module:
    """One pass over the functions and classes at the top of a module."""

    def __init__(self, tree: ast.Module, python: Python) -> None:
        self.python = python
        self.body = with_decided(tree.body, python)
        self.times = bound_within(self.body)
        self.functions: dict[str, Function] = {}
        self.classes: dict[str, Class] = {}
        self.same: dict[str, str] = {}

    def read(self) -> Straight:
        for node in self.body:
            if isinstance(node, _DEFINITIONS) and self.times.get(node.name) == 1:
                self.function(node, "")
            elif isinstance(node, ast.ClassDef) and self.times.get(node.name) == 1:
                self.klass(node)
            elif isinstance(node, ast.Assign) and len(node.targets) == 1 and (value := dotted(node.value)):
                name = dotted(node.targets[0])
                self.same.update({name: value} if self.times.get(name) == 1 else ())
        line = _Line(self, {}, frozenset(), "")
        line.block(self.body)
        self.functions[""] = (0, ((), 0, 0, (), (), True, True), True, tuple(line.uses))
        return Straight(functions=self.functions, classes=self.classes, same=self.same)

    def function(self, node: ast.FunctionDef | ast.AsyncFunctionDef, prefix: str) -> None:
        arguments = node.args
        positional = (*arguments.posonlyargs, *arguments.args)
        every = (*positional, *arguments.kwonlyargs, arguments.vararg, arguments.kwarg)
        own = bound_within(node.body).keys() | {one.arg for one in every if one is not None}
        plain = not node.decorator_list
        own_name = positional[0].arg if prefix and positional and plain else ""
        line = _Line(self, constants(arguments), frozenset(own), own_name)
        line.rest = arguments.kwarg.arg if arguments.kwarg is not None and only_adds(node, arguments.kwarg.arg) else ""
        line.block(node.body)
        self.functions[prefix + node.name] = node.lineno, signature_of(arguments), plain, tuple(line.uses)

    def klass(self, node: ast.ClassDef) -> None:
        body = with_decided(node.body, self.python)
        times = bound_within(body)
        for inner in body:
            if isinstance(inner, _DEFINITIONS) and times.get(inner.name) == 1:
                self.function(inner, f"{node.name}.")
        plain = not node.decorator_list and all(
            one.arg == "metaclass" and dotted(one.value).rpartition(".")[2] == _PLAIN_METACLASS for one in node.keywords
        )
        bases = tuple(dotted(one.value if isinstance(one, ast.Subscript) else one) or "?" for one in node.bases)
        self.classes[node.name] = bases, plain, tuple(sorted(times))


class _Line:
    """The straight line through one body."""

    def __init__(self, module: _Module, defaults: dict[str, Any], own: frozenset[str], first: str) -> None:
        self.module = module
        self.defaults = defaults
        self.own = own
        self.first = first
        self.rest = ""  # the keywords that have no parameter, where none of them is taken out
        self.inner: dict[str, Reference] = {}
        self.needs: tuple[str, ...] = ()
        self.uses: list[Use] = []

    def block(self, body: Sequence[ast.stmt]) -> bool:
        """Follow statements; return whether what comes behind them is certainly reached, if nothing fails."""
        for node in body:
            if not self.statement(node):
                return False
            rebound = bound_within([node]) if self.defaults else ()
            for name in [name for name in self.defaults if name in rebound]:
                del self.defaults[name]
        return True

    def statement(self, node: ast.stmt) -> bool:
        if isinstance(node, ast.If):
            return self.branch(node)
        if isinstance(node, (ast.With, ast.AsyncWith)):
            for item in node.items:
                self.expression(item.context_expr)
            return self.block(node.body) if all(map(is_plain, node.items)) else not may_return(node)
        if isinstance(node, (ast.Try, ast.TryStar)):
            if node.handlers:
                return not may_return(node)
            return self.block(node.body) and self.block(node.finalbody)
        for child in evaluated(node):
            self.expression(child)
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            self.imported(node)
        if isinstance(node, (ast.Return, ast.Raise)):
            return False
        return isinstance(node, (*_DEFINITIONS, ast.ClassDef)) or not may_return(node)

    def branch(self, node: ast.If) -> bool:
        """Follow an `if` where it is decided, by the Python or by a default."""
        self.expression(node.test)
        needed: tuple[str, ...] = ()
        truth = decide(node.test, self.module.python, {})
        if truth is None:
            truth, needed = chosen(node.test, self.defaults)
        if truth is None:
            return not may_return(node)
        taken, other = (node.body, node.orelse) if truth else (node.orelse, node.body)
        if needed and any(isinstance(inner, ast.Raise) for inner in taken):
            for name in needed:  # it has to be given
                self.defaults.pop(name, None)
            return not any(may_return(inner) for inner in taken)
        before, self.needs = self.needs, tuple({*self.needs, *needed})
        goes_on = self.block(taken)
        if not needed or not any(may_return(inner) for inner in other):
            self.needs = before
        return goes_on

    def imported(self, node: ast.Import | ast.ImportFrom) -> None:
        for alias in node.names:
            name = alias.asname or alias.name.partition(".")[0]
            if name in self.inner:
                del self.inner[name]
            elif isinstance(node, ast.ImportFrom):
                self.inner[name] = (node.level, node.module or "", alias.name)
            elif alias.asname or "." not in alias.name:
                self.inner[name] = (0, alias.name, "")

    def expression(self, node: ast.expr) -> None:
        """Note the uses in an expression that is evaluated as a whole, but for what it decides itself."""
        if isinstance(node, ast.Call):
            self.chain(node.func, self.call(node))
            for child in (*node.args, *(keyword.value for keyword in node.keywords)):
                self.expression(child)
        elif isinstance(node, ast.Attribute):
            self.chain(node, None)
        elif isinstance(node, ast.BoolOp):
            self.either(node)
        elif isinstance(node, ast.IfExp):
            self.expression(node.test)
            truth, needed = chosen(node.test, self.defaults)
            if truth is not None:
                self.under(needed, node.body if truth else node.orelse)
        elif isinstance(node, _COMPREHENSIONS):
            self.expression(node.generators[0].iter)
        elif not isinstance(node, _NOT_NOW):
            for inner in ast.iter_child_nodes(node):
                if isinstance(inner, ast.expr):
                    self.expression(inner)

    def either(self, node: ast.BoolOp) -> None:
        """Follow `and` and `or` as far as defaults let them go on."""
        needs: tuple[str, ...] = ()
        for value in node.values:
            self.under(needs, value)
            truth, needed = chosen(value, self.defaults)
            if truth is None or truth is isinstance(node.op, ast.Or):
                return
            needs += needed

    def under(self, needed: tuple[str, ...], node: ast.expr) -> None:
        before, self.needs = self.needs, tuple({*self.needs, *needed})
        self.expression(node)
        self.needs = before

    def call(self, node: ast.Call) -> Call:
        keywords = tuple((one.arg, self.passed(one.value)) for one in node.keywords if one.arg is not None)
        placed = [one for one in node.args if not isinstance(one, ast.Starred)]
        exact = len(keywords) == len(node.keywords) and len(placed) == len(node.args)
        if self.rest and any(one.arg is None and dotted(one.value) == self.rest for one in node.keywords):
            keywords += ((REST, ""),)
        return exact, tuple(self.passed(one) for one in placed) if exact else (), keywords

    def passed(self, node: ast.expr) -> str:
        return node.id if isinstance(node, ast.Name) and node.id in self.defaults else ""

    def chain(self, node: ast.expr, call: Call | None) -> None:
        """Note an attribute chain on a name of the module, on what the function imports, on self or super()."""
        line = node.lineno
        attributes: list[str] = []
        while isinstance(node, ast.Attribute):
            attributes.append(node.attr)
            node = node.value
        root: str | Reference = ""
        if isinstance(node, ast.Name):
            name = node.id
            if name not in self.own:
                root = name if name in self.module.times else ""
            elif name == self.first and call is not None and len(attributes) == 1:
                root = SELF
            elif name in self.inner:
                root = self.inner[name]
        elif isinstance(node, ast.Call) and dotted(node.func) == "super" and call is not None and len(attributes) == 1:
            root = SUPER
        else:
            self.expression(node)
        if root and (attributes or call is not None):
            self.uses.append((line, root, tuple(reversed(attributes)), call, self.needs))
