"""PEP 508 as `packaging` does it, with a third value where the environment is not known."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from envcheck.requirements import applies, marker_of, normalise, parse

ENVIRONMENT = {
    "implementation_name": "cpython",
    "implementation_version": "3.11.7",
    "os_name": "posix",
    "platform_machine": "x86_64",
    "platform_python_implementation": "CPython",
    "platform_release": "6.18.0-generic",
    "platform_system": "Linux",
    "platform_version": "#1 SMP",
    "python_full_version": "3.11.7",
    "python_version": "3.11",
    "sys_platform": "linux",
}
literals = st.sampled_from(
    [
        "3.9",
        "3.11",
        "3.11.7",
        "3.12",
        "3.*",
        "linux",
        "win32",
        "x86_64",
        "cpython",
        "CPython",
        "posix",
        "dev",
        "Dev_x",
        "6.1",
        "",
    ]
)
operators = st.sampled_from(["==", "!=", "<", "<=", ">", ">=", "in", "not in"])
atoms = st.one_of(
    st.builds(
        lambda name, operator, text: f'{name} {operator} "{text}"',
        st.sampled_from([*sorted(ENVIRONMENT), "extra"]),
        operators,
        literals,
    ),
    st.builds(
        lambda name, operator, text: f"'{text}'{operator} {name}",
        st.sampled_from(sorted(ENVIRONMENT)),
        st.sampled_from(["==", "<=", ">"]),
        literals,
    ),
)
markers = st.recursive(
    atoms,
    lambda inner: st.builds(lambda a, word, b: f"({a}) {word} {b}", inner, st.sampled_from(["and", "or"]), inner),
    max_leaves=4,
)


@settings(max_examples=250)
@given(markers, st.sampled_from(["", "dev", "dev-x"]))
def test_markers_hold_as_in_packaging(marker: str, extra: str):
    assert applies(marker, ENVIRONMENT, extra) is Marker(marker).evaluate({**ENVIRONMENT, "extra": extra})


@given(markers, st.sampled_from(sorted(ENVIRONMENT)))
def test_what_is_not_known_never_changes_an_answer_only_withholds_it(marker: str, hidden: str):
    less = {name: value for name, value in ENVIRONMENT.items() if name != hidden}
    assert applies(marker, less) in (None, applies(marker, ENVIRONMENT))


def test_a_variable_that_is_not_needed_may_be_missing():
    assert applies('python_version < "3" and platform_release > "5"', {"python_version": "3.11"}) is False
    assert applies('platform_release > "5" or python_version > "3"', {"python_version": "3.11"}) is True
    assert applies('platform_release == "5"', {"python_version": "3.11"}) is None


@pytest.mark.parametrize(
    "marker",
    [
        "python_version >",
        "('a'",
        "'a' ~ 'b'",
        "os_name == 'x' and",
        "'open",
        "(" * 900,
        "%",
        "os_name == 'a' 'b'",
        " or ".join(["os_name == 'a'"] * 5000),
    ],
)
def test_a_malformed_marker_is_undecided(marker: str):
    assert applies(marker, ENVIRONMENT) is None


def test_legacy_variables_are_understood():
    assert applies("sys.platform == 'linux' and platform.machine == 'x86_64' and os.name != 'nt'", ENVIRONMENT) is True


def test_an_extra_is_compared_normalised():
    assert applies('extra == "Dev_X"', ENVIRONMENT, "dev-x") is True
    assert applies("extra=='dev' and (os_name=='posix')", ENVIRONMENT) is False
    assert applies("extra=='dev'or os_name=='posix'", ENVIRONMENT) is True


@pytest.mark.parametrize(
    "text",
    [
        "torch",
        "Torch_Vision >=1.0,<2",
        "zope.interface(>=4)",
        "a[b_c, d]>=1 ; python_version < '3.9'",
        "a ~= 1.2.3",
        "a===weird",
        "a >= 1.0, != 1.5.*",
        "pip @ https://example.org/pip.zip",
        "pip[x] @ https://example.org/pip.zip?a=1;b=2 ; os_name == 'nt'",
        "a (==1.0)",
        "a[]",
        "a ;extra == 'x'",
    ],
)
def test_the_parts_are_those_of_packaging(text: str):
    expected = Requirement(text)
    name, specifiers, extras, marker, url = parse(text)
    assert name == canonicalize_name(expected.name)
    assert {piece.strip().replace(" ", "") for piece in specifiers.split(",") if piece} == {
        str(s) for s in expected.specifier
    }
    assert set(extras) == {canonicalize_name(extra) for extra in expected.extras}
    assert bool(marker) == bool(expected.marker)
    assert url == (expected.url or "")
    assert bool(marker_of(text)) == bool(expected.marker)


@pytest.mark.parametrize("text", ["", "-x", "a >>1", "a[b", "a b", "é", "a >=1.0.*", "a >=", "a @", "@ x", "a-"])
def test_what_is_no_requirement_raises_a_value_error(text: str):
    with pytest.raises(ValueError, match=r"."):
        parse(text)


@example("0;0")
@given(st.text(max_size=20))
def test_any_text_is_a_requirement_or_a_value_error(text: str):
    try:
        parsed = parse(text)
    except ValueError:
        return
    before_marker = text if "@" in text else text.partition(";")[0]  # a malformed marker is told by `applies`
    assert parsed[0] == canonicalize_name(Requirement(before_marker).name)


@given(st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,12}", fullmatch=True))
def test_names_are_normalised_as_in_packaging(name: str):
    assert normalise(name) == canonicalize_name(name)


def test_a_requirement_that_nests_too_deeply_is_a_value_error():
    with pytest.raises(ValueError, match="nested too deeply"):
        parse("a @ https://example.org/a.whl ; " + "(" * 50_000 + "os_name == 'a'" + ")" * 50_000)
