"""The gate of a project as it is written, and what is wrong with it."""

from __future__ import annotations

import pytest

from envcheck.errors import DocumentError
from envcheck.model.policy import GatePolicy, Limit
from envcheck.project.gate import load
from envcheck.targets.files import LocalFiles

TEXT = """
gate:
  fail_on: warning
  error: 1
  warning: 2.5%
  tests: 5%
  coverage: [package, gpu, "cuda#driver", package/torch]
  new_only: false
  environments:
    prod-*: {warning: 3}
    dev: {fail_on: never, coverage: []}
"""
ONE, SHARE = Limit(amount=1, text="1"), Limit(amount=25, per=1000, text="2.5%")


def policy(tmp_path, text: str) -> GatePolicy:
    (tmp_path / "envcheck.yaml").write_text(text, encoding="utf-8")
    return load(LocalFiles(), str(tmp_path / "envcheck.yaml"))


def test_everything_that_can_be_said_is_read(tmp_path):
    read = policy(tmp_path, TEXT)
    base = GatePolicy(
        fail_on="warning",
        limits={"error": ONE, "warning": SHARE},
        tests=Limit(amount=5, per=100, text="5%"),
        coverage=("package", "gpu", "cuda#driver", "package/torch"),
        new_only=False,
    )
    assert read.replace(environments=()) == base
    prod, dev = read.environments
    assert prod == ("prod-*", base.replace(limits={"error": ONE, "warning": Limit(amount=3, text="3")}))
    assert dev == ("dev", base.replace(fail_on="never", limits={}, coverage=()))


@pytest.mark.parametrize("text", ["", "gate: {}", "gate:", "config: []"])
def test_without_a_gate_one_error_fails(tmp_path, text):
    assert policy(tmp_path, text) == GatePolicy()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("gate:\n  fail-on: error", "envcheck.yaml:2: gate.fail-on: there is no such setting\n  try: perhaps fail_on"),
        ("gate:\n  fail_on: sometimes", "envcheck.yaml:2: gate.fail_on: 'sometimes' is no threshold"),
        ("gate: {fail_on: [error]}", "is no threshold"),
        ("gate: {error: 0}", "gate.error: 0 is no limit"),
        ("gate: {error: -1}", "is no limit"),
        ("gate: {error: true}", "is no limit"),
        ("gate: {error: many}", "is no limit"),
        ("gate: {error: 0%}", "is no limit"),
        ("gate: {error: 101%}", "is no limit"),
        ("gate: {error: 1.%}", "is no limit"),
        ("gate: {error: .5%}", "is no limit"),
        ("gate: {error: '%'}", "is no limit"),
        ("gate: {error: 1e1%}", "is no limit"),
        ("gate: {error: 0.00000000001%}", "is no limit"),
        ("gate: {error: 1.5}", "is no limit"),
        ("gate: {new_only: maybe}", "gate.new_only: is neither true nor false"),
        ("gate: {coverage: [package, torch]}", "gate.coverage.1: there is no kind of fact 'torch'"),
        ("gate: {coverage: pakage}", "perhaps package"),
        ("gate: {coverage: [cuda#drver]}", "gate.coverage.0: cuda has no 'drver'\n  try: perhaps driver"),
        ("gate: {coverage: [package/torch/x]}", "package is written package/<normalised name>"),
        ("gate: {coverage: [requires]}", "requires is derived from other facts"),
        ("gate: {coverage: ['gpu#torch_code']}", "gpu#torch_code is derived from other facts"),
        ("gate: {coverage: [7]}", "is no kind of fact"),
        ("gate:\n  environments: [prod]", "envcheck.yaml:2: gate.environments: is no mapping"),
        ("gate:\n  environments:\n    prod: error", "envcheck.yaml:3: gate.environments.prod: is no mapping"),
        ("gate: {environments: {prod: {tests: 1}}}", "gate.environments.prod.tests: there is no such setting"),
        ("gate: [error]", "Expected `object`, got `array` - at `$.gate`\n  try: gate: {fail_on: warning}"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(tmp_path, text, said):
    with pytest.raises(DocumentError) as error:
        policy(tmp_path, text)
    assert said in str(error.value)
