"""The saved form of a report: the contract with other programs."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from envcheck import forms, reports
from envcheck.errors import DocumentError, TargetError
from envcheck.model.facts import Coverage, Facts, Snapshot
from envcheck.model.reports import Evidence, Finding, Fix, Report, Undecided

DOCS = Path(__file__).parents[1] / "docs"


def broken() -> Report:
    facts = Facts()
    facts.put(("package", "torch"), "/sité/\udcff/METADATA", version="2.4.0")
    finding = Finding(
        rule="torchvision-built-for-other-torch",
        severity="error",
        cause="torch-torchvision-mismatch",
        subjects=("torchvision", "torch"),
        summary="torchvision is built for another torch.",
        message="torchvision 0.14.0 is built for torch 1.13.0, here is torch 2.4.0",
        why="Its compiled operators are registered against one torch release.",
        evidence=(Evidence(key="package/torch#version", value="2.4.0", origin="/sité/\udcff/METADATA"),),
        fixes=(
            Fix(
                title="Install torchvision 0.19.0",
                commands=("pip install torchvision==0.19.0",),
                text="",
                safety="safe",
                tried="resolves",
                raises=("a", "b"),
                verified=True,
            ),
        ),
        sources=("https://github.com/pytorch/vision/blob/main/README.md",),
        fingerprint="0123abcd",
        target="here",
        confidence="suspected",
        missing=(("host#wsl", "not looked for"),),
    )
    return Report(
        verdict="broken",
        findings=(finding,),
        undecided=(
            Undecided(
                rule="r", summary="s", target="here", subject="", missing=(("cuda#driver", "unreadable"),), known=("a",)
            ),
        ),
        snapshots=(
            Snapshot(
                label="here",
                address=".",
                facts=facts,
                derived=Facts(),
                coverage={"cuda": Coverage(scope="cuda", status="partial", reason="unreadable")},
            ),
        ),
        rules=42,
        tool="envcheck 0.1.0",
    )


def empty() -> Report:
    return Report(verdict="ok", findings=(), undecided=(), snapshots=(), rules=0, tool="")


@pytest.mark.parametrize("report", [broken(), empty()])
def test_a_loaded_report_equals_the_saved_one(report: Report) -> None:
    text = reports.to_json(report)
    assert reports.from_json(text.encode("ascii"), "x") == report
    assert json.loads(text) == reports.dump(report)


def test_the_shape_that_other_programs_rely_on() -> None:
    document = json.loads(reports.to_json(broken()))
    names = ["schema", "tool", "verdict", "findings", "undecided", "coverage", "rules", "snapshots"]
    assert list(document) == names
    assert document["findings"][0]["evidence"][0]["key"] == "package/torch#version"
    assert document["findings"][0]["fixes"][0]["commands"] == ["pip install torchvision==0.19.0"]
    assert document["undecided"][0]["missing"] == [{"key": "cuda#driver", "reason": "unreadable"}]
    assert document["coverage"] == [{"target": "here", "scope": "cuda", "status": "partial", "reason": "unreadable"}]


@pytest.mark.parametrize("data", [b"", b"{}", b'{"schema": 1}', b'{"schema": 2}', b'{"schema": 1, "findings": 3}'])
def test_malformed_reports_are_refused_with_the_file(data: bytes) -> None:
    with pytest.raises(DocumentError) as caught:
        reports.from_json(data, "report.json")
    assert caught.value.where.startswith("report.json")


def test_a_wrong_field_is_named() -> None:
    document = reports.dump(broken())
    document["findings"][0]["fixes"][0]["commands"] = "pip install"
    with pytest.raises(DocumentError, match=r"\$\.findings\[0\]\.fixes\[0\]\.commands"):
        reports.from_json(json.dumps(document).encode(), "x")


def test_a_file_loads_and_a_missing_one_says_so(tmp_path: Path) -> None:
    path = tmp_path / "r.json"
    path.write_text(reports.to_json(broken()), encoding="utf-8")
    assert reports.load(str(path)) == broken()
    with pytest.raises(TargetError, match="cannot be read"):
        reports.load(str(tmp_path / "none.json"))


@pytest.mark.parametrize("report", [broken(), empty()])
def test_the_published_schema_is_current_and_accepts_a_report(report: Report) -> None:
    published = (DOCS / "report.schema.json").read_text("utf-8")
    assert published == forms.report_schema()
    schema = json.loads(published)
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(json.loads(reports.to_json(report)), schema)
