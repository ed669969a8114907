"""Finds shared libraries as the dynamic loader would, without loading any.

Sources: ld.so(8) and elf/dl-load.c of glibc; ldso/dynlink.c of musl.
"""

from __future__ import annotations

import posixpath

from envcheck.binaries import loader_cache

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import TypeAlias

    from envcheck.binaries.elf import Elf
    from envcheck.linkers.view import View

    # The folder and the content of an object, then of the one that asked for it, and so on.
    Asking: TypeAlias = tuple[tuple[str, Elf], ...]

_CACHE = "/etc/ld.so.cache"
_CACHE_LIMIT = 64 << 20
_PATH_FILE_LIMIT = 1 << 16
# Debian's names (https://wiki.debian.org/Multiarch/Tuples) by the architecture; RPM's families have lib64.
_TUPLES = {
    "x86_64": "x86_64-linux-gnu",
    "aarch64": "aarch64-linux-gnu",
    "ppc64le": "powerpc64le-linux-gnu",
    "riscv64": "riscv64-linux-gnu",
    "s390x": "s390x-linux-gnu",
    "arm": "arm-linux-gnueabihf",
    "i686": "i386-linux-gnu",
}
_LEVELS = ("glibc-hwcaps/x86-64-v4", "glibc-hwcaps/x86-64-v3", "glibc-hwcaps/x86-64-v2")
_MUSL_FOLDERS = ("/lib", "/usr/local/lib", "/usr/lib")
# What musl takes for itself, whatever follows the dot: load_library in ldso/dynlink.c.
_MUSL_OWN = frozenset(("libc", "libpthread", "librt", "libm", "libdl", "libutil", "libxnet"))


