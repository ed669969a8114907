"""One answer out of many suspicions: their order, what says the same, what a check adds, what would decide."""

from __future__ import annotations

import pytest

from envcheck.engine.load import load
from envcheck.examples import partly
from envcheck.explanation import explain
from envcheck.failures import read
from envcheck.model.explanation import Explanation
from envcheck.model.reports import Finding
from tests.findings import finding

RULE = """
id: {id}
scope: failure
severity: error
summary: {id} it is.
why: It has to be.
match: '{match}'
message: "{id} of {{m.what}}"
cause: {cause}
subjects: ["{{m.what}}"]
{more}
sources: ["https://example.org"]
examples: [{{log: x, expect: finding}}, {{log: y, expect: none}}]
"""

OWNERS = """
table: import-names
about: Which distribution installs a module.
sources: ["https://example.org"]
rows: [{module: cv2, distribution: opencv-python}]
"""


def rule(id_: str, *, match: str = "", cause: str = "missing-package", **more: str) -> str:
    match = match or rf"{id_} (?P<what>\w+)"
    return RULE.format(
        id=id_, match=match, cause=cause, more="\n".join(f"{key}: {value}" for key, value in more.items())
    )


def answer(
    log: str, *rules: str, facts: dict[str, object] | None = None, checked: tuple[Finding, ...] = ()
) -> Explanation:
    rulebook = load([(f"{number}.yaml", text) for number, text in enumerate(rules)])
    environment = None if facts is None else partly(facts)
    return explain(read(log.encode(), "log"), environment, rulebook, checked=checked)


def order(explanation: Explanation) -> list[str]:
    return [cause.finding.rule for cause in explanation.causes]


def test_the_surer_cause_comes_first_then_the_later_one() -> None:
    rules = [rule("alpha", cause="a"), rule("beta", cause="b"), rule("gamma", cause="c", sure="confirmed")]
    log = "Error: gamma x\nError: alpha y\n\nError: beta z\n"
    assert order(answer(log, *rules)) == ["gamma", "beta", "alpha"]


def test_of_one_place_the_longer_match_comes_first() -> None:
    rules = [
        rule("short", match=r"failed: (?P<what>\w+)", cause="a"),
        rule("whole", match=r"failed: (?P<what>\w+) of it", cause="b"),
    ]
    assert order(answer("Error: failed: this of it", *rules)) == ["whole", "short"]


def test_a_general_rule_comes_after_what_knows_more_about_the_same_failure() -> None:
    rules = [
        rule("general", match=r"failed: (?P<what>\w+)", cause="a", general="true", sure="confirmed"),
        rule("special", match=r"failed: (?P<what>\w+) of it", cause="b", sure="suspected"),
    ]
    assert order(answer("Error: failed: this of it", *rules)) == ["special", "general"]
    elsewhere = "ValueError: failed: this of it\n\nKeyError: failed: other thing\n"
    assert order(answer(elsewhere, *rules))[0] == "general"


@pytest.mark.parametrize(
    ("between", "expected"),
    [
        ("The above exception was the direct cause of the following exception:", ["alpha", "beta"]),
        ("During handling of the above exception, another exception occurred:", ["beta", "alpha"]),
    ],
)
def test_in_a_chain_the_cause_comes_before_the_symptom(between: str, expected: list[str]) -> None:
    trace = 'Traceback (most recent call last):\n  File "a.py", line 1, in f\n    g()\n'
    log = f"{trace}ValueError: alpha x\n\n{between}\n\n{trace}KeyError: beta y\n"
    assert order(answer(log, rule("alpha", cause="a"), rule("beta", cause="b"))) == expected


def test_what_was_survived_is_only_suspected_and_comes_last() -> None:
    log = "WARNING 11-21 12:00:00 [a.py:1] alpha x\nValueError: beta y\n"
    explanation = answer(log, rule("alpha", cause="a", sure="confirmed"), rule("beta", cause="b", sure="suspected"))
    assert [(cause.finding.rule, cause.finding.confidence) for cause in explanation.causes] == [
        ("beta", "suspected"),
        ("alpha", "suspected"),
    ]


def test_what_the_environment_contradicts_comes_last_with_the_reason() -> None:
    rules = [rule("alpha", cause="a", confirm='{package/torch: "<2"}', sure="confirmed"), rule("beta", cause="b")]
    explanation = answer("Error: alpha x\nError: beta y\n", *rules, facts={"package/torch": "2.4.0"})
    assert order(explanation) == ["beta", "alpha"]
    assert explanation.causes[1].against == "package/torch is 2.4.0"


def test_the_same_cause_of_the_same_thing_is_told_once_with_the_fixes_of_both() -> None:
    rules = [
        rule("alpha", sure="confirmed", fixes="[{do: one, safety: safe}]", subjects='["{m.what}", a]').replace(
            'subjects: ["{m.what}"]\n', "", 1
        ),
        rule("beta", fixes="[{do: two, safety: safe}]"),
    ]
    explanation = answer("Error: alpha x\nError: beta x\nError: beta y\n", *rules)
    assert [cause.finding.message for cause in explanation.causes] == ["alpha of x", "beta of y"]
    (first, _) = explanation.causes
    assert first.finding.subjects == ("x", "a")
    assert [fix.argument for fix in first.finding.fixes] == ["one", "two"]


