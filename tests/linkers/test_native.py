"""Compiled files judged in made-up environments, each beside a sound one."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest

from envcheck.linkers.kept import Kept
from envcheck.linkers.native import NativeAnswer, NativeProblem, judge
from envcheck.linkers.view import View
from envcheck.targets.files import RootedFiles
from envcheck.targets.target import PythonLayout, Target
from tests import elves
from tests.binaries.test_fatbin import container
from tests.collectors.test_libraries import new_cache

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SITE = "/venv/lib/python3.11/site-packages"
SOABI = "cpython-311-x86_64-linux-gnu"
MODULE = f"one/_c.{SOABI}.so"
LIBC = elves.elf(
    soname="libc.so.6", offered=("GLIBC_2.2.5", "GLIBC_2.17", "GLIBC_2.34", "GLIBC_PRIVATE"), exported=("puts",)
)


class World:
    """A root with a Python, a C library and an environment."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.natives: list[tuple[str, str, str]] = []
        self.layout: dict[str, Any] = {}
        self.target: dict[str, Any] = {"environ": {}, "live": True}
        self.host: dict[str, Any] = {"arch": "x86_64", "glibc": "2.36"}
        self.kept = Kept("native", 1, cached=False)
        python = elves.elf(interpreter=elves.GLIBC, needed=("libc.so.6",), exported=("PyModule_Create2",))
        self.file("/usr/bin/python3.11", python)
        self.file("/lib64/libc.so.6", LIBC)
        self.file("/etc/ld.so.cache", new_cache())

    def file(self, path: str, data: bytes) -> None:
        place = f"{self.folder}{path}"
        os.makedirs(os.path.dirname(place), exist_ok=True)
        with open(place, "wb") as file:
            file.write(data)

    def install(self, owner: str, path: str, data: bytes) -> None:
        self.file(f"{SITE}/{path}", data)
        self.natives.append((owner, SITE, path))

    def answer(self) -> NativeAnswer:
        files = RootedFiles(str(self.folder))
        layout = {
            "kind": "venv",
            "prefix": "/venv",
            "base_prefix": "/usr",
            "executable": "/usr/bin/python3.11",
            "version": "3.11.7",
            "implementation": "cpython",
            "abi": "cp311",
            "soabi": SOABI,
            "platform": "linux",
            "site_directories": (SITE,),
        }
        target = Target(
            label="t", address="t", chosen="", files=files, layout=PythonLayout(**(layout | self.layout)), **self.target
        )
        return judge(View(files), self.natives, target, self.host, self.kept)

    def problem(self) -> NativeProblem:
        """Return the only problem."""
        (problem,) = self.answer().problems
        return problem


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def test_a_sound_environment_has_no_problem(world: World):
    world.install("one", MODULE, elves.elf(needed=("libx-01234567.so.1", "libc.so.6"), runpath="$ORIGIN/../one.libs"))
    world.install("one", "one.libs/libx-01234567.so.1", elves.elf(soname="libx-01234567.so.1"))
    answer = world.answer()
    assert answer.problems == ()
    assert answer.judged == 2
    assert answer.gaps == ()


@pytest.mark.parametrize(
    ("name", "tag"),
    [
        ("one/a.cpython-310-x86_64-linux-gnu.so", "cpython-310-x86_64-linux-gnu"),
        ("one/a.cpython-311-x86_64-linux-musl.so", "cpython-311-x86_64-linux-musl"),
        ("one/a.cpython-311-darwin.so", "cpython-311-darwin"),
        ("one/a.pypy310-pp73-x86_64-linux-gnu.so", "pypy310-pp73-x86_64-linux-gnu"),
        ("one/a.cp311-win_amd64.pyd", "cp311-win_amd64.pyd"),
    ],
)
def test_a_module_of_another_python_is_told_by_its_tag_alone(world: World, name: str, tag: str):
    world.install("one", name, elves.elf(machine=elves.AARCH64, needed=("libgone.so",)))
    problem = world.problem()
    assert (problem.word, problem.wants, problem.here) == ("tag", tag, SOABI)


def test_the_stable_abi_is_not_for_free_threaded_pythons(world: World):
    world.install("one", "one/a.abi3.so", elves.elf())
    assert world.answer().problems == ()
    world.layout = {"free_threaded": True, "soabi": "cpython-313t-x86_64-linux-gnu"}
    assert world.problem().word == "tag"


