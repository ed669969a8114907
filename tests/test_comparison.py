"""A comparison as a whole: what differs, what that breaks, what the policy says, and what the gate makes of it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from envcheck import reports
from envcheck.comparison import compare
from envcheck.errors import DocumentError, UsageError
from envcheck.gate import gate
from envcheck.model.facts import Snapshot
from envcheck.model.reports import KNOWN, NEW
from envcheck.model.rules import Rulebook
from envcheck.project.drift import read_policy
from envcheck.rulebooks import load
from tests.drift.seeing import seen

if TYPE_CHECKING:
    from envcheck.model.facts import Value


@pytest.fixture(scope="module")
def rulebook() -> Rulebook:
    return load(cached=False)


FITTING = {"torch": "2.4.0", "torchvision": "0.19.0"}
BROKEN = {"torch": "2.9.1", "torchvision": "0.19.0"}


def test_a_difference_that_breaks_something_comes_first_and_says_what(rulebook: Rulebook) -> None:
    report = compare(
        [seen("prod", packages={**FITTING, "a": "1"}), seen("new", packages={**BROKEN, "a": "2"})], rulebook
    )
    assert report.drift is not None
    first, *others = report.drift.changes
    assert first.key == "package/torch#version"
    assert {(effect.target, effect.rule) for effect in first.effects} >= {("new", "torchvision-built-for-other-torch")}
    assert all(not change.effects for change in others)
    assert report.verdict == "broken"
    assert gate(report) == 1
    (found,) = [finding for finding in report.findings if finding.rule == "torchvision-built-for-other-torch"]
    assert (found.target, found.status) == ("new", NEW)
    assert found.fixes[0].tried == "resolves"


def test_of_two_the_first_is_the_reference(rulebook: Rulebook) -> None:
    report = compare([seen("prod", packages=BROKEN), seen("new", packages=FITTING)], rulebook)
    assert {finding.status for finding in report.findings} == {KNOWN}
    assert report.drift is not None
    assert report.drift.changes[0].effects[0].target == "prod"
    assert (report.verdict, gate(report)) == ("ok", 0)


def test_what_all_have_is_known(rulebook: Rulebook) -> None:
    fleet = [seen(name, packages={**BROKEN, "a": name}) for name in "123"]
    report = compare(fleet, rulebook)
    assert report.findings
    assert {finding.status for finding in report.findings} == {KNOWN}
    assert gate(report) == 0


def test_of_many_whatever_not_all_have_counts(rulebook: Rulebook) -> None:
    fleet = [seen("1", packages=BROKEN), seen("2", packages=FITTING), seen("3", packages=FITTING)]
    report = compare(fleet, rulebook)
    assert [finding.target for finding in report.findings if finding.status == NEW] == ["1"]
    assert gate(report) == 1


def test_a_policy_is_judged_by_rules_like_all_others(rulebook: Rulebook) -> None:
    policy = read_policy(
        "rules: [{key: url, check_consistency: true}, {key: pool, check_consistency: true, severity: info},"
        " {key: mode, expect: {prod: live}}]",
        "drift.yaml",
    )
    dev = seen("dev", config={"app": {"url": "a", "pool": 5, "mode": "test"}})
    prod = seen("prod", config={"app": {"url": "b", "pool": 6, "mode": "test"}})
    report = compare([dev, prod], rulebook, policy=policy)
    told = {(finding.rule, finding.severity, finding.subjects) for finding in report.findings}
    assert told == {
        ("configuration-drift", "error", ("config/app#url",)),
        ("configuration-drift", "info", ("config/app#pool",)),
        ("configuration-unexpected", "error", ("config/app#mode",)),
    }
    (found,) = [finding for finding in report.findings if finding.subjects == ("config/app#url",)]
    assert [(entry.key, entry.value, entry.origin) for entry in found.evidence] == [
        ("config/app#url", "dev: a", "dev/app.yaml:1"),
        ("config/app#url", "prod: b", "prod/app.yaml:1"),
        ("policy", "url", "drift.yaml:1"),
    ]
    assert report.drift is not None
    assert {change.key: change.verdict for change in report.drift.changes} == {
        "config/app#url": "inconsistent",
        "config/app#pool": "inconsistent",
    }
    assert gate(report) == 1


def test_a_difference_that_the_policy_expects_is_allowed(rulebook: Rulebook) -> None:
    policy = read_policy("rules: [{key: pool, expect: {dev: 5, prod: 30}}, {key: pin, expect: 1}]", "drift.yaml")
    dev = seen("dev", config={"app": {"pool": 5, "pin": "hidden (no project key)"}})
    prod = seen("prod", config={"app": {"pool": 30, "pin": 1}})
    report = compare([dev, prod], rulebook, policy=policy)
    assert report.findings == ()
    assert report.drift is not None
    assert {change.key: change.verdict for change in report.drift.changes} == {
        "config/app#pool": "allowed",
        "config/app#pin": "undetermined",
    }


def test_a_difference_in_type_alone_shows_the_types(rulebook: Rulebook) -> None:
    dev, prod = (seen(label, config={"app": {"port": port}}) for label, port in (("dev", "5"), ("prod", 5)))
    for rules in ("{key: port, check_consistency: true}", "{key: x, ignore_drift: true}"):
        policy = read_policy(f"{{unlisted: warning, rules: [{rules}]}}", "drift.yaml")
        (finding,) = compare([dev, prod], rulebook, policy=policy).findings
        assert finding.message.endswith('dev = "5", prod = 5')


def test_contracts_that_cannot_be_compared_are_not_called_harmless(rulebook: Rulebook) -> None:
    told = (("dev", "openapi", "{}"), ("prod", "jsonschema", "{}"))
    one, other = (
        seen(label, facts={("contract", "users"): {"format": form, "document": text}}) for label, form, text in told
    )
    report = compare([one, other], rulebook)
    assert report.drift is not None
    assert {change.form for change in report.drift.changes} == {"undetermined"}
    reasons = {reason for entry in report.undecided for _, reason in entry.missing}
    assert "users is openapi in dev and jsonschema in prod" in reasons


def test_a_policy_that_decides_nothing_is_undecided_not_passed_over(rulebook: Rulebook) -> None:
    policy = read_policy("rules: [{key: urll, check_consistency: true}]", "drift.yaml")
    report = compare([seen("dev", config={"app": {"url": "a"}}), seen("prod")], rulebook, policy=policy)
    assert [(entry.subject, entry.missing) for entry in report.undecided if entry.target == "drift.yaml:1"] == [
        ("urll", (("urll", "no environment has such a key"),))
    ]


def test_keys_are_ignored_for_one_run(rulebook: Rulebook) -> None:
    one, other = seen("one", packages={"a": "1", "b": "1"}), seen("other", packages={"a": "2", "b": "2"})
    report = compare([one, other], rulebook, ignore=["package/a*"])
    assert report.drift is not None
    assert [change.key for change in report.drift.changes] == ["package/b#version"]
    assert report.drift.ignored == 1


@pytest.mark.parametrize("snapshots", [[], [seen("a")], [seen("a"), seen("a")]])
def test_too_few_environments_or_two_of_one_name_are_refused(snapshots: list[Snapshot], rulebook: Rulebook) -> None:
    with pytest.raises(UsageError, match="two environments of different names"):
        compare(snapshots, rulebook)


def test_a_saved_report_of_drift_is_the_report(rulebook: Rulebook) -> None:
    odd: dict[str, Value] = {"number": 1 << 80, "flag": True, "list": ("a", "b"), "text": "é\udcff"}
    one = seen("one", packages=FITTING, config={"app": odd}, vector={"ci": 1})
    other = seen("other", packages=BROKEN, unknown={"gpu": "no driver"}, vector={"ci": 2})
    report = compare([one, other], rulebook)
    text = reports.to_json(report)
    loaded = reports.from_json(text.encode(), "saved")
    assert loaded.drift == report.drift
    assert reports.to_json(loaded) == text


PACKAGES = st.dictionaries(
    st.sampled_from(["torch", "torchvision", "numpy", "transformers", "tokenizers"]),
    st.sampled_from(["0.19.0", "1.26.4", "2.4.0", "2.9.1", "4.41.0"]),
)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(packages=PACKAGES)
def test_an_environment_compared_with_itself_has_no_drift(rulebook: Rulebook, packages: dict[str, str]) -> None:
    report = compare([seen("a", packages=packages), seen("b", packages=packages)], rulebook)
    assert report.drift is not None
    assert report.drift.changes == ()
    assert gate(report) == 0


@pytest.mark.parametrize("wrong", [{"sides": []}, {"groups": [[0, 2]]}, {"groups": [[-1]]}])
def test_a_saved_report_whose_changes_do_not_fit_is_refused(rulebook: Rulebook, wrong: dict[str, object]) -> None:
    report = compare([seen("one", packages=FITTING), seen("other", packages=BROKEN)], rulebook)
    document = json.loads(reports.to_json(report))
    document["changes"][0] |= wrong
    with pytest.raises(DocumentError, match="does not fit the 2 environments"):
        reports.from_json(json.dumps(document).encode(), "saved.json")


def test_where_nothing_could_be_compared_nothing_is_decided(rulebook: Rulebook) -> None:
    report = compare([seen("one", packages={"a": "1"}), seen("other", unknown={"package": "unreadable"})], rulebook)
    assert (report.verdict, gate(report)) == ("undecided", 3)


@pytest.mark.parametrize("key", [b"project", None])
def test_no_caller_gets_to_see_what_the_policy_calls_secret(rulebook: Rulebook, key: bytes | None) -> None:
    policy = read_policy("rules: [{key: pin, secret: true, expect: {b: 4711}, check_consistency: true}]", "drift.yaml")
    sides = [seen("a", config={"app": {"pin": 123456}}), seen("b", config={"app": {"pin": 654321}})]
    text = reports.to_json(compare(sides, rulebook, policy=policy, key=key))
    assert not any(pin in text for pin in ("123456", "654321", "4711"))
