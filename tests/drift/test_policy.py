"""What a drift policy says of keys, clause by clause; the founding documents' file as it stands."""

from __future__ import annotations

import pytest

from envcheck.drift.differences import Differences
from envcheck.drift.globs import matches, specificity
from envcheck.drift.policy import Judgement, Policy, hidden
from envcheck.model.facts import Snapshot
from envcheck.project.drift import read_policy
from envcheck.secrets import HIDDEN, protect
from tests.drift.seeing import seen

FOUNDING = """# config-drift-detection.yaml
rules:
- key: "database.url"
  environments: ["dev", "staging", "prod"]
  check_consistency: true
- key: "feature.flag.beta"
  ignore_drift: true
"""


def three(key: str, *values: object, file: str = "app") -> list[Snapshot]:
    """Return dev, staging and prod with a value of one setting each; None leaves it out."""
    return [
        seen(label, config={file: {} if value is None else {key: value}})  # type: ignore[dict-item]
        for label, value in zip(("dev", "staging", "prod"), values, strict=True)
    ]


def judge(policy: str, snapshots: list[Snapshot]) -> list[Judgement]:
    held = Policy(read_policy(policy, "policy.yaml"), snapshots)
    changes = {change.key: change for change in Differences(snapshots, held.ignores).changes}
    return held.judge(changes)


def verdicts(policy: str, snapshots: list[Snapshot]) -> dict[str, str]:
    return {judgement.key: judgement.verdict for judgement in judge(policy, snapshots)}


@pytest.mark.parametrize(
    ("values", "verdict"),
    [
        (("a", "a", "a"), "consistent"),
        (("a", "a", "b"), "inconsistent"),
        (("a", "a", None), "missing"),
        (("a", "b", None), "inconsistent"),
        ((5, "5", 5), "type"),
        (
            (protect("database.url", "postgres://u:p@h/a", b"1"), protect("x.url", "postgres://u:p@h/a", b"2"), HIDDEN),
            "undetermined",
        ),
    ],
)
def test_the_founding_policy(values: tuple[object, ...], verdict: str) -> None:
    snapshots = three("database.url", *values)
    assert verdicts(FOUNDING, snapshots) == {"config/app#database.url": verdict}
    assert verdicts(FOUNDING, three("feature.flag.beta", "on", "off", None)) == {}


def test_an_ignored_key_is_no_difference() -> None:
    snapshots = three("feature.flag.beta", "on", "off", None)
    held = Policy(read_policy(FOUNDING, "policy.yaml"), snapshots)
    differences = Differences(snapshots, held.ignores)
    assert (differences.changes, differences.ignored) == ([], 1)


@pytest.mark.parametrize(
    ("rules", "verdict"),
    [
        # The most specific one wins, wherever it stands.
        ("[{key: 'db.*', check_consistency: true}, {key: db.url, ignore_drift: true}]", None),
        ("[{key: db.url, ignore_drift: true}, {key: 'db.*', check_consistency: true}]", None),
        ("[{key: 'db.*', ignore_drift: true}, {key: db.url, check_consistency: true}]", "inconsistent"),
        ("[{key: '*', ignore_drift: true}, {key: 'db.*', check_consistency: true}]", "inconsistent"),
        # At equal specificity ignoring wins.
        ("[{key: db.url, check_consistency: true}, {key: db.url, ignore_drift: true}]", None),
        ("[{key: db.url, ignore_drift: true}, {key: db.url, check_consistency: true}]", None),
        # With or without the file, and whole.
        ("[{key: 'app#db.url', check_consistency: true}]", "inconsistent"),
        ("[{key: 'config/app#db.url', check_consistency: true}]", "inconsistent"),
        ("[{key: 'web#db.url', check_consistency: true}]", None),
        # Only some environments.
        ("[{key: db.url, environments: [dev, staging], check_consistency: true}]", "consistent"),
        ("[{key: db.url, environments: ['*ing', prod], check_consistency: true}]", "inconsistent"),
        ("[{key: db.url, environments: [prod, qa], check_consistency: true}]", None),
    ],
)
def test_which_rule_decides(rules: str, verdict: str | None) -> None:
    found = verdicts(f"rules: {rules}", three("db.url", "a", "a", "b"))
    assert found == ({} if verdict is None else {"config/app#db.url": verdict})


