"""Wheel tags against what is here."""

from __future__ import annotations

import pytest

from envcheck.derive import Derivation, misfits
from envcheck.model.facts import COMPLETE, Coverage, Facts, Snapshot

TYPE_CHECKING = False
if TYPE_CHECKING:
    from envcheck.model.facts import Value

LINUX = {"version": "3.11.7", "implementation": "cpython", "abi": "cp311", "platform": "linux", "machine": "x86_64"}
GLIBC = {"libc": "glibc", "glibc": "2.36"}


def derived(
    package: dict[str, Value], python: dict[str, str] | None = None, host: dict[str, str] | None = None
) -> Derivation:
    """Return what is derived of one distribution."""
    facts = Facts()
    facts.put(("python",), "test", **(LINUX if python is None else python))
    facts.put(("host",), "test", **(GLIBC if host is None else host))
    facts.put(("package", "foo"), "test", version="1.0", **package)
    coverage = {kind: Coverage(scope=kind, status=COMPLETE) for kind in ("python", "host", "package")}
    into = Derivation()
    snapshot = Snapshot(label="t", address="t", facts=facts, derived=Facts(), coverage=coverage)
    misfits.derive(snapshot, {}, into)
    return into


def reason(into: Derivation) -> object:
    """Return the reason that was found, or None."""
    return into.facts.value(("misfit", "foo"), "reason")


@pytest.mark.parametrize(
    ("tags", "wanted"),
    [
        (("cp311-cp311-manylinux_2_17_x86_64",), None),
        (("cp311-cp311-manylinux_2_99_x86_64", "cp311-cp311-manylinux2014_x86_64"), None),
        (("py3-none-any",), None),
        (("py2.py3-none-any",), None),
        (("cp38-abi3-manylinux_2_28_x86_64",), None),
        (("cp311-cp311-linux_x86_64",), None),
        (("cp311-cp311-macosx_10_9_universal2.manylinux2014_x86_64",), None),
        (("cp312-abi3-manylinux_2_28_x86_64",), "python"),
        (("cp310-cp310-manylinux_2_17_x86_64",), "python"),
        (("cp311-cp311-manylinux_2_17_aarch64",), "architecture"),
        (("cp311-cp311-musllinux_1_1_x86_64",), "libc"),
        (("cp311-cp311-macosx_11_0_arm64",), "platform"),
        (("cp311-cp311-manylinux_2_39_x86_64",), "glibc"),
        (("cp311-cp311-manylinux_2_39_x86_64", "cp311-cp311-macosx_11_0_arm64"), "glibc"),
        (("nonsense",), None),
        ((), None),
    ],
)
def test_tags(tags: tuple[str, ...], wanted: str | None) -> None:
    assert reason(derived({"tags": tags})) == wanted


def test_a_glibc_wheel_on_musl() -> None:
    into = derived({"tags": ("cp311-cp311-manylinux2014_x86_64",)}, host={"libc": "musl", "musl": "1.2.5"})
    assert reason(into) == "libc"


def test_what_is_not_known_does_not_count_against_a_wheel() -> None:
    into = derived({"tags": ("cp311-cp311-manylinux_2_39_aarch64",)}, python={"version": "3.11.7"}, host={})
    assert reason(into) is None


def test_an_unread_python_leaves_it_undecided() -> None:
    facts = Facts()
    facts.put(("package", "foo"), "test", version="1.0", tags=("py3-none-any",))
    into = Derivation()
    misfits.derive(Snapshot(label="t", address="t", facts=facts, derived=Facts(), coverage={}), {}, into)
    assert into.coverage["misfit"].status != COMPLETE


def test_without_a_python_there_is_nothing_to_fit() -> None:
    assert derived({"tags": ("cp311-cp311-win_amd64",)}, python={}).coverage["misfit"].status == COMPLETE


@pytest.mark.parametrize(
    "tag", ["cpx11-abi3-linux_x86_64", "cp3" + "9" * 5000 + "-cp3-any", "cp-cp-any", "cp3-cp3-any"]
)
def test_a_tag_that_is_none_fits_nowhere(tag: str) -> None:
    assert derived({"tags": (tag,)}).facts.value(("misfit", "foo"), "reason") == "python"


def test_a_python_of_a_version_that_is_none_is_not_judged() -> None:
    assert not derived({"tags": ("cp311-cp311-any",)}, {**LINUX, "version": "3." + "9" * 5000}).facts.entities("misfit")
