"""The frame of an ELF file: its header, segments and dynamic section, read in a few ranges whatever the file's size.

The layout is that of elf(5) and https://gabi.xinuos.com/elf/a-intro.html; GNU's additions are those of
https://refspecs.linuxbase.org/LSB_5.0.0/LSB-Core-generic/LSB-Core-generic/symversion.html.
"""

from __future__ import annotations

from struct import Struct

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import TypeAlias

    # Bytes from an offset on, at most as many as asked for; raises OSError.
    ReadAt: TypeAlias = Callable[[int, int], bytes]

MAGIC = b"\x7fELF"
LOAD, DYNAMIC, INTERPRETER, NOTE, STACK = 1, 2, 3, 4, 0x6474E551  # p_type
NEEDED, HASH, STRINGS, SYMBOLS, STRINGS_SIZE, SONAME, RPATH = 1, 4, 5, 6, 10, 14, 15  # d_tag
BIND_NOW, RUNPATH, FLAGS, FLAGS_1 = 24, 29, 30, 0x6FFFFFFB
GNU_HASH, SYMBOL_VERSIONS = 0x6FFFFEF5, 0x6FFFFFF0
OFFERED, OFFERED_COUNT, WANTED, WANTED_COUNT = 0x6FFFFFFC, 0x6FFFFFFD, 0x6FFFFFFE, 0x6FFFFFFF

_HEAD = 4096  # bytes; header, segments and notes lie at the beginning
_HEAD_LEAST = 52  # of a 32-bit header
_MOST_SEGMENTS = 512
_LARGEST_DYNAMIC = 1 << 20
_LARGEST_TABLE = 1 << 20  # of symbol versions
_SPAN = 1 << 16  # strings that lie within so many bytes are read at once
_LONGEST = 4096  # bytes of a string
_USUAL = 256
_MOST_VERSIONS = 4096
_BITS_64, _BIG_ENDIAN = 2, 2

_FORMS = {
    (order, bits): tuple(Struct(order + fields) for fields in forms)
    for order in "<>"
    for bits, forms in (
        (32, ("HHIIIIIHHHHHH", "8I", "II", "IIIBBH")),
        (64, ("HHIQQQIHHHHHH", "IIQQQQQQ", "QQ", "IBBHQQ")),
    )
}
_VERSION_FORMS = {
    order: tuple(Struct(order + fields) for fields in ("HHIII", "IHHII", "HHHHIII", "II")) for order in "<>"
}


