"""Which declared requirements are met, which not, and which cannot be decided."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from envcheck.derive import Derivation, requirements
from envcheck.model.facts import COMPLETE, PARTIAL, Coverage, Facts, Snapshot

PYTHON = {"version": "3.11.7", "platform": "linux", "machine": "x86_64", "implementation": "cpython"}


def snapshot(
    packages: dict[str, Any], *, python: dict[str, str] | None = None, status: str = COMPLETE, reason: str = ""
) -> Snapshot:
    """Make a snapshot of packages: a version, or a version followed by requirements."""
    facts = Facts()
    facts.put(("python",), "pyvenv.cfg", **(PYTHON if python is None else python))
    for name, (version, *lines) in packages.items():
        facts.put(("package", name), f"{name}/METADATA", version=version, requires=tuple(lines))
    coverage = {"package": Coverage(scope="package", status=status, reason=reason)}
    return Snapshot(label="x", address="x", facts=facts, derived=Facts(), coverage=coverage)


def derived(packages: dict[str, Any], **more: Any) -> Derivation:
    into = Derivation()
    requirements.derive(snapshot(packages, **more), {}, into)
    return into


def broken(into: Derivation) -> dict[str, object]:
    """Return what was emitted: text to verdict, None for undecided."""
    return {
        str(into.facts.value(entity, "text")): into.facts.value(entity, "satisfied")
        for entity in into.facts.entities("requires")
    }


def counts(into: Derivation) -> tuple[object, ...]:
    return tuple(into.facts.value(("requirements",), name) for name in ("checked", "unmet", "undecided"))


def test_what_is_met_is_only_counted():
    into = derived({"a": ("1.0", "b>=1", "c"), "b": ("1.5",), "c": ("0.1",)})
    assert broken(into) == {}
    assert counts(into) == (2, 0, 0)


def test_what_is_not_met_names_both_sides():
    into = derived({"a": ("1.0", "c", "B_x[y]<1"), "b-x": ("1.5",)})
    assert broken(into) == {"c": False, "B_x[y]<1": False}
    assert {name: known[0] for name, known in into.facts.of(("requires", "a", "1")).items()} == {
        "text": "B_x[y]<1",
        "asker": "a 1.0",
        "name": "b-x",
        "specifier": "<1",
        "installed": "1.5",
        "missing": False,
        "satisfied": False,
    }
    assert into.facts.value(("requires", "a", "0"), "missing") is True
    assert into.facts.get(("requires", "a", "0"), "text") == ("c", "a/METADATA")
    assert counts(into) == (2, 2, 0)


def test_markers_are_those_of_the_target():
    lines = ("w; sys_platform == 'win32'", "o; python_version < '3.8'", "e; extra == 'dev'", "l; os_name == 'posix'")
    assert broken(derived({"a": ("1.0", *lines)})) == {"l; os_name == 'posix'": False}
    windows = {**PYTHON, "platform": "win32"}
    assert broken(derived({"a": ("1.0", *lines)}, python=windows)) == {"w; sys_platform == 'win32'": False}


def test_a_patch_version_that_is_not_known_matters_only_where_it_decides():
    python = {**PYTHON, "version": "3.11"}
    lines = ("x; python_full_version >= '3.9'", "y; python_full_version < '3.11.4'", "z; python_full_version < '3.11'")
    into = derived({"a": ("1.0", *lines)}, python=python)
    assert broken(into) == {lines[0]: False, lines[1]: None}
    assert into.coverage["requires/a/1#satisfied"].reason == "whether python_full_version < '3.11.4' holds is not known"


def test_a_variable_that_is_not_known_leaves_it_undecided_unless_it_is_met_anyhow():
    lines = ("x; platform_release > '5'", "b; platform_release > '5'")
    into = derived({"a": ("1.0", *lines), "b": ("1.0",)})
    assert broken(into) == {lines[0]: None}
    assert counts(into) == (2, 0, 1)


def test_absence_is_not_known_where_packages_were_not_read_whole():
    into = derived({"a": ("1.0", "c", "b>=3"), "b": ("1.0",)}, status=PARTIAL, reason="site-packages cannot be read")
    assert broken(into) == {"c": None, "b>=3": False}
    assert into.facts.value(("requires", "a", "0"), "missing") is None
    assert "site-packages cannot be read" in into.coverage["requires/a/0#satisfied"].reason


def test_versions_and_requirements_that_are_not_standard_are_undecided():
    packages = {"a": ("1.0", "b>=1", "c>=1.0.*", "b"), "b": ("7.36.",), "c": ("1.0",)}
    into = derived(packages)
    assert broken(into) == {"b>=1": None, "c>=1.0.*": None}
    assert counts(into) == (3, 0, 2)


def test_a_url_is_met_by_presence():
    into = derived({"a": ("1.0", "b @ https://example.org/b.zip", "c @ file:///c ; os_name == 'posix'"), "b": ("0",)})
    assert broken(into) == {"c @ file:///c ; os_name == 'posix'": False}


def test_extras_that_dependents_ask_for_are_followed_to_the_end():
    packages = {
        "app": ("1.0", "lib[all]"),
        "lib": ("2.0", "lib[fast,all]; extra == 'all'", "speed; extra == 'fast'", "other; extra == 'slow'"),
    }
    into = derived(packages)
    assert broken(into) == {"speed; extra == 'fast'": False}
    assert into.facts.value(("requires", "lib", "1"), "extra") == "fast"


def test_requires_python_is_judged():
    store = snapshot({"a": ("1.0",), "b": ("1.0",)})
    store.facts.put(("package", "a"), "a/METADATA", requires_python=">=3.12")
    store.facts.put(("package", "b"), "b/METADATA", requires_python=">=3.8")
    into = Derivation()
    requirements.derive(store, {}, into)
    assert broken(into) == {"Requires-Python: >=3.12": False}
    assert into.facts.value(("requires", "a", "python"), "name") == "python"
    assert into.facts.value(("requires", "a", "python"), "installed") == "3.11.7"


def test_without_packages_to_judge_nothing_is_derived():
    into = derived({}, status=PARTIAL, reason="no python")
    assert len(into.facts) == 0
    assert into.coverage["requires"].reason == "no python"


lines_ = st.lists(
    st.sampled_from(
        ["b", "b>=2", "c<1", "d", "b; os_name == 'nt'", "d; platform_release > '5'", "d; extra == 'x'", "((", "b[x]"]
    ),
    max_size=5,
)


@given(lines_, lines_)
def test_knowing_less_never_makes_anything_healthy(first: list[str], second: list[str]):
    packages = {"a": ("1.0", *first), "b": ("1.0", *second), "c": ("1.0",)}
    known = broken(derived(packages))
    for less in (
        derived(packages, status=PARTIAL, reason="r"),
        derived(packages, python={}),
        derived({**packages, "c": (None,)}),
    ):
        seen = broken(less)
        assert set(known) <= set(seen)
        assert all(verdict is None or known.get(text) == verdict for text, verdict in seen.items())
