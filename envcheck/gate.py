"""A report and a policy as an exit code, with the reasons."""

from __future__ import annotations

from envcheck.errors import UsageError
from envcheck.keys import parse_entity
from envcheck.model.facts import COMPLETE, Unknown
from envcheck.model.policy import THRESHOLDS, Decision, GatePolicy, Limit
from envcheck.model.reports import KNOWN, NEW
from envcheck.model.rules import SEVERITIES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from envcheck.model.facts import Snapshot
    from envcheck.model.policy import UnitTests
    from envcheck.model.reports import Finding, Report

PASSED, FAILED, UNDECIDED = 0, 1, 3
_FIRST = Limit(amount=1, text="1")
_SHOWN = 3  # names in one reason


def gate(report: Report, fail_on: str = "", policy: GatePolicy | None = None) -> int:
    """Return 0, or 1 for findings (or 3 for coverage) that the policy does not allow, or 3 when nothing was decided.

    Without a policy one error fails. `fail_on` is error, warning, info or never and wins over the policy; raises
    UsageError for anything else. Findings that are waived or known do not count.
    """
    return decide(report, policy, fail_on=fail_on).code


def decide(
    report: Report, policy: GatePolicy | None = None, *, fail_on: str = "", tests: UnitTests | None = None
) -> Decision:
    """Return the exit code of a report (see `gate`) and why it is that.

    `tests` are results to hold against the policy's limit, by which, where it sets none, one failed test is too many.
    """
    policy = _with_threshold(policy or GatePolicy(), fail_on)
    failed: list[str] = []
    open_: list[str] = []
    for place, held, snapshots, findings in _groups(report, policy):
        failed += (place + reason for reason in _too_many(report, held, snapshots, findings))
        open_ += (reason for snapshot in snapshots for reason in _uncovered(snapshot, held.coverage))
    if tests is not None:
        (failed if tests.ran else open_).extend(_tests_failed(tests, policy.tests or _FIRST))
    if report.verdict == "undecided":
        open_.append("nothing could be decided: what the rules ask for is not known")
    return Decision(code=FAILED if failed else UNDECIDED if open_ else PASSED, reasons=(*failed, *open_))


def _with_threshold(policy: GatePolicy, fail_on: str) -> GatePolicy:
    """Return the policy with another threshold everywhere, which sets its limits by severity aside."""
    if not fail_on:
        return policy
    if fail_on not in THRESHOLDS:
        raise UsageError(f"{fail_on!r} is no threshold", hint=f"one of {', '.join(THRESHOLDS)}")
    inside = tuple((glob, _with_threshold(held, fail_on)) for glob, held in policy.environments)
    return policy.replace(fail_on=fail_on, limits={}, environments=inside)


def _groups(report: Report, policy: GatePolicy) -> Iterator[tuple[str, GatePolicy, list[Snapshot], list[Finding]]]:
    """Yield how to begin a reason, the policy, environments and findings of all that is held to the same limits."""
    named = {snapshot.label: _place_of(snapshot.label, policy) for snapshot in report.snapshots}
    for place, (glob, held) in enumerate((*policy.environments, ("", policy))):
        is_rest = place == len(policy.environments)
        snapshots = [snapshot for snapshot in report.snapshots if named[snapshot.label] == place]
        # What is no environment's, such as a finding about a waiver, is held to what holds everywhere.
        findings = [one for one in report.findings if named.get(one.target, len(policy.environments)) == place]
        if snapshots or is_rest:
            yield "" if is_rest else f"{glob}: ", held, snapshots, findings


def _place_of(label: str, policy: GatePolicy) -> int:
    """Return the number of the first entry that names an environment, or how many there are."""
    if policy.environments:
        from fnmatch import fnmatchcase

        for place, (glob, _) in enumerate(policy.environments):
            if fnmatchcase(label, glob):
                return place
    return len(policy.environments)


def _too_many(
    report: Report, policy: GatePolicy, snapshots: Sequence[Snapshot], findings: Sequence[Finding]
) -> Iterator[str]:
    least = THRESHOLDS.index(policy.fail_on)
    counted = (NEW,) if policy.new_only else (NEW, KNOWN)
    for severity in reversed(SEVERITIES):
        limit = policy.limits.get(severity) or (_FIRST if THRESHOLDS.index(severity) >= least else None)
        held = [one for one in findings if one.severity == severity and one.status in counted]
        if limit is None or not held:
            continue
        if limit.per:
            judged = {(one.rule, one.target) for one in held}
            whole = _decided(report, snapshots, judged)
            if len(judged) * limit.per >= limit.amount * whole:
                said = f"{severity}s in {len(judged)} of {whole} judgements; the gate fails at {limit.text}"
                yield f"{said}: {_names([one.rule for one in held])}"
        elif len(held) >= limit.amount:
            noun = severity if len(held) == 1 else f"{severity}s"
            yield f"{len(held)} {noun}; the gate fails at {limit.text}: {_names([one.rule for one in held])}"


def _decided(report: Report, snapshots: Sequence[Snapshot], found: Collection[tuple[str, str]]) -> int:
    """Return how many judgements (one rule over one environment) were decided."""
    labels = {snapshot.label for snapshot in snapshots}
    open_ = {(item.rule, item.target) for item in report.undecided if item.target in labels} - {*found}
    return max(report.rules * len(labels) - len(open_), len(found))


def _tests_failed(tests: UnitTests, limit: Limit) -> Iterator[str]:
    failed = len(tests.failed)
    if not tests.ran:
        yield "no unit test is known to have run"
    elif failed * (limit.per or 1) >= limit.amount * (tests.ran if limit.per else 1):
        yield f"{failed} of {tests.ran} unit tests failed; the gate fails at {limit.text}: {_names(tests.failed)}"


def _names(names: Sequence[str]) -> str:
    once = list(dict.fromkeys(names))
    more = f" and {len(once) - _SHOWN} more" if len(once) > _SHOWN else ""
    return ", ".join(once[:_SHOWN]) + more


def _uncovered(snapshot: Snapshot, scopes: Sequence[str]) -> Iterator[str]:
    for scope in scopes:
        reason = _gap(snapshot, scope)
        if reason:
            yield f"{scope} must be read whole, and in {snapshot.label} it is not: {reason}"


def _gap(snapshot: Snapshot, scope: str) -> str:
    """Return why a scope was not read whole, nothing where it was."""
    name, _, attribute = scope.partition("#")
    entity = parse_entity(name)
    if attribute and entity in snapshot.facts:
        seen = snapshot.look(entity, attribute)
        return seen.reason if isinstance(seen, Unknown) else ""
    around = (scope, name, f"{entity[0]}#{attribute}", entity[0])
    nearest = next((snapshot.coverage[key] for key in around if key in snapshot.coverage), None)
    if nearest is None:
        return f"{entity[0]} was not collected"
    within = [entry for key, entry in sorted(snapshot.coverage.items()) if _lies_in(key, name, attribute)]
    return next((entry.reason or entry.status for entry in (nearest, *within) if entry.status != COMPLETE), "")


def _lies_in(key: str, name: str, attribute: str) -> bool:
    subject, _, part = key.partition("#")
    if attribute:
        return subject.startswith(f"{name}/") and part in ("", attribute)
    return subject == name or subject.startswith(f"{name}/")
