"""The file view: every collector reads through it, so that one collector serves every kind of target."""

from __future__ import annotations

import errno
import os
import posixpath
import stat as modes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Protocol

    class Files(Protocol):
        """Read access to one file system; paths are absolute, with `/`, as the target itself would write them."""

        root: str

        def read(self, path: str, limit: int = -1) -> bytes:
            """Return up to `limit` bytes of a regular file (all without one); raises OSError."""

        def read_at(self, path: str, offset: int, size: int) -> bytes:
            """Return up to `size` bytes of a regular file from an offset on; raises OSError."""

        def text(self, path: str, limit: int = 65536) -> str | None:
            """Return a small text file, None where it does not exist; raises OSError for any other reason."""

        def names(self, path: str) -> list[str]:
            """Return the sorted names in a folder; raises OSError."""

        def stat(self, path: str) -> os.stat_result:
            """Return the file's status, links followed; raises OSError."""

        def exists(self, path: str) -> bool:
            """Tell whether something readable-or-not is there, links followed."""

        def is_dir(self, path: str) -> bool:
            """Tell whether it is a folder, links followed."""

        def readlink(self, path: str) -> str:
            """Return where a link points, unresolved; raises OSError."""

        def realpath(self, path: str) -> str:
            """Return the path with every link resolved inside this view."""


_MISSING = (errno.ENOENT, errno.ENOTDIR)
_READ_ONLY = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
_LINKS_FOLLOWED = 40  # as Linux: MAXSYMLINKS


class LocalFiles:
    """This machine's own file system."""

    root = ""

    def locate(self, path: str) -> str:
        """Return the path on this machine."""
        return path

    def read(self, path: str, limit: int = -1) -> bytes:
        """Return up to `limit` bytes of a regular file (all without one); raises OSError.

        Pipes, sockets and devices are refused, since reading one may never end.
        """
        handle = os.open(self.locate(path), _READ_ONLY)
        try:
            status = os.fstat(handle)
            if limit < 0:
                if not modes.S_ISREG(status.st_mode):
                    raise OSError(errno.EINVAL, "not a regular file", path)
                limit = 1 << 40
            elif modes.S_ISFIFO(status.st_mode) or modes.S_ISCHR(status.st_mode):
                raise OSError(errno.EINVAL, "not a regular file", path)
            return _read_up_to(handle, limit, status.st_size)
        finally:
            os.close(handle)

    def read_at(self, path: str, offset: int, size: int) -> bytes:
        """Return up to `size` bytes of a regular file from an offset on; raises OSError."""
        handle = os.open(self.locate(path), _READ_ONLY)
        try:
            if not modes.S_ISREG(os.fstat(handle).st_mode):
                raise OSError(errno.EINVAL, "not a regular file", path)
            os.lseek(handle, offset, os.SEEK_SET)
            return _read_up_to(handle, size)
        finally:
            os.close(handle)

    def text(self, path: str, limit: int = 65536) -> str | None:
        """Return a small text file, None where it does not exist; raises OSError for any other reason."""
        try:
            return self.read(path, limit).decode("utf-8", "replace")
        except OSError as error:
            if error.errno in _MISSING:
                return None
            raise

    def names(self, path: str) -> list[str]:
        """Return the sorted names in a folder; raises OSError."""
        return sorted(os.listdir(self.locate(path)))

    def stat(self, path: str) -> os.stat_result:
        """Return the file's status, links followed; raises OSError."""
        return os.stat(self.locate(path))

    def exists(self, path: str) -> bool:
        """Tell whether something is there, links followed."""
        try:
            self.stat(path)
        except OSError as error:
            return error.errno not in (*_MISSING, errno.ELOOP)
        except ValueError:
            return False
        return True

    def is_dir(self, path: str) -> bool:
        """Tell whether it is a folder, links followed."""
        try:
            return modes.S_ISDIR(self.stat(path).st_mode)
        except (OSError, ValueError):
            return False

    def readlink(self, path: str) -> str:
        """Return where a link points, unresolved; raises OSError."""
        return os.readlink(self.locate(path))

    def realpath(self, path: str) -> str:
        """Return the path with every link resolved."""
        return os.path.realpath(path)


class RootedFiles(LocalFiles):
    """An unpacked root file system: links are followed as if it were `/`, never out of it."""

    def __init__(self, root: str) -> None:
        self.root = os.path.abspath(root).rstrip("/")

    def locate(self, path: str) -> str:
        """Return the path on this machine."""
        return self.root + self.realpath(path)

    def readlink(self, path: str) -> str:
        """Return where a link points, unresolved; raises OSError."""
        folder, name = posixpath.split(posixpath.normpath(path))
        return os.readlink(f"{self.root}{self.realpath(folder)}/{name}")

    def realpath(self, path: str) -> str:
        """Return the path with every link resolved inside this root; raises OSError for a loop."""
        waiting = [part for part in reversed(path.split("/")) if part not in ("", ".")]
        resolved = ""
        links = 0
        while waiting:
            part = waiting.pop()
            if part == "..":
                resolved = posixpath.dirname(resolved)
                continue
            step = f"{resolved}/{part}"
            try:
                to = os.readlink(self.root + step)
            except OSError:
                resolved = step
                continue
            links += 1
            if links > _LINKS_FOLLOWED:
                raise OSError(errno.ELOOP, "too many links", path)
            if to.startswith("/"):
                resolved = ""
            waiting.extend(piece for piece in reversed(to.split("/")) if piece not in ("", "."))
        return resolved or "/"


def _read_up_to(handle: int, limit: int, size: int = -1) -> bytes:
    first = os.read(handle, min(limit, 65536))
    if len(first) == size:
        return first  # all of it; /proc and /sys state sizes that are not theirs
    if len(first) < min(limit, 65536):
        rest = os.read(handle, 1) if first and len(first) < limit else b""
        if not rest:
            return first
        first += rest
    pieces = [first]
    left = limit - len(first)
    while left > 0:
        piece = os.read(handle, min(left, 1 << 20))
        if not piece:
            break
        pieces.append(piece)
        left -= len(piece)
    return b"".join(pieces)


def expand(files: Files, folder: str, pattern: str) -> list[str]:
    """Return the paths that a path or a glob stands for; `*` stays within one folder. Raises OSError, ValueError."""
    from fnmatch import fnmatchcase

    places = ["/" if pattern.startswith("/") else folder]
    for part in filter(None, pattern.split("/")):
        if any(mark in part for mark in "*?["):
            places = [
                posixpath.join(place, name)
                for place in places
                if files.is_dir(place)
                for name in files.names(place)
                if fnmatchcase(name, part) and (not name.startswith(".") or part.startswith("."))
            ]
        else:
            places = [posixpath.normpath(posixpath.join(place, part)) for place in places]
    return [place for place in places if files.exists(place)]
