"""Pipfile.lock: a genuine one, and each kind of entry."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from envcheck.formats.tree import FormatError
from envcheck.locks import read

FILES = Path(__file__).parent / "files"
TEN = ("python_version >= '3.10'",)


def test_a_genuine_lock() -> None:
    text = (FILES / "Pipfile.lock").read_text()
    told = read(text, "Pipfile.lock")
    assert told.complete == ("package",)
    assert told.python is not None
    assert (told.python.version, told.python.line) == ("3.11", 8)
    assert [(one.name, one.version, one.specifier, one.markers, one.groups) for one in told.packages] == [
        ("click", "8.5.1", "", TEN, ()),
        ("importlib-metadata", "", "", ("python_version < '3.11'",), ()),
        ("iniconfig", "2.3.1", "", TEN, ("dev",)),
    ]
    lines = text.splitlines()
    assert all(f'"{one.name}"' in lines[one.line - 1] for one in told.packages)
    assert len(told.packages[0].hashes) == 2


@pytest.mark.parametrize(
    ("entry", "told"),
    [
        ({"version": ">=1"}, {"version": "", "specifier": ">=1"}),
        ({"git": "https://u:p@git.example/x", "ref": "abc"}, {"direct_url": "https://git.example/x@abc"}),
        ({"editable": True, "path": "."}, {"editable": ".", "direct_url": "."}),
        ({"file": "https://files.example/x.zip"}, {"direct_url": "https://files.example/x.zip"}),
    ],
)
def test_an_entry(entry: dict[str, object], told: dict[str, object]) -> None:
    document = {"_meta": {"requires": {"python_full_version": "3.11.7"}}, "docs": {"x": entry}}
    read_ = read(json.dumps(document), "Pipfile.lock")
    declared = read_.packages[0].as_dict()
    assert {key: declared[key] for key in told} == told
    assert declared["groups"] == ("docs",)
    assert read_.python is not None
    assert read_.python.version == "3.11.7"


@pytest.mark.parametrize("text", ["", "[]", '{"default": {}}', '{"_meta": ', '{"a":' * 5000])
def test_what_is_no_pipfile_lock(text: str) -> None:
    with pytest.raises(FormatError):
        read(text, "Pipfile.lock")
