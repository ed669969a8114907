"""A report as SARIF 2.1.0, for code scanning: one run, a result a finding, what stayed undecided as notifications.

Waived findings are suppressed results. Where the baseline has findings, too, all are told as `new` or `unchanged`.
Every result has a file: GitHub rejects a whole upload for one without. A file outside of the working tree has a `file:`
URI; a finding without any file is shown at its target's.
https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
https://docs.github.com/en/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning
"""

from __future__ import annotations

from envcheck.model.reports import KNOWN, NEW, WAIVED
from envcheck.renderers import _outline as outline
from envcheck.renderers._places import somewhere, uri
from envcheck.renderers._printable import printable
from envcheck.renderers._sarif_rules import level, message, rules

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from envcheck.model.reports import Finding, Fix, Report, Undecided

SUFFIX = ".sarif"

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_MOST = 25_000  # results of a run; GitHub rejects a file with more


def render(report: Report, *, width: int = 80, colour: bool = False) -> str:
    """Return the report as ASCII JSON; width and colour do not matter."""
    del width, colour
    from json import dumps

    described = rules(report)
    places = {rule["id"]: place for place, rule in enumerate(described)}
    compared = any(finding.status == KNOWN for finding in report.findings)
    kept = outline.worst_first(report.findings)[:_MOST]
    name, _, version = report.tool.partition(" ")
    driver = {"name": printable(name) or "envcheck", "rules": described}
    if version:
        driver["version"] = printable(version)
    run = {
        "tool": {"driver": driver},
        "invocations": [{"executionSuccessful": True, "toolExecutionNotifications": _notifications(report, places)}],
        "results": [_result(finding, report, places, compared=compared) for finding in kept],
    }
    return dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=1) + "\n"


def _result(finding: Finding, report: Report, places: Mapping[str, int], *, compared: bool) -> dict[str, Any]:
    identity = printable(outline.identity(finding, report))
    rule = printable(finding.rule)
    result = {
        "ruleId": rule,
        "ruleIndex": places[rule],
        "level": level(finding.severity),
        "message": {"text": message(finding.message)},
        "locations": [_location(finding, report)],
        # The second is the one that GitHub reads.
        "partialFingerprints": {"envcheck/v1": identity, "primaryLocationLineHash": f"{identity}:1"},
        # The standard wants it on every result or on none (3.27.23).
        "suppressions": [_suppression(finding)] if finding.status == WAIVED else [],
        "properties": _properties(finding),
    }
    if compared:
        # The standard wants it on every result (3.27.24); what was waived has been seen before.
        result["baselineState"] = "new" if finding.status == NEW else "unchanged"
    return result


def _location(finding: Finding, report: Report) -> dict[str, Any]:
    where = somewhere(finding, report.snapshots)
    return {
        "physicalLocation": {
            "artifactLocation": {"uri": uri(where)},
            # GitHub wants a line; a file as a whole is shown at its first one.
            "region": {"startLine": where.line or 1},
        },
        "logicalLocations": [{"fullyQualifiedName": printable(subject)} for subject in dict.fromkeys(finding.subjects)],
    }


def _suppression(finding: Finding) -> dict[str, Any]:
    said = {"kind": "external", "status": "accepted", "justification": message(outline.standing(finding))}
    if finding.waiver is None or not finding.waiver.origin:
        return said
    return said | {"properties": {"origin": printable(finding.waiver.origin)}}


def _properties(finding: Finding) -> dict[str, Any]:
    """Return what SARIF has no place for: its own fixes are replacements in files."""
    return {
        "target": printable(finding.target),
        "confidence": printable(finding.confidence),
        "subjects": [printable(subject) for subject in finding.subjects],
        "evidence": [
            {"key": printable(entry.key), "value": printable(entry.value), "origin": printable(entry.origin)}
            for entry in finding.evidence
        ],
        "fixes": [_fix(fix) for fix in finding.fixes],
    }


def _fix(fix: Fix) -> dict[str, Any]:
    heading, text = outline.fix_words(fix)
    return {
        "description": printable(f"{heading}: {text}" if text else heading),
        "commands": [printable(command) for command in fix.commands],
        "safety": printable(fix.safety),
        "state": printable(outline.fix_state(fix)),
    }


def _notifications(report: Report, places: Mapping[str, int]) -> list[dict[str, Any]]:
    """Return one note for each rule that stayed undecided in a target, and one for results that were left out."""
    held: dict[tuple[str, str], list[Undecided]] = {}
    for entry in report.undecided:
        held.setdefault((entry.rule, entry.target), []).append(entry)
    notes = []
    for (rule, target), entries in held.items():
        reasons = dict.fromkeys(reason for entry in entries for reason in outline.missing_reasons(entry))
        about = f"{entries[0].summary.rstrip('.')}: not decided in {target}"
        notes.append(
            {
                "level": "note",
                "message": {"text": message("; ".join([about, *reasons]))},
                "associatedRule": {"id": printable(rule), "index": places[printable(rule)]},
                "properties": {
                    "target": printable(target),
                    "subjects": [printable(entry.subject) for entry in entries],
                },
            }
        )
    if (left := len(report.findings) - _MOST) > 0:
        notes.append({"level": "warning", "message": {"text": f"{left} results are left out: GitHub takes {_MOST}"}})
    return notes
