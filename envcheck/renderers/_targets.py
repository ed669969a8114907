"""The table of several environments: which finding each of them has, worst first."""

from __future__ import annotations

from envcheck.model.record import Record
from envcheck.model.reports import KNOWN, WAIVED
from envcheck.model.rules import ERROR, INFO, WARNING
from envcheck.renderers._outline import severity_order

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from envcheck.model.reports import Finding, Report

_SIGNS = {ERROR: "×", WARNING: "!", INFO: "i", WAIVED: "~", KNOWN: "="}  # noqa: RUF001  the sign is meant


class Cell(Record):
    """What one environment has: a sign, the same in a word, and the number of the finding, 0 without one."""

    sign: str
    word: str
    finding: int = 0


class Line(Record):
    """A rule's finding about the same subjects, over all environments; `finding` is the number of the first."""

    rule: str
    subjects: tuple[str, ...]
    finding: int
    cells: tuple[Cell, ...]


_NONE = Cell(sign="·", word="none")
_OPEN = Cell(sign="?", word="undecided")


def lines(report: Report) -> list[Line]:
    """Return the lines of the table, its columns being the report's environments; none where there is only one."""
    if len(report.snapshots) == 1:
        return []
    held: dict[tuple[str, tuple[str, ...]], dict[str, list[tuple[int, Finding]]]] = {}
    labels = {snapshot.label for snapshot in report.snapshots}
    for number, finding in enumerate(report.findings, 1):
        if finding.target in labels:
            targets = held.setdefault((finding.rule, finding.subjects), {})
            targets.setdefault(finding.target, []).append((number, finding))
    open_ = {(item.rule, item.target) for item in report.undecided}
    made = []
    for (rule, subjects), targets in held.items():
        worst = min((_rank(entry) for found in targets.values() for entry in found), default=())
        cells = tuple(
            _cell(targets[snapshot.label])
            if snapshot.label in targets
            else _OPEN
            if (rule, snapshot.label) in open_
            else _NONE
            for snapshot in report.snapshots
        )
        number = min(number for found in targets.values() for number, _ in found)
        made.append((worst, Line(rule=rule, subjects=subjects, finding=number, cells=cells)))
    return [line for _, line in sorted(made, key=lambda item: item[0])]


def _cell(found: Sequence[tuple[int, Finding]]) -> Cell:
    number, finding = min(found, key=_rank)
    word = finding.status if finding.status in (WAIVED, KNOWN) else finding.severity
    return Cell(sign=_SIGNS.get(word, "!"), word=word, finding=number)


def _rank(entry: tuple[int, Finding]) -> tuple[bool, int, int]:
    number, finding = entry
    return finding.status in (WAIVED, KNOWN), severity_order(finding.severity), number
