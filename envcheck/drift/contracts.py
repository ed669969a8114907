"""Compares the contracts of environments: what changed between the first one's and each other's, as facts to judge."""

from __future__ import annotations

from envcheck.errors import EnvcheckError
from envcheck.keys import parse_entity
from envcheck.model.drift import Effect
from envcheck.model.facts import COMPLETE, PARTIAL, Coverage, Facts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from envcheck.model.drift import Change
    from envcheck.model.facts import Entity, Snapshot
    from envcheck.model.reports import Finding

_PAIR = 2
_AGAINST = " (in "  # after a contract's name, where more than two environments have one


def differences(snapshots: Sequence[Snapshot]) -> tuple[Facts, Coverage]:
    """Return facts of the kind `difference`, and how far they are all there are."""
    first, *others = snapshots
    found = Facts()
    gaps: list[str] = []
    for other in others:
        suffix = "" if len(snapshots) == _PAIR else f"{_AGAINST}{other.label})"
        for entity in sorted({*first.facts.held("contract"), *other.facts.held("contract")}):
            if entity in first.facts and entity in other.facts:
                _compare(entity, suffix, first, other, found, gaps)
        gaps += _unread(first) + _unread(other)
    status = PARTIAL if gaps else COMPLETE
    return found, Coverage(scope="difference", status=status, reason="; ".join(dict.fromkeys(gaps)))


def join(changes: Iterable[Change], findings: Iterable[Finding]) -> list[Change]:
    """Return the changes, those of whole contracts with the findings about what changed in them."""
    held: dict[str, list[Effect]] = {}
    for finding in findings:
        names = [parse_entity(entry.key)[1] for entry in finding.evidence if entry.key.startswith("difference/")]
        if names:
            effect = Effect(target=finding.target, rule=finding.rule, fingerprint=finding.fingerprint)
            held.setdefault(names[0].partition(_AGAINST)[0], []).append(effect)
    return [
        change.replace(effects=tuple(held.get(parse_entity(change.key.partition("#")[0])[1], ())))
        if change.key.startswith("contract/")
        else change
        for change in changes
    ]


def _compare(entity: Entity, suffix: str, first: Snapshot, other: Snapshot, into: Facts, gaps: list[str]) -> None:
    from shlex import quote

    from envcheck.contracts import compare, record

    old, new = first.facts.of(entity), other.facts.of(entity)
    formats = [str(side["format"][0]) for side in (old, new) if "format" in side]
    if len(formats) < _PAIR or formats[0] != formats[1]:
        gaps.append(f"{entity[1]} is {formats[0]} in {first.label} and {formats[-1]} in {other.label}")
        return
    try:
        found = compare(formats[0], str(old["document"][0]), str(new["document"][0]))
    except EnvcheckError as error:
        gaps.append(f"{entity[1]}: {error.message}")
    else:
        files = " ".join(quote(side["document"][1]) for side in (old, new))
        record(into, f"{entity[1]}{suffix}", formats[0], found, new["document"][1], files)


def _unread(snapshot: Snapshot) -> list[str]:
    """Return which contracts an environment lists and could not be read."""
    return [
        f"{parse_entity(scope)[1]} in {snapshot.label}: {entry.reason}"
        for scope, entry in snapshot.coverage.items()
        if scope.startswith("contract/") and entry.status != COMPLETE
    ]
