"""Pairs of environments of which it is known what breaks: the report says it, and nothing else is blamed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from envcheck import snapshots
from envcheck.comparison import compare
from envcheck.model.reports import NEW
from envcheck.renderers import get, text
from envcheck.rulebooks import load

PAIRS = Path(__file__).parent / "pairs"
EXAMPLES = Path(__file__).parents[1] / "reports" / "examples"


@pytest.mark.parametrize(
    ("one", "other", "verdict", "broken", "blamed"),
    [
        (
            "june",
            "october",
            "broken",
            {("package-built-for-numpy-1", "pyarrow"), ("package-built-for-numpy-1", "opencv-python-headless")},
            {"package/numpy#version"},
        ),
        ("conda", "pip", "ok", set(), set()),
        ("laptop", "container", "warnings", {("wheel-needs-newer-glibc", "pyarrow")}, {"host#glibc"}),
    ],
)
def test_a_real_pair(one: str, other: str, verdict: str, broken: set[tuple[str, str]], blamed: set[str]) -> None:
    report = compare([snapshots.load(str(PAIRS / f"{name}.json")) for name in (one, other)], load(cached=False))
    assert report.verdict == verdict
    new = [finding for finding in report.findings if finding.status == NEW]
    assert {(finding.rule, finding.subjects[0]) for finding in new} == broken
    assert report.drift is not None
    assert {change.key for change in report.drift.changes if change.effects} == blamed
    golden = PAIRS / f"{one}-{other}.txt"
    told = text.render(report, width=100)
    if os.environ.get("ENVCHECK_UPDATE"):
        golden.write_text(told, encoding="utf-8")
    assert told == golden.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["html", "markdown"])
def test_the_example_of_drift_is_up_to_date(name: str) -> None:
    report = compare([snapshots.load(str(PAIRS / f"{side}.json")) for side in ("june", "october")], load(cached=False))
    renderer = get(name)
    path = EXAMPLES / f"june-october{renderer.SUFFIX}"
    told = renderer.render(report)
    if os.environ.get("ENVCHECK_UPDATE"):
        path.write_text(told, encoding="utf-8")
    assert told == path.read_text(encoding="utf-8")
