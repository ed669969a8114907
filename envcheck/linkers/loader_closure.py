"""The shared libraries that come into a process with one file: breadth first, as the loader takes them in."""

from __future__ import annotations

import posixpath

from envcheck.model.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from envcheck.binaries.elf import Elf
    from envcheck.linkers.loader import Asking, Loader

_MOST = 2000  # objects of one closure


class Closure(Record):
    """What a file brings with it.

    `objects` are (path, content, place of the one that asked), the file itself first, the content None where it is no
    ELF file. `paths` are the libraries by needed name. `elsewhere` are the needed names that the search does not find,
    but that files of the environment bear, which whoever imports may have loaded before. `missing` are (name, place of
    the one that asked) of those that are nowhere.
    """

    objects: tuple[tuple[str, Elf | None, int], ...]
    paths: Mapping[str, str]
    elsewhere: Mapping[str, tuple[str, ...]]
    missing: tuple[tuple[str, int], ...]

    def chain(self, place: int) -> tuple[str, ...]:
        """Return the paths from the file itself to an object, both included."""
        found = [self.objects[place][0]]
        while place:
            place = self.objects[place][2]
            found.append(self.objects[place][0])
        return tuple(reversed(found))


def closure(
    loader: Loader,
    content: Callable[[str], Elf | None],
    path: str,
    loaded: Mapping[str, str],
    bearers: Mapping[str, tuple[str, ...]],
) -> Closure:
    """Follow the needs of a file.

    `loaded` are the libraries by name that the process has already, `bearers` the files of the environment by their
    names and sonames.
    """
    objects: list[tuple[str, Elf | None, int]] = [(path, content(path), 0)]
    asking: list[Asking] = [((posixpath.dirname(path), objects[0][1]),) if objects[0][1] else ()]
    paths: dict[str, str] = {}
    elsewhere: dict[str, tuple[str, ...]] = {}
    missing: list[tuple[str, int]] = []
    at = 0
    while at < len(objects) < _MOST:
        here = objects[at][1]
        for name in here.needed if here else ():
            if name in paths or name in elsewhere:
                continue
            found = loaded.get(name) or loader.find(name, asking[at])
            known = found or next(iter(bearers.get(name, ())), "")
            if not known:
                missing.append((name, at))
                paths[name] = ""
                continue
            if found:
                paths[name] = found
            else:
                elsewhere[name] = bearers[name]
            there = content(known)
            objects.append((known, there, at))
            folder = posixpath.dirname(known)
            asking.append(() if there is None else ((folder, there), *asking[at]) if found else ((folder, there),))
        at += 1
    return Closure(
        objects=tuple(objects),
        paths={name: found for name, found in paths.items() if found},
        elsewhere=elsewhere,
        missing=tuple(missing),
    )
