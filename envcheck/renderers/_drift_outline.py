"""What every readable format makes of drift: a conclusion for each difference, what breaks because of it, the order."""

from __future__ import annotations

from envcheck.model.drift import UNDETERMINED, Change
from envcheck.model.record import Record
from envcheck.model.reports import WAIVED, Finding
from envcheck.model.rules import ERROR, INFO, WARNING
from envcheck.renderers import _outline as outline

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from envcheck.model.drift import Drift, Effect
    from envcheck.model.reports import Report

# What one difference amounts to, the worst first.
BREAKS, MAY_BREAK, POLICY, MENDS, NOTED = "breaks", "may break", "policy", "mends", "noted"
ACCEPTED, ALLOWED, HARMLESS, OPEN = "accepted", "allowed", "harmless as far as known", "not known"
CONCLUSIONS = (BREAKS, MAY_BREAK, POLICY, MENDS, NOTED, ACCEPTED, ALLOWED, HARMLESS, OPEN)
BREACHES = ("inconsistent", "missing", "type")  # verdicts of a policy that the environments do not keep to
FOLDABLE = (ALLOWED, HARMLESS)
_BY_SEVERITY = {ERROR: BREAKS, WARNING: MAY_BREAK, INFO: NOTED}
PAIR = 2


class Problem(Record):
    """A finding that differences cause, and the environments that have it."""

    finding: Finding
    targets: tuple[str, ...]


class Cause(Record):
    """Differences, and the problems that rest on just these; a policy may judge keys that do not differ."""

    conclusion: str
    changes: tuple[Change, ...]
    problems: tuple[Problem, ...]

    @property
    def targets(self) -> tuple[str, ...]:
        """Return the environments that have any of the problems, each once."""
        return tuple(dict.fromkeys(target for problem in self.problems for target in problem.targets if target))


class Difference(Record):
    """One difference with its conclusion, its findings (of policies too), and those that only come along with it."""

    change: Change
    conclusion: str
    findings: tuple[Finding, ...] = ()
    followers: tuple[Change, ...] = ()


class Told(Record):
    """A report of drift in the order in which it is told.

    `rest` are the findings that no difference explains, each with the environments that have it; in `shared` every
    environment does.
    """

    causes: tuple[Cause, ...]
    differences: tuple[Difference, ...]
    rest: tuple[Problem, ...]
    shared: tuple[Problem, ...]

    def concluded(self, *conclusions: str) -> list[Difference]:
        """Return the differences of some conclusions, in the report's order."""
        return [each for each in self.differences if each.conclusion in conclusions]


def tell(report: Report, drift: Drift) -> Told:
    """Return what the differences amount to, the worst first; within a conclusion the order of the report stays."""
    found = {(finding.target, finding.rule, finding.fingerprint): finding for finding in report.findings}
    caused = {(effect.target, effect.rule, effect.fingerprint) for change in drift.changes for effect in change.effects}
    about = _policy_findings(report)
    policy = {id(finding) for findings in about.values() for finding in findings}
    others = _problems(
        [finding for name, finding in found.items() if name not in caused and id(finding) not in policy], drift
    )
    everywhere = len(drift.environments)
    return Told(
        causes=tuple(sorted([*_causes(drift, found), *_breaches(drift, about)], key=_order)),
        differences=tuple(_differences(drift, found, about)),
        rest=tuple(problem for problem in others if len(problem.targets) < everywhere),
        shared=tuple(problem for problem in others if len(problem.targets) >= everywhere),
    )


def _policy_findings(report: Report) -> dict[str, list[Finding]]:
    """Return the findings of drift policies, whose evidence names the policy's rule, by the key that they judge."""
    held: dict[str, list[Finding]] = {}
    for finding in report.findings:
        if finding.subjects and any(entry.key == "policy" for entry in finding.evidence):
            held.setdefault(finding.subjects[0], []).append(finding)
    return held


def _problems(findings: Iterable[Finding], drift: Drift) -> list[Problem]:
    """Return each problem once, errors first, with its environments in their order."""
    place = {label: number for number, label in enumerate(drift.environments)}
    held: dict[tuple[str, str], list[Finding]] = {}
    for finding in findings:
        held.setdefault((finding.rule, finding.fingerprint), []).append(finding)
    made = [
        Problem(
            finding=alike[0],
            targets=tuple(
                sorted({each.target for each in alike}, key=lambda label: (place.get(label, len(place)), label))
            ),
        )
        for alike in held.values()
    ]
    return sorted(made, key=lambda each: (each.finding.status == WAIVED, outline.severity_order(each.finding.severity)))


