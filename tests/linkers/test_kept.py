"""What was read of files in earlier runs: used for the very same file only, and never trusted."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from envcheck import cache, linkers
from envcheck.linkers import environment
from envcheck.linkers.kept import Kept
from tests.linkers.built import Venv, filled, linked

if TYPE_CHECKING:
    from pathlib import Path

STAMP = (10, 1_000)
VALUE = ("x", 1, None, True, ("y", frozenset(("z",))), {"a": (0, b"b")})


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path / "envcheck"


def saved(*paths: str, form: int = 1) -> Kept:
    """Keep a value for some paths, save it, and return what a later run finds."""
    kept = Kept("name", form, cached=True)
    for path in paths:
        kept.keep(path, STAMP, VALUE)
    kept.save()
    return Kept("name", form, cached=True)


def test_a_value_comes_back_for_the_same_file_only(folder: Path):
    kept = saved("/a", "/b")
    assert kept.recall("/a", STAMP) == VALUE
    assert kept.recall("/a", (11, 1_000)) is None
    assert kept.recall("/a", (10, 1_001)) is None
    assert kept.recall("/a", None) is None
    assert kept.recall("/c", STAMP) is None


def test_a_value_that_was_kept_comes_back_only_in_a_later_run(folder: Path):
    kept = Kept("name", 1, cached=True)
    kept.keep("/a", STAMP, VALUE)
    assert kept.recall("/a", STAMP) is None, "whoever read it has it"


def test_what_a_run_did_not_use_is_forgotten(folder: Path):
    kept = saved("/a", "/b")
    assert kept.recall("/a", STAMP) == VALUE
    kept.save()
    later = Kept("name", 1, cached=True)
    assert later.recall("/a", STAMP) == VALUE
    assert later.recall("/b", STAMP) is None


def test_a_run_that_read_nothing_new_writes_nothing(folder: Path, monkeypatch: pytest.MonkeyPatch):
    kept = saved("/a")
    kept.recall("/a", STAMP)
    monkeypatch.setattr(cache, "store", None)
    kept.save()
    assert kept.recall("/a", STAMP) == VALUE


def test_without_the_cache_nothing_is_read_or_written(folder: Path):
    assert saved("/a").recall("/a", STAMP) == VALUE
    before = [(path.name, path.read_bytes()) for path in folder.iterdir()]
    kept = Kept("name", 1, cached=False)
    assert kept.recall("/a", STAMP) is None
    kept.keep("/b", STAMP, VALUE)
    kept.save()
    assert [(path.name, path.read_bytes()) for path in folder.iterdir()] == before


def test_another_form_or_name_is_another_entry(folder: Path):
    saved("/a", form=1)
    assert Kept("name", 2, cached=True).recall("/a", STAMP) is None
    assert Kept("other", 1, cached=True).recall("/a", STAMP) is None
    saved("/a", form=2)
    assert Kept("name", 1, cached=True).recall("/a", STAMP) is None


@pytest.mark.parametrize("data", [b"", b"\0" * 100, b"\xff" * 100, b"(" * 100])
def test_a_damaged_entry_is_ignored_and_written_anew(folder: Path, data: bytes):
    saved("/a")
    (path,) = folder.iterdir()
    path.write_bytes(data)
    assert Kept("name", 1, cached=True).recall("/a", STAMP) is None
    assert saved("/a").recall("/a", STAMP) == VALUE


def test_an_entry_that_is_cut_off_is_ignored(folder: Path):
    saved("/a")
    (path,) = folder.iterdir()
    whole = path.read_bytes()
    for size in range(0, len(whole), 7):
        path.write_bytes(whole[:size])
        assert Kept("name", 1, cached=True).recall("/a", STAMP) is None


def test_what_marshal_cannot_keep_is_not_kept(folder: Path):
    kept = Kept("name", 1, cached=True)
    kept.keep("/a", STAMP, object())
    kept.save()
    assert Kept("name", 1, cached=True).recall("/a", STAMP) is None


def test_no_place_for_a_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "envcheck").write_text("a file")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert saved("/a").recall("/a", STAMP) is None


def test_several_writers_leave_one_whole_entry(folder: Path):
    code = (
        "import sys; from envcheck.linkers.kept import Kept\n"
        "for number in range(30):\n"
        "    kept = Kept('name', 1, cached=True)\n"
        "    kept.keep(sys.argv[1], (number, 1), sys.argv[1] * 20_000)\n"
        "    kept.save()\n"
    )
    running = [subprocess.Popen([sys.executable, "-c", code, path], env=dict(os.environ)) for path in ("/a", "/b")]
    while any(one.poll() is None for one in running):
        kept = Kept("name", 1, cached=True)
        for path in ("/a", "/b"):
            for number in range(30):
                assert kept.recall(path, (number, 1)) in (None, path * 20_000)
    assert [one.wait() for one in running] == [0, 0]
    assert len(list(folder.iterdir())) == 1
    found = Kept("name", 1, cached=True)
    assert any(found.recall(path, (29, 1)) for path in ("/a", "/b"))


# Whole environments


@pytest.fixture
def venv(folder: Path, tmp_path: Path) -> Venv:
    return filled(Venv(tmp_path))


def watched(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return a list that gets an entry whenever an environment is linked anew."""
    runs: list[str] = []

    class Watched(environment.Environment):
        def link(self) -> Any:
            runs.append(self.layout.prefix)
            return super().link()

    monkeypatch.setattr(environment, "Environment", Watched)
    return runs


