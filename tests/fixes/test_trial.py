from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envcheck.derive import derive
from envcheck.engine.judge import evaluate
from envcheck.engine.load import load
from envcheck.examples import describe
from envcheck.fixes.trial import _Requirers, try_fixes

RULES = """
id: a-needs-b-two
severity: error
summary: a needs b 2.
why: It does.
when: {package/a: present}
require: {package/b: ">=2"}
message: b is {package/b}
fixes:
  - {install: "b==2.0", safety: safe}
  - {install: "b==3.0", safety: safe}
  - {install: "b==1.5", safety: safe}
  - {uninstall: a, safety: unsafe}
  - {install: "b>=2.5,<3", safety: unsafe}
  - {install: "b<9", safety: unsafe}
  - {do: think, safety: show}
sources: [x]
examples: &examples
  - {facts: {package/a: 1, package/b: 1}, expect: finding}
  - {facts: {package/a: 1, package/b: 2}, expect: none}
  - {facts: {package/a: 1}, unknown: [package/b], expect: undecided}
---
id: c-hates-b-two
severity: warning
summary: c hates b 2.
why: It does.
when: {package/c: present, package/b: "==2.*"}
message: b is {package/b}
sources: [x]
examples:
  - {facts: {package/c: 1, package/b: 2}, expect: finding}
  - {facts: {package/c: 1, package/b: 1}, expect: none}
  - {facts: {package/c: 1}, unknown: [package/b], expect: undecided}
"""


@pytest.fixture
def tried():
    book = load([("rules.yaml", RULES.replace("&examples", ""))])
    snapshot = derive(describe({"package/a": "1", "package/b": "1.0", "package/c": "1"}, ()), book.tables)
    findings, _ = evaluate(snapshot, book)
    (finding,) = try_fixes(findings, snapshot, book)
    return {fix.argument: fix for fix in finding.fixes}, [fix.argument for fix in finding.fixes]


@pytest.mark.parametrize(
    ("argument", "outcome", "raises"),
    [
        ("b==2.0", "resolves", ("c-hates-b-two",)),
        ("b==3.0", "resolves", ()),
        ("b==1.5", "remains", ()),
        ("a", "resolves", ()),
        ("b>=2.5,<3", "resolves", ("c-hates-b-two",)),
        ("b<9", "not tried", ()),
        ("think", "not tried", ()),
    ],
)
def test_a_fix_says_what_it_would_do(tried, argument, outcome, raises):
    fix = tried[0][argument]
    assert (fix.tried, fix.raises) == (outcome, raises)
    assert fix.verified is (argument == "a"), "of a new version the metadata is not known"


def test_what_mends_without_harm_comes_first(tried):
    order = tried[1]
    assert order[0] == "b==3.0"
    assert set(order[-2:]) == {"b==2.0", "b>=2.5,<3"}
    assert order.index("b==1.5") > order.index("a")


def test_a_range_is_tried_with_the_version_that_suits_the_others():
    book = load([("rules.yaml", RULES.replace("&examples", "").replace("b==2.0", "b>=2,<4"))])
    facts: dict[str, object] = {"package/a": "1", "package/b": "1.0", "package/c": "1", "package/d": "1"}
    snapshot = derive(describe({**facts, "package/d#requires": ["b>=3", "b<9; extra == 'x'"]}, ()), book.tables)
    findings, _ = evaluate(snapshot, book)
    finding = next(one for one in try_fixes(findings, snapshot, book) if one.rule == "a-needs-b-two")
    fix = {fix.argument: fix for fix in finding.fixes}["b>=2,<4"]
    assert (fix.tried, fix.raises) == ("resolves", ()), "an installer would take b 3, which c does not mind"


@pytest.mark.parametrize("argument", ["b ==2", "b==", "?", "b==2 c (<3)"])
def test_a_fix_that_is_no_requirement_is_left_untried(argument):
    book = load([("rules.yaml", RULES.replace("&examples", "").replace("b==2.0", argument))])
    snapshot = derive(describe({"package/a": "1", "package/b": "1.0"}, ()), book.tables)
    findings, _ = evaluate(snapshot, book)
    (finding,) = try_fixes(findings, snapshot, book)
    assert {fix.argument: fix.tried for fix in finding.fixes}[argument] == "not tried"


NAMES = st.sampled_from(["a", "b", "c", "d"])
LINES = st.builds(
    "{}{}{}{}".format,
    NAMES,
    st.sampled_from(["", "[x]"]),
    st.sampled_from(["", ">=2", "<2", " (==1.0)"]),
    st.sampled_from(["", "; extra == 'x'", "; python_version < '3'"]),
)
PACKAGES = st.dictionaries(NAMES, st.tuples(st.sampled_from(["1.0", "2.0"]), st.lists(LINES, max_size=3)), max_size=4)


@given(PACKAGES, NAMES, st.sampled_from(["1.0", "2.0", None]))
def test_deriving_after_a_change_is_deriving_anew(packages, changed, version):
    def facts(held):
        given = {"python": "3.11.7"}
        for name, (number, lines) in held.items():
            given |= {f"package/{name}": number, f"package/{name}#requires": lines}
        return describe(given, ())

    before = derive(facts(packages), {})
    after = {name: held for name, held in packages.items() if name != changed}
    if version is not None:
        after[changed] = (version, [])
    askers = {asker for asker, _ in _Requirers(before).of(changed)}
    quick = derive(facts(after), {}, before=before, anew={changed, *askers})
    whole = derive(facts(after), {})
    kept = [entity for entity in whole.derived.entities("requires") if entity[1] != changed]
    assert [entity for entity in quick.derived.entities("requires") if entity[1] != changed] == kept
    assert all(quick.derived.of(entity) == whole.derived.of(entity) for entity in kept)


def test_a_fix_counts_what_else_it_resolves():
    twin = RULES.replace("&examples", "").replace("id: a-needs-b-two", "id: a-wants-b-two")
    book = load([("one.yaml", RULES.replace("&examples", "")), ("two.yaml", twin.split("\n---\n")[0])])
    snapshot = derive(describe({"package/a": "1", "package/b": "1.0"}, ()), book.tables)
    findings, _ = evaluate(snapshot, book)
    for finding in try_fixes(findings, snapshot, book):
        told = {fix.argument: (fix.tried, fix.also) for fix in finding.fixes}
        assert told["b==3.0"] == ("resolves", 1)
        assert told["b==1.5"] == ("remains", 0)
