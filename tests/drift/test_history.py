"""Version vectors: newer, older, same and concurrent states, and what several writers saw together."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envcheck.drift.history import following, kinships, merge, relation
from envcheck.model.facts import Snapshot, Unknown
from envcheck.secrets import HIDDEN
from tests.drift.seeing import seen

VECTORS = st.dictionaries(st.sampled_from("abc"), st.integers(1, 3))


@pytest.mark.parametrize(
    ("one", "other", "how"),
    [
        ({"a": 2}, {"a": 1}, "newer"),
        ({"a": 1}, {"a": 2}, "older"),
        ({"a": 1}, {"a": 1}, "same"),
        ({"a": 1, "b": 1}, {"a": 1}, "newer"),
        ({"a": 2, "b": 1}, {"a": 1, "b": 2}, "concurrent"),
        ({"a": 1}, {"b": 1}, "concurrent"),
        ({}, {"a": 1}, "unrelated"),
    ],
)
def test_how_states_relate(one: dict[str, int], other: dict[str, int], how: str) -> None:
    assert relation(one, other) == how


@given(VECTORS, VECTORS)
def test_the_reverse_relation_is_the_mirror_image(one: dict[str, int], other: dict[str, int]) -> None:
    mirror = {"newer": "older", "older": "newer"}
    assert relation(other, one) == mirror.get(relation(one, other), relation(one, other))


def test_equal_vectors_over_different_facts_were_written_independently() -> None:
    one = seen("one", packages={"a": "1"}, vector={"ci": 1})
    other = seen("other", packages={"a": "2"}, vector={"ci": 1}).replace(address="one")
    assert [kin.relation for kin in kinships((one, other))] == ["concurrent"]
    assert [kin.relation for kin in kinships((one, one.replace(label="copy")))] == ["same"]


@pytest.mark.parametrize(
    "other",
    [
        seen("other", vector={"ci": 2}),  # another environment
        seen("one", vector={"ci": 2}, facts={("python",): {"prefix": "/elsewhere"}}),
        seen("one", vector={"laptop": 1}),  # written without any knowledge of the other
        seen("one"),
    ],
)
def test_states_of_two_environments_are_neither_newer_nor_older(other: Snapshot) -> None:
    assert kinships((seen("one", vector={"ci": 1}), other)) == ()


def test_a_state_follows_another_only_with_a_change() -> None:
    first = following(seen(packages={"a": "1"}), seen(), "ci")
    again = following(seen(packages={"a": "1"}), first, "ci")
    changed = following(seen(packages={"a": "2"}), again, "laptop")
    hidden = seen(config={"app": {"password": HIDDEN}}, vector={"ci": 1})
    assert following(hidden, hidden.replace(label="before"), "ci").vector == {"ci": 1}
    assert [dict(state.vector) for state in (first, again, changed)] == [{"ci": 1}, {"ci": 1}, {"ci": 1, "laptop": 1}]


def test_partial_snapshots_of_several_writers_are_laid_together() -> None:
    packages = seen("a", packages={"torch": "2.4.0"}, unknown={"gpu": "no driver"}, vector={"ci": 1})
    gpus = seen("b", facts={("gpu", "0"): {"name": "A100"}}, unknown={"package": "not read"}, vector={"host": 1})
    merged, conflicts = merge((packages, gpus))
    assert conflicts == ()
    assert merged.facts.value(("package", "torch"), "version") == "2.4.0"
    assert merged.facts.value(("gpu", "0"), "name") == "A100"
    assert merged.gap("package") is None
    assert merged.gap("gpu") is None
    assert merged.vector == {"ci": 1, "host": 1}


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_of_two_states_the_newer_is_believed_wherever_it_looked(order: tuple[int, int]) -> None:
    old = seen("old", packages={"a": "1", "gone": "1"}, facts={("gpu", "0"): {"name": "A100"}}, vector={"ci": 1})
    new = seen("new", packages={"a": "2"}, vector={"ci": 2})
    new = new.replace(coverage={scope: entry for scope, entry in new.coverage.items() if scope != "gpu"})
    merged, conflicts = merge([(old, new)[number] for number in order])
    assert conflicts == ()
    assert merged.facts.value(("package", "a"), "version") == "2"
    assert ("package", "gone") not in merged.facts
    assert merged.facts.value(("gpu", "0"), "name") == "A100"


def test_a_contradiction_is_told_and_leaves_the_fact_unknown() -> None:
    one = seen("one", packages={"a": "1", "b": "1", "c": "1"}, vector={"ci": 1})
    other = seen("other", packages={"a": "2", "c": "1"}, vector={"laptop": 1})
    merged, conflicts = merge((one, other))
    assert [(conflict.key, conflict.said) for conflict in conflicts] == [
        ("package/a#version", (("ci", "1"), ("laptop", "2"))),
        ("package/b#version", (("ci", "1"), ("laptop", "absent"))),
    ]
    for name in "ab":
        look = merged.look(("package", name), "version")
        assert isinstance(look, Unknown)
        assert "ci says 1" in look.reason
    assert merged.facts.value(("package", "c"), "version") == "1"


def test_what_comes_along_with_a_contradiction_is_not_chosen_either() -> None:
    one = seen("one", packages={"a": {"version": "1", "requires_python": ">=3.8"}}, vector={"ci": 1})
    other = seen("other", packages={"a": {"version": "2", "requires_python": ">=3.9"}}, vector={"laptop": 1})
    merged, conflicts = merge((one, other))
    assert [conflict.key for conflict in conflicts] == ["package/a#version", "package/a#requires_python"]
    assert isinstance(merged.look(("package", "a"), "requires_python"), Unknown)
    gone = seen("gone", vector={"host": 1})
    merged, conflicts = merge((one, other, gone))
    assert [(conflict.key, conflict.whole) for conflict in conflicts] == [("package/a#version", True)]
    assert ("package", "a") not in merged.facts


def test_states_of_one_writer_are_told_apart_by_their_labels() -> None:
    states = [seen(label, packages={"a": version}, vector={"ci": 1}) for label, version in (("x", "1"), ("y", "2"))]
    (conflict,) = merge(states)[1]
    assert conflict.said == (("x", "1"), ("y", "2"))