def _finding(effect: Effect, found: dict[tuple[str, str, str], Finding]) -> Finding:
    """Return the finding of an effect; one that the report does not hold is told by its rule alone."""
    return found.get((effect.target, effect.rule, effect.fingerprint)) or Finding(
        rule=effect.rule,
        severity=WARNING,
        cause="",
        subjects=(),
        summary=effect.rule,
        message=f"{effect.rule}, a finding that this report does not hold",
        why="",
        evidence=(),
        fixes=(),
        sources=(),
        fingerprint=effect.fingerprint,
        target=effect.target,
    )


def _weight(effect: Effect, finding: Finding, drift: Drift) -> str:
    """Return what one finding makes of a difference; of two environments, the first is the one that is left."""
    if finding.status == WAIVED:
        return ACCEPTED
    if len(drift.environments) == PAIR and effect.target == drift.environments[0]:
        return MENDS
    return _BY_SEVERITY.get(finding.severity, MAY_BREAK)


def _causes(drift: Drift, found: dict[tuple[str, str, str], Finding]) -> list[Cause]:
    """Return the problems grouped by the differences that they rest on, the worst first."""
    carried: dict[tuple[str, str, str], dict[str, Change]] = {}
    findings: dict[tuple[str, str, str], list[Finding]] = {}
    for change in drift.changes:
        for effect in change.effects:
            finding = _finding(effect, found)
            weight = _weight(effect, finding, drift)
            name = (BREAKS if weight == MAY_BREAK else weight, effect.rule, effect.fingerprint)
            carried.setdefault(name, {})[change.key] = change
            findings.setdefault(name, []).append(finding)
    grouped: dict[tuple[str, tuple[str, ...]], tuple[list[Change], list[Finding]]] = {}
    for name, changes in carried.items():
        held = grouped.setdefault((name[0], tuple(changes)), (list(changes.values()), []))
        held[1].extend(findings[name])
    return [
        Cause(
            conclusion=MAY_BREAK if weight == BREAKS and all(each.severity != ERROR for each in several) else weight,
            changes=tuple(changes),
            problems=tuple(_problems(several, drift)),
        )
        for (weight, _), (changes, several) in grouped.items()
    ]


def _breaches(drift: Drift, about: dict[str, list[Finding]]) -> list[Cause]:
    """Return what policies say: of each key that they judge, and of each that does not keep to one."""
    changes = {change.key: change for change in drift.changes}
    broken = [key for key, change in changes.items() if change.verdict in BREACHES]
    return [
        Cause(
            conclusion=conclusion,
            changes=tuple(changes[each] for each in (key,) if each in changes),
            problems=tuple(_problems(about.get(key, ()), drift)),
        )
        for key in dict.fromkeys((*broken, *about))
        if (conclusion := _judged(changes.get(key), about.get(key, ())))
    ]


def _judged(change: Change | None, findings: Sequence[Finding]) -> str:
    """Return what a policy makes of a key, nothing where it has nothing against it."""
    counted = [finding for finding in findings if finding.status != WAIVED]
    if findings and not counted:
        return ACCEPTED
    if counted and all(finding.severity == INFO for finding in counted):
        return NOTED
    return POLICY if counted or (change is not None and change.verdict in BREACHES) else ""


def _differences(
    drift: Drift, found: dict[tuple[str, str, str], Finding], about: dict[str, list[Finding]]
) -> list[Difference]:
    """Return every difference that stands for itself, with those that follow it, by conclusion."""
    concluded = {}
    for change in drift.changes:
        effects = [(effect, _finding(effect, found)) for effect in change.effects]
        judged = about.get(change.key, [])
        concluded[change.key] = (_conclude(change, effects, judged, drift), [each for _, each in effects] + judged)
    alone = {change.key for change in drift.changes if not change.follows or concluded[change.key][0] not in FOLDABLE}
    followers: dict[str, list[Change]] = {}
    for change in drift.changes:
        if change.key not in alone and change.follows in alone:
            followers.setdefault(change.follows, []).append(change)
    folded = {change.key for held in followers.values() for change in held}
    made = [
        Difference(
            change=change,
            conclusion=concluded[change.key][0],
            findings=tuple(concluded[change.key][1]),
            followers=tuple(followers.get(change.key, ())),
        )
        for change in drift.changes
        if change.key not in folded
    ]
    return sorted(made, key=_order)


def _order(each: Cause | Difference) -> int:
    return CONCLUSIONS.index(each.conclusion)


def _conclude(
    change: Change, effects: Sequence[tuple[Effect, Finding]], judged: Sequence[Finding], drift: Drift
) -> str:
    weights = {_weight(effect, finding, drift) for effect, finding in effects}
    if policy := _judged(change, judged):
        weights.add(policy)
    if weights:
        return min(weights, key=CONCLUSIONS.index)
    if change.form == UNDETERMINED or change.verdict == "undetermined":
        return OPEN
    return ALLOWED if change.verdict in ("allowed", "consistent") else HARMLESS
