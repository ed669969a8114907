"""A report and a threshold as an exit code."""

from __future__ import annotations

from envcheck.errors import UsageError
from envcheck.model.rules import ERROR, SEVERITIES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from envcheck.model.reports import Report

PASSED, FAILED, UNDECIDED = 0, 1, 3
NEVER = "never"
_THRESHOLDS = (*SEVERITIES, NEVER)


def gate(report: Report, fail_on: str = ERROR) -> int:
    """Return 0, or 1 for a finding at or above the threshold, or 3 when nothing could be decided.

    `fail_on` is error, warning, info or never; raises UsageError for anything else.
    """
    if fail_on not in _THRESHOLDS:
        raise UsageError(f"{fail_on!r} is no threshold", hint=f"one of {', '.join(_THRESHOLDS)}")
    least = _THRESHOLDS.index(fail_on)
    if any(_THRESHOLDS.index(finding.severity) >= least for finding in report.findings):
        return FAILED
    return UNDECIDED if report.verdict == "undecided" else PASSED
