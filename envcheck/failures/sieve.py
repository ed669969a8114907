"""The parts of a log of any size that matter, kept while its bytes pass by: beginning, first and last mishap, end."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

WHOLE = 256 << 10  # bytes of a log that is kept as it is
_HEAD = 16 << 10
_TAIL = 128 << 10
_BEFORE = 24 << 10  # bytes kept around a mishap
_AFTER = 24 << 10
# What hardly any program prints that is well, in bytes that are searched for at 2 GB/s.
_STRONG = (
    *(b"(most recent call last)", b"terminate called", b"cannot open shared object", b"undefined symbol"),
    *(b"Segmentation fault", b"core dumped", b"Out of memory", b"out of memory", b"panic: ", b"Unhandled exception"),
    *(b"CUDA error", b"Caused by: "),
)
_WEAK = (b"rror: ", b"ERROR", b"FATAL")


class Part:
    """A stretch of a log: its bytes, at which byte and in which line (from 1) it begins, and how many it may have."""

    def __init__(self, start: int, line: int, data: bytes, most: int) -> None:
        self.start = start
        self.line = line
        self.data = data[:most]
        self.most = most

    def extend(self, chunk: bytes) -> None:
        """Take as much of the following bytes as there is room for."""
        self.data += chunk[: self.most - len(self.data)]

    @property
    def end(self) -> int:
        """Return the byte behind the last one."""
        return self.start + len(self.data)


class Sieve:
    """Takes a log in chunks, in its order, and keeps at most half a MiB of it."""

    def __init__(self) -> None:
        self.size = 0
        self.lines = 0
        self._whole = b""
        self._tail = b""
        self._head = Part(0, 1, b"", _HEAD)
        self._first: Part | None = None
        self._last: Part | None = None
        self._vague: Part | None = None

    def feed(self, chunk: bytes) -> None:
        """Take the next bytes."""
        if len(self._whole) < WHOLE:
            self._whole += chunk[: WHOLE - len(self._whole)]
        for part in (self._head, self._first, self._last, self._vague):
            if part is not None:
                part.extend(chunk)
        before = self._tail[-_BEFORE:]
        window = before + chunk
        at = self.size - len(before)
        strong = [place for marker in _STRONG if (place := window.rfind(marker)) >= 0]
        if strong:
            if self._first is None:
                first = min(place for marker in _STRONG if (place := window.find(marker)) >= 0)
                self._first = self._around(window, at, first)
            self._last = self._around(window, at, max(strong))
        weak = max(window.rfind(marker) for marker in _WEAK)
        if weak >= 0:
            self._vague = self._around(window, at, weak)
        self.size += len(chunk)
        self.lines += chunk.count(b"\n")
        self._tail = (self._tail[-_TAIL:] + chunk)[-_TAIL:]

    @property
    def open_line(self) -> bool:
        """Tell whether the last line lacks its end."""
        return bool(self._tail) and not self._tail.endswith(b"\n")

    def _around(self, window: bytes, at: int, place: int) -> Part:
        start = max(place - _BEFORE, 0)
        line = 1 + self.lines - window[start:].count(b"\n") + window[self.size - at :].count(b"\n")
        return Part(at + start, line, window[start:], _BEFORE + _AFTER)

    def parts(self) -> list[Part]:
        """Return what was kept, in its order, nothing of it twice."""
        if self.size <= WHOLE:
            return [Part(0, 1, self._whole, WHOLE)]
        tail = Part(self.size - len(self._tail), 1 + self.lines - self._tail.count(b"\n"), self._tail, _TAIL)
        found = [part for part in (self._head, self._first, self._vague, self._last, tail) if part is not None]
        return _apart(sorted(found, key=lambda part: (part.start, -len(part.data))))


def _apart(parts: Iterable[Part]) -> list[Part]:
    """Cut what an earlier part has, too, and begin each part at the beginning of a line."""
    kept: list[Part] = []
    for part in parts:
        done = kept[-1].end if kept else 0
        if part.end <= done:
            continue
        if kept and part.start <= done:
            kept[-1].most += len(part.data)
            kept[-1].extend(part.data[done - part.start :])
        else:
            whole_line = part.data.find(b"\n") + 1 if part.start else 0
            line = part.line + (whole_line > 0)
            kept.append(Part(part.start + whole_line, line, part.data[whole_line:], part.most))
    return kept
