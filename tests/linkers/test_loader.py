"""The loader's search: whose paths count in which order, for glibc and musl, and what makes it undetermined."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from envcheck.binaries import elf
from envcheck.linkers.loader import Loader
from envcheck.linkers.loader_closure import closure
from envcheck.linkers.view import View
from envcheck.targets.files import RootedFiles
from tests import elves
from tests.collectors.test_libraries import new_cache

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from envcheck.linkers.loader import Asking

PYTHON = "/usr/bin/python3"
LIBRARY = elves.elf(soname="liba.so.1")
OTHER_MACHINE = elves.elf(soname="liba.so.1", machine=elves.AARCH64)


class Root:
    """An unpacked root with a Python in it."""

    def __init__(self, folder: Path, interpreter: str, python: dict[str, str]) -> None:
        self.folder = folder
        self.put(PYTHON, elves.elf(interpreter=interpreter, **python))  # type: ignore[arg-type]

    def put(self, path: str, data: bytes) -> None:
        place = f"{self.folder}{path}"
        os.makedirs(os.path.dirname(place), exist_ok=True)
        with open(place, "wb") as file:
            file.write(data)

    def content(self, path: str) -> elf.Elf | None:
        try:
            with open(f"{self.folder}{path}", "rb") as file:
                data = file.read()
            return elf.read(lambda offset, size: data[offset : offset + size], len(data))
        except (OSError, ValueError):
            return None

    def loader(self, environ: dict[str, str] | None) -> Loader:
        python = self.content(PYTHON)
        program = (PYTHON, python) if python else None
        return Loader(View(RootedFiles(str(self.folder))), environ, program, self.content)

    def find(self, name: str, *asking: tuple[str, bytes], environ: dict[str, str] | None = None) -> str:
        """Return what the last of some objects would get, each loaded by the one before."""
        for path, data in asking:
            self.put(path, data)
        return self.loader(environ or {}).find(name, self.asking(*(path for path, _ in asking)))

    def asking(self, *paths: str) -> Asking:
        contents = [(os.path.dirname(path), self.content(path)) for path in reversed(paths)]
        return tuple((folder, content) for folder, content in contents if content is not None)


@pytest.fixture
def make_root(tmp_path: Path) -> Callable[..., Root]:
    def make(interpreter: str = elves.GLIBC, *libraries: str, cache: bool = True, **python: str) -> Root:
        root = Root(tmp_path, interpreter, python)
        for path in libraries:
            root.put(path, LIBRARY)
        if cache:
            root.put("/etc/ld.so.cache", new_cache())
        return root

    return make


def test_origin_is_the_folder_of_the_file_that_asks(make_root: Callable[..., Root]):
    root = make_root(elves.GLIBC, "/site/pkg/lib/liba.so.1")
    for stated in ("$ORIGIN/lib", "${ORIGIN}/lib", "/nowhere:$ORIGIN/../pkg/lib"):
        assert root.find("liba.so.1", ("/site/pkg/x.so", elves.elf(runpath=stated))) == "/site/pkg/lib/liba.so.1"


def test_runpath_serves_only_the_file_itself_and_rpath_all_that_it_brings(make_root: Callable[..., Root]):
    root = make_root(elves.GLIBC, "/own/liba.so.1")
    first, second = "/site/x.so", ("/other/liby.so", elves.elf())
    assert root.find("liba.so.1", (first, elves.elf(rpath="/own")), second) == "/own/liba.so.1"
    assert root.find("liba.so.1", (first, elves.elf(runpath="/own")), second) == ""
    assert root.find("liba.so.1", (first, elves.elf(rpath="/own", runpath="/none")), second) == ""
    assert (
        root.find("liba.so.1", (first, elves.elf(rpath="/own")), ("/other/liby.so", elves.elf(runpath="/none"))) == ""
    )


def test_the_rpath_of_the_interpreter_serves_everything(make_root: Callable[..., Root]):
    root = make_root(elves.GLIBC, "/usr/lib-of-python/liba.so.1", rpath="$ORIGIN/../lib-of-python")
    assert root.find("liba.so.1", ("/site/x.so", elves.elf())) == "/usr/lib-of-python/liba.so.1"


def test_the_variable_comes_after_rpath_and_before_runpath(make_root: Callable[..., Root]):
    root = make_root(elves.GLIBC, "/own/liba.so.1", "/variable/liba.so.1")
    environ = {"LD_LIBRARY_PATH": "relative;:/none:/variable"}
    assert root.find("liba.so.1", ("/x.so", elves.elf(rpath="/own")), environ=environ) == "/own/liba.so.1"
    assert root.find("liba.so.1", ("/x.so", elves.elf(runpath="/own")), environ=environ) == "/variable/liba.so.1"


def test_the_cache_comes_before_the_usual_folders(make_root: Callable[..., Root]):
    root = make_root(elves.GLIBC, "/opt/liba.so.1", "/usr/lib/liba.so.1")
    root.put("/etc/ld.so.cache", new_cache((0x0303, "liba.so.1", "/opt/liba.so.1", 0)))
    assert root.find("liba.so.1", ("/x.so", elves.elf())) == "/opt/liba.so.1"
    os.unlink(f"{root.folder}/opt/liba.so.1")
    assert root.find("liba.so.1", ("/x.so", elves.elf())) == "/usr/lib/liba.so.1"


@pytest.mark.parametrize(
    "folder", ["/lib/x86_64-linux-gnu", "/usr/lib64", "/usr/lib", "/usr/lib64/glibc-hwcaps/x86-64-v3"]
)
def test_usual_folders(make_root: Callable[..., Root], folder: str):
    assert (
        make_root(elves.GLIBC, f"{folder}/liba.so.1").find("liba.so.1", ("/x.so", elves.elf())) == f"{folder}/liba.so.1"
    )


def test_a_library_for_another_machine_is_passed_over(make_root: Callable[..., Root]):
    root = make_root(elves.GLIBC, "/usr/lib/liba.so.1")
    root.put("/own/liba.so.1", OTHER_MACHINE)
    assert root.find("liba.so.1", ("/x.so", elves.elf(runpath="/own"))) == "/usr/lib/liba.so.1"


def test_the_folder_of_libraries_may_be_named_by_a_token(make_root: Callable[..., Root]):
    root = make_root(elves.GLIBC, "/opt/lib64/liba.so.1", "/opt/x86_64/libb.so.1")
    assert root.find("liba.so.1", ("/x.so", elves.elf(runpath="/opt/$LIB"))) == "/opt/lib64/liba.so.1"
    assert root.find("libb.so.1", ("/x.so", elves.elf(runpath="/opt/${PLATFORM}"))) == "/opt/x86_64/libb.so.1"


def test_a_name_with_a_slash_is_a_path(make_root: Callable[..., Root]):
    root = make_root(elves.GLIBC, "/opt/liba.so.1")
    assert root.find("/opt/liba.so.1", ("/x.so", elves.elf())) == "/opt/liba.so.1"
    assert root.find("opt/liba.so.1", ("/x.so", elves.elf())) == ""


def test_musl_searches_its_own_way(make_root: Callable[..., Root]):
    root = make_root(elves.MUSL, "/own/liba.so.1", "/variable/liba.so.1", "/usr/local/lib/libb.so.1", cache=False)
    first = ("/site/x.so", elves.elf(runpath="/own"))
    assert root.find("liba.so.1", first, ("/other/y.so", elves.elf())) == "/own/liba.so.1"  # RUNPATH is inherited
    assert root.find("liba.so.1", first, environ={"LD_LIBRARY_PATH": "/variable"}) == "/variable/liba.so.1"
    assert root.find("libb.so.1", first) == "/usr/local/lib/libb.so.1"
    for name in ("libc.musl-x86_64.so.1", "libm.so.6", "libpthread.so.0", "libc.so"):
        assert root.find(name, first) == elves.MUSL
    root.put("/etc/ld-musl-x86_64.path", b"/opt/one\n/opt/two:/opt/three\n")
    root.put("/opt/two/libq.so.1", LIBRARY)
    assert root.find("libq.so.1", first) == "/opt/two/libq.so.1"
    assert root.find("libb.so.1", first) == ""
    assert root.loader({}).gap == ""


def test_what_is_not_known_of_the_search_is_a_gap(make_root: Callable[..., Root]):
    assert make_root().loader({}).gap == ""
    assert "LD_LIBRARY_PATH" in make_root().loader(None).gap
    assert "not known" in make_root("/nix/store/glibc/lib/ld-linux-x86-64.so.2").loader({}).gap
    root = make_root()
    root.put("/etc/ld.so.cache", b"\xff" * 50)
    assert "/etc/ld.so.cache" in root.loader({}).gap
    os.unlink(f"{root.folder}/etc/ld.so.cache")
    assert "/etc/ld.so.cache" in root.loader({}).gap
    root.put(PYTHON, b"no program")
    assert root.loader({}).gap


def test_a_closure_goes_breadth_first_and_ends(make_root: Callable[..., Root]):
    root = make_root()
    root.put("/lib/liba.so", elves.elf(needed=("libc.so", "libgone.so")))
    root.put("/lib/libb.so", elves.elf(needed=("liba.so",)))  # around in a circle
    root.put("/lib/libc.so", elves.elf(needed=("libb.so",)))
    root.put("/env/liblate.so", elves.elf(needed=("libb.so",)))
    root.put("/x.so", elves.elf(needed=("liba.so", "libb.so", "liblate.so", "libhad.so")))
    found = closure(
        root.loader({}), root.content, "/x.so", {"libhad.so": "/had.so"}, {"liblate.so": ("/env/liblate.so",)}
    )
    paths = [path for path, _, _ in found.objects]
    assert paths == ["/x.so", "/lib/liba.so", "/lib/libb.so", "/env/liblate.so", "/had.so", "/lib/libc.so"]
    assert found.missing == (("libgone.so", 1),)
    assert found.elsewhere == {"liblate.so": ("/env/liblate.so",)}
    assert found.chain(5) == ("/x.so", "/lib/liba.so", "/lib/libc.so")
