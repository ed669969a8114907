"""The summaries of Python files: kept from earlier runs, or read now, half of them by a copy of this process."""

from __future__ import annotations

from envcheck.pysource.summary import BODY, FORM, FROM, IMPORT, MAYBE, STAR, TRY, Summary, packed, unpacked

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import Any

    from envcheck.linkers.finder import Finder, Module
    from envcheck.linkers.kept import Kept
    from envcheck.linkers.view import View
    from envcheck.pysource.conditions import Python
    from envcheck.pysource.summary import Step
    from envcheck.targets.twin import Twin

_LARGEST = 16 << 20  # bytes; the largest module among 480 distributions has 4 MiB
_WORTH_SHARING = 64  # files; fewer are read sooner than a copy is made
_UNREADABLE = "? cannot be read"

__all__ = ["FORM", "Sources"]


class Sources:
    """Gives the summary of a file, read without the bodies of functions or `whole`."""

    def __init__(
        self,
        view: View,
        python: Python,
        kept: Kept,
        is_edited: Callable[[str, int], bool],
        progress: Callable[[str], None] | None = None,
    ) -> None:
        self._is_edited = is_edited  # such a file may be cut off within a function
        self._view = view
        self._python = python
        self._kept = kept
        self._short: dict[str, Summary] = {}
        self._whole: dict[str, Summary] = {}
        self._twin: Twin | None = None
        self._progress = progress

    def __call__(self, path: str, *, whole: bool = False) -> Summary:
        """Return the summary of a file; one that cannot be read has a problem."""
        held = self._whole if whole else self._short
        summary = held.get(path)
        if summary is None:
            summary = held[path] = self._recalled(path, whole=whole) or self._fresh(path, whole=whole)
        return summary

    def __contains__(self, path: object) -> bool:
        return path in self._short

    def __len__(self) -> int:
        return len(self._short)

    def _recalled(self, path: str, *, whole: bool) -> Summary | None:
        values = self._kept.recall(_key(path, whole=whole), self._view.stamp(path))
        return None if values is None else unpacked(values)

    def _fresh(self, path: str, *, whole: bool) -> Summary:
        values = self._read(path, whole=whole)
        self._kept.keep(_key(path, whole=whole), self._view.stamp(path), values)
        return unpacked(values)

    def _read(self, path: str, *, whole: bool) -> tuple[Any, ...]:
        from envcheck.pysource.reading import read

        try:
            source = self._view.read(path, _LARGEST)
        except OSError as error:
            return packed(Summary(problem=f"{_UNREADABLE}: {error.strerror}"))
        if len(source) == _LARGEST:
            return packed(Summary(problem="? too large to be read"))
        return packed(read(source, self._python, whole=whole or self._is_edited(path, len(source))))

    # Reading ahead

    def read_ahead(self, finder: Finder, names: Iterable[str]) -> None:
        """Read the files of modules and of all that importing them certainly imports, half of them in a copy."""
        seen: set[str] = set()
        frontier = list(_modules(finder, names, seen))
        try:
            while frontier:
                if self._progress is not None:
                    self._progress(f"linking: {len(self._short)} modules read, {len(frontier)} more")
                self._read_all([module.path for module in frontier])
                wanted = (name for module in frontier for name in _imported(module, self(module.path).steps))
                frontier = list(_modules(finder, wanted, seen))
        finally:
            if self._twin is not None:
                self._twin.end()
                self._twin = None

    def _read_all(self, paths: list[str]) -> None:
        missing = []
        for path in paths:
            summary = self._short.get(path) or self._recalled(path, whole=False)
            if summary is None:
                missing.append(path)
            else:
                self._short[path] = summary
        for path, values in self._shared(missing) if len(missing) >= _WORTH_SHARING else ():
            self._kept.keep(_key(path, whole=False), self._view.stamp(path), values)
            self._short[path] = unpacked(values)
        for path in missing:
            self(path)

    def _shared(self, paths: list[str]) -> Iterator[tuple[str, tuple[Any, ...]]]:
        """Yield what the copy read of a share of the files, after this process has read the rest."""
        from envcheck.targets.twin import twin

        self._twin = self._twin or twin(lambda share: [self._read(path, whole=False) for path in share])
        if self._twin is None:
            return
        for path in paths:
            self._view.stamp(path)  # before it is read
        theirs = paths[::2]
        try:
            self._twin.ask(theirs)
            for path in paths[1::2]:
                self(path)
            yield from zip(theirs, self._twin.answer(), strict=True)
        except OSError:  # the copy was killed: this process reads what is left
            self._twin.end()
            self._twin = None


def _key(path: str, *, whole: bool) -> str:
    return f"whole:{path}" if whole else path


def _modules(finder: Finder, names: Iterable[str], seen: set[str]) -> Iterator[Module]:
    """Yield the modules of names, and those above them, that have a source and were not seen."""
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        if "." in name:
            waiting.append(name.rpartition(".")[0])
        module = finder.find(name)
        if module.kind == "source":
            yield module


def _imported(module: Module, steps: Iterable[Step]) -> Iterator[str]:
    """Yield what steps that are certainly taken import, what may be a name or a module below included."""
    from envcheck.linkers.offers import absolute

    for step in steps:
        kind = step[0]
        if kind == IMPORT:
            yield step[2]
        elif kind in (FROM, STAR):
            base = absolute(module, step[2], step[3])
            if base:
                yield base
                if kind == FROM and (step[2] or base == module.name):
                    yield from (f"{base}.{name}" for name in step[4])
        elif kind == TRY:
            for part in (step[1], step[3], step[4]):
                yield from _imported(module, part)
        elif kind in (MAYBE, BODY):
            continue
