"""A report for a terminal: the verdict first, every finding with its evidence and the command to paste."""

from __future__ import annotations

from envcheck.model.facts import PARTIAL
from envcheck.model.reports import KNOWN
from envcheck.model.rules import ERROR, INFO, WARNING
from envcheck.renderers import _outline as outline
from envcheck.renderers._printable import cut, cut_address, display_width, printable, wrap

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
_NEAR = 5
_GAPS = 3
_ALL = "the JSON and HTML reports have all"
_COLOURS = {ERROR: "1;31", WARNING: "1;33", INFO: "1;34", "dim": "2", "strong": "1", "good": "1;32"}


def render(report: Report, *, width: int = 80, colour: bool = False) -> str:
    """Return the report as lines of at most `width` columns; only commands to paste are never broken."""
    page = Page(max(width, _NARROWEST), colour=colour, several=len(report.snapshots) > 1)
    if report.drift is not None:
        from envcheck.renderers import _drift_text

        return "\n".join(_drift_text.lines(report, report.drift, page)) + "\n"
    groups = outline.by_cause(report)
    lines = [*page.head(report), *page.table(groups)]
    for group in groups:
        for alike in outline.by_rule(group):
            lines += ["", *page.group(alike)]
    lines += ["", *page.undecided(report), *page.coverage(report), *page.closing(report)]
    return "\n".join(lines) + "\n"


