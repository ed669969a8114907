"""Which of two states of an environment is the newer one, and what several writers saw of it together.

A snapshot's version vector counts, for each writer, the changes that it has seen. One state is newer than another when
no counter is lower and one is higher; when each has a higher one, they are concurrent: neither writer knew the other's.
Source: D. S. Parker et al., Detection of Mutual Inconsistency in Distributed Systems, 1983,
https://doi.org/10.1109/TSE.1983.236733
"""

from __future__ import annotations

from envcheck.drift.differences import Differences
from envcheck.errors import UsageError
from envcheck.keys import KINDS, parse_entity
from envcheck.model.drift import (
    ABSENT,
    CONCURRENT,
    NEWER,
    OLDER,
    PRESENT,
    SAME,
    UNDETERMINED,
    UNRELATED,
    Kinship,
)
from envcheck.model.facts import COMPLETE, NOT_COLLECTED, PARTIAL, Coverage, Facts, plain
from envcheck.model.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from envcheck.model.facts import Entity, Snapshot


class Conflict(Record):
    """A fact of which two writers, neither of whom knew of the other, say different things.

    `said` has (writer, value); `whole` is true where they do not even agree that the entity is there.
    """

    key: str
    said: tuple[tuple[str, str], ...]
    whole: bool


def relation(one: Mapping[str, int], other: Mapping[str, int]) -> str:
    """Return how the state with one version vector relates to the state with the other."""
    if not one or not other:
        return UNRELATED
    writers = {*one, *other}
    ahead = any(one.get(writer, 0) > other.get(writer, 0) for writer in writers)
    behind = any(one.get(writer, 0) < other.get(writer, 0) for writer in writers)
    if ahead and behind:
        return CONCURRENT
    return NEWER if ahead else OLDER if behind else SAME


def kinships(snapshots: Sequence[Snapshot]) -> tuple[Kinship, ...]:
    """Return how every snapshot of the first one's environment relates to it, as far as version vectors tell.

    Equal vectors over different facts were written independently, so that such states are concurrent, not the same.
    """
    first, *others = snapshots
    found = []
    for other in others:
        if _environment(other) != _environment(first) or other.vector.keys().isdisjoint(first.vector):
            continue  # of two environments neither is newer
        how = relation(other.vector, first.vector)
        if how == SAME and _differ(first, other):
            how = CONCURRENT
        found.append(Kinship(one=other.label, other=first.label, relation=how))
    return tuple(found)


def _environment(snapshot: Snapshot) -> tuple[str, str]:
    """Return what two states of one environment share; labels are given anew by whoever compares them."""
    return snapshot.address, snapshot.facts.text(("python",), "prefix") or ""


def following(snapshot: Snapshot, previous: Snapshot, writer: str) -> Snapshot:
    """Return a snapshot with the version vector that comes after the previous state; without a change, the same one."""
    if previous.vector and not _differ(previous, snapshot):
        return snapshot.replace(vector=previous.vector)
    vector = {**previous.vector, writer: previous.vector.get(writer, 0) + 1}
    return snapshot.replace(vector=dict(sorted(vector.items())))


def merge(snapshots: Sequence[Snapshot]) -> tuple[Snapshot, tuple[Conflict, ...]]:
    """Return what several snapshots of one environment say together, and the conflicts among them.

    Of two states of which one is newer, the newer one is believed wherever it looked. Concurrent states are laid
    together; where they contradict each other, the fact is unknown in the result, and the conflict says why. Raises
    UsageError where there are none.
    """
    if not snapshots:
        raise UsageError("there is no snapshot to merge", hint="give the snapshots that the writers saved")
    oldest_first = sorted(snapshots, key=lambda snapshot: (snapshot.collected_at, snapshot.label))
    latest = [
        snapshot
        for snapshot in oldest_first
        if not any(relation(other.vector, snapshot.vector) == NEWER for other in snapshots)
    ]
    facts = Facts()
    for snapshot in latest:
        facts = facts.overlaid(snapshot.facts)
    coverage = _joined(snapshot.coverage for snapshot in latest)
    for snapshot in sorted(oldest_first, key=lambda snapshot: -sum(snapshot.vector.values())):
        if snapshot not in latest:
            _fill(facts, coverage, snapshot)
    conflicts = tuple(_conflicts(latest))
    for conflict in conflicts:
        name, _, attribute = conflict.key.partition("#")
        facts = facts.without(parse_entity(name)) if conflict.whole else _less(facts, parse_entity(name), attribute)
        scope = name if conflict.whole else conflict.key
        reason = "; ".join(f"{writer} says {value}" for writer, value in conflict.said)
        coverage[scope] = Coverage(scope=scope, status=PARTIAL, reason=reason)
    vector: dict[str, int] = {}
    for snapshot in snapshots:
        vector |= {writer: max(count, vector.get(writer, 0)) for writer, count in snapshot.vector.items()}
    merged = oldest_first[-1].replace(
        facts=facts, coverage=dict(sorted(coverage.items())), vector=dict(sorted(vector.items())), derived=Facts()
    )
    return merged, conflicts


def _conflicts(snapshots: Sequence[Snapshot]) -> Iterator[Conflict]:
    writers = [", ".join(snapshot.vector) for snapshot in snapshots]
    if "" in writers or len(set(writers)) < len(writers):
        writers = [snapshot.label for snapshot in snapshots]
    gone = set()  # what is not even agreed to be there, of which no attribute is left
    for change in Differences(snapshots).changes:
        if change.form == UNDETERMINED or change.follows in gone:
            continue
        told = [
            (writer, "absent" if side.state == ABSENT else plain(side.value))
            for writer, side in zip(writers, change.sides, strict=True)
            if side.state in (PRESENT, ABSENT)
        ]
        kind = change.key.partition("/")[0]
        whole = bool(KINDS.get(kind, ("",))[0]) and any(side.state == ABSENT for side in change.sides)
        if whole:
            gone.add(change.key)
        yield Conflict(key=change.key, said=tuple(told), whole=whole)


def _fill(facts: Facts, coverage: dict[str, Coverage], older: Snapshot) -> None:
    """Add the kinds of an older state that no newer one looked at."""
    unseen = {
        scope
        for scope, entry in older.coverage.items()
        if scope in KINDS
        and entry.status != NOT_COLLECTED
        and (scope not in coverage or coverage[scope].status == NOT_COLLECTED)
    }
    for kind in unseen:
        for entity, held in older.facts.held(kind).items():
            facts.hold(entity, held)
    kinds_of = {scope: scope.partition("#")[0].partition("/")[0] for scope in older.coverage}
    coverage |= {scope: older.coverage[scope] for scope, kind in kinds_of.items() if kind in unseen}


def _less(facts: Facts, entity: Entity, attribute: str) -> Facts:
    kept = {name: known for name, known in facts.of(entity).items() if name != attribute}
    left = facts.without(entity)
    left.hold(entity, kept)
    return left


def _joined(held: Iterable[Mapping[str, Coverage]]) -> dict[str, Coverage]:
    """Return for every scope the coverage of the writer who read most of it."""
    order = {COMPLETE: 2, PARTIAL: 1}
    joined: dict[str, Coverage] = {}
    for coverage in held:
        for scope, entry in coverage.items():
            known = joined.get(scope)
            if known is None or order.get(entry.status, 0) > order.get(known.status, 0):
                joined[scope] = entry
    return joined


def _differ(one: Snapshot, other: Snapshot) -> bool:
    """Tell whether two states certainly differ; a hidden value does not tell."""
    return any(change.form != UNDETERMINED for change in Differences((one, other)).changes)
