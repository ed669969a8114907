"""What every readable format says of a report in the same words: the order, the groups, the verdict, the counts."""

from __future__ import annotations

from envcheck.model.facts import COMPLETE
from envcheck.model.record import Record
from envcheck.model.reports import SHOW, UNSAFE, WAIVED, Finding
from envcheck.model.rules import ERROR, INFO, WARNING

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from envcheck.model.facts import Coverage, Snapshot
    from envcheck.model.reports import Fix, Report

_ORDER = {ERROR: 0, WARNING: 1, INFO: 2}
_NOUNS = {ERROR: ("error", "errors"), WARNING: ("warning", "warnings"), INFO: ("note", "notes")}


class Group(Record):
    """Findings of one severity and one cause; `waived` ones stand apart, at the end."""

    cause: str
    severity: str
    waived: bool
    findings: tuple[Finding, ...]


def by_cause(report: Report) -> list[Group]:
    """Return the findings grouped by cause (the rule where it names none), errors first, waived last."""
    return _grouped(report.findings, lambda finding: finding.cause or finding.rule)


def by_rule(group: Group) -> list[Group]:
    """Return one group divided by rule, in order of appearance."""
    return _grouped(group.findings, lambda finding: finding.rule)


def _grouped(findings: Iterable[Finding], cause_of: Callable[[Finding], str]) -> list[Group]:
    buckets: dict[tuple[bool, int, str], list[Finding]] = {}
    for finding in findings:
        place = (finding.status == WAIVED, _ORDER.get(finding.severity, len(_ORDER)), cause_of(finding))
        buckets.setdefault(place, []).append(finding)
    # Within a severity the report's own order stays: the sort is stable and leaves the cause out.
    return [
        Group(cause=place[2], severity=held[0].severity, waived=place[0], findings=tuple(held))
        for place, held in sorted(buckets.items(), key=lambda item: item[0][:2])
    ]


def subjects(findings: Iterable[Finding], limit: int = 4) -> str:
    """Return what the findings are about, each once, `…` after so many."""
    seen = list(dict.fromkeys(subject for finding in findings for subject in finding.subjects))
    return ", ".join(seen[:limit]) + (", …" if len(seen) > limit else "")


def counts(report: Report) -> dict[str, int]:
    """Return how many findings each severity has, waived ones left out."""
    held = {ERROR: 0, WARNING: 0, INFO: 0}
    for finding in report.findings:
        if finding.status != WAIVED:
            held[finding.severity] = held.get(finding.severity, 0) + 1
    return held


def count_line(report: Report) -> str:
    """Return the counts in words, `3 errors, 1 warning`, or `no findings`."""
    parts = [amount(number, *_NOUNS.get(severity, (severity, severity))) for severity, number in counts(report).items()]
    waived = sum(finding.status == WAIVED for finding in report.findings)
    said = [part for part in parts if not part.startswith("0 ")]
    if waived:
        said.append(f"{waived} waived")
    return ", ".join(said) or "no findings"


def amount(number: int, one: str, many: str) -> str:
    """Return a number with its noun."""
    return f"{number} {one if number == 1 else many}"


def verdict(report: Report) -> str:
    """Return the outcome in a sentence."""
    held = counts(report)
    if held[ERROR]:
        return "This will not work as installed."
    if held[WARNING]:
        return "This may not work: there are declared or likely conflicts."
    if report.verdict == "undecided":
        return "Nothing could be judged: the facts that the rules ask for are not known."
    if report.undecided:
        return "No problem was found in what could be decided."
    return "No problem was found."


def fix_words(fix: Fix) -> tuple[str, str]:
    """Return a heading for a fix and what else it says; where the text is all there is, it is the heading."""
    title = fix.title[:1].upper() + fix.title[1:]
    if fix.text and fix.action in ("run", "do"):
        return fix.text, ""
    return (title, "" if fix.text == fix.title else fix.text) if title else (fix.text, "")


def fix_state(fix: Fix) -> str:
    """Return what is known of a fix: whether it was tried, what else it would do."""
    said = []
    if fix.raises:
        said.append(f"would raise {', '.join(fix.raises)}")
    if fix.tried == "remains":
        said.append("does not resolve this on its own")
    if fix.tried == "resolves":
        said.append("tried on the facts: resolves this")
    if fix.action == "install" and not fix.verified:
        said.append("not verified")
    if fix.safety == UNSAFE:
        said.append("may disturb something else")
    if fix.safety == SHOW:
        said.append("outside of this environment")
    return "; ".join(said)


def reasons(report: Report) -> list[tuple[str, int]]:
    """Return why rules stayed undecided and how often, the most frequent first."""
    held: dict[str, int] = {}
    for entry in report.undecided:
        reason = entry.missing[0][1] if entry.missing else "a fact is missing"
        held[reason] = held.get(reason, 0) + 1
    return sorted(held.items(), key=lambda item: (-item[1], item[0]))


def gaps(snapshot: Snapshot) -> list[Coverage]:
    """Return what was not read completely, by scope."""
    return [entry for _, entry in sorted(snapshot.coverage.items()) if entry.status != COMPLETE]
