"""The order of the stages: judged, waived, compared with a baseline."""

from __future__ import annotations

import pytest

from envcheck.engine.load import load
from envcheck.examples import describe
from envcheck.gate import gate
from envcheck.model.facts import Facts
from envcheck.model.policy import Acceptance, Waiver
from envcheck.pipeline import evaluate
from tests.engine.conftest import RULE, TABLE

FACTS = {"package/left": "1.0.0", "package/right": "9"}
POLICY = (
    RULE.replace("id: wrong-pair", "id: waiver-unused\nscope: policy").partition("lookup:")[0]
    + """
each: {w: waiver/*}
when: {w#state: unused}
message: "{w.1}"
sources: ["https://example.org"]
examples:
  - {facts: {waiver/x#state: unused}, expect: finding}
  - {facts: {waiver/x#state: applied}, expect: none}
  - {facts: {waiver/x#owner: me}, unknown: [waiver/x#state], expect: undecided}
"""
)
BOOK = load([("pairs.yaml", TABLE), ("wrong-pair.yaml", RULE), ("policy.yaml", POLICY)])
WAIVER = Waiver(rule="wrong-pair", reason="it works", owner="me", origin="envcheck.yaml:3")


def judged(facts=FACTS, **more):
    return evaluate([describe(facts, ())], BOOK, acceptance=Acceptance(**more))


def test_rules_of_another_scope_neither_judge_environments_nor_count():
    report = judged({**FACTS, "waiver/x#state": "unused"})
    assert ([one.rule for one in report.findings], report.rules) == (["wrong-pair"], 1)


@pytest.mark.parametrize(
    ("more", "status", "verdict", "code"),
    [
        ({}, "new", "broken", 1),
        ({"waivers": [WAIVER]}, "waived", "ok", 0),
        ({"waivers": [WAIVER.replace(until="2026-01-31")], "today": "2026-01-31"}, "waived", "ok", 0),
        ({"waivers": [WAIVER.replace(until="2026-01-31")], "today": "2026-02-01"}, "new", "broken", 1),
        ({"waivers": [WAIVER.replace(until="2026-01-31")]}, "new", "broken", 1),
        ({"baseline": judged()}, "known", "ok", 0),
        ({"baseline": judged({**FACTS, "package/right": "8"})}, "new", "broken", 1),
        ({"baseline": judged(waivers=[WAIVER])}, "new", "broken", 1),
        ({"baseline": judged(), "waivers": [WAIVER]}, "waived", "ok", 0),
    ],
)
def test_the_verdict_counts_only_what_is_new(more, status, verdict, code):
    report = judged(**more)
    assert ([one.status for one in report.findings], report.verdict, gate(report)) == ([status], verdict, code)


def test_findings_about_waivers_come_after_those_of_environments_and_name_their_file():
    malformed = Facts()
    malformed.put(("waiver", "other.yaml:1"), "other.yaml:1", state="unused")
    report = judged(waivers=[WAIVER, WAIVER.replace(rule="no-such-rule")], malformed=malformed)
    assert [(one.rule, one.target, one.message) for one in report.findings] == [
        ("wrong-pair", "example", "right 9 is there, left 1.0.0 wants 2.0.0"),
        ("waiver-unused", "envcheck.yaml", "no-such-rule"),
        ("waiver-unused", "other.yaml", "other.yaml:1"),
    ]


def test_no_waiver_accepts_a_finding_about_waivers():
    report = judged({"package/left": "1.0.0"}, waivers=[WAIVER, WAIVER.replace(rule="waiver-unused")])
    assert {one.status for one in report.findings} == {"new"}


def test_what_is_said_of_a_waiver_decides_nothing_about_an_environment():
    nothing = describe({}, ("package",))
    waiver = WAIVER.replace(rule="no-such-rule")
    report = evaluate([nothing], BOOK, acceptance=Acceptance(waivers=[waiver]))
    assert [one.rule for one in report.findings] == ["waiver-unused"]
    assert (report.verdict, gate(report, "never")) == ("undecided", 3)
