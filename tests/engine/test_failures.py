"""Rules about failures: captures, conditions, what an environment confirms or rules out, and what is refused."""

from __future__ import annotations

import re

import pytest

from envcheck.engine import failures
from envcheck.engine.load import load
from envcheck.errors import RuleError
from envcheck.examples import partly
from envcheck.explanation import known_of
from envcheck.failures import read
from envcheck.model.explanation import Suspect

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

TABLE = """
table: owners
about: Which distribution a module belongs to.
match: {module: text}
sources: ["https://example.org/owners"]
rows:
  - {module: cv2, distribution: opencv-python}
  - {module: yaml, distribution: pyyaml, confidence: medium}
"""
RULE = """
id: module-missing
scope: failure
severity: error
summary: A module is not installed.
why: Nothing that is installed provides it.
match: "No module named '(?P<module>[^']+)'(?:; (?P<more>more))?"
lookup: {owner: {table: owners, by: {module: m.module|top}}}
message: "{m.module} is not installed"
cause: missing-package
subjects: ["{m.module|top}", "{owner.distribution}"]
fixes: [{install: "{owner.distribution}", safety: safe}, {do: "Install what provides {m.module}.", safety: safe}]
sources: ["https://example.org/rule"]
examples:
  - {log: "ModuleNotFoundError: No module named 'x'", expect: finding}
  - {log: "no module", expect: none}
"""


def judged(log: str, facts: Mapping[str, object] | None = None, **changes: str) -> list[Suspect]:
    fields = re.split(r"\n(?=\w)", RULE.strip())
    text = "\n".join(field for field in fields if field.partition(":")[0] not in changes)
    text += "".join(f"\n{name}: {value}" for name, value in changes.items())
    rulebook = load([("owners.yaml", TABLE), ("rule.yaml", text)])
    failure = read(log.encode(), "log")
    environment = None if facts is None else partly(facts)
    return failures.judge(failure, known_of(failure, environment, rulebook.tables), rulebook)


def test_captures_fill_texts_lookups_and_fixes() -> None:
    (suspect,) = judged("one\nModuleNotFoundError: No module named 'cv2.gapi'\n")
    finding = suspect.finding
    assert finding.message == "cv2.gapi is not installed"
    assert finding.subjects == ("cv2", "opencv-python")
    assert [fix.argument for fix in finding.fixes] == ["opencv-python", "Install what provides cv2.gapi."]
    assert (suspect.line, suspect.quote) == (2, "ModuleNotFoundError: No module named 'cv2.gapi'")
    assert (suspect.event, finding.confidence) == (0, "likely")


def test_what_no_table_knows_is_left_out() -> None:
    (suspect,) = judged("No module named 'x'")
    assert suspect.finding.subjects == ("x",)
    assert [fix.action for fix in suspect.finding.fixes] == ["do"]


def test_a_message_that_needs_what_no_table_knows_is_no_finding() -> None:
    assert judged("No module named 'x'", message='"install {owner.distribution}"') == []


def test_the_last_places_are_judged_each_set_of_captures_once() -> None:
    log = "".join(f"No module named '{name}'\n" for name in "abcdeed")
    assert [suspect.finding.message[0] for suspect in judged(log)] == ["d", "e", "c"]


@pytest.mark.parametrize(
    ("condition", "found"),
    [
        ("{m.module: {in: [cv2, x]}}", True),
        ("{m.module: y}", False),
        ("{m.more: absent}", True),
        ("{m.more: present}", False),
        ("{f#exception: ModuleNotFoundError}", True),
        ("{f#exception: ImportError}", False),
        ("{owner.distribution: absent}", False),
        ("{m.module|lower: cv2}", True),
        ('{"package/{m.module|distribution}": ">=1"}', True),
    ],
)
def test_conditions_hold_for_captures_events_rows_and_facts(condition: str, *, found: bool) -> None:
    log = "ModuleNotFoundError: No module named 'cv2'"
    assert bool(judged(log, {"package/cv2": "2.0"}, when=condition)) is found


def test_a_condition_on_what_is_not_known_leaves_a_suspicion() -> None:
    (suspect,) = judged("No module named 'cv2'", when='{package/numpy: ">=2"}')
    assert suspect.finding.confidence == "suspected"
    assert suspect.missing == (("package/numpy#version", "package was not collected"),)


def test_a_suspicion_that_cannot_be_put_into_words_is_none() -> None:
    given = {"when": '{package/numpy: ">=2"}', "message": '"numpy {package/numpy} is here"'}
    assert judged("No module named 'cv2'", None, **given) == []


def test_a_message_about_facts_that_are_not_known_gives_way_to_the_summary() -> None:
    (suspect,) = judged("No module named 'cv2'", message='"numpy {package/numpy} is here"')
    assert suspect.finding.message == "A module is not installed."


@pytest.mark.parametrize(
    ("facts", "confidence", "against"),
    [
        (None, "suspected", ""),
        ({}, "suspected", ""),
        ({"package/cv2": None}, "confirmed", ""),
        ({"package/cv2": "1.0"}, "suspected", "package/cv2 is 1.0"),
    ],
)
def test_the_environment_confirms_or_rules_out(facts: dict[str, object] | None, confidence: str, against: str) -> None:
    given = {"confirm": '{"package/{m.module}": absent}', "sure": "suspected"}
    (suspect,) = judged("No module named 'cv2'", facts, **given)
    assert (suspect.finding.confidence, suspect.against) == (confidence, against)


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"match": '"(?P<module>x"'}, "rule.yaml:.*match.0: no regular expression"),
        ({"match": '["No module named (?P<module>x)", "ab|cd"]'}, "match.1: no literal"),
        ({"match": "[]"}, "needs `match`"),
        ({"when": "{m.nothing: present}"}, "m has no column 'nothing'"),
        ({"when": "{f#nothing: present}"}, "failure has no 'nothing'"),
        ({"sure": "certain"}, "'certain' is not known"),
        ({"require": "{package/a: present}"}, "neither `each` nor `require`"),
        ({"scope": "snapshot"}, "for rules of scope failure"),
        ({"examples": '[{log: "x", expect: finding}]'}, "there is none with `expect: none`"),
        ({"examples": "[{facts: {}, expect: finding}, {facts: {}, expect: none}]"}, "`log` is for rules"),
        ({"message": '"{m.module|nothing}"'}, "there is no format 'nothing'"),
    ],
)
def test_the_loader_refuses_what_cannot_work(changes: dict[str, str], problem: str) -> None:
    with pytest.raises(RuleError) as raised:
        judged("", None, **changes)
    assert problem.replace("rule.yaml:.*", "") in str(raised.value)
    assert raised.value.where.startswith("rule.yaml:")


def test_a_hostile_log_cannot_cost_without_end() -> None:
    (suspect, *_) = judged("No module named 'a'\n" + ("No module named '" * 110 + "\n") * 30 + "No module named 'cv2'")
    assert suspect.finding.message.startswith("cv2")