@pytest.mark.parametrize(
    ("data", "word", "wants"),
    [
        (elves.elf(machine=elves.AARCH64), "machine", "Linux aarch64"),
        (elves.elf(machine=3, bits=32), "machine", "Linux i686"),
        (b"\xcf\xfa\xed\xfe\x0c\x00\x00\x01" + b"\0" * 40, "machine", "macOS arm64"),
        (b"", "truncated", "an ELF file"),
        (b"\0" * 500, "truncated", "an ELF file"),
        (b"\x7fELF\x02\x01", "truncated", "an ELF file"),
        (b"version https://git-lfs.github.com/spec/v1\n", "format", "an ELF file"),
    ],
    ids=["aarch64", "32 bit", "macOS", "empty", "zeros", "head only", "git lfs"],
)
def test_what_is_no_program_for_this_machine(world: World, data: bytes, word: str, wants: str):
    world.install("one", MODULE, data)
    problem = world.problem()
    assert (problem.word, problem.wants, problem.proven) == (word, wants, True)
    assert problem.here


def test_a_file_that_ends_early(world: World):
    whole = elves.elf(needed=("libc.so.6",), sections={".text": b"x" * 99})
    world.install("one", MODULE, whole[:300])
    assert world.problem().word == "truncated"
    assert world.problem().proven
    world.file(f"{SITE}/{MODULE}", whole[:-10])
    assert world.problem().word == "truncated"
    assert not world.problem().proven


def test_a_library_that_is_nowhere(world: World):
    world.install("one", MODULE, elves.elf(needed=("libx-01234567.so.1", "libc.so.6"), rpath="$ORIGIN/../one.libs"))
    problem = world.problem()
    assert (problem.word, problem.wants, problem.proven) == ("library", "libx-01234567.so.1", True)
    assert problem.chain == (f"{SITE}/{MODULE}",)
    world.target = {"environ": None}  # a copy with such a name is in no other folder
    assert world.problem().proven


def test_a_library_that_only_another_library_needs(world: World):
    world.install("one", MODULE, elves.elf(needed=("libx.so",), runpath="$ORIGIN"))
    world.install("one", "one/libx.so", elves.elf(needed=("libgone.so",)))
    problems = {problem.path: problem for problem in world.answer().problems}
    assert set(problems) == {MODULE, "one/libx.so"}
    assert problems[MODULE].wants == "libgone.so"
    assert problems[MODULE].chain == (f"{SITE}/{MODULE}", f"{SITE}/one/libx.so")


def test_a_library_that_another_distribution_may_have_loaded_is_no_problem(world: World):
    world.install("one", MODULE, elves.elf(needed=("libx.so.1",)))
    world.install("two", "two/lib/libx.so.1.2", elves.elf(soname="libx.so.1"))
    assert world.answer().problems == ()


def _unknown_variables(world: World) -> None:
    world.target = {"environ": None}


def _no_cache(world: World) -> None:
    os.unlink(f"{world.folder}/etc/ld.so.cache")


def _beside_python(world: World) -> None:
    world.file("/venv/lib/libx.so.1", elves.elf())


def _in_toolkit(world: World) -> None:
    world.file("/usr/local/cuda/lib64/libx.so.1", elves.elf())


def _beside_unrecorded(world: World) -> None:
    world.file(f"{SITE}/one/libx.so.1", elves.elf())


def _unreadable_python(world: World) -> None:
    world.file("/usr/bin/python3.11", b"#!/bin/sh\n")


@pytest.mark.parametrize(
    "change",
    [_unknown_variables, _no_cache, _beside_python, _in_toolkit, _beside_unrecorded, _unreadable_python],
)
def test_a_library_that_may_be_found_all_the_same_is_not_proven(world: World, change: Callable[[World], None]):
    world.install("one", MODULE, elves.elf(needed=("libx.so.1",)))
    assert world.problem().proven
    change(world)
    problem = world.problem()
    assert not problem.proven
    assert problem.reason


def test_the_driver_of_a_container_that_does_not_run_is_not_proven_missing(world: World):
    world.install("one", MODULE, elves.elf(needed=("libcuda.so.1",)))
    assert world.problem().proven
    world.target = {"environ": {}, "live": False}
    assert not world.problem().proven


