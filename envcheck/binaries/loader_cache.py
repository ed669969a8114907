"""The cache of glibc's loader, /etc/ld.so.cache, in both its forms (sysdeps/generic/dl-cache.h of glibc)."""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

# An old header may be followed by a new one.
_OLD_MAGIC, _OLD_HEADER, _OLD_ENTRY = b"ld.so-1.7.0", 16, 12
_NEW_MAGIC, _NEW_HEADER, _NEW_ENTRY = b"glibc-ld.so.cache1.1", 48, 24
_NEW_ALIGNMENT = 8
# The architecture's part of an entry's flags; i386 has none (same header).
_ARCHITECTURE = 0xFF00


def parse(data: bytes, beginnings: tuple[bytes, ...] = (b"",)) -> dict[str, tuple[str, ...]]:
    """Return the paths by soname in the order in which the loader would take them, for sonames with some beginnings.

    Raises ValueError for anything that is not a whole cache in this machine's byte order.
    """
    found: dict[str, list[tuple[int, str]]] = {}
    for flags, key, value, hwcap in _entries(data):
        if data.startswith(beginnings, key):
            # The other word size comes last; so does what only some processors can use (glibc-hwcaps).
            rank = (0 if flags & _ARCHITECTURE else 2) + (1 if hwcap else 0)
            found.setdefault(_string(data, key), []).append((rank, _string(data, value)))
    return {soname: tuple(path for _, path in sorted(paths, key=_rank)) for soname, paths in found.items()}


def _rank(entry: tuple[int, str]) -> int:
    return entry[0]


def _entries(data: bytes) -> Iterator[tuple[int, int, int, int]]:
    """Yield flags, offset of the soname, offset of the path, and hardware capabilities."""
    start = 0
    if data.startswith(_OLD_MAGIC):
        old = _words(data, _OLD_HEADER - 4, 4)[0]
        strings = _OLD_HEADER + old * _OLD_ENTRY
        start = (strings + _NEW_ALIGNMENT - 1) // _NEW_ALIGNMENT * _NEW_ALIGNMENT
        if not data.startswith(_NEW_MAGIC, start):
            words = _words(data, _OLD_HEADER, old * _OLD_ENTRY)
            for flags, key, value in zip(words[::3], words[1::3], words[2::3], strict=True):
                yield flags, strings + key, strings + value, 0
            return
    elif not data.startswith(_NEW_MAGIC):
        raise ValueError("neither form of the cache begins so")
    count = _words(data, start + len(_NEW_MAGIC), 4)[0]
    words = _words(data, start + _NEW_HEADER, count * _NEW_ENTRY)
    for at in range(0, len(words), 6):
        yield words[at], start + words[at + 1], start + words[at + 2], words[at + 4] | words[at + 5]


def _words(data: bytes, start: int, length: int) -> memoryview:
    """Return unsigned 32-bit numbers in this machine's byte order."""
    if start + length > len(data):
        raise ValueError(f"it ends within its entries ({sys.byteorder}-endian)")
    return memoryview(data)[start : start + length].cast("I")


def _string(data: bytes, start: int) -> str:
    end = data.find(b"\0", start)
    if end < 0:
        raise ValueError("a name has no end")
    return data[start:end].decode("utf-8", "replace")
