"""Reads the files of contracts and field maps: up to a limit, as UTF-8, and beside a contract only what is its own."""

from __future__ import annotations

import os
import posixpath

from envcheck.errors import DocumentError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

    from envcheck.targets.files import Files

    Beside: TypeAlias = Callable[[str], bytes]  # reads a file that a contract refers to, by its path relative to it

LARGEST = 16 << 20  # bytes; the largest public API descriptions have about ten million


def read(files: Files, path: str, most: int, where: str, hint: str) -> bytes:
    """Return the bytes of a regular file; raises DocumentError where it cannot be read or has more than `most`."""
    try:
        data = files.read(path, most + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise DocumentError(f"cannot be read: {reason}", where=where, hint=hint) from None
    if len(data) > most:
        raise DocumentError(f"larger than {most >> 20} MiB", where=where, hint="divide the file")
    return data


def decoded(data: bytes, where: str) -> str:
    """Return a text without its byte order mark; raises DocumentError with the line for what is not UTF-8."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise DocumentError("not UTF-8 text", where=f"{where}:{line}", hint="save the file as UTF-8") from None


def beside(files: Files, path: str, folder: str) -> Beside:
    """Return what reads a file that a contract refers to: one below `folder`, or below the contract's own folder.

    Links are followed first, so that none leads out of there. What it returns raises OSError.
    """
    own = posixpath.dirname(path)

    def read_other(relative: str) -> bytes:
        other = _resolved(files, posixpath.join(own, relative))
        places = (_resolved(files, folder), _resolved(files, own), posixpath.dirname(_resolved(files, path)))
        if not any(other.startswith(f"{place.rstrip('/')}/") for place in places):
            raise PermissionError(0, "lies outside of the project")
        data = files.read(other, LARGEST + 1)
        if len(data) > LARGEST:
            raise OSError(0, f"larger than {LARGEST >> 20} MiB")
        return data

    return read_other


def _resolved(files: Files, path: str) -> str:
    return files.realpath(path).replace(os.sep, "/")
