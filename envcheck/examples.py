"""Runs the examples that rules carry: each must give the outcome that it promises, and its fix must mend it."""

from __future__ import annotations

from envcheck.derive import derive
from envcheck.engine.failures import judge as judge_failure
from envcheck.engine.judge import judge
from envcheck.explanation import known_of
from envcheck.failures import read
from envcheck.keys import KINDS, attribute_type, format_entity, format_key, parse_key
from envcheck.model.facts import COMPLETE, PARTIAL, Coverage, Facts, Snapshot
from envcheck.model.record import Record
from envcheck.model.reports import Finding
from envcheck.model.rules import FAILURE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from envcheck.model.facts import Value
    from envcheck.model.rules import Rule, Rulebook


class Failure(Record):
    """An example that did not give what it promises."""

    rule: str
    number: int
    wanted: str
    got: str


def run(rulebook: Rulebook) -> Iterator[Failure]:
    """Yield every example of every rule that does not hold; judging is that of a real check."""
    for rule in rulebook.rules:
        if rule.scope == FAILURE:
            yield from _run_on_logs(rule, rulebook)
            continue
        for number, example in enumerate(rule.examples, start=1):
            got = outcome(rule, rulebook, describe(example.facts, example.unknown))
            if got != example.expect:
                yield Failure(rule=rule.id, number=number, wanted=example.expect, got=got)
            if example.after is not None:
                mended = describe({**example.facts, **example.after}, example.unknown)
                got = outcome(rule, rulebook, mended)
                if got != "none":
                    yield Failure(rule=rule.id, number=number, wanted="none after the fix", got=got)


def outcome(rule: Rule, rulebook: Rulebook, snapshot: Snapshot) -> str:
    """Return finding, undecided or none: what a rule says of a snapshot without derived facts."""
    outcomes = judge(rule, derive(snapshot, rulebook.tables), rulebook)
    if any(isinstance(one, Finding) for one in outcomes):
        return "finding"
    return "undecided" if outcomes else "none"


def _run_on_logs(rule: Rule, rulebook: Rulebook) -> Iterator[Failure]:
    alone = rulebook.replace(rules=(rule,))
    for number, example in enumerate(rule.examples, start=1):
        got = outcome_of_log(example.log, partly(example.facts), alone)
        if got != example.expect:
            yield Failure(rule=rule.id, number=number, wanted=example.expect, got=got)
        if example.after is not None:
            got = outcome_of_log(example.log, partly({**example.facts, **example.after}), alone)
            if got == "finding":
                yield Failure(rule=rule.id, number=number, wanted="none or ruled out after the fix", got=got)


def outcome_of_log(log: str, environment: Snapshot, rulebook: Rulebook) -> str:
    """Return finding, none or ruled out: what rules say of a log and what is known of its environment."""
    failure = read(log.encode(), "example")
    suspects = judge_failure(failure, known_of(failure, environment, rulebook.tables), rulebook)
    if not suspects:
        return "none"
    return "ruled out" if all(suspect.against for suspect in suspects) else "finding"


def partly(facts: Mapping[str, object]) -> Snapshot:
    """Return a snapshot in which what is not mentioned is not known, and what is null is absent."""
    known = describe(facts, ())
    coverage = {}
    for key in (key for key, value in facts.items() if value is None):
        entity, attribute = parse_key(key)
        scope = format_key(entity, attribute) if "#" in key else format_entity(entity)
        coverage[scope] = Coverage(scope=scope, status=COMPLETE)
    return known.replace(coverage=coverage)


def describe(facts: Mapping[str, object], unknown: tuple[str, ...]) -> Snapshot:
    """Return a snapshot in which everything that is not mentioned is absent; raises UsageError for a bad key."""
    store = Facts()
    coverage = {kind: Coverage(scope=kind, status=COMPLETE) for kind in KINDS}
    for key, value in facts.items():
        if value is None:  # `after` takes a fact away
            continue
        entity, attribute = parse_key(key)
        store.put(entity, "example", **{attribute: as_value(entity[0], attribute, value)})
    for key in unknown:
        name, hash_, attribute = key.partition("#")
        if hash_ or "/" in name:
            entity, attribute = parse_key(key)
            name = format_entity(entity)
            if hash_:
                store.put(entity, "example")  # it is there; only this attribute of it is not known
            for scope in (f"{name}#{attribute}", *(() if hash_ else (name,))):
                coverage[scope] = Coverage(scope=scope, status=PARTIAL, reason="unknown in this example")
        else:
            coverage[name] = Coverage(scope=name, status=PARTIAL, reason="unknown in this example")
    return Snapshot(label="example", address="example", facts=store, derived=Facts(), coverage=coverage)


def as_value(kind: str, attribute: str, value: object) -> Value:
    """Return a written value in the type that the registry gives its key; what cannot be is kept as text."""
    wanted = attribute_type(kind, attribute)
    if wanted == "list":
        return tuple(map(str, value)) if isinstance(value, (list, tuple)) else (str(value),)
    if wanted == "bool" and isinstance(value, bool):
        return value
    if wanted in ("bytes", "count", "number") and not isinstance(value, bool):
        from envcheck.engine.syntax import as_number

        number = as_number(value)
        return str(value) if number is None else number
    return str(value)
