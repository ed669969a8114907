"""Which names a compiled module certainly does not have: some kinds hold all of their names as texts.

Cython makes every name of a module's namespace from a table of texts, in which `__test__` always is
(cython/cython:Cython/Compiler/Code.py); a table that is compressed, or a star import, hides them. Modules of the
standard library add each name by its text (https://docs.python.org/3/c-api/module.html#c.PyModule_Add), but for the
numbered keys of curses and the maps of codecs (python/cpython:Modules/_cursesmodule.c, Modules/cjkcodecs/cjkcodecs.h).
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from envcheck.linkers.view import View

_LIMIT = 64 << 20  # bytes; the largest Cython module among 480 distributions has 12 MiB
_MADE_BY_CYTHON = (b"cython_runtime", b"__test__")
_COMPUTES_NAMES = ("/_curses", "/_codecs_")
_HIDES_NAMES = (b"__Pyx_import_star", b"import_all_from", b"\0globals\0")


def lacks(view: View, path: str, name: str, read: dict[str, bytes]) -> bool:
    """Tell whether a compiled module certainly lacks a name; `read` holds the few files that were asked about."""
    data = read.get(path)
    if data is None:
        try:
            data = view.read(path, _LIMIT)
        except OSError:
            data = b""
        standard = "/lib-dynload/" in path and not any(module in path for module in _COMPUTES_NAMES)
        if len(data) == _LIMIT or not (standard or _lists_names(data)):
            data = b""
        read[path] = data
    return bool(data) and name.encode() not in data


def _lists_names(data: bytes) -> bool:
    """Tell whether a module was made by Cython and hides none of its names."""
    return all(mark in data for mark in _MADE_BY_CYTHON) and not any(mark in data for mark in _HIDES_NAMES)
