"""The stages put together: an address to a snapshot, snapshots to a report."""

from __future__ import annotations

from envcheck import linkers
from envcheck.collectors import collect as run_collectors
from envcheck.derive import derive
from envcheck.engine.judge import evaluate as judge_all
from envcheck.engine.judge import without_general, without_known
from envcheck.fixes.plan import plan
from envcheck.fixes.trial import try_fixes
from envcheck.model.cases import Case
from envcheck.model.reports import NEW, Report
from envcheck.model.rules import ERROR, WARNING
from envcheck.targets import open_target
from envcheck.views.snapshot import subjects

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from envcheck.model.facts import Facts, Snapshot
    from envcheck.model.policy import Acceptance
    from envcheck.model.reports import Finding, Undecided
    from envcheck.model.rules import Rulebook


def collect(  # noqa: PLR0913  what a caller may choose of a run
    address: str = ".",
    *,
    cwd: str,
    environ: Mapping[str, str],
    now: str = "",
    tool: str = "",
    cached: bool = True,
    quick: bool = False,
    verify: bool = False,
    progress: Callable[[str], None] | None = None,
) -> Snapshot:
    """Return what is to be seen at an address (see `envcheck.targets`), without derived facts.

    `cwd` and `environ` are those of the caller; `now` is the time to stamp the snapshot with. `quick` leaves out what
    reads whole libraries and source trees, `verify` compares every installed file with its hash. `progress` is
    told what is being done. Raises TargetError.
    """
    target = open_target(address, cwd=cwd, environ=environ)
    left_out = "left out by --quick" if quick else ""
    return run_collectors(
        target,
        tool=tool,
        now=now,
        cached=cached,
        verify=verify,
        progress=progress,
        last=linkers,
        left_out=left_out,
    )


def evaluate(
    snapshots: Iterable[Snapshot], rulebook: Rulebook, *, tool: str = "", acceptance: Acceptance | None = None
) -> Report:
    """Judge snapshots by the rules and return the report, its fixes planned and tried."""
    case = Case(snapshots=tuple(derive(snapshot, rulebook.tables) for snapshot in snapshots))
    findings = []
    undecided = []
    for snapshot in subjects(case):
        found, open_ = judge_all(snapshot, rulebook)
        tried = try_fixes([plan(finding, snapshot) for finding in found], snapshot, rulebook)
        findings += without_general(tried, rulebook)
        undecided += without_known(open_, found)
    if acceptance is not None:
        findings = settled(findings, undecided, case.snapshots, rulebook, acceptance)
    rules = {rule.id for rule in rulebook.rules if rule.scope == "snapshot"}
    return Report(
        verdict=_verdict(findings, undecided, rules, case),
        findings=tuple(findings),
        undecided=tuple(undecided),
        snapshots=case.snapshots,
        rules=len(rules),
        tool=tool,
    )


def settled(
    findings: list[Finding],
    undecided: Sequence[Undecided],
    snapshots: Sequence[Snapshot],
    rulebook: Rulebook,
    acceptance: Acceptance,
) -> list[Finding]:
    """Return the findings with those marked that are accepted, and what is to be said of the waivers themselves."""
    if acceptance.waivers or acceptance.malformed:
        from envcheck.engine.waivers import waive

        waivers, malformed = acceptance.waivers, acceptance.malformed
        findings, facts = waive(findings, waivers, acceptance.today, snapshots, undecided=undecided, rulebook=rulebook)
        findings += _about_waivers(facts if malformed is None else facts.overlaid(malformed), rulebook)
    if acceptance.baseline is not None:
        from envcheck.engine.baseline import compare_with_report

        labels = [snapshot.label for snapshot in snapshots]
        findings = compare_with_report(findings, labels, acceptance.baseline)
    return findings


def _about_waivers(facts: Facts, rulebook: Rulebook) -> Iterator[Finding]:
    from envcheck.views import policy

    for subject in policy.subjects(facts):
        found, _ = judge_all(subject, rulebook, "policy")
        yield from (plan(finding, subject) for finding in found)


def outcome(findings: Iterable[Finding]) -> str:
    """Return broken, warnings or ok, by what is new among findings."""
    severities = {finding.severity for finding in findings if finding.status == NEW}
    return "broken" if ERROR in severities else "warnings" if WARNING in severities else "ok"


def _verdict(findings: Sequence[Finding], undecided: Sequence[Undecided], rules: set[str], case: Case) -> str:
    """Return broken, warnings, ok, or undecided where not one rule could be judged, or no package be seen.

    Only what is new counts, and what is said of a project's waivers decides nothing about its environments.
    """
    labels = {snapshot.label for snapshot in case.snapshots}
    if all(finding.target not in labels for finding in findings):
        open_ = {item.rule for item in undecided}
        unseen = any(snapshot.gap("package") and not snapshot.entities("package") for snapshot in case.snapshots)
        if unseen or (open_ and open_ >= rules):
            return "undecided"
    return outcome(findings)
