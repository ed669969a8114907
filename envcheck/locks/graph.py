"""Who is needed when: conditions and groups carried along a lock's dependencies, from what the project asks for."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any, TypeAlias

    # A conjunction of markers; a set of them is their disjunction, and one that is empty always holds.
    Path: TypeAlias = frozenset[str]
    Paths: TypeAlias = frozenset[Path]

MOST_ALTERNATIVES = 8
_ALWAYS: Paths = frozenset((frozenset(),))
_TOO_MANY: Paths = frozenset()  # reached, under more conditions than are kept


def conditions(
    roots: Iterable[tuple[Any, str]], edges: Mapping[Any, Iterable[tuple[Any, str]]]
) -> dict[Any, tuple[str, ...] | None]:
    """Return for each node that is reached the markers of which one must hold, None where they are too many.

    `roots` and the values of `edges` are (node, marker); an empty marker always holds. A node that one path reaches
    without a condition has none.
    """
    held: dict[Any, Paths] = {}
    waiting: list[tuple[Any, Paths]] = [(node, _one(marker)) for node, marker in roots]
    while waiting:
        node, paths = waiting.pop()
        before = held.get(node)
        after = paths if before is None else _either(before, paths)
        if after == before:
            continue
        held[node] = after
        waiting += [(target, _both(after, marker)) for target, marker in edges.get(node, ())]
    return {node: None if paths is _TOO_MANY or not paths else _texts(paths) for node, paths in held.items()}


def _one(marker: str) -> Paths:
    return frozenset((frozenset((marker,)),)) if marker else _ALWAYS


def _both(paths: Paths, marker: str) -> Paths:
    return _smallest(path | {marker} for path in paths) if marker and paths else paths


def _either(first: Paths, second: Paths) -> Paths:
    if _ALWAYS in (first, second):
        return _ALWAYS
    return _smallest((*first, *second)) if first and second else _TOO_MANY


def _smallest(paths: Iterable[Path]) -> Paths:
    """Return the paths less those that ask for more than another one."""
    given = set(paths)
    kept = frozenset(path for path in given if not any(other < path for other in given))
    return _TOO_MANY if len(kept) > MOST_ALTERNATIVES else kept


def _texts(paths: Paths) -> tuple[str, ...]:
    if paths == _ALWAYS:
        return ()
    return tuple(sorted(" and ".join(_bracketed(path)) for path in paths))


def _bracketed(path: Path) -> list[str]:
    alone = len(path) == 1
    return [f"({marker})" if " or " in marker and not alone else marker for marker in sorted(path)]
