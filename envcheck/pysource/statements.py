"""Reads the import-time statements of one file, in the order in which the interpreter would take them."""

from __future__ import annotations

import ast

from envcheck.pysource.bindings import Bindings
from envcheck.pysource.expressions import dotted, uses
from envcheck.pysource.known import Known
from envcheck.pysource.summary import BODY, FROM, IMPORT, MAYBE, RAISE, STAR, TRY, WHEN
from envcheck.pysource.syntax import (
    asks_for_flag,
    asks_for_platform,
    assigned,
    assigned_in,
    assigned_within,
    bound_within,
    captured,
    caught,
    made_global,
    may_end,
    puts_off_annotations,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import Any, TypeAlias

    from envcheck.pysource.conditions import Python
    from envcheck.pysource.summary import Step

    # The names that the classes around a statement bind, and an empty one; none for a statement of the module itself.
    Hidden: TypeAlias = frozenset[str]

_LAZY_ANNOTATIONS = (3, 14)  # https://peps.python.org/pep-0649/
# Context managers that never swallow an exception; any other may.
_PLAIN_CONTEXTS = frozenset(("catch_warnings", "open", "closing", "nullcontext", "Lock", "RLock", "localcontext"))


class Statements:
    """One pass over the statements of a module."""

    def __init__(self, source: bytes, tree: ast.Module, python: Python) -> None:
        self.names = Bindings()
        self.known = Known(python)
        self.has_globals = b"global" in source
        self.handles = 0  # handlers of exceptions around the statement
        self.eager_annotations = (
            bool(python.version) and python.version < _LAZY_ANNOTATIONS and not puts_off_annotations(tree)
        )

    def block(self, body: Sequence[ast.stmt], hidden: Hidden) -> list[Step]:
        """Return the steps of statements."""
        steps: list[Step] = []
        for node in body:
            steps += self.statement(node, hidden)
            if isinstance(node, (ast.Raise, ast.Return)):
                break
        return steps

    def statement(self, node: ast.stmt, hidden: Hidden) -> list[Step]:
        """Return the steps of one statement, and note what it binds."""
        read = _READERS.get(type(node))
        return self.plain(node, hidden) if read is None else read(self, node, hidden)

    def bind(self, name: str, hidden: Hidden, reference: tuple[int, str, str] | None = None) -> None:
        """Note that a name is bound, which is none of the module inside a class."""
        if not hidden:
            self.names.bind(name, reference)
            self.known.bind(name)

    def imported(self, node: ast.Import, hidden: Hidden) -> list[Step]:
        """Return `import a.b` and `import a.b as c`, which binds a.b itself."""
        for alias in node.names:
            top = alias.name.partition(".")[0]
            self.bind(alias.asname or top, hidden, (0, alias.name if alias.asname else top, ""))
        return [(IMPORT, node.lineno, alias.name, bool(alias.asname)) for alias in node.names]

    def imported_from(self, node: ast.ImportFrom, hidden: Hidden) -> list[Step]:
        """Return `from a import b`; one from `__future__` is for the compiler."""
        module = node.module or ""
        if module == "__future__" and not node.level:
            for alias in node.names:
                self.bind(alias.asname or alias.name, hidden)
            return []
        if node.names[0].name == "*":
            self.names.stars += [] if hidden else [(node.level, module)]
            return [] if hidden else [(STAR, node.lineno, node.level, module)]
        for alias in node.names:
            self.bind(alias.asname or alias.name, hidden, (node.level, module, alias.name))
        return [(FROM, node.lineno, node.level, module, tuple(alias.name for alias in node.names))]

    def function(self, node: ast.FunctionDef | ast.AsyncFunctionDef, hidden: Hidden) -> list[Step]:
        """Return what the definition runs, and the body's own imports apart."""
        self.bind(node.name, hidden)
        if not hidden:
            self.names.define(node)
        arguments = node.args
        now: list[ast.expr] = [*node.decorator_list, *arguments.defaults]
        now += [default for default in arguments.kw_defaults if default is not None]
        if self.eager_annotations:
            every = (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, arguments.vararg, arguments.kwarg)
            now += [one.annotation for one in every if one is not None and one.annotation is not None]
            now += [node.returns] if node.returns is not None else []
        steps = self.expressions(now, hidden)
        if len(node.body) > 1 or node.body[0].__class__ is not ast.Pass:
            body = _Body(self, arguments).block(node.body, frozenset(("",)))
            steps += [(BODY, node.lineno, node.name, tuple(body))] if body else []
        for name in made_global(node) if self.has_globals else ():  # now, since its first call finds them as they were
            self.names.bind(name)
            self.known.bind(name)
        return steps

    def klass(self, node: ast.ClassDef, hidden: Hidden) -> list[Step]:
        """Return what a class runs when it is made: its body has names of its own."""
        steps = self.expressions([*node.decorator_list, *node.bases, *(one.value for one in node.keywords)], hidden)
        own = assigned_within(node.body)
        exported = own if any(dotted(one).endswith("global_enum") for one in node.decorator_list) else ()
        for name in (node.name, *exported):  # https://docs.python.org/3/library/enum.html#enum.global_enum
            self.bind(name, hidden)
        body = self.block(node.body, hidden | own | {""})
        prefix = f"{node.name}."
        return steps + [(BODY, step[1], prefix + step[2], step[3]) if step[0] == BODY else step for step in body]

    def branch(self, node: ast.If, hidden: Hidden) -> list[Step]:
        """Return an `if`: the branch that is taken, or both where that cannot be told or others decide it."""
        truth = self.known.decide(node.test)
        steps = self.expressions([node.test], hidden)
        if truth is not None:
            if not hidden and asks_for_platform(node.test):
                self.names.elsewhere.update(bound_within(node.orelse if truth else node.body))
            return steps + self.block(node.body if truth else node.orelse, hidden)
        asked, holds = self.known.asked(node.test)
        self.known.depth += 1
        body, otherwise = tuple(self.block(node.body, hidden)), tuple(self.block(node.orelse, hidden))
        self.known.depth -= 1
        if not body and not otherwise:
            return steps
        if asked is not None:
            return [*steps, (WHEN, asked, body, otherwise) if holds else (WHEN, asked, otherwise, body)]
        return [*steps, (MAYBE, body, otherwise)]

    def tried(self, node: ast.Try, hidden: Hidden) -> list[Step]:
        """Return a `try`."""
        self.known.depth += 1
        body = tuple(self.block(node.body, hidden))
        handlers = []
        for handler in node.handlers:
            if handler.name:
                self.bind(handler.name, hidden)
            # `try: FLAG; except NameError: FLAG = False`: nobody but a build sets it before
            self.known.depth -= asks_for_flag(node)
            self.handles += 1
            handlers.append((caught(handler.type), tuple(self.block(handler.body, hidden))))
            self.handles -= 1
            self.known.depth += asks_for_flag(node)
        otherwise = tuple(self.block(node.orelse, hidden))
        self.known.depth -= 1
        return [(TRY, body, tuple(handlers), otherwise, tuple(self.block(node.finalbody, hidden)))]

    def within(self, node: ast.With | ast.AsyncWith, hidden: Hidden) -> list[Step]:
        """Return a `with`; `suppress(…)` is a try, and any other unknown manager may swallow what is raised."""
        steps: list[Step] = []
        suppressed: list[str] = []
        plain = True
        for item in node.items:
            steps += self.expressions([item.context_expr], hidden)
            for name in assigned_in(item.optional_vars) if item.optional_vars is not None else ():
                self.bind(name, hidden)
            called = item.context_expr
            name = dotted(called.func if isinstance(called, ast.Call) else called).rpartition(".")[2]
            if name == "suppress" and isinstance(called, ast.Call):
                suppressed += [dotted(argument).rpartition(".")[2] for argument in called.args]
            elif name not in _PLAIN_CONTEXTS:
                plain = False
        self.known.depth += 1
        body = tuple(self.block(node.body, hidden))
        self.known.depth -= 1
        if not plain:
            return [*steps, (MAYBE, body, ())]
        return [*steps, (TRY, body, ((tuple(suppressed), ()),), (), ())] if suppressed else [*steps, *body]

    def loop(self, node: ast.For | ast.AsyncFor | ast.While, hidden: Hidden) -> list[Step]:
        """Return a loop, whose body may never be entered."""
        steps = self.expressions([node.test if isinstance(node, ast.While) else node.iter], hidden)
        for name in () if isinstance(node, ast.While) else assigned_in(node.target):
            self.bind(name, hidden)
        self.known.depth += 1
        body = (*self.block(node.body, hidden), *self.block(node.orelse, hidden))
        self.known.depth -= 1
        return [*steps, (MAYBE, body, ())] if body else steps

    def matched(self, node: ast.Match, hidden: Hidden) -> list[Step]:
        """Return a `match`, of which no case need be taken."""
        steps = self.expressions([node.subject], hidden)
        self.known.depth += 1
        for case in node.cases:
            for name in captured(case.pattern):
                self.bind(name, hidden)
            body = tuple(self.block(case.body, hidden))
            steps += [(MAYBE, body, ())] if body else []
        self.known.depth -= 1
        return steps

    def raised(self, node: ast.Raise, hidden: Hidden) -> list[Step]:  # noqa: ARG002  as all that read a statement
        """Return a `raise` with the last part of the exception's name, empty where it raises again or is computed."""
        exception = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
        return [(RAISE, node.lineno, dotted(exception).rpartition(".")[2])]

    def plain(self, node: ast.stmt, hidden: Hidden) -> list[Step]:
        """Return the steps of a statement without blocks of its own."""
        value = getattr(node, "value", None)
        if isinstance(node, (ast.Assign, ast.AnnAssign, ast.AugAssign)) and isinstance(value, ast.expr):
            for target in node.targets if isinstance(node, ast.Assign) else (node.target,):
                self.assigned(target, value, hidden, keeps=isinstance(node, ast.AugAssign))
            return self.expressions([value], hidden)
        if isinstance(node, ast.Expr):
            if isinstance(value, ast.Call):
                self.names.call(value)
            return self.expressions([node.value], hidden)
        for name in assigned(node):
            self.bind(name, hidden)
        if isinstance(node, (ast.Delete, ast.AnnAssign, ast.Pass)):
            return []
        return self.expressions([child for child in ast.iter_child_nodes(node) if isinstance(child, ast.expr)], hidden)

    def assigned(self, target: ast.expr, value: ast.expr, hidden: Hidden, *, keeps: bool) -> None:
        """Note what an assignment binds or sets; one that `keeps` what was there adds to it."""
        if not isinstance(target, ast.Name):
            for name in assigned_in(target):
                self.bind(name, hidden)
            self.names.set_attribute(target)
        elif not hidden:
            is_none = isinstance(value, ast.Constant) and value.value is None
            (self.names.stand_in if self.handles and is_none else self.names.bind)(target.id)
            self.known.bind(target.id) if keeps else self.known.assign(target.id, value)
            if target.id == "__all__":
                self.names.export(value)

    def expressions(self, nodes: Iterable[ast.expr], hidden: Hidden) -> list[Step]:
        """Return the uses of imported names in expressions that are evaluated at once."""
        return [step for node in nodes for step in uses(node) if step[0] == IMPORT or step[2] not in hidden]


class _Body(Statements):
    """Reads a function's body: what it binds is its own, and of its expressions nothing is kept."""

    def __init__(self, outer: Statements, arguments: ast.arguments) -> None:
        self.__dict__ = {**outer.__dict__, "known": Known(outer.known.python, outer.known)}
        every = (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, arguments.vararg, arguments.kwarg)
        for one in every:
            if one is not None:
                self.known.bind(one.arg)

    def block(self, body: Sequence[ast.stmt], hidden: Hidden) -> list[Step]:
        """Return the steps of statements; those behind one that may end the function may not be reached."""
        for place, node in enumerate(body[:-1]):
            if may_end(node):
                before, behind = super().block(body[: place + 1], hidden), self.block(body[place + 1 :], hidden)
                return [*before, (MAYBE, tuple(behind), ())] if behind else before
        return super().block(body, hidden)

    def bind(self, name: str, hidden: Hidden, reference: tuple[int, str, str] | None = None) -> None:  # noqa: ARG002
        """Note that a name of the function is bound."""
        self.known.bind(name)
        if reference is not None:
            self.names.bind_inside(name, reference)

    def assigned(self, target: ast.expr, value: ast.expr, hidden: Hidden, *, keeps: bool) -> None:
        """Note what the function knows of its own names, and what it sets on modules."""
        if isinstance(target, ast.Name) and not keeps:
            self.known.assign(target.id, value)
        else:
            super().assigned(target, value, hidden, keeps=keeps)

    def expressions(self, nodes: Iterable[ast.expr], hidden: Hidden) -> list[Step]:  # noqa: ARG002  as in a module
        """Return nothing."""
        return []


_READERS: dict[type[ast.stmt], Callable[[Statements, Any, Hidden], list[Step]]] = {
    ast.Import: Statements.imported,
    ast.ImportFrom: Statements.imported_from,
    ast.FunctionDef: Statements.function,
    ast.AsyncFunctionDef: Statements.function,
    ast.ClassDef: Statements.klass,
    ast.If: Statements.branch,
    ast.Try: Statements.tried,
    ast.TryStar: Statements.tried,
    ast.With: Statements.within,
    ast.AsyncWith: Statements.within,
    ast.For: Statements.loop,
    ast.AsyncFor: Statements.loop,
    ast.While: Statements.loop,
    ast.Match: Statements.matched,
    ast.Raise: Statements.raised,
}
