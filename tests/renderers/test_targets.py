"""The table of environments and findings."""

from __future__ import annotations

import pytest

from envcheck.renderers import get
from envcheck.renderers._targets import lines
from tests.findings import finding, report, snapshot, undecided

PLACES = (snapshot("linux"), snapshot("mac"), snapshot("windows"))


def told(*findings, **more) -> dict[str, list[tuple[str, str, int]]]:
    held = report(*findings, snapshots=PLACES, **more)
    return {line.rule: [(cell.sign, cell.word, cell.finding) for cell in line.cells] for line in lines(held)}


def test_each_environment_is_a_column_and_each_rule_with_its_subjects_a_line():
    some = finding("a-rule", target="mac", torch="2.4.0")
    assert told(some, some.replace(target="windows", severity="warning")) == {
        "a-rule": [("·", "none", 0), ("×", "error", 1), ("!", "warning", 2)]  # noqa: RUF001  the sign is meant
    }


def test_what_is_not_decided_is_not_none():
    some = finding("a-rule", target="mac", severity="info", torch="2.4.0")
    assert told(some, undecided=(undecided("a-rule", "linux"), undecided("b-rule", "windows"))) == {
        "a-rule": [("?", "undecided", 0), ("i", "info", 1), ("·", "none", 0)]
    }


@pytest.mark.parametrize(("status", "sign"), [("waived", "~"), ("known", "=")])
def test_what_does_not_count_has_a_sign_of_its_own_and_comes_last(status, sign):
    waived = finding("a-rule", target="linux", torch="2.4.0").replace(status=status)
    new = finding("b-rule", target="linux", severity="info", torch="2.4.0")
    cells = told(waived, new)
    assert list(cells) == ["b-rule", "a-rule"]
    assert cells["a-rule"][0] == (sign, status, 1)


def test_the_worst_of_several_is_shown():
    known = finding("a-rule", target="linux", torch="2.4.0").replace(status="known")
    new = finding("a-rule", target="linux", severity="warning", torch="2.4.0")
    assert told(known, new)["a-rule"][0] == ("!", "warning", 2)


def test_findings_about_no_environment_are_in_no_column():
    assert told(finding("waiver-expired", target="envcheck.yaml", torch="2.4.0")) == {}


@pytest.mark.parametrize("places", [1, 3])
def test_only_a_report_of_several_environments_has_the_table(places):
    held = report(finding(target="linux", torch="<script>"), snapshots=PLACES[:places])
    page = get("html").render(held)
    assert ('id="targets"' in page) is (places > 1)
    assert ('href="#targets"' in page) is (places > 1)


def test_names_are_escaped_and_links_lead_to_findings():
    odd = finding("a-rule", target="<b>", subjects=("<script>alert(1)</script>",))
    page = get("html").render(report(odd, snapshots=(snapshot("<b>"), snapshot("mac"))))
    assert "<script>alert" not in page
    assert "&lt;b&gt;</th>" in page
    assert '<a class="sign error" href="#finding-1">' in page
