"""A report for GitLab's Code Quality widget: one entry a finding.

GitLab compares the entries of two branches by fingerprint, so that known findings are told from new ones there, too. A
waived finding stays in the list as `info`, and its description begins with who waived it.
https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format
"""

from __future__ import annotations

from envcheck.model.reports import WAIVED
from envcheck.model.rules import ERROR, WARNING
from envcheck.renderers import _outline as outline
from envcheck.renderers._places import somewhere
from envcheck.renderers._printable import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from envcheck.model.reports import Finding, Report

SUFFIX = ".gitlab.json"

# An error is a proven break, a warning a conflict that may still work; of `blocker` envcheck knows nothing.
_SEVERITIES = {ERROR: "critical", WARNING: "minor"}


def render(report: Report, *, width: int = 80, colour: bool = False) -> str:
    """Return the report as a JSON array, the worst first; width and colour do not matter."""
    del width, colour
    from json import dumps

    return dumps([_entry(finding, report) for finding in outline.worst_first(report.findings)], indent=1) + "\n"


def _entry(finding: Finding, report: Report) -> dict[str, object]:
    where = somewhere(finding, report.snapshots)
    parts = [outline.standing(finding), finding.target if len(report.snapshots) > 1 else "", finding.message]
    return {
        "description": printable(" · ".join(part for part in parts if part)),
        "check_name": printable(finding.rule),
        "fingerprint": printable(outline.identity(finding, report)),
        "severity": "info" if finding.status == WAIVED else _SEVERITIES.get(finding.severity, "info"),
        # GitLab wants a line; a file as a whole is shown at its first one.
        "location": {"path": printable(where.path), "lines": {"begin": where.line or 1}},
    }
