"""YAML as texts: nothing is resolved or constructed, so `3.10`, `yes` and `0755` stay as they are written."""

from __future__ import annotations

import yaml

from envcheck.formats.tree import Builder, FormatError, Node

TYPE_CHECKING = False
if TYPE_CHECKING:
    from envcheck.formats.tree import Tree

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_MOST_MERGED = 100_000  # keys that `<<` may copy in one file; each merge of a large mapping copies all of it


def read(text: str) -> Tree:
    """Return the tree of all documents, aliases and `<<` followed; raises FormatError.

    It follows the parser's events, since composing nodes in C overflows the stack on deep nesting.
    """
    reader = _Reader()
    try:
        for event in yaml.parse(text, Loader=_LOADER):
            reader.take(event)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        problem = " ".join(filter(None, (error.context, error.problem)))
        raise FormatError(f"not valid YAML: {problem}", mark.line + 1 if mark else 0) from None
    except yaml.YAMLError as error:
        raise FormatError(f"not valid YAML: {' '.join(str(error).split())}") from None
    return reader.builder.tree()


class _Reader:
    def __init__(self) -> None:
        self.builder = Builder()
        self.anchors: dict[str, Node] = {}
        self.names: list[str | None] = []
        self.merged = 0

    def take(self, event: yaml.Event) -> None:
        line = event.start_mark.line + 1 if event.start_mark else 0
        if isinstance(event, yaml.DocumentStartEvent):
            self.anchors.clear()
        elif isinstance(event, yaml.ScalarEvent):
            node = Node(event.value, line, bare=not event.style and event.tag is None)
            self._name(node, event.anchor)
            self.builder.add(node)
        elif isinstance(event, yaml.AliasEvent):
            if event.anchor not in self.anchors:
                raise FormatError("an alias has nothing to stand for", line)  # its name may be an unquoted password
            self.builder.add(self.anchors[event.anchor])
        elif isinstance(event, yaml.CollectionStartEvent):
            self.builder.begin({} if isinstance(event, yaml.MappingStartEvent) else [], line)
            self.names.append(event.anchor)
        elif isinstance(event, yaml.CollectionEndEvent):
            node = self.builder.end()
            self.merged += _merge(node)
            if self.merged > _MOST_MERGED:
                raise FormatError("its merges (<<) copy too much", node.line)
            self._name(node, self.names.pop())

    def _name(self, node: Node, anchor: str | None) -> None:
        if anchor:
            self.anchors[anchor] = node


def _merge(node: Node) -> int:
    """Replace `<<: *mapping` by the entries of that mapping that the node lacks; return how many were looked at."""
    held = node.held
    if not isinstance(held, dict) or "<<" not in held:
        return 0
    source = held["<<"].held
    maps = [item.held for item in source] if isinstance(source, list) else [source]
    if not maps or not all(isinstance(item, dict) for item in maps):
        return 0
    del held["<<"]
    for item in maps:
        assert isinstance(item, dict)
        for key, value in item.items():
            held.setdefault(key, value)
    return sum(map(len, maps))
