"""What was read of single files in earlier runs, by path and stamp, in the user's cache folder."""

from __future__ import annotations

from envcheck import cache

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from envcheck.linkers.view import Stamp


class Kept:
    """One entry of the cache: values that marshal can keep, by path; used only while the file's stamp is the same.

    `form` is all that decides beside the files: a number to raise with every change of what is kept, a Python version.
    """

    def __init__(self, name: str, form: object, *, cached: bool) -> None:
        self._name = name
        self._form = form
        self._cached = cached
        self._held: dict[str, tuple[Stamp, Any]] = (cache.load(name, form) or {}) if cached else {}
        self._used: dict[str, tuple[Stamp, Any]] = {}

    def recall(self, path: str, stamp: Stamp) -> Any:
        """Return what was kept of a file as it is now, or None."""
        held = self._held.get(path)
        if held is None or held[0] != stamp:
            return None
        self._used[path] = held
        return held[1]

    def keep(self, path: str, stamp: Stamp, value: Any) -> None:
        """Keep a value that is not None for the runs to come."""
        self._used[path] = stamp, value

    def save(self) -> None:
        """Write what this run used, where it is not what was there before."""
        if self._cached and self._used != self._held:
            cache.store(self._name, self._form, self._used)
