"""Packed logs are read as what was packed: whole, in pieces, joined, damaged, and never beyond the bounds."""

from __future__ import annotations

import bz2
import gzip
import lzma
import zlib
from collections.abc import Callable, Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envcheck.failures import read, unpacking
from envcheck.failures.unpacking import can_unpack, packing, unpacked

PACK: dict[str, Callable[[bytes], bytes]] = {"gzip": gzip.compress, "bzip2": bz2.compress, "xz": lzma.compress}
LOG = b"""starting
Traceback (most recent call last):
  File "a.py", line 1, in f
ModuleNotFoundError: No module named 'x'
"""


@pytest.mark.parametrize("name", PACK)
def test_a_packed_log_says_what_the_log_says(name: str) -> None:
    packed = PACK[name](LOG)
    assert packing(packed) == name
    assert read(packed, "log").text == read(LOG, "log").text
    assert read(packed, "log").events[-1].facts["exception"] == "ModuleNotFoundError"


@pytest.mark.parametrize("name", PACK)
@given(data=st.binary(max_size=3000), size=st.integers(1, 700))
def test_it_may_come_in_pieces_of_any_size(name: str, data: bytes, size: int) -> None:
    packed = PACK[name](data)
    pieces = (packed[at : at + size] for at in range(0, len(packed), size))
    assert b"".join(unpacked(pieces)) == data


@pytest.mark.parametrize("name", PACK)
def test_joined_logs_are_read_one_after_the_other(name: str) -> None:
    assert b"".join(unpacked([PACK[name](b"one\n") + PACK[name](b"two\n")])) == b"one\ntwo\n"


@pytest.mark.parametrize("name", PACK)
def test_of_a_log_that_is_cut_short_the_beginning_is_read(name: str) -> None:
    data = b"".join(b"line %d of it\n" % (number * number) for number in range(30_000))
    found = b"".join(unpacked([PACK[name](data)[:-9]]))
    assert data.startswith(found)
    assert len(found) > len(data) // 2


@given(st.binary(max_size=400), st.sampled_from([b"\x1f\x8b\x08", b"BZh91AY&SY", b"\xfd7zXZ\x00", b"(\xb5/\xfd"]))
def test_whatever_follows_a_mark_nothing_is_raised(data: bytes, mark: bytes) -> None:
    assert isinstance(read(mark + data, "log").text, str)


@given(st.binary(max_size=400))
def test_what_is_not_packed_stays_as_it_is(data: bytes) -> None:
    plain = b"# " + data
    assert b"".join(unpacked([plain[:3], plain[3:]])) == plain
    assert packing(b"BZhang said: no") == ""


def test_a_bomb_is_unpacked_within_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unpacking, "MOST", 5 << 20)

    def bomb() -> Iterator[bytes]:
        packer = zlib.compressobj(9, zlib.DEFLATED, 31)
        for _ in range(64):
            yield packer.compress(b"\0" * (1 << 20))
        yield packer.flush()

    pieces = list(unpacked(bomb()))
    assert sum(map(len, pieces)) == 5 << 20
    assert max(map(len, pieces)) <= 2 << 20


def test_a_decoder_that_wants_too_much_memory_gets_none() -> None:
    filters = [{"id": lzma.FILTER_LZMA2, "dict_size": 1 << 29}]
    packed = lzma.compress(b"x" * 100, filters=filters)
    assert b"".join(unpacked([packed])) == b""


def test_what_this_python_cannot_unpack_is_known() -> None:
    assert can_unpack("gzip")
    assert packing(b"\x28\xb5\x2f\xfd\x04\x00\x01\x00\x00\x61") == "zstd"
