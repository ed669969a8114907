"""Formats are found by file name, and every one renders every report."""

from __future__ import annotations

import subprocess
import sys

import pytest

from envcheck import data
from envcheck.errors import EnvcheckError, UsageError
from envcheck.model.reports import Report
from envcheck.renderers import get, names
from envcheck.renderers._outline import count_line, standing
from tests.program import CHECKOUT
from tests.renderers.broken_host import sample_report
from tests.renderers.demanding import healthy_report, hostile_report, large_report

READABLE = ["html", "markdown", "text"]
ALL = ["github", "gitlab", "html", "json", "junit", "markdown", "sarif", "text"]


def test_every_module_without_underscore_is_a_format():
    assert names() == ALL
    assert [get(name).SUFFIX for name in READABLE] == [".html", ".md", ".txt"]
    assert len({get(name).SUFFIX for name in ALL}) == len(ALL)


def test_an_unknown_format_is_a_usage_error():
    with pytest.raises(UsageError, match="xml"):
        get("xml")


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("make", [sample_report, healthy_report, hostile_report, large_report])
def test_rendering_is_repeatable_and_ends_with_a_newline(name, make):
    first = get(name).render(make())
    assert first == get(name).render(make())
    assert first.endswith("\n")
    first.encode()  # a lone surrogate would raise here


@pytest.mark.parametrize("name", [*READABLE, "github", "junit"])
def test_a_report_of_nothing_says_so(name):
    empty = Report(verdict="undecided", findings=(), undecided=(), snapshots=(), rules=0, tool="envcheck")
    assert "could not be decided" in get(name).render(empty)


@pytest.mark.parametrize("name", ["github", "gitlab", "html", "junit", "markdown", "sarif", "text"])
def test_a_waived_finding_says_who_waived_it_how_long_and_why(name):
    shown = " ".join(get(name).render(sample_report()).replace("\\u00b7", "·").split())
    said = "waived until 2026-12-31 by ml-team: streams alone, which this version of multiprocess does well (ML-42)"
    assert said in shown


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"until": "", "ticket": ""}, "waived by ml-team: streams alone, which this version of multiprocess does well"),
        ({"until": "2027-01-01", "reason": "ok", "ticket": ""}, "waived until 2027-01-01 by ml-team: ok"),
    ],
)
def test_a_waiver_without_a_date_or_a_ticket_says_what_there_is(changes, said):
    waived = next(finding for finding in sample_report().findings if finding.status == "waived")
    assert waived.waiver is not None
    assert standing(waived.replace(waiver=waived.waiver.replace(**changes))) == said
    assert standing(waived.replace(waiver=None)) == "waived"
    assert standing(waived.replace(status="known", waiver=None)) == "known"
    assert standing(waived.replace(status="new", waiver=None)) == ""


@pytest.mark.parametrize(
    ("statuses", "said"),
    [
        (("waived", "known", "known"), "2 errors, 1 waived, 2 known"),
        (("waived", "waived", "waived"), "3 waived"),
        (("new", "new", "new"), "2 errors, 1 warning"),
    ],
)
def test_counts_leave_waived_findings_out_and_say_how_many_are_known(statuses, said):
    first = sample_report().findings[:3]
    ordered = (first[2], first[0], first[1])
    findings = tuple(finding.replace(status=status) for finding, status in zip(ordered, statuses, strict=True))
    assert count_line(sample_report().replace(findings=findings)) == said


def test_text_needs_no_library_at_all():
    script = "import sys; from envcheck.renderers import get; get('text'); print(*sys.modules)"
    words = [sys.executable, "-S", "-c", script]
    out = subprocess.run(words, cwd=CHECKOUT, capture_output=True, text=True, check=True).stdout
    heavy = {"re", "typing", "dataclasses", "jinja2", "unicodedata", "json", "collections", "functools", "pathlib"}
    assert not heavy & set(out.split())


def test_shipped_folders_are_found_and_a_missing_one_is_explained():
    assert data.folder("reports").endswith("reports")
    with pytest.raises(EnvcheckError, match="no-such"):
        data.folder("no-such")
    with pytest.raises(EnvcheckError, match="cannot read"):
        data.read("reports", "templates", "no-such.css")
