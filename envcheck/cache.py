"""The user's cache folder: what was read once and cannot have changed, by name and key.

Entries are `marshal`, which loads in a tenth of JSON's time and is only safe from a folder that nobody else can write:
one that is not ours alone is neither read nor written. The key holds the interpreter's version, on which
marshal depends.
"""

from __future__ import annotations

import binascii
import marshal
import os
import stat
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_SCHEMA = 1
_CHECK = 4  # bytes of CRC-32 ahead of the entry
_READ_ONLY = os.O_RDONLY
for _flag in ("O_NOFOLLOW", "O_NONBLOCK", "O_BINARY"):  # where the system has them
    _READ_ONLY |= getattr(os, _flag, 0)
_LARGEST = 64 << 20  # bytes; the packages of 2,000 distributions take 3 MiB


def load(name: str, key: object) -> Any:
    """Return what was stored under a name, or None: not there, another key, damaged, or not ours."""
    folder = _folder()
    if not folder or not _is_ours(folder):
        return None
    try:
        handle = os.open(_path(folder, name), _READ_ONLY)
    except OSError:
        return None
    try:
        size = os.fstat(handle).st_size
        data = os.read(handle, size) if size <= _LARGEST else b""
        if binascii.crc32(data[_CHECK:]).to_bytes(_CHECK, "little") != data[:_CHECK]:
            return None  # marshal allocates what a damaged length asks for
        found = marshal.loads(data[_CHECK:])  # noqa: S302  only ever from a folder of ours
    except (OSError, ValueError, EOFError, TypeError, MemoryError):
        return None
    finally:
        os.close(handle)
    if isinstance(found, tuple) and len(found) == 2 and found[0] == _full_key(key):  # noqa: PLR2004
        return found[1]
    return None


def store(name: str, key: object, value: Any) -> None:
    """Keep a value of plain types under a name; silently not where there is no place for it.

    Written beside and renamed, so that another process sees the old or the new entry, never half of one.
    """
    folder = _folder()
    if not folder:
        return
    fresh = f"{_path(folder, name)}.{os.getpid()}"
    try:
        data = marshal.dumps((_full_key(key), value))
        data = binascii.crc32(data).to_bytes(_CHECK, "little") + data
        os.makedirs(folder, mode=0o700, exist_ok=True)
        if not _is_ours(folder) or len(data) > _LARGEST:
            return
        handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
        try:
            written = os.write(handle, data)
        finally:
            os.close(handle)
        if written == len(data):
            os.replace(fresh, _path(folder, name))
        else:
            os.unlink(fresh)
    except (OSError, ValueError):
        return


def _full_key(key: object) -> Any:
    return _SCHEMA, sys.implementation.cache_tag, sys.hexversion, key


def _folder() -> str:
    """Return the cache folder, or nothing where the user has no home."""
    environ = os.environ
    if sys.platform == "win32":
        return os.path.join(environ["LOCALAPPDATA"], "envcheck", "cache") if environ.get("LOCALAPPDATA") else ""
    if environ.get("XDG_CACHE_HOME", "").startswith("/"):  # the XDG specification: a relative one is to be ignored
        return environ["XDG_CACHE_HOME"] + "/envcheck"
    home = environ.get("HOME", "")
    if not home.startswith("/"):
        return ""
    return home + ("/Library/Caches/envcheck" if sys.platform == "darwin" else "/.cache/envcheck")


def _is_ours(folder: str) -> bool:
    try:
        status = os.lstat(folder)
    except OSError:
        return False
    if not stat.S_ISDIR(status.st_mode):
        return False
    return sys.platform == "win32" or (status.st_uid == os.geteuid() and not status.st_mode & 0o022)


def _path(folder: str, name: str) -> str:
    return f"{folder}/{name}.{sys.implementation.cache_tag}.marshal"
