"""The loader's cache in both forms, and the folders where there is none."""

from __future__ import annotations

import os
import random
import re
import struct
from typing import TYPE_CHECKING

import pytest

from envcheck.collectors import libraries
from envcheck.model.facts import ABSENT, Unknown

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.collectors.conftest import Collect, MakeTarget

X86_64, I386 = 0x0303, 0x0003
RULES = os.path.join(os.path.dirname(__file__), "..", "..", "rules")
Entry = tuple[int, str, str, int]


def new_cache(*entries: Entry) -> bytes:
    """Write the form of glibc 2.32 and later."""
    table, strings = b"", b""
    base = 48 + 24 * len(entries)
    for flags, soname, path, hwcap in entries:
        key = base + len(strings)
        strings += soname.encode() + b"\0"
        value = base + len(strings)
        strings += path.encode() + b"\0"
        table += struct.pack("=iIIIQ", flags, key, value, 0, hwcap)
    head = struct.pack("=20sIIB3xI12x", b"glibc-ld.so.cache1.1", len(entries), len(strings), 2, 0)
    return head + table + strings


def old_cache(*entries: Entry) -> bytes:
    """Write the form that begins with ld.so-1.7.0."""
    table, strings = b"", b""
    for flags, soname, path, _ in entries:
        key = len(strings)
        strings += soname.encode() + b"\0"
        table += struct.pack("=iII", flags, key, len(strings))
        strings += path.encode() + b"\0"
    return struct.pack("=11sxI", b"ld.so-1.7.0", len(entries)) + table + strings


def place(root: Path, *paths: str, cache: bytes | None = None) -> None:
    for path in paths:
        file = root / path.lstrip("/")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
    if cache is not None:
        (root / "etc").mkdir(exist_ok=True)
        (root / "etc/ld.so.cache").write_bytes(cache)


CUDA = (X86_64, "libcuda.so.1", "/usr/lib/x86_64-linux-gnu/libcuda.so.1", 0)
CURL = (X86_64, "libcurl.so.4", "/usr/lib/x86_64-linux-gnu/libcurl.so.4", 0)


def both_forms(*entries: Entry) -> bytes:
    """Write an old table, and behind it, at a multiple of eight, the new form with the strings of both."""
    table = old_cache(*entries)[: 16 + 12 * len(entries)]
    return table.ljust((len(table) + 7) // 8 * 8, b"\0") + new_cache(*entries)


@pytest.mark.parametrize("form", [new_cache, old_cache, both_forms])
def test_every_form_of_the_cache(form: Callable[..., bytes]):
    assert libraries.parse_cache(form(CURL, CUDA)) == {"libcuda.so.1": CUDA[2]}
    assert libraries.parse_cache(form(CURL, CUDA, CURL)) == {"libcuda.so.1": CUDA[2]}
    assert libraries.parse_cache(form()) == {}


def test_version_comes_from_the_file_behind_the_link(tmp_path: Path, collect: Collect, make_target: MakeTarget):
    place(tmp_path, "/usr/lib/x86_64-linux-gnu/libcuda.so.535.161.08", cache=new_cache(CUDA))
    (tmp_path / "usr/lib/x86_64-linux-gnu/libcuda.so.1").symlink_to("libcuda.so.535.161.08")
    seen = collect(libraries, make_target(tmp_path))
    assert seen.facts.value(("library", "libcuda.so.1"), "version") == "535.161.08"
    assert seen.look(("library", "libcudart.so.12"), "path") is ABSENT


def test_library_of_this_word_size_without_special_processor_wins():
    cache = new_cache(
        (I386, "libz.so.1", "/lib/i386-linux-gnu/libz.so.1", 0),
        (X86_64, "libz.so.1", "/lib/glibc-hwcaps/x86-64-v3/libz.so.1", 1 << 62),
        (X86_64, "libz.so.1", "/lib/x86_64-linux-gnu/libz.so.1", 0),
        (X86_64, "libz.so.1", "/opt/late/libz.so.1", 0),
    )
    assert libraries.parse_cache(cache) == {"libz.so.1": "/lib/x86_64-linux-gnu/libz.so.1"}


def test_entry_whose_file_is_gone_is_not_offered(tmp_path: Path, collect: Collect, make_target: MakeTarget):
    place(tmp_path, cache=new_cache(CUDA))
    seen = collect(libraries, make_target(tmp_path))
    assert seen.look(("library", "libcuda.so.1"), "path") is ABSENT


def test_folders_serve_where_there_is_no_cache(collect: Collect, host_target: MakeTarget):
    seen = collect(libraries, host_target("host-alpine-arm64"))
    assert seen.facts.value(("library", "libz.so.1"), "path") == "/lib/libz.so.1"
    assert seen.facts.value(("library", "libz.so.1"), "version") == "1.3.1"
    assert seen.look(("library", "libssl.so.3"), "path") is ABSENT  # a link to nothing
    assert seen.look(("library", "libgomp.so.1"), "path") is ABSENT


def test_nothing_at_all_is_a_gap(tmp_path: Path, collect: Collect, make_target: MakeTarget):
    assert isinstance(collect(libraries, make_target(tmp_path)).look(("library", "libz.so.1"), "path"), Unknown)


def test_damaged_cache_is_a_gap_and_the_folders_are_read(tmp_path: Path, collect: Collect, make_target: MakeTarget):
    place(tmp_path, "/usr/lib64/libz.so.1", cache=b"\xff" * 100)
    seen = collect(libraries, make_target(tmp_path))
    assert seen.facts.value(("library", "libz.so.1"), "path") == "/usr/lib64/libz.so.1"
    assert isinstance(seen.look(("library", "libssl.so.3"), "path"), Unknown)


def test_looping_folder_is_a_gap(tmp_path: Path, collect: Collect, make_target: MakeTarget):
    (tmp_path / "lib").symlink_to("lib")
    assert isinstance(collect(libraries, make_target(tmp_path)).look(("library", "libz.so.1"), "path"), Unknown)


@pytest.mark.parametrize("whole", [new_cache(CURL, CUDA), old_cache(CURL, CUDA), both_forms(CURL, CUDA)])
def test_no_damage_escapes_as_anything_but_a_value_error(whole: bytes):
    chance = random.Random(7)  # noqa: S311
    damaged = [whole[:length] for length in range(len(whole))]
    for _ in range(500):
        flipped = bytearray(whole)
        for _ in range(chance.randrange(1, 6)):
            flipped[chance.randrange(len(flipped))] = chance.randrange(256)
        damaged.append(bytes(flipped))
    for data in damaged:
        try:
            found = libraries.parse_cache(data)
        except ValueError:
            continue
        assert all(name.startswith(libraries.KEPT) for name in found)


def test_every_library_that_a_rule_asks_for_is_kept():
    asked = set()
    for folder, _, names in os.walk(RULES):
        for name in names:
            if name.endswith(".yaml"):
                with open(os.path.join(folder, name), encoding="utf-8") as file:
                    asked.update(re.findall(r"\b(?:library/|soname: |older: )(lib[^\s#:\"'}|,\]]+)", file.read()))
    assert [name for name in sorted(asked) if not name.startswith(libraries.KEPT)] == []
