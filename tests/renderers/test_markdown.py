"""The report for CI: the verdict, a table that no pipe breaks, details that no markup escapes from."""

from __future__ import annotations

import re

from envcheck.renderers.markdown import code, escape, render
from tests.renderers.broken_host import PIP
from tests.renderers.demanding import HOSTILE


def test_verdict_table_and_details(sample):
    out = render(sample)
    assert out.startswith("## This will not work as installed.\n\n**2 errors, 4 warnings")
    assert "| `cuda-driver-too-old` | ❌ error | 1 | torch, nvidia-driver |" in out
    assert f"```sh\n{PIP} torchvision==0.26.0\n```" in out
    assert "<https://github.com/pytorch/vision/blob/main/README.md>" in out
    assert out.count("<details>") == out.count("</details>")


def test_of_several_targets_every_part_says_which_it_is_about(sample):
    other = sample.snapshots[0].replace(label="serve")
    out = render(sample.replace(snapshots=(*sample.snapshots, other)))
    assert "in `train`" in out
    assert "3 rules not decided in train" in out
    assert "scopes not read completely in serve" in out


def test_every_table_row_has_five_cells(hostile):
    rows = [line for line in render(hostile).splitlines() if line.startswith("| ")]
    assert len(rows) == 2 + len(HOSTILE)
    for row in rows:
        assert len(re.findall(r"(?<!\\)\|", row)) == 6


def test_nothing_hostile_is_markup(hostile):
    out = render(hostile)
    fenced = re.sub(r"^(`{3,})sh\n.*?^\1$", "", out, flags=re.DOTALL | re.MULTILINE)
    bare = re.sub(r"(`+)(?!`).+?(?<!`)\1(?!`)", "", fenced.replace("\\`", ""))
    tags = set(re.findall(r"<[^>]*>", bare))
    assert tags <= {"<details>", "</details>", "<summary>", "</summary>", "<sub>", "</sub>"}
    assert not re.search(r"@\w", bare)
    assert "](" not in bare.replace("\\](", "").replace("&#93;(", "")
    assert "<javascript:" not in out
    assert "\x1b" not in out
    assert "\u202e" not in out


def test_text_is_escaped():
    assert escape("a|b") == "a\\|b"
    assert escape("<b>&") == "&lt;b&gt;&amp;"
    assert escape("@team #1") == "@&#8203;team #&#8203;1"
    assert escape("https://example.org") == "https&#58;//example.org"
    assert escape("two\nlines") == "two lines"


def test_code_spans_hold_back_ticks():
    assert code("a`b") == "``a`b``"
    assert code("`a") == "`` `a ``"
    assert code("") == ""


def test_a_fence_is_longer_than_any_run_in_the_command(sample):
    finding = sample.findings[0]
    fix = finding.fixes[0].replace(commands=("echo ```` x",))
    out = render(sample.replace(findings=(finding.replace(fixes=(fix,)),)))
    assert "`````sh\necho ```` x\n`````" in out


def test_many_findings_are_cut_and_counted(large):
    out = render(large)
    assert "… 485 more of `dependency-too-new`" in out
    assert len(out) < 100_000


def test_waived_findings_are_in_the_table_and_listed_with_their_waivers(sample):
    waived = sample.replace(findings=tuple(finding.replace(status="waived") for finding in sample.findings))
    out = render(waived)
    assert "| waived |" in out
    assert "❌" not in out
    assert "<details><summary>8 findings waived</summary>" in out
    assert "- `requirement-unsatisfied`: datasets 3.2.0 asks for multiprocess&lt;0.70.16" in out
    assert "; waived until 2026-12-31 by ml-team: streams alone" in out


def test_many_waived_findings_are_cut_and_counted(sample):
    waived = sample.findings[5]
    out = render(sample.replace(findings=tuple(waived.replace(fingerprint=str(number)) for number in range(25))))
    assert out.count("; waived until") == 10
    assert "- … 15 more; `--format json` has all." in out


def test_a_known_finding_says_so(sample):
    assert "Rule `requirement-unsatisfied` · known · " in render(sample.replace(findings=sample.findings[4:5]))