def test_a_finding_of_the_check_confirms_what_it_is_about() -> None:
    found = finding("torch-too-old", subjects=("x",)).replace(cause="missing-package")
    other = finding("else", subjects=("z",)).replace(cause="missing-package", severity="warning")
    explanation = answer("Error: alpha x", rule("alpha"), facts={}, checked=(found, other))
    (cause,) = explanation.causes
    assert cause.checked == (found,)
    assert cause.finding.confidence == "confirmed"
    assert explanation.checked == (other,)


def test_an_error_of_the_check_about_what_failed_is_a_suspicion_where_no_rule_fits() -> None:
    found = finding("torch-too-old", subjects=("torch",)).replace(cause="removed-name")
    elsewhere = finding("else", subjects=("numba",)).replace(cause="removed-name")
    explanation = answer("ImportError: torch is not well", facts={}, checked=(found, elsewhere))
    assert [(cause.finding.rule, cause.finding.confidence) for cause in explanation.causes] == [
        ("torch-too-old", "suspected")
    ]


TRACEBACK = """Traceback (most recent call last):
  File "/app/main.py", line 1, in <module>
  File "/srv/venv/lib/python3.11/site-packages/a/io.py", line 7, in <module>
    np.float_
AttributeError: `np.float_` was removed
"""


@pytest.mark.parametrize(
    ("file", "line", "confidence"),
    [
        ("/srv/venv/lib/python3.11/site-packages/a/io.py", "7", "confirmed"),
        ("/other/lib/python3.11/site-packages/a/io.py", "7", "confirmed"),  # the same environment, seen from elsewhere
        ("/srv/venv/lib/python3.11/site-packages/a/io.py", "77", "likely"),
        ("/srv/venv/lib/python3.11/site-packages/b/io.py", "7", "likely"),
    ],
)
def test_a_finding_at_the_line_that_failed_is_the_cause(file: str, line: str, confidence: str) -> None:
    where = {"link/a/numpy.float_#file": file, "link/a/numpy.float_#line": line}
    found = finding("takes-gone-name", subjects=("a-dist",), facts=where).replace(cause="removed-name")
    explanation = answer(TRACEBACK, facts={"package/a-dist": "1.0", "package/a-dist#modules": ["a"]}, checked=(found,))
    (cause,) = explanation.causes
    assert (cause.finding.rule, cause.finding.confidence, cause.checked) == ("takes-gone-name", confidence, (found,))
    assert explanation.checked == ()


def test_a_finding_at_the_line_that_failed_comes_before_what_the_words_say() -> None:
    where = {
        "link/a/numpy.float_#file": "/srv/venv/lib/python3.11/site-packages/a/io.py",
        "link/a/numpy.float_#line": "7",
    }
    found = finding("takes-gone-name", subjects=("a-dist",), facts=where).replace(cause="removed-name")
    words = rule("alpha", match="`(?P<what>[^`]+)` was removed", sure="confirmed")
    assert order(answer(TRACEBACK, words, facts={}, checked=(found,))) == ["takes-gone-name", "alpha"]


@pytest.mark.parametrize(
    ("confirm", "facts", "ask"),
    [
        ('{package/torch: ">=2"}', None, "python -m pip show torch"),
        ('{gpu/0#compute_capability: ">=8"}', None, "nvidia-smi --query-gpu"),
        ("{host#shm: {lt: 1GiB}}", None, "df -h /dev/shm"),
        ('{package/torch: ">=2"}', {"package/torch": "2.4.0"}, ""),
        ("{}", None, "--target ."),
        ("{}", {"package/torch": "2.4.0"}, ""),
    ],
)
def test_the_command_that_would_decide_is_named(confirm: str, facts: dict[str, object] | None, ask: str) -> None:
    explanation = answer("Error: alpha x", rule("alpha", confirm=confirm), facts=facts)
    assert ask in explanation.ask
    assert bool(ask) == bool(explanation.ask)


def test_a_cause_names_the_distributions_whose_code_failed() -> None:
    frames = "".join(f'  File "/v/site-packages/{name}/a.py", line 1, in f\n    g()\n' for name in ("peft", "cv2"))
    explanation = answer(f"Traceback (most recent call last):\n{frames}ValueError: alpha x", rule("alpha"), OWNERS)
    assert explanation.causes[0].finding.subjects == ("x", "opencv-python", "peft")


def test_nothing_is_invented() -> None:
    explanation = answer("ValueError: something else\n", rule("alpha"))
    assert explanation.causes == ()
    assert explanation.ask == ""


def test_what_the_log_says_of_the_environment_counts_where_nothing_else_does() -> None:
    log = "Nvidia driver version: 535.104.05\nError: alpha x\n"
    text = rule("alpha", confirm='{cuda#driver: "<550"}')
    assert answer(log, text).causes[0].finding.confidence == "confirmed"
    assert answer(log, text, facts={"cuda#driver": "560.0"}).causes[0].against == "cuda is 560.0"
