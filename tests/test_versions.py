"""PEP 440 as `packaging` does it: the same order, the same verdicts, and no exception for what is not PEP 440."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import Version

from envcheck.versions import are_specifiers, key, satisfies

numbers = st.integers(0, 12).map(str)
releases = st.lists(numbers, min_size=1, max_size=4).map(".".join)
suffixes = st.sampled_from(
    ["", "", "", "", "rc1", "a0", "b2", ".post1", ".dev3", "rc1.post2", "a1.dev2", ".post1.dev2", "-1", "_beta.3", "c1"]
)
locals_ = st.sampled_from(["", "", "", "+cpu", "+cu121", "+cu121.1", "+1", "+10", "+ubuntu-2"])
plain = st.builds(lambda release, suffix: release + suffix, releases, suffixes)
versions = st.builds(
    lambda epoch, text, local: epoch + text + local, st.sampled_from(["", "", "", "1!"]), plain, locals_
)
# Releases close to each other, where the rules of PEP 440 differ from plain comparison.
near = st.builds(
    lambda release, suffix, local: release + suffix + local, st.sampled_from(["1", "1.0", "1.1"]), suffixes, locals_
)
clauses = st.one_of(
    st.builds(lambda operator, text: operator + text, st.sampled_from(["==", "!=", ">=", "<=", ">", "<", "~="]), plain),
    st.builds(lambda operator, text: operator + text + ".*", st.sampled_from(["==", "!="]), releases),
    st.builds(lambda operator, text: operator + text, st.sampled_from(["==", "!=", "===", ">=", "<", ">"]), versions),
    st.builds(lambda operator, text: operator + text, st.sampled_from(["==", "!=", ">=", "<=", "<", ">", "~="]), near),
)


@given(versions, versions)
def test_the_order_is_that_of_packaging(left: str, right: str):
    assert (key(left) < key(right), key(left) == key(right)) == (
        Version(left) < Version(right),
        Version(left) == Version(right),
    )


@settings(max_examples=300)
@given(st.one_of(versions, near), st.lists(clauses, min_size=1, max_size=2).map(",".join))
def test_the_verdicts_are_those_of_packaging(version: str, specifiers: str):
    try:
        expected: bool | None = SpecifierSet(specifiers).contains(version, prereleases=True)
    except InvalidSpecifier:
        expected = None
    assert satisfies(version, specifiers) is expected


@given(st.text(max_size=12), st.text(max_size=12))
def test_no_text_raises(version: str, specifiers: str):
    assert satisfies(version, specifiers) in (True, False, None)
    assert satisfies("1.0", f">={version}") in (True, False, None)


@pytest.mark.parametrize(
    "version", ["7.36.", "2.0-custom", "", "1..2", "²", "1_0", "1.0+", "1.0+_", "1.0 .1", "9" * 5000]
)
def test_what_is_not_pep_440_is_undecided_and_has_no_key(version: str):
    assert satisfies(version, ">=1") is None
    with pytest.raises(ValueError, match=r"."):
        key(version)


@pytest.mark.parametrize("specifiers", [">=1.0.*", "latest", ">=1,<=two", "~=1", ">=1.0+cu121", "==1.*.2", "=1"])
def test_what_are_not_specifiers_is_undecided(specifiers: str):
    assert not are_specifiers(specifiers)
    assert satisfies("1.0", specifiers) is None


def test_a_local_part_counts_only_where_it_is_asked_for():
    assert satisfies("2.4.0+cu121", "==2.4.0") is True
    assert satisfies("2.4.0+cu121", "==2.4.0+cpu") is False
    assert satisfies("2.4.0+cu121", "<=2.4.0,>=2.4") is True


def test_prereleases_count_unless_told_otherwise():
    assert satisfies("2.0rc1", ">=1.5") is True
    assert satisfies("2.0rc1", ">=1.5", prereleases=False) is False
    assert satisfies("2.0.dev1", ">=1.5", prereleases=False) is False
    assert satisfies("2.0", ">=1.5", prereleases=False) is True


def test_no_specifier_is_met_by_any_version():
    assert satisfies("1.0", "") is True


def test_usual_spellings_need_no_packaging():
    script = (
        "import sys; from envcheck.versions import satisfies, key; key('2.4.0rc1.post2.dev3+cu121.1');"
        "assert satisfies('2.0', '>=1.5, <3, !=1.*, ~=2.0, ==2.*, <=2'); assert 'packaging' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", script], check=True)
