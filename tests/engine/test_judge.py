from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envcheck.engine.judge import evaluate, judge, without_general
from envcheck.engine.load import load
from envcheck.examples import describe, outcome, run
from envcheck.model.facts import PARTIAL, Coverage
from envcheck.model.reports import Undecided
from envcheck.model.rules import Rulebook

from .conftest import RULE, TABLE, rule_text

NOTHING = ()
RULE_OF_GPUS = """
id: gpu-is-here
severity: info
summary: A GPU is here.
why: It is.
each: {g: gpu/*}
when: {g: present}
message: "{g} is here"
subjects: [host]
sources: [https://example.org]
examples:
  - {facts: {gpu/0: L4}, expect: finding}
  - {facts: {python: 3.12.3}, expect: none}
  - {facts: {python: 3.12.3}, unknown: [gpu], expect: undecided}
"""


def verdict(facts: dict[str, object], unknown: tuple[str, ...] = NOTHING, **changes: str) -> str:
    book = load([("pairs.yaml", TABLE), ("rule.yaml", rule_text(**changes))])
    return outcome(book.rules[0], book, describe(facts, unknown))


def test_the_examples_of_a_rule_hold(rulebook):
    assert list(run(rulebook)) == []


def test_an_example_that_does_not_hold_is_told():
    book = load([("pairs.yaml", TABLE), ("rule.yaml", RULE.replace("2.0.0}, expect: none", "3.0.0}, expect: none"))])
    (failure,) = run(book)
    assert (failure.number, failure.wanted, failure.got) == (2, "none", "finding")


def test_a_fix_that_does_not_mend_is_told():
    book = load(
        [
            ("pairs.yaml", TABLE),
            ("rule.yaml", RULE.replace("after: {package/right: 2.0.0}", "after: {package/right: 7}")),
        ]
    )
    (failure,) = run(book)
    assert failure.wanted == "none after the fix"


def test_a_finding_carries_what_was_read(rulebook):
    findings, undecided = evaluate(describe({"package/left": "1.0.0", "package/right": "9"}, ()), rulebook)
    (finding,) = findings
    assert undecided == []
    assert finding.message == "right 9 is there, left 1.0.0 wants 2.0.0"
    assert [(item.key, item.value, item.origin) for item in finding.evidence] == [
        ("package/right#version", "9", "example"),  # in the order of the message
        ("package/left#version", "1.0.0", "example"),
        ("table pairs", "left 1.0.0, right 2.0.0", "https://example.org/pairs"),
    ]
    assert finding.subjects == ("right", "left")
    assert [(fix.action, fix.argument) for fix in finding.fixes] == [("install", "right==2.0.0")]


def test_what_no_table_covers_is_undecided(rulebook):
    snapshot = describe({"package/left": "7", "package/right": "9"}, ())
    (open_,) = judge(rulebook.rules[0], snapshot, rulebook)
    assert isinstance(open_, Undecided)
    assert open_.missing == (("pairs", "not covered: no row for left 7"),)


def test_a_cell_that_is_not_known_is_undecided():
    assert verdict({"package/left": "1.20.0", "package/right": "9"}) == "undecided"


def test_a_row_of_medium_confidence_never_raises_an_error(rulebook):
    findings, _ = evaluate(describe({"package/left": "1.10.0", "package/right": "9"}, ()), rulebook)
    assert [finding.severity for finding in findings] == ["warning"]


def test_a_fix_that_cannot_be_filled_is_left_out():
    book = load([("p.yaml", TABLE), ("r.yaml", rule_text(require="{package/right: absent}"))])
    findings, _ = evaluate(describe({"package/left": "1.20.0", "package/right": "9"}, ()), book)
    assert findings[0].fixes == ()
    assert findings[0].message == "right 9 is there, left 1.20.0 wants unknown"


