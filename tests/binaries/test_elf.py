"""ELF files of every size and byte order; pyelftools is the oracle on those of this very Python."""

from __future__ import annotations

import contextlib
import glob
import os
import random
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from envcheck.binaries import elf, elf_sections, elf_symbols, formats
from envcheck.binaries.elf_image import Image
from tests import elves

if TYPE_CHECKING:
    from pathlib import Path

FORMS = [(bits, order) for bits in (32, 64) for order in "<>"]


def image_of(data: bytes) -> Image:
    image = Image(lambda offset, size: data[offset : offset + size], len(data))
    image.read_dynamic()
    return image


def read(data: bytes) -> elf.Elf:
    return elf.read(lambda offset, size: data[offset : offset + size], len(data))


@pytest.mark.parametrize(("bits", "order"), FORMS)
def test_everything_is_read_in_every_form(bits: int, order: str):
    data = elves.elf(
        bits=bits,
        order=order,
        interpreter=elves.GLIBC,
        needed=("liba.so.1", "libc.so.6"),
        soname="libme.so.2",
        rpath="$ORIGIN/lib",
        runpath="/opt/lib",
        wanted={"libc.so.6": [("GLIBC_2.34", False), ("GLIBC_ABI_DT_RELR", True)], "liba.so.1": [("A_1", False)]},
        offered=("ME_1", "ME_2"),
        stack=True,
        isa=0b111,
    )
    found = read(data)
    assert found.problem == ""
    assert (found.bits, found.byte_order, found.machine) == (bits, "big" if order == ">" else "little", elves.X86_64)
    assert found.interpreter == elves.GLIBC
    assert found.needed == ("liba.so.1", "libc.so.6")
    assert (found.soname, found.rpath, found.runpath) == ("libme.so.2", "$ORIGIN/lib", "/opt/lib")
    assert found.wanted == (
        ("libc.so.6", (("GLIBC_2.34", False), ("GLIBC_ABI_DT_RELR", True))),
        ("liba.so.1", (("A_1", False),)),
    )
    assert found.offered == ("ME_1", "ME_2")
    assert found.executable_stack
    assert found.isa_level == 3
    assert found.libc == "glibc"
    assert not found.cut_off


@pytest.mark.parametrize("sysv_hash", [False, True])
@pytest.mark.parametrize(("bits", "order"), FORMS)
def test_symbols_in_every_form(bits: int, order: str, sysv_hash: bool):  # noqa: FBT001
    exported = tuple(sorted(f"offered_{number}" for number in range(20)))
    data = elves.elf(bits=bits, order=order, undefined=("a", "b"), weak=("c",), exported=exported, sysv_hash=sysv_hash)
    image = image_of(data)
    symbols = elf_symbols.read_symbols(image)
    assert [(name, weak) for name, _, weak, _ in symbols.undefined] == [("a", False), ("b", False), ("c", True)]
    assert tuple(name for name, _ in symbols.exported) == exported
    assert elf_symbols.read_symbols(image, exported=False).undefined == symbols.undefined
    exports = elf_symbols.Exports(image)
    assert all(elf_symbols.gnu_hash(name.encode()) in exports for name in exported)
    assert not any(elf_symbols.gnu_hash(name) in exports for name in (b"a", b"b", b"c", b"offered_20"))
    assert elf_symbols.relocated(image, frozenset({1, 3, 9})) == {1, 3}


def test_a_name_that_is_no_utf8_keeps_its_bytes():
    data = elves.elf(undefined=("marked",), exported=("x",)).replace(b"marked", b"m\xffrked")
    name = elf_symbols.read_symbols(image_of(data)).undefined[0][0]
    assert elf_symbols.encoded(name) == b"m\xffrked"


@pytest.mark.parametrize(
    ("needed", "interpreter", "libc"),
    [
        (("libc.so.6",), "", "glibc"),
        (("libz.so.1", "libpthread.so.0"), "", "glibc"),
        (("libc.musl-x86_64.so.1",), "", "musl"),
        (("libc.so",), "", "musl"),
        ((), elves.MUSL, "musl"),
        (("libz.so.1",), "", ""),
    ],
)
def test_c_library_shows_in_what_is_needed(needed: tuple[str, ...], interpreter: str, libc: str):
    assert read(elves.elf(needed=needed, interpreter=interpreter)).libc == libc


