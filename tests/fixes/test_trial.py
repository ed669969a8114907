from __future__ import annotations

import pytest

from envcheck.derive import derive
from envcheck.engine.judge import evaluate
from envcheck.engine.load import load
from envcheck.examples import describe
from envcheck.fixes.trial import try_fixes

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
    assert fix.verified is False, "the new version's own metadata is not known"


def test_what_mends_without_harm_comes_first(tried):
    order = tried[1]
    assert order[0] == "b==3.0"
    assert set(order[-2:]) == {"b==2.0", "b>=2.5,<3"}
    assert order.index("b==1.5") > order.index("a")
