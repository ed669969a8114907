"""Logs of programs that are well, with the noise that they make: nothing in them is said to be proven wrong."""

from __future__ import annotations

import pytest

from envcheck.model.reports import CONFIRMED, LIKELY
from tests.failures.answering import CHECKOUT, causes, told

LOGS = sorted((CHECKOUT / "tests" / "logs" / "healthy").glob("*.log"))


def test_there_are_many():
    assert len(LOGS) >= 20


@pytest.mark.parametrize("path", LOGS, ids=lambda path: path.stem)
def test_a_healthy_log_has_no_proven_cause(path):
    found = causes(path.read_bytes())
    assert CONFIRMED not in {one.finding.confidence for one in found}, told(found)


def test_few_healthy_logs_give_rise_to_any_suspicion():
    suspected = {path.stem: found for path in LOGS if (found := causes(path.read_bytes()))}
    likely = {name for name, found in suspected.items() if LIKELY in {one.finding.confidence for one in found}}
    said = "\n".join(f"{name}: {told(found)}" for name, found in suspected.items())
    assert len(likely) <= len(LOGS) // 20, said
    assert len(suspected) <= len(LOGS) // 4, said


def test_a_failure_after_a_healthy_log_is_still_found():
    failing = b"\nModuleNotFoundError: No module named 'flash_attn'\n"
    for path in LOGS:
        found = causes(path.read_bytes() + failing)
        assert found, path.stem
        assert "missing-package" in {one.finding.cause for one in found}, f"{path.stem}: {told(found)}"
