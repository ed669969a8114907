"""A parsed configuration: texts, lists and mappings with the lines they stand on, built by every format's reader."""

from __future__ import annotations

from envcheck.model.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import TypeAlias

    Held: TypeAlias = "str | list[Node] | dict[str, Node]"

_DEEPEST = 64
_MOST_DIGITS = 15  # longer ones are identifiers, not amounts


class FormatError(Exception):
    """A file is not what its format asks for; `line` is from 1, 0 where it is not known."""

    def __init__(self, problem: str, line: int = 0) -> None:
        super().__init__(problem)
        self.problem = problem
        self.line = line


class Node:
    """A text, a list or a mapping, the line it starts on, and how deep it nests.

    A text is `bare` where its format says that it is none, but a number, a boolean or nothing: `5`, not `"5"`.
    """

    __slots__ = ("bare", "depth", "held", "line")

    def __init__(self, held: Held, line: int, *, bare: bool = False) -> None:
        self.held = held
        self.line = line
        self.bare = bare
        self.depth = 0


class Tree(Record):
    """A file: its root, and (line, problem) of what could be read and still is wrong."""

    root: Node
    problems: tuple[tuple[int, str], ...] = ()


class Builder:
    """Takes what a parser meets in order of appearance, and gives a tree; never recurses."""

    def __init__(self) -> None:
        self.roots: list[Node] = []
        self.problems: list[tuple[int, str]] = []
        self._open: list[Node] = []
        self._keys: list[Node | None] = []

    def begin(self, held: list[Node] | dict[str, Node], line: int) -> None:
        """Open a list or a mapping; raises FormatError when it nests too deeply."""
        if len(self._open) == _DEEPEST:
            raise FormatError(f"nested more than {_DEEPEST} levels deep", line)
        self._open.append(Node(held, line))
        self._keys.append(None)

    def end(self) -> Node:
        """Close the innermost list or mapping, put it in its place, and return it."""
        node = self._open.pop()
        self._keys.pop()
        self.add(node)
        return node

    def add(self, node: Node) -> None:
        """Put a finished node, new or seen before, into what is open; in a mapping a key, then its value."""
        if not self._open:
            self.roots.append(node)
            return
        parent = self._open[-1]
        if isinstance(parent.held, list):
            parent.held.append(node)
        elif isinstance(parent.held, dict):
            key = self._keys[-1]
            if key is None:
                self._keys[-1] = node
                return
            self._keys[-1] = None
            self._set(parent.held, key, node)
        parent.depth = max(parent.depth, node.depth + 1)
        if parent.depth > _DEEPEST:
            # Aliases nest what is not nested in the text.
            raise FormatError(f"nested more than {_DEEPEST} levels deep", node.line)

    def _set(self, held: dict[str, Node], key: Node, node: Node) -> None:
        if not isinstance(key.held, str):
            self.problems.append((key.line, "a key is a list or a mapping; its value is left out"))
            return
        if key.held in held:
            self.problems.append((key.line, f"the key {key.held!r} stands twice, the last one counts"))
        held[key.held] = node

    def tree(self) -> Tree:
        """Return what was built: several documents as a list, none as an empty mapping."""
        root = self.roots[0] if len(self.roots) == 1 else Node(list(self.roots) if self.roots else {}, 1)
        root.depth = max((node.depth + 1 for node in self.roots), default=0)
        return Tree(root=root, problems=tuple(self.problems))


def typed(text: str) -> str | int | bool:
    """Return the boolean or the whole number that a bare text is; decimals, which may be versions, stay texts."""
    if text.lower() in ("true", "false"):
        return text.lower() == "true"
    return int(text) if len(text) <= _MOST_DIGITS and _is_whole(text) else text


def _is_whole(text: str) -> bool:
    digits = text.removeprefix("-")
    return digits.isascii() and digits.isdigit() and (digits[0] != "0" or text == "0")


def settings(tree: Tree) -> Iterator[tuple[str, Node, str]]:
    """Yield (dotted key, text node, what else names it) of every setting in order; `[]` and `{}` for what is empty.

    The `value` of `{name: DB_PASSWORD, value: x}`, and what follows the flag in `[--password, x]`, is named by another.
    With aliases this may be far more than the file holds: whoever iterates stops somewhere.
    """
    waiting = [("", tree.root, "")]
    while waiting:
        name, node, also = waiting.pop()
        held = node.held
        if isinstance(held, str):
            yield name, node, also
        elif not held:
            if name:
                yield name, Node("[]" if isinstance(held, list) else "{}", node.line), also
        else:
            start = f"{name}." if name else ""
            waiting.extend([(start + key, item, said) for key, item, said in _inside(held)][::-1])


def _inside(held: list[Node] | dict[str, Node]) -> Iterator[tuple[str, Node, str]]:
    """Yield (key, node, what else names it) of what a mapping or a list holds."""
    if isinstance(held, dict):
        named = [held[key].held for key in ("name", "key") if key in held and "value" in held]
        said = " ".join(text for text in named if isinstance(text, str))
        yield from ((key, node, said if key == "value" else "") for key, node in held.items())
        return
    flag = ""
    for place, node in enumerate(held):
        yield str(place), node, flag
        flag = node.held if isinstance(node.held, str) and node.held.startswith("-") else ""
