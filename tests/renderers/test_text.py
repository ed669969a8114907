"""The report for a terminal: order, width, what is told as one, and nothing that steers the terminal."""

from __future__ import annotations

import pytest

from envcheck.renderers._printable import cut, cut_address, cut_path, display_width, printable, wrap
from envcheck.renderers.text import render
from tests.renderers.broken_host import PIP, sample_findings, sample_report
from tests.renderers.demanding import hostile_report, large_report


def test_environment_first_then_the_verdict_then_causes_errors_before_warnings(sample):
    lines = render(sample).splitlines()
    assert lines[0] == "/srv/train/.venv (Python 3.11.7), the environment that VIRTUAL_ENV names"
    assert lines[1] == "This will not work as installed."
    table = [line.split()[1] for line in lines[3:9]]
    assert table == ["error", "error", "warning", "warning", "info", "waived"]
    assert lines[-1] == "2 errors, 4 warnings, 1 note, 1 waived, 1 known · 3 undecided · 143 rules"


def test_a_finding_has_evidence_with_its_file_the_command_and_the_rule(sample):
    out = render(sample, width=120)
    assert "error    torch 2.11.0 is built for CUDA 13.0, here is driver 535.104.05" in out
    assert "cuda#driver = 535.104.05  /proc/driver/nvidia/version" in out
    assert f"fix: {PIP} torchvision==0.26.0\n" in out
    assert "rule: torchvision-built-for-other-torch" in out


def test_fixes_say_what_was_not_shown_of_them(sample):
    mismatch = sample_findings()[1]
    only_risky = sample.replace(findings=(mismatch.replace(fixes=mismatch.fixes[1:]),))
    out = " ".join(render(only_risky).split())
    assert "would raise torch-without-numpy2, requirement-unsatisfied" in out
    assert "checked against the rules: resolves this (not run)" in out
    assert "its own requirements are not known here" in out


def test_a_waived_finding_is_told_in_brief_with_its_waiver_in_full(sample):
    waived = sample.replace(findings=sample.findings[5:6])
    assert render(waived).splitlines()[3:9] == [
        "waived   A declared requirement is not met.",
        "         datasets 3.2.0 asks for multiprocess<0.70.16, here is multiprocess 0.7…",
        "         waived until 2026-12-31 by ml-team: streams alone, which this version",
        "         of multiprocess does well (ML-42)",
        "         1 finding, rule: requirement-unsatisfied",
        "",
    ]


def test_waivers_of_one_rule_are_each_told_once(sample):
    finding = sample.findings[5]
    other = finding.waiver.replace(reason="another reason")
    findings = (finding, finding.replace(waiver=other), *(finding.replace(fingerprint=str(n)) for n in range(6)))
    out = " ".join(render(sample.replace(findings=findings)).split())
    assert out.count("streams alone") == 1
    assert out.count("another reason") == 1
    assert "… 4 more, the JSON and HTML reports have all" in out
    assert "8 findings, rule: requirement-unsatisfied" in out


def test_known_findings_say_so_one_by_one_and_among_many(sample):
    known = sample.findings[4]
    assert "rule: requirement-unsatisfied, known" in render(sample.replace(findings=(known,)))
    many = render(sample.replace(findings=(known,) * 5))
    assert "known: torchvision 0.14.0 asks for torch==1.13.0" in many


def test_many_findings_of_one_rule_are_told_as_one(large):
    out = render(large)
    assert "496 findings: A declared requirement is not met\n" not in out  # the waived one is apart
    assert "495 findings: A declared requirement is not met" in out
    assert "… 491 more, the JSON and HTML reports have all" in out
    assert len(out.splitlines()) < 100


@pytest.mark.parametrize("width", [40, 80, 100, 200])
@pytest.mark.parametrize("make", [sample_report, hostile_report, large_report])
def test_only_commands_are_wider_than_the_terminal(make, width):
    report = make()
    commands = {command for finding in report.findings for fix in finding.fixes for command in fix.commands}
    plain = {printable(command) for command in commands}
    for line in render(report, width=width).splitlines():
        held = line.strip().removeprefix("fix: ")
        assert held in plain or display_width(line) <= width, line


def test_message_and_reason_are_shown_in_full(sample):
    long = "word " * 200 + "the error text"
    finding = sample.findings[0].replace(message=f"{long} one", why=f"{long} two")
    out = " ".join(render(sample.replace(findings=(finding,)), width=60).split())
    assert "the error text one" in out
    assert "the error text two" in out


def test_a_suspicion_says_what_is_missing(sample):
    missing = (("host#wsl", "it was not looked for"),)
    finding = sample.findings[0].replace(confidence="suspected", missing=missing)
    out = " ".join(render(sample.replace(findings=(finding,))).split())
    assert "suspected, not known: host#wsl (it was not looked for)" in out


