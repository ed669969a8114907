"""pylock.toml: a genuine one, and each part of the specification."""

from __future__ import annotations

from pathlib import Path

import pytest

from envcheck.formats.tree import FormatError
from envcheck.locks import read
from envcheck.locks.declaration import Declared

FILES = Path(__file__).parent / "files"


def only(package: str, head: str = "") -> Declared:
    told = read(f'lock-version = "1.0"\n{head}\n[[packages]]\nname = "x"\n{package}\n', "pylock.toml")
    [one] = told.packages
    return one


def test_a_genuine_lock() -> None:
    text = (FILES / "pylock.toml").read_text()
    told = read(text, "pylock.toml")
    lines = text.splitlines()
    assert told.complete == ("package",)
    assert told.python is not None
    assert (told.python.specifier, told.python.line) == (">=3.10", 5)
    assert len(told.packages) == 18
    assert all(lines[one.line - 1 : one.line + 1] == ["[[packages]]", f'name = "{one.name}"'] for one in told.packages)
    assert [(one.version, one.markers) for one in told.packages if one.name == "numpy"] == [
        ("2.2.6", ("python_full_version < '3.11'",)),
        ("2.4.6", ("python_full_version == '3.11.*'",)),
        ("2.5.5", ("python_full_version >= '3.12'",)),
    ]
    assert told.packages[0].hashes == (
        "sha256:08695f5cb7ed6e0531a20572697297273c47b8cae5a63ffc6d6ed5c201be6e44",
        "sha256:4f1d9991f5acc0ca119f9d443620b77f9d6b33703e51011c16baf57afb285fc6",
    )


@pytest.mark.parametrize(
    ("package", "told"),
    [
        ('version = "1.0"', {"version": "1.0", "markers": (), "groups": (), "direct_url": ""}),
        (
            'vcs = {type = "git", url = "https://t:k@git.example/x", commit-id = "abc"}',
            {"direct_url": "https://git.example/x@abc"},
        ),
        ('directory = {path = "libs/x", editable = true}', {"direct_url": "libs/x", "editable": "libs/x"}),
        ('directory = {path = "libs/x"}', {"direct_url": "libs/x", "editable": ""}),
        (
            'archive = {url = "https://files.example/x-1.zip", hashes = {sha256 = "aa"}}',
            {"direct_url": "https://files.example/x-1.zip", "hashes": ("sha256:aa",)},
        ),
        ("marker = \"'color' in extras\"", {"markers": (), "groups": ("color",)}),
        ("marker = \"'color' in extras or 'dev' in dependency_groups\"", {"markers": (), "groups": ("color", "dev")}),
        (
            "marker = \"'dev' in dependency_groups and os_name == 'nt'\"",
            {"markers": ("'dev' in dependency_groups and os_name == 'nt'",), "groups": ("dev",)},
        ),
        ("marker = \"'dev' in dependency_groups or os_name == 'nt'\"", {"groups": ()}),
    ],
)
def test_a_package(package: str, told: dict[str, object]) -> None:
    declared = only(package).as_dict()
    assert {key: declared[key] for key in told} == told


def test_a_default_group_is_always_there() -> None:
    assert only("marker = \"'dev' in dependency_groups\"", head='default-groups = ["dev"]').groups == ()


@pytest.mark.parametrize(
    ("text", "line", "problem"),
    [
        ("", 1, "has a lock-version"),
        ('# head\nlock-version = "2.0"\n', 2, "lock-version 2.0 is not known"),
        ("lock-version = \n", 0, "not valid TOML"),
    ],
)
def test_what_is_no_pylock(text: str, line: int, problem: str) -> None:
    with pytest.raises(FormatError, match=problem) as caught:
        read(text, "pylock.toml")
    assert caught.value.line == line


def test_a_package_without_a_name_is_kept() -> None:
    told = read('lock-version = "1.0"\n[[packages]]\nversion = "1"\n', "pylock.toml")
    assert [(one.problem, one.line) for one in told.unread] == [("a package without a name", 2)]
