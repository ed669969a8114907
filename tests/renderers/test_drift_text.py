"""Drift for a terminal: what breaks first, each conclusion in its place, the width, and nothing that steers."""

from __future__ import annotations

import subprocess
import sys

import pytest

from envcheck.model.drift import Effect
from envcheck.renderers._printable import display_width, printable
from envcheck.renderers.html import render as render_html
from envcheck.renderers.markdown import render as render_markdown
from envcheck.renderers.text import render
from tests.program import CHECKOUT
from tests.renderers.drifting import (
    VISION,
    change,
    fleet_report,
    hostile_drift,
    package,
    pair_of,
    pair_report,
    same_report,
    setting,
    side,
    stage_report,
    vision_finding,
)


def test_the_finished_reports(golden):
    golden(".txt", render(stage_report(), width=100), "drift-stages")
    golden(".txt", render(pair_report(), width=100), "drift-pair")


def test_what_breaks_comes_first_then_the_policy_then_the_harmless_then_what_is_not_known():
    out = render(stage_report())
    places = [
        out.index(part)
        for part in (
            "What differs breaks prod.",
            "breaks: package/torch 2.4.0 (2 of 3) · 2.9.1: prod",
            "torchvision 0.19.0 is built for torch 2.4",
            "fix: /srv/prod/.venv/bin/python -m pip install torchvision==0.24.1",
            "policy: config/app#database.url",
            "Allowed by the policy (1)",
            "Harmless as far as known (7)",
            "Not known (1)",
            "In every environment (1)",
            "dev is newer than staging",
            "14 differences in 1482 keys compared, 6 ignored",
        )
    ]
    assert places == sorted(places)


def test_of_two_environments_the_direction_is_told():
    out = render(pair_report(), width=100)
    assert "breaks: package/torch 2.4.0 → 2.9.1\n        causes torchvision-built-for-other-torch" in out
    assert "  - package/ipython       8.31.0\n" in out
    assert "  ~ host#cpu_flags        + avx512f, avx512_bf16 (8 alike)\n" in out
    assert "does away with requirement-unsatisfied in dev" in out
    assert "in dev ↔" in out


@pytest.mark.parametrize(
    ("verdict", "judged", "heading"),
    [
        ("inconsistent", "drift.yaml:3", "policy: config/app#a 1 → 2"),
        ("missing", "drift.yaml:3", "policy: config/app#a 1 → 2"),
        ("allowed", "drift.yaml:9", "Allowed by the policy (1)"),
        ("consistent", "drift.yaml:9", "Allowed by the policy (1)"),
        ("undetermined", "drift.yaml:9", "Not known (1)"),
        ("", "", "Harmless as far as known (1)"),
    ],
)
def test_every_verdict_of_a_policy_has_its_place(verdict, judged, heading):
    difference = setting("a", "1", "2", line=4, judged_by=judged, verdict=verdict)
    assert heading in render(pair_of(difference))


@pytest.mark.parametrize(
    ("target", "more", "sentence", "heading"),
    [
        ("prod", {}, "What differs breaks prod.", "breaks: package/torch"),
        ("prod", {"severity": "warning"}, "What differs may break prod.", "may break: package/torch"),
        ("prod", {"severity": "info"}, "The environments differ, harmlessly as far as known.", "noted: package/torch"),
        (
            "prod",
            {"status": "waived"},
            "The environments differ, harmlessly as far as known.",
            "accepted: package/torch",
        ),
        ("dev", {}, "What differs mends what dev has, and breaks nothing as far as known.", "mends: package/torch"),
    ],
)
def test_the_conclusion_follows_severity_direction_and_waiver(target, more, sentence, heading):
    finding = vision_finding(target, **more)
    effect = Effect(target=target, rule=finding.rule, fingerprint=finding.fingerprint)
    torch = package("torch", "2.4.0", "2.9.1", effects=(effect,))
    out = render(pair_of(torch, findings=(finding,)))
    assert sentence in " ".join(out.split())
    assert heading in out
    assert finding.message in " ".join(out.split())


@pytest.mark.parametrize(
    ("targets", "sentence"),
    [
        (("dev ↔ prod",), "What differs breaks a contract."),
        (("dev ↔ prod", "prod"), "What differs breaks prod and a contract."),
    ],
)
def test_a_contract_is_no_environment(targets, sentence):
    findings = tuple(vision_finding(target) for target in targets)
    effects = tuple(Effect(target=each.target, rule=each.rule, fingerprint=each.fingerprint) for each in findings)
    assert sentence in render(pair_of(package("torch", "1", "2", effects=effects), findings=findings))


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({}, "No known difference explains 1 error in prod."),
        ({"severity": "warning"}, "No known difference explains 1 warning in prod."),
        ({"severity": "info"}, "The environments differ, harmlessly as far as known."),
        ({"status": "known"}, "The environments differ, harmlessly as far as known."),
        ({"status": "waived"}, "The environments differ, harmlessly as far as known."),
    ],
)
def test_what_no_difference_explains_is_not_called_harmless(more, sentence):
    report = pair_of(package("regex", "1", "2"), findings=(vision_finding("prod", **more),))
    assert sentence in " ".join(render(report).split())
    assert sentence in render_html(report).replace("\n", " ")
    assert sentence in render_markdown(report)


def test_what_the_baseline_has_breaks_nothing_anew():
    finding = vision_finding("prod", status="known")
    effect = Effect(target="prod", rule=finding.rule, fingerprint=finding.fingerprint)
    out = render(pair_of(package("torch", "2.4.0", "2.9.1", effects=(effect,)), findings=(finding,)))
    assert "What differs breaks nothing that the baseline does not have." in out
    assert "breaks: package/torch" in out


