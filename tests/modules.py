"""Writes compiled modules by hand: ELF files with the sections that readers of marks look at, and nothing to run."""

from __future__ import annotations

import struct

_HEADER, _SEGMENT, _SECTION = 64, 56, 64


def elf(
    *,
    names: bytes = b"\0PyInit_part\0",
    texts: bytes = b"\0",
    needed: tuple[str, ...] = (),
    extra: dict[str, bytes] | None = None,
    filler: int = 0,
) -> bytes:
    """Return a 64-bit little-endian shared object; `extra` are further sections, `filler` bytes before the first."""
    strings, entries = names, []
    for library in needed:
        entries.append((1, len(strings)))
        strings += library.encode() + b"\0"
    dynamic = b"".join(struct.pack("<2Q", *entry) for entry in [*entries, (0, 0)])
    contents = {".dynstr": strings, ".rodata": texts, ".dynamic": dynamic, **(extra or {})}
    labels = b"\0" + b"".join(name.encode() + b"\0" for name in [*contents, ".shstrtab"])
    contents[".shstrtab"] = labels
    body, rows, offset = b"\0" * filler, [bytes(_SECTION)], _HEADER + _SEGMENT + filler
    for name, content in contents.items():
        label = labels.index(b"\0" + name.encode() + b"\0") + 1
        rows.append(struct.pack("<IIQQQQ24x", label, 1, 0, 0, offset, len(content)))
        body += content
        if name == ".dynamic":
            segment = struct.pack("<IIQQQQQQ", 2, 6, offset, 0, 0, len(content), len(content), 8)
        offset += len(content)
    header = b"\x7fELF\x02\x01\x01" + bytes(9)
    header += struct.pack(
        "<HHIQQQIHHHHHH", 3, 62, 1, 0, _HEADER, offset, 0, 64, _SEGMENT, 1, 64, len(rows), len(rows) - 1
    )
    return header + segment + body + b"".join(rows)


NUMPY_1 = (
    b"\0numpy.core._multiarray_umath\0_ARRAY_API\0module compiled against ABI version 0x%x but this version of numpy is"
    b" 0x%x\0module compiled against API version 0x%x but this version of numpy is 0x%x\0"
    b"numpy.core.multiarray failed to import\0"
)


def numpy_2(oldest: str) -> bytes:
    """Return the texts that NumPy 2's headers leave."""
    return (
        b"\0numpy._core._multiarray_umath\0numpy.core._multiarray_umath\0_ARRAY_API\0"
        b"module was compiled against NumPy C-API version 0x%x (NumPy "
        + oldest.encode()
        + b") but the running NumPy has\0"
        b"numpy._core.multiarray failed to import\0"
    )
