"""A report for the job summaries and comments of CI: the verdict, a table of causes, the details folded away."""

from __future__ import annotations

from envcheck.model.facts import PARTIAL
from envcheck.renderers import _outline as outline
from envcheck.renderers._printable import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from envcheck.model.reports import Finding, Fix, Report
    from envcheck.renderers._outline import Group

SUFFIX = ".md"

_DETAILS = 10  # of one cause; a job summary may hold 1 MiB and nobody reads so much
_SIGNS = {"error": "❌", "warning": "⚠️", "info": "ℹ️"}  # noqa: RUF001  the sign is meant
# What Markdown or HTML would act on; a zero-width space keeps names and issue numbers from becoming mentions and links.
_ACTIVE = str.maketrans(
    {letter: f"\\{letter}" for letter in "\\`*_{}[]~|$"}
    | {"&": "&amp;", "<": "&lt;", ">": "&gt;", "@": "@&#8203;", "#": "#&#8203;"}
)
_MARKS = "&<>\"'`*_[]~|\\#:"


def render(report: Report, *, width: int = 80, colour: bool = False) -> str:
    """Return the report as GitHub-flavoured Markdown; width and colour do not matter."""
    del width, colour
    if report.drift is not None:
        from envcheck.renderers import _drift_markdown

        return "\n".join(_drift_markdown.lines(report, report.drift)) + "\n"
    groups = outline.by_cause(report)
    lines = [f"## {outline.verdict(report)}", ""]
    counted = escape(outline.count_line(report))
    undecided = f", {outline.open_rules(report)} undecided" if report.undecided else ""
    lines += [f"**{counted}{undecided}** by {outline.amount(report.rules, 'rule', 'rules')}", ""]
    several = len(report.snapshots) > 1
    for snapshot in report.snapshots:
        label = f"{code(snapshot.label)}: " if several else ""
        lines += [label + escape(snapshot.chosen or snapshot.label or snapshot.address), ""]
    lines += [*_table(groups), *(line for group in groups for line in _details(group, several=several))]
    lines += [*_waived(groups), *undecided_block(report), *coverage_block(report)]
    lines.append(f"<sub>{escape(report.tool)}</sub>")
    return "\n".join(lines) + "\n"


def escape(text: str) -> str:
    """Return text that shows as it is: no markup, HTML, mention, issue link or bare link comes of it."""
    return " ".join(printable(text).split()).translate(_ACTIVE).replace("://", "&#58;//").replace("www.", "www&#46;")


def code(text: str) -> str:
    """Return text as a code span that holds whatever back-ticks and pipes it has."""
    text = " ".join(printable(text).split())
    if not text:
        return ""
    fence = "`" * (_longest_run(text) + 1)
    edge = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{fence}{edge}{text}{edge}{fence}"


def cell(text: str) -> str:
    """Return a code span for a table, where only an escaped pipe does not end the cell."""
    return code(text).replace("|", "\\|")


def _longest_run(text: str) -> int:
    longest = 0
    while "`" * (longest + 1) in text:
        longest += 1
    return longest


def _table(groups: list[Group]) -> Iterator[str]:
    if not groups:
        return
    yield "| Cause | Severity | Findings | Concerns | First finding |"
    yield "| --- | --- | ---: | --- | --- |"
    for group in groups:
        sign = "waived" if group.waived else f"{_SIGNS.get(group.severity, '')} {escape(group.severity)}".strip()
        about = escape(outline.subjects(group.findings))
        first = escape(group.findings[0].message)
        yield f"| {cell(group.cause)} | {sign} | {len(group.findings)} | {about} | {first} |"
    yield ""


def _details(group: Group, *, several: bool) -> Iterator[str]:
    if group.waived:
        return
    for finding in group.findings[:_DETAILS]:
        yield from finding_block(finding, several=several)
    left = len(group.findings) - _DETAILS
    if left > 0:
        yield from (f"… {left} more of {code(group.cause)}; `--format json` has all.", "")


