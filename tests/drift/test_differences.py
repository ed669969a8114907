"""What counts as a difference, of which form, and for whom."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from envcheck.drift.differences import Differences
from envcheck.model.drift import ABSENT, EXEMPT, ONLY, PRESENT, TYPE, UNDETERMINED, UNKNOWN, VALUE, Change
from envcheck.model.facts import Snapshot
from envcheck.secrets import HIDDEN, protect
from tests.drift.seeing import seen


def changes(*snapshots: Snapshot) -> dict[str, Change]:
    return {change.key: change for change in Differences(snapshots).changes}


def forms(*snapshots: Snapshot) -> dict[str, str]:
    return {key: change.form for key, change in changes(*snapshots).items()}


@pytest.mark.parametrize(
    ("one", "other", "form"),
    [
        ({"packages": {"a": "1.0"}}, {"packages": {"a": "1.0"}}, {}),
        ({"packages": {"a": "1.0"}}, {"packages": {"a": "1.0.0"}}, {}),  # PEP 440 calls them equal
        ({"packages": {"a": "1.0+cu121"}}, {"packages": {"a": "1.0+cpu"}}, {"package/a#version": VALUE}),
        ({"packages": {"a": "not a version"}}, {"packages": {"a": "not a version"}}, {}),
        ({"packages": {"a": "1"}}, {"packages": {"a": "2"}}, {"package/a#version": VALUE}),
        ({"packages": {"a": "1"}}, {}, {"package/a#version": ONLY}),
        ({"packages": {"a": "1"}}, {"unknown": {"package": "unreadable"}}, {"package": UNDETERMINED}),
        ({"packages": {"a": "1"}}, {"unknown": {"package/a": "damaged"}}, {"package/a#version": UNDETERMINED}),
        ({"config": {"app": {"pool": 5}}}, {"config": {"app": {"pool": "5"}}}, {"config/app#pool": TYPE}),
        ({"config": {"app": {"on": True}}}, {"config": {"app": {"on": "true"}}}, {"config/app#on": TYPE}),
        ({"config": {"app": {"pool": 5}}}, {"config": {"app": {"pool": 6}}}, {"config/app#pool": VALUE}),
        ({"config": {"app": {"pool": 5}}}, {"config": {"app": {}}}, {"config/app#pool": ONLY}),
        ({"env": {"LANG": "C"}}, {"env": {"LANG": "C.UTF-8"}}, {"env/LANG#value": VALUE}),
        ({"env": {"LANG": "C"}}, {}, {"env/LANG#value": ONLY}),
        ({"facts": {("host",): {"glibc": "2.31"}}}, {"facts": {("host",): {"glibc": "2.36"}}}, {"host#glibc": VALUE}),
        ({"facts": {("gpu", "0"): {"name": "A100"}}}, {}, {"gpu/0#name": ONLY}),
        (
            {"facts": {("host",): {"glibc": "2.31"}}},
            {"facts": {("host",): {"arch": "x"}}, "unknown": {"host": "denied"}},
            {"host": UNDETERMINED, "host#arch": ONLY},
        ),
        # Volatile and local facts are no drift.
        ({"facts": {("disk", "tmp"): {"free": 1}}}, {"facts": {("disk", "tmp"): {"free": 2}}}, {}),
        ({"facts": {("python",): {"prefix": "/a"}}}, {"facts": {("python",): {"prefix": "/b"}}}, {}),
        # Values without what is each environment's own.
        (
            {"env": {"PATH": "/a/bin:/bin"}, "facts": {("python",): {"prefix": "/a"}}},
            {"env": {"PATH": "/b/bin:/bin"}, "facts": {("python",): {"prefix": "/b"}}},
            {},
        ),
        # What a lock says of its files is compared with another lock's alone.
        ({"packages": {"a": {"version": "1", "hashes": ("sha256:1",)}}}, {"packages": {"a": "1"}}, {}),
        (
            {"packages": {"a": {"version": "1", "hashes": ("sha256:1",)}}},
            {"packages": {"a": {"version": "1", "hashes": ("sha256:2",)}}},
            {"package/a#hashes": VALUE},
        ),
        ({"packages": {"a": {"specifier": ">=2,<3"}}}, {"packages": {"a": "2.5"}}, {}),
        ({"packages": {"a": {"specifier": ">=2,<3"}}}, {"packages": {"a": "3.1"}}, {"package/a#version": VALUE}),
        (
            {"packages": {"a": {"specifier": ">=2"}}},
            {"packages": {"a": {"specifier": ">=3"}}},
            {"package/a#version": VALUE},
        ),
        ({"packages": {"a": {"specifier": ">=2"}}}, {}, {"package/a#version": ONLY}),
        # A conda environment's own packages are nothing that a virtual environment could have.
        ({"facts": {("conda", "zlib"): {"version": "1"}}}, {}, {}),
        (
            {"facts": {("conda", "zlib"): {"version": "1"}}},
            {"facts": {("conda", "mkl"): {"version": "1"}}},
            {"conda/mkl#version": ONLY, "conda/zlib#version": ONLY},
        ),
    ],
)
def test_the_form_of_a_difference(one: dict[str, object], other: dict[str, object], form: dict[str, str]) -> None:
    left, right = seen("one", **one), seen("other", **other)  # type: ignore[arg-type]
    assert forms(left, right) == form
    assert forms(right, left) == form


@pytest.mark.parametrize(
    ("one", "other", "form"),
    [
        (protect("password", "hunter2", b"k"), protect("password", "hunter2", b"k"), None),
        (protect("password", "hunter2", b"k"), protect("password", "other", b"k"), VALUE),
        (protect("password", "hunter2", b"k"), protect("password", "hunter2", b"another"), UNDETERMINED),
        (protect("password", "hunter2", b"k"), HIDDEN, UNDETERMINED),
        (HIDDEN, HIDDEN, UNDETERMINED),
        (HIDDEN, "${DB_PASSWORD}", VALUE),
    ],
)
def test_secrets_are_compared_by_hashes_under_one_key_or_not_at_all(one: str, other: str, form: str | None) -> None:
    left = seen("one", config={"app": {"password": one, "x": 1}})
    right = seen("other", config={"app": {"password": other, "x": 2}})
    assert forms(left, right).get("config/app#password") == form
    assert forms(left, left.replace(label="again")) == {}


def test_what_comes_along_with_a_version_follows_it() -> None:
    one = seen(packages={"a": {"version": "1", "requires": ("b",)}, "c": {"version": "1", "requires": ("d",)}})
    other = seen(packages={"a": {"version": "2", "requires": ("c",)}, "c": {"version": "1", "requires": ("e",)}})
    assert {key: change.follows for key, change in changes(one, other).items()} == {
        "package/a#version": "",
        "package/a#requires": "package/a#version",
        "package/c#requires": "",
    }


def test_a_gap_in_a_whole_kind_is_told_once_and_counts_what_it_hides() -> None:
    one = seen(packages={"a": "1", "b": "1"})
    other = seen(unknown={"package": "no Python environment"})
    (change,) = Differences((one, other)).changes
    assert change.key == "package"
    assert [(side.state, side.value, side.reason) for side in change.sides] == [
        (PRESENT, 2, ""),
        (UNKNOWN, None, "no Python environment"),
    ]


@pytest.mark.parametrize(
    ("declared", "python", "state"),
    [
        ({"markers": ("sys_platform == 'win32'",)}, {"platform": "linux"}, EXEMPT),
        ({"markers": ("sys_platform == 'linux'",)}, {"platform": "linux"}, ABSENT),
        ({"markers": ("sys_platform == 'win32'", "os_name == 'posix'")}, {"platform": "linux"}, ABSENT),
        ({"markers": ("sys_platform == 'win32'",)}, {}, ABSENT),  # nobody knows the platform
        ({"groups": ("dev",)}, {"platform": "linux"}, EXEMPT),
        ({}, {"platform": "linux"}, ABSENT),
    ],
)
def test_what_is_declared_for_others_is_missing_nowhere(
    declared: dict[str, tuple[str, ...]], python: dict[str, str], state: str
) -> None:
    lock = seen("lock", packages={"a": {"version": "1", **declared}})
    here = seen("here", packages={"b": "1"}, facts={("python",): python} if python else {})
    lock_with_b = lock.replace(facts=lock.facts.overlaid(seen(packages={"b": "1"}).facts))
    found = changes(lock_with_b, here)
    assert ("package/a#version" in found) == (state == ABSENT)


FORKED = "==2.32.5; python_version < '3.10' | ==2.34.2; python_version >= '3.10'"


@pytest.mark.parametrize(
    ("asked", "python", "installed", "differ"),
    [
        (FORKED, "3.11.7", "2.34.2", ("2.34.2", False)),
        (FORKED, "3.11.7", "2.32.5", ("2.34.2", True)),
        (FORKED, "3.9.1", "2.32.5", ("2.32.5", False)),
        (FORKED, "", "2.32.5", None),  # nobody knows which Python it is
        ("<2; os_name == 'nt' | >=2; os_name != 'nt'", "3.11.7", "1.9", (">=2", True)),
        ("==1.*; python_version < '3.12' | ==2.0; python_version >= '3.12'", "3.11.7", "1.9", ("==1.*", False)),
        ("==1.0; python_version < '3' | ==1.1; python_version < '2'", "3.11.7", "1.0", None),  # neither is asked for
        (">=0", "", "1.0a1", (">=0", False)),
        (">=1; nonsense | >=2; python_version > '3'", "3.11.7", "1.9", None),
    ],
)
def test_of_several_versions_in_a_lock_the_one_for_the_other_environment_counts(
    asked: str, python: str, installed: str, differ: tuple[str, bool] | None
) -> None:
    lock = seen("lock", packages={"a": {"specifier": asked}}, unknown={"package/a#version": "it depends"})
    told: dict[tuple[str, ...], dict[str, str | int | float | bool | tuple[str, ...]]]
    told = {("python",): {"version": python, "platform": "linux"}} if python else {}
    here = seen("here", packages={"a": installed}, facts=told)
    lock = lock.replace(facts=lock.facts.overlaid(seen(facts=told).facts).without(("python",)))
    change = changes(lock, here).get("package/a#version")
    if differ is None:
        assert change is not None
        assert (change.form, change.sides[0].reason) == ("undetermined", "it depends")
    else:
        assert (change is not None) == differ[1]
        assert change is None or change.sides[0].value == differ[0]


def test_many_environments_have_a_majority_and_outliers() -> None:
    versions = ["2.4.0", "2.4.0", "2.9.1", "2.4.0"]
    fleet = [seen(f"gpu-{number}", packages={"torch": text}) for number, text in enumerate(versions)]
    fleet.append(seen("gpu-4"))
    fleet.append(seen("gpu-5", unknown={"package/torch": "damaged METADATA"}))
    change = changes(*fleet)["package/torch#version"]
    assert change.groups == ((0, 1, 3), (2,), (4,))
    assert change.sides[5].state == UNKNOWN


def test_what_comes_along_with_a_key_that_is_left_out_is_left_out_as_well() -> None:
    one, other = (
        seen(
            packages={"a": {"version": number, "requires_python": f">=3.{number}"}, "b": {"requires": ("x",) * number}}
        )
        for number in (1, 2)
    )
    found = Differences((one, other), lambda key: key == "package/a#version")
    assert [change.key for change in found.changes] == ["package/b#requires"]
    assert found.ignored == 2


def test_keys_are_left_out_on_request_and_counted() -> None:
    one, other = seen(packages={"a": "1", "b": "1"}), seen(packages={"a": "2", "b": "2"})
    differences = Differences((one, other), lambda key: key.startswith("package/a"))
    assert [change.key for change in differences.changes] == ["package/b#version"]
    assert differences.ignored == 1
    assert one.facts.value(("package", "a"), "version") == "1"


VALUES = st.sampled_from(
    ["1", "1.0", "2", "x", 1, True, HIDDEN, protect("token", "abcdef", b"k"), protect("token", "a", b"j")]
)
SNAPSHOTS = st.builds(
    seen,
    packages=st.dictionaries(
        st.sampled_from("abc"),
        st.one_of(
            st.sampled_from(["1", "1.0", "2", "3"]),
            st.builds(lambda text: {"specifier": text}, st.sampled_from([">=2", "<2", "==1"])),
            st.builds(lambda marker: {"version": "1", "markers": (marker,)}, st.sampled_from(["os_name == 'nt'"])),
            st.just({"name": "no version"}),
        ),
    ),
    config=st.dictionaries(st.sampled_from(["app", "web"]), st.dictionaries(st.sampled_from("xy"), VALUES)),
    unknown=st.dictionaries(
        st.sampled_from(["package", "package/a", "package/b#version", "config", "config/app", "config/app#x"]),
        st.just("unreadable"),
    ),
)


@settings(deadline=None)
@given(SNAPSHOTS)
def test_nothing_differs_from_itself(snapshot: Snapshot) -> None:
    assert Differences((snapshot, snapshot)).changes == []


@settings(deadline=None)
@given(SNAPSHOTS, SNAPSHOTS)
def test_drift_is_symmetric_but_for_the_order_of_its_sides(one: Snapshot, other: Snapshot) -> None:
    forth = {change.key: (change.form, change.sides) for change in Differences((one, other)).changes}
    back = {change.key: (change.form, change.sides[::-1]) for change in Differences((other, one)).changes}
    assert forth == back


@settings(deadline=None)
@given(st.lists(SNAPSHOTS, min_size=3, max_size=4))
def test_many_environments_differ_where_two_of_them_do(snapshots: list[Snapshot]) -> None:
    together = forms(*snapshots)
    apart: dict[str, set[str]] = {}
    for pair in combinations(snapshots, 2):
        for key, form in forms(*pair).items():
            apart.setdefault(key, set()).add(form)
    assert set(together) == set(apart)
    for key, found in apart.items():
        assert (together[key] == UNDETERMINED) == (found == {UNDETERMINED})
