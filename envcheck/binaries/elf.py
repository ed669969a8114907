"""What an ELF file says of itself: for which machine, what it needs, what it offers, whether all of it is there."""

from __future__ import annotations

from struct import Struct

from envcheck.binaries.elf_image import (
    BIND_NOW,
    FLAGS,
    FLAGS_1,
    INTERPRETER,
    LOAD,
    NOTE,
    RPATH,
    RUNPATH,
    SONAME,
    STACK,
    Image,
)
from envcheck.model.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from envcheck.binaries.elf_image import ReadAt

# e_machine by the kernel's name of the architecture (https://gabi.xinuos.com/elf/a-emachine.html); where there are two
# byte orders or sizes, `architecture` tells which.
_MACHINES = {
    2: "sparc",
    3: "i686",
    8: "mips",
    20: "ppc",
    21: "ppc64",
    22: "s390x",
    40: "arm",
    43: "sparc64",
    50: "ia64",
    62: "x86_64",
    183: "aarch64",
    243: "riscv",
    258: "loongarch",
}
_TWO_SIZES = (243, 258)
_EXECUTABLE = 1  # PF_X
_INTERPRETER_LIMIT = 4096
_NOTES_LIMIT = 1 << 16
_NOTE_HEAD = 12
_ABI_TAG, _PROPERTIES = 1, 5  # n_type of the notes that GNU names
# https://gitlab.com/x86-psABIs/x86-64-ABI: GNU_PROPERTY_X86_ISA_1_NEEDED, one bit a level.
_ISA_NEEDED = 0xC0008002
_DF_BIND_NOW, _DF_1_NOW, _DF_1_NO_DEFAULT_FOLDERS = 8, 1, 0x800


class Elf(Record):
    """One ELF file.

    `kind` is e_type (2 a program, 3 a shared object or a program), `flags` e_flags. `rpath` and `runpath` are as they
    stand there, None where there is none. `wanted` are the needed symbol versions by library, each with whether it may
    be missing; `offered` the symbol versions that it defines. `isa_level` is 2 for x86-64-v2 and so on, 0 where
    nothing is asked for. `abi` is the operating system and the oldest kernel of the ABI note. `least_size` are the
    bytes that its segments reach to, `size` those that are there, `sections_end` those that the table of sections, of
    no use to the loader, reaches to. `problem` says what could not be read, after "the file".
    """

    bits: int
    byte_order: str
    machine: int
    kind: int
    os_abi: int
    flags: int
    size: int
    least_size: int
    sections_end: int
    interpreter: str = ""
    needed: tuple[str, ...] = ()
    soname: str = ""
    rpath: str | None = None
    runpath: str | None = None
    wanted: tuple[tuple[str, tuple[tuple[str, bool], ...]], ...] = ()
    offered: tuple[str, ...] = ()
    bind_now: bool = False
    default_folders: bool = True
    executable_stack: bool = False
    isa_level: int = 0
    abi: tuple[int, ...] = ()
    problem: str = ""

    @property
    def cut_off(self) -> bool:
        """Tell whether the file ends before what would be loaded of it does."""
        return self.size < self.least_size

    @property
    def form(self) -> tuple[int, str, int]:
        """Return what must be equal for two files to be loaded into one process."""
        return self.machine, self.byte_order, self.bits

    @property
    def architecture(self) -> str:
        """Return the kernel's name of the architecture."""
        return architecture(self.form)

    @property
    def libc(self) -> str:
        """Return which C library it was linked with, `glibc` or `musl`, empty where nothing shows it."""
        for name in self.needed:
            if name.startswith(("libc.so.", "libm.so.", "libpthread.so.", "libdl.so.", "ld-linux")):
                return "glibc"
            if name == "libc.so" or name.startswith(("libc.musl-", "ld-musl-")):
                return "musl"
        wants_glibc = any(version.startswith("GLIBC_") for _, versions in self.wanted for version, _ in versions)
        return "glibc" if wants_glibc else "musl" if "/ld-musl-" in self.interpreter else ""


def architecture(form: tuple[int, str, int]) -> str:
    """Return the kernel's name of an architecture by its number, byte order and size."""
    machine, order, bits = form
    name = _MACHINES.get(machine, f"ELF machine {machine}")
    if machine in _TWO_SIZES:
        return f"{name}{bits}"
    if name == "ppc64" and order == "little":
        return "ppc64le"
    return "x32" if name == "x86_64" and bits == 32 else name  # noqa: PLR2004


def read(read_at: ReadAt, size: int) -> Elf:
    """Read a file of so many bytes.

    Raises ValueError, in words that go after "the file", for what is not ELF or is cut off within its headers, and what
    `read_at` raises.
    """
    return describe(Image(read_at, size))


