"""Tests on the Python and the platform: what is decided, and what is left open."""

from __future__ import annotations

import ast

import pytest

from envcheck.pysource.conditions import Python, decide
from tests.pysource.summaries import on


def truth(test: str, python: Python, **known: bool) -> bool | None:
    return decide(ast.parse(test, mode="eval").body, python, known)


@pytest.mark.parametrize(
    ("test", "expected"),
    [
        ("sys.version_info >= (3, 8)", True),
        ("sys.version_info >= (3,)", True),
        ("sys.version_info > (3, 11)", True),
        ("sys.version_info > (3, 11, 7)", True),
        ("sys.version_info <= (3, 11)", False),
        ("sys.version_info == (3, 11)", False),
        ("sys.version_info != (3, 11, 7)", True),
        ("sys.version_info >= (3, 11, 7)", True),
        ("sys.version_info < (3, 11, 8)", True),
        ("(3, 12) <= sys.version_info", False),
        ("(3, 8) < sys.version_info", True),
        ("sys.version_info >= [3, 8]", True),
        ("sys.version_info[0] == 3", True),
        ("sys.version_info[0] < 3", False),
        ("sys.version_info[1] >= 12", False),
        ("3 <= sys.version_info[0]", True),
        ("sys.version_info[0] in (2, 3)", True),
        ("sys.version_info[1] not in (8, 9)", True),
        ("sys.version_info[:2] == (3, 11)", True),
        ("sys.version_info[:2] <= (3, 11)", True),
        ("sys.version_info[:2] > (3, 11)", False),
        ("sys.version_info[:3] == (3, 11, 7)", True),
        ("sys.version_info[:3] <= (3, 11, 7)", True),
        ("sys.version_info[:2] in ((3, 10), (3, 11))", True),
        ("sys.version_info[:1] != (3,)", False),
        ("sys.version_info.major == 3", True),
        ("sys.version_info.minor < 11", False),
        ("sys.version_info.micro >= 7", True),
        ("_sys.version_info >= (3, 8)", True),
        ("sys.version_info.major >= 3 and sys.version_info.minor >= 12", False),
    ],
)
def test_the_version_decides(test: str, expected: bool):  # noqa: FBT001  a column of the table
    assert truth(test, on(3, 11, 7)) is expected


@pytest.mark.parametrize(
    ("test", "expected"),
    [
        ("sys.version_info >= (3, 11)", True),
        ("sys.version_info < (3, 11)", False),
        ("sys.version_info[:2] == (3, 11)", True),
        ("sys.version_info >= (3, 10, 4)", True),
        ("sys.version_info < (3, 12, 0)", True),
        ("sys.version_info >= (3, 11, 4)", None),
        ("sys.version_info < (3, 11, 0, 'beta', 2)", None),
        ("(3, 11, 4) > sys.version_info", None),
        ("sys.version_info[2] >= 4", None),
        ("sys.version_info[:3] >= (3, 11, 4)", None),
        ("sys.version_info.micro == 0", None),
    ],
)
def test_a_patch_release_that_is_not_known_decides_nothing(test: str, expected: bool | None):  # noqa: FBT001  likewise
    assert truth(test, on(3, 11)) is expected


def test_a_version_that_is_not_known_decides_nothing():
    for test in ("sys.version_info >= (3, 8)", "sys.version_info[0] == 3", "sys.version_info.minor > 8"):
        assert truth(test, on()) is None
    assert truth("sys.version_info >= (3, 12)", on(3)) is None
    assert truth("sys.version_info >= (3,)", on(3)) is True


def test_a_release_candidate_and_the_release_are_not_told_apart():
    assert truth("sys.version_info >= (3, 11, 7, 'final', 0)", on(3, 11, 7)) is None
    assert truth("sys.version_info < (3, 11, 6, 'final', 0)", on(3, 11, 7)) is False


