"""Writes small ELF files of every size and byte order, so that tests need no compiler."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

X86_64, AARCH64 = 62, 183
GLIBC, MUSL = "/lib64/ld-linux-x86-64.so.2", "/lib/ld-musl-x86_64.so.1"


def gnu_hash(name: bytes) -> int:
    number = 5381
    for letter in name:
        number = number * 33 + letter
    return number & 0xFFFFFFFF


class Strings:
    """A table of strings that ends each with a zero byte."""

    def __init__(self) -> None:
        self.data = b"\0"

    def add(self, text: str | bytes) -> int:
        raw = text if isinstance(text, bytes) else text.encode()
        at = len(self.data)
        self.data += raw + b"\0"
        return at


def elf(  # noqa: C901, PLR0912, PLR0913, PLR0915  one file, part by part, as it lies on disk
    *,
    bits: int = 64,
    order: str = "<",
    machine: int = X86_64,
    kind: int = 3,
    interpreter: str = "",
    needed: Sequence[str] = (),
    soname: str = "",
    rpath: str | None = None,
    runpath: str | None = None,
    wanted: Mapping[str, Sequence[tuple[str, bool]]] | None = None,
    offered: Sequence[str] = (),
    undefined: Sequence[str] = (),
    weak: Sequence[str] = (),
    exported: Sequence[str] = (),
    sysv_hash: bool = False,
    relocate: bool = True,
    stack: bool | None = None,
    isa: int = 0,
    sections: Mapping[str, bytes] | None = None,
) -> bytes:
    """Return a file whose addresses are its offsets, all of it one segment."""
    wide = bits == 64
    word = "Q" if wide else "I"
    head_size, segment_size, section_size = (64, 56, 64) if wide else (52, 32, 40)
    strings = Strings()
    segments: list[tuple[int, int, int, int]] = []  # type, flags, offset, size
    count = 2 + bool(interpreter) + (stack is not None) + bool(isa)
    body = b"\0" * (head_size + segment_size * count)

    def place(data: bytes) -> int:
        nonlocal body
        body += b"\0" * (-len(body) % 8)
        at = len(body)
        body += data
        return at

    if interpreter:
        path = interpreter.encode() + b"\0"
        segments.append((3, 4, place(path), len(path)))
    if stack is not None:
        segments.append((0x6474E551, 7 if stack else 6, 0, 0))
    if isa:
        size = 8 if wide else 4
        content = struct.pack(order + "III", 0xC0008002, 4, isa).ljust(8 + size, b"\0")
        note = struct.pack(order + "III4s", 4, len(content), 5, b"GNU\0") + content
        segments.append((4, 4, place(note), len(note)))
    tags = [(1, strings.add(name)) for name in needed]
    tags += [
        (tag, strings.add(text)) for tag, text in ((14, soname), (15, rpath), (29, runpath)) if text not in ("", None)
    ]
    names = [*undefined, *weak, *sorted(exported)]
    symbols = b"\0" * (24 if wide else 16)
    for at, name in enumerate(names):
        info = (2 if name in weak else 1) << 4 | 2
        section = 1 if at >= len(undefined) + len(weak) else 0
        if wide:
            symbols += struct.pack(order + "IBBHQQ", strings.add(name), info, 0, section, 0, 0)
        else:
            symbols += struct.pack(order + "IIIBBH", strings.add(name), 0, 0, info, 0, section)
    tags.append((6, place(symbols)))
    first = len(undefined) + len(weak) + 1
    hashes = [gnu_hash(name.encode()) for name in sorted(exported)]
    if sysv_hash:
        tags.append((4, place(struct.pack(order + "III", 1, len(names) + 1, 1) + b"\0" * 4 * (len(names) + 1))))
    else:
        table = struct.pack(order + "IIII", 1, first, 1, 0) + b"\xff" * (bits // 8)
        table += struct.pack(order + "I", first if hashes else 0)
        for at, number in enumerate(hashes):
            table += struct.pack(order + "I", number & ~1 | (at == len(hashes) - 1))
        tags.append((0x6FFFFEF5, place(table)))
    if relocate and (undefined or weak):
        shift = 32 if wide else 8
        entries = b"".join(
            struct.pack(order + 3 * word, 0, at << shift | 6, 0) for at in range(1, 1 + len(undefined) + len(weak))
        )
        tags += [(7, place(entries)), (8, len(entries)), (9, 24 if wide else 12)]
    if wanted:
        data = b""
        for last, (library, versions) in enumerate(wanted.items(), 1):
            following = 16 + 16 * len(versions) if last < len(wanted) else 0
            data += struct.pack(order + "HHIII", 1, len(versions), strings.add(library), 16, following)
            for at, (version, optional) in enumerate(versions, 1):
                step = 16 if at < len(versions) else 0
                data += struct.pack(order + "IHHII", 0, 2 if optional else 0, at + 1, strings.add(version), step)
        tags += [(0x6FFFFFFE, place(data)), (0x6FFFFFFF, len(wanted))]
    if offered:
        data = b""
        for at, version in enumerate((soname or "base", *offered)):
            following = 28 if at < len(offered) else 0
            data += struct.pack(order + "HHHHIII", 1, at == 0, at + 1, 1, 0, 20, following)
            data += struct.pack(order + "II", strings.add(version), 0)
        tags += [(0x6FFFFFFC, place(data)), (0x6FFFFFFD, len(offered) + 1)]
    tags += [(5, place(strings.data)), (10, len(strings.data)), (0, 0)]
    dynamic = b"".join(struct.pack(order + 2 * word, *tag) for tag in tags)
    segments.append((2, 6, place(dynamic), len(dynamic)))
    segments.insert(0, (1, 5, 0, len(body)))
    end, entries, titles = len(body), b"\0" * section_size, Strings()
    title_table = 0
    if sections:
        form = order + ("IIQQQQIIQQ" if wide else "10I")
        for title, data in sections.items():
            entries += struct.pack(form, titles.add(title), 1, 0, 0, place(data), len(data), 0, 0, 1, 0)
        own = titles.add(".shstrtab")
        entries += struct.pack(form, own, 3, 0, 0, place(titles.data), len(titles.data), 0, 0, 1, 0)
        title_table = place(entries)
    assert end <= len(body)
    number = len(entries) // section_size if sections else 0
    ident = b"\x7fELF" + bytes((2 if wide else 1, 1 if order == "<" else 2, 1, 0)) + b"\0" * 8
    head = ident + struct.pack(
        order + f"HHI{word}{word}{word}IHHHHHH",
        *(kind, machine, 1, 0, head_size, title_table, 0, head_size, segment_size, len(segments)),
        *(section_size, number, max(number - 1, 0)),
    )
    for type_, flags, offset, size in segments:
        if wide:
            head += struct.pack(order + "IIQQQQQQ", type_, flags, offset, offset, offset, size, size, 8)
        else:
            head += struct.pack(order + "8I", type_, offset, offset, offset, size, size, flags, 8)
    return head + body[len(head) :]
