"""Runs the examples that rules carry: each must give the outcome that it promises, and its fix must mend it."""

from __future__ import annotations

from envcheck.derive import derive
from envcheck.engine.judge import judge
from envcheck.keys import KINDS, attribute_type, format_entity, parse_key
from envcheck.model.facts import COMPLETE, PARTIAL, Coverage, Facts, Snapshot
from envcheck.model.record import Record
from envcheck.model.reports import Finding

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
