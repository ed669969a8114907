"""Summaries of files: read once, kept by stamp, in a copy of this process or here, and the same in every way."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from envcheck.linkers import sources
from envcheck.linkers.finder import Finder
from envcheck.linkers.kept import Kept
from envcheck.linkers.sources import Sources
from envcheck.linkers.view import View
from envcheck.pysource.conditions import Python
from envcheck.targets import twin as twins
from envcheck.targets.files import LocalFiles
from tests.linkers.built import Venv, write

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from envcheck.pysource.summary import Summary

PYTHON = Python(version=(3, 11, 7))
MANY = 200  # files, more than are read without a copy


def reader(kept: Kept | None = None, is_edited: Callable[[str, int], bool] = lambda _path, _size: False) -> Sources:
    return Sources(View(LocalFiles()), PYTHON, kept or Kept("x", 1, cached=False), is_edited)


def test_a_summary_is_read_once(tmp_path: Path):
    write(tmp_path, "a.py", "x = 1\n")
    read = reader()
    first = read(f"{tmp_path}/a.py")
    write(tmp_path, "a.py", "y = 1\n")
    assert read(f"{tmp_path}/a.py") is first
    assert first.names == {"x"}
    assert len(read) == 1


def test_whole_files_are_apart(tmp_path: Path):
    write(tmp_path, "a.py", "def f():\n    return (\n")
    read = reader()
    assert not read(f"{tmp_path}/a.py").problem, "the body is left out"
    assert read(f"{tmp_path}/a.py", whole=True).problem
    assert len(read) == 1


def test_an_edited_file_is_read_whole(tmp_path: Path):
    cut = "import sys\n\ndef f():\n    return sys.path.join(1,\n\n"
    write(tmp_path, "a.py", cut)
    asked: list[tuple[str, int]] = []

    def is_edited(path: str, size: int) -> bool:
        asked.append((path, size))
        return True

    assert reader(is_edited=is_edited)(f"{tmp_path}/a.py").problem
    assert asked == [(f"{tmp_path}/a.py", len(cut))]


@pytest.mark.parametrize("name", ["gone.py", "folder", "loop", "gone/a.py", "x" * 5000])
def test_what_cannot_be_read_is_no_syntax_error(tmp_path: Path, name: str):
    (tmp_path / "folder").mkdir()
    (tmp_path / "loop").symlink_to("loop")
    summary = reader()(f"{tmp_path}/{name}")
    assert summary.problem.startswith("?")
    assert summary.steps == ()


def test_a_file_that_is_too_large_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sources, "_LARGEST", 10)
    write(tmp_path, "a.py", "x = 1\n" * 2)
    assert reader()(f"{tmp_path}/a.py").problem.startswith("?")
    write(tmp_path, "b.py", "x = 1\n")
    assert reader()(f"{tmp_path}/b.py").names == {"x"}


# Kept from earlier runs


def test_what_is_kept_is_the_same(tmp_path: Path):
    write(tmp_path, "a.py", "import b\nfrom c import *\ndef f(x, *, y): pass\n__all__ = ['f']\n")
    write(tmp_path, "b.py", "x = (\n")
    kept = Kept("sources", 1, cached=True)
    first = [reader(kept)(f"{tmp_path}/{name}.py") for name in "ab"]
    kept.save()
    recalled = Kept("sources", 1, cached=True)
    assert recalled.recall(f"{tmp_path}/a.py", View(LocalFiles()).stamp(f"{tmp_path}/a.py")) is not None
    assert [reader(recalled)(f"{tmp_path}/{name}.py") for name in "ab"] == first


def test_what_was_kept_of_another_file_is_read_anew(tmp_path: Path):
    path = f"{tmp_path}/a.py"
    write(tmp_path, "a.py", "x = 1\n")
    kept = Kept("sources", 1, cached=True)
    reader(kept)(path)
    kept.save()
    write(tmp_path, "a.py", "xx = 1\n")
    assert reader(Kept("sources", 1, cached=True))(path).names == {"xx"}
    os.unlink(path)
    assert reader(Kept("sources", 1, cached=True))(path).problem.startswith("?")


# Reading ahead


def many(venv: Venv) -> Venv:
    """Install a package of many modules, each imported by the one before; every fourth cannot be compiled."""
    names = [f"m{number}" for number in range(MANY)]
    files = {f"a/{name}.py": f"x = {number}\nfrom b import c\n" for number, name in enumerate(names)}
    files |= {f"a/{name}.py": "x = (\n" for name in names[::4]}
    files["a/__init__.py"] = "".join(f"from . import {name}\n" for name in names[: MANY // 2]) + "import a.sub\n"
    files["a/sub/__init__.py"] = "from .. import " + ", ".join(names[MANY // 2 :]) + "\n"
    return venv.install("a", files).install("b", {"b/__init__.py": "", "b/c.py": ""})


def read_all(venv: Venv) -> tuple[dict[str, Summary], int]:
    """Return all summaries, and how many of them had been read ahead."""
    target = venv.target()
    assert target.layout is not None
    view = View(target.files)
    read = Sources(view, PYTHON, Kept("x", 1, cached=False), lambda _path, _size: False)
    read.read_ahead(Finder(view, target, target.layout), ["a"])
    ahead = len(read)
    paths = sorted(str(path) for path in venv.site.glob("*/**/*.py"))
    return {path: read(path) for path in paths}, ahead


def alone(_work: object) -> None:
    """Stand for a machine on which no copy can be made."""


class Dead:
    """Stands for a copy that dies after so many answers."""

    def __init__(self, work: Callable[[list[str]], object], lives: int, answer: object = None) -> None:
        self.work = work
        self.lives = lives
        self.ended = 0
        self.given = answer

    def ask(self, request: list[str]) -> None:
        if self.lives < 0:
            raise BrokenPipeError
        self.request = request

    def answer(self) -> object:
        self.lives -= 1
        if self.lives < 0:
            raise OSError("the other process is gone")
        return self.work(self.request)

    def end(self) -> None:
        self.ended += 1


@pytest.fixture
def venv(tmp_path: Path) -> Venv:
    return many(Venv(tmp_path))


@pytest.fixture
def expected(venv: Venv, monkeypatch: pytest.MonkeyPatch) -> dict[str, Summary]:
    with monkeypatch.context() as patch:
        patch.setattr(twins, "twin", alone)
        return read_all(venv)[0]


def test_everything_that_is_certainly_imported_is_read_ahead(venv: Venv, expected: dict[str, Summary]):
    summaries, ahead = read_all(venv)
    assert ahead == len(summaries) - 1 == MANY + 3, "all but what may be a name of another package"
    assert summaries == expected


@pytest.mark.skipif(not hasattr(os, "fork") or sys.platform == "darwin", reason="no copies are made there")
def test_a_copy_reads_the_same(venv: Venv, expected: dict[str, Summary], monkeypatch: pytest.MonkeyPatch):
    asked: list[int] = []

    class Watched(twins.Twin):
        def ask(self, request: list[str]) -> None:
            asked.append(len(request))
            super().ask(request)

    monkeypatch.setattr(twins, "twin", Watched)
    assert read_all(venv)[0] == expected
    assert sum(asked) >= MANY // 2, "half of what is read at once"


@pytest.mark.parametrize("lives", [-1, 0, 1])
def test_a_copy_that_dies_costs_nothing_but_time(
    venv: Venv, expected: dict[str, Summary], monkeypatch: pytest.MonkeyPatch, lives: int
):
    made: list[Dead] = []

    def dead(work: Callable[[list[str]], object]) -> Dead:
        made.append(Dead(work, lives))
        return made[-1]

    monkeypatch.setattr(twins, "twin", dead)
    assert read_all(venv)[0] == expected
    assert made
    assert all(one.ended == 1 for one in made)


def test_few_files_are_read_without_a_copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(twins, "twin", None)
    venv = Venv(tmp_path).install("a", {"a/__init__.py": "from . import m, n\n", "a/m.py": "", "a/n.py": ""})
    summaries, ahead = read_all(venv)
    assert ahead == len(summaries) == 3


def test_only_what_is_certainly_imported_is_read_ahead(tmp_path: Path):
    source = """
        import os
        if os.environ.get("X"):
            from . import maybe
        def f():
            from . import later
        try:
            from . import tried
        except ImportError:
            from . import fallback
        """
    names = ("maybe", "later", "tried", "fallback")
    venv = Venv(tmp_path).install("a", {"a/__init__.py": source, **{f"a/{name}.py": "" for name in names}})
    target = venv.target()
    assert target.layout is not None
    view, read = View(target.files), reader()
    read.read_ahead(Finder(view, target, target.layout), ["a", "a", "gone", "sys"])
    assert len(read) == 3, "the package, what it tries, and os"


# Bad input

DEEP = 3000
HOSTILE: dict[str, str | bytes] = {
    "parentheses": "x = " + "(" * DEEP + ")" * DEEP,
    "lists": "x = " + "[" * DEEP + "]" * DEEP,
    "blocks": "".join(f"{' ' * depth}if x:\n" for depth in range(150)) + " " * 150 + "pass\n",
    "functions": "".join(f"{' ' * depth}def f():\n" for depth in range(90)) + " " * 90 + "import gone\n",
    "attributes": "import b\nb" + ".x" * DEEP + "\n",
    "sums": "x = " + "+".join(["1"] * DEEP) + "\n",
    "lists that are added": "__all__ = " + " + ".join(["['x']"] * DEEP) + "\n",
    "signs": "x = " + "-" * 20_000 + "1\n",
    "not": "if " + "not " * DEEP + "x:\n    import gone\n",
    "else": "if x: pass\n" + "elif x: pass\n" * DEEP,
    "calls": "x = f" + "(1)" * DEEP + "\n",
    "comparisons": "if " + " < ".join(["x"] * DEEP) + ": pass\n",
    "dots": "from " + "." * 5000 + " import x\n",
    "names": "import " + ", ".join(f"m{number}" for number in range(5000)) + "\n",
    "a long name": "import " + "x" * 100_000 + "\n",
    "a long line": "x = '" + "y" * 1_000_000 + "'\n",
    "many quotes": '"""' * 9999,
    "a text without an end": "def f():\n    x = '''" + "\ndef g():\n    pass" * 3000,
    "many functions": "def f(): pass\n" * 5000,
    "a large number": "x = " + "9" * 10_000 + "\n",
    "null bytes": b"\0" * 1000,
    "a null byte": b"import gone\n\0",
    "no text": bytes(range(256)) * 50,
    "UTF-16": "import gone\n".encode("utf-16"),
    "UTF-32": "import gone\n".encode("utf-32"),
    "not UTF-8": b"x = '\xff\xfe'\nimport gone\n",
    "an unknown encoding": b"# -*- coding: nothing -*-\nimport gone\n",
    "an encoding of bytes": b"# -*- coding: hex -*-\nimport gone\n",
    "an encoding with a null byte": b"# -*- coding: utf\x008 -*-\nimport gone\n",
    "half a letter": "x = 1 # ä".encode()[:-1],
    "surrogates": "import \\ud800\nx = '\\ud800'\n__all__ = ['\\ud800', 'x\\0y']\n",
    "escapes": "x = '\\N{no such letter}'\n",
    "stars in a circle": "from a import *\nfrom h import *\n",
    "itself": "import h\nfrom h import x\nfrom . import h\nh.h.h.x\n",
    "only a mark": "\ufeff",
    "control letters": "\x0c\x1a\x04import gone\n",
    "a backslash at the end": "import gone\\",
    "tables": "def __getattr__(name):\n" + "    if name in T: return T[name]\n" * 2000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_sources_harm_no_other(tmp_path: Path, name: str):
    venv = Venv(tmp_path).install("h", {"h/__init__.py": HOSTILE[name], "h/inner.py": HOSTILE[name]})
    venv.module("a", "from h import *\nimport h.inner\n").module("b", "").module("c", "from b import gone\n")
    links = venv.collected().facts.entities("link")
    assert ("link", "c", "b.gone") in links
    assert {entity[1] for entity in links} <= {"c", "h"}, "whose file it is, is told of it"


@settings(max_examples=60)
@given(source=st.binary(max_size=200))
def test_any_bytes(tmp_path_factory: pytest.TempPathFactory, source: bytes):
    venv = Venv(tmp_path_factory.mktemp("any")).install("h", {"h.py": source}).module("a", "from h import x\n")
    venv.install("i", {"i/__init__.py": source, "i/x.py": source}).install("j", {"j/__init__.py": "", "j/x.py": source})
    assert venv.collected().facts.value(("links",), "files") == 4 * 3 + 6
