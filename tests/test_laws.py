"""What must hold for every shipped rule: the laws of the design, over all examples that find something."""

from __future__ import annotations

import pytest

from envcheck import rulebooks
from envcheck.data import folder
from envcheck.derive import derive
from envcheck.engine.judge import evaluate
from envcheck.engine.load import load
from envcheck.examples import describe, outcome, outcome_of_log, partly
from envcheck.gate import gate
from envcheck.keys import KINDS, format_key, parse_key
from envcheck.model.rules import FAILURE
from envcheck.pipeline import evaluate as report_on

BOOK = load(rulebooks.read_files([folder("rules")]))
FINDING = [
    pytest.param(rule, example, id=f"{rule.id}-{number}")
    for rule in BOOK.rules
    for number, example in enumerate(rule.examples, start=1)
    if example.expect == "finding" and rule.scope != FAILURE
]
FAILURES = [rule for rule in BOOK.rules if rule.scope == FAILURE]


@pytest.mark.parametrize(("rule", "example"), FINDING)
def test_no_fact_that_becomes_unknown_makes_a_finding_healthy(rule, example):
    for key in example.facts:
        rest = {other: value for other, value in example.facts.items() if other != key}
        hidden = format_key(*parse_key(key))
        assert outcome(rule, BOOK, describe(rest, (*example.unknown, hidden))) != "none", hidden


@pytest.mark.parametrize(("rule", "example"), FINDING)
def test_an_unrelated_fact_changes_nothing(rule, example):
    more = {**example.facts, "package/zzz-unrelated": "1.0", "dri/card9": "none"}
    assert outcome(rule, BOOK, describe(more, example.unknown)) == "finding"


def test_an_unrelated_fact_changes_nothing_of_what_a_log_says():
    for rule in FAILURES[::5]:
        for example in rule.examples:
            more = {**example.facts, "package/zzz-unrelated": "1.0", "dri/card9": "none"}
            assert outcome_of_log(example.log, partly(more), BOOK.replace(rules=(rule,))) == example.expect, rule.id


def test_the_order_of_all_rules_makes_no_difference():
    turned = BOOK.replace(rules=tuple(reversed(BOOK.rules)))
    for rule in BOOK.rules[::7]:
        snapshot = derive(describe(rule.examples[0].facts, ()), BOOK.tables)
        assert evaluate(snapshot, BOOK) == evaluate(snapshot, turned)


def test_packages_that_cannot_be_seen_are_no_healthy_ones():
    report = report_on([describe({"python": "3.11.7", "host#glibc": "2.36"}, ("package",))], BOOK)
    assert (report.verdict, gate(report)) == ("undecided", 3)


def test_nothing_known_is_no_verdict():
    report = report_on([describe({}, tuple(KINDS))], BOOK)
    assert report.verdict == "undecided"
    assert not report.findings
