"""Lays a project's waivers over findings: which they accept, and what became of each waiver; pure."""

from __future__ import annotations

from fnmatch import fnmatchcase

from envcheck.keys import format_entity, format_key
from envcheck.model.drift import BETWEEN
from envcheck.model.facts import Facts
from envcheck.model.policy import SHORTEST
from envcheck.model.reports import WAIVED
from envcheck.requirements import normalise, parse
from envcheck.versions import satisfies

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from envcheck.model.facts import Snapshot
    from envcheck.model.policy import Waiver
    from envcheck.model.reports import Finding, Undecided
    from envcheck.model.rules import Rulebook

APPLIED, UNUSED, EXPIRED, UNDECIDED = "applied", "unused", "expired", "undecided"
_ALWAYS = ("snapshot", "policy")  # scopes of rules that every run judges


def waive(
    findings: Iterable[Finding],
    waivers: Sequence[Waiver],
    today: str,
    snapshots: Iterable[Snapshot],
    *,
    undecided: Iterable[Undecided] = (),
    rulebook: Rulebook | None = None,
) -> tuple[list[Finding], Facts]:
    """Return the findings, those that a waiver accepts marked as waived, and a fact `waiver` for each waiver.

    `today` is YYYY-MM-DD; where it is empty, a waiver that ends accepts nothing. `undecided` and `rulebook` tell of one
    that accepts nothing whether it is of no use or could not be weighed.
    """
    by_label = {snapshot.label: snapshot for snapshot in snapshots}
    valid = [waiver for waiver in waivers if not waiver.until or (today and waiver.until >= today)]
    used: set[Waiver] = set()
    marked = []
    for finding in findings:
        fitting = [waiver for waiver in valid if fits(waiver, finding, by_label.get(finding.target))]
        used |= {*fitting}
        marked.append(finding.replace(status=WAIVED, waiver=fitting[0]) if fitting else finding)
    open_ = tuple(undecided)
    facts = Facts()
    for waiver in waivers:
        state, problem = _state(waiver, today, used) or _useless(waiver, by_label.values(), open_, rulebook)
        _put(waiver, state, problem, facts)
    return marked, facts


def fits(waiver: Waiver, finding: Finding, snapshot: Snapshot | None) -> bool:
    """Tell whether a waiver names a finding, its date left aside; `snapshot` is the environment that has it.

    What is not known fits no range of versions.
    """
    if not _is_named(waiver, finding):
        return False
    facts = [evidence for evidence in finding.evidence if "#" in evidence.key]  # the others are rows of tables
    return (
        (not waiver.environment or _is_meant(waiver.environment, (finding.target,), snapshot))
        and (not waiver.key or any(fnmatchcase(evidence.key, waiver.key) for evidence in facts))
        and (not waiver.path or any(_path_fits(evidence.origin, waiver.path) for evidence in facts))
        and (not waiver.package or _package_fits(waiver.package, finding, snapshot))
    )


def _is_named(waiver: Waiver, finding: Finding) -> bool:
    if waiver.rule and waiver.rule != finding.rule:
        return False
    if waiver.finding:
        return len(waiver.finding) >= SHORTEST and finding.fingerprint.startswith(waiver.finding)
    return bool(waiver.rule)


def exact(waiver: Waiver, finding: Finding, snapshot: Snapshot | None) -> Waiver:
    """Return a waiver of a rule narrowed to one finding, in the version of the package that it is about.

    A finding about no package is named by the first fact that it rests on.
    """
    narrowed = waiver.replace(finding=finding.fingerprint)
    for subject in finding.subjects:
        version = _version(normalise(subject), finding, snapshot)
        if version is not None:
            operator = "==" if satisfies(version, f"=={version}") else "==="
            narrowed = narrowed.replace(package=f"{normalise(subject)} {operator}{version}")
            break
    else:
        key = next((evidence.key for evidence in finding.evidence if "#" in evidence.key), "")
        narrowed = narrowed.replace(key="".join(f"[{sign}]" if sign in "*?[" else sign for sign in key))
    return narrowed if fits(narrowed, finding, snapshot) else waiver.replace(finding=finding.fingerprint)