class Image:
    """One ELF file. Raises ValueError, in words that go after "the file", where even its frame cannot be read.

    `segments` are (type, flags, offset, address, size in the file, alignment). `tags` are the numbers of the dynamic
    section by tag, `needed` the offsets of the needed names in the strings; both are empty before `read_dynamic`.
    """

    def __init__(self, read_at: ReadAt, size: int) -> None:
        self._read_at = read_at
        self.size = size
        self.head = head = read_at(0, _HEAD)
        if not head.startswith(MAGIC):
            raise ValueError("is not an ELF file")
        if len(head) < _HEAD_LEAST or head[4] not in (1, 2) or head[5] not in (1, 2):
            raise ValueError("is cut off within its ELF header, or has none that is known")
        self.bits = 64 if head[4] == _BITS_64 else 32
        self.order = ">" if head[5] == _BIG_ENDIAN else "<"
        self.os_abi = head[7]
        header, self._segment_form, self._tag_form, self.symbol_form = _FORMS[self.order, self.bits]
        if len(head) < 16 + header.size:
            raise ValueError("is cut off within its ELF header")
        fields = header.unpack_from(head, 16)
        self.kind, self.machine, self.flags = fields[0], fields[1], fields[6]
        # Where the table of sections lies, the size and number of its entries, and which of them holds the names.
        self.sections = fields[5], *fields[10:13]
        self.segments = self._read_segments(fields[4], fields[8], fields[9])
        self.tags: dict[int, int] = {}
        self.needed: list[int] = []

    def _read_segments(self, offset: int, each: int, count: int) -> list[tuple[int, int, int, int, int, int]]:
        if not count:
            return []
        form = self._segment_form
        if each < form.size or count > _MOST_SEGMENTS:
            raise ValueError("has a damaged table of segments")
        table = self.read(offset, each * count)
        found = []
        for at in range(0, each * count, each):
            fields = form.unpack_from(table, at)
            if self.bits == 64:  # noqa: PLR2004
                kind, flags, start, address, _, length, _, alignment = fields
            else:
                kind, start, address, _, length, _, flags, alignment = fields
            found.append((kind, flags, start, address, length, alignment))
        return found

    def read_dynamic(self) -> None:
        """Fill `tags` and `needed`; raises ValueError, in the same words."""
        form = self._tag_form
        for kind, _, offset, _, length, _ in self.segments:
            if kind != DYNAMIC:
                continue
            if length > _LARGEST_DYNAMIC:
                raise ValueError("has a dynamic section larger than it can be")
            data = self.read(offset, length)
            for tag, value in form.iter_unpack(data[: len(data) // form.size * form.size]):
                if tag == 0:
                    break
                if tag == NEEDED:
                    self.needed.append(value)
                else:
                    self.tags[tag] = value

    def read(self, offset: int, size: int) -> bytes:
        """Return exactly these bytes; raises ValueError where the file ends before."""
        if offset + size <= len(self.head):
            return self.head[offset : offset + size]
        if offset + size > self.size:
            raise ValueError(f"has {self.size} bytes and refers to byte {offset + size}")
        data = self._read_at(offset, size)
        if len(data) != size:
            raise ValueError(f"ends at byte {offset + len(data)} and refers to byte {offset + size}")
        return data

    def place(self, address: int) -> int:
        """Return the offset in the file of an address in memory; raises ValueError."""
        for kind, _, offset, start, length, _ in self.segments:
            if kind == LOAD and start <= address < start + length:
                return address - start + offset
        raise ValueError(f"refers to the address {address:#x}, which it does not hold")

    def strings(self, wanted: Iterable[int]) -> dict[int, str]:
        """Return dynamic strings by their offsets; raises ValueError."""
        offsets = sorted(set(wanted))
        if not offsets:
            return {}
        start, size = self.place(self.tags.get(STRINGS, -1)), self.tags.get(STRINGS_SIZE, 0)
        if offsets[-1] >= size:
            raise ValueError("refers to a name past the end of its strings")
        first, end = offsets[0], min(offsets[-1] + _USUAL, size)
        if end - first > _SPAN:
            return {offset: _ended(self._string(start + offset, size - offset), 0) for offset in offsets}
        data = self.read(start + first, end - first)
        if data.find(b"\0", offsets[-1] - first) < 0:
            data = data[: offsets[-1] - first] + self._string(start + offsets[-1], size - offsets[-1])
        return {offset: _ended(data, offset - first) for offset in offsets}

    def _string(self, offset: int, left: int) -> bytes:
        data = self.read(offset, min(_USUAL, left))
        return data if b"\0" in data else self.read(offset, min(_LONGEST, left))

    def _table(self, address: int, usual: int) -> Iterator[bytes]:
        """Yield what lies at an address, at first a usual length of it, then as much as there may be."""
        offset = self.place(address)
        for length in (usual, _LARGEST_TABLE):
            yield self.read(offset, min(length, self.size - offset))

    def wanted_versions(self) -> list[tuple[int, int, bool, int]]:
        """Return (library, version, weak, index) of needed symbol versions, as offsets of strings; raises ValueError.

        A weak one may be missing (https://refspecs.linuxbase.org/LSB_5.0.0/LSB-Core-generic/LSB-Core-generic/symversion.html,
        VER_FLG_WEAK).
        """
        count = self.tags.get(WANTED_COUNT, 0)
        if WANTED not in self.tags or not count:
            return []
        return self._parsed(WANTED, max(4096, 64 * count), self._wanted)

    def offered_versions(self) -> list[tuple[int, int]]:
        """Return (offset of its name, index) of each symbol version that it defines; raises ValueError."""
        if OFFERED not in self.tags or not self.tags.get(OFFERED_COUNT, 0):
            return []
        return self._parsed(OFFERED, 8192, self._offered)

    def _parsed(self, tag: int, usual: int, parse: Callable[[bytes], list]) -> list:  # type: ignore[type-arg]
        for data in self._table(self.tags[tag], usual):
            try:
                return parse(data)
            except IndexError:
                continue
        raise ValueError("has a damaged table of symbol versions")

    def _wanted(self, data: bytes) -> list[tuple[int, int, bool, int]]:
        record, part = _VERSION_FORMS[self.order][:2]
        found: list[tuple[int, int, bool, int]] = []
        at, end = 0, len(data)
        for _ in range(min(self.tags[WANTED_COUNT], _MOST_VERSIONS)):
            if at + record.size > end:
                raise IndexError
            _, parts, library, to, following = record.unpack_from(data, at)
            place = at + to
            for _ in range(parts):
                if place + part.size > end:
                    raise IndexError
                _, flags, index, name, step = part.unpack_from(data, place)
                found.append((library, name, bool(flags & 2), index & 0x7FFF))
                if len(found) > _MOST_VERSIONS:
                    raise ValueError("has a damaged table of symbol versions")
                place += step
            at += following
        return found

    def _offered(self, data: bytes) -> list[tuple[int, int]]:
        record, part = _VERSION_FORMS[self.order][2:]
        found: list[tuple[int, int]] = []
        at, end = 0, len(data)
        for _ in range(min(self.tags[OFFERED_COUNT], _MOST_VERSIONS)):
            if at + record.size > end:
                raise IndexError
            _, flags, index, _, _, to, following = record.unpack_from(data, at)
            if at + to + part.size > end:
                raise IndexError
            if not flags & 1:  # VER_FLG_BASE: the library's own name
                found.append((part.unpack_from(data, at + to)[0], index & 0x7FFF))
            at += following
        return found


def _ended(data: bytes, start: int) -> str:
    end = data.find(b"\0", start)
    if end < 0:
        raise ValueError("has a name without an end")
    return data[start:end].decode("utf-8", "backslashreplace")
