"""Drift for the job summaries and comments of CI: what breaks, with details folded away, then tables of differences."""

from __future__ import annotations

from envcheck.renderers import _drift_outline as told_of
from envcheck.renderers import _drift_values as values
from envcheck.renderers import _drift_wording as wording
from envcheck.renderers import _outline as outline
from envcheck.renderers.markdown import cell, code, coverage_block, escape, finding_block, undecided_block

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from envcheck.model.drift import Change, Drift
    from envcheck.model.reports import Report
    from envcheck.renderers._drift_outline import Cause, Difference, Problem

_SIGNS = {
    told_of.BREAKS: "❌ breaks",
    told_of.MAY_BREAK: "⚠️ may break",
    told_of.POLICY: "⚠️ policy",
    told_of.MENDS: "✅ mends",
    told_of.NOTED: "ℹ️ noted",  # noqa: RUF001  the sign is meant
}
_CAUSES = 30  # so many causes have a row and details, and of each so many changes and findings
_CHANGES = 4
_FINDINGS = 10
_ROWS = 50  # so many differences of one conclusion have a row
_LISTED = 10
_WIDEST = 80  # characters of a value
_ALL = "`--format json` has all"


def lines(report: Report, drift: Drift) -> Iterator[str]:
    """Return the lines of the report as GitHub-flavoured Markdown."""
    told = told_of.tell(report, drift)
    _, sentence = wording.verdict(told, drift, report.snapshots)
    yield from (f"## {escape(sentence)}", "", f"**{escape(wording.compared(drift))}**", "")
    rules = outline.amount(report.rules, "rule", "rules")
    yield from (f"{escape(wording.count_line(told, drift))} · {rules}", "")
    yield from _causes(told.causes, drift)
    for title, conclusion, opened in (
        ("Allowed by the policy", told_of.ALLOWED, False),
        ("Harmless as far as known", told_of.HARMLESS, False),
        ("Not known", told_of.OPEN, True),
    ):
        yield from _table(title, told.concluded(conclusion), drift, opened=opened)
    yield from _problems("Found in some, explained by no difference", told.rest, drift)
    yield from _problems("Found in every environment", told.shared, drift)
    related = wording.history(drift)
    if related:
        more = f"; … {len(related) - _LISTED} more" if len(related) > _LISTED else ""
        yield from (f"{escape('; '.join(related[:_LISTED]))}{more}.", "")
    yield from (*undecided_block(report), *coverage_block(report))
    yield f"<sub>{escape(report.tool)}</sub>"


def _causes(causes: Sequence[Cause], drift: Drift) -> Iterator[str]:
    if not causes:
        return
    yield from ("| Conclusion | Difference | What comes of it |", "| --- | --- | --- |")
    for cause in causes[:_CAUSES]:
        changes = [f"{cell(values.short_key(each.key))} {_phrase(each, drift)}" for each in cause.changes[:_CHANGES]]
        if len(cause.changes) > _CHANGES:
            changes.append(f"… {len(cause.changes) - _CHANGES} more")
        sign = _SIGNS.get(cause.conclusion, escape(cause.conclusion))
        yield f"| {sign} | {'<br>'.join(changes)} | {escape(wording.consequence(cause, drift))} |"
    yield ""
    if len(causes) > _CAUSES:
        yield from (f"… {len(causes) - _CAUSES} more; {_ALL}.", "")
    for cause in causes[:_CAUSES]:
        for problem in cause.problems[:_FINDINGS]:
            yield from finding_block(problem.finding, several=True)
        if len(cause.problems) > _FINDINGS:
            yield from (f"… {len(cause.problems) - _FINDINGS} more because of this; {_ALL}.", "")


def _phrase(change: Change, drift: Drift) -> str:
    return escape(wording.phrase(change, drift, _WIDEST))


def _table(title: str, differences: Sequence[Difference], drift: Drift, *, opened: bool) -> Iterator[str]:
    """Return a table of differences, folded away unless it is to be read at once."""
    if not differences:
        return
    yield from (f"<details{' open' if opened else ''}><summary>{title}: {len(differences)}</summary>", "")
    yield from ("| Key | " + ("Reason |" if opened else "Difference |"), "| --- | --- |")
    for each in differences[:_ROWS]:
        said = escape(wording.reasons(each.change, drift)) if opened else _phrase(each.change, drift)
        also = f" (and {len(each.followers)} that come along)" if each.followers else ""
        yield f"| {cell(values.short_key(each.change.key))} | {said}{also} |"
    yield ""
    if len(differences) > _ROWS:
        yield from (f"… {len(differences) - _ROWS} more; {_ALL}.", "")
    yield from ("</details>", "")


def _problems(title: str, problems: Sequence[Problem], drift: Drift) -> Iterator[str]:
    if not problems:
        return
    yield from (f"<details><summary>{title}: {len(problems)}</summary>", "")
    for problem in problems[:_LISTED]:
        where = f" in {escape(wording.place(problem.targets, drift))}" if any(problem.targets) else ""
        standing = outline.standing(problem.finding)
        said = f"{escape(problem.finding.message)}{f'; {escape(standing)}' if standing else ''}"
        yield f"- {escape(problem.finding.severity)}{where}: {said} ({code(problem.finding.rule)})"
    if len(problems) > _LISTED:
        yield f"- … {len(problems) - _LISTED} more; {_ALL}."
    yield from ("", "</details>", "")
