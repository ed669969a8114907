"""The rules of a report as SARIF describes them: what they are, why, and how their findings are mended."""

from __future__ import annotations

from envcheck.model.rules import ERROR, INFO, WARNING
from envcheck.renderers import _outline as outline
from envcheck.renderers._printable import printable
from envcheck.renderers.markdown import escape, fix_block, link

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from envcheck.model.reports import Finding, Report

_LONGEST = 1024  # letters of a description that GitHub takes
_FIXES = 20  # of a rule's findings; each result has its own in full
_LEVELS = {ERROR: "error", WARNING: "warning", INFO: "note"}
_PROBLEMS = {ERROR: "error", WARNING: "warning", INFO: "recommendation"}


def rules(report: Report) -> list[dict[str, Any]]:
    """Return the rules that found something or stayed undecided, by id."""
    held: dict[str, list[Finding]] = {}
    for finding in report.findings:
        held.setdefault(finding.rule, []).append(finding)
    summaries = {entry.rule: entry.summary for entry in report.undecided}
    return [
        _found(rule, held[rule]) if rule in held else _undecided(rule, summaries[rule])
        for rule in sorted({*held, *summaries})
    ]


def level(severity: str) -> str:
    """Return the level of a severity."""
    return _LEVELS.get(severity, "warning")


def message(text: str) -> str:
    """Return a text that is a SARIF message: braces are doubled (3.11.5), and no link comes of it (3.11.6)."""
    return printable(text).replace("{", "{{").replace("}", "}}").replace("](", "] (")


def _found(rule: str, findings: Sequence[Finding]) -> dict[str, Any]:
    worst = min((finding.severity for finding in findings), key=outline.severity_order)
    first = findings[0]
    sources = list(dict.fromkeys(source for finding in findings for source in finding.sources))
    fixes = list(dict.fromkeys(fix for finding in findings for fix in finding.fixes))
    left = len(fixes) - _FIXES
    more = [f"… {left} more ways to mend it, each with its result"] if left > 0 else []
    told = [first.why, *(line for fix in fixes[:_FIXES] for line in outline.advice(fix)), *more]
    markdown = [escape(first.why), "", *(line for fix in fixes[:_FIXES] for line in fix_block(fix)), *more, ""]
    described = {
        "id": printable(rule),
        "shortDescription": _described(first.summary),
        "fullDescription": _described(first.why),
        "help": {
            "text": "\n".join(map(message, [*told, *(f"source: {source}" for source in sources)])),
            "markdown": "\n".join([*markdown, *(f"- {link(source)}" for source in sources)]),
        },
        "defaultConfiguration": {"level": level(worst)},
        "properties": {
            "problem.severity": _PROBLEMS.get(worst, "warning"),
            "tags": [printable(first.cause)] if first.cause else [],
        },
    }
    address = next((source for source in sources if link(source).startswith("<")), "")
    return described | ({"helpUri": address} if address else {})


def _undecided(rule: str, summary: str) -> dict[str, Any]:
    return {
        "id": printable(rule),
        "shortDescription": _described(summary),
        "fullDescription": _described(summary),
        "help": {"text": message(summary)},
    }


def _described(text: str) -> dict[str, str]:
    return {"text": message(text)[:_LONGEST]}
