"""The file view of the linkers: it remembers what was looked at, as it was then."""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING, Any

import pytest

from envcheck.linkers import view as views
from envcheck.linkers.view import View, current, packed, unchanged
from envcheck.targets import twin as twins
from envcheck.targets.files import LocalFiles, RootedFiles
from tests.linkers.built import Venv, filled

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture
def folder(tmp_path: Path) -> str:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "b.py").write_bytes(b"0123456789")
    (tmp_path / "link.py").symlink_to("a/b.py")
    (tmp_path / "down").symlink_to("a")
    (tmp_path / "dead").symlink_to("nowhere")
    (tmp_path / "loop").symlink_to("loop")
    return str(tmp_path)


def changed(view: View) -> set[str]:
    """Return the paths that are no longer as the view saw them, as a later run would find them."""
    found = {path for path, stamp in view.stamps.items() if current(view.files, path) != stamp}
    assert holds(view) is not bool(found)
    return found


def holds(view: View, base: str = "/nowhere") -> bool:
    """Tell whether a later run would find everything as it was."""
    return unchanged(view.files, packed(view.stamps, base), base)


def test_files_and_folders(folder: str):
    view = View(LocalFiles())
    names = ("a", "down", "a/b.py", "link.py", "dead", "loop", "gone", "a/b.py/c")
    assert [view.is_dir(f"{folder}/{name}") for name in names] == [True] * 2 + [False] * 6
    assert [view.is_file(f"{folder}/{name}") for name in names] == [False] * 2 + [True] * 2 + [False] * 4
    assert view.names(f"{folder}/down") == {"b.py"}
    assert view.realpath(f"{folder}/down/b.py") == os.path.realpath(f"{folder}/a/b.py")


def test_reading(folder: str):
    view = View(LocalFiles())
    assert view.read(f"{folder}/a/b.py") == b"0123456789"
    assert view.read(f"{folder}/link.py", 3) == b"012"
    assert view.read_at(f"{folder}/a/b.py", 8, 5) == b"89"
    for path in ("gone", "a", "dead", "loop"):
        with pytest.raises(OSError, match=r"."):
            view.read(f"{folder}/{path}")


@pytest.mark.parametrize("path", ["gone", "a/b.py", "dead", "loop", "a\0b", "x" * 5000])
def test_what_is_no_folder_has_no_names(folder: str, path: str):
    assert View(LocalFiles()).names(f"{folder}/{path}") == frozenset()


def test_a_stamp_is_size_and_time(folder: str):
    view = View(LocalFiles())
    os.utime(f"{folder}/a/b.py", ns=(5, 1_234_567))
    assert view.stamp(f"{folder}/a/b.py") == (10, 1_234_567)
    assert view.stamp(f"{folder}/link.py") == (10, 1_234_567), "of what a link leads to"
    stamp = view.stamp(f"{folder}/a")
    assert stamp is not None
    assert stamp[0] == -1
    assert view.stamp(f"{folder}/gone") is None
    assert view.stamp("a\0b") is None


def test_it_answers_as_it_was_when_it_was_first_looked_at(folder: str):
    view = View(LocalFiles())
    before = view.names(folder), view.stamp(f"{folder}/a/b.py"), view.is_dir(f"{folder}/new")
    os.mkdir(f"{folder}/new")
    os.unlink(f"{folder}/a/b.py")
    assert (view.names(folder), view.stamp(f"{folder}/a/b.py"), view.is_dir(f"{folder}/new")) == before


@pytest.mark.parametrize(
    "look",
    ["stamp", "names", "is_dir", "is_file", "read"],
)
def test_every_look_is_noted(folder: str, look: str):
    view = View(LocalFiles())
    getattr(view, look)(f"{folder}/a/b.py")
    assert list(view.stamps) == [f"{folder}/a/b.py"]
    assert changed(view) == set()
    os.truncate(f"{folder}/a/b.py", 3)
    assert changed(view) == {f"{folder}/a/b.py"}


def test_a_look_at_nothing_is_noted_too(folder: str):
    view = View(LocalFiles())
    assert not view.is_file(f"{folder}/a/c.py")
    with open(f"{folder}/a/c.py", "w") as file:
        file.write("x")
    assert changed(view) == {f"{folder}/a/c.py"}


def test_a_folder_changes_with_its_names(folder: str):
    os.utime(f"{folder}/a", ns=(5, 5))
    view = View(LocalFiles())
    view.names(f"{folder}/a")
    os.unlink(f"{folder}/a/b.py")
    assert changed(view) == {f"{folder}/a"}


def test_a_file_that_becomes_a_folder_or_goes(folder: str):
    view = View(LocalFiles())
    view.stamp(f"{folder}/a/b.py")
    os.unlink(f"{folder}/a/b.py")
    assert changed(view) == {f"{folder}/a/b.py"}
    os.mkdir(f"{folder}/a/b.py")
    assert changed(view) == {f"{folder}/a/b.py"}


def test_a_link_that_leads_elsewhere(folder: str):
    view = View(LocalFiles())
    view.stamp(f"{folder}/link.py")
    with open(f"{folder}/other.py", "w") as file:
        file.write("other")
    os.unlink(f"{folder}/link.py")
    os.symlink("other.py", f"{folder}/link.py")
    assert changed(view) == {f"{folder}/link.py"}


