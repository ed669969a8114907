"""The cache gives back what was stored, and nothing that it cannot trust."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from envcheck import cache

if TYPE_CHECKING:
    from pathlib import Path

VALUE = {"a": (1, "b", None, True, (("x", {"y": ("z",)}),))}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path / "envcheck"


def entry(folder: Path) -> Path:
    (path,) = folder.iterdir()
    return path


def test_what_was_stored_comes_back_under_its_key_only(folder: Path):
    cache.store("name", ("key", 1), VALUE)
    assert cache.load("name", ("key", 1)) == VALUE
    assert cache.load("name", ("key", 2)) is None
    assert cache.load("other", ("key", 1)) is None
    assert folder.stat().st_mode & 0o777 == 0o700
    assert entry(folder).stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("data", [b"", b"\x00", b"(" * 40, b"\xff" * 500, bytes(range(64))])
def test_a_damaged_entry_is_ignored(folder: Path, data: bytes):
    cache.store("name", "key", VALUE)
    entry(folder).write_bytes(data)
    assert cache.load("name", "key") is None
    cache.store("name", "key", VALUE)
    assert cache.load("name", "key") == VALUE


def test_a_truncated_entry_is_ignored(folder: Path):
    cache.store("name", "key", VALUE)
    whole = entry(folder).read_bytes()
    for size in range(len(whole)):
        entry(folder).write_bytes(whole[:size])
        assert cache.load("name", "key") is None


@pytest.mark.parametrize("mode", [0o770, 0o702, 0o777])
def test_a_folder_that_others_may_write_is_refused(folder: Path, mode: int):
    cache.store("name", "key", VALUE)
    folder.chmod(mode)
    assert cache.load("name", "key") is None
    cache.store("name", "new", VALUE)
    folder.chmod(0o700)
    assert cache.load("name", "new") is None


def test_a_link_is_refused(folder: Path, tmp_path: Path):
    (tmp_path / "elsewhere").mkdir(mode=0o700)
    folder.symlink_to(tmp_path / "elsewhere")
    cache.store("name", "key", VALUE)
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_a_place_that_cannot_be_written_is_silently_no_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    cache.store("name", "key", VALUE)
    assert cache.load("name", "key") is None


def test_without_a_home_there_is_no_cache(monkeypatch: pytest.MonkeyPatch):
    for variable in ("XDG_CACHE_HOME", "HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(variable, raising=False)
    cache.store("name", "key", VALUE)
    assert cache.load("name", "key") is None


def test_what_marshal_cannot_hold_is_not_stored(folder: Path):
    cache.store("name", "key", object())
    assert cache.load("name", "key") is None


def test_two_writers_leave_one_whole_entry(folder: Path, tmp_path: Path):
    script = "from envcheck import cache\nfor n in range(200): cache.store('name', 'key', ['x' * 5000])"
    environ = {**os.environ, "XDG_CACHE_HOME": str(tmp_path), "PYTHONPATH": os.pathsep.join(sys.path)}
    writers = [subprocess.Popen([sys.executable, "-c", script], env=environ) for _ in range(2)]
    assert [writer.wait() for writer in writers] == [0, 0]
    assert cache.load("name", "key") == ["x" * 5000]
    assert len(list(folder.iterdir())) == 1


def test_a_pipe_is_refused(folder: Path):
    cache.store("name", 1, VALUE)
    path = entry(folder)
    path.unlink()
    os.mkfifo(path)
    assert cache.load("name", 1) is None
