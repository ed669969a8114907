"""Finds the system's C and C++ runtimes and reads their versions out of the files, without loading them."""

from __future__ import annotations

import os

from envcheck.binaries import elf_sections
from envcheck.collectors._kernel import gap, printable, unreadable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from envcheck.collectors import Collection
    from envcheck.targets.files import Files
    from envcheck.targets.target import Target

# Where systems keep libraries: Debian's multiarch folders (https://wiki.debian.org/Multiarch/Tuples), lib64 of the RPM
# families, and the default path of musl (https://musl.libc.org/manual.html, LD_LIBRARY_PATH).
LIBRARY_FOLDERS = (
    "/lib/x86_64-linux-gnu",
    "/usr/lib/x86_64-linux-gnu",
    "/lib/aarch64-linux-gnu",
    "/usr/lib/aarch64-linux-gnu",
    "/lib64",
    "/usr/lib64",
    "/lib/powerpc64le-linux-gnu",
    "/usr/lib/powerpc64le-linux-gnu",
    "/lib/riscv64-linux-gnu",
    "/usr/lib/riscv64-linux-gnu",
    "/lib/arm-linux-gnueabihf",
    "/usr/lib/arm-linux-gnueabihf",
    "/lib",
    "/usr/lib",
    "/usr/local/lib",
)

_HOST = ("host",)
_MUSL = "ld-musl-"
# e_machine of the ELF header by the kernel's name of the architecture
# (https://www.sco.com/developers/gabi/latest/ch4.eheader.html).
_MACHINES = {3: "i686", 21: "ppc64le", 22: "s390x", 40: "armv7l", 62: "x86_64", 183: "aarch64", 243: "riscv64"}
_ELF, _ELF_HEADER, _BIG_ENDIAN = b"\x7fELF", 52, 2
_LIBC_LIMIT = 16 << 20  # a C library has 2 MB; what is far beyond is none
_CXX_LIMIT = 64 << 20


def collect_runtimes(target: Target, into: Collection) -> None:
    """Record libc, glibc or musl, libstdcxx, glibcxx and cxxabi of the host; and arch for a target that is not live."""
    running = _running_glibc() if target.live else ""
    glibc = _first(target, "libc.so.6")
    musl = "" if glibc else _musl_loader(target.files)
    if running:
        into.put(_HOST, "confstr CS_GNU_LIBC_VERSION", libc="glibc", glibc=running)
    elif glibc:
        _collect_c(target, into, glibc, "glibc")
    elif musl:
        _collect_c(target, into, musl, "musl")
    else:
        scopes = ("host#libc", "host#glibc", "host#musl", *(() if target.live else ("host#arch",)))
        gap(into, scopes, "there is no C library in the usual folders")
    _collect_cxx(target, into, usual=bool(glibc or musl))


def _running_glibc() -> str:
    """Return the version of the glibc that this very process uses, empty under any other C library."""
    try:
        kind, _, version = (os.confstr("CS_GNU_LIBC_VERSION") or "").partition(" ")
    except (AttributeError, OSError, ValueError):
        return ""
    return version if kind == "glibc" else ""


def _collect_c(target: Target, into: Collection, path: str, kind: str) -> None:
    try:
        data = target.files.read(path, _LIBC_LIMIT)
        problem = f"{path} does not tell its version"
    except (OSError, ValueError) as error:
        data, problem = b"", unreadable(path, error)
    version = _glibc_banner(data) if kind == "glibc" else _musl_version(data)
    if not version:
        into.gap(f"host#{kind}", problem)
    if len(data) < _ELF_HEADER or not data.startswith(_ELF):
        scopes = ("host#libc",) if target.live else ("host#libc", "host#arch")
        gap(into, scopes, f"{path} is no ELF file" if data else problem)
        return
    into.put(_HOST, path, libc=kind, **{kind: version or None})
    if not target.live:
        number = int.from_bytes(data[18:20], "big" if data[5] == _BIG_ENDIAN else "little")
        into.put(_HOST, path, arch=_MACHINES.get(number, f"ELF machine {number}"))


def _collect_cxx(target: Target, into: Collection, *, usual: bool) -> None:
    """Record the C++ runtime; `usual` says that the usual folders are this system's, so that absence there counts."""
    path = _first(target, "libstdc++.so.6")
    if not path:
        if not usual:
            reason = "this system has no library in the usual folders"
            gap(into, ("host#libstdcxx", "host#glibcxx", "host#cxxabi"), reason)
        return
    try:
        real = printable(target.files.realpath(path))
        data = _version_strings(target.files, path)
        problem = f"{path} names no symbol version"
    except (OSError, ValueError) as error:
        data, problem, real = b"", unreadable(path, error), path
    glibcxx, cxxabi = newest_version(data, b"GLIBCXX_3.4"), newest_version(data, b"CXXABI_1.3")
    if not glibcxx:
        into.gap("host#glibcxx", problem)
    if not cxxabi:
        into.gap("host#cxxabi", problem)
    into.put(_HOST, path, libstdcxx=real, glibcxx=glibcxx or None, cxxabi=cxxabi or None)


def _version_strings(files: Files, path: str) -> bytes:
    """Return the part of a C++ runtime that holds its version strings; raises OSError."""
    try:
        return elf_sections.read_file(files, path, ".dynstr")
    except ValueError:  # without a table of sections: rare enough to search it whole
        return files.read(path, _CXX_LIMIT)


def newest_version(data: bytes, prefix: bytes) -> str:
    """Return the highest symbol version that begins with a prefix, less the text up to `_`; empty for none.

    The strings of an ELF file end with a zero byte, and a whole one begins after one.
    """
    best, last = "", -1
    at = data.find(b"\0" + prefix)
    while at >= 0:
        end = data.find(b"\0", at + 1, at + 64)
        tail = data[at + 1 + len(prefix) : end] if end > 0 else b"?"
        rank = 0 if not tail else int(tail[1:]) if tail[:1] == b"." and tail[1:].isdigit() else -1
        if rank > last:
            best, last = data[at + 1 : end].decode("ascii", "replace").partition("_")[2], rank
        at = data.find(b"\0" + prefix, at + 1)
    return best


def _glibc_banner(data: bytes) -> str:
    """Return the version in the banner that glibc prints when it is run (csu/version.c of glibc)."""
    start = data.find(b"GNU C Library")
    at = data.find(b"release version ", start, start + 200) if start >= 0 else -1
    if at < 0:
        return ""
    words = data[at + len("release version ") : at + 40].split()
    version = words[0].rstrip(b".,").decode("ascii", "replace") if words else ""
    return version if version.replace(".", "").isdecimal() else ""


def _musl_version(data: bytes) -> str:
    """Return the version that musl's loader prints (ldso/dynlink.c of musl), where the file holds only one."""
    import re

    if b"musl libc" not in data:
        return ""
    found = set(re.findall(rb"(?<![0-9.])(1\.[0-9]\.[0-9]{1,2})\0", data))
    return found.pop().decode() if len(found) == 1 else ""


def _musl_loader(files: Files) -> str:
    try:
        return next((f"/lib/{name}" for name in files.names("/lib") if name.startswith(_MUSL)), "")
    except (OSError, ValueError):
        return ""


def _first(target: Target, name: str) -> str:
    folders: tuple[str, ...] = LIBRARY_FOLDERS
    if target.live:
        own = f"{os.uname().machine}-linux-gnu"
        folders = (f"/lib/{own}", f"/usr/lib/{own}", *folders)
    return next((path for folder in folders if target.files.exists(path := f"{folder}/{name}")), "")
