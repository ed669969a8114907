"""The GPU targets of the CUDA code in an ELF file, read from the headers of the images that it carries.

NVIDIA publishes no description of the container; vosen/ZLUDA:cuda_types/src/dark_api.rs names the fields. What differs
from them is left unread and makes the answer incomplete.
"""

from __future__ import annotations

from struct import Struct

from envcheck.binaries import elf_sections
from envcheck.model.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from envcheck.binaries.elf_image import Image

SECTIONS = (b".nv_fatbin", b"__nv_relfatbin")
_MAGIC = 0xBA55ED50
_HEAD = Struct("<IHHQ")  # magic, version, size of this header, size of all images
_IMAGE = Struct("<HHII4xI8xI")  # kind, version, size of this header, padded size, size; compute capability as 10 X + Y
_PTX, _MACHINE_CODE = 1, 2
_MOST_IMAGES = 50_000
_MOST_PADDING = 4096  # bytes of zeros between two containers
_PIECE = 1 << 16  # images of some KiB are common, so that one read serves several


class Targets(Record):
    """Compute capabilities, as `80` for 8.0, that there is machine code (`native`) and PTX for.

    `others` are kinds of images with neither, such as code for the linker. `complete` is false where something could
    not be read.
    """

    native: tuple[int, ...] = ()
    ptx: tuple[int, ...] = ()
    others: tuple[int, ...] = ()
    complete: bool = True


def read(image: Image) -> Targets | None:
    """Return the targets, None where the file carries no CUDA code; raises OSError and, damaged, ValueError."""
    found: set[tuple[int, int]] = set()
    sections = elf_sections.places(image)
    present = [sections[name] for name in SECTIONS if name in sections]
    if not present:
        return None
    complete = True
    for offset, length in present:
        complete &= _read_section(_Window(image.read, offset, offset + length).at, length, found)
    return Targets(
        native=tuple(sorted(capability for kind, capability in found if kind == _MACHINE_CODE)),
        ptx=tuple(sorted(capability for kind, capability in found if kind == _PTX)),
        others=tuple(sorted({kind for kind, _ in found} - {_PTX, _MACHINE_CODE})),
        complete=complete,
    )


class _Window:
    """Small reads within one section, through pieces of it."""

    def __init__(self, read: Callable[[int, int], bytes], start: int, end: int) -> None:
        self._read, self._start, self._end = read, start, end
        self._at, self._data = 0, b""

    def at(self, offset: int, size: int) -> bytes:
        """Return bytes at an offset of the section, fewer where it ends; raises ValueError and OSError."""
        place = offset - self._at
        if place < 0 or place + size > len(self._data):
            length = min(_PIECE, self._end - self._start - offset)
            self._at, self._data = offset, self._read(self._start + offset, length) if length > 0 else b""
            place = 0
        return self._data[place : place + size]


def _read_section(at: Callable[[int, int], bytes], length: int, found: set[tuple[int, int]]) -> bool:
    """Add (kind, capability) of every image of a section; return whether all of it was understood."""
    offset = images = 0
    try:
        while (offset := _next_container(at, offset, length)) < length:
            _, _, header, size = _HEAD.unpack(at(offset, _HEAD.size))
            place, offset = offset + header, offset + header + size
            if header < _HEAD.size or offset > length:
                return False
            while place + _IMAGE.size <= offset:
                kind, _, header, padded, _, capability = _IMAGE.unpack(at(place, _IMAGE.size))
                images += 1
                if header < _IMAGE.size or images > _MOST_IMAGES:
                    return False
                found.add((kind, capability))
                place += header + padded
    except ValueError:
        return False
    return True


def _next_container(at: Callable[[int, int], bytes], offset: int, length: int) -> int:
    """Return where the next container begins, the section's length where none follows; raises ValueError."""
    magic = _MAGIC.to_bytes(4, "little")
    if at(offset, 4) == magic or offset >= length:
        return min(offset, length)
    padding = at(offset, _MOST_PADDING)
    following = padding.find(magic)
    if padding[: following if following >= 0 else len(padding)].strip(b"\0"):
        raise ValueError("what lies between two containers is not padding")
    if following < 0 and offset + len(padding) < length:
        raise ValueError("what lies behind a container is no other")
    return offset + following if following >= 0 else length