def test_links_stay_in_a_root(folder: str):
    os.symlink("/a", f"{folder}/absolute")
    os.symlink("../../../..", f"{folder}/up")
    view = View(RootedFiles(folder))
    assert view.names("/absolute") == {"b.py"}
    assert view.read("/up/a/b.py") == b"0123456789"
    assert view.names("/loop") == frozenset()
    assert view.stamp("/loop") is None
    assert view.root == folder


# Stamps of many paths


class Dead:
    """Stands for a copy of this process that dies before it takes a request, or before it answers."""

    def __init__(self, *, asked: bool) -> None:
        self.asked = asked
        self.ended = False

    def ask(self, _request: object) -> None:
        if not self.asked:
            raise BrokenPipeError

    def answer(self) -> object:
        raise OSError("the other process is gone")

    def end(self) -> None:
        self.ended = True


def _none(_work: object) -> None:
    """Stand for a machine on which no copy can be made."""


MAKERS: dict[str, Callable[[Any], Any]] = {
    "a copy": twins.twin,
    "none": _none,
    "one that takes no request": lambda _work: Dead(asked=False),
    "one that gives no answer": lambda _work: Dead(asked=True),
}


@pytest.mark.parametrize("maker", MAKERS)
@pytest.mark.parametrize("base", ["", "/a", "/..", "/gone", "/a/b.py"])
@pytest.mark.parametrize("changes", [None, 0, 4, 5, 9])
def test_one_change_among_many_paths_is_noticed(  # from wherever the paths are looked up
    folder: str, monkeypatch: pytest.MonkeyPatch, maker: str, changes: int | None, base: str
):
    monkeypatch.setattr(views, "_WORTH_SHARING", 4)
    monkeypatch.setattr(views, "twin", MAKERS[maker])
    paths = [f"{folder}/{number}" for number in range(10)]
    view = View(LocalFiles())
    for number, path in enumerate(paths):
        if number % 3:
            with open(path, "w") as file:
                file.write("x" * number)
        view.stamp(path)
    assert holds(view, folder + base)
    if changes is not None:
        with open(paths[changes], "a") as file:
            file.write("y")
    assert holds(view, folder + base) is (changes is None)


def test_stamps_of_a_root(folder: str):
    view = View(RootedFiles(folder))
    for path in ("/a", "/a/b.py", "/gone", "/loop"):
        view.stamp(path)
    assert holds(view)
    assert holds(view, "/a")
    os.truncate(f"{folder}/a/b.py", 1)
    assert not holds(view)
    assert not holds(view, "/a")


def test_times_before_1970(folder: str):
    view = View(LocalFiles())
    os.utime(f"{folder}/a/b.py", ns=(-5, -5))
    view.stamp(f"{folder}/a/b.py")
    assert changed(view) == set()


# Whole environments


@pytest.fixture
def venv(tmp_path: Path) -> Venv:
    return filled(Venv(tmp_path))


def test_circles_and_dead_ends_of_links(venv: Venv):
    expected = venv.told()
    for name, to in {
        "loop": "loop",
        "loop.py": "loop.py",
        "up": "../..",
        "dead.py": "gone",
        "null.py": "/dev/null",
    }.items():
        (venv.site / name).symlink_to(to)
    (venv.site / "b" / "again").symlink_to("../b")
    venv.module("g", "import loop\n").install("h", {"h.py": "import b.again.again.again.inner\nimport dead, null\n"})
    assert [line for line in venv.told() if line[0] not in "gh"] == expected


def test_a_package_that_is_a_circle_of_links(tmp_path: Path):
    venv = Venv(tmp_path).module("b", "").module("a", "import b\nfrom b import gone\n")
    (venv.site / "b" / "b").symlink_to(".")
    venv.module("c", "import " + ".".join(["b"] * 30) + "\n")
    assert venv.told() == ["a b.gone: name, import"]


def test_pipes_are_not_read(venv: Venv):
    expected = venv.told()
    os.mkfifo(venv.site / "pipe.py")
    os.mkfifo(venv.site / "b" / "pipe.py")
    venv.module("g", "import pipe\nimport b.pipe\n")
    assert venv.told() == expected


class Guarded(LocalFiles):
    """Files of which some may not be read."""

    def __init__(self, closed: str) -> None:
        self.closed = closed

    def read(self, path: str, limit: int = -1) -> bytes:
        if path.startswith(self.closed):
            raise PermissionError(errno.EACCES, "Permission denied", path)
        return super().read(path, limit)

    def read_at(self, path: str, offset: int, size: int) -> bytes:
        if path.startswith(self.closed):
            raise PermissionError(errno.EACCES, "Permission denied", path)
        return super().read_at(path, offset, size)


def test_files_that_may_not_be_read_break_nothing(tmp_path: Path):
    venv = Venv(tmp_path).install("b", {"b/__init__.py": "import gone\n", "b/inner.py": "x = (\n"})
    venv.module("a", "from b import gone, x\nimport b.inner\nb.inner.gone\n").module("c", "from b.inner import gone\n")
    target = venv.target().replace(files=Guarded(f"{venv.site}/b/"))
    assert venv.collected(target).facts.entities("link") == []
    assert venv.told() != []
