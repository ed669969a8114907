"""The report for GitLab: what its parser takes, and that no finding replaces another."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from envcheck.renderers.gitlab import render
from tests.renderers.broken_host import sample_report
from tests.renderers.demanding import healthy_report, hostile_report, large_report

SCHEMA = json.loads((Path(__file__).parent / "schemas" / "gitlab-code-quality.json").read_text(encoding="utf-8"))


def entries(report) -> list[dict[str, Any]]:
    text = render(report)
    assert text.isascii(), "no byte order mark and no surrogate"
    made: list[dict[str, Any]] = json.loads(text)
    Draft202012Validator(SCHEMA).validate(made)
    return made


@pytest.mark.parametrize("make", [sample_report, healthy_report, hostile_report, large_report])
def test_it_fits_the_schema_and_each_finding_has_a_fingerprint_of_its_own(make):
    report = make()
    made = entries(report)
    assert len({entry["fingerprint"] for entry in made}) == len(made) == len(report.findings)


def test_the_finished_report(sample, golden):
    golden(".gitlab.json", render(sample))


@pytest.mark.parametrize(
    ("severity", "status", "shown"),
    [
        ("error", "new", "critical"),
        ("warning", "new", "minor"),
        ("info", "new", "info"),
        ("error", "known", "critical"),
        ("error", "waived", "info"),
        ("something else", "new", "info"),
    ],
)
def test_severities(sample, severity, status, shown):
    finding = sample.findings[0].replace(severity=severity, status=status)
    assert entries(sample.replace(findings=(finding,)))[0]["severity"] == shown


def test_the_worst_comes_first_and_what_is_waived_last(sample):
    found = entries(sample)
    assert [entry["severity"] for entry in found] == ["critical"] * 2 + ["minor"] * 4 + ["info"] * 2
    assert found[-1]["description"].startswith("waived until 2026-12-31 by ml-team: ")
    assert [entry["description"].startswith("known · ") for entry in found].count(True) == 1


def test_of_several_targets_the_same_finding_has_two_fingerprints_and_says_where_it_is(sample):
    other = sample.snapshots[0].replace(label="serve")
    both = (sample.findings[0], sample.findings[0].replace(target="serve"))
    found = entries(sample.replace(snapshots=(*sample.snapshots, other), findings=both))
    assert [entry["fingerprint"] for entry in found] == ["0000000000000001/train", "0000000000000001/serve"]
    assert found[1]["description"].startswith("serve · torch 2.11.0")


def test_a_fingerprint_does_not_depend_on_what_a_single_target_is_called(sample):
    renamed = sample.snapshots[0].replace(label="runner-4711")
    findings = tuple(finding.replace(target="runner-4711") for finding in sample.findings)
    after = entries(sample.replace(snapshots=(renamed,), findings=findings))
    assert [entry["fingerprint"] for entry in after] == [entry["fingerprint"] for entry in entries(sample)]


def test_a_lock_line_is_the_place(sample):
    first = sample.findings[0]
    locked = first.replace(evidence=(first.evidence[0].replace(origin="uv.lock:120"), *first.evidence[1:]))
    (entry,) = entries(sample.replace(findings=(locked,)))
    assert entry["location"] == {"path": "uv.lock", "lines": {"begin": 120}}