@pytest.mark.parametrize("needed", ["libc.musl-x86_64.so.1", "libc.so"])
def test_a_module_made_with_musl(world: World, needed: str):
    world.install("one", "one/a.abi3.so", elves.elf(needed=(needed,)))
    world.file("/usr/lib/libc.so", b"/* GNU ld script */ GROUP ( /lib64/libc.so.6 )")
    problem = world.problem()
    assert (problem.word, problem.wants, problem.here, problem.proven) == ("libc", "musl", "glibc", True)


def test_a_module_made_with_glibc_on_musl(world: World):
    world.file("/usr/bin/python3.11", elves.elf(interpreter=elves.MUSL))
    world.install("one", "one/a.so", elves.elf(needed=("libc.so.6", "ld-linux-x86-64.so.2")))
    assert (world.problem().word, world.problem().wants) == ("libc", "glibc")


def test_a_version_that_the_library_does_not_define(world: World):
    wanted = {"libc.so.6": [("GLIBC_2.2.5", False), ("GLIBC_2.38", False), ("GLIBC_2.35", False), ("NEW", True)]}
    world.install("one", MODULE, elves.elf(needed=("libc.so.6",), wanted=wanted))
    problem = world.problem()
    assert (problem.word, problem.wants, problem.here) == ("version", "GLIBC_2.38 of libc.so.6", "GLIBC_2.34")
    assert problem.provider == "/lib64/libc.so.6"
    assert problem.proven


def test_a_version_that_may_be_missing_or_that_nobody_defines_is_no_problem(world: World):
    world.file("/lib64/libplain.so", elves.elf())
    wanted = {"libc.so.6": [("GLIBC_2.99", True)], "libplain.so": [("PLAIN_1", False)]}
    world.install("one", MODULE, elves.elf(needed=("libc.so.6", "libplain.so"), wanted=wanted))
    assert world.answer().problems == ()


def test_a_version_that_another_file_of_the_name_defines_is_not_proven(world: World):
    world.file("/lib64/libcxx.so.6", elves.elf(offered=("CXX_1",)))
    world.install("one", MODULE, elves.elf(needed=("libcxx.so.6",), wanted={"libcxx.so.6": [("CXX_2", False)]}))
    assert world.problem().proven
    world.install("two", "two/libcxx.so.6", elves.elf(offered=("CXX_1", "CXX_2")))
    assert not world.problem().proven


def test_facts_of_the_host_serve_where_the_library_is_not_found(world: World):
    os.unlink(f"{world.folder}/lib64/libc.so.6")
    os.unlink(f"{world.folder}/etc/ld.so.cache")
    wanted = {"libc.so.6": [("GLIBC_2.40", False)]}
    world.install("one", MODULE, elves.elf(needed=("libc.so.6",), wanted=wanted))
    assert ("version", "GLIBC_2.36") in {(problem.word, problem.here) for problem in world.answer().problems}
    world.host = {"glibc": "2.41"}
    assert {problem.word for problem in world.answer().problems} == {"library"}


CALLER = elves.elf(needed=("libother.so", "libc.so.6"), undefined=("puts", "other_new"), weak=("optional",))


def test_a_symbol_that_another_distribution_no_longer_has(world: World):
    world.install("one", MODULE, CALLER)
    world.install("two", "two/libother.so", elves.elf(exported=("other_old",)))
    problem = world.problem()
    assert (problem.word, problem.wants, problem.provider, problem.proven) == ("symbol", "other_new", "two", True)
    world.file(f"{SITE}/two/libother.so", elves.elf(exported=("other_new", "other_old")))
    assert world.answer().problems == ()


def test_a_symbol_counts_for_whoever_needs_the_file(world: World):
    world.install("one", "one/libhelp.so", CALLER)
    world.install("one", MODULE, elves.elf(needed=("libhelp.so",), runpath="$ORIGIN"))
    world.install("two", "two/libother.so", elves.elf(exported=("other_old",)))
    problems = {problem.path: problem for problem in world.answer().problems}
    assert set(problems) == {MODULE, "one/libhelp.so"}
    assert problems[MODULE].chain == (f"{SITE}/{MODULE}", f"{SITE}/one/libhelp.so")


