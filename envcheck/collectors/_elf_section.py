"""Reads one named section of an ELF file, whatever the file's size (a CUDA library may have a gigabyte)."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from envcheck.targets.files import Files

_HEADER = 64  # bytes of an ELF64 header, and of an ELF64 section header
_SIZE_LIMIT = 64 << 20  # bytes; the sections asked for here have some MiB


def read(files: Files, path: str, name: str) -> bytes:
    """Return a section's bytes; raises OSError, or ValueError for what is not a 64-bit little-endian ELF file with it.

    The layout is that of elf(5).
    """
    header = files.read(path, _HEADER)
    if len(header) < _HEADER or header[:6] != b"\x7fELF\x02\x01":
        raise ValueError("not a 64-bit little-endian ELF file")
    count, names_index = _number(header, 60, 2), _number(header, 62, 2)
    table = files.read_at(path, _number(header, 40, 8) % (1 << 63), count * _HEADER)
    if len(table) != count * _HEADER or names_index >= count:
        raise ValueError("its table of sections is cut off")
    names = _content(files, path, table, names_index)
    for index in range(count):
        start = _number(table, index * _HEADER, 4)
        if names[start : start + len(name) + 1] == name.encode() + b"\0":
            return _content(files, path, table, index)
    raise ValueError(f"it has no section {name}")


def _content(files: Files, path: str, table: bytes, index: int) -> bytes:
    offset, size = (_number(table, index * _HEADER + place, 8) for place in (24, 32))
    if size > _SIZE_LIMIT or offset >= 1 << 63:
        raise ValueError("a section is larger than it can be")
    content = files.read_at(path, offset, size)
    if len(content) != size:
        raise ValueError("the file is cut off")
    return content


def _number(data: bytes, offset: int, size: int) -> int:
    return int.from_bytes(data[offset : offset + size], "little")