def describe(image: Image) -> Elf:
    """Return what a file says of itself; raises what its reading raises, but ValueError."""
    table, each, count, _ = image.sections
    values = {
        "bits": image.bits,
        "byte_order": "big" if image.order == ">" else "little",
        "machine": image.machine,
        "kind": image.kind,
        "os_abi": image.os_abi,
        "flags": image.flags,
        "size": image.size,
        "least_size": 0,
        "sections_end": table + each * count if table else 0,
    }
    try:
        _read_segments(image, values)
        image.read_dynamic()
        _read_dynamic(image, values)
    except ValueError as error:
        values["problem"] = str(error)
    return Elf(**values)


def _read_segments(image: Image, values: dict[str, object]) -> None:
    values["least_size"] = max(
        (offset + length for kind, _, offset, _, length, _ in image.segments if kind == LOAD and length), default=0
    )
    for kind, flags, offset, _, length, alignment in image.segments:
        if kind == STACK:
            values["executable_stack"] = bool(flags & _EXECUTABLE)
        elif kind == INTERPRETER:
            path = image.read(offset, min(length, _INTERPRETER_LIMIT))
            values["interpreter"] = path.rstrip(b"\0").decode("utf-8", "backslashreplace")
        elif kind == NOTE and length <= _NOTES_LIMIT:
            _read_notes(image, image.read(offset, length), 8 if alignment == 8 else 4, values)  # noqa: PLR2004


def _read_notes(image: Image, data: bytes, alignment: int, values: dict[str, object]) -> None:
    """Find the ABI note and the property of the processor level among notes (elf(5), Elf64_Nhdr)."""
    words = _WORDS[image.order]
    at = 0
    while at + _NOTE_HEAD <= len(data):
        name_size, size, kind = words.unpack_from(data, at)
        start = _aligned(at + _NOTE_HEAD + name_size, alignment)
        if data[at + _NOTE_HEAD : at + _NOTE_HEAD + 4] == b"GNU\0" and name_size == 4:  # noqa: PLR2004
            content = data[start : start + size]
            if kind == _ABI_TAG and len(content) >= 16:  # noqa: PLR2004  four words
                values["abi"] = words.unpack_from(content)[:1] + words.unpack_from(content, 4)
            elif kind == _PROPERTIES:
                values["isa_level"] = _isa_level(content, image)
        at = _aligned(start + size, alignment)


_WORDS = {order: Struct(f"{order}III") for order in "<>"}


def _isa_level(content: bytes, image: Image) -> int:
    order = "big" if image.order == ">" else "little"
    at = 0
    while at + 8 <= len(content):
        kind = int.from_bytes(content[at : at + 4], order)  # type: ignore[arg-type]
        size = int.from_bytes(content[at + 4 : at + 8], order)  # type: ignore[arg-type]
        if kind == _ISA_NEEDED:
            return int.from_bytes(content[at + 8 : at + 8 + min(size, 4)], order).bit_length()  # type: ignore[arg-type]
        at = _aligned(at + 8 + size, image.bits // 8)
    return 0


def _aligned(number: int, alignment: int) -> int:
    return (number + alignment - 1) // alignment * alignment


def _read_dynamic(image: Image, values: dict[str, object]) -> None:
    tags = image.tags
    named = {
        name: tags[tag] for name, tag in (("soname", SONAME), ("rpath", RPATH), ("runpath", RUNPATH)) if tag in tags
    }
    wanted, offered = image.wanted_versions(), image.offered_versions()
    strings = image.strings(
        [
            *image.needed,
            *named.values(),
            *(offset for library, version, _, _ in wanted for offset in (library, version)),
            *(version for version, _ in offered),
        ]
    )
    values["needed"] = tuple(strings[offset] for offset in image.needed)
    for name, offset in named.items():
        values[name] = strings[offset]
    by_library: dict[str, list[tuple[str, bool]]] = {}
    for library, version, weak, _ in wanted:
        by_library.setdefault(strings[library], []).append((strings[version], weak))
    values["wanted"] = tuple((library, tuple(versions)) for library, versions in by_library.items())
    values["offered"] = tuple(strings[version] for version, _ in offered)
    flags, flags_1 = tags.get(FLAGS, 0), tags.get(FLAGS_1, 0)
    values["bind_now"] = BIND_NOW in tags or bool(flags & _DF_BIND_NOW) or bool(flags_1 & _DF_1_NOW)
    values["default_folders"] = not flags_1 & _DF_1_NO_DEFAULT_FOLDERS