LEFT = {"package/left": "1.5", "host#memory": 100, "host#cpu_flags": ["avx", "avx2"], "host#wsl": True}


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("{package/left: present}", "finding"),
        ("{package/left: absent}", "none"),
        ("{package/none: absent}", "finding"),
        ("{package/left: '1.5'}", "finding"),
        ("{package/left: {is: 1.6}}", "none"),
        ("{package/left: '>=1.4,<2'}", "finding"),
        ("{package/left: '<1.4'}", "none"),
        ("{package/left: {version: '~=1.4'}}", "finding"),
        ("{package/left: {not: '1.5'}}", "none"),
        ("{package/none: {not: '1.5'}}", "none"),
        ("{package/left: {in: ['1.4', '1.5']}}", "finding"),
        ("{package/left: {in: ['1.4']}}", "none"),
        ("{host#memory: {gt: 99, lt: 101}}", "finding"),
        ("{host#memory: {ge: 101}}", "none"),
        ("{host#memory: {lt: 1KiB}}", "finding"),
        ("{host#memory: {le: 0.5}}", "none"),
        ("{host#cpu_flags: {contains: avx2}}", "finding"),
        ("{host#cpu_flags: {contains: avx512f}}", "none"),
        ("{package/left: {starts: '1.', ends: '5'}}", "finding"),
        ("{host#wsl: true}", "finding"),
        ("{host#wsl: false}", "none"),
        ("{any: [{host#wsl: false}, {package/left: '1.5'}]}", "finding"),
        ("{any: [{host#wsl: false}, {package/none: '1.5'}]}", "none"),
        ("{all: [{any: [{host#wsl: true}]}, {any: [{host#wsl: false}]}]}", "none"),
    ],
)
def test_conditions(condition, expected):
    assert verdict(LEFT, when=condition, require="", lookup="", message="found", fixes="") == expected


@pytest.mark.parametrize(
    ("facts", "unknown", "expected"),
    [
        ({"package/left": "1", "package/right": "1"}, (), "finding"),
        ({"package/left": "1", "package/right": "2"}, (), "none"),
        ({"package/left": "1"}, (), "none"),
        ({"package/left": "1"}, ("package/right",), "undecided"),
        ({"package/right": "2"}, ("package/left",), "none"),
        ({"package/right": "1"}, ("package/left",), "undecided"),
        ({}, ("package/left", "package/right"), "undecided"),
        ({}, ("package",), "undecided"),
        ({}, (), "none"),
    ],
)
def test_three_values(facts, unknown, expected):
    """When and require as the table in docs/writing-rules.md has them."""
    when, require = "{package/left: present}", "{package/right: '>=2'}"
    assert verdict(facts, unknown, when=when, require=require, lookup="", message="m", fixes="") == expected


@pytest.mark.parametrize(
    ("unknown", "expected"), [((), "finding"), (("cuda#compat_active",), "undecided"), (("cuda#driver",), "undecided")]
)
def test_an_alternative_that_is_absent_does_not_excuse(unknown, expected):
    require = "{any: [{cuda#driver: '>=9'}, {cuda#compat_active: true}]}"
    facts: dict[str, object] = {"package/left": "1", "cuda#driver": "5"}
    if "cuda#driver" in unknown:
        del facts["cuda#driver"]
    given = verdict(facts, unknown, when="{package/left: present}", require=require, lookup="", message="m", fixes="")
    assert given == expected


@pytest.mark.parametrize(
    ("host", "unknown", "expected"),
    [
        ({"host#wsl": True}, (), [("error", "confirmed")]),
        ({}, ("host#wsl",), [("warning", "suspected")]),
        ({"host#wsl": False}, (), []),
        ({}, (), []),
    ],
)
def test_confirm_says_how_sure_a_finding_is(host, unknown, expected):
    text = rule_text(when="{package/left: present}", require="", confirm="{host#wsl: true}", lookup="", fixes="")
    book = load([("p.yaml", TABLE), ("r.yaml", text.replace("{fitting.right}", "x"))])
    findings, _ = evaluate(describe({"package/left": "1", **host}, unknown), book)
    assert [(finding.severity, finding.confidence) for finding in findings] == expected
    assert [[key for key, _ in finding.missing] for finding in findings] == [list(unknown)] * len(expected)


EACH = {"lookup": "", "fixes": "", "require": "", "message": "'{g.1} {g}'"}


