"""The report for test views: its grammar, what fails, passes and is skipped, and names that are all different."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
import xmlschema

from envcheck.model.facts import NOT_COLLECTED, Coverage, Facts
from envcheck.renderers.junit import render
from tests.renderers.broken_host import sample_report
from tests.renderers.demanding import healthy_report, hostile_report, large_report

SCHEMA = xmlschema.XMLSchema(Path(__file__).parent / "schemas" / "junit.xsd")


def parsed(report) -> ET.Element:
    text = render(report)
    assert text.isascii(), "whatever the encoding of standard output is, the declaration holds"
    SCHEMA.validate(text)
    return ET.fromstring(text)  # noqa: S314  our own text


def outcome(case: ET.Element) -> str:
    return next((child.tag for child in case if child.tag != "system-out"), "passed")


@pytest.mark.parametrize("make", [sample_report, healthy_report, hostile_report, large_report])
def test_it_fits_the_schema_and_no_two_cases_have_one_name(make):
    report = make()
    cases = parsed(report).findall("testsuite/testcase")
    assert len({(case.get("classname"), case.get("name")) for case in cases}) == len(cases)
    assert len(cases) >= len(report.findings)


def test_the_finished_report(sample, golden):
    golden(".xml", render(sample))


@pytest.mark.parametrize(
    ("severity", "status", "expected"),
    [
        ("error", "new", "failure"),
        ("error", "known", "passed"),
        ("error", "waived", "skipped"),
        ("warning", "new", "passed"),
        ("warning", "waived", "skipped"),
        ("info", "new", "passed"),
        ("something else", "new", "passed"),
    ],
)
def test_only_a_new_error_fails_and_what_is_waived_is_skipped(sample, severity, status, expected):
    finding = sample.findings[0].replace(severity=severity, status=status)
    root = parsed(sample.replace(findings=(finding,)))
    (suite,) = root
    (case,) = suite.findall("testcase")
    assert outcome(case) == expected
    assert (root.get("failures"), suite.get("failures")) == (("1", "1") if expected == "failure" else ("0", "0"))
    assert suite.get("skipped") == ("1" if expected == "skipped" else "0")
    assert "torch 2.11.0 is built for CUDA 13.0" in "".join(case.itertext())


def test_a_failure_holds_all_that_supports_it(sample):
    failure = parsed(sample).find("testsuite/testcase/failure")
    assert failure is not None
    assert failure.get("type") == "cuda-driver-too-old"
    lines = (failure.text or "").split("\n")
    assert "cuda#driver = 535.104.05  /proc/driver/nvidia/version" in lines
    assert any(line.strip().endswith("--index-url https://download.pytorch.org/whl/cu126") for line in lines)
    assert lines[-1].startswith("source: https://docs.nvidia.com/")


def test_known_and_waived_findings_say_so(sample):
    cases = {
        case.get("name"): case for case in parsed(sample).iter("testcase") if "unsatisfied" in case.get("classname", "")
    }
    assert (cases["torchvision, torch"].findtext("system-out") or "").startswith("known warning: torchvision 0.14.0")
    assert (cases["numba, numpy"].findtext("system-out") or "").startswith("warning: numba 0.58.1")
    skipped = cases["datasets, multiprocess"].find("skipped")
    assert skipped is not None
    assert (skipped.get("message") or "").startswith("waived until 2026-12-31 by ml-team: ")


def test_a_suite_without_findings_has_one_case_that_passes(healthy):
    (suite,) = parsed(healthy)
    (case,) = suite.findall("testcase")
    assert (case.get("classname"), case.get("name"), outcome(case)) == ("envcheck", "rules", "passed")


def test_nothing_decided_is_not_a_pass(healthy):
    blind = healthy.snapshots[0].replace(
        label="serve", facts=Facts(), coverage={"package": Coverage(scope="package", status=NOT_COLLECTED, reason="x")}
    )
    (alone,) = parsed(healthy.replace(verdict="undecided"))
    assert alone.get("skipped") == "1"
    train, serve = parsed(healthy.replace(snapshots=(*healthy.snapshots, blind)))
    assert (train.get("skipped"), serve.get("skipped")) == ("0", "1")


def test_undecided_rules_are_counted_for_each_target(sample):
    other = sample.snapshots[0].replace(label="serve")
    suites = parsed(sample.replace(snapshots=(*sample.snapshots, other)))
    told = [suite.find("properties/property[@name='undecided']") for suite in suites]
    assert [entry.get("value") for entry in told if entry is not None] == ["3", "0"]


def test_a_suite_a_target_and_its_name_in_every_case(sample):
    other = sample.snapshots[0].replace(label="serve")
    both = (sample.findings[0], sample.findings[0].replace(target="serve"))
    train, serve = parsed(sample.replace(snapshots=(*sample.snapshots, other), findings=both))
    assert (train.get("name"), serve.get("name")) == ("train", "serve")
    names = [suite.findall("testcase")[0].get("name") for suite in (train, serve)]
    assert names == ["torch, nvidia-driver in train", "torch, nvidia-driver in serve"]


@pytest.mark.parametrize(
    "text", ["\x00", "\x0b", "\x1b[31m", "\ufffe", "\uffff", "\ud800", "]]>", "<!ENTITY x>", "&#0;"]
)
def test_what_xml_forbids_is_shown_as_an_escape(sample, text):
    finding = sample.findings[0].replace(rule=text, message=f"a{text}b", subjects=(text,), cause=text)
    case = parsed(sample.replace(findings=(finding,))).find("testsuite/testcase/failure")
    assert case is not None
    assert (case.get("message") or "").startswith("a")
