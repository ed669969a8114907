"""Conditions carried along dependencies."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envcheck.locks.graph import MOST_ALTERNATIVES, conditions

LINUX, WINDOWS, OLD = "sys_platform == 'linux'", "sys_platform == 'win32'", "python_version < '3.11'"
Edges = dict[str, list[tuple[str, str]]]


@pytest.mark.parametrize(
    ("edges", "held"),
    [
        ({"app": [("a", "")]}, {"a": ()}),
        ({"app": [("a", LINUX)]}, {"a": (LINUX,)}),
        ({"app": [("a", LINUX)], "a": [("b", OLD)]}, {"b": (f"{OLD} and {LINUX}",)}),
        ({"app": [("a", LINUX)], "a": [("b", LINUX)]}, {"b": (LINUX,)}),
        ({"app": [("a", LINUX), ("b", OLD)], "b": [("a", "")]}, {"a": (OLD, LINUX)}),
        ({"app": [("a", LINUX), ("b", "")], "b": [("a", "")]}, {"a": ()}),
        ({"app": [("a", LINUX)], "a": [("b", OLD)], "b": [("a", "")]}, {"a": (LINUX,)}),
        (
            {"app": [("a", LINUX), ("b", "")], "a": [("c", "")], "b": [("c", OLD)], "c": [("d", WINDOWS)]},
            {"d": (f"{OLD} and {WINDOWS}", f"{LINUX} and {WINDOWS}")},
        ),
        (
            {"app": [("a", f"{LINUX} or {OLD}")], "a": [("b", WINDOWS)]},
            {"a": (f"{LINUX} or {OLD}",), "b": (f"({LINUX} or {OLD}) and {WINDOWS}",)},
        ),
    ],
)
def test_conditions(edges: Edges, held: dict[str, tuple[str, ...]]) -> None:
    found = conditions([("app", "")], edges)
    assert {node: set(found[node] or ()) for node in held} == {node: set(markers) for node, markers in held.items()}


def test_what_nothing_asks_for_is_not_reached() -> None:
    assert conditions([("app", "")], {"app": [], "left": [("over", "")]}) == {"app": ()}


def test_more_alternatives_than_are_kept_are_unknown_until_one_always_holds() -> None:
    many = [(f"a{number}", f"python_version == '3.{number}'") for number in range(MOST_ALTERNATIVES + 1)]
    edges = {"app": many, **{name: [("b", "")] for name, _ in many}}
    assert conditions([("app", "")], edges)["b"] is None
    edges["app"] = [*many, ("c", "")]
    assert conditions([("app", "")], {**edges, "c": [("b", "")]})["b"] == ()


nodes = st.sampled_from("abcde")


@given(st.dictionaries(nodes, st.lists(st.tuples(nodes, st.sampled_from(["", LINUX, WINDOWS, OLD])), max_size=4)))
def test_an_unconditional_path_leaves_no_condition(edges: Edges) -> None:
    found = conditions([("a", "")], edges)
    free, waiting = {"a"}, ["a"]
    while waiting:
        new = {target for target, marker in edges.get(waiting.pop(), []) if not marker} - free
        free |= new
        waiting += new
    assert {node for node, markers in found.items() if markers == ()} == free


def test_a_dense_graph_of_conditions_comes_to_an_end() -> None:
    size = 150
    edges = {
        str(one): [(str(other), f"platform_release == '{one}.{other}'") for other in range(size) if other != one]
        for one in range(size)
    }
    assert len(conditions([("0", "")], edges)) == size