def test_each_judges_every_subject():
    book = load([("p.yaml", TABLE), ("r.yaml", rule_text(each="{g: gpu/*}", when="{g#vendor: amd}", **EACH))])
    facts = {"gpu/0#name": "A", "gpu/0#vendor": "amd", "gpu/1#name": "B", "gpu/1#vendor": "nvidia"}
    findings, undecided = evaluate(describe({**facts, "gpu/2#name": "C"}, ("gpu/2#vendor",)), book)
    assert [finding.message for finding in findings] == ["0 A"]
    assert [(item.subject, item.missing[0][0]) for item in undecided] == [("gpu/2", "gpu/2#vendor")]


def test_each_over_what_was_not_collected_is_undecided_once():
    text = rule_text(each="{g: gpu/*}", when="{package/left: present, g#vendor: amd}", **EACH)
    book = load([("p.yaml", TABLE), ("r.yaml", text)])
    assert outcome(book.rules[0], book, describe({"package/left": "1"}, ("gpu",))) == "undecided"
    assert outcome(book.rules[0], book, describe({}, ("gpu",))) == "none"
    assert outcome(book.rules[0], book, describe({"package/left": "1"}, ())) == "none"


def test_each_over_a_table_fills_keys():
    text = rule_text(
        each="{row: {table: pairs}}",
        lookup="",
        fixes="",
        when="{'package/{row.model}': '{row.left}'}",
        require="",
        message="'{row.model} at {package/{row.model}}'",
    )
    book = load([("p.yaml", TABLE.replace("Super 9 Max", "max").replace("Super 9", "nine")), ("r.yaml", text)])
    findings, _ = evaluate(describe({"package/max": "1.10.0", "package/nine": "4"}, ()), book)
    assert [finding.message for finding in findings] == ["max at 1.10.0"]


@pytest.mark.parametrize(
    ("by", "facts", "row"),
    [
        ("left: package/left", {"package/left": "1.0.0+cu121"}, "2.0.0"),
        ("left: package/left", {"package/left": "1"}, "2.0.0"),
        ("series: package/left", {"package/left": "1.10.7"}, "2.1.0"),
        ("series: package/left", {"package/left": "1.1.7"}, "none"),
        ("range: package/left", {"package/left": "1.9"}, "2.0.0"),
        ("model: gpu/0", {"package/left": "1", "gpu/0": "NVIDIA SUPER 9 MAX-80GB"}, "2.1.0"),
        ("model: gpu/0", {"package/left": "1", "gpu/0": "NVIDIA Super 9"}, "2.0.0"),
        ("model: gpu/0", {"package/left": "1", "gpu/0": "NVIDIA Super 90"}, "none"),
    ],
)
def test_rows_are_found_in_the_columns_own_way(by, facts, row):
    text = rule_text(
        lookup="{fitting: {table: pairs, by: {BY}}}".replace("BY", by),
        when="{package/left: present}",
        require="",
        message="'{fitting.right}'",
        fixes="",
    )
    book = load([("p.yaml", TABLE), ("r.yaml", text)])
    findings, _ = evaluate(describe(facts, ()), book)
    assert findings[0].message.replace("unknown", "none") == row


def test_bytes_are_shown_for_people():
    text = rule_text(when="{host#shm: present}", require="", lookup="", fixes="", message="'{host#shm|bytes} {{x}}'")
    book = load([("p.yaml", TABLE), ("r.yaml", text)])
    findings, _ = evaluate(describe({"host#shm": 64 << 20}, ()), book)
    assert findings[0].message == "64 MiB {x}"
    assert findings[0].evidence[0].value == "64 MiB"


def test_what_stays_undecided_names_the_facts_that_are_known():
    text = rule_text(when="{package/left: present}", require="{host#shm: 1}", lookup="", fixes="", message="m")
    book = load([("p.yaml", TABLE), ("r.yaml", text)])
    _, undecided = evaluate(describe({"package/left": "1"}, ("host#shm",)), book)
    assert [(item.known, item.missing[0][0]) for item in undecided] == [(("package/left#version",), "host#shm")]


# Laws: what must hold for any rules and any facts.

NAMES = st.sampled_from(["left", "right", "other"])
VERSIONS = st.sampled_from(["1.0.0", "1.10.0", "1.20.0", "2.0.0", "2.1.0", "odd version"])
FACTS = st.dictionaries(NAMES.map(lambda name: f"package/{name}"), VERSIONS, max_size=3)
SECOND = rule_text(id="other-present", when="{package/other: '>=1.5'}", require="", lookup="", message="m", fixes="")


