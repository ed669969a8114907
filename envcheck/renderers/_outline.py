"""What every readable format says of a report in the same words: the order, the groups, the verdict, the counts."""

from __future__ import annotations

from envcheck.keys import KINDS
from envcheck.model.facts import COMPLETE
from envcheck.model.record import Record
from envcheck.model.reports import CONFIRMED, KNOWN, NEW, SHOW, UNSAFE, WAIVED, Finding
from envcheck.model.rules import ERROR, INFO, SEVERITIES, WARNING

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from envcheck.model.facts import Coverage, Snapshot, Value
    from envcheck.model.reports import Fix, Report, Undecided

_ORDER = {severity: place for place, severity in enumerate(reversed(SEVERITIES))}
_VERDICTS = {
    "broken": "This will not work as installed.",
    "warnings": "This may not work: there are declared or likely conflicts.",
    "undecided": "This could not be decided: what the rules ask for is not known.",
}
_MIB, _GIB = 1 << 20, 1 << 30
_SEVERAL = 2
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
    for finding in worst_first(findings):
        buckets.setdefault((finding.status == WAIVED, key_of(finding)), []).append(finding)
    return [
        Group(cause=key[-1], severity=held[0].severity, waived=waived, findings=tuple(held))
        for (waived, key), held in buckets.items()
    ]


def worst_first(findings: Iterable[Finding]) -> list[Finding]:
    """Return the findings by severity, waived ones last; within a severity the report's own order stays."""
    return sorted(findings, key=lambda finding: (finding.status == WAIVED, severity_order(finding.severity)))


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
    """Return the counts in words, or `no findings`; those that the baseline has, too, are among the severities.

    `3 errors, 1 warning, 1 waived, 2 known`.
    """
    parts = [amount(number, *_NOUNS.get(severity, (severity, severity))) for severity, number in counts(report).items()]
    said = [part for part in parts if not part.startswith("0 ")]
    held = {status: sum(finding.status == status for finding in report.findings) for status in (WAIVED, KNOWN)}
    said += [f"{number} {status}" for status, number in held.items() if number]
    return ", ".join(said) or "no findings"


def standing(finding: Finding) -> str:
    """Return what was decided of a finding, nothing of a new one: `known`, or who waived it, how long and why.

    `waived until 2026-12-31 by ml-team: reason (ticket), shown to work: evidence`.
    """
    waiver = finding.waiver
    if finding.status == NEW:
        return ""
    if finding.status != WAIVED or waiver is None:
        return finding.status
    until = f" until {waiver.until}" if waiver.until else ""
    ticket = f" ({waiver.ticket})" if waiver.ticket else ""
    evidence = f", shown to work: {waiver.evidence}" if waiver.evidence else ""
    return f"{WAIVED}{until} by {waiver.owner}: {waiver.reason}{ticket}{evidence}"


def identity(finding: Finding, report: Report) -> str:
    """Return what tells a finding from all others of the report, the same in another run."""
    # What a target is called may differ from run to run, so that it only counts where it is needed.
    return finding.fingerprint if len(report.snapshots) < _SEVERAL else f"{finding.fingerprint}/{finding.target}"


def amount(number: int, one: str, many: str) -> str:
    """Return a number with its noun."""
    return f"{number} {one if number == 1 else many}"


def verdict(report: Report) -> str:
    """Return the outcome in a sentence."""
    if report.verdict in _VERDICTS:
        return _VERDICTS[report.verdict]
    problem = "No new problem" if any(finding.status != NEW for finding in report.findings) else "No problem"
    if report.undecided:
        return f"{problem} was found in what could be decided."
    return f"{problem} was found."


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


def advice(fix: Fix) -> list[str]:
    """Return a fix as plain lines: what to do, the commands to paste, and what is known of it."""
    heading, text = fix_words(fix)
    state = fix_state(fix)
    lines = [f"fix: {heading}" + (f" ({state})" if state else "")]
    return [*lines, *([f"  {text}"] if text else []), *(f"  {command}" for command in fix.commands)]


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


def value_words(value: Value, kind: str = "", attribute: str = "") -> str:
    """Return a value in words: lists with commas, yes and no, sizes in MiB and GiB."""
    if isinstance(value, tuple):
        return ", ".join(str(item) for item in value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    known = KINDS[kind][3].get(attribute) if kind in KINDS else None
    if isinstance(value, int) and known is not None and known[0] == "bytes" and value >= _MIB:
        return f"{value / _GIB:.0f} GiB" if value >= _GIB * 10 else f"{value / _MIB:.0f} MiB"
    return str(value)
