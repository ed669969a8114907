"""Finds named sections of an ELF file, which the loader has no use for, and reads them."""

from __future__ import annotations

from struct import Struct

from envcheck.binaries.elf_image import Image

TYPE_CHECKING = False
if TYPE_CHECKING:
    from envcheck.binaries.elf_image import ReadAt
    from envcheck.targets.files import Files

_LARGEST = 64 << 20  # bytes of a section that is read whole
_MOST = 1 << 16
_LARGEST_NAMES = 1 << 20
_NO_BITS = 8  # SHT_NOBITS: it takes no room in the file
# sh_name, sh_type, sh_flags, sh_addr, sh_offset, sh_size and what is not used, by size.
_FORMS = {(order, bits): Struct(order + form) for order in "<>" for bits, form in ((32, "6I16x"), (64, "IIQQQQ24x"))}


def places(image: Image) -> dict[bytes, tuple[int, int]]:
    """Return offset and size of the sections by name, those with content; raises ValueError."""
    table, each, count, names_index = image.sections
    if not table or not count:
        return {}
    form = _FORMS[image.order, image.bits]
    if each != form.size or count > _MOST or names_index >= count:
        raise ValueError("has a damaged table of sections")
    entries = list(form.iter_unpack(image.read(table, each * count)))
    _, _, _, _, offset, size = entries[names_index]
    if size > _LARGEST_NAMES:
        raise ValueError("has a damaged table of sections")
    names = image.read(offset, size)
    found: dict[bytes, tuple[int, int]] = {}
    for name, kind, _, _, start, length in entries:
        end = names.find(b"\0", name)
        if kind not in (0, _NO_BITS) and end > name:
            found.setdefault(names[name:end], (start, length))
    return found


def read(read_at: ReadAt, size: int, name: str) -> bytes:
    """Return a section's bytes; raises OSError, or ValueError for what is not an ELF file with it."""
    image = Image(read_at, size)
    place = places(image).get(name.encode())
    if place is None:
        raise ValueError(f"has no section {name}")
    if place[1] > _LARGEST:
        raise ValueError(f"has a section {name} that is larger than it can be")
    return image.read(*place)


def read_file(files: Files, path: str, name: str) -> bytes:
    """Return a section's bytes of a file; raises as `read` does."""
    return read(lambda offset, size: files.read_at(path, offset, size), files.stat(path).st_size, name)
