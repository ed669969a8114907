"""Places inside a JSON document, such as `user.address.zipCode` and `items[].userId`: taken out and put in."""

from __future__ import annotations

from envcheck.errors import DocumentError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    # The number of every list element passed on the way, and the value there.
    Found = tuple[tuple[int, ...], Any]

LIST = "[]"


def parse(text: str) -> tuple[str, ...]:
    """Return the steps of a path, `[]` being every element of a list; raises ValueError."""
    steps: list[str] = []
    for part in text.split("."):
        name = part.rstrip("[]")
        marks = part[len(name) :]
        if not name or marks != LIST * (len(marks) // 2) or "[" in name or "]" in name:
            raise ValueError(text)
        steps += [name, *[LIST] * (len(marks) // 2)]
    if steps[-1] == LIST:
        raise ValueError(text)
    return tuple(steps)


def take(document: Any, path: tuple[str, ...]) -> list[Found]:
    """Return the values at a path and remove them; places that the document does not have are passed over."""
    found = []
    for numbers, holder in _holders(document, path[:-1], ()):
        if isinstance(holder, dict) and path[-1] in holder:
            found.append((numbers, holder.pop(path[-1])))
    return found


def _holders(value: Any, path: tuple[str, ...], numbers: tuple[int, ...]) -> Iterator[Found]:
    if not path:
        yield numbers, value
    elif path[0] == LIST:
        for number, item in enumerate(value if isinstance(value, list) else ()):
            yield from _holders(item, path[1:], (*numbers, number))
    elif isinstance(value, dict) and path[0] in value:
        yield from _holders(value[path[0]], path[1:], numbers)


def put(document: Any, path: tuple[str, ...], numbers: tuple[int, ...], value: Any) -> None:
    """Set a value, making what leads there; raises DocumentError where something else stands."""
    left = list(numbers)
    holder = document
    for step, following in zip(path, (*path[1:], ""), strict=True):
        if step == LIST:
            number = left.pop(0)
            if not isinstance(holder, list):
                raise _occupied(path)
            holder.extend({} for _ in range(number + 1 - len(holder)))
            holder = holder[number]
        elif not isinstance(holder, dict):
            raise _occupied(path)
        elif following:
            holder = holder.setdefault(step, [] if following == LIST else {})
        elif step in holder and holder[step] != value:
            raise _occupied(path)
        else:
            holder[step] = value


def _occupied(path: tuple[str, ...]) -> DocumentError:
    return DocumentError(
        f"{written(path)} is already there, with something else in it",
        hint="map that field to another name, or drop it",
    )


def written(path: tuple[str, ...]) -> str:
    """Return the text of a path."""
    return ".".join(path).replace(f".{LIST}", LIST)
