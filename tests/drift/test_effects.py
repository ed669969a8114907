"""Which differences carry a finding that only some environments have."""

from __future__ import annotations

from collections.abc import Collection

from envcheck.drift.differences import Differences
from envcheck.drift.effects import join
from envcheck.model.facts import Facts, Snapshot
from envcheck.model.reports import Evidence, Finding
from tests.drift.seeing import seen


def finding(rule: str, *keys: str, subjects: tuple[str, ...] = (), target: str = "b") -> Finding:
    return Finding(
        rule=rule,
        severity="error",
        cause="",
        subjects=subjects,
        summary="",
        message="",
        why="",
        evidence=tuple(Evidence(key=key, value="", origin="") for key in keys),
        fixes=(),
        sources=(),
        fingerprint=f"fp-{rule}",
        target=target,
    )


def effects(
    snapshots: list[Snapshot], findings: list[list[Finding]], undecided: list[Collection[str]] | None = None
) -> dict[str, list[tuple[str, str]]]:
    changes = Differences(snapshots).changes
    joined = join(changes, findings, undecided or [() for _ in snapshots], snapshots)
    return {
        change.key: [(effect.target, effect.rule) for effect in change.effects] for change in joined if change.effects
    }


A = seen("a", packages={"torch": "1.0", "numpy": "1.0", "other": "1"})
B = seen("b", packages={"torch": "2.0", "numpy": "1.0", "other": "2"})


def test_a_finding_rests_on_the_differences_that_it_read() -> None:
    found = finding("r", "package/torch#version", "package/numpy#version", "table torch-releases")
    assert effects([A, B], [[], [found]]) == {"package/torch#version": [("b", "r")]}
    assert effects([B, A], [[found], []]) == {"package/torch#version": [("b", "r")]}


def test_what_all_environments_have_comes_from_no_difference() -> None:
    found = finding("r", "package/torch#version", subjects=("torch",))
    assert effects([A, B], [[found.replace(target="a")], [found]]) == {}


def test_an_environment_that_could_not_decide_lacks_nothing() -> None:
    found = finding("r", "package/torch#version")
    assert effects([A, B], [[], [found]], [{"r"}, ()]) == {}


def test_a_derived_fact_leads_to_what_it_was_made_from() -> None:
    derived = Facts()
    derived.put(("requires", "other", "0"), "", name="torch", satisfied=False)
    b = B.replace(derived=derived)
    found = finding("requirement-unsatisfied", "requires/other/0#satisfied", "requires/other/0#text")
    assert effects([A, b], [[], [found]]) == {
        "package/other#version": [("b", "requirement-unsatisfied")],
        "package/torch#version": [("b", "requirement-unsatisfied")],
    }


def test_what_is_missing_leads_to_the_package_that_the_finding_is_about() -> None:
    a = seen("a", packages={"accelerate": "1.0"})
    found = finding("device-map-needs-accelerate", "config/app#device_map", subjects=("accelerate",))
    assert effects([a, seen("b", packages={"x": "1"})], [[], [found]]) == {
        "package/accelerate#version": [("b", "device-map-needs-accelerate")]
    }


def test_what_follows_a_version_counts_for_the_version_as_well() -> None:
    a = seen("a", packages={"torch": {"version": "1.0", "cuda": "11.8"}})
    b = seen("b", packages={"torch": {"version": "2.0", "cuda": "12.4"}})
    found = finding("driver-too-old", "package/torch#cuda")
    assert set(effects([a, b], [[], [found]])) == {"package/torch#cuda", "package/torch#version"}


def test_what_follows_a_version_is_not_blamed_for_what_was_made_of_the_package() -> None:
    a = seen(
        "a", packages={"torch": {"version": "1.0", "requires": ("x",)}, "other": {"version": "1", "requires": "y"}}
    )
    b = seen(
        "b", packages={"torch": {"version": "2.0", "requires": ("z",)}, "other": {"version": "1", "requires": "z"}}
    )
    derived = Facts()
    derived.put(("requires", "other", "0"), "", name="torch", satisfied=False)
    found = finding("requirement-not-met", "requires/other/0#satisfied")
    assert set(effects([a, b.replace(derived=derived)], [[], [found]])) == {
        "package/torch#version",
        "package/other#requires",
    }


def test_only_environments_with_another_value_are_told_apart() -> None:
    third = seen("c", packages={"torch": "2.0", "numpy": "1.0", "other": "1"})
    found = finding("r", "package/torch#version", "package/other#version")
    # c has the same torch as b and not its finding: there only the other package can make the difference.
    assert effects([third, B], [[], [found]]) == {"package/other#version": [("b", "r")]}


def test_a_difference_that_nobody_can_tell_causes_nothing() -> None:
    a = seen("a", unknown={"package/torch": "damaged"}, packages={"numpy": "1.0", "other": "2"})
    found = finding("r", "package/torch#version", subjects=("torch",))
    assert effects([a, B], [[], [found]]) == {}


def test_of_a_fleet_only_what_the_likest_healthy_one_has_otherwise_is_blamed() -> None:
    versions = {"a": ("1", "1"), "b": ("1", "1"), "c": ("2", "1"), "d": ("1", "2")}
    fleet = [seen(name, packages={"jax": jax, "jaxlib": jaxlib}) for name, (jax, jaxlib) in versions.items()]
    found = finding("jaxlib-newer-than-jax", "package/jax#version", "package/jaxlib#version", target="d")
    assert effects(fleet, [[], [], [], [found]]) == {"package/jaxlib#version": [("d", "jaxlib-newer-than-jax")]}
