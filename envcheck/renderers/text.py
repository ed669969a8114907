"""A report for a terminal: the verdict first, every finding with its evidence and the command to paste."""

from __future__ import annotations

from envcheck.model.facts import PARTIAL
from envcheck.model.reports import KNOWN, LIKELY, SUSPECTED
from envcheck.model.rules import ERROR, INFO, WARNING
from envcheck.renderers import _outline as outline
from envcheck.renderers._printable import cut, cut_path, display_width, printable, wrap

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from envcheck.model.reports import Evidence, Finding, Fix, Report
    from envcheck.renderers._outline import Group

SUFFIX = ".txt"

_NARROWEST = 40
_INDENT = 9
_ALIKE = 3  # more findings of one rule than this are told as one
_SHOWN = 4  # so many of these are named
_CAUSES = 12
_EVIDENCE = 4
_REASONS = 3
_GAPS = 3
_COLOURS = {ERROR: "1;31", WARNING: "1;33", INFO: "1;34", "dim": "2", "strong": "1", "good": "1;32"}


def render(report: Report, *, width: int = 80, colour: bool = False) -> str:
    """Return the report as lines of at most `width` columns; only commands to paste are never broken."""
    page = _Page(max(width, _NARROWEST), colour=colour)
    groups = outline.by_cause(report)
    lines = [*page.head(report), *page.table(groups)]
    for group in groups:
        for alike in outline.by_rule(group):
            lines += ["", *page.group(alike)]
    lines += ["", *page.undecided(report), *page.coverage(report), *page.closing(report)]
    return "\n".join(lines) + "\n"


