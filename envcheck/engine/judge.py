"""Judges rules over subjects: three values in, findings and undecided rules out; what was read is the evidence."""

from __future__ import annotations

from envcheck.engine.reading import NOT_APPLICABLE, NOT_COVERED, Reading
from envcheck.keys import OF_A_RUN
from envcheck.model.reports import CONFIRMED, SUSPECTED, Finding
from envcheck.model.rules import SEVERITIES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from envcheck.model.facts import Entity, Snapshot
    from envcheck.model.reports import Undecided
    from envcheck.model.rules import Each, Rule, Rulebook


def evaluate(snapshot: Snapshot, rulebook: Rulebook, scope: str = "snapshot") -> tuple[list[Finding], list[Undecided]]:
    """Judge every rule of a scope over one subject with derived facts; the order of the rules makes no difference."""
    findings: list[Finding] = []
    undecided: list[Undecided] = []
    for rule in rulebook.rules:
        if rule.scope != scope:
            continue
        for outcome in judge(rule, snapshot, rulebook):
            if isinstance(outcome, Finding):
                findings.append(outcome)
            else:
                undecided.append(outcome)
    findings.sort(key=lambda finding: (finding.rule, finding.subjects, finding.message, finding.fingerprint))
    undecided.sort(key=lambda item: (item.rule, item.subject))
    return findings, undecided


def without_general(findings: Sequence[Finding], rulebook: Rulebook) -> list[Finding]:
    """Leave out what a general rule says of subjects of which a less general one says something as severe."""
    levels = {rule.id: rule.general for rule in rulebook.rules}
    told: dict[frozenset[str], list[tuple[int, int]]] = {}
    for finding in findings:
        held = told.setdefault(frozenset(finding.subjects), [])
        held.append((levels[finding.rule], SEVERITIES.index(finding.severity)))
    return [
        finding
        for finding in findings
        if not any(
            level < levels[finding.rule] and severity >= SEVERITIES.index(finding.severity)
            for level, severity in told[frozenset(finding.subjects)]
        )
    ]


def without_known(undecided: Iterable[Undecided], findings: Iterable[Finding]) -> list[Undecided]:
    """Leave out that no table covers a subject about which another rule found something."""
    told = {evidence.key.partition("#")[0] for finding in findings for evidence in finding.evidence}
    return [
        item
        for item in undecided
        if item.subject not in told or not all(reason.startswith(NOT_COVERED) for _, reason in item.missing)
    ]


def judge(rule: Rule, snapshot: Snapshot, rulebook: Rulebook) -> list[Finding | Undecided]:
    """Return what one rule says of one snapshot: at most one outcome a subject."""
    if any(snapshot.lacks(entity) for entity in rule.needs):
        return []
    if rule.each is None:
        outcome = _judge_one(Reading(rule, snapshot, rulebook))
        return [] if outcome is None else [outcome]
    if _settled(rule, snapshot, rulebook):
        return []
    if rule.each.table:
        rows = rulebook.tables[rule.each.table].rows
        return _once(_judge_one(Reading(rule, snapshot, rulebook, row=row)) for row in rows)
    each = rule.each
    entities = [entity for entity in snapshot.entities(each.kind) if _matches(entity, each)]
    outcomes = [_judge_one(Reading(rule, snapshot, rulebook, entity=entity)) for entity in entities]
    gap = snapshot.gap(each.kind)
    if gap is not None:
        outcomes.append(Reading(rule, snapshot, rulebook).undecided(each.kind, ((each.kind, gap),)))
    if each.kind in OF_A_RUN:  # each of them is a question that somebody asked
        return [outcome for outcome in outcomes if outcome is not None]
    return _once(outcomes)


def _once(outcomes: Iterable[Finding | Undecided | None]) -> list[Finding | Undecided]:
    """Keep one of the outcomes that say the same: eight GPUs of one model, hundreds of rows that lack one fact."""
    kept: dict[object, Finding | Undecided] = {}
    for outcome in outcomes:
        if isinstance(outcome, Finding):
            kept.setdefault((outcome.message, outcome.subjects), outcome)
        elif outcome is not None:
            kept.setdefault(frozenset(reason for _, reason in outcome.missing), outcome)
    return list(kept.values())


def _matches(entity: Entity, each: Each) -> bool:
    return len(entity) == len(each.parts) + 1 and all(
        wanted in ("*", part) for wanted, part in zip(each.parts, entity[1:], strict=True)
    )


def _settled(rule: Rule, snapshot: Snapshot, rulebook: Rulebook) -> bool:
    """Tell whether conditions that are the same for every subject already say that the rule does not apply."""
    reading = Reading(rule, snapshot, rulebook)
    return any(reading.test(node) in (False, NOT_APPLICABLE) for node in rule.when if not _uses_variable(node))


def _uses_variable(node: object) -> bool:
    if not isinstance(node, tuple):
        return False
    if node[:1] in (("own",), ("part",), ("row",)):
        return True  # a lookup's row may have been found by the variable
    return any(_uses_variable(item) for item in node)


def _judge_one(reading: Reading) -> Finding | Undecided | None:
    rule = reading.rule
    applies = reading.all(rule.when)
    if applies in (False, NOT_APPLICABLE):
        return None
    holds = reading.all(rule.require) if rule.require else False
    if holds in (True, NOT_APPLICABLE):
        return None
    if applies is True and holds is False:
        return _found(reading)
    return reading.undecided(reading.subject(), reading.missing())


def _found(reading: Reading) -> Finding | None:
    """Return the finding, as sure as `confirm` makes it, or nothing where that is ruled out."""
    confirmed = reading.all(reading.rule.confirm)
    if confirmed in (False, NOT_APPLICABLE):
        return None
    return reading.finding(CONFIRMED if confirmed else SUSPECTED)
