"""Matches fact keys by globs: `database.url`, `app#database.*`, `package/*`, `config/app#log.level`."""

from __future__ import annotations

from fnmatch import fnmatchcase

from envcheck.keys import KINDS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

_WILD = "*?["


def names(key: str) -> tuple[str, ...]:
    """Return how people may write a key: whole, without its kind, a setting or a variable by its name alone."""
    entity, _, attribute = key.partition("#")
    kind, _, subject = entity.partition("/")
    if kind == "config":
        return key, f"{subject}#{attribute}", attribute
    if kind == "env":
        return key, entity, subject
    return (key, entity) if attribute == KINDS.get(kind, ("",))[0] or not attribute else (key,)


def matches(pattern: str, key: str) -> bool:
    """Tell whether a glob matches a key in one of its forms; `*` stands for anything, dots and slashes included."""
    if not any(mark in pattern for mark in _WILD):
        return pattern in names(key)
    return any(fnmatchcase(name, pattern) for name in names(key))


def any_matches(patterns: Sequence[str], key: str) -> bool:
    """Tell whether one of the globs matches."""
    return any(matches(pattern, key) for pattern in patterns)


def specificity(pattern: str) -> tuple[bool, int]:
    """Return what orders patterns: one without wildcards is the most specific, then the one with more letters."""
    wild = sum(map(pattern.count, _WILD))
    return not wild, len(pattern) - wild
