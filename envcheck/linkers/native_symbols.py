"""Finds symbols that a file needs and nothing that comes with it defines.

Python loads extension modules with RTLD_NOW, so that one missing function fails the import
(python/cpython:Python/import.c, dlopenflags; https://docs.python.org/3/library/sys.html#sys.getdlopenflags).
"""

from __future__ import annotations

from envcheck.binaries import elf_symbols

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from envcheck.binaries.elf import Elf
    from envcheck.linkers.loader_closure import Closure
    from envcheck.linkers.native_files import Contents
    from envcheck.linkers.native_links import Links, Problem

_SHOWN = 3


class Symbols:
    """The symbols of one process, asked for files that need another distribution or serve several Pythons."""

    def __init__(self, contents: Contents, links: Links) -> None:
        self._contents = contents
        self._links = links
        self._exports: dict[str, elf_symbols.Exports | None] = {}
        self._missing: dict[str, set[int]] = {}
        program = links.program
        self._base = [path for path, _, _ in program.objects] if program and not program.missing else None

    def problems(self, path: str, content: Elf) -> list[Problem]:
        """Return the problem of undefined symbols, where all that could define them was read."""
        if self._base is None or not content.needed:
            return []
        together = self._links.closure(path)
        others = self._others(path, together)
        if not (others or _for_any_python(path)) or together.missing:
            return []
        sources = [*self._base, *(there for there, _, _ in together.objects)]
        found = []
        for place, (there, _, _) in enumerate(together.objects):
            if there in self._links.owners and not (place and self._links.is_loose(together, together.chain(place))):
                found += self._problem(there, sources, others, together.chain(place))
        return found

    def _problem(self, path: str, sources: list[str], others: list[str], chain: tuple[str, ...]) -> list[Problem]:
        try:
            missing = self._alone(path)
            if missing and len(chain) > 1:  # what comes with the file at the other end may define them
                missing = self._without(missing, sources)
            names = self._names(path, missing) if missing else []
        except (OSError, ValueError):
            return []
        if not names:
            return []
        more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
        reason = "other libraries may be preloaded" if self._links.preloaded() else ""
        return [
            {
                "word": "symbol",
                "wants": ", ".join(names[:_SHOWN]) + more,
                "provider": others[0] if len(others) == 1 else "",
                "chain": chain,
                "proven": not reason,
                "reason": reason,
            }
        ]

    def _others(self, path: str, together: Closure) -> list[str]:
        """Return the distributions whose libraries come with a file."""
        owners = self._links.owners
        return sorted({owners[there] for there, _, _ in together.objects if there in owners} - {owners.get(path, "")})

    def _alone(self, path: str) -> set[int]:
        """Return the hashes of the names that nothing defines that comes with a file; raises ValueError and OSError."""
        if path not in self._missing:
            together = self._links.closure(path)
            sources = [*(self._base or ()), *(there for there, _, _ in together.objects)]
            self._missing[path] = self._without(set(self._contents.undefined(path)), sources)
        return self._missing[path]

    def _without(self, missing: set[int], sources: Iterable[str]) -> set[int]:
        """Return the hashes that no source defines, none where one cannot be read."""
        for source in dict.fromkeys(sources):
            if not missing:
                break
            exports = self._read(source)
            if exports is None:
                return set()
            missing = {number for number in missing if number not in exports}
        return missing

    def _names(self, path: str, missing: set[int]) -> list[str]:
        """Return the names that the loader must find and no file of the environment defines either.

        Any of them might have been loaded before for everybody (RTLD_GLOBAL).
        """
        for source in self._links.everywhere():
            exports = self._read(source)
            missing = {number for number in missing if exports is not None and number not in exports}
            if not missing:
                return []
        image = self._contents.image(path)
        symbols = elf_symbols.read_symbols(image, exported=False).undefined
        wanted = {
            index: name
            for name, _, weak, index in symbols
            if not weak and elf_symbols.gnu_hash(elf_symbols.encoded(name)) in missing
        }
        needed = elf_symbols.relocated(image, frozenset(wanted))
        return [wanted[index].encode("utf-8", "backslashreplace").decode() for index in sorted(needed)]

    def _read(self, path: str) -> elf_symbols.Exports | None:
        if path not in self._exports:
            try:
                self._exports[path] = elf_symbols.Exports(self._contents.image(path))
            except (OSError, ValueError):
                self._exports[path] = None
        return self._exports[path]


def _for_any_python(path: str) -> bool:
    """Tell whether a module's name does not say for which Python it was made."""
    name = path.rpartition("/")[2]
    return name.endswith(".abi3.so") or (name.count(".") == 1 and not name.startswith("lib"))
