"""Which names a compiled module certainly does not have: one that Cython made holds all of its names as texts.

Cython makes every name of a module's namespace from a table of texts, in which `__test__` always is
(cython/cython:Cython/Compiler/Code.py); a table that is compressed, or a star import, hides them.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from envcheck.linkers.view import View

_LIMIT = 64 << 20  # bytes; the largest Cython module among 480 distributions has 12 MiB
_MADE_BY_CYTHON = (b"cython_runtime", b"__test__")
_HIDES_NAMES = (b"__Pyx_import_star", b"import_all_from", b"\0globals\0")


def lacks(view: View, path: str, name: str, read: dict[str, bytes]) -> bool:
    """Tell whether a compiled module certainly lacks a name; `read` holds the few files that were asked about."""
    data = read.get(path)
    if data is None:
        try:
            data = view.read(path, _LIMIT)
        except OSError:
            data = b""
        if (
            len(data) == _LIMIT
            or not all(mark in data for mark in _MADE_BY_CYTHON)
            or any(mark in data for mark in _HIDES_NAMES)
        ):
            data = b""
        read[path] = data
    return bool(data) and name.encode() not in data