class _Page:
    """The width and the colours that all lines share."""

    def __init__(self, width: int, *, colour: bool) -> None:
        self.width = width
        self.room = width - _INDENT
        self.colour = colour

    def paint(self, text: str, name: str) -> str:
        code = _COLOURS.get(name)
        return f"\x1b[{code}m{text}\x1b[0m" if self.colour and code and text else text

    def head(self, report: Report) -> Iterator[str]:
        for snapshot in report.snapshots:
            yield from wrap(snapshot.chosen or snapshot.label or snapshot.address, self.width)
        held = outline.counts(report)
        worst = next((severity for severity in (ERROR, WARNING) if held[severity]), "strong")
        yield self.paint(outline.verdict(report), worst)

    def table(self, groups: list[Group]) -> Iterator[str]:
        if len(groups) < 2:  # noqa: PLR2004  a table of one row would only repeat the finding
            return
        yield ""
        shown = groups[:_CAUSES]
        first = min(max(display_width(printable(group.cause)) for group in shown), self.width - 30)
        for group in shown:
            cause = cut(group.cause, first)
            state = "waived" if group.waived else group.severity
            left = f"  {cause}{' ' * (first - display_width(cause))}  "
            middle = f"{state:<7} {len(group.findings):>4}  "
            about = cut(outline.subjects(group.findings), self.width - len(middle) - first - 4)
            yield left + self.paint(middle[:7], state) + f"{middle[7:]}{about}".rstrip()
        if len(groups) > _CAUSES:
            yield f"  … {len(groups) - _CAUSES} more causes"

    def group(self, group: Group) -> Iterator[str]:
        if group.waived:
            yield from self.marked("waived", wrap(group.findings[0].summary, self.room, 2))
            said = f"{outline.amount(len(group.findings), 'finding', 'findings')}, rule: {group.cause}"
            yield from self.under(wrap(said, self.room, 1), "dim")
        elif len(group.findings) > _ALIKE:
            yield from self.alike(group)
        else:
            for number, finding in enumerate(group.findings):
                if number:
                    yield ""
                yield from self.finding(finding)

    def finding(self, finding: Finding) -> Iterator[str]:
        yield from self.marked(finding.severity, wrap(finding.message, self.room, 3))
        yield from self.under(wrap(finding.why, self.room, 2), "dim")
        yield from self.under(self.evidence(finding.evidence), "")
        yield from self.fix(finding.fixes)
        notes = [finding.rule]
        if finding.status == KNOWN:
            notes.append("known")
        if finding.confidence in (LIKELY, SUSPECTED):
            notes.append(finding.confidence)
        yield from self.under(wrap(f"rule: {', '.join(notes)}", self.room, 1), "dim")

    def alike(self, group: Group) -> Iterator[str]:
        findings = group.findings
        summary = findings[0].summary.rstrip(".")
        yield from self.marked(group.severity, wrap(f"{len(findings)} findings: {summary}", self.room, 2))
        for finding in findings[:_SHOWN]:
            yield from self.under([cut(finding.message, self.room)], "")
        left = len(findings) - _SHOWN
        if left:
            yield from self.under([cut(f"… {left} more, --format json has all", self.room)], "dim")
        yield from self.fix(findings[0].fixes)
        yield from self.under(wrap(f"rule: {findings[0].rule}", self.room, 1), "dim")

    def marked(self, severity: str, lines: list[str]) -> Iterator[str]:
        """Put the severity before the first line, in the margin."""
        mark = self.paint(severity, severity) + " " * max(_INDENT - len(severity), 1)
        for number, line in enumerate(lines):
            yield (mark if number == 0 else " " * _INDENT) + self.paint(
                printable(line), "strong" if number == 0 else ""
            )

    def under(self, lines: Iterable[str], name: str) -> Iterator[str]:
        for line in lines:
            yield " " * _INDENT + self.paint(line, name) if line else ""

    def evidence(self, entries: tuple[Evidence, ...]) -> Iterator[str]:
        for entry in entries[:_EVIDENCE]:
            said = cut(f"{entry.key} = {entry.value}", self.room)
            left = self.room - display_width(said) - 2
            yield (
                f"{said}  {self.paint(cut_path(entry.origin, left), 'dim')}"
                if entry.origin and left > _INDENT
                else said
            )
        if len(entries) > _EVIDENCE:
            yield cut(f"… {len(entries) - _EVIDENCE} more facts, --format json has all", self.room)

    def fix(self, fixes: tuple[Fix, ...]) -> Iterator[str]:
        if not fixes:
            return
        first = fixes[0]
        if first.commands:
            # A command that is broken over lines cannot be pasted.
            for number, command in enumerate(first.commands[:2]):
                yield " " * _INDENT + ("fix: " if number == 0 else "     ") + self.paint(printable(command), "good")
        else:
            yield from self.under(wrap(f"fix: {first.text or first.title}", self.room, 2), "")
        state = outline.fix_state(first)
        if len(first.commands) > 2:  # noqa: PLR2004  as many as were shown
            state = f"{len(first.commands) - 2} more commands, --format json has all; {state}"
        if len(fixes) > 1:
            state += f"; {outline.amount(len(fixes) - 1, 'other way', 'other ways')} in --format json"
        yield from self.under((f"     {line}" for line in wrap(state, self.room - 5, 2)), "dim")

    def undecided(self, report: Report) -> Iterator[str]:
        if not report.undecided:
            return
        top = outline.reasons(report)
        said = "; ".join(f"{reason} ({outline.amount(number, 'rule', 'rules')})" for reason, number in top[:_REASONS])
        more = f"; … {len(top) - _REASONS} more reasons" if len(top) > _REASONS else ""
        yield from wrap(f"Not decided: {said}{more}", self.width, 3)

    def coverage(self, report: Report) -> Iterator[str]:
        for snapshot in report.snapshots:
            entries = outline.gaps(snapshot)
            if not entries:
                continue
            said = "; ".join(
                f"{entry.scope}{' in part' if entry.status == PARTIAL else ''} ({entry.reason or entry.status})"
                for entry in entries[:_GAPS]
            )
            more = f"; … {len(entries) - _GAPS} more" if len(entries) > _GAPS else ""
            yield from wrap(f"Not read: {said}{more}", self.width, 3)

    def closing(self, report: Report) -> list[str]:
        parts = [outline.count_line(report)]
        if report.undecided:
            parts.append(f"{len(report.undecided)} undecided")
        parts.append(outline.amount(report.rules, "rule", "rules"))
        return wrap(" · ".join(parts), self.width)