def test_an_environment_is_compared_with_what_it_should_be():
    report = pair_of(package("torch", "2.4.0", "2.9.1"))
    lock, here = report.snapshots
    report = report.replace(snapshots=(lock.replace(address="lock:uv.lock"), here))
    assert "prod is not what dev declares, harmlessly as far as known." in render(report)


HASH = "hmac-sha256:25bb8099:28364d2bc50dd89b40805351056a6140"


@pytest.mark.parametrize(
    ("sides", "groups", "told"),
    [
        ((side("hidden (no project key)"), side("hidden (no project key)")), (), "dev, prod: hidden (no project key)"),
        ((side("a"), side("hidden (no project key)")), ((0,),), "prod: hidden (no project key)"),
        ((side(HASH), side(HASH.replace("25bb8099", "01234567"))), ((0,),), "prod: hashed under another key"),
        ((side(None, state="present", reason="declared as >=2"), side("2")), ((1,),), "dev: declared as >=2"),
        ((side(12), side(None, state="unknown", reason="not read")), (), "prod: not read"),
    ],
)
def test_why_something_is_not_known_is_told(sides, groups, told):
    difference = change("config/app#a", *sides, form="undetermined").replace(groups=groups)
    assert f"? config/app#a: {told}\n" in render(pair_of(difference))


def test_an_effect_without_its_finding_is_told_by_its_rule():
    torch = package("torch", "2.4.0", "2.9.1", effects=(Effect(target="prod", rule=VISION, fingerprint="gone"),))
    out = " ".join(render(pair_of(torch)).split())
    assert f"{VISION}, a finding that this report does not hold" in out


@pytest.mark.parametrize(
    ("sides", "form", "told"),
    [
        ((side("5"), side(5)), "type", '~ config/app#a "5" → 5'),
        ((side("true"), side(value=True)), "type", '~ config/app#a "true" → true'),
        ((side(("a", "b")), side(("a", "c"))), "value", "~ config/app#a - b + c (1 alike)"),
        ((side(("a", "b")), side(("b", "a"))), "value", "~ config/app#a a, b → b, a"),
        ((side(None), side("x")), "only", "+ config/app#a x"),
        ((side("x"), side(None)), "only", "- config/app#a x"),
        ((side(None), side("", reason="")), "only", "+ config/app#a"),
        ((side("x"), side(None, state="unknown", reason="r")), "undetermined", "? config/app#a: prod: r"),
        ((side(0.5), side(value=False)), "value", "~ config/app#a 0.5 → no"),
        ((side("yes"), side(value=True)), "value", '~ config/app#a "yes" → true'),
    ],
)
def test_values_are_told_apart(sides, form, told):
    out = render(pair_of(change("config/app#a", *sides, form=form)))
    assert told in " ".join(out.split())


def test_many_harmless_ones_of_a_kind_become_a_number():
    out = render(fleet_report(), width=120)
    assert "Harmless as far as known (1999)" in out
    assert "… 1947 more of package, the JSON and HTML reports have all" in out
    assert "1.4.2 (28 of 30) · absent: gpu-19 · 1.5.2: gpu-28" in out
    assert len(out.splitlines()) < 60


def test_what_follows_another_change_is_counted_with_it():
    numpy = package("numpy", "1.26.4", "2.0.0")
    blas = package("openblas", "0.3", "0.4", follows=numpy.key)
    out = render(pair_of(numpy, blas))
    assert "1.26.4 → 2.0.0 (and 1 that come along)" in out
    assert "openblas" not in out
    lost = render(pair_of(numpy, blas.replace(follows="package/gone#version")))
    assert "openblas" in lost


def test_two_environments_without_a_difference():
    out = render(same_report())
    assert "The environments do not differ." in out
    assert out.endswith("0 differences in 1482 keys compared · 143 rules\n")
    assert "Nothing could be compared." in render(pair_of(compared=0))


@pytest.mark.parametrize("width", [40, 80, 100, 200])
@pytest.mark.parametrize("make", [stage_report, pair_report, same_report, hostile_drift, fleet_report])
def test_only_commands_are_wider_than_the_terminal(make, width):
    report = make()
    plain = {printable(line) for finding in report.findings for fix in finding.fixes for line in fix.commands}
    for line in render(report, width=width).splitlines():
        assert line.strip().removeprefix("fix: ") in plain or display_width(line) <= width, line


def test_nothing_from_the_environments_steers_the_terminal():
    out = render(hostile_drift())
    assert not {"\x1b", "\u202e", "\u2066", "\r"} & set(out)
    for code in render(hostile_drift(), colour=True).split("\x1b")[1:]:
        assert code.startswith(("[0m", "[1m", "[2m", "[1;3"))
    out.encode()


@pytest.mark.parametrize("value", ["x" * 100_000, "é漢" * 20_000, "שלום عربي" * 500, "a\r\nb\x00c", ("i",) * 20_000])
def test_very_long_and_odd_values_stay_on_their_line(value):
    difference = change("config/app#a", side("short"), side(value))
    out = render(pair_of(difference))
    assert len(out) < 3000
    assert all(display_width(line) <= 80 for line in out.splitlines())


def test_drift_in_a_terminal_needs_no_library_at_all():
    script = "import sys; from envcheck.renderers import _drift_text, text; print(*sys.modules)"
    words = [sys.executable, "-S", "-c", script]
    out = subprocess.run(words, cwd=CHECKOUT, capture_output=True, text=True, check=True).stdout
    heavy = {"re", "typing", "dataclasses", "jinja2", "unicodedata", "json", "collections", "functools", "difflib"}
    assert not heavy & set(out.split())
