"""What a gate counts, where it fails, and how it says why."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envcheck.errors import UsageError
from envcheck.gate import decide, gate
from envcheck.model.policy import GatePolicy, Limit, UnitTests
from tests.findings import finding, report, snapshot, undecided


def limit(text: str) -> Limit:
    if text.endswith("%"):
        return Limit(amount=int(text[:-1]), per=100, text=text)
    return Limit(amount=int(text), text=text)


def policy(fail_on: str = "error", **limits: str) -> GatePolicy:
    tests = limits.pop("tests", None)
    return GatePolicy(
        fail_on=fail_on,
        limits={name: limit(text) for name, text in limits.items()},
        tests=None if tests is None else limit(tests),
    )


def findings(*severities: str, target: str = "prod"):
    return [
        finding(f"rule-{number}", severity=severity, target=target, torch="2.4.0")
        for number, severity in enumerate(severities)
    ]


@pytest.mark.parametrize(
    ("severities", "threshold", "code"),
    [
        ((), "error", 0),
        (("warning", "info"), "error", 0),
        (("error",), "error", 1),
        (("warning",), "warning", 1),
        (("info",), "warning", 0),
        (("info",), "info", 1),
        (("error", "warning"), "never", 0),
        (("error",), "", 1),
        (("warning",), "", 0),
    ],
)
def test_the_threshold_decides(severities, threshold, code):
    assert gate(report(*findings(*severities)), threshold) == code


@pytest.mark.parametrize("threshold", ["sometimes", "ERROR", "broken"])
def test_a_threshold_that_does_not_exist_is_refused(threshold):
    with pytest.raises(UsageError, match="is no threshold"):
        gate(report(), threshold)


def test_nothing_known_is_not_a_pass():
    assert gate(report(verdict="undecided"), "error") == 3
    assert gate(report(*findings("error")), "error") == 1
    assert decide(report(verdict="undecided")).reasons == (
        "nothing could be decided: what the rules ask for is not known",
    )


@pytest.mark.parametrize(("status", "code"), [("new", 1), ("known", 0), ("waived", 0)])
def test_only_what_is_new_counts(status, code):
    (one,) = findings("error")
    assert gate(report(one.replace(status=status), verdict="ok")) == code


@pytest.mark.parametrize(("status", "code"), [("known", 1), ("waived", 0)])
def test_what_is_known_counts_where_the_policy_says_so(status, code):
    (one,) = findings("error")
    assert gate(report(one.replace(status=status), verdict="ok"), policy=policy().replace(new_only=False)) == code


@pytest.mark.parametrize(
    ("held", "severities", "code"),
    [
        (policy(error="1"), ("error",), 1),
        (policy(error="2"), ("error",), 0),
        (policy(error="2"), ("error", "error"), 1),
        (policy(warning="3"), ("warning", "warning"), 0),
        (policy(warning="3"), ("warning",) * 3, 1),
        (policy(warning="3"), ("error",), 1),
        (policy("warning", error="5"), ("error",), 0),
        (policy("warning", error="5"), ("error", "warning"), 1),
        (policy("never"), ("error",), 0),
        (policy("never", error="1"), ("error",), 1),
        # 10 rules over one environment
        (policy(error="20%"), ("error",), 0),
        (policy(error="10%"), ("error",), 1),
        (policy(error="20%"), ("error", "error"), 1),
        (policy(warning="11%"), ("warning",), 0),
    ],
)
def test_a_limit_of_its_own_replaces_the_threshold_of_a_severity(held, severities, code):
    assert gate(report(*findings(*severities)), policy=held) == code


def test_the_command_line_wins_over_every_limit_of_the_file():
    lenient = policy("never", error="50%").replace(environments=(("prod", policy("never", error="9")),))
    assert gate(report(*findings("error")), "error", lenient) == 1
    strict = policy("info", warning="1").replace(environments=(("prod", policy("info")),))
    assert gate(report(*findings("warning")), "error", strict) == 0


@pytest.mark.parametrize(("open_rules", "code"), [(0, 0), (5, 0), (6, 1), (9, 1)])
def test_a_share_is_of_the_judgements_that_were_decided(open_rules, code):
    held = report(*findings("error"), undecided=tuple(undecided(f"open-{number}") for number in range(open_rules)))
    assert gate(held, policy=policy(error="25%")) == code


def test_a_rule_that_finds_much_in_one_environment_is_one_judgement():
    many = [finding("requirement-unsatisfied", fingerprint=f"{number:016}", torch="2") for number in range(9)]
    assert gate(report(*many), policy=policy(error="20%")) == 0
    assert gate(report(*many), policy=policy(error="9")) == 1


def test_a_share_of_nothing_that_was_decided_still_fails():
    held = report(*findings("error"), undecided=(undecided("other"),), rules=0)
    assert gate(held, policy=policy(error="100%")) == 1


PLACES = (snapshot("prod-1"), snapshot("prod-2"), snapshot("dev"))


@pytest.mark.parametrize(
    ("target", "severity", "code"),
    [
        ("prod-1", "warning", 1),
        ("dev", "warning", 0),
        ("dev", "error", 0),
        ("prod-2", "error", 1),
        ("staging", "error", 1),
        ("staging", "warning", 0),
    ],
)
def test_environments_have_limits_of_their_own(target, severity, code):
    held = policy().replace(environments=(("prod-*", policy("warning")), ("d*", policy("never"))))
    places = (*PLACES, snapshot("staging"))
    assert gate(report(*findings(severity, target=target), snapshots=places), policy=held) == code


def test_the_first_name_that_fits_decides_and_its_findings_count_together():
    held = policy().replace(environments=(("prod-*", policy(error="2")), ("*", policy())))
    one, other = (findings("error", target=target)[0] for target in ("prod-1", "prod-2"))
    assert gate(report(one, snapshots=PLACES), policy=held) == 0
    decision = decide(report(one, other, snapshots=PLACES), held)
    assert decision.code == 1
    assert decision.reasons == ("prod-*: 2 errors; the gate fails at 2: rule-0",)


def test_a_finding_about_no_environment_is_held_to_what_holds_everywhere():
    held = policy("warning").replace(environments=(("*", policy("never")),))
    about_waiver = finding("waiver-expired", severity="warning", target="envcheck.yaml", subjects=("x",))
    assert gate(report(about_waiver), policy=held) == 1


@pytest.mark.parametrize(
    ("scope", "gaps", "code"),
    [
        ("package", (), 0),
        ("package", (("package", "partial"),), 3),
        ("package", (("package/numpy", "partial"),), 3),
        ("package", (("package/numpy#requires", "partial"),), 3),
        ("package", (("package#files", "not collected"),), 3),
        ("package", (("gpu", "partial"),), 0),
        ("config", (), 3),
        ("package/torch", (("package/numpy", "partial"),), 0),
        ("package/numpy", (("package/numpy#requires", "partial"),), 3),
        ("package/numpy", (("package", "partial"), ("package/numpy", "complete")), 0),
        ("package/torch#version", (("package", "partial"),), 0),
        ("package/torch#cuda", (("package", "partial"),), 3),
        ("package#cuda", (("package/numpy#requires", "partial"),), 0),
        ("package#cuda", (("package/numpy#cuda", "partial"),), 3),
        ("package#cuda", (("package/numpy", "partial"),), 3),
        ("cuda#driver", (("cuda", "complete"),), 0),
        ("cuda#driver", (("cuda#driver", "partial"),), 3),
        ("gpu", (), 0),
    ],
)
def test_what_must_be_covered_is_read_whole_everywhere(scope, gaps, code):
    places = (snapshot("prod", torch="2.4.0"), snapshot("dev", torch="2.4.0", gaps=gaps))
    held = GatePolicy(coverage=(scope,))
    assert gate(report(snapshots=places), policy=held) == code
    assert gate(report(*findings("error"), snapshots=places), policy=held) == 1, "a proven break comes first"


def test_a_gap_is_told_with_its_reason():
    held = report(snapshots=(snapshot(gaps=(("gpu", "not collected"),)),))
    assert decide(held, GatePolicy(coverage=("package", "gpu"))).reasons == (
        "gpu must be read whole, and in prod it is not: gpu is not collected",
    )


@pytest.mark.parametrize(
    ("ran", "failed", "tests", "code"),
    [
        (40, 1, "5%", 0),
        (40, 2, "5%", 1),
        (20, 1, "5%", 1),
        (20, 0, "5%", 0),
        (100, 2, "3", 0),
        (100, 3, "3", 1),
        (100, 1, None, 1),
        (100, 0, None, 0),
        (0, 0, "5%", 3),
        (0, 0, None, 3),
    ],
)
def test_unit_tests_have_a_limit_of_their_own(ran, failed, tests, code):
    held = policy() if tests is None else policy(tests=tests)
    results = UnitTests(ran=ran, failed=tuple(f"test_{number}" for number in range(failed)))
    assert decide(report(), held, tests=results).code == code


def test_one_incompatibility_blocks_where_few_unit_tests_may_fail():
    held = policy(error="1", tests="5%")
    results = UnitTests(ran=100, failed=("tests.test_a",) * 4)
    assert decide(report(), held, tests=results).code == 0
    assert decide(report(*findings("error")), held, tests=results).code == 1


def test_a_decision_names_the_rules():
    severities = findings("error", "error", "error", "error", "warning")
    assert decide(report(*severities), policy("warning")).reasons == (
        "4 errors; the gate fails at 1: rule-0, rule-1, rule-2 and 1 more",
        "1 warning; the gate fails at 1: rule-4",
    )
    share = decide(report(*severities), policy(error="40%"))
    assert share.reasons[0].startswith("errors in 4 of 10 judgements; the gate fails at 40%: ")
    tests = UnitTests(ran=20, failed=("tests.test_a",))
    assert decide(report(), policy(tests="5%"), tests=tests).reasons == (
        "1 of 20 unit tests failed; the gate fails at 5%: tests.test_a",
    )


SEVERITIES = st.lists(st.sampled_from(("error", "warning", "info")), max_size=5)


@given(SEVERITIES, SEVERITIES, st.sampled_from(("error", "warning", "info", "never")))
def test_more_findings_never_open_a_gate(some, more, threshold):
    assert gate(report(*findings(*some)), threshold) <= gate(report(*findings(*some, *more)), threshold)


@given(SEVERITIES)
def test_whatever_fails_has_a_reason_and_what_passes_has_none(severities):
    decision = decide(report(*findings(*severities)), policy("warning", info="2"))
    assert bool(decision.reasons) is (decision.code != 0)
