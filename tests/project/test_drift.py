"""Drift policies as files: what is accepted, and where a wrong one is wrong."""

from __future__ import annotations

import pytest

from envcheck.errors import DocumentError
from envcheck.project.drift import read_policy


def test_a_policy_in_full() -> None:
    policy = read_policy(
        """unlisted: warning
rules:
  - key: database.url
    environments: [dev, prod]
    check_consistency: true
    secret: true
    severity: warning
  - {key: 'log.*', ignore_drift: true}
  - {key: pool, expect: {prod: 30, "*": 5}}
  - {key: debug, expect: false}
""",
        "drift.yaml",
    )
    assert policy.unlisted == "warning"
    assert [(rule.pattern, rule.check, rule.origin) for rule in policy.rules] == [
        ("database.url", "consistency", "drift.yaml:3"),
        ("log.*", "ignore", "drift.yaml:8"),
        ("pool", "", "drift.yaml:9"),
        ("debug", "", "drift.yaml:10"),
    ]
    assert policy.rules[0].secret
    assert policy.rules[0].severity == "warning"
    assert policy.rules[2].expect == (("prod", "30"), ("*", "5"))
    assert policy.rules[3].expect == (("*", "false"),)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "drift.yaml: a policy is one YAML document"),
        ("a: 1\n---\nb: 2", "drift.yaml: a policy is one YAML document"),
        ("[]", "drift.yaml:1: the policy: Expected `object`"),
        ("rules:\n- key: a\n  chek: true", "drift.yaml:3: rules[0]: Object contains unknown field `chek`"),
        ("rulez: []", "drift.yaml:1: the policy: Object contains unknown field `rulez`"),
        ("rules:\n- environments: [dev]", "drift.yaml:2: rules[0]: Object missing required field `key`"),
        ("rules:\n- key: a\n  check_consistency: maybe", "drift.yaml:3: rules[0].check_consistency: Expected `bool`"),
        ("rules:\n- key: a", "drift.yaml:2: the rule of a checks nothing"),
        ("rules:\n- {key: ' ', ignore_drift: true}", "drift.yaml:2: an empty key"),
        (
            "rules:\n- {key: a, ignore_drift: true, check_consistency: true}",
            "drift.yaml:2: ignore_drift beside a check",
        ),
        ("rules:\n- {key: a, check_consistency: true, severity: fatal}", "severity 'fatal' is not known"),
        ("rules: []\nunlisted: error", "drift.yaml:2: 'error' is not known"),
        ("rules:\n- key: a\n  expect: {prod: [1]}", "drift.yaml:3: what is expected in prod is no single value"),
        ("rules: [", "drift.yaml:2: not valid YAML"),
    ],
)
def test_a_wrong_policy_is_refused_with_its_line(text: str, says: str) -> None:
    with pytest.raises(DocumentError) as error:
        read_policy(text, "drift.yaml")
    assert says in str(error.value)
    assert "\n  try: " in str(error.value)