@pytest.mark.parametrize(
    ("expect", "unexpected"),
    [
        ("{prod: 30, '*': 5}", ()),
        ("{prod: 31}", (("prod", "31"),)),
        ("30", (("dev", "30"), ("staging", "30"))),
        ("{dev: true}", (("dev", "true"),)),
    ],
)
def test_expected_values(expect: str, unexpected: tuple[tuple[str, str], ...]) -> None:
    (judgement,) = judge(f"rules: [{{key: pool, expect: {expect}}}]", three("pool", 5, 5, 30))
    assert judgement.unexpected == unexpected


def test_an_expected_value_that_is_not_set_is_unexpected_and_a_hidden_one_undetermined() -> None:
    policy = "rules: [{key: pool, expect: 5}]"
    (judgement,) = judge(policy, three("pool", 5, None, HIDDEN))
    assert judgement.unexpected == (("staging", "5"),)
    assert judgement.unsure == "prod: its value is hidden"


@pytest.mark.parametrize(
    ("rule", "unexpected"),
    [
        ("{key: pool, environments: [prod], expect: 31}", (("prod", "31"),)),
        ("{key: pool, environments: [dev, staging], expect: {prod: 31, dev: 6}}", (("dev", "6"),)),
        ("{key: pool, environments: [dev, staging], check_consistency: true, expect: {prod: 31}}", ()),
        ('{key: pool, expect: {prod: "", "*": 5}}', (("prod", ""),)),
    ],
)
def test_a_value_is_expected_in_the_environments_of_the_rule_alone(
    rule: str, unexpected: tuple[tuple[str, str], ...]
) -> None:
    (judgement,) = judge(f"rules: [{rule}]", three("pool", 5, 5, 30))
    assert judgement.unexpected == unexpected


def test_where_no_value_is_expected_nothing_is_judged() -> None:
    assert judge("rules: [{key: pool, expect: {prd: 30}}]", three("pool", 5, 5, 30)) == []


@pytest.mark.parametrize("key", [b"project key", None])
@pytest.mark.parametrize(
    "rules",
    [
        "{key: app#pin, secret: true, expect: 4321}",
        '{key: "pi*", secret: true}, {key: app#pin, expect: 4321}',
        '{key: app#pin, secret: true}, {key: "*", expect: {prod: 4321}}',
    ],
)
def test_an_expected_secret_is_never_shown_and_compared_by_its_hash(rules: str, key: bytes | None) -> None:
    policy = read_policy(f"rules: [{rules}]", "policy.yaml")
    for pins in ((4321, 4321), (None, 1234)):
        raw = [
            seen(label, config={"app": {} if pin is None else {"pin": pin}})
            for label, pin in zip(("dev", "prod"), pins, strict=True)
        ]
        shown = [hidden(snapshot, policy, key) for snapshot in raw]
        changes = {change.key: change for change in Differences(shown).changes}
        (judgement,) = Policy(policy, shown, key=key).judge(changes)
        assert "4321" not in repr((judgement.sides, judgement.unexpected, judgement.unsure))
    policy = read_policy("rules: [{key: app#pin, secret: true, expect: 4321}]", "policy.yaml")
    shown = [hidden(snapshot, policy, b"k") for snapshot in three("pin", 4321, 1234, None)]
    changes = {change.key: change for change in Differences(shown).changes}
    (judgement,) = Policy(policy, shown, key=b"k").judge(changes)
    assert [label for label, _ in judgement.unexpected] == ["staging", "prod"]


def test_an_expected_value_that_is_secret_by_its_name_is_hidden_without_being_called_so() -> None:
    (judgement,) = judge('rules: [{key: "db.*", expect: hunter2}]', three("db.password", None, None, "${PASSWORD}"))
    assert "hunter2" not in repr(judgement.unexpected)


def test_calling_a_key_secret_takes_it_out_of_no_other_rule() -> None:
    policy = '{unlisted: warning, rules: [{key: "db.*", check_consistency: true}, {key: db.pin, secret: true}]}'
    assert verdicts(policy, three("db.pin", "a", "a", "b")) == {"config/app#db.pin": "inconsistent"}
    policy = "{unlisted: warning, rules: [{key: db.pin, secret: true}]}"
    assert verdicts(policy, three("db.pin", "a", "a", "b")) == {}


@pytest.mark.parametrize(("unlisted", "found"), [("ignore", 0), ("info", 1), ("warning", 1)])
def test_keys_that_no_rule_matches(unlisted: str, found: int) -> None:
    judged = judge(f"{{unlisted: {unlisted}, rules: [{{key: x, ignore_drift: true}}]}}", three("y", 1, 2, 3))
    assert [(one.key, one.verdict, one.rule.severity) for one in judged] == [
        ("config/app#y", "unlisted", unlisted)
    ] * found


