"""Rules as plain data: what a pack file says, parsed and validated, ready to be judged."""

from __future__ import annotations

from envcheck.model.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, TypeAlias

    # A reference: ("fact", (part, ...), attribute) with parts that are texts or references, ("row", lookup, column),
    # ("part", variable, index), ("own", variable, attribute): an attribute of the entity that `each` is at.
    Reference: TypeAlias = tuple[Any, ...]
    # Literal texts and references in turn.
    Template: TypeAlias = tuple[str | Reference, ...]
    # ("test", reference, operator, operand), ("any", (node, ...)), ("all", (node, ...)).
    Node: TypeAlias = tuple[Any, ...]
    Cell: TypeAlias = str | int | float | bool | tuple[str, ...] | None
    Row: TypeAlias = Mapping[str, Cell]
    # (regular expression, texts of which every match has one, whether they are in lower case as case does not matter,
    # whether a match may go over the end of a line).
    Pattern: TypeAlias = tuple[str, tuple[str, ...], bool, bool]

ERROR, WARNING, INFO = "error", "warning", "info"
SEVERITIES = (INFO, WARNING, ERROR)
CAPTURES = "m"  # the row of what a pattern captured
FAILURE = "failure"  # the scope of rules that judge what a log says, together with facts


class Table(Record):
    """A matrix of sourced facts; `match` says how a value finds its row, per column.

    `text`: equal; `version`: equal by PEP 440, local part ignored; `minor`: the cell is a release series such as
    2.4; `specifier`: the cell is a set of PEP 440 specifiers that holds the value; `name`: a word of the value.
    """

    name: str
    match: Mapping[str, str]
    sources: tuple[str, ...]
    rows: tuple[Row, ...]


class Lookup(Record):
    """A row of a table under a name: found by the values of references, one per column."""

    name: str
    table: str
    by: tuple[tuple[str, Template], ...]


class Each(Record):
    """One judgement for every entity that matches a pattern, or for every row of a table."""

    variable: str
    kind: str
    parts: tuple[str, ...]
    table: str = ""


class FixTemplate(Record):
    """A way to mend a finding: `action` is install, uninstall, run, edit or do; `index` is where to install from."""

    action: str
    text: Template
    safety: str
    note: Template = ()
    index: Template = ()


class Example(Record):
    """Facts by key, what is not known, and the outcome that the rule must give; `after` proves the fix.

    `log` is what a rule about failures reads; there, what `facts` does not mention is not known.
    """

    facts: Mapping[str, object]
    unknown: tuple[str, ...]
    expect: str
    after: Mapping[str, object] | None = None
    log: str = ""


class Rule(Record):
    """One judgement: a finding iff `when` holds and `require` does not; `confirm` then says how sure it is.

    A finding of a `general` rule is left out where another rule finds something about the same subjects. A rule about
    failures looks for its patterns in a log; `sure` is the confidence that the words alone give.
    """

    id: str
    scope: str
    severity: str
    summary: str
    why: str
    message: Template
    needs: tuple[tuple[str, ...], ...]
    lookups: tuple[Lookup, ...] = ()
    each: Each | None = None
    when: tuple[Node, ...] = ()
    require: tuple[Node, ...] = ()
    confirm: tuple[Node, ...] = ()
    cause: str = ""
    subjects: tuple[Template, ...] = ()
    fixes: tuple[FixTemplate, ...] = ()
    sources: tuple[str, ...] = ()
    examples: tuple[Example, ...] = ()
    general: int = 0
    match: tuple[Pattern, ...] = ()
    sure: str = "likely"
    origin: str = ""


class Rulebook(Record):
    """The rules and tables in force; `left_out` are the ids of rules that were not selected."""

    rules: tuple[Rule, ...]
    tables: Mapping[str, Table]
    left_out: tuple[str, ...] = ()
