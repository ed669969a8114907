"""Joins differences with findings: a finding that only some environments have rests on the differences it read."""

from __future__ import annotations

from collections import Counter

from envcheck.keys import KINDS, format_entity, format_key, parse_entity
from envcheck.model.drift import Effect

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from envcheck.model.drift import Change
    from envcheck.model.facts import Entity, Snapshot
    from envcheck.model.reports import Finding

    # The rule and what it is about: the same in two environments, whatever the versions in its message.
    Identity = tuple[str, tuple[str, ...]]


# What a wheel does not fit, by the reason that derive gives.
_MISFITS: dict[str, tuple[tuple[Entity, tuple[str, ...]], ...]] = {
    "python": ((("python",), ("version", "abi", "implementation", "free_threaded")),),
    "platform": ((("python",), ("platform",)),),
    "architecture": ((("python",), ("machine",)), (("host",), ("arch",))),
    "libc": ((("host",), ("libc",)),),
    "glibc": ((("host",), ("glibc",)),),
}


def identity(finding: Finding) -> Identity:
    """Return what makes two environments' findings the same one."""
    return finding.rule, finding.subjects


def unshared(findings: Sequence[Sequence[Finding]]) -> list[set[Identity]]:
    """Return for every environment the findings that not all of them have."""
    held = [{identity(finding) for finding in own} for own in findings]
    everywhere = set.intersection(*held) if held else set()
    return [own - everywhere for own in held]


def join(
    changes: Sequence[Change],
    findings: Sequence[Sequence[Finding]],
    undecided: Sequence[Collection[str]],
    snapshots: Sequence[Snapshot],
) -> list[Change]:
    """Return the changes, each with the findings that rest on it.

    `findings` are those of each snapshot, `undecided` the rules that each leaves open: there a finding is not missing.
    """
    by_key = {change.key: number for number, change in enumerate(changes)}
    by_entity: dict[str, list[int]] = {}
    for number, change in enumerate(changes):
        if not change.follows:  # what comes along with a version explains no more than the version
            by_entity.setdefault(change.key.partition("#")[0], []).append(number)
    own = unshared(findings)
    effects: dict[int, dict[Effect, None]] = {}
    for at, snapshot in enumerate(snapshots):
        for finding in findings[at]:
            if identity(finding) not in own[at]:
                continue
            without = {
                number
                for number, held in enumerate(own)
                if identity(finding) not in held and finding.rule not in undecided[number]
            }
            effect = Effect(target=snapshot.label, rule=finding.rule, fingerprint=finding.fingerprint)
            carriers = _carriers(finding, snapshot, by_key, by_entity)
            for number in _explaining([(number, changes[number]) for number in carriers], at, without):
                for carrier in {number, by_key.get(changes[number].follows, number)}:
                    effects.setdefault(carrier, {})[effect] = None
    return [
        change.replace(effects=tuple(effects[number])) if number in effects else change
        for number, change in enumerate(changes)
    ]


def _carriers(
    finding: Finding, snapshot: Snapshot, by_key: Mapping[str, int], by_entity: Mapping[str, Sequence[int]]
) -> list[int]:
    """Return the numbers of the changes that a finding read, or, if it read none, those of what it is about."""
    found: dict[int, None] = {}
    for entry in finding.evidence:
        name, _, attribute = entry.key.partition("#")
        entity = parse_entity(name)
        if entity[0] not in KINDS:
            continue  # the row of a table
        if entry.key in by_key:
            found[by_key[entry.key]] = None
        elif _is_derived(entity[0], attribute):
            for root, only in roots(entity, snapshot):
                keys = [by_key[format_key(root, name)] for name in only if format_key(root, name) in by_key]
                found |= dict.fromkeys(keys if only else by_entity.get(format_entity(root), ()))
    if not found:
        for subject in finding.subjects:
            found |= dict.fromkeys(by_entity.get(format_entity(("package", subject)), ()))
    return list(found)


def _is_derived(kind: str, attribute: str) -> bool:
    return "d" in KINDS[kind][3].get(attribute, ("", "", ""))[2]


def roots(entity: Entity, snapshot: Snapshot) -> list[tuple[Entity, tuple[str, ...]]]:
    """Return the collected entities from which a derived one was made, and their attributes, none for all of them."""
    derived = snapshot.derived.of(entity)
    kind = entity[0]
    if kind == "requires":
        asked = [str(derived["name"][0])] if "name" in derived else []
        return [(("package", name), ()) for name in (entity[1], *asked)]
    if kind == "misfit":
        reason = str(derived["reason"][0]) if "reason" in derived else ""
        return [(("package", entity[1]), ()), *_MISFITS.get(reason, ())]
    if kind == "module":
        owners = derived["owners"][0] if "owners" in derived else ()
        return [(("package", owner), ()) for owner in owners] if isinstance(owners, tuple) else []
    if kind == "gpu":
        return [(entity, ()), (("package", "torch"), ())]
    return [(entity, ())]


def _explaining(carriers: Sequence[tuple[int, Change]], at: int, without: Collection[int]) -> tuple[int, ...]:
    """Return the numbers of the changes that tell an environment from the likest one that lacks its finding.

    Where a fleet shares one version and the other is the outlier's, only that one explains the outlier's finding.
    """
    sets = [tuple(number for number, change in carriers if _divides(change, at, other)) for other in sorted(without)]
    sizes = Counter(found for found in sets if found)
    return min(sizes, key=lambda found: (len(found), -sizes[found]), default=())


def _divides(change: Change, one: int, other: int) -> bool:
    """Tell whether two environments certainly have different values of a key."""
    groups = [next((group for group in change.groups if number in group), None) for number in (one, other)]
    return None not in groups and groups[0] != groups[1]