def scope(waiver: Waiver) -> str:
    """Return what a waiver accepts in words, besides its rule."""
    parts = [("", waiver.package), ("key ", waiver.key), ("path ", waiver.path), ("in ", waiver.environment)]
    return ", ".join(word + text for word, text in (*parts, ("finding ", waiver.finding)) if text)


def _is_meant(glob: str, labels: Iterable[str], snapshot: Snapshot | None) -> bool:
    parts = [part for label in labels for part in (label, *label.split(BETWEEN))]
    names = [*parts, *((snapshot.label, snapshot.address) if snapshot is not None else ())]
    return any(fnmatchcase(name, glob) for name in names)


def _path_fits(origin: str, glob: str) -> bool:
    """Tell whether an origin's file is meant; a relative glob may stand for the end of a path."""
    path, colon, line = origin.rpartition(":")
    path = path if colon and line.isdigit() else origin
    return fnmatchcase(path, glob) or (not glob.startswith("/") and fnmatchcase(path, f"*/{glob}"))


def _package_fits(package: str, finding: Finding, snapshot: Snapshot | None) -> bool:
    try:
        name, specifiers, *others = parse(package)
    except ValueError:
        return False
    if any(others):
        return False  # extras, a marker or a URL, which say nothing of a version
    entity = ("package", name)
    beginning = f"{format_entity(entity)}#"
    named = name in map(normalise, finding.subjects) or any(one.key.startswith(beginning) for one in finding.evidence)
    if not named or not specifiers:
        return named
    version = _version(name, finding, snapshot)
    return version is not None and satisfies(version, specifiers) is True


def _version(name: str, finding: Finding, snapshot: Snapshot | None) -> str | None:
    """Return the version of a package as the finding read it, else as its environment has it."""
    key = format_key(("package", name), "version")
    for evidence in finding.evidence:
        if evidence.key == key:
            return evidence.value
    known = None if snapshot is None else snapshot.look(("package", name), "version")
    return str(known[0]) if isinstance(known, tuple) else None


def _state(waiver: Waiver, today: str, used: Collection[Waiver]) -> tuple[str, str] | None:
    if waiver.until and not today:
        return UNDECIDED, "the day is not known"
    if waiver.until and waiver.until < today:
        return EXPIRED, f"it ended on {waiver.until}"
    return (APPLIED, "") if waiver in used else None


def _useless(
    waiver: Waiver, snapshots: Collection[Snapshot], undecided: Iterable[Undecided], rulebook: Rulebook | None
) -> tuple[str, str]:
    """Return what to say of a waiver that accepts nothing: that it is of no use, or why nobody can tell."""
    meant = {
        snapshot.label
        for snapshot in snapshots
        if not waiver.environment or _is_meant(waiver.environment, (), snapshot)
    }
    if snapshots and not meant:
        return UNDECIDED, f"no environment of this run is {waiver.environment}"
    left_out = rulebook.left_out if rulebook is not None else ()
    if waiver.rule in left_out or (left_out and not waiver.rule):
        return UNDECIDED, "its rule was left out of this run"
    if any(item.rule == waiver.rule or not waiver.rule for item in undecided if item.target in meant):
        return UNDECIDED, "its rule could not be decided"
    if waiver.rule and rulebook is not None:
        scope_of = {rule.id: rule.scope for rule in rulebook.rules}
        if waiver.rule not in scope_of:
            return UNUSED, "there is no rule of this name"
        if scope_of[waiver.rule] not in _ALWAYS:
            return UNDECIDED, "its rule is about changes, which not every run judges"
    return UNUSED, "no finding fits it"


def _put(waiver: Waiver, state: str, problem: str, facts: Facts) -> None:
    """Record a waiver under what it accepts, which stays the same when lines are added above it."""
    said = ", ".join(filter(None, (waiver.rule, scope(waiver))))
    name, number = said, 1
    while ("waiver", name) in facts:
        number += 1
        name = f"{said} ({number})"
    facts.put(
        ("waiver", name),
        waiver.origin,
        state=state,
        rule=waiver.rule or None,
        scope=scope(waiver) or None,
        owner=waiver.owner,
        reason=waiver.reason,
        until=waiver.until or None,
        problem=problem or None,
    )