def test_a_symbol_that_any_file_of_the_environment_defines_is_no_problem(world: World):
    world.install("one", MODULE, CALLER)
    world.install("two", "two/libother.so", elves.elf(exported=("other_old",)))
    world.install("three", "three/libglobal.so", elves.elf(exported=("other_new",)))
    assert world.answer().problems == ()


def test_a_symbol_that_no_relocation_asks_for_is_no_problem(world: World):
    world.install("one", MODULE, elves.elf(needed=("libother.so",), undefined=("other_new",), relocate=False))
    world.install("two", "two/libother.so", elves.elf(exported=("other_old",)))
    assert world.answer().problems == ()


def test_a_symbol_is_not_proven_where_something_is_preloaded(world: World):
    world.install("one", MODULE, CALLER)
    world.install("two", "two/libother.so", elves.elf(exported=("other_old",)))
    world.target["environ"] = {"LD_PRELOAD": "/lib/shim.so"}
    assert not world.problem().proven


def test_the_stable_abi_of_a_newer_python(world: World):
    world.install("one", "one/a.abi3.so", elves.elf(needed=("libc.so.6",), undefined=("PyModule_Create2",)))
    assert world.answer().problems == ()
    world.install("one", "one/b.abi3.so", elves.elf(needed=("libc.so.6",), undefined=("PyNew_Function",)))
    assert (world.problem().word, world.problem().wants) == ("symbol", "PyNew_Function")


def test_an_executable_stack_is_refused_since_glibc_2_41(world: World):
    world.install("one", MODULE, elves.elf(stack=True))
    assert world.answer().problems == ()
    world.host["glibc"] = "2.41"
    assert (world.problem().word, world.problem().proven) == ("stack", True)
    world.target["environ"] = {"GLIBC_TUNABLES": "glibc.rtld.execstack=2"}
    assert not world.problem().proven


def test_a_processor_without_what_the_file_asks_for(world: World):
    world.install("one", MODULE, elves.elf(isa=0b111))
    assert world.answer().problems == ()  # the processor is not known
    world.host["cpu_flags"] = ("cx16", "lahf_lm", "popcnt", "sse4_1", "sse4_2", "ssse3")
    problem = world.problem()
    assert (problem.word, problem.wants) == ("processor", "x86-64-v3")
    assert "avx2" in problem.here


def test_gpu_targets_are_collected(world: World):
    world.install("one", MODULE, elves.elf(sections={".nv_fatbin": container((2, 80), (1, 90))}))
    ((owner, site, path, targets),) = world.answer().targets
    assert (owner, site, path) == ("one", SITE, MODULE)
    assert (targets.native, targets.ptx) == ((80,), (90,))


def test_other_systems_get_no_judgement_but_of_foreign_files(world: World):
    world.layout = {"platform": "darwin", "soabi": "cpython-311-darwin"}
    world.install("one", "one/a.cpython-311-darwin.so", b"\xcf\xfa\xed\xfe\x0c\x00\x00\x01" + b"\0" * 40)
    assert world.answer().problems == ()
    world.install("one", "one/b.so", elves.elf())
    assert (world.problem().word, world.problem().wants) == ("machine", "Linux x86_64")


def test_no_environment_and_missing_files_are_no_problem(world: World):
    world.natives.append(("one", SITE, "one/gone.so"))
    answer = world.answer()
    assert (answer.problems, answer.judged) == ((), 0)


def test_what_was_kept_gives_the_same_answer(world: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    world.install("one", MODULE, CALLER)
    world.install(
        "two", "two/libother.so", elves.elf(exported=("other_old",), sections={".nv_fatbin": container((2, 80))})
    )
    world.install("one", "one/bad.so", b"")
    world.kept = Kept("native", 1, cached=True)
    first = world.answer()
    world.kept.save()
    world.kept = Kept("native", 1, cached=True)
    assert world.answer() == first
    assert len(first.problems) == 2


def test_the_order_of_files_does_not_matter(world: World):
    world.install("one", MODULE, CALLER)
    world.install("two", "two/libother.so", elves.elf(needed=("libgone.so",)))
    world.install("three", "three/c.so", elves.elf(machine=elves.AARCH64))
    first = world.answer()
    world.natives.reverse()
    assert world.answer() == first
