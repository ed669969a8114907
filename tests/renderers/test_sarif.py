"""SARIF: the published schema, and what the standard and GitHub ask for beyond it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft4Validator

from envcheck.renderers import sarif
from envcheck.renderers.sarif import render
from tests.renderers.broken_host import sample_report
from tests.renderers.demanding import healthy_report, hostile_report, large_report

SCHEMA = json.loads((Path(__file__).parent / "schemas" / "sarif-2.1.0.json").read_text(encoding="utf-8"))
VALIDATOR = Draft4Validator(SCHEMA, format_checker=Draft4Validator.FORMAT_CHECKER)


def run(report) -> dict[str, Any]:
    text = render(report)
    assert text.isascii()
    log = json.loads(text)
    VALIDATOR.validate(log)
    assert log["version"] == "2.1.0"
    (only,) = log["runs"]
    assert isinstance(only, dict)
    return only


@pytest.mark.parametrize("make", [sample_report, healthy_report, hostile_report, large_report])
def test_it_fits_the_published_schema_and_every_reference_leads_somewhere(make):
    report = make()
    made = run(report)
    rules = made["tool"]["driver"]["rules"]
    assert len(made["results"]) == len(report.findings)
    assert len({rule["id"] for rule in rules}) == len(rules)
    for result in made["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
    for note in made["invocations"][0]["toolExecutionNotifications"]:
        assert rules[note["associatedRule"]["index"]]["id"] == note["associatedRule"]["id"]


def test_the_finished_report(sample, golden):
    golden(".sarif", render(sample))


@pytest.mark.parametrize("make", [sample_report, hostile_report, large_report])
def test_github_takes_every_result(make):
    """What is required of a rule and a result, so that an upload is not rejected."""
    made = run(make())
    for rule in made["tool"]["driver"]["rules"]:
        for text in (rule["shortDescription"]["text"], rule["fullDescription"]["text"], rule["help"]["text"]):
            assert text
        assert len(rule["shortDescription"]["text"]) <= 1024
        assert len(rule["fullDescription"]["text"]) <= 1024
    for result in made["results"]:
        (location,) = result["locations"]
        assert location["physicalLocation"]["artifactLocation"]["uri"]
        assert location["physicalLocation"]["region"]["startLine"] >= 1
        assert result["message"]["text"]
        assert result["partialFingerprints"]["primaryLocationLineHash"]


def test_a_rule_says_what_why_and_how_to_mend_it(sample):
    rules = {rule["id"]: rule for rule in run(sample)["tool"]["driver"]["rules"]}
    rule = rules["torchvision-built-for-other-torch"]
    assert rule["shortDescription"]["text"] == "torchvision is built for another torch."
    assert rule["defaultConfiguration"]["level"] == "error"
    assert rule["properties"] == {"problem.severity": "error", "tags": ["torch-torchvision-mismatch"]}
    assert rule["helpUri"] == "https://github.com/pytorch/vision/blob/main/README.md"
    assert "python -m pip install torchvision==0.26.0" in rule["help"]["text"]
    assert "```sh\n/srv/train/.venv/bin/python -m pip install torchvision==0.26.0\n```" in rule["help"]["markdown"]
    assert "- <https://github.com/pytorch/vision/blob/main/README.md>" in rule["help"]["markdown"]


def test_of_many_ways_to_mend_a_rule_the_first_are_told_with_how_many_more(sample):
    finding = sample.findings[1]
    many = tuple(finding.fixes[0].replace(commands=(f"pip install torchvision=={number}",)) for number in range(25))
    made = run(sample.replace(findings=(finding.replace(fixes=many),), undecided=()))
    text = made["tool"]["driver"]["rules"][0]["help"]["text"]
    assert text.count("pip install torchvision==") == 20
    assert "… 5 more ways to mend it, each with its result" in text
    assert len(made["results"][0]["properties"]["fixes"]) == 25


@pytest.mark.parametrize(
    ("severity", "level"), [("error", "error"), ("warning", "warning"), ("info", "note"), ("odd", "warning")]
)
def test_levels(sample, severity, level):
    made = run(sample.replace(findings=(sample.findings[0].replace(severity=severity),)))
    assert made["results"][0]["level"] == level


def test_a_waived_result_is_suppressed_with_who_how_long_and_why(sample):
    results = run(sample)["results"]
    (suppressed,) = [result for result in results if result["suppressions"]]
    assert suppressed is results[-1]
    assert suppressed["suppressions"] == [
        {
            "kind": "external",
            "status": "accepted",
            "justification": "waived until 2026-12-31 by ml-team: "
            "streams alone, which this version of multiprocess does well (ML-42)",
            "properties": {"origin": "envcheck.yaml:7"},
        }
    ]
    assert all("suppressions" in result for result in results), "on every result or on none"


def test_the_baseline_is_told_of_only_where_there_was_one(sample):
    states = [result["baselineState"] for result in run(sample)["results"]]
    assert states == ["new"] * 4 + ["unchanged", "new", "new", "unchanged"], "the known one, and the waived one"
    alone = run(sample.replace(findings=sample.findings[:2]))
    assert all("baselineState" not in result for result in alone["results"])


def test_fingerprints_stay_when_everything_else_of_a_finding_changes(sample):
    first = sample.findings[0]
    later = first.replace(message="another", evidence=(), severity="warning", fixes=())
    assert run(sample.replace(findings=(first,)))["results"][0]["partialFingerprints"] == {
        "envcheck/v1": "0000000000000001",
        "primaryLocationLineHash": "0000000000000001:1",
    }
    before, after = (run(sample.replace(findings=(one,)))["results"][0] for one in (first, later))
    assert before["partialFingerprints"] == after["partialFingerprints"]


def test_of_several_targets_each_result_says_which_and_has_a_fingerprint_of_its_own(sample):
    other = sample.snapshots[0].replace(label="serve")
    both = (sample.findings[0], sample.findings[0].replace(target="serve"))
    results = run(sample.replace(snapshots=(*sample.snapshots, other), findings=both))["results"]
    assert [result["properties"]["target"] for result in results] == ["train", "serve"]
    assert len({result["partialFingerprints"]["envcheck/v1"] for result in results}) == 2


@pytest.mark.parametrize(
    ("origin", "address", "line"),
    [
        ("conf/my app.yaml:12", "conf/my%20app.yaml", 12),
        ("uv.lock", "uv.lock", 1),
        ("/srv/a b/METADATA", "file:///srv/a%20b/METADATA", 1),
        ("environment", "file:///srv/train/.venv", 1),
    ],
)
def test_locations(sample, origin, address, line):
    first = sample.findings[0]
    placed = first.replace(evidence=(first.evidence[0].replace(origin=origin),))
    (result,) = run(sample.replace(findings=(placed,)))["results"]
    physical = result["locations"][0]["physicalLocation"]
    assert physical == {"artifactLocation": {"uri": address}, "region": {"startLine": line}}
    assert [each["fullyQualifiedName"] for each in result["locations"][0]["logicalLocations"]] == [
        "torch",
        "nvidia-driver",
    ]


def test_what_stayed_undecided_is_a_note_of_its_rule(sample):
    notes = run(sample)["invocations"][0]["toolExecutionNotifications"]
    assert [note["associatedRule"]["id"] for note in notes] == [
        "mig-slice-too-small",
        "requirement-unsatisfied",
        "gpu-device-not-accessible",
    ]
    assert notes[0]["level"] == "note"
    assert notes[0]["message"]["text"] == (
        "A MIG slice is too small: not decided in train; memory and MIG are told by NVML alone, which was not asked"
    )
    assert notes[0]["properties"] == {"target": "train", "subjects": ["gpu/0", "gpu/1"]}


def test_braces_are_doubled_and_no_link_comes_of_a_message(sample):
    hostile = sample.findings[0].replace(message="{0} [click](javascript:alert(1)) {{x}}")
    (result,) = run(sample.replace(findings=(hostile,)))["results"]
    assert result["message"]["text"] == "{{0}} [click] (javascript:alert(1)) {{{{x}}}}"


def test_nothing_steers_whoever_shows_it(hostile):
    text = render(hostile)
    assert not re.search(r"\\u(00[01].|202[a-e]|206[6-9]|d[89a-f]..)", text.replace("\\\\u", ""))


def test_more_results_than_github_takes_are_left_out_and_counted(sample, monkeypatch):
    monkeypatch.setattr(sarif, "_MOST", 3)
    made = run(sample)
    assert [result["level"] for result in made["results"]] == ["error", "error", "warning"]
    left = made["invocations"][0]["toolExecutionNotifications"][-1]
    assert left["level"] == "warning"
    assert left["message"]["text"] == "5 results are left out: GitHub takes 3"


@pytest.mark.parametrize(
    ("tool", "driver"),
    [("envcheck 0.1.0", ("envcheck", "0.1.0")), ("envcheck", ("envcheck", None)), ("", ("envcheck", None))],
)
def test_the_tool_and_its_version(sample, tool, driver):
    made = run(sample.replace(tool=tool))["tool"]["driver"]
    assert (made["name"], made.get("version")) == driver
