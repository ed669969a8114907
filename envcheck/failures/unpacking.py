"""A packed log (gzip, bzip2, xz, zstd) as the bytes that were packed, in chunks and within bounds; pure."""

from __future__ import annotations

from itertools import chain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import Any

MOST = 512 << 20  # bytes that are unpacked: some three seconds; a log of five million lines
_CHUNK = 1 << 20
_STEP, _BITE = 64 << 10, 16 << 10  # bytes that come out and go in at once; so much is lost where data is damaged
_MEMORY = 160 << 20  # bytes that a decoder may ask for; xz -9 needs 65 MiB
_MARKS = ((b"\x1f\x8b\x08", "gzip"), (b"BZh", "bzip2"), (b"\xfd7zXZ\x00", "xz"), (b"\x28\xb5\x2f\xfd", "zstd"))
_BLOCKS = (b"1AY&SY", b"\x17rE8P\x90")  # one of which follows bzip2's mark and level


def packing(beginning: bytes) -> str:
    """Return how data is packed, by its first ten bytes: gzip, bzip2, xz, zstd or nothing."""
    name = next((name for mark, name in _MARKS if beginning.startswith(mark)), "")
    return "" if name == "bzip2" and beginning[4:10] not in _BLOCKS else name


def can_unpack(name: str) -> bool:
    """Tell whether this Python unpacks a format: zstd came with 3.14, and the others can be left out of a build."""
    try:
        _decoder(name)
    except ImportError:
        return False
    return True


def unpacked(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield a log's bytes, unpacked where they are packed; what is damaged, as far as it goes."""
    pieces = iter(chunks)
    beginning = b""
    for piece in pieces:
        beginning += piece
        if len(beginning) >= 10:  # noqa: PLR2004
            break
    name = packing(beginning)
    if name and can_unpack(name):
        yield from _unpack(name, beginning, pieces)
        return
    if beginning:
        yield beginning
    yield from pieces


def _unpack(name: str, data: bytes, pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Yield what is packed; several packed parts may follow one another, as rotated logs do that were joined."""
    held = b""
    for plain in _steps(name, data, pieces):
        held += plain
        if len(held) >= _CHUNK:
            yield held
            held = b""
    if held:
        yield held


def _steps(name: str, data: bytes, pieces: Iterator[bytes]) -> Iterator[bytes]:
    bites = (piece[at : at + _BITE] for piece in chain((data,), pieces) for at in range(0, len(piece), _BITE))
    left = MOST
    damaged = _errors(name)
    decoder = _decoder(name)()
    data = b""
    while left > 0:
        if not data and (name == "gzip" or decoder.needs_input):
            data = next(bites, b"")
            if not data:
                return
        try:
            plain = decoder.decompress(data, min(_STEP, left))
        except damaged:
            return
        data = decoder.unconsumed_tail if name == "gzip" else b""
        if decoder.eof:
            data = decoder.unused_data
            decoder = _decoder(name)()
        left -= len(plain)
        yield plain


def _decoder(name: str) -> Callable[[], Any]:
    if name == "gzip":
        import zlib

        return lambda: zlib.decompressobj(wbits=31)
    if name == "bzip2":
        import bz2

        return bz2.BZ2Decompressor
    if name == "xz":
        import lzma

        return lambda: lzma.LZMADecompressor(memlimit=_MEMORY)
    from compression import zstd  # type: ignore[import-not-found,unused-ignore]

    return zstd.ZstdDecompressor  # type: ignore[no-any-return,unused-ignore]


def _errors(name: str) -> tuple[type[Exception], ...]:
    """Return what the decoder of a format raises for data that is damaged, or asks for too much memory."""
    usual = (ValueError, OSError, EOFError, MemoryError)
    if name == "gzip":
        import zlib

        return (*usual, zlib.error)
    if name == "xz":
        import lzma

        return (*usual, lzma.LZMAError)
    if name == "zstd":
        from compression import zstd

        return (*usual, zstd.ZstdError)
    return usual
