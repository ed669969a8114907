"""Keeps what parsing gave from one run to the next: requirements, markers and comparisons never change.

They are a sixth of a check of 480 distributions. A damaged or foreign entry is as good as none (see `envcheck.cache`).
"""

from __future__ import annotations

import os

from envcheck import cache, requirements, versions

_FORMAT = 1  # of what parsing returns, for changes that leave the sources' times alone
_MOST = 100_000  # entries, 10 MiB; then it starts anew
_NAME = "parsed"


def recall() -> int:
    """Fill the parsers' memories with what earlier runs learnt; return how much they hold."""
    held = cache.load(_NAME, _key())
    memories = _memories()
    if isinstance(held, tuple) and len(held) == len(memories) and sum(map(len, held)) < _MOST:
        for memory, known in zip(memories, held, strict=True):
            memory.update(known)
    return _size()


def keep(recalled: int) -> None:
    """Store what the parsers have learnt since `recall` returned this."""
    if _size() > recalled:
        cache.store(_NAME, _key(), _memories())


def _memories() -> tuple[dict[object, object], ...]:
    return (*requirements.MEMORIES, versions.VERDICTS)


def _size() -> int:
    return sum(map(len, _memories()))


def _key() -> tuple[int, ...]:
    """Return what changes with the parsers themselves."""
    return (_FORMAT, *(os.stat(module.__file__ or "").st_mtime_ns for module in (requirements, versions)))
