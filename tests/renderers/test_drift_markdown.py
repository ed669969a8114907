"""Drift for CI: a table of what breaks, folded tables of the rest, and nothing hostile that is markup."""

from __future__ import annotations

import re

import pytest

from envcheck.renderers.markdown import render
from tests.renderers.drifting import fleet_report, hostile_drift, pair_report, same_report, stage_report

MAKERS = [stage_report, pair_report, same_report, fleet_report, hostile_drift]


def test_the_finished_reports(golden):
    golden(".md", render(stage_report()), "drift-stages")
    golden(".md", render(pair_report()), "drift-pair")


def test_what_breaks_is_a_row_and_its_finding_is_folded_beneath():
    out = render(pair_report())
    assert out.startswith("## What differs breaks prod.\n\n**dev → prod**\n")
    assert "| ❌ breaks | `package/torch` 2.4.0 → 2.9.1 | causes torchvision-built-for-other-torch" in out
    assert "```sh\n/srv/prod/.venv/bin/python -m pip install torchvision==0.24.1\n```" in out
    assert out.index("❌ breaks") < out.index("policy |") < out.index("✅ mends") < out.index("Harmless")


@pytest.mark.parametrize("make", MAKERS)
def test_tables_and_folds_are_whole(make):
    out = render(make())
    assert out.count("<details") == out.count("</details>")
    width = 0
    for line in out.splitlines():
        cells = len(re.findall(r"(?<!\\)\|", line)) - 1
        if line.startswith("| ---"):
            width = cells
        elif line.startswith("| ") and width:
            assert cells == width, line
        elif not line:
            width = 0


def test_nothing_hostile_is_markup():
    out = render(hostile_drift())
    fenced = re.sub(r"^(`{3,})sh\n.*?^\1$", "", out, flags=re.DOTALL | re.MULTILINE)
    bare = re.sub(r"(`+)(?!`).+?(?<!`)\1(?!`)", "", fenced.replace("\\`", ""))
    tags = set(re.findall(r"<[^>]*>", bare))
    ours = {"<details>", "<details open>", "</details>", "<summary>", "</summary>", "<sub>", "</sub>", "<br>"}
    assert tags - {"<https://12factor.net/config>"} <= ours
    assert not re.search(r"@\w", bare)
    assert not {"\x1b", "\u202e", "\u2066"} & set(out)


def test_a_fleet_fits_a_job_summary():
    out = render(fleet_report())
    assert len(out) < 100_000
    assert "… 1949 more; `--format json` has all." in out


def test_nothing_different_is_short():
    assert len(render(same_report()).splitlines()) < 10