def both() -> Rulebook:
    return load([("p.yaml", TABLE), ("a.yaml", RULE), ("b.yaml", SECOND)])


@given(FACTS)
def test_the_order_of_rules_makes_no_difference(facts):
    book = both()
    turned = book.replace(rules=tuple(reversed(book.rules)))
    snapshot = describe(facts, ())
    assert evaluate(snapshot, book) == evaluate(snapshot, turned)


@given(FACTS)
def test_an_unrelated_fact_changes_nothing(facts):
    more = {**facts, "package/unrelated": "1", "gpu/0": "GPU", "host#kernel": "6"}
    assert evaluate(describe(facts, ()), both()) == evaluate(describe(more, ()), both())


@given(FACTS, NAMES)
def test_hiding_a_fact_never_makes_a_finding_healthy(facts, hidden):
    key = f"package/{hidden}"
    found, open_ = evaluate(describe(facts, ()), both())
    less = {name: value for name, value in facts.items() if name != key}
    hidden_found, hidden_open = evaluate(describe(less, (key,)), both())
    before = {item.rule for item in found} | {item.rule for item in open_}
    after = {item.rule for item in hidden_found} | {item.rule for item in hidden_open}
    if key in facts:
        assert {item.rule for item in found} <= after
        assert {item.rule for item in hidden_found} <= before


@given(FACTS)
def test_judging_changes_nothing(facts):
    snapshot = describe(facts, ())
    assert evaluate(snapshot, both()) == evaluate(snapshot, both())
    assert snapshot == describe(facts, ())


def test_a_partial_kind_makes_its_absences_undecided(rulebook):
    snapshot = describe({"package/left": "1.0.0"}, ())
    partial = Coverage(scope="package", status=PARTIAL, reason="one folder could not be read")
    snapshot = snapshot.replace(coverage={**snapshot.coverage, "package": partial})
    _, (undecided,) = evaluate(snapshot, rulebook)
    assert undecided.missing == (("package/right#version", "one folder could not be read"),)


def test_a_general_rule_gives_way_to_one_that_knows_more():
    more = RULE.replace("id: wrong-pair", "id: declared-only\ngeneral: true").replace(
        "severity: error", "severity: warning"
    )
    book = load([("p.yaml", TABLE), ("a.yaml", RULE), ("b.yaml", more)])
    findings, _ = evaluate(describe({"package/left": "1.0.0", "package/right": "9"}, ()), book)
    assert {finding.rule for finding in findings} == {"wrong-pair", "declared-only"}
    assert [finding.rule for finding in without_general(findings, book)] == ["wrong-pair"]
    (general,) = (finding for finding in findings if finding.rule == "declared-only")
    milder = [finding.replace(severity="info") for finding in findings if finding.rule == "wrong-pair"]
    assert without_general([general], book) == [general]
    assert general in without_general([general, *milder], book), "what is milder hides nothing"


def test_a_fix_may_name_its_index():
    fixes = '[{install: "right=={package/right|public}", index: "https://example.org/{fitting.extra}", safety: safe}]'
    book = load([("p.yaml", TABLE), ("r.yaml", rule_text(fixes=fixes))])
    findings, _ = evaluate(describe({"package/left": "1.0.0", "package/right": "9+cu1"}, ()), book)
    (fix,) = findings[0].fixes
    assert (fix.argument, fix.index) == ("right==9", "https://example.org/a, b")


def test_the_local_part_of_a_version_is_empty_where_there_is_none():
    book = load([("p.yaml", TABLE), ("r.yaml", rule_text(message='"<{package/right|local}>"'))])
    for version, local in (("9+cu118", "<cu118>"), ("9", "<>")):
        findings, _ = evaluate(describe({"package/left": "1.0.0", "package/right": version}, ()), book)
        assert findings[0].message == local


def test_subjects_of_which_the_same_is_said_are_told_once():
    book = load([("g.yaml", RULE_OF_GPUS)])
    same = {f"gpu/{number}": "NVIDIA L4" for number in range(8)}
    assert [finding.message for finding in evaluate(describe(same, ()), book)[0]] == ["NVIDIA L4 is here"]
    assert len(evaluate(describe({**same, "gpu/8": "NVIDIA T4"}, ()), book)[0]) == 2
