"""A file view that remembers what was looked at, so that a later run can tell that nothing of it has changed."""

from __future__ import annotations

import os
import stat as modes
import sys

from envcheck.targets.twin import twin

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import TypeAlias

    from envcheck.targets.files import Files

    # Size and time of a file, -1 and time of a folder; None where there is nothing.
    Stamp: TypeAlias = tuple[int, int] | None

_NOTHING: frozenset[str] = frozenset()
_WORTH_SHARING = 4_000  # paths; fewer are looked at sooner than a copy of this process is made
_LIMIT = 1 << 63
_FOLDER, _ABSENT = -1, -2  # in the place of a size


class View:
    """Reads through a target's files and notes the stamp of every file and folder that the answer depends on."""

    def __init__(self, files: Files) -> None:
        self.files = files
        self.root = files.root
        self.stamps: dict[str, Stamp] = {}
        self.unreadable: set[str] = set()  # folders that are there, but do not say what is in them
        self._listings: dict[str, frozenset[str]] = {}

    def stamp(self, path: str) -> Stamp:
        """Return the stamp of a path, as it was when it was first looked at."""
        if path not in self.stamps:
            self.stamps[path] = current(self.files, path)
        return self.stamps[path]

    def names(self, path: str) -> frozenset[str]:
        """Return the names in a folder; none where it is missing or cannot be read."""
        if path not in self._listings:
            self.stamp(path)
            try:
                self._listings[path] = frozenset(self.files.names(path))
            except (FileNotFoundError, NotADirectoryError, ValueError):
                self._listings[path] = _NOTHING
            except OSError:
                self._listings[path] = _NOTHING
                self.unreadable.add(path)
        return self._listings[path]

    def is_dir(self, path: str) -> bool:
        """Tell whether it is a folder, links followed."""
        stamp = self.stamp(path)
        return stamp is not None and stamp[0] < 0

    def is_file(self, path: str) -> bool:
        """Tell whether it is a file, links followed."""
        stamp = self.stamp(path)
        return stamp is not None and stamp[0] >= 0

    def read(self, path: str, limit: int = -1) -> bytes:
        """Return up to `limit` bytes of a file (all without one); raises OSError."""
        self.stamp(path)
        return self.files.read(path, limit)

    def read_at(self, path: str, offset: int, size: int) -> bytes:
        """Return up to `size` bytes of a file from an offset on; raises OSError."""
        self.stamp(path)
        return self.files.read_at(path, offset, size)

    def realpath(self, path: str) -> str:
        """Return the path with every link resolved; raises OSError for a loop."""
        return self.files.realpath(path)


def current(files: Files, path: str) -> Stamp:
    """Return the stamp of a path as it is now."""
    try:
        status: os.stat_result = files.stat(path)
    except (OSError, ValueError):
        return None
    return _FOLDER if modes.S_ISDIR(status.st_mode) else status.st_size, status.st_mtime_ns


def packed(stamps: Mapping[str, Stamp], base: str) -> tuple[str, bytes]:
    """Return stamps in the form that is loaded fastest: all paths, and two numbers of 64 bits for each.

    Paths below the folder `base`, best most of them, are kept as seen from there.
    """
    kept = [path for path in stamps if "\0" not in path]  # there is no such file, and will be none
    numbers = [number for path in kept for number in stamps[path] or (_ABSENT, 0)]
    data = b"".join(max(-_LIMIT, min(number, _LIMIT - 1)).to_bytes(8, sys.byteorder, signed=True) for number in numbers)
    return "\0".join(path.removeprefix(f"{base}/") for path in kept), data


def unchanged(files: Files, stamps: tuple[str, bytes], base: str) -> bool:
    """Tell whether all stamps packed for `base` hold: tens of thousands, with nothing else to do where they do."""
    paths = stamps[0].split("\0") if stamps[1] else []
    numbers = memoryview(stamps[1]).cast("q")
    half = len(paths) // 2 if len(paths) >= _WORTH_SHARING else 0
    folder = _opened(files, base)
    other = twin(lambda _: _hold(files, base, folder, paths[:half], numbers[: 2 * half])) if half else None
    try:
        if other is None:
            return _hold(files, base, folder, paths, numbers)
        other.ask(None)
        return _hold(files, base, folder, paths[half:], numbers[2 * half :]) and bool(other.answer())
    except OSError:  # it was killed
        return _hold(files, base, folder, paths, numbers)
    finally:
        if folder is not None:
            os.close(folder)
        if other is not None:
            other.end()


def _opened(files: Files, base: str) -> int | None:
    """Open a folder of this machine, from where the kernel finds what is below it sooner than from the root."""
    if files.root or os.stat not in os.supports_dir_fd:
        return None
    try:
        return os.open(base, os.O_RDONLY)
    except OSError:
        return None


def _hold(files: Files, base: str, folder: int | None, paths: Sequence[str], numbers: memoryview) -> bool:
    """Tell whether every path is as its two numbers say."""
    for path, size, time in zip(paths, numbers[::2], numbers[1::2], strict=True):
        try:
            status = files.stat(os.path.join(base, path)) if folder is None else os.stat(path, dir_fd=folder)
        except (OSError, ValueError):
            if size == _ABSENT:
                continue
            return False
        if status.st_mtime_ns != time or (size != status.st_size and (size != _FOLDER or not _is_dir(status))):
            return False
    return True


def _is_dir(status: os.stat_result) -> bool:
    return modes.S_ISDIR(status.st_mode)