def finding_block(finding: Finding, *, several: bool) -> Iterator[str]:
    """Return the lines of a finding, folded away under its message."""
    # Inside <summary> GitHub reads HTML, not Markdown, so only what is escaped as HTML shows as it is.
    head = _html(finding.message)
    yield f"<details><summary>{_SIGNS.get(finding.severity, '')} {head}</summary>"
    yield from ("", escape(finding.why), "")
    for entry in finding.evidence:
        origin = f", from {code(entry.origin)}" if entry.origin else ""
        yield f"- {code(entry.key)} is {code(entry.value)}{origin}"
    if finding.evidence:
        yield ""
    for fix in finding.fixes:
        yield from fix_block(fix)
    notes = [f"Rule {code(finding.rule)}"]
    if standing := outline.standing(finding):
        notes.append(escape(standing))
    if said := outline.confidence(finding):
        notes.append(escape(said))
    if several:
        notes.append(f"in {code(finding.target)}")
    notes += [f"source: {link(source)}" for source in finding.sources]
    yield from (" · ".join(notes), "", "</details>", "")


def fix_block(fix: Fix) -> Iterator[str]:
    """Return the lines of a fix: what to do, what is known of it, the commands in a fence."""
    state = outline.fix_state(fix)
    heading, text = outline.fix_words(fix)
    yield from (f"**{escape(heading)}**" + (f" ({escape(state)})" if state else ""), "")
    if text:
        yield from (escape(text), "")
    if fix.commands:
        commands = [printable(command) for command in fix.commands]
        fence = "`" * max(3, *(_longest_run(command) + 1 for command in commands))
        yield from (f"{fence}sh", *commands, fence, "")


def link(source: str) -> str:
    """Return a source as a link, or as text where it is no address."""
    plain = source.isprintable() and not any(letter in source for letter in ' <>()[]|`\\"')
    return f"<{source}>" if plain and source.startswith(("https://", "http://")) else escape(source)


def _html(text: str) -> str:
    """Return text for inside an HTML element, with every mark that Markdown might still see as an entity."""
    text = " ".join(printable(text).split())
    return "".join(f"&#{ord(letter)};" if letter in _MARKS else letter for letter in text).replace("@", "@&#8203;")


def _waived(groups: list[Group]) -> Iterator[str]:
    findings = [finding for group in groups if group.waived for finding in group.findings]
    if not findings:
        return
    yield from (f"<details><summary>{outline.amount(len(findings), 'finding', 'findings')} waived</summary>", "")
    for finding in findings[:_DETAILS]:
        yield f"- {code(finding.rule)}: {escape(finding.message)}; {escape(outline.standing(finding))}"
    if len(findings) > _DETAILS:
        yield f"- … {len(findings) - _DETAILS} more; `--format json` has all."
    yield from ("", "</details>", "")


def undecided_block(report: Report) -> Iterator[str]:
    """Return the lines of what was not decided, by environment."""
    for open_ in outline.undecided(report):
        where = f" in {_html(open_.target)}" if len(report.snapshots) > 1 else ""
        rules = len({entry.rule for entry in (*open_.near, *open_.far)})
        yield from (f"<details><summary>{outline.amount(rules, 'rule', 'rules')} not decided{where}</summary>", "")
        ways = list(dict.fromkeys(map(outline.way, open_.near)))
        yield from (f"- {escape(way)}" for way in ways[:_DETAILS])
        if len(ways) > _DETAILS:
            yield f"- … {len(ways) - _DETAILS} more like these"
        yield from (f"- {escape(reason)}" for reason in open_.reasons[:_DETAILS])
        yield from ("", "</details>", "")


def coverage_block(report: Report) -> Iterator[str]:
    """Return the lines of what was not read, by environment."""
    for snapshot in report.snapshots:
        entries = outline.gaps(snapshot)
        if not entries:
            continue
        where = f" in {_html(snapshot.label)}" if len(report.snapshots) > 1 else ""
        yield from (f"<details><summary>{len(entries)} scopes not read completely{where}</summary>", "")
        for entry in entries[:_DETAILS]:
            part = " in part" if entry.status == PARTIAL else ""
            yield f"- {code(entry.scope)}{part}: {escape(entry.reason or entry.status)}"
        yield from ("", "</details>", "")