class Page:
    """The width and the colours that all lines share; of `several` targets each line says which it is about."""

    def __init__(self, width: int, *, colour: bool, several: bool) -> None:
        self.width = width
        self.room = width - _INDENT
        self.colour = colour
        self.several = several

    def paint(self, text: str, name: str) -> str:
        """Return text in a colour, where colours are wanted."""
        code = _COLOURS.get(name)
        return f"\x1b[{code}m{text}\x1b[0m" if self.colour and code and text else text

    def head(self, report: Report) -> Iterator[str]:
        """Say what was looked at, and the verdict."""
        for snapshot in report.snapshots:
            label = f"{snapshot.label}: " if self.several else ""
            yield from wrap(label + (snapshot.chosen or snapshot.label or snapshot.address), self.width)
        worst = {"broken": ERROR, "warnings": WARNING}.get(report.verdict, "strong")
        yield self.paint(outline.verdict(report), worst)

    def table(self, groups: list[Group]) -> Iterator[str]:
        """Count the findings of each cause."""
        if len(groups) < 2:  # noqa: PLR2004  a table of one row would only repeat the finding
            return
        yield ""
        shown = groups[:_CAUSES]
        first = min(max(display_width(printable(group.cause)) for group in shown), self.width - 30)
        for group in shown:
            cause = cut(group.cause, first)
            state = "waived" if group.waived else cut(group.severity, 7)
            left = f"  {cause}{' ' * (first - display_width(cause))}  "
            middle = f"{state:<7} {len(group.findings):>4}  "
            about = cut(outline.subjects(group.findings), self.width - len(middle) - first - 4)
            yield left + self.paint(middle[:7], state) + f"{middle[7:]}{about}".rstrip()
        if len(groups) > _CAUSES:
            yield f"  … {len(groups) - _CAUSES} more causes"

    def group(self, group: Group) -> Iterator[str]:
        """Tell the findings of one severity and rule: each, or where they are many, what they share."""
        if group.waived:
            yield from self.waived(group)
        elif len(group.findings) > _ALIKE:
            yield from self.alike(group)
        else:
            for number, finding in enumerate(group.findings):
                if number:
                    yield ""
                yield from self.finding(finding)

    def waived(self, group: Group) -> Iterator[str]:
        """Tell waived findings of one rule in brief, and every waiver in full."""
        yield from self.marked("waived", wrap(group.findings[0].summary, self.room, 2))
        yield from self.messages(group.findings)
        for standing in dict.fromkeys(map(outline.standing, group.findings)):
            yield from self.under(wrap(standing, self.room), "")
        said = f"{outline.amount(len(group.findings), 'finding', 'findings')}, rule: {group.cause}"
        yield from self.under([cut(f"{said}{self.where(group.findings)}", self.room)], "dim")

    def messages(self, findings: tuple[Finding, ...]) -> Iterator[str]:
        """Name the first of many findings, one on a line."""
        for finding in findings[:_SHOWN]:
            target = f"{finding.target}: " if self.several else ""
            known = f"{KNOWN}: " if finding.status == KNOWN else ""
            yield from self.under([cut(f"{target}{known}{finding.message}", self.room)], "")
        left = len(findings) - _SHOWN
        if left > 0:
            yield from self.under([cut(f"… {left} more, {_ALL}", self.room)], "dim")

    def where(self, findings: Iterable[Finding]) -> str:
        """Name the targets that findings are about, where there are several to choose from."""
        return f", in {', '.join(dict.fromkeys(finding.target for finding in findings))}" if self.several else ""

    def finding(self, finding: Finding) -> Iterator[str]:
        """Tell one finding with its evidence and its first fix."""
        # Both in full: they hold the text of the error that people search for.
        yield from self.marked(finding.severity, wrap(finding.message, self.room))
        yield from self.under(wrap(finding.why, self.room), "dim")
        yield from self.under(self.evidence(finding.evidence), "")
        yield from self.fix(finding.fixes)
        yield from self.under(wrap(outline.confidence(finding), self.room), "dim")
        known = ", known" if finding.status == KNOWN else ""
        yield from self.under([cut(f"rule: {finding.rule}{known}{self.where([finding])}", self.room)], "dim")

    def alike(self, group: Group) -> Iterator[str]:
        """Tell many findings of one rule as one."""
        findings = group.findings
        summary = findings[0].summary.rstrip(".")
        yield from self.marked(group.severity, wrap(f"{len(findings)} findings: {summary}", self.room, 2))
        yield from self.messages(findings)
        yield from self.fix(findings[0].fixes)
        yield from self.under([cut(f"rule: {findings[0].rule}{self.where(findings)}", self.room)], "dim")

    def marked(self, severity: str, lines: list[str]) -> Iterator[str]:
        """Put the severity before the first line, in the margin."""
        severity = cut(severity, _INDENT - 1)
        mark = self.paint(severity, severity) + " " * (_INDENT - display_width(severity))
        for number, line in enumerate(lines):
            yield (mark if number == 0 else " " * _INDENT) + self.paint(
                printable(line), "strong" if number == 0 else ""
            )

    def under(self, lines: Iterable[str], name: str) -> Iterator[str]:
        """Put lines beneath what is marked in the margin."""
        for line in lines:
            if line:
                yield " " * _INDENT + self.paint(line, name)

    def evidence(self, entries: tuple[Evidence, ...]) -> Iterator[str]:
        """Name the facts that a finding rests on, and where each came from."""
        for entry in entries[:_EVIDENCE]:
            said = cut(f"{entry.key} = {entry.value}", self.room)
            left = self.room - display_width(said) - 2
            yield (
                f"{said}  {self.paint(cut_address(entry.origin, left), 'dim')}"
                if entry.origin and left > _INDENT
                else said
            )
        if len(entries) > _EVIDENCE:
            yield cut(f"… {outline.amount(len(entries) - _EVIDENCE, 'more fact', 'more facts')}, {_ALL}", self.room)

    def fix(self, fixes: tuple[Fix, ...]) -> Iterator[str]:
        """Show the first fix, and how many others there are."""
        if not fixes:
            return
        first = fixes[0]
        if first.commands:
            # A command that is broken over lines cannot be pasted.
            for number, command in enumerate(first.commands[:2]):
                yield " " * _INDENT + ("fix: " if number == 0 else "     ") + self.paint(printable(command), "good")
        else:
            yield from self.under(wrap(f"fix: {first.text or first.title}", self.room), "")
        state = outline.fix_state(first)
        if len(first.commands) > 2:  # noqa: PLR2004  as many as were shown
            state = f"{len(first.commands) - 2} more commands, {_ALL}; {state}"
        if len(fixes) > 1:
            others = f"{outline.amount(len(fixes) - 1, 'other way', 'other ways')} in the JSON and HTML reports"
            state = f"{state}; {others}" if state else others
        if state:
            yield from self.under((f"     {line}" for line in wrap(state, self.room - 5)), "dim")

    def undecided(self, report: Report) -> Iterator[str]:
        """Say what was not decided, by target."""
        for open_ in outline.undecided(report):
            said = "; ".join(open_.reasons[:_REASONS])
            more = f"; … {len(open_.reasons) - _REASONS} more reasons" if len(open_.reasons) > _REASONS else ""
            head = f"Not decided{self.about(open_.target)}:"
            if open_.near:
                yield cut(head, self.width)
                ways = list(dict.fromkeys(map(outline.way, open_.near)))
                yield from (cut(f"  {way}", self.width) for way in ways[:_NEAR])
                if len(ways) > _NEAR:
                    yield cut(f"  … {len(ways) - _NEAR} more like these, {_ALL}", self.width)
            if said and open_.near:
                yield cut(f"  {said}{more}", self.width)
            elif said:
                yield from wrap(f"{head} {said}{more}", self.width, 3)

    def about(self, target: str) -> str:
        """Name a target where there are several."""
        return f" in {target}" if self.several else ""

    def coverage(self, report: Report) -> Iterator[str]:
        """Say what was not read, by target."""
        for snapshot in report.snapshots:
            entries = outline.gaps(snapshot)
            if not entries:
                continue
            held: dict[str, list[str]] = {}
            for entry in entries:
                why = f"{'in part: ' if entry.status == PARTIAL else ''}{entry.reason or entry.status}"
                held.setdefault(why, []).append(entry.scope)
            said = [
                f"{', '.join(scopes[:_GAPS])}{f', … {len(scopes) - _GAPS} more' if len(scopes) > _GAPS else ''} ({why})"
                for why, scopes in held.items()
            ]
            more = f"; … {len(said) - _GAPS} more reasons" if len(said) > _GAPS else ""
            yield from wrap(f"Not read{self.about(snapshot.label)}: {'; '.join(said[:_GAPS])}{more}", self.width, 3)

    def closing(self, report: Report) -> list[str]:
        """Return the counts."""
        parts = [outline.count_line(report)]
        if report.undecided:
            parts.append(f"{outline.open_rules(report)} undecided")
        parts.append(outline.amount(report.rules, "rule", "rules"))
        return wrap(" · ".join(parts), self.width)
