"""Drift for a terminal: what breaks and its fix first, then the differences in columns, then what is not known."""

from __future__ import annotations

from envcheck.model.drift import ABSENT, UNDETERMINED
from envcheck.model.rules import ERROR, INFO, WARNING
from envcheck.renderers import _drift_outline as told_of
from envcheck.renderers import _drift_values as values
from envcheck.renderers import _drift_wording as wording
from envcheck.renderers import _outline as outline
from envcheck.renderers._printable import cut, display_width, printable, wrap

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from envcheck.model.drift import Change, Drift
    from envcheck.model.reports import Report
    from envcheck.renderers._drift_outline import Cause, Difference, Problem
    from envcheck.renderers.text import Page

_TONES = {
    told_of.BREAKS: ERROR,
    told_of.MAY_BREAK: WARNING,
    told_of.POLICY: WARNING,
    told_of.MENDS: "good",
    told_of.NOTED: INFO,
}
_CAUSES = 20  # so many causes are told, and of each so many changes and findings
_CHANGES = 3
_FINDINGS = 3
_ROWS = 12  # so many differences of one kind are listed
_UNKNOWN = 6
_OTHERS = 5
_RELATED = 4
_FEW = 4  # so many environments are told of one by one
_ALL = "the JSON and HTML reports have all"


def lines(report: Report, drift: Drift, page: Page) -> Iterator[str]:
    """Return the lines of the report, at most as wide as the page; only commands to paste are never broken."""
    told = told_of.tell(report, drift)
    severity, sentence = wording.verdict(told, drift, report.snapshots)
    yield from wrap(wording.compared(drift), page.width, 2)
    if len(report.snapshots) <= _FEW:
        for snapshot in report.snapshots:
            yield from wrap(f"{snapshot.label}: {snapshot.chosen or snapshot.address}", page.width, 2)
    yield from (page.paint(line, "strong" if severity == "ok" else severity) for line in wrap(sentence, page.width))
    for cause in told.causes[:_CAUSES]:
        yield from _cause(cause, drift, page)
    if len(told.causes) > _CAUSES:
        yield from ("", cut(f"… {len(told.causes) - _CAUSES} more causes, {_ALL}", page.width))
    yield from _listed("Allowed by the policy", told.concluded(told_of.ALLOWED), drift, page)
    yield from _listed("Harmless as far as known", told.concluded(told_of.HARMLESS), drift, page)
    yield from _unknown(told.concluded(told_of.OPEN), drift, page)
    yield from _others("In some, explained by no difference", told.rest, drift, page)
    yield from _others("In every environment", told.shared, drift, page)
    yield ""
    if len(report.snapshots) <= _FEW:
        yield from (*page.undecided(report), *page.coverage(report))
    related = wording.history(drift)
    if related:
        more = f"; … {len(related) - _RELATED} more" if len(related) > _RELATED else ""
        yield from wrap(f"{'; '.join(related[:_RELATED])}{more}.", page.width, 3)
    rules = outline.amount(report.rules, "rule", "rules")
    yield from wrap(f"{wording.count_line(told, drift)} · {rules}", page.width)


def _cause(cause: Cause, drift: Drift, page: Page) -> Iterator[str]:
    """Say what differs and what comes of it, then each finding with its evidence and fix."""
    tone = _TONES.get(cause.conclusion, "")
    changes = [
        f"{values.short_key(change.key)} {wording.phrase(change, drift, page.width)}"
        for change in cause.changes[:_CHANGES]
    ]
    if len(cause.changes) > _CHANGES:
        changes.append(f"… {len(cause.changes) - _CHANGES} more differences")
    told = [("", wording.consequence(cause, drift))]
    if changes:
        told = [(f"{cause.conclusion}: ", ", ".join(changes)), (" " * (len(cause.conclusion) + 2), told[0][1])]
    yield ""
    for margin, text in told:
        for number, line in enumerate(wrap(text, page.width - len(margin), 4)):
            yield page.paint(margin if number == 0 else " " * len(margin), tone) + page.paint(line, "strong")
    whole = cause.conclusion in (told_of.BREAKS, told_of.MAY_BREAK, told_of.POLICY)
    for number, problem in enumerate(cause.problems[:_FINDINGS]):
        if whole:
            yield from ("",) if number else ()
            yield from page.finding(problem.finding)
        else:
            yield from page.marked(problem.finding.severity, wrap(problem.finding.message, page.room, 2))
            if cause.conclusion != told_of.MENDS:  # that the first environment has it is what is said
                yield from page.under(wrap(outline.standing(problem.finding), page.room, 2), "dim")
    if len(cause.problems) > _FINDINGS:
        left = f"… {len(cause.problems) - _FINDINGS} more findings because of this, {_ALL}"
        yield from page.under([cut(left, page.room)], "dim")


