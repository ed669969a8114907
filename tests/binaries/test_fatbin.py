"""CUDA code in ELF files: kinds of images, several containers, damage."""

from __future__ import annotations

import random
import struct

import pytest

from envcheck.binaries import fatbin
from envcheck.binaries.elf_image import Image
from tests import elves

PTX, CODE = 1, 2


def container(*images: tuple[int, int]) -> bytes:
    body = b""
    for kind, capability in images:
        payload = b"image".ljust(24, b"\0")
        head = struct.pack("<HHIIIIIII", kind, 0x101, 64, len(payload), 0, len(payload), 0, 0, capability)
        body += head.ljust(64, b"\0") + payload
    return struct.pack("<IHHQ", 0xBA55ED50, 1, 16, len(body)) + body


def read(sections: dict[str, bytes]) -> fatbin.Targets | None:
    return read_file(elves.elf(sections=sections))


def read_file(data: bytes) -> fatbin.Targets | None:
    return fatbin.read(Image(lambda offset, size: data[offset : offset + size], len(data)))


def test_kinds_and_capabilities_of_all_containers():
    first, second = container((CODE, 80), (CODE, 90), (PTX, 90)), container((CODE, 75), (8, 90))
    found = read({".nv_fatbin": first + b"\0" * 24 + second + b"\0" * 8})
    assert found == fatbin.Targets(native=(75, 80, 90), ptx=(90,), others=(8,))


def test_relocatable_code_counts_too():
    found = read({"__nv_relfatbin": container((CODE, 100)), ".nv_fatbin": container((CODE, 80))})
    assert found == fatbin.Targets(native=(80, 100))


def test_a_file_without_cuda_code_has_no_targets():
    assert read({".text": b"x"}) is None
    assert read({}) is None


def test_an_empty_section_is_complete():
    assert read({".nv_fatbin": b"\0" * 64}) == fatbin.Targets()


@pytest.mark.parametrize(
    "rest",
    [
        b"garbage behind",
        container((CODE, 80))[:40],
        struct.pack("<IHHQ", 0xBA55ED50, 1, 4, 0),
        struct.pack("<IHHQ", 0xBA55ED50, 1, 16, 1 << 62),
        struct.pack("<IHHQ", 0xBA55ED50, 1, 16, 64) + b"\0" * 64,
    ],
    ids=["garbage", "cut off", "short header", "too large", "empty image"],
)
def test_what_is_not_understood_makes_the_answer_incomplete(rest: bytes):
    found = read({".nv_fatbin": container((CODE, 80)) + rest})
    assert found is not None
    assert not found.complete
    assert found.native == (80,)


def test_no_damage_escapes_as_anything_but_a_value_error():
    chance = random.Random(5)  # noqa: S311
    whole = elves.elf(sections={".nv_fatbin": container((CODE, 80), (PTX, 90)) + container((CODE, 75))})
    outcomes = set()
    for _ in range(800):
        flipped = bytearray(whole)
        for _ in range(chance.randrange(1, 6)):
            flipped[chance.randrange(len(flipped))] = chance.randrange(256)
        try:
            found = read_file(bytes(flipped))
        except ValueError:
            outcomes.add("refused")
        else:
            outcomes.add("read" if found is not None and found.complete else "in part")
    assert outcomes == {"refused", "read", "in part"}
