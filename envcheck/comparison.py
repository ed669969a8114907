"""The stages of a comparison put together: snapshots to a report of what differs, and what that breaks."""

from __future__ import annotations

from envcheck.derive import derive
from envcheck.drift import contracts, effects
from envcheck.drift.differences import Differences
from envcheck.drift.history import kinships
from envcheck.drift.policy import UNLISTED, Policy, hidden
from envcheck.engine.judge import evaluate, without_general
from envcheck.errors import UsageError
from envcheck.fixes.plan import plan
from envcheck.fixes.trial import try_fixes
from envcheck.keys import format_entity
from envcheck.model.drift import BETWEEN, ONLY, TYPE, UNDETERMINED, VALUE, Drift, DriftPolicy
from envcheck.model.facts import plain
from envcheck.model.reports import KNOWN, NEW, Evidence, Report, Undecided
from envcheck.model.rules import SEVERITIES
from envcheck.pipeline import outcome, settled
from envcheck.views import change as view

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from envcheck.drift.policy import Judgement
    from envcheck.model.drift import Change
    from envcheck.model.facts import Snapshot
    from envcheck.model.policy import Acceptance
    from envcheck.model.reports import Finding
    from envcheck.model.rules import Rulebook

_FORMS = (VALUE, ONLY, TYPE, UNDETERMINED)
_NAMED = 3  # as many are called by their names
_PAIR = 2  # two environments have a direction, from the first to the second; more have none


def compare(
    snapshots: Sequence[Snapshot],
    rulebook: Rulebook,
    *,
    policy: DriftPolicy | None = None,
    ignore: Sequence[str] = (),
    key: bytes | None = None,
    tool: str = "",
    acceptance: Acceptance | None = None,
) -> Report:
    """Return what differs between environments, joined with the findings that not all of them have.

    `ignore` are globs of keys to leave out of this run. What the policy calls secret is hashed under the project's
    `key` before anything else, and hidden without one. Of two environments the first is what the second is compared
    with: what both have, and what only the first has, is `known`. Of more, only what all have is. The labels of the
    snapshots must differ; raises UsageError.
    """
    labels = _labels(snapshots)
    policy = policy or DriftPolicy()
    cased = [derive(hidden(snapshot, policy, key), rulebook.tables) for snapshot in snapshots]
    rules = Policy(policy, cased, ignore, key)
    differences = Differences(cased, rules.ignores)
    findings, undecided = _judged(cased, rulebook)
    open_rules = [{entry.rule for entry in held} for held in undecided]
    changes = effects.join(differences.changes, findings, open_rules, cased)
    judged = rules.judge({change.key: change for change in changes})
    differing, compared, open_ = contracts.differences(cased)
    subject = view.subject(judged, differing, compared, _together(labels))
    policed, unsure = _policed(judged, rules, subject, rulebook)
    changes = contracts.join(changes, policed, open_)
    told = [*policed, *(one for number in range(len(cased)) for one in _stated(number, findings))]
    if acceptance is not None:
        open_everywhere = [*unsure, *(entry for held in undecided for entry in held)]
        told = settled(told, open_everywhere, cased, rulebook, acceptance)
    return Report(
        verdict=_verdict(told, differences),
        findings=tuple(told),
        undecided=(*unsure, *_open_in_part(undecided)),
        snapshots=tuple(cased),
        rules=sum(rule.scope in ("snapshot", "change") for rule in rulebook.rules),
        tool=tool,
        drift=Drift(
            environments=labels,
            changes=tuple(_sorted(changes, judged, told)),
            compared=differences.compared,
            ignored=differences.ignored,
            history=kinships(cased),
        ),
    )


def _labels(snapshots: Sequence[Snapshot]) -> tuple[str, ...]:
    labels = tuple(snapshot.label for snapshot in snapshots)
    if len(labels) < _PAIR or len(set(labels)) < len(labels):
        raise UsageError("a comparison needs two environments of different names", hint="envcheck drift A B")
    return labels


def _together(labels: Sequence[str]) -> str:
    """Return what all environments of a comparison are called where a finding is about all of them."""
    return BETWEEN.join(labels) if len(labels) <= _NAMED else f"{len(labels)} environments"