@pytest.mark.parametrize(
    ("machine", "bits", "order", "name"),
    [
        (62, 64, "<", "x86_64"),
        (62, 32, "<", "x32"),
        (3, 32, "<", "i686"),
        (183, 64, "<", "aarch64"),
        (21, 64, "<", "ppc64le"),
        (21, 64, ">", "ppc64"),
        (243, 64, "<", "riscv64"),
        (999, 64, "<", "ELF machine 999"),
    ],
)
def test_architectures_have_the_names_of_the_kernel(machine: int, bits: int, order: str, name: str):
    assert read(elves.elf(machine=machine, bits=bits, order=order)).architecture == name


def test_a_file_that_ends_early_says_so():
    whole = elves.elf(needed=("libc.so.6",), sections={".text": b"x" * 100})
    assert not read(whole).cut_off
    assert read(whole).sections_end <= len(whole)
    short = read(whole[:-20])  # within the table of sections, which the loader does not read
    assert not short.cut_off
    assert short.sections_end > short.size
    cut = read(whole[:300])
    assert cut.cut_off
    assert cut.least_size > cut.size == 300
    assert cut.problem


@pytest.mark.parametrize("data", [b"", b"\x7fEL", b"#!/bin/sh\n", b"\x7fELF\x02\x01", b"\x7fELF\x07\x01" + b"\0" * 90])
def test_what_has_no_elf_header_is_a_value_error(data: bytes):
    with pytest.raises(ValueError, match=r"is not|is cut off"):
        read(data)


@pytest.mark.parametrize(("bits", "order"), FORMS)
def test_no_damage_escapes_as_anything_but_a_value_error(bits: int, order: str):
    chance = random.Random(bits)  # noqa: S311
    whole = elves.elf(
        bits=bits,
        order=order,
        interpreter=elves.GLIBC,
        needed=("libc.so.6",),
        soname="libme.so",
        wanted={"libc.so.6": [("GLIBC_2.34", False)]},
        offered=("ME_1",),
        undefined=("u",),
        exported=("e",),
        isa=3,
        sections={".nv_fatbin": b"x"},
    )
    damaged = [whole[:length] for length in range(0, len(whole), 3)]
    for _ in range(800):
        flipped = bytearray(whole)
        for _ in range(chance.randrange(1, 6)):
            flipped[chance.randrange(len(flipped))] = chance.randrange(256)
        damaged.append(bytes(flipped))
    read_any = 0
    for data in damaged:
        for reader in (read, _read_symbols, _read_sections):
            with contextlib.suppress(ValueError):
                reader(data)
                read_any += 1
    assert read_any


def _read_symbols(data: bytes) -> object:
    image = image_of(data)
    return elf_symbols.read_symbols(image), elf_symbols.Exports(image), elf_symbols.relocated(image, frozenset({1}))


def _read_sections(data: bytes) -> object:
    return elf_sections.read(lambda offset, size: data[offset : offset + size], len(data), ".nv_fatbin")


def test_sections_by_name():
    data = elves.elf(sections={".one": b"first", ".two": b"second"})
    assert elf_sections.read(lambda offset, size: data[offset : offset + size], len(data), ".two") == b"second"
    with pytest.raises(ValueError, match=r"has no section \.three"):
        elf_sections.read(lambda offset, size: data[offset : offset + size], len(data), ".three")


@pytest.mark.parametrize(
    ("head", "what"),
    [
        (b"\xcf\xfa\xed\xfe\x0c\x00\x00\x01", "macOS arm64"),
        (b"\xca\xfe\xba\xbe\0\0\0\2" + b"\x01\0\0\x07".ljust(20, b"\0") + b"\x01\0\0\x0c".ljust(20, b"\0"),
         "macOS x86_64 and arm64"),
        (b"MZ".ljust(60, b"\0") + b"\x40\0\0\0PE\0\0\x64\x86", "Windows x86_64"),
        (b"", "an empty file"),
        (b"\0" * 90, "a file of zeros"),
        (b"version https://git-lfs.github.com/spec/v1\n", "a pointer of Git LFS"),
        (b"/* GNU ld script */\nGROUP ( /lib/libc.so.6 )", "a script of the linker"),
        (b"!<arch>\n", "an archive of object files"),
        (b"hello\n", "a text file"),
        (b"\x00\x01\xfe", "no program file"),
        (b"\xca\xfe\xba\xbe\0\0\0\x34", "no program file"),
        (b"MZ", "a text file"),
    ],
)  # fmt: skip
def test_other_files_are_told_by_their_beginning(head: bytes, what: str):
    assert formats.describe(head) == what