def _listed(title: str, differences: Sequence[Difference], drift: Drift, page: Page) -> Iterator[str]:
    """List differences in columns, kind by kind, the rest of a kind as a number."""
    if not differences:
        return
    kinds: dict[str, list[Difference]] = {}
    for each in differences:
        kinds.setdefault(values.kind_of(each.change.key), []).append(each)
    shown = [values.short_key(each.change.key) for held in kinds.values() for each in held[:_ROWS]]
    column = min(max(display_width(printable(key)) for key in shown), page.width * 2 // 5)
    yield from ("", page.paint(cut(f"{title} ({len(differences)})", page.width), "strong"))
    for kind, held in kinds.items():
        for each in held[:_ROWS]:
            key = cut(values.short_key(each.change.key), column)
            left = f"  {_sign(each.change, drift)} {key}{' ' * (column - display_width(key))}  "
            also = f" (and {len(each.followers)} that come along)" if each.followers else ""
            room = page.width - display_width(left)
            yield left + cut(f"{_row(each.change, drift, room)}{also}", room)
        if len(held) > _ROWS:
            yield page.paint(cut(f"    … {len(held) - _ROWS} more of {kind}, {_ALL}", page.width), "dim")


def _sign(change: Change, drift: Drift) -> str:
    """Return `+` for what only the second of two environments has, `-` for the first, `~` for what is changed."""
    if change.form == UNDETERMINED:
        return "?"
    states = [side.state == ABSENT for side in change.sides]
    if len(drift.environments) > told_of.PAIR or states[0] == states[-1]:
        return "~"
    return "+" if states[0] else "-"


def _row(change: Change, drift: Drift, room: int) -> str:
    if _sign(change, drift) in "+-":
        return next(each.words for each in values.held(change) if each.state != ABSENT)
    half = len(drift.environments) == told_of.PAIR and (room - 3) // 2
    return wording.phrase(change, drift, max(half or room // 3, 8))


def _unknown(differences: Sequence[Difference], drift: Drift, page: Page) -> Iterator[str]:
    if not differences:
        return
    yield from ("", page.paint(cut(f"Not known ({len(differences)})", page.width), "strong"))
    by_reason: dict[str, list[str]] = {}
    for each in differences:
        by_reason.setdefault(wording.reasons(each.change, drift), []).append(values.short_key(each.change.key))
    for why, keys in [*by_reason.items()][:_UNKNOWN]:
        for number, line in enumerate(wrap(f"{', '.join(keys)}: {why}", page.width - 4, 3)):
            yield f"{'    ' if number else '  ? '}{line}"
    if len(by_reason) > _UNKNOWN:
        yield page.paint(cut(f"    … {len(by_reason) - _UNKNOWN} more reasons, {_ALL}", page.width), "dim")


def _others(title: str, problems: Sequence[Problem], drift: Drift, page: Page) -> Iterator[str]:
    """Tell findings that no difference causes, each on a line."""
    if not problems:
        return
    yield from ("", page.paint(cut(f"{title} ({len(problems)})", page.width), "strong"))
    for problem in problems[:_OTHERS]:
        known = len(problem.targets) < len(drift.environments) and any(problem.targets)
        where = f" (in {wording.place(problem.targets, drift)})" if known else ""
        standing = outline.standing(problem.finding)
        said = f"{problem.finding.message}{where}{f', {standing}' if standing else ''}"
        yield from page.marked(problem.finding.severity, [cut(said, page.room)])
    if len(problems) > _OTHERS:
        yield from page.under([cut(f"… {len(problems) - _OTHERS} more, {_ALL}", page.room)], "dim")