def test_of_several_targets_every_part_says_which_it_is_about(sample):
    other = sample.snapshots[0].replace(label="serve", chosen="the second one")
    findings = (sample.findings[0], sample.findings[1].replace(target="serve"))
    undecided = (sample.undecided[0], sample.undecided[1].replace(target="serve"))
    report = sample.replace(snapshots=(*sample.snapshots, other), findings=findings, undecided=undecided)
    out = render(report)
    assert "train: /srv/train/.venv" in out
    assert "serve: the second one" in out
    assert "rule: torch-cuda-newer-than-driver, in train\n" in out
    assert "rule: torchvision-built-for-other-torch, in serve\n" in out
    for part in ("Not decided in train:", "Not decided in serve:", "Not read in train:", "Not read in serve:"):
        assert part in out
    many = tuple(finding.replace(target="serve") for finding in sample.findings[2:5] * 2)
    assert "serve: transformers 4.44.2 asks for" in render(report.replace(findings=many))


def test_of_a_description_what_is_nearly_decided_comes_first(sample):
    described = sample.snapshots[0].replace(address="facts:env.yaml")
    far, known = sample.undecided[0], ("package/torch#version",)
    undecided = (
        far,
        far.replace(rule="far", missing=(("host#a", "x"), ("host#b", "x")), known=known),
        far.replace(rule="near", missing=(("package/torch#cuda", "x"),), known=known),
        far.replace(rule="no-row", missing=(("some-table", "no row for 3"),), known=known),
    )
    out = render(sample.replace(snapshots=(described,), undecided=undecided))
    said = out[out.index("Not decided:") : out.index("Not read:")].splitlines()
    assert said == [
        "Not decided:",
        "  to decide near, tell package/torch#cuda",
        "  no-row: no row for 3",
        "  to decide far, tell host#a, host#b",
        "  1 rule about what is not mentioned",
    ]


def test_findings_of_one_cause_stand_together_whatever_their_severity(sample):
    mild = sample.findings[2].replace(cause="cuda-driver-too-old", message="a mild one")
    lines = render(sample.replace(findings=(*sample.findings[:2], mild))).splitlines()
    assert [line.split()[:3] for line in lines[3:5]] == [
        ["cuda-driver-too-old", "error", "2"],
        ["torch-torchvision-mismatch", "error", "1"],
    ]
    assert any(line.startswith("warning  a mild one") for line in lines)


def test_nothing_from_the_environment_steers_the_terminal(hostile):
    out = render(hostile)
    assert "\x1b" not in out
    assert "\u202e" not in out
    assert "\u2066" not in out
    assert "\\x1b[2J" in out
    assert "evil\\u202eexe.txt" in out


def test_colours_only_when_asked_for_and_never_from_the_environment(hostile, sample):
    assert "\x1b" not in render(sample)
    assert "\x1b[1;31merror\x1b[0m" in render(sample, colour=True)
    for code in render(hostile, colour=True).split("\x1b")[1:]:
        assert code.startswith(("[0m", "[1m", "[2m", "[1;3"))


def test_colours_change_nothing_else(sample):
    coloured = render(sample, colour=True)
    for code in ("[0m", "[1m", "[2m", "[1;31m", "[1;32m", "[1;33m", "[1;34m"):
        coloured = coloured.replace(f"\x1b{code}", "")
    assert coloured == render(sample)


def test_a_healthy_host(healthy):
    assert render(healthy) == (
        "/srv/train/.venv (Python 3.11.7), the environment that VIRTUAL_ENV names\n"
        "No problem was found.\n\n"
        "no findings · 143 rules\n"
    )


def test_nothing_found_is_not_healthy_while_something_is_undecided(sample):
    out = render(sample.replace(verdict="ok", findings=()))
    assert "No problem was found in what could be decided." in out
    # Two GPUs, one rule.
    assert "memory and MIG are told by NVML alone, which was not asked (1 rule)" in " ".join(out.split())


def test_the_verdict_is_the_report_s(sample):
    waived = tuple(finding.replace(status="waived") for finding in sample.findings)
    out = render(sample.replace(verdict="ok", findings=waived, undecided=()))
    assert "No new problem was found." in out
    assert "8 waived" in out


def test_wide_letters_count_twice():
    assert display_width("漢字") == 4
    assert display_width("e\u0301") == 1
    assert wrap("漢字漢字", 4) == ["漢字", "漢字"]
    assert cut("漢字漢字", 5) == "漢字…"
    assert cut_path("/a/long/path", 6) == "…/path"


def test_an_address_keeps_its_host():
    address = "https://docs.nvidia.com/deploy/cuda-compatibility/minor.html"
    assert cut_address(address, 80) == address
    assert cut_address(address, 36) == "https://docs.nvidia.com/…/minor.html"
    assert cut_address(f"{address}; https://example.org/other.html", 36) == cut_address(address, 36)
    assert cut_address(address, 20) == "https://docs.nvidia…"
    assert cut_address("/a/long/path", 6) == "…/path"


def test_wrapping_keeps_every_word_and_marks_what_is_left_out():
    assert wrap("one two three", 7) == ["one two", "three"]
    assert wrap("one two three four", 8, 2) == ["one two", "three …"]
    assert wrap("", 8) == [""]
    assert "".join(wrap("x" * 50, 8)) == "x" * 50


def test_unprintable_letters_become_escapes_and_white_space_a_space():
    assert printable("a\tb\nc\u2028d\xa0e") == "a b c d e"
    assert printable("\x1b\x07\u200b\udcff") == "\\x1b\\x07\\u200b\\udcff"
    assert printable("plain ünïcode 漢") == "plain ünïcode 漢"
