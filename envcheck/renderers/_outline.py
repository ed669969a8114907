"""What every readable format says of a report in the same words: the order, the groups, the verdict, the counts."""

from __future__ import annotations

from envcheck.model.facts import COMPLETE
from envcheck.model.record import Record
from envcheck.model.reports import CONFIRMED, SHOW, UNSAFE, WAIVED, Finding
from envcheck.model.rules import ERROR, INFO, SEVERITIES, WARNING

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from envcheck.model.facts import Coverage, Snapshot
    from envcheck.model.reports import Fix, Report, Undecided

_ORDER = {severity: place for place, severity in enumerate(reversed(SEVERITIES))}
_VERDICTS = {
    "broken": "This will not work as installed.",
    "warnings": "This may not work: there are declared or likely conflicts.",
    "undecided": "This could not be decided: what the rules ask for is not known.",
}
_NOUNS = {ERROR: ("error", "errors"), WARNING: ("warning", "warnings"), INFO: ("note", "notes")}


class Group(Record):
    """Findings of one cause, the worst first, with its severity; `waived` ones stand apart, at the end."""

    cause: str
    severity: str
    waived: bool
    findings: tuple[Finding, ...]


class Open(Record):
    """What stayed undecided of one target.

    `near` are those that a few more facts would decide; `reasons` says of the others why, and of how many rules.
    """

    target: str
    near: tuple[Undecided, ...]
    far: tuple[Undecided, ...]
    reasons: tuple[str, ...]


def by_cause(report: Report) -> list[Group]:
    """Return the findings grouped by cause (the rule where it names none), errors first, waived last."""
    return _grouped(report.findings, lambda finding: (finding.cause or finding.rule,))


def by_rule(group: Group) -> list[Group]:
    """Return one group divided by severity and rule, in order of appearance."""
    return _grouped(group.findings, lambda finding: (finding.severity, finding.rule))


def _grouped(findings: Iterable[Finding], key_of: Callable[[Finding], tuple[str, ...]]) -> list[Group]:
    """Group by a key whose last part is the group's name."""
    buckets: dict[tuple[bool, tuple[str, ...]], list[Finding]] = {}
    # Within a severity the report's own order stays: the sort is stable.
    for finding in sorted(findings, key=lambda finding: (finding.status == WAIVED, severity_order(finding.severity))):
        buckets.setdefault((finding.status == WAIVED, key_of(finding)), []).append(finding)
    return [
        Group(cause=key[-1], severity=held[0].severity, waived=waived, findings=tuple(held))
        for (waived, key), held in buckets.items()
    ]


def severity_order(severity: str) -> int:
    """Return where a severity stands, the worst first."""
    return _ORDER.get(severity, len(_ORDER))


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
    if report.verdict in _VERDICTS:
        return _VERDICTS[report.verdict]
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
        others = f" and {amount(fix.also, 'other finding', 'other findings')}" if fix.also else ""
        said.append(f"checked against the rules: resolves this{others} (not run)")
    if fix.action == "install" and not fix.verified:
        said.append("its own requirements are not known here")
    if fix.safety == UNSAFE:
        said.append("may disturb something else")
    if fix.safety == SHOW:
        said.append("outside of this environment")
    return "; ".join(said)


def confidence(finding: Finding) -> str:
    """Return how sure a finding is, with what is missing to be surer; nothing of a confirmed one."""
    if finding.confidence == CONFIRMED:
        return ""
    keys: dict[str, list[str]] = {}
    for key, reason in finding.missing:
        keys.setdefault(reason, []).append(key)
    missing = "; ".join(f"not known: {', '.join(held)} ({reason})" for reason, held in keys.items())
    return f"{finding.confidence}, {missing}" if missing else finding.confidence


def undecided(report: Report) -> list[Open]:
    """Return what stayed undecided, by target."""
    held: dict[str, list[Undecided]] = {}
    for entry in report.undecided:
        held.setdefault(entry.target, []).append(entry)
    # Of what somebody wrote down nearly everything is unknown, so that the rules it comes close to come first.
    described = {snapshot.label for snapshot in report.snapshots if snapshot.address.startswith("facts:")}
    return [_open(target, entries, described=target in described) for target, entries in held.items()]


def _open(target: str, entries: list[Undecided], *, described: bool) -> Open:
    near = [entry for entry in entries if described and entry.known]
    near.sort(key=_distance)
    far = [entry for entry in entries if not (described and entry.known)]
    if described:
        rules = len({entry.rule for entry in far})
        why = [f"{amount(rules, 'rule', 'rules')} about what is not mentioned"] if rules else []
    else:
        why = _reasons(far)
    return Open(target=target, near=tuple(near), far=tuple(far), reasons=tuple(why))


def _distance(entry: Undecided) -> tuple[int, int]:
    """Return how far a rule is from being decided: facts of things that were mentioned are easy to tell."""
    mentioned = {key.partition("#")[0] for key in entry.known}
    return sum(key.partition("#")[0] not in mentioned for key, _ in entry.missing), len(entry.missing)


def _reasons(entries: Iterable[Undecided]) -> list[str]:
    """Return why rules stayed undecided and how many, the most frequent first."""
    held: dict[str, set[str]] = {}
    for entry in entries:
        held.setdefault(entry.missing[0][1] if entry.missing else "a fact is missing", set()).add(entry.rule)
    ranked = sorted(held.items(), key=lambda item: (-len(item[1]), item[0]))
    return [f"{reason} ({amount(len(rules), 'rule', 'rules')})" for reason, rules in ranked]


def way(entry: Undecided) -> str:
    """Return what would decide a rule; where telling does not help, as its table has no such row, why."""
    if all("#" in key for key, _ in entry.missing):
        return f"to decide {entry.rule}, tell {', '.join(key for key, _ in entry.missing)}"
    return f"{entry.rule}: {'; '.join(missing_reasons(entry))}"


def missing_reasons(entry: Undecided) -> list[str]:
    """Return why facts are missing, each reason once."""
    return list(dict.fromkeys(reason for _, reason in entry.missing))


def open_rules(report: Report) -> int:
    """Return how many rules stayed undecided, each once."""
    return len({entry.rule for entry in report.undecided})


def gaps(snapshot: Snapshot) -> list[Coverage]:
    """Return what was not read completely, by scope."""
    return [entry for _, entry in sorted(snapshot.coverage.items()) if entry.status != COMPLETE]
