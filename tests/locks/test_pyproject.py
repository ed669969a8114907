"""pyproject.toml: the standards' tables and Poetry's."""

from __future__ import annotations

import pytest

from envcheck.formats.tree import FormatError
from envcheck.locks import read

PROJECT = """\
[project]
name = "demo"
requires-python = ">=3.10"
dependencies = [
  "torch==2.4.0",
  'numpy>=1.26; python_version < "3.13"',
  "demo-lib @ git+https://u:p@git.example/lib@v1",
  # comment
  "not a requirement",
]
dynamic = ["version", "optional-dependencies"]

[project.optional-dependencies]
gpu = ["cupy-cuda12x>=13"]

[dependency-groups]
test = ["pytest==8.3.3", {include-group = "lint"}]
lint = [
    "ruff",
    {include-group = "test"},
    {include-group = "gone"},
]
"""


def test_a_project() -> None:
    told = read(PROJECT, "pyproject.toml")
    assert told.complete == ()
    assert told.python is not None
    assert (told.python.specifier, told.python.line) == (">=3.10", 3)
    found = [(one.line, one.name, one.version, one.specifier, one.markers, one.groups) for one in told.packages]
    assert found == [
        (5, "torch", "2.4.0", "", (), ()),
        (6, "numpy", "", ">=1.26", ('python_version < "3.13"',), ()),
        (7, "demo-lib", "", "", (), ()),
        (14, "cupy-cuda12x", "", ">=13", (), ("gpu",)),
        (17, "pytest", "8.3.3", "", (), ("test",)),
        (19, "ruff", "", "", (), ("test",)),
        (19, "ruff", "", "", (), ("lint",)),
        (17, "pytest", "8.3.3", "", (), ("lint",)),
    ]
    assert told.packages[2].direct_url == "https://git.example/lib@v1"
    assert {(one.name, one.problem, one.line) for one in told.unread} == {
        ("not a requirement", "not a requirement", 9),
        ("optional-dependencies", "dynamic: only building the project tells them", 11),
        ("test: gone", "includes a group that is not there", 18),
        ("lint: gone", "includes a group that is not there", 18),
    }


def test_poetry() -> None:
    text = """\
[tool.poetry]
name = "demo"
extras = {color = ["rich"]}

[tool.poetry.dependencies]
python = "^3.11"
torch = "2.4.0"
numpy = "^1.26"
rich = {version = ">=13", optional = true}
lib = {path = "../lib", develop = true}
six = "*"
old = [{version = "1.0", python = ">=3.9,<3.12"}, {version = "2.0", markers = "os_name == 'nt'"}]
own = {version = "1.0", python = "^3.9"}

[tool.poetry.group.dev.dependencies]
pytest = "==8.3.3"
"""
    told = read(text, "pyproject.toml")
    assert told.python is not None
    assert (told.python.specifier, told.python.line) == ("^3.11", 6)
    assert [(one.line, one.name, one.version, one.specifier, one.markers, one.groups) for one in told.packages] == [
        (7, "torch", "2.4.0", "", (), ()),
        (8, "numpy", "", "^1.26", (), ()),
        (9, "rich", "", ">=13", (), ("color",)),
        (10, "lib", "", "", (), ()),
        (11, "six", "", "", (), ()),
        (12, "old", "1.0", "", ("python_version >= '3.9' and python_version < '3.12'",), ()),
        (12, "old", "2.0", "", ("os_name == 'nt'",), ()),
        (13, "own", "1.0", "", None, ()),
        (16, "pytest", "8.3.3", "", (), ("dev",)),
    ]
    assert told.packages[3].editable == "../lib"
    assert told.packages[7].unclear == "for Python ^3.9"


@pytest.mark.parametrize("text", ["", "[build-system]\nrequires = []\n", "[project\n"])
def test_what_declares_nothing(text: str) -> None:
    with pytest.raises(FormatError):
        read(text, "pyproject.toml")


def test_wrong_types_are_kept_or_passed_over() -> None:
    told = read(
        '[project]\nname = "x"\ndependencies = [{x = 1}, ["y"]]\n[dependency-groups]\na = "b"\n', "pyproject.toml"
    )
    assert told.packages == ()
    assert [one.problem for one in told.unread] == ["an entry is not a text", "an entry is not a text"]