def _judged(snapshots: Sequence[Snapshot], rulebook: Rulebook) -> tuple[list[list[Finding]], list[list[Undecided]]]:
    """Return findings and open rules of each snapshot; fixes are tried only for what not all of them have."""
    found = []
    undecided = []
    for snapshot in snapshots:
        held, open_ = evaluate(snapshot, rulebook)
        found.append(without_general(held, rulebook))
        undecided.append(open_)
    unshared = effects.unshared(found)
    findings = []
    for snapshot, held, own in zip(snapshots, found, unshared, strict=True):
        planned = [plan(finding, snapshot) for finding in held]
        wanted = [finding for finding in planned if effects.identity(finding) in own]
        tried = {finding.fingerprint: finding for finding in try_fixes(wanted, snapshot, rulebook)} if wanted else {}
        findings.append([tried.get(finding.fingerprint, finding) for finding in planned])
    return findings, undecided


def _open_in_part(undecided: Sequence[Sequence[Undecided]]) -> Iterable[Undecided]:
    """Return what some environments leave open; what all do tells nothing of their differences."""
    everywhere = set.intersection(*({entry.rule for entry in held} for held in undecided))
    return (entry for held in undecided for entry in held if entry.rule not in everywhere)


def _stated(number: int, findings: Sequence[Sequence[Finding]]) -> Iterable[Finding]:
    """Return the findings of one environment, each as new or known (see `compare`)."""
    unshared = effects.unshared(findings)[number]
    reference = len(findings) == _PAIR and number == 0
    for finding in findings[number]:
        known = reference or effects.identity(finding) not in unshared
        yield finding.replace(status=KNOWN) if known else finding


def _policed(
    judged: Sequence[Judgement], rules: Policy, subject: Snapshot, rulebook: Rulebook
) -> tuple[list[Finding], list[Undecided]]:
    """Return what the rules about changes find, as severe as the policy asks, with the values as evidence.

    A rule of the policy that decides nothing is undecided.
    """
    found, undecided = evaluate(subject, rulebook, "change")
    held = {format_entity(("change", judgement.key)): judgement for judgement in judged}
    findings = []
    for finding in (plan(finding, subject) for finding in found):
        judgement = next((held[name] for name in _entities(finding) if name in held), None)
        if judgement is None:  # of a contract; what was read is the evidence
            findings.append(finding)
            continue
        evidence = tuple(
            Evidence(key=judgement.key, value=f"{name}: {plain(side.value)}", origin=side.origin)
            for name, side in judgement.sides
            if side.value is not None
        )
        policy = Evidence(key="policy", value=judgement.rule.pattern, origin=judgement.rule.origin)
        severity = judgement.rule.severity
        if judgement.verdict != UNLISTED:
            severity = min(finding.severity, severity, key=SEVERITIES.index)
        findings.append(finding.replace(evidence=(*evidence, policy), severity=severity))
    return findings, [*undecided, *(_idle(rule.origin, rule.pattern, why) for rule, why in rules.idle())]


def _entities(finding: Finding) -> Iterable[str]:
    return (entry.key.partition("#")[0] for entry in finding.evidence)


def _idle(origin: str, pattern: str, why: str) -> Undecided:
    return Undecided(
        rule="configuration-drift",
        summary="A rule of the drift policy decides nothing.",
        target=origin,
        subject=pattern,
        missing=((pattern, why),),
    )


def _sorted(changes: Iterable[Change], judged: Iterable[Judgement], findings: Iterable[Finding]) -> list[Change]:
    """Return the changes with what the policy says of them: what breaks something first, then by form and kind."""
    verdicts = {judgement.key: judgement for judgement in judged}
    new = {(finding.target, finding.fingerprint): finding.severity for finding in findings if finding.status == NEW}
    ranked = []
    for number, change in enumerate(changes):
        judgement = verdicts.get(change.key)
        told = change
        if judgement is not None:
            told = change.replace(judged_by=judgement.rule.origin, verdict=_worded(judgement))
        severities = [new.get((effect.target, effect.fingerprint), "") for effect in change.effects]
        worst = max((SEVERITIES.index(severity) + 1 for severity in severities if severity), default=0)
        breach = judgement is not None and told.verdict not in ("allowed", "consistent")
        ranked.append(((-worst, not change.effects, not breach, _FORMS.index(change.form), number), told))
    return [change for _, change in sorted(ranked, key=lambda item: item[0])]


def _worded(judgement: Judgement) -> str:
    """Return what a judgement makes of a difference, as `Change.verdict` has it."""
    if judgement.unexpected:
        return "inconsistent"
    if judgement.unsure and judgement.verdict in ("", "consistent"):
        return "undetermined"
    return judgement.verdict or "allowed"


def _verdict(findings: Iterable[Finding], differences: Differences) -> str:
    """Return broken or warnings for what is new, undecided where not one key could be compared, or ok."""
    told = outcome(findings)
    unknown = any(change.form == UNDETERMINED for change in differences.changes)
    return "undecided" if told == "ok" and unknown and not differences.compared else told
