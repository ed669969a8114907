"""poetry.lock: a genuine one of format 2.1, and what older formats leave open."""

from __future__ import annotations

from pathlib import Path

import pytest

from envcheck.formats.tree import FormatError
from envcheck.locks import read
from envcheck.locks.declaration import Declaration, Declared

FILES = Path(__file__).parent / "files"
TEN = 'python_version == "3.10"'
NO_MARKERS = "a poetry.lock before format 2.1 does not tell"


def lock(package: str, tail: str = "") -> Declaration:
    return read(
        f'[[package]]\nname = "x"\nversion = "1"\n{package}\n{tail}\n[metadata]\nlock-version = "2.1"\n', "poetry.lock"
    )


def only(package: str, tail: str = "") -> Declared:
    [told] = lock(package, tail).packages
    return told


def test_a_genuine_lock() -> None:
    told = read((FILES / "poetry.lock").read_text(), "poetry.lock")
    lines = (FILES / "poetry.lock").read_text().splitlines()
    assert told.python is not None
    assert told.python.specifier == ">=3.10,<4"
    assert lines[told.python.line - 1].startswith("python-versions")
    assert all(lines[one.line - 1] == "[[package]]" for one in told.packages)
    assert [(one.name, one.version, one.markers, one.groups, len(one.hashes)) for one in told.packages] == [
        ("click", "8.5.1", (), (), 2),
        ("colorama", "0.4.6", (), ("color", "dev"), 2),
        ("exceptiongroup", "1.3.1", (TEN,), ("dev",), 2),
        ("importlib-metadata", "9.0.1", (TEN,), (), 2),
        ("iniconfig", "2.3.1", (), ("dev",), 2),
        ("markdown-it-py", "4.3.0", (), ("color",), 2),
        ("mdurl", "0.1.2", (), ("color",), 2),
        ("packaging", "26.3", (), ("dev",), 2),
        ("pluggy", "1.7.0", (), ("dev",), 2),
        ("pygments", "2.21.0", (), ("color", "dev"), 2),
        ("pytest", "9.2.0", (), ("dev",), 2),
        ("rich", "15.0.0", (), ("color",), 2),
        ("tomli", "2.5.0", (TEN,), (), 2),
        ("typing-extensions", "4.16.0", (TEN,), ("dev",), 2),
        ("zipp", "4.1.2", (TEN,), (), 2),
    ]


@pytest.mark.parametrize(
    ("package", "markers", "groups"),
    [
        ('groups = ["main"]', (), ()),
        ('groups = ["main", "dev"]\nmarkers = "os_name == \'nt\'"', ("os_name == 'nt'",), ()),
        ('groups = ["main", "dev"]\nmarkers = {dev = "os_name == \'nt\'"}', (), ()),
        ('groups = ["dev", "docs"]\nmarkers = {dev = "os_name == \'nt\'"}', (), ("dev", "docs")),
        (
            'groups = ["dev", "docs"]\nmarkers = {dev = "os_name == \'nt\'", docs = "os_name == \'posix\'"}',
            ("os_name == 'nt'", "os_name == 'posix'"),
            ("dev", "docs"),
        ),
        ("groups = [\"main\"]\nmarkers = \"extra == 'a' or extra == 'b'\"", (), ("a", "b")),
        (
            "groups = [\"main\"]\nmarkers = \"os_name == 'nt' and extra == 'a'\"",
            ("os_name == 'nt' and extra == 'a'",),
            ("a",),
        ),
        (
            "groups = [\"main\"]\nmarkers = \"os_name == 'nt' or extra == 'a'\"",
            ("os_name == 'nt' or extra == 'a'",),
            (),
        ),
    ],
)
def test_groups_and_markers(package: str, markers: object, groups: object) -> None:
    told = only(package)
    assert (told.markers, told.groups) == (markers, groups)


@pytest.mark.parametrize(
    ("package", "tail", "groups"),
    [
        ("optional = false", "", None),
        ('category = "dev"', "", ("dev",)),
        ('category = "main"', "", ()),
        ("optional = true", '[extras]\nb = ["X"]\na = ["x"]', ("a", "b")),
    ],
)
def test_an_older_lock_does_not_tell_the_markers(package: str, tail: str, groups: object) -> None:
    told = only(package, tail)
    assert (told.markers, told.groups, told.unclear) == (None, groups, NO_MARKERS)


def test_where_a_package_comes_from() -> None:
    groups = 'groups = ["main"]\n[package.source]\n'
    git = only(
        groups + 'type = "git"\nurl = "https://u:p@git.example/x.git"\nreference = "main"\nresolved_reference = "abc"'
    )
    assert git.direct_url == "https://git.example/x.git@abc"
    folder = only('groups = ["main"]\ndevelop = true\n[package.source]\ntype = "directory"\nurl = "../x"')
    assert (folder.direct_url, folder.editable) == ("../x", "../x")
    assert only(groups + 'type = "legacy"\nurl = "https://index.example/simple"').direct_url == ""


def test_hashes_stood_apart_once() -> None:
    text = """\
[[package]]
name = "x"
version = "1"
category = "main"

[metadata]
python-versions = "*"

[metadata.files]
x = [
    {file = "x-1.tar.gz", hash = "sha256:aa"},
]
"""
    told = read(text, "poetry.lock")
    assert told.packages[0].hashes == ("sha256:aa",)
    assert told.python is None


def test_what_is_no_poetry_lock() -> None:
    with pytest.raises(FormatError, match="has \\[metadata\\]"):
        read("[[package]]\nname = 'x'\n", "poetry.lock")
    told = read("package = [1, {}, {name = ''}]\n[metadata]\n", "poetry.lock")
    assert [unread.problem for unread in told.unread] == ["a package without a name"] * 3
