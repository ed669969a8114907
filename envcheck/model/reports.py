"""What judging gives: findings with evidence and fixes, what stayed undecided, and the report of both."""

from __future__ import annotations

from envcheck.model.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from envcheck.model.drift import Drift
    from envcheck.model.facts import Snapshot
    from envcheck.model.policy import Waiver

CONFIRMED, LIKELY, SUSPECTED = "confirmed", "likely", "suspected"
NEW, KNOWN, WAIVED = "new", "known", "waived"
SAFE, UNSAFE, SHOW = "safe", "unsafe", "show"


class Evidence(Record):
    """One thing that the evaluator read: a fact with its origin, or a row of a table with its source."""

    key: str
    value: str
    origin: str


class Fix(Record):
    """A way to mend a finding, and what trying it on the facts showed.

    `action` is what the rule asked for (install, uninstall, run, edit or do), `argument` what to do it with, `index`
    where to install from if not the usual place; `commands` are the same for this environment, ready to paste. `tried`
    is `resolves`, `remains` or `not tried`; `also` counts the other findings that it resolves, and `raises` are the ids
    of rules that would find something new; `verified` is false where the new version's own requirements are not known.
    """

    title: str
    commands: tuple[str, ...]
    text: str
    safety: str
    action: str = "do"
    argument: str = ""
    index: str = ""
    tried: str = "not tried"
    raises: tuple[str, ...] = ()
    also: int = 0
    verified: bool = False


class Finding(Record):
    """One rule's verdict on one subject.

    `missing` is what was not known when it is only suspected, with the reason. `status` is `new`, `known` (the baseline
    has it, too) or `waived`, then with the `waiver` that accepts it.
    """

    rule: str
    severity: str
    cause: str
    subjects: tuple[str, ...]
    summary: str
    message: str
    why: str
    evidence: tuple[Evidence, ...]
    fixes: tuple[Fix, ...]
    sources: tuple[str, ...]
    fingerprint: str
    target: str
    confidence: str = CONFIRMED
    missing: tuple[tuple[str, str], ...] = ()
    status: str = NEW
    waiver: Waiver | None = None


class Undecided(Record):
    """A rule that applies as far as known, the facts that are missing to judge it, and those that it did find."""

    rule: str
    summary: str
    target: str
    subject: str
    missing: tuple[tuple[str, str], ...]
    known: tuple[str, ...] = ()


class Report(Record):
    """Findings, what was not decided, and the environments that were judged; `rules` counts the rules in force.

    `drift` is what comparing the environments gave, None where they were only checked.
    """

    verdict: str
    findings: tuple[Finding, ...]
    undecided: tuple[Undecided, ...]
    snapshots: tuple[Snapshot, ...]
    rules: int
    tool: str
    drift: Drift | None = None
