"""Tells what a file is by its first bytes, where it is not what it should be."""

from __future__ import annotations

# cputype of mach/machine.h (https://github.com/apple-oss-distributions/xnu/blob/main/osfmk/mach/machine.h).
_MACH_MACHINES = {7: "i386", 0x01000007: "x86_64", 12: "arm", 0x0100000C: "arm64", 18: "ppc", 0x01000012: "ppc64"}
# Machine of https://learn.microsoft.com/windows/win32/debug/pe-format.
_PE_MACHINES = {0x14C: "x86", 0x8664: "x86_64", 0xAA64: "arm64", 0x1C4: "arm"}
_MOST_FAT = 16  # architectures; a Java class has its version there, 45 and more
HEAD = 1024  # bytes that are enough


def describe(head: bytes) -> str:
    """Return system and architecture of a program file, else what it is in words, with an article."""
    if head.startswith(b"\x7fELF"):
        return "an ELF file"
    return _mach(head) or _pe(head) or _other(head)


def _mach(head: bytes) -> str:
    magic = head[:4]
    if magic in (b"\xcf\xfa\xed\xfe", b"\xce\xfa\xed\xfe"):
        return f"macOS {_mach_machine(int.from_bytes(head[4:8], 'little'))}"
    if magic in (b"\xfe\xed\xfa\xce", b"\xfe\xed\xfa\xcf"):
        return f"macOS {_mach_machine(int.from_bytes(head[4:8], 'big'))}"
    count = int.from_bytes(head[4:8], "big")
    if magic == b"\xca\xfe\xba\xbe" and 0 < count <= _MOST_FAT:
        machines = (int.from_bytes(head[8 + 20 * at : 12 + 20 * at], "big") for at in range(count))
        return f"macOS {' and '.join(map(_mach_machine, machines))}"
    return ""


def _mach_machine(number: int) -> str:
    return _MACH_MACHINES.get(number, f"processor {number:#x}")


def _pe(head: bytes) -> str:
    at = int.from_bytes(head[60:64], "little")
    if not head.startswith(b"MZ") or head[at : at + 4] != b"PE\0\0":
        return ""
    machine = int.from_bytes(head[at + 4 : at + 6], "little")
    return f"Windows {_PE_MACHINES.get(machine, f'machine {machine:#x}')}"


def _other(head: bytes) -> str:
    if not head:
        return "an empty file"
    if not head.strip(b"\0"):
        return "a file of zeros"
    if head.startswith(b"version https://git-lfs.github.com/"):  # github.com/git-lfs/git-lfs:docs/spec.md
        return "a pointer of Git LFS"
    if head.startswith(b"!<arch>\n"):
        return "an archive of object files"
    if b"INPUT" in head or b"GROUP" in head:
        return "a script of the linker"
    return "a text file" if head.isascii() and b"\0" not in head else "no program file"