class Loader:
    """The search of one process.

    `program` is the path and the content of the interpreter, None where it cannot be read. `content` returns what is
    at a path, None for what is no ELF file. `gap` says why a library that is not found may be there all the same,
    empty where every place is known.
    """

    def __init__(
        self,
        view: View,
        environ: Mapping[str, str] | None,
        program: tuple[str, Elf] | None,
        content: Callable[[str], Elf | None],
    ) -> None:
        self._view = view
        self._content = content
        self._found: dict[tuple[str, tuple[str, ...], bool], str] = {}
        self._expanded: dict[tuple[str, str], tuple[str, ...]] = {}
        self._program = (posixpath.dirname(program[0]), program[1]) if program else None
        self._form = program[1].form if program else None
        self._interpreter = program[1].interpreter if program else ""
        self.libc = _libc(self._interpreter)
        self.gap = "" if self.libc else "the loader of this Python is not known"
        self._architecture = program[1].architecture if program else ""
        self._variable = () if environ is None else self._split(environ.get("LD_LIBRARY_PATH", ""))
        if environ is None and not self.gap:
            self.gap = "LD_LIBRARY_PATH is not known"
        self._cache: dict[str, tuple[str, ...]] = {}
        self._folders = self._musl_folders() if self.libc == "musl" else self._glibc_folders()

    def find(self, name: str, asking: Asking) -> str:
        """Return the path of a needed library, empty where the search does not come upon it."""
        if "/" in name:
            return name if name.startswith("/") and self._fits(name) else ""
        if self.libc == "musl" and (name.partition(".")[0] in _MUSL_OWN or name.startswith("ld-musl-")):
            return self._interpreter
        before = self._before(asking)
        key = name, before, asking[0][1].default_folders
        if key not in self._found:
            self._found[key] = self._search(*key)
        return self._found[key]

    def _search(self, name: str, before: tuple[str, ...], default: bool) -> str:  # noqa: FBT001
        for folder in before:
            if path := self._inside(folder, name):
                return path
        if default or self.libc == "musl":
            for path in self._cache.get(name, ()):
                if self._fits(path):
                    return path
            for folder in self._folders:
                if path := self._inside(folder, name):
                    return path
        return ""

    def _inside(self, folder: str, name: str) -> str:
        """Return the library of a folder, or of its parts for newer processors, which only some machines look into."""
        names = self._view.names(folder)
        if name in names and self._fits(f"{folder}/{name}"):
            return f"{folder}/{name}"
        if "glibc-hwcaps" in names:
            for level in _LEVELS:
                if name in self._view.names(f"{folder}/{level}"):
                    return f"{folder}/{level}/{name}"
        return ""

    def _fits(self, path: str) -> bool:
        """Tell whether the loader would take a file; it passes over those for another architecture."""
        if not self._view.is_file(path):
            return False
        content = self._content(path)
        return content is None or self._form is None or content.form == self._form

    def _before(self, asking: Asking) -> tuple[str, ...]:
        """Return the folders that are searched ahead of the usual ones."""
        if self.libc == "musl":  # one kind of path, of all who asked; the variable goes first
            own = [
                path
                for folder, elf in self._with_program(asking)
                for path in self._expand(folder, elf.runpath or elf.rpath)
            ]
            return (*self._variable, *own)
        folder, first = asking[0]
        if first.runpath is not None:
            return (*self._variable, *self._expand(folder, first.runpath))
        inherited = [
            path
            for folder, elf in self._with_program(asking)
            if elf.runpath is None
            for path in self._expand(folder, elf.rpath)
        ]
        return (*inherited, *self._variable)

    def _with_program(self, asking: Asking) -> Asking:
        return asking if self._program is None or self._program in asking else (*asking, self._program)

    def _expand(self, folder: str, stated: str | None) -> tuple[str, ...]:
        """Return the folders of a search path; those relative to where the program is started are left out."""
        if not stated:
            return ()
        key = folder, stated
        if key not in self._expanded:
            found: list[str] = []
            tuple_ = _TUPLES.get(self._architecture, "")
            for item in stated.split(":"):
                path = item.replace("${ORIGIN}", folder).replace("$ORIGIN", folder)
                path = _replaced(path, "PLATFORM", self._architecture)
                # $LIB is what the distribution made it: Debian's lib/<tuple>, lib64 elsewhere.
                variants = ("lib64", f"lib/{tuple_}", "lib") if "LIB" in path and "$" in path else ("",)
                found += [
                    posixpath.normpath(_replaced(path, "LIB", variant)) for variant in variants if path[:1] == "/"
                ]
            self._expanded[key] = tuple(dict.fromkeys(found))
        return self._expanded[key]

    def _split(self, stated: str) -> tuple[str, ...]:
        return tuple(
            path
            for item in stated.replace(";", ":").split(":")
            for path in self._expand(self._program[0] if self._program else "", item)
        )

    def _glibc_folders(self) -> tuple[str, ...]:
        tuple_ = _TUPLES.get(self._architecture, "")
        multiarch = (f"/lib/{tuple_}", f"/usr/lib/{tuple_}") if tuple_ else ()
        try:
            self._cache = loader_cache.parse(self._view.read(_CACHE, _CACHE_LIMIT))
        except (OSError, ValueError) as error:
            self.gap = self.gap or f"{_CACHE}: {getattr(error, 'strerror', None) or error}"
        return (*multiarch, "/lib64", "/usr/lib64", "/lib", "/usr/lib")

    def _musl_folders(self) -> tuple[str, ...]:
        """Return the folders of musl's path file, which replaces the usual ones."""
        name = posixpath.basename(self._interpreter).removesuffix(".1").removesuffix(".so")
        folder = posixpath.dirname(posixpath.dirname(self._interpreter)).rstrip("/")
        try:
            text = self._view.read(f"{folder}/etc/{name}.path", _PATH_FILE_LIMIT).decode("utf-8", "replace")
        except FileNotFoundError:
            return _MUSL_FOLDERS
        except (OSError, ValueError) as error:
            self.gap = self.gap or f"{folder}/etc/{name}.path: {error}"
            return _MUSL_FOLDERS
        return tuple(path for path in text.replace("\n", ":").split(":") if path.startswith("/"))


def _libc(interpreter: str) -> str:
    """Return whose loader a program asks for, by its name; empty for others."""
    name = posixpath.basename(interpreter)
    if name.startswith("ld-musl-"):
        return "musl"
    # A loader elsewhere, such as that of Nix, reads another cache and has other folders.
    usual = posixpath.dirname(interpreter) in ("/lib", "/lib64", "/usr/lib", "/usr/lib64", "/libx32")
    return "glibc" if usual and name.startswith(("ld-linux", "ld64.so", "ld.so")) else ""


def _replaced(path: str, name: str, value: str) -> str:
    return path.replace(f"${{{name}}}", value).replace(f"${name}", value)