def test_a_second_run_has_nothing_to_link(venv: Venv, monkeypatch: pytest.MonkeyPatch):
    runs = watched(monkeypatch)
    linked(venv, cached=True)
    linked(venv, cached=True)
    assert len(runs) == 1
    linked(venv)
    assert len(runs) == 2, "not without the cache"


def test_the_gaps_are_kept_as_well(venv: Venv):
    (venv.site / "b-1.0.dist-info" / "RECORD").unlink()
    (venv.site / "b-1.0.dist-info" / "RECORD").mkdir()
    first = venv.collected(cached=True).coverage
    assert "link" in first
    assert venv.collected(cached=True).coverage == first


@pytest.mark.parametrize("data", [b"", b"\0" * 200, b"\xff" * 200, b"(" * 200, b"\x00\x00\x00\x00N"])
def test_damaged_entries_are_ignored(venv: Venv, folder: Path, data: bytes):
    expected = linked(venv, cached=True)
    entries = list(folder.iterdir())
    assert {path.name.partition("-")[0] for path in entries} >= {"links", "sources"}
    for path in entries:
        path.write_bytes(data)
    assert linked(venv, cached=True) == expected
    assert linked(venv, cached=True) == expected


def test_entries_that_are_cut_off_or_swapped_are_ignored(venv: Venv, folder: Path):
    expected = linked(venv, cached=True)
    entries = sorted(folder.iterdir())
    contents = [path.read_bytes() for path in entries]
    for path, content in zip(entries, contents, strict=True):
        path.write_bytes(content[: len(content) // 2])
    assert linked(venv, cached=True) == expected
    for path, content in zip(entries, reversed(contents), strict=True):
        path.write_bytes(content)
    assert linked(venv, cached=True) == expected


@pytest.mark.parametrize(
    ("place", "name", "value"),
    [("envcheck.linkers", "__version__", "0.0"), ("envcheck.linkers", "_FORM", -1)],
)
def test_an_entry_of_another_version_is_ignored(
    venv: Venv, monkeypatch: pytest.MonkeyPatch, place: str, name: str, value: object
):
    runs = watched(monkeypatch)
    expected = linked(venv, cached=True)
    with monkeypatch.context() as patch:
        patch.setattr(f"{place}.{name}", value)
        assert linked(venv, cached=True) == expected
        assert len(runs) == 2
    assert linked(venv, cached=True) == expected
    assert len(runs) == 3


def test_summaries_of_another_form_are_not_read(venv: Venv, monkeypatch: pytest.MonkeyPatch):
    expected = linked(venv, cached=True)
    forms: list[object] = []

    class Watched(Kept):
        def __init__(self, name: str, form: object, *, cached: bool) -> None:
            forms.append(form)
            super().__init__(name, -1, cached=cached)

    monkeypatch.setattr(environment, "Kept", Watched)
    monkeypatch.setattr(linkers, "_FORM", -1)
    assert linked(venv, cached=True) == expected
    assert len(forms) == 2


def test_no_place_for_the_cache(venv: Venv, folder: Path):
    expected = linked(venv)
    folder.write_text("a file")
    assert linked(venv, cached=True) == expected


def test_runs_at_once_do_not_harm_each_other(venv: Venv):
    code = (
        "import sys; from envcheck import pipeline\n"
        "for _ in range(2):\n"
        "    found = pipeline.collect(sys.argv[1], cwd=sys.argv[2], environ={})\n"
        "print(sorted(' '.join(one) for kind in ('link', 'binary', 'file') for one in found.entities(kind)))\n"
    )
    command = [sys.executable, "-W", "error", "-c", code, f"python:{venv.prefix}", str(venv.project)]
    running = [
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=dict(os.environ))
        for _ in range(3)
    ]
    told = [one.communicate() for one in running]
    facts = venv.collected(cached=True).facts
    expected = sorted(" ".join(one) for kind in ("link", "binary", "file") for one in facts.entities(kind))
    assert told == [(f"{expected}\n", "")] * 3
