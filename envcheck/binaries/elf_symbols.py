"""The dynamic symbols of an ELF file: what it leaves to others, what it exports, and a quick look-up of the latter.

Sources: https://gabi.xinuos.com/elf/09-dynsection.html#symbol-tables; for the GNU hash table, elf/dl-lookup.c of glibc.
"""

from __future__ import annotations

import sys
from struct import Struct

from envcheck.binaries.elf_image import GNU_HASH, HASH, STRINGS, STRINGS_SIZE, SYMBOL_VERSIONS, SYMBOLS
from envcheck.model.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from envcheck.binaries.elf_image import Image

MOST_SYMBOLS = 1 << 20
_LARGEST_STRINGS = 256 << 20  # bytes; the C++ names of the largest libraries have some 50 MiB
_LARGEST_HASH = 64 << 20
_HIDDEN = 0x8000  # of a version's index: exported for those who ask for this very version
_RELA, _REL, _PLT, _PLT_KIND = 7, 17, 23, 20  # d_tag of the tables of relocations
_LARGEST_RELOCATIONS = 64 << 20
_LOCAL, _WEAK = 0, 2  # STB_LOCAL, STB_WEAK
_PAGE = 1 << 12


class Symbols(Record):
    """Dynamic symbols in the order of the file.

    `undefined` are (name, version or nothing, weak, index); `exported` are (name, version or nothing).
    """

    undefined: tuple[tuple[str, str, bool, int], ...]
    exported: tuple[tuple[str, str], ...]


def encoded(name: str) -> bytes:
    """Return the bytes of a symbol's name, whatever they are."""
    return name.encode("utf-8", "surrogateescape")


def gnu_hash(name: bytes) -> int:
    """Return the hash of a symbol's name in the GNU hash table."""
    number = 5381
    for letter in name:
        number = (number * 33 + letter) & 0xFFFFFFFF
    return number


def read_symbols(image: Image, *, exported: bool = True) -> Symbols:
    """Return the dynamic symbols, without the exported ones far fewer; raises ValueError and OSError.

    Where there is a GNU hash table, undefined symbols come before all that it lists.
    """
    count, first_hashed = _counts(image)
    if not exported and first_hashed > 1:
        count = first_hashed
    entries = _entries(image, count)
    versions = _version_names(image)
    numbers = _version_numbers(image, count) if versions else ()
    wanted = [entry for entry in entries if entry[1] and (exported or not entry[3])]
    names = _names(image, [entry[1] for entry in wanted])
    left: list[tuple[str, str, bool, int]] = []
    offered: list[tuple[str, str]] = []
    for index, offset, info, section in wanted:
        if info >> 4 == _LOCAL:
            continue
        name = names[offset]
        version = versions.get(numbers[index] & ~_HIDDEN, "") if numbers else ""
        if section:
            offered.append((name, version))
        else:
            left.append((name, version, info >> 4 == _WEAK, index))
    return Symbols(undefined=tuple(left), exported=tuple(offered))


def _counts(image: Image) -> tuple[int, int]:
    """Return the number of dynamic symbols, and of those that the GNU hash table does not list, 0 without one."""
    tags = image.tags
    if GNU_HASH in tags:
        table = Exports(image)
        if table.chains:
            return table.first + len(table.chains), table.first
    if HASH in tags:
        return min(Struct(image.order + "II").unpack(image.read(image.place(tags[HASH]), 8))[1], MOST_SYMBOLS), 0
    if SYMBOLS not in tags:
        return 0, 0
    # Linkers place the names right behind the symbols; nothing else tells how many there are.
    room = tags.get(STRINGS, 0) - tags[SYMBOLS]
    if not 0 <= room <= MOST_SYMBOLS * image.symbol_form.size:
        raise ValueError("does not tell how many symbols it has")
    return room // image.symbol_form.size, 0


def _entries(image: Image, count: int) -> list[tuple[int, int, int, int]]:
    """Return index, offset of the name, info, and section of each symbol."""
    if SYMBOLS not in image.tags or not count:
        return []
    if count > MOST_SYMBOLS:
        raise ValueError("has more symbols than it can have")
    form = image.symbol_form
    data = image.read(image.place(image.tags[SYMBOLS]), count * form.size)
    if image.bits == 64:  # noqa: PLR2004
        return [(at, name, info, section) for at, (name, info, _, section, _, _) in enumerate(form.iter_unpack(data))]
    return [(at, name, info, section) for at, (name, _, _, info, _, section) in enumerate(form.iter_unpack(data))]


def _names(image: Image, offsets: list[int]) -> dict[int, str]:
    if not offsets:
        return {}
    start, size = image.place(image.tags.get(STRINGS, -1)), image.tags.get(STRINGS_SIZE, 0)
    low, high = min(offsets), max(offsets)
    end = min(high + _PAGE, size)
    if high >= size or end - low > _LARGEST_STRINGS:
        raise ValueError("refers to a name past the end of its strings")
    data = image.read(start + low, end - low)
    if b"\0" not in data[high - low :]:
        raise ValueError("has a name without an end")
    find = data.find
    return {
        offset: data[offset - low : find(b"\0", offset - low)].decode("utf-8", "surrogateescape") for offset in offsets
    }


