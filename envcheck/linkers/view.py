"""A file view that remembers what was looked at, so that a later run can tell that nothing of it has changed."""

from __future__ import annotations

import stat as modes

TYPE_CHECKING = False
if TYPE_CHECKING:
    import os
    from typing import TypeAlias

    from envcheck.targets.files import Files

    # Size and time of a file, -1 and time of a folder; None where there is nothing.
    Stamp: TypeAlias = tuple[int, int] | None

_NOTHING: frozenset[str] = frozenset()


class View:
    """Reads through a target's files and notes the stamp of every file and folder that the answer depends on."""

    def __init__(self, files: Files) -> None:
        self.files = files
        self.root = files.root
        self.stamps: dict[str, Stamp] = {}
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
            except (OSError, ValueError):
                self._listings[path] = _NOTHING
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
    return -1 if modes.S_ISDIR(status.st_mode) else status.st_size, status.st_mtime_ns