def test_one_setting_in_several_files() -> None:
    snapshots = [
        seen("dev", config={"app": {"log.level": "info"}, "worker": {"log.level": "debug"}}),
        seen("prod", config={"app": {"log.level": "info"}, "worker": {"log.level": "debug"}}),
    ]
    apart = "rules: [{key: log.level, check_consistency: true}]"
    assert set(verdicts(apart, snapshots).values()) == {"consistent"}
    together = "rules: [{key: log.level, check_consistency: true, across_files: true}]"
    found = next(judgement for judgement in judge(together, snapshots) if judgement.key == "log.level")
    assert found.verdict == "inconsistent"
    assert [name for name, _ in found.sides] == ["dev/app", "dev/worker", "prod/app", "prod/worker"]


@pytest.mark.parametrize("more", [f"{{key: {key}, ignore_drift: true}}" for key in ("log.level", "worker#log.level")])
def test_a_setting_that_a_more_specific_rule_ignores_need_not_agree_across_files(more: str) -> None:
    snapshots = [seen(label, config={"app": {"log.level": "a"}, "worker": {"log.level": "b"}}) for label in ("a", "b")]
    judged = judge(f'rules: [{{key: "log.*", check_consistency: true, across_files: true}}, {more}]', snapshots)
    assert all(judgement.verdict == "consistent" for judgement in judged)


@pytest.mark.parametrize("key", [b"project key", None])
def test_a_secret_is_never_shown_and_compared_by_its_hash(key: bytes | None) -> None:
    policy = read_policy("rules: [{key: pin, secret: true, check_consistency: true}]", "policy.yaml")
    raw = [seen("dev", config={"app": {"pin": 1234}}), seen("prod", config={"app": {"pin": 4321}})]
    shown = [hidden(snapshot, policy, key) for snapshot in raw]
    texts = [str(snapshot.facts.value(("config", "app"), "pin")) for snapshot in shown]
    assert not any(text in ("1234", "4321") for text in texts)
    held = Policy(policy, shown)
    (judgement,) = held.judge({change.key: change for change in Differences(shown).changes})
    assert judgement.verdict == ("inconsistent" if key else "undetermined")


def test_a_rule_that_decides_nothing_is_told() -> None:
    snapshots = three("pool", 5, 5, 5)
    text = (
        "rules: [{key: poool, check_consistency: true}, "
        "{key: pool, environments: [prod, qa], check_consistency: true}, "
        '{key: "p*", ignore_drift: true}, {key: "po*l", secret: true}, {key: config/app#pool, expect: {prd: 5}}]'
    )
    held = Policy(read_policy(text, "policy.yaml"), snapshots)
    assert [(rule.pattern, why) for rule, why in held.idle()] == [
        ("poool", "no environment has such a key"),
        ("pool", "every such key is decided by policy.yaml:1"),
        ("pool", "of prod, qa only prod is compared"),
        ("p*", "every such key is decided by policy.yaml:1"),
        ("config/app#pool", "a value is expected in prd, which is not compared"),
    ]


@pytest.mark.parametrize(
    ("pattern", "key", "fits"),
    [
        ("database.url", "config/app#database.url", True),
        ("database.*", "config/app#database.url", True),
        ("database", "config/app#database.url", False),
        ("app#*", "config/app#database.url", True),
        ("APP_MODE", "env/APP_MODE#value", True),
        ("APP_*", "env/APP_MODE#value", True),
        ("package/torch", "package/torch#version", True),
        ("package/*", "package/torch#requires", True),
        ("package/torch", "package/torch#requires", False),
        ("gpu", "gpu", True),
        ("[", "config/app#[", True),
    ],
)
def test_globs(pattern: str, key: str, fits: bool) -> None:  # noqa: FBT001
    assert matches(pattern, key) is fits


def test_specificity() -> None:
    ordered = ["*", "a*", "a.b.*", "a.b.c*", "a.b"]
    assert sorted(ordered, key=specificity) == ordered


def test_an_environment_that_was_not_read_is_not_consistent() -> None:
    unread = seen("prod", unknown={"config": "prod/app.yaml cannot be read"})
    (judgement,) = judge("rules: [{key: url, check_consistency: true}]", [*three("url", "a", "a", "a")[:2], unread])
    assert (judgement.verdict, judgement.unsure) == ("undetermined", "prod: prod/app.yaml cannot be read")
