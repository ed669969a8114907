"""Puts the reports of several runs, such as the jobs of a CI matrix, into one."""

from __future__ import annotations

import posixpath

from envcheck.errors import UsageError
from envcheck.model.reports import Report

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from envcheck.model.reports import Finding

# The worst first; where one run could decide nothing, the others' health says nothing of it.
_VERDICTS = ("broken", "undecided", "warnings", "ok")
_UNUSED = "waiver-unused"


def merge(reports: Sequence[tuple[str, Report]]) -> Report:
    """Return one report of (path, report) pairs, every environment under a label of its own.

    A label that several reports have gives way to the names of their files. What is no environment's, such as a finding
    about a waiver, is told once; that a waiver accepts nothing, only where all reports say so. How environments differ
    stays in the report that compared them. Raises UsageError where there are none.
    """
    if not reports:
        raise UsageError("there is no report to merge", hint="envcheck check -o report.json writes one")
    if len(reports) == 1:
        return reports[0][1]
    renamed = [_relabelled(report, names) for (_, report), names in zip(reports, _labels(reports), strict=True)]
    return Report(
        verdict=min((report.verdict for report in renamed), key=_rank),
        findings=tuple(_findings(renamed)),
        undecided=tuple(item for report in renamed for item in report.undecided),
        snapshots=tuple(snapshot for report in renamed for snapshot in report.snapshots),
        rules=min(report.rules for report in renamed),  # shares are weighed against the least that was judged anywhere
        tool=", ".join(dict.fromkeys(report.tool for report in renamed)),
    )


def _rank(verdict: str) -> int:
    return _VERDICTS.index(verdict) if verdict in _VERDICTS else len(_VERDICTS)


def _labels(reports: Sequence[tuple[str, Report]]) -> list[dict[str, str]]:
    """Return for every report its labels and what becomes of them."""
    names = _file_names([path for path, _ in reports])
    held = [list(dict.fromkeys(snapshot.label for snapshot in report.snapshots)) for _, report in reports]
    everywhere = [label for labels in held for label in labels]
    taken = {label for label in everywhere if everywhere.count(label) == 1}
    made = []
    for name, labels in zip(names, held, strict=True):
        renamed = {}
        for label in labels:
            new = label
            if everywhere.count(label) > 1:
                new = free(name if len(labels) == 1 else f"{name}: {label}", taken)
                taken.add(new)
            renamed[label] = new
        made.append(renamed)
    return made


def free(name: str, taken: Collection[str]) -> str:
    """Return a label that nothing has yet: the name itself, else numbered."""
    number = 1
    while (free := name if number == 1 else f"{name} ({number})") in taken:
        number += 1
    return free


def _file_names(paths: Sequence[str]) -> list[str]:
    """Return the files' names without folder and ending, or, where these are not all different, the paths without."""
    plain = [path.replace("\\", "/") for path in paths]
    whole = [path.removesuffix(".json") for path in plain]
    short = [posixpath.basename(path) for path in whole]
    if len({*short}) == len(short):
        return short
    shared = posixpath.commonpath(whole) if len({path.startswith("/") for path in whole}) == 1 else ""
    return [posixpath.relpath(path, shared) if shared else path for path in whole]


def _relabelled(report: Report, names: Mapping[str, str]) -> Report:
    return report.replace(
        snapshots=tuple(one.replace(label=names[one.label]) for one in report.snapshots),
        findings=tuple(one.replace(target=names.get(one.target, one.target)) for one in report.findings),
        undecided=tuple(one.replace(target=names.get(one.target, one.target)) for one in report.undecided),
    )


def _findings(reports: Sequence[Report]) -> Iterator[Finding]:
    """Yield the findings of every environment, then once each those of none."""
    shared: dict[Finding, int] = {}
    for report in reports:
        labels = {snapshot.label for snapshot in report.snapshots}
        yield from (finding for finding in report.findings if finding.target in labels)
        for finding in dict.fromkeys(one for one in report.findings if one.target not in labels):
            shared[finding] = shared.get(finding, 0) + 1
    for finding, times in shared.items():
        if finding.rule != _UNUSED or times == len(reports):
            yield finding