def _version_names(image: Image) -> dict[int, str]:
    if SYMBOL_VERSIONS not in image.tags:
        return {}
    wanted, offered = image.wanted_versions(), image.offered_versions()
    names = image.strings([*(name for _, name, _, _ in wanted), *(name for name, _ in offered)])
    return {
        **{index: names[name] for name, index in offered},
        **{index: names[name] for _, name, _, index in wanted},
    }


def _version_numbers(image: Image, count: int) -> tuple[int, ...]:
    data = image.read(image.place(image.tags[SYMBOL_VERSIONS]), 2 * count)
    return Struct(f"{image.order}{count}H").unpack(data)


class Exports:
    """What a file exports, asked by the hash of a name; a name that it does not export has one chance in 10^4 to pass.

    Raises ValueError and OSError while it is made. `first` is the first symbol that the table lists, `chains` are the
    hashes from there on.
    """

    def __init__(self, image: Image) -> None:
        self._buckets: Sequence[int] = ()
        self.chains: Sequence[int] = ()
        self.first = 0
        self._all: frozenset[int] = frozenset()
        if GNU_HASH in image.tags:
            self._read_table(image)
        elif HASH in image.tags:
            self._all = frozenset(gnu_hash(encoded(name)) for name, _ in read_symbols(image).exported)

    def __contains__(self, number: int) -> bool:
        if not self._buckets:
            return number in self._all
        at = self._buckets[number % len(self._buckets)]
        if at < self.first:
            return False
        for found in self.chains[at - self.first : at - self.first + 64]:
            if found | 1 == number | 1:
                return True
            if found & 1:
                return False
        return number | 1 in {found | 1 for found in self.chains}  # a chain so long is unheard of

    def _read_table(self, image: Image) -> None:
        start = image.place(image.tags[GNU_HASH])
        count, first, words, _ = Struct(image.order + "4I").unpack(image.read(start, 16))
        start += 16 + words * (image.bits // 8)
        if count > MOST_SYMBOLS or first > MOST_SYMBOLS:
            raise ValueError("has a damaged table of exported symbols")
        self._buckets = _numbers(image, start, count)
        self.first = first
        start += 4 * count
        last = max(self._buckets, default=0)
        if last < first or last == 0:
            return
        length = last - first + 1
        if 4 * length > _LARGEST_HASH:
            raise ValueError("has a damaged table of exported symbols")
        self.chains = _numbers(image, start, length)
        if not self.chains[-1] & 1:  # the last chain ends behind its beginning
            more = min(_PAGE, (image.size - start) // 4 - length)
            rest = _numbers(image, start + 4 * length, more)
            end = next((at for at, number in enumerate(rest) if number & 1), -1)
            if end < 0:
                raise ValueError("has a damaged table of exported symbols")
            self.chains = _numbers(image, start, length + end + 1)


def _numbers(image: Image, start: int, count: int) -> Sequence[int]:
    """Return 32-bit numbers without taking room for each, where they are in this machine's byte order."""
    data = image.read(start, 4 * count)
    if (image.order == "<") == (sys.byteorder == "little"):
        return memoryview(data).cast("I")
    return Struct(f"{image.order}{count}I").unpack(data)


def relocated(image: Image, indexes: frozenset[int]) -> frozenset[int]:
    """Return which symbols the loader has to find, since a relocation asks for them; raises ValueError and OSError."""
    found: set[int] = set()
    shift = 32 if image.bits == 64 else 8  # noqa: PLR2004
    for table, addend in _tables(image):
        form = Struct(image.order + _RELOCATION_FORMS[image.bits, addend])
        whole = len(table) // form.size * form.size
        found.update(info >> shift for (info,) in form.iter_unpack(table[:whole]) if info >> shift in indexes)
    return frozenset(found)


# r_info of Elf32_Rel, Elf32_Rela, Elf64_Rel and Elf64_Rela, by size and by whether there is an addend.
_RELOCATION_FORMS = {(32, False): "4xI", (32, True): "4xI4x", (64, False): "8xQ", (64, True): "8xQ8x"}


def _tables(image: Image) -> Iterator[tuple[bytes, bool]]:
    """Yield the tables of relocations, each with whether its entries have an addend."""
    tags = image.tags
    for tag, size_tag, addend in ((_RELA, 8, True), (_REL, 18, False), (_PLT, 2, tags.get(_PLT_KIND) == _RELA)):
        size = tags.get(size_tag, 0)
        if tag in tags and size:
            if size > _LARGEST_RELOCATIONS:
                raise ValueError("has more relocations than it can have")
            yield image.read(image.place(tags[tag]), size), addend