SOURCE = """
#include <stdio.h>
extern int elsewhere(void);
int offered(void) { return puts("x") + elsewhere(); }
int data = 3;
"""


def test_files_of_a_compiler_read_as_pyelftools_reads_them(tmp_path: Path):
    if shutil.which("gcc") is None:
        pytest.skip("needs gcc")
    (tmp_path / "a.c").write_text(SOURCE)
    made: list[str] = []
    for options in (["-Wl,--hash-style=gnu"], ["-Wl,--hash-style=sysv"], ["-Wl,-rpath,$ORIGIN", "-Wl,-soname,libq.so"]):
        made.append(str(tmp_path / f"lib{len(made)}.so"))
        command = ["gcc", "-shared", "-fPIC", *options, "-o", made[-1], str(tmp_path / "a.c")]
        subprocess.run(command, check=True, capture_output=True)
    for path in made:
        _compare(path)


def _installed() -> list[str]:
    found: list[str] = []
    for folder in sys.path:
        found += glob.glob(f"{folder}/**/*.so", recursive=True) if "packages" in folder else glob.glob(f"{folder}/*.so")
    return [path for path in sorted(set(found)) if os.path.getsize(path) < 5 << 20][::7]


def test_files_of_this_python_read_as_pyelftools_reads_them():
    if not _installed() or not sys.platform.startswith("linux"):
        pytest.skip("this Python has no ELF files of its own")
    for path in _installed():
        _compare(path)


def _compare(path: str) -> None:
    elffile = pytest.importorskip("elftools.elf.elffile")
    with open(path, "rb") as file:
        data = file.read()
        oracle = elffile.ELFFile(file)
        found = read(data)
        assert found.problem == ""
        expected = _by_pyelftools(oracle)
        assert found.machine == {"EM_X86_64": 62, "EM_AARCH64": 183}.get(oracle["e_machine"], found.machine)
        assert found.needed == expected["needed"]
        assert found.soname == expected["soname"]
        assert (found.rpath, found.runpath) == (expected["rpath"], expected["runpath"])
        assert {library: tuple(name for name, _ in versions) for library, versions in found.wanted} == expected[
            "wanted"
        ]
        assert found.offered == expected["offered"]
        symbols = elf_symbols.read_symbols(image_of(data))
        assert [name for name, *_ in symbols.undefined] == expected["undefined"]
        assert [name for name, _ in symbols.exported] == expected["exported"]
        exports = elf_symbols.Exports(image_of(data))
        assert all(elf_symbols.gnu_hash(elf_symbols.encoded(name)) in exports for name, _ in symbols.exported)


def _by_pyelftools(oracle: Any) -> dict[str, Any]:
    gnu = pytest.importorskip("elftools.elf.gnuversions")
    seen: dict[str, Any] = {"soname": "", "rpath": None, "runpath": None, "wanted": {}, "offered": ()}
    dynamic = oracle.get_section_by_name(".dynamic")
    tags = list(dynamic.iter_tags())
    seen["needed"] = tuple(tag.needed for tag in tags if tag.entry.d_tag == "DT_NEEDED")
    for tag in tags:
        for name in ("soname", "rpath", "runpath"):
            if tag.entry.d_tag == f"DT_{name.upper()}":
                seen[name] = getattr(tag, name)
    for section in oracle.iter_sections():
        if isinstance(section, gnu.GNUVerNeedSection):
            seen["wanted"] = {need.name: tuple(aux.name for aux in every) for need, every in section.iter_versions()}
        elif isinstance(section, gnu.GNUVerDefSection):
            every = [(one.entry.vd_flags, next(iter(names)).name) for one, names in section.iter_versions()]
            seen["offered"] = tuple(name for flags, name in every if not flags & 1)
    named = [symbol for symbol in oracle.get_section_by_name(".dynsym").iter_symbols() if symbol.name]
    for title, inside in (("undefined", True), ("exported", False)):
        seen[title] = [
            symbol.name
            for symbol in named
            if (symbol["st_shndx"] == "SHN_UNDEF") is inside and symbol["st_info"]["bind"] != "STB_LOCAL"
        ]
    return seen
