from __future__ import annotations

import pytest

from envcheck.gate import gate
from envcheck.model.reports import Finding, Report


def report(*severities: str, verdict: str = "ok") -> Report:
    findings = tuple(
        Finding(
            rule="r",
            severity=severity,
            cause="",
            subjects=(),
            summary="",
            message="",
            why="",
            evidence=(),
            fixes=(),
            sources=(),
            fingerprint="",
            target="",
        )
        for severity in severities
    )
    return Report(verdict=verdict, findings=findings, undecided=(), snapshots=(), rules=1, tool="")


@pytest.mark.parametrize(
    ("severities", "threshold", "code"),
    [
        ((), "error", 0),
        (("warning", "info"), "error", 0),
        (("error",), "error", 1),
        (("warning",), "warning", 1),
        (("info",), "warning", 0),
        (("info",), "info", 1),
        (("error", "warning"), "never", 0),
    ],
)
def test_the_threshold_decides(severities, threshold, code):
    assert gate(report(*severities), threshold) == code


def test_nothing_known_is_not_a_pass():
    assert gate(report(verdict="undecided"), "error") == 3
    assert gate(report("error", verdict="broken"), "error") == 1
