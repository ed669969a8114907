"""Rule and table files into rules and tables; everything wrong is refused with file, line and field."""

from __future__ import annotations

import msgspec

from envcheck import plainyaml
from envcheck.engine.forms import ExampleForm, RuleForm, TableForm
from envcheck.engine.patterns import read as read_pattern
from envcheck.engine.syntax import Scope, parse_conditions, parse_template
from envcheck.engine.tables import MATCHES
from envcheck.errors import DocumentError, RuleError, UsageError
from envcheck.keys import KINDS
from envcheck.model.reports import CONFIRMED, LIKELY, SAFE, SHOW, SUSPECTED, UNSAFE
from envcheck.model.rules import (
    CAPTURES,
    FAILURE,
    SEVERITIES,
    Each,
    Example,
    FixTemplate,
    Lookup,
    Rule,
    Rulebook,
    Table,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import TypeVar

    from envcheck.model.rules import Node, Pattern, Template

    Form = TypeVar("Form", bound=msgspec.Struct)

_ACTIONS = ("install", "uninstall", "run", "edit", "do")
_OUTCOMES = ("finding", "none", "undecided")
_OF_FAILURES = ("finding", "none", "ruled out")
_SCOPES = ("snapshot", "change", "policy", FAILURE)  # one a module of envcheck.views


def load(files: Iterable[tuple[str, str]], known: Mapping[str, Table] | None = None) -> Rulebook:
    """Return the rules and tables of (path, text) pairs, sorted; raises RuleError.

    `known` are tables of other files that the rules may use, too.
    """
    tables: dict[str, Table] = {}
    forms: list[tuple[str, plainyaml.Document, RuleForm]] = []
    for path, text in files:
        for document in _documents(path, text):
            if isinstance(document.data, dict) and "table" in document.data:
                table = _table(document, path)
                if table.name in tables:
                    raise RuleError(f"a second table {table.name!r}", where=path, hint="give it another name")
                tables[table.name] = table
            else:
                forms.append((path, document, _decode(document, RuleForm, path)))
    tables = {**(known or {}), **tables}
    rules: dict[str, Rule] = {}
    for path, document, form in forms:
        rule = _rule(form, document, path, tables)
        if rule.id in rules:
            where = f"{path}:{document.line(('id',))}"
            raise RuleError(f"a second rule {rule.id!r}", where=where, hint=f"the first is in {rules[rule.id].origin}")
        rules[rule.id] = rule
    return Rulebook(rules=tuple(rules[name] for name in sorted(rules)), tables=dict(sorted(tables.items())))


def _documents(path: str, text: str) -> list[plainyaml.Document]:
    try:
        return plainyaml.read(text, path)
    except DocumentError as error:
        raise RuleError(error.message, where=error.where, hint=error.hint) from None


def _decode(document: plainyaml.Document, form: type[Form], path: str) -> Form:
    try:
        return msgspec.convert(document.data, form)
    except msgspec.ValidationError as error:
        said = plainyaml.complaint(error)
        field = ".".join(map(str, said.steps)) or "the rule"
        where = f"{path}:{document.line(said.path)}"
        raise RuleError(f"{field}: {said.problem}", where=where, hint="see docs/writing-rules.md") from None


def _table(document: plainyaml.Document, path: str) -> Table:
    form: TableForm = _decode(document, TableForm, path)
    for column, how in form.match.items():
        if how not in MATCHES:
            where = f"{path}:{document.line(('match', column))}"
            raise RuleError(
                f"match.{column}: {how!r} is no way to match", where=where, hint=f"one of {', '.join(MATCHES)}"
            )
    if not form.rows or not form.sources:
        raise RuleError("a table needs rows and sources", where=f"{path}:1")
    columns = dict.fromkeys(column for row in form.rows for column in row)
    rows = []
    for row in form.rows:
        cells = {column: tuple(map(str, cell)) if isinstance(cell, list) else cell for column, cell in row.items()}
        rows.append({column: cells.get(column) for column in columns})
    return Table(name=form.table, match=form.match, sources=tuple(form.sources), rows=tuple(rows))


def _rule(form: RuleForm, document: plainyaml.Document, path: str, tables: dict[str, Table]) -> Rule:
    reader = _RuleReader(form, document, path, tables)
    return reader.read()


class _RuleReader:
    """Turns one written rule into a Rule, naming the line of whatever is wrong."""

    def __init__(self, form: RuleForm, document: plainyaml.Document, path: str, tables: dict[str, Table]) -> None:
        self.form = form
        self.document = document
        self.path = path
        self.tables = tables

    def fail(self, field: str, message: str, hint: str = "see docs/writing-rules.md") -> RuleError:
        steps = tuple(int(step) if step.isdigit() else step for step in field.split("."))
        return RuleError(f"{field}: {message}", where=f"{self.path}:{self.document.line(steps)}", hint=hint)

    def read(self) -> Rule:
        form = self.form
        self._check_words()
        each = self._each()
        match, captures = self._match()
        scope = self._scope(each, captures)
        lookups = tuple(
            Lookup(
                name=name,
                table=given.table,
                by=tuple(
                    (column, self._template(f"lookup.{name}.by", "{" + ref + "}", scope))
                    for column, ref in given.by.items()
                ),
            )
            for name, given in form.lookup.items()
        )
        when = self._conditions("when", scope)
        return Rule(
            id=form.id,
            scope=form.scope,
            severity=form.severity,
            summary=form.summary,
            why=form.why,
            message=self._template("message", form.message, scope),
            needs=_needs(when),
            lookups=lookups,
            each=each,
            when=when,
            require=self._conditions("require", scope),
            confirm=self._conditions("confirm", scope),
            cause=form.cause,
            general=int(form.general),
            match=match,
            sure=form.sure,
            subjects=tuple(self._template("subjects", text, scope) for text in form.subjects),
            fixes=tuple(self._fix(index, scope) for index in range(len(form.fixes))),
            sources=tuple(form.sources),
            examples=tuple(self._example(example) for example in form.examples),
            origin=self.path,
        )

    def _check_words(self) -> None:
        form = self.form
        words_of = {"severity": SEVERITIES, "scope": _SCOPES, "sure": (CONFIRMED, LIKELY, SUSPECTED)}
        for field, words in words_of.items():
            value = getattr(form, field)
            if value not in words:
                raise self.fail(field, f"{value!r} is not known", f"one of {', '.join(words)}")
        if not form.id or set(form.id) - set("abcdefghijklmnopqrstuvwxyz0123456789-"):
            raise self.fail("id", f"{form.id!r} must be lower case letters, digits and hyphens")
        for field, text in (("summary", form.summary), ("why", form.why), ("message", form.message)):
            if not text.strip():
                raise self.fail(field, "is empty")
        if not form.sources:
            raise self.fail("sources", "every rule names its source")
        if form.scope == FAILURE and (not form.match or form.each or form.require):
            raise self.fail("match", "a rule about failures needs `match`, and has neither `each` nor `require`")
        if form.scope != FAILURE and (form.match or form.sure != LIKELY):
            raise self.fail("match", f"`match` and `sure` are for rules of scope {FAILURE}")
        if form.scope != FAILURE and not form.when and not form.each:
            raise self.fail("when", "a rule needs `when` or `each`")
        outcomes = {example.expect for example in form.examples}
        for wanted in _OF_FAILURES[:2] if form.scope == FAILURE else _OUTCOMES:
            if wanted not in outcomes:
                raise self.fail("examples", f"there is none with `expect: {wanted}`")

    def _match(self) -> tuple[tuple[Pattern, ...], tuple[str, ...]]:
        """Return the patterns of a rule about failures, and the names of all their captures."""
        given = self.form.match
        found, names = [], set()
        for index, text in enumerate([given] if isinstance(given, str) else given):
            try:
                pattern, captures = read_pattern(text)
            except RuleError as error:
                raise self.fail(f"match.{index}", error.message, error.hint) from None
            found.append(pattern)
            names |= {*captures}
        return tuple(found), tuple(sorted(names))

    def _each(self) -> Each | None:
        if not self.form.each:
            return None
        if len(self.form.each) != 1:
            raise self.fail("each", "exactly one variable")
        variable, given = next(iter(self.form.each.items()))
        if isinstance(given, dict):
            if set(given) != {"table"} or given["table"] not in self.tables:
                raise self.fail("each", f"{given!r} names no table", f"one of {', '.join(self.tables)}")
            return Each(variable=variable, kind="", parts=(), table=given["table"])
        kind, *parts = given.split("/")
        if kind not in KINDS or len(parts) != len(KINDS[kind][2]):
            shapes = ", ".join("/".join((name, *("*" for _ in known[2]))) for name, known in KINDS.items() if known[2])
            raise self.fail("each", f"{given!r} matches no kind of fact", f"one of {shapes}")
        return Each(variable=variable, kind=kind, parts=tuple(parts))

    def _scope(self, each: Each | None, captures: tuple[str, ...]) -> Scope:
        columns: dict[str, list[str]] = {CAPTURES: [*captures]} if self.form.scope == FAILURE else {}
        for name, given in self.form.lookup.items():
            table = self.tables.get(given.table)
            if table is None:
                raise self.fail(
                    f"lookup.{name}", f"there is no table {given.table!r}", f"one of {', '.join(self.tables)}"
                )
            columns[name] = list(table.rows[0])
            for column in given.by:
                if column not in columns[name]:
                    raise self.fail(f"lookup.{name}.by", f"{given.table} has no column {column!r}")
        if self.form.scope == FAILURE:
            return Scope(columns=columns, variable="f", kind="failure")
        if each is None:
            return Scope(columns=columns)
        if each.table:
            columns[each.variable] = list(self.tables[each.table].rows[0])
        return Scope(columns=columns, variable=each.variable, kind=each.kind)

    def _conditions(self, field: str, scope: Scope) -> tuple[Node, ...]:
        try:
            return parse_conditions(getattr(self.form, field), scope)
        except UsageError as error:
            raise self.fail(field, error.message, error.hint) from None

    def _template(self, field: str, text: str, scope: Scope) -> Template:
        try:
            return parse_template(text, scope)
        except UsageError as error:
            raise self.fail(field, error.message, error.hint) from None

    def _fix(self, index: int, scope: Scope) -> FixTemplate:
        given = self.form.fixes[index]
        field = f"fixes.{index}"
        if given.safety not in (SAFE, UNSAFE, SHOW):
            raise self.fail(field, f"safety {given.safety!r} is not known", f"one of {SAFE}, {UNSAFE}, {SHOW}")
        actions = [action for action in _ACTIONS if getattr(given, action) is not None]
        if len(actions) != 1:
            raise self.fail(field, "exactly one action", f"one of {', '.join(_ACTIONS)}")
        return FixTemplate(
            action=actions[0],
            text=self._template(field, getattr(given, actions[0]), scope),
            safety=given.safety,
            note=self._template(field, given.note, scope) if given.note else (),
            index=self._template(field, given.index, scope) if given.index else (),
        )

    def _example(self, given: ExampleForm) -> Example:
        about_failures = self.form.scope == FAILURE
        outcomes = _OF_FAILURES if about_failures else _OUTCOMES
        if given.expect not in outcomes:
            raise self.fail("examples", f"{given.expect!r} is no outcome", f"one of {', '.join(outcomes)}")
        if about_failures != (given.log is not None):
            raise self.fail("examples", f"`log` is for rules of scope {FAILURE}, and each of their examples needs it")
        return Example(
            facts=given.facts,
            unknown=tuple(given.unknown),
            expect=given.expect,
            after=given.after,
            log=given.log or "",
        )


def _needs(when: tuple[Node, ...]) -> tuple[tuple[str, ...], ...]:
    """Return the entities without which a rule cannot apply, so that most rules are set aside at a glance."""
    needed = []
    for node in when:
        if node[0] != "test":
            continue
        _, reference, operations = node
        assert isinstance(reference, tuple)
        assert isinstance(operations, tuple)
        literal = reference[0] == "fact" and all(isinstance(part, str) for part in reference[1])
        if literal and not any(name == "absent" for name, _ in operations):
            needed.append(reference[1])
    return tuple(dict.fromkeys(needed))
