"""One judgement under way: resolves references, weighs conditions in three values, and remembers what it read."""

from __future__ import annotations

from envcheck.engine.operators import OPERATORS
from envcheck.engine.tables import find_row
from envcheck.engine.values import FORMATS, shown
from envcheck.keys import KINDS, format_entity, format_key
from envcheck.model.facts import ABSENT, Absent, Unknown, plain
from envcheck.model.reports import SUSPECTED, Evidence, Finding, Fix, Undecided
from envcheck.model.rules import CAPTURES, ERROR, WARNING

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from typing import Any

    from envcheck.model.facts import Entity, Snapshot, Value
    from envcheck.model.rules import FixTemplate, Node, Reference, Row, Rule, Rulebook, Template

# What a condition comes to when it compares a fact that is absent; the others are True, False and None (unknown).
NOT_APPLICABLE = "not applicable"
NOT_COVERED = "not covered"  # how the reason begins where a table has no row


class Reading:
    """One judgement under way: resolves references and remembers what it read."""

    def __init__(
        self,
        rule: Rule,
        snapshot: Snapshot,
        rulebook: Rulebook,
        *,
        entity: Entity | None = None,
        row: Row | None = None,
        captures: Mapping[str, str | None] | None = None,
    ) -> None:
        self.rule = rule
        self.snapshot = snapshot
        self.rulebook = rulebook
        self.entity = entity
        self._captures = captures
        self._facts: dict[tuple[Entity, str], tuple[Value, str]] = {}
        self._unknown: dict[str, str] = {}
        self._rows: dict[str, Row | Absent | Unknown] = {}
        self._cells: dict[str, tuple[Row, dict[str, object]]] = {}
        if row is not None and rule.each is not None:
            self._rows[rule.each.variable] = row

    # -- conditions

    def all(self, nodes: Sequence[Node]) -> bool | str | None:
        """Return False if any is false, None if any is unknown, NOT_APPLICABLE if any is, else True."""
        unknown = inapplicable = False
        for node in nodes:
            outcome = self.test(node)
            if outcome is False:
                return False
            unknown = unknown or outcome is None
            inapplicable = inapplicable or outcome == NOT_APPLICABLE
        if inapplicable:
            return NOT_APPLICABLE
        return None if unknown else True

    def test(self, node: Node) -> bool | str | None:
        """Return what one condition comes to."""
        if node[0] == "any":
            return self._any(node[1])
        if node[0] == "all":
            return self.all(node[1])
        _, reference, operations = node
        return self._compare(self.resolve(reference), operations)

    def _any(self, nodes: Sequence[Node]) -> bool | str | None:
        outcomes = [self.test(node) for node in nodes]
        if True in outcomes:
            return True
        if None in outcomes:
            return None
        return False if False in outcomes else NOT_APPLICABLE

    def _compare(self, value: Value | Absent | Unknown, operations: Sequence[tuple[str, Any]]) -> bool | str | None:
        outcomes: list[bool | str | None] = []
        for name, operand in operations:
            if isinstance(value, Unknown):
                outcomes.append(None)
            elif name in ("present", "absent"):
                outcomes.append((value is ABSENT) == (name == "absent"))
            elif isinstance(value, Absent):
                outcomes.append(NOT_APPLICABLE)
            elif name == "not":
                inner = self._compare(value, operand)
                outcomes.append(not inner if isinstance(inner, bool) else inner)
            else:
                outcomes.append(self._apply(name, value, operand))
        for outcome in (False, NOT_APPLICABLE, None):
            if outcome in outcomes:
                return outcome
        return True

    def _apply(self, name: str, value: Value, operand: object) -> bool | str | None:
        if isinstance(operand, tuple):
            filled = tuple(self.fill(item) for item in operand) if name == "in" else self.fill(operand)
            problems = filled if isinstance(filled, tuple) and name == "in" else (filled,)
            if any(item is ABSENT for item in problems):
                return NOT_APPLICABLE
            if any(isinstance(item, Unknown) for item in problems):
                return None
            operand = filled
        outcome = OPERATORS[name](value, operand)
        if outcome is None:
            self._unknown[f"{plain(value)} {name} {plain(operand)}"] = "the two cannot be compared"
        return outcome

    # -- references

    def resolve(self, reference: Reference | str) -> Value | Absent | Unknown:
        """Return the value of a reference, and remember that it was read."""
        if isinstance(reference, str):
            return reference
        kind, name, detail = reference
        if kind == "fact":
            return self._fact(name, detail)
        if kind == "row":
            captured = self._captures is not None and name == CAPTURES
            return self._captured(detail) if captured else self._cell(name, detail)
        if kind == "format":
            value = self.resolve(detail)
            return value if isinstance(value, (Absent, Unknown)) else FORMATS[name](value)
        return self._of_subject(kind, detail)

    def _captured(self, name: str) -> Value | Absent:
        held = (self._captures or {}).get(name)
        return ABSENT if held is None else held

    def _of_subject(self, kind: str, detail: Any) -> Value | Absent | Unknown:
        if self.entity is None:
            return Unknown(reason="no subject was seen")
        return self.entity[detail] if kind == "part" else self._look(self.entity, detail)

    def _fact(self, parts: Sequence[Reference | str], attribute: str) -> Value | Absent | Unknown:
        entity: list[str] = []
        for part in parts:
            value = self.resolve(part)
            if isinstance(value, (Absent, Unknown)):
                return value
            entity.append(plain(value))
        return self._look(tuple(entity), attribute)

    def _look(self, entity: Entity, attribute: str) -> Value | Absent | Unknown:
        seen = self.snapshot.look(entity, attribute)
        if isinstance(seen, Unknown):
            self._unknown[format_key(entity, attribute)] = seen.reason
        if isinstance(seen, (Absent, Unknown)):
            return seen
        self._facts[(entity, attribute)] = seen
        return seen[0]

    def _cell(self, name: str, column: str) -> Value | Absent | Unknown:
        row = self._rows.get(name)
        if row is None:
            row = self._rows[name] = self._find(name)
        if isinstance(row, (Absent, Unknown)):
            return row
        cell = row.get(column)
        if cell is None:
            reason = f"{column} is not known for this row"
            self._unknown[f"{self._table_of(name)}.{column}"] = reason
            return Unknown(reason=reason)
        self._read(name, row, {column: cell})
        return cell

    def _find(self, name: str) -> Row | Absent | Unknown:
        lookup = next(lookup for lookup in self.rule.lookups if lookup.name == name)
        by: dict[str, Value] = {}
        for column, template in lookup.by:
            value = self.fill(template)
            if isinstance(value, (Absent, Unknown)):
                return value
            by[column] = value
        row = find_row(self.rulebook.tables[lookup.table], by)
        if row is None:
            if self._captures is not None:
                return ABSENT  # what a log names and no table knows is another case
            wanted = ", ".join(f"{column} {plain(value)}" for column, value in by.items())
            self._unknown[lookup.table] = f"{NOT_COVERED}: no row for {wanted}"
            return Unknown(reason=f"{lookup.table} has no row for {wanted}")
        self._read(name, row, {column: row.get(column) for column in by})
        return row

    def _read(self, name: str, row: Row, cells: dict[str, object]) -> None:
        self._cells.setdefault(name, (row, {}))[1].update(cells)

    def _table_of(self, name: str) -> str:
        each = self.rule.each
        if each is not None and each.table and each.variable == name:
            return each.table
        return next(lookup.table for lookup in self.rule.lookups if lookup.name == name)

    def fill(self, template: Template) -> Value | Absent | Unknown:
        """Return a template's text (or, of a lone reference, its value); the first missing part wins."""
        values = [self.resolve(part) for part in template]
        for value in values:
            if isinstance(value, (Absent, Unknown)):
                return value
        if len(values) == 1 and not isinstance(values[0], (Absent, Unknown)):
            return values[0]
        return "".join(plain(value) for value in values)

    def show(self, template: Template) -> str:
        """Return a template's text for people, whatever is missing."""
        shown = []
        for part in template:
            value = self.resolve(part)
            shown.append(
                "none" if isinstance(value, Absent) else "unknown" if isinstance(value, Unknown) else plain(value)
            )
        return "".join(shown)

    def told(self, reference: Reference) -> str:
        """Return a reference with its value, for people: `package/torch is 2.4.0`."""
        value = self.resolve(reference)
        kind, name, detail = reference
        if kind == "format":
            return self.told(detail)
        said = f"{name}.{detail}"
        if kind == "fact":
            said = format_key(tuple(self.show((part,)) for part in name), detail).removesuffix(f"#{KINDS[name[0]][0]}")
        is_ = "is not there" if isinstance(value, Absent) else "is not known" if isinstance(value, Unknown) else ""
        return f"{said} {is_}" if is_ else f"{said} is {plain(value)}"

    # -- outcomes

    def subject(self) -> str:
        """Name what this judgement is about, for people and for the order of the report."""
        if self.entity is not None:
            return format_entity(self.entity)
        each = self.rule.each
        if each is not None and each.variable in self._rows:
            cells = self._rows[each.variable]
            assert not isinstance(cells, (Absent, Unknown))
            return plain(next(iter(cells.values())))
        return self.rule.id

    def missing(self) -> tuple[tuple[str, str], ...]:
        """Return the facts that were asked for and not known, each with the reason."""
        return tuple(sorted(self._unknown.items()))

    def undecided(self, subject: str, missing: tuple[tuple[str, str], ...]) -> Undecided:
        """Return that this could not be judged."""
        rule = self.rule
        return Undecided(
            rule=rule.id,
            summary=rule.summary,
            target=self.snapshot.label,
            subject=subject,
            missing=missing,
            known=tuple(sorted(format_key(entity, attribute) for entity, attribute in self._facts)),
        )

    def finding(self, confidence: str) -> Finding:
        """Return what was found, with everything that was read as its evidence.

        Neither an unsure row nor a mere suspicion is proof, so that such a finding is a warning at most.
        """
        rule = self.rule
        missing = self.missing() if confidence == SUSPECTED else ()
        read, self._facts = self._facts, {}
        message = self._message()
        self._facts |= {key: fact for key, fact in read.items() if key not in self._facts}  # the message's come first
        unsure = confidence == SUSPECTED or any(row.get("confidence") == "medium" for row, _ in self._cells.values())
        evidence = self._evidence()
        subjects = tuple(dict.fromkeys(self._named())) or self._subjects()
        return Finding(
            rule=rule.id,
            severity=WARNING if unsure and rule.severity == ERROR else rule.severity,
            cause=rule.cause,
            subjects=subjects,
            summary=rule.summary,
            message=message,
            why=rule.why,
            evidence=evidence,
            fixes=tuple(self._fixes()),
            sources=rule.sources,
            fingerprint=_fingerprint(rule.id, self.subject(), subjects),
            target=self.snapshot.label,
            confidence=confidence,
            missing=missing,
        )

    def _message(self) -> str:
        """Return the message; of a failure, whose environment may not be known, what it says without facts."""
        if self._captures is not None and isinstance(self.fill(self.rule.message), (Absent, Unknown)):
            return self.rule.summary
        return self.show(self.rule.message)

    def _named(self) -> Iterable[str]:
        for template in self.rule.subjects:
            known = self._captures is None or not isinstance(self.fill(template), (Absent, Unknown))
            if known:
                yield self.show(template)

    def _evidence(self) -> tuple[Evidence, ...]:
        facts = [
            Evidence(key=format_key(entity, attribute), value=shown(entity[0], attribute, value), origin=origin)
            for (entity, attribute), (value, origin) in self._facts.items()
        ]
        rows = []
        for name, (row, cells) in self._cells.items():
            table = self._table_of(name)
            origin = str(row.get("source") or "; ".join(self.rulebook.tables[table].sources))
            value = ", ".join(f"{column} {plain(cell)}" for column, cell in cells.items())
            rows.append(Evidence(key=f"table {table}", value=value, origin=origin))
        return tuple(facts + rows)

    def _subjects(self) -> tuple[str, ...]:
        named = dict.fromkeys(entity[1] for entity, _ in self._facts if len(entity) > 1 and entity[0] in _NAMED_KINDS)
        return tuple(named) or tuple(dict.fromkeys(entity[0] for entity, _ in self._facts))

    def _fixes(self) -> Iterable[Fix]:
        for template in self.rule.fixes:
            text = self.fill(template.text)
            if isinstance(text, (Absent, Unknown)):
                continue
            if self._captures is not None and not self._is_pasteable(template):
                continue
            note = self.show(template.note) if template.note else ""
            index = self.fill(template.index) if template.index else ""
            if isinstance(index, (Absent, Unknown)):
                continue
            yield Fix(
                title="",
                commands=(),
                text=note,
                safety=template.safety,
                action=template.action,
                argument=plain(text),
                index=plain(index),
            )

    def _is_pasteable(self, template: FixTemplate) -> bool:
        """Tell whether what a log says may stand in a command: a shell would read nothing into it."""
        refused = _OF_SHELLS.get(template.action, "")
        said = [plain(value) for part in template.text if not isinstance(part, str) if (value := self._value(part))]
        return not refused or not any(text.startswith("-") or set(text) & set(refused) for text in said)

    def _value(self, part: Reference) -> Value | None:
        value = self.resolve(part)
        return None if isinstance(value, (Absent, Unknown)) else value


# Signs that a command may not take from a log; the planner quotes a requirement, which has some of them.
_OF_SHELLS = {
    "run": " \t\n;&|<>$`\"'()\\{}*?!#~",
    "install": "\t\n;&|$`\"'()\\{}?#",
    "uninstall": " \t\n;&|<>$`\"'()\\{}*?!#~",
}
_NAMED_KINDS = ("package", "requires", "copy", "damaged", "module", "shadow", "conda")


def _fingerprint(*parts: object) -> str:
    """Return an identity that does not depend on versions, so that it survives an upgrade that mends nothing."""
    try:
        from _blake2 import blake2b  # hashlib would load OpenSSL, which costs 4 ms
    except ImportError:
        from hashlib import blake2b

    return blake2b(repr(parts).encode("utf-8", "surrogateescape"), digest_size=8).hexdigest()
