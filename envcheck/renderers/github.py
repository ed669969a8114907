"""A report as workflow commands, which GitHub Actions shows as annotations: errors, then warnings, then notices.

GitHub shows ten annotations of a level for a step and fifty for a job; the log has all. The first notice is the verdict
with the counts, and says what GitHub leaves out. Waived and known findings are notices that say so.
https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
https://github.com/actions/toolkit/blob/main/docs/problem-matchers.md#limitations
"""

from __future__ import annotations

from envcheck.model.reports import NEW
from envcheck.model.rules import ERROR, WARNING
from envcheck.renderers import _outline as outline
from envcheck.renderers._places import place
from envcheck.renderers._printable import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from envcheck.model.reports import Finding, Report

SUFFIX = ".github.txt"

_SHOWN = 10
_LEVELS = {ERROR: "error", WARNING: "warning"}
_NOTICE = "notice"


def render(report: Report, *, width: int = 80, colour: bool = False) -> str:
    """Return one command a line; width and colour do not matter."""
    del width, colour
    levels: dict[str, list[Finding]] = {"error": [], "warning": [], _NOTICE: []}
    for finding in outline.worst_first(report.findings):
        level = _LEVELS.get(finding.severity, _NOTICE) if finding.status == NEW else _NOTICE
        levels[level].append(finding)
    several = len(report.snapshots) > 1
    lines = [_annotation(level, finding, several=several) for level in _LEVELS.values() for finding in levels[level]]
    lines.append(_command(_NOTICE, {"title": "envcheck"}, _summary(report, levels)))
    lines += [_annotation(_NOTICE, finding, several=several) for finding in levels[_NOTICE]]
    return "\n".join(lines) + "\n"


def _annotation(level: str, finding: Finding, *, several: bool) -> str:
    where = place(finding)
    properties = {}
    if where is not None and where.inside:
        properties["file"] = where.path
        if where.line:
            properties["line"] = str(where.line)
    properties["title"] = finding.rule + (f" in {finding.target}" if several else "")
    standing = outline.standing(finding)
    lines = [finding.message, *([standing] if standing else []), finding.why]
    if finding.fixes:
        lines += outline.advice(finding.fixes[0])
    return _command(level, properties, lines)


def _summary(report: Report, levels: Mapping[str, Sequence[Finding]]) -> list[str]:
    counted = outline.count_line(report) + (f", {outline.open_rules(report)} undecided" if report.undecided else "")
    lines = [outline.verdict(report), f"{counted} by {outline.amount(report.rules, 'rule', 'rules')}"]
    left = {level: len(held) - (_SHOWN - (level == _NOTICE)) for level, held in levels.items()}
    more = [outline.amount(number, level, f"{level}s") for level, number in left.items() if number > 0]
    return [*lines, *([f"{', '.join(more)} more in the log of this step"] if more else [])]


def _command(name: str, properties: Mapping[str, str], lines: Sequence[str]) -> str:
    """Return a workflow command; what is escaped, and how, is what the runner turns back.

    https://github.com/actions/toolkit/blob/main/packages/core/src/command.ts
    """
    told = ",".join(f"{key}={_property(value)}" for key, value in properties.items())
    return f"::{name} {told}::{'%0A'.join(_data(line) for line in lines)}"


def _data(text: str) -> str:
    return printable(text).replace("%", "%25")  # what is printable is on one line: no CR and LF are left to escape


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