@pytest.mark.parametrize(
    ("test", "linux", "windows", "mac"),
    [
        ("sys.platform == 'win32'", False, True, False),
        ("sys.platform != 'darwin'", True, True, False),
        ("sys.platform in ('linux', 'linux2')", True, False, False),
        ("sys.platform in {'win32', 'cygwin'}", False, True, False),
        ("sys.platform not in ['win32']", True, False, True),
        ("sys.platform.startswith('linux')", True, False, False),
        ("sys.platform.startswith(('win', 'cyg'))", False, True, False),
        ("'win' in sys.platform", False, True, True),
        ("'linux' not in sys.platform", False, True, True),
        ("os.name == 'nt'", False, True, False),
        ("os.name != 'posix'", False, True, False),
        ("os.name in ('nt', 'ce')", False, True, False),
        ("platform.system() == 'Windows'", False, True, False),
        ("platform.system() in ('Linux', 'Darwin')", True, False, True),
        ("hasattr(sys, 'getwindowsversion')", False, True, False),
    ],
)
def test_the_platform_decides(test: str, *, linux: bool, windows: bool, mac: bool):
    answers = [truth(test, on(3, 11, platform=platform)) for platform in ("linux", "win32", "darwin")]
    assert answers == [linux, windows, mac]


def test_the_implementation_decides():
    for implementation, is_pypy in (("cpython", False), ("pypy", True)):
        python = on(3, 11, implementation=implementation)
        assert truth("platform.python_implementation() == 'PyPy'", python) is is_pypy
        assert truth("sys.implementation.name == 'pypy'", python) is is_pypy
        assert truth("hasattr(sys, 'pypy_version_info')", python) is is_pypy
    assert truth("platform.python_implementation() == 'Jython'", on(3, 11, implementation="graalpy")) is None


def test_what_is_for_type_checkers_or_python_2_is_never_taken():
    for test in ("TYPE_CHECKING", "typing.TYPE_CHECKING", "six.PY2", "PY2", "not PY3", "False", "0", "''"):
        assert truth(test, on(3, 11)) is False
    for test in ("not TYPE_CHECKING", "six.PY3", "__debug__", "True", "1"):
        assert truth(test, on(3, 11)) is True


def test_an_imported_module_is_not_the_program():
    for test in ("__name__ == '__main__'", "'__main__' == __name__", "__name__ in '__main__'"):
        assert truth(test, on(3, 11)) is False
    for test in ("__name__ != '__main__'", "__name__ is not '__main__'"):
        assert truth(test, on(3, 11)) is True
    assert truth("__name__ == 'pkg.tool'", on(3, 11)) is None


def test_one_operand_settles_a_combination_and_otherwise_all_must_be_known():
    python = on(3, 11)
    assert truth("flag and sys.version_info < (3,)", python) is False
    assert truth("flag or sys.version_info >= (3,)", python) is True
    assert truth("sys.version_info >= (3,) and not TYPE_CHECKING", python) is True
    assert truth("flag and sys.version_info >= (3,)", python) is None
    assert truth("flag or TYPE_CHECKING", python) is None
    assert truth("not flag", python) is None


def test_flags_of_the_file_count_before_the_usual_ones():
    assert truth("flag", on(3, 11), flag=True) is True
    assert truth("not flag", on(3, 11), flag=False) is True
    assert truth("PY2", on(3, 11), PY2=True) is True


@pytest.mark.parametrize(
    "test",
    [
        "os.environ.get('X')",
        "sys.version_info >= needed",
        "sys.version_info >= (3, needed)",
        "(3, 7) <= sys.version_info < (3, 9)",
        "sys.version_info[-1] == 0",
        "sys.version_info[1:] == (11,)",
        "sys.version_info[::2] == (3,)",
        "sys.version_info >= '3.8'",
        "sys.version_info == 3",
        "sys.version_info in ((3, 11),)",
        "sys.version_info < ('a',)",
        "sys.version_info[0] is 3",
        "sys.platform < 'm'",
        "sys.platform.startswith(prefix)",
        "sys.platform == platform.system(1)",
        "platform.machine() == 'x86_64'",
        "sys.maxsize > 2**32",
        "other.version_info >= (3, 8)",
        "hasattr(os, 'fork')",
        "hasattr(sys, name)",
        "name",
        "1 < 2 < 3",
        "[x for x in y]",
        "None is None",
        "'3' in 5",
    ],
)
def test_anything_else_is_left_open(test: str):
    assert truth(test, on(3, 11, 7)) is None
