"""Formats are found by file name, and every one renders every report."""

from __future__ import annotations

import subprocess
import sys

import pytest

from envcheck import data
from envcheck.errors import EnvcheckError, UsageError
from envcheck.model.reports import Report
from envcheck.renderers import get, names
from tests.renderers.broken_host import sample_report
from tests.renderers.demanding import healthy_report, hostile_report, large_report

READABLE = ["html", "markdown", "text"]


def test_every_module_without_underscore_is_a_format():
    assert names() == ["html", "json", "markdown", "text"]
    assert [get(name).SUFFIX for name in READABLE] == [".html", ".md", ".txt"]


def test_an_unknown_format_is_a_usage_error():
    with pytest.raises(UsageError, match="xml"):
        get("xml")


@pytest.mark.parametrize("name", READABLE)
@pytest.mark.parametrize("make", [sample_report, healthy_report, hostile_report, large_report])
def test_rendering_is_repeatable_and_ends_with_a_newline(name, make):
    first = get(name).render(make())
    assert first == get(name).render(make())
    assert first.endswith("\n")
    first.encode()  # a lone surrogate would raise here


@pytest.mark.parametrize("name", READABLE)
def test_a_report_of_nothing_says_so(name):
    empty = Report(verdict="undecided", findings=(), undecided=(), snapshots=(), rules=0, tool="envcheck")
    assert "could not be decided" in get(name).render(empty)


def test_text_needs_no_library_at_all():
    script = "import sys; from envcheck.renderers import get; get('text'); print(*sys.modules)"
    out = subprocess.run([sys.executable, "-S", "-c", script], capture_output=True, text=True, check=True).stdout
    heavy = {"re", "typing", "dataclasses", "jinja2", "unicodedata", "json", "collections", "functools", "pathlib"}
    assert not heavy & set(out.split())


def test_shipped_folders_are_found_and_a_missing_one_is_explained():
    assert data.folder("reports").endswith("reports")
    with pytest.raises(EnvcheckError, match="no-such"):
        data.folder("no-such")
    with pytest.raises(EnvcheckError, match="cannot read"):
        data.read("reports", "templates", "no-such.css")
