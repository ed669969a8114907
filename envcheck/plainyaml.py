"""YAML as plain data with line numbers: versions keep their text, nothing is executed, aliases cannot explode."""

from __future__ import annotations

import yaml

from envcheck.errors import DocumentError
from envcheck.model.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_MOST_NODES = 200_000  # a document of aliases to aliases grows without end; real ones have some thousand nodes
_DEEPEST = 100
_MANY_OPENINGS = 5000
_MOST_DIGITS = 15  # longer ones are identifiers, not amounts


class Document(Record):
    """One YAML document: its data, and the line (from 1) of every path into it, a path being keys and indices."""

    data: object
    lines: Mapping[tuple[object, ...], int]

    def line(self, path: tuple[object, ...]) -> int:
        """Return the line of a path, or of its nearest parent that is there."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)


class Complaint(Record):
    """What msgspec says of a document: the problem, the place as written and as steps, and the field it does not know.

    ``Object contains unknown field `x` - at `$.rules[0]` `` has the place `rules[0]` and the steps `rules`, 0.
    """

    problem: str
    place: str
    steps: tuple[object, ...]
    unknown: str

    @property
    def path(self) -> tuple[object, ...]:
        """Return the path of what is wrong, the unknown field included."""
        return (*self.steps, self.unknown) if self.unknown else self.steps


def complaint(error: Exception) -> Complaint:
    """Return what a validation error of msgspec says, and where."""
    problem, _, rest = str(error).partition(" - at `$")
    place = rest.rstrip("`")
    steps: list[object] = []
    for piece in place.replace("[", ".[").split("."):
        inside = piece.strip("[]")  # nothing of `[...]`, which stands for any key
        if inside:
            steps.append(int(inside) if piece != inside and inside.isdigit() else inside)
    unknown = problem.partition("unknown field `")[2].partition("`")[0]
    return Complaint(problem=problem, place=place.lstrip("."), steps=tuple(steps), unknown=unknown)


def read(text: str, where: str) -> list[Document]:
    """Parse every document of a text; raises DocumentError with file and line.

    `true`, `false` and `null` are themselves, whole decimal numbers are int, everything else is text: `3.10` is "3.10",
    and a date is the text that stands there.
    """
    try:
        _refuse_deep(text, where)
        nodes = list(yaml.compose_all(text, Loader=_LOADER))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = f":{mark.line + 1}" if mark is not None else ""
        problem = " ".join(filter(None, (error.context, error.problem)))
        raise DocumentError(
            f"not valid YAML: {problem}", where=f"{where}{line}", hint="mend the file at that line"
        ) from None
    except (yaml.YAMLError, ValueError) as error:
        raise DocumentError(f"not valid YAML: {error}", where=where, hint="mend the file") from None
    except RecursionError:
        raise DocumentError("nested too deeply", where=where, hint="flatten the file") from None
    return [_document(node, where) for node in nodes]


def _refuse_deep(text: str, where: str) -> None:
    # Composing in C recurses without a limit of its own and overflows the stack at some 50 000 levels; only a text with
    # as many brackets and dashes can nest so deeply, and only such a one is worth a pass of its own.
    if sum(map(text.count, ("[", "{", "- ", "-\n", "? "))) < _MANY_OPENINGS:
        return
    depth = 0
    for event in yaml.parse(text, Loader=_LOADER):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > _DEEPEST:
            raise DocumentError("nested too deeply", where=where, hint="flatten the file")


def _document(node: yaml.Node, where: str) -> Document:
    builder = _Builder(where)
    data = builder.build(node, ())
    return Document(data=data, lines=builder.lines)


class _Builder:
    def __init__(self, where: str) -> None:
        self.where = where
        self.lines: dict[tuple[object, ...], int] = {}
        self.count = 0

    def build(self, node: yaml.Node, path: tuple[object, ...]) -> object:
        self.count += 1
        if self.count > _MOST_NODES or len(path) > _DEEPEST:
            raise DocumentError("too large or nested too deeply once its aliases are written out", where=self.where)
        line = node.start_mark.line + 1
        self.lines[path] = line
        if isinstance(node, yaml.ScalarNode):
            return _scalar(node)
        if isinstance(node, yaml.SequenceNode):
            return [self.build(item, (*path, index)) for index, item in enumerate(node.value)]
        return self._mapping(node, path)

    def _mapping(self, node: yaml.Node, path: tuple[object, ...]) -> dict[str, object]:
        built: dict[str, object] = {}
        for key_node, value_node in node.value:
            place = f"{self.where}:{key_node.start_mark.line + 1}"
            if not isinstance(key_node, yaml.ScalarNode):
                raise DocumentError("a key must be a plain text", where=place, hint="write it in quotes")
            key = str(key_node.value)
            if key in built:
                raise DocumentError(f"the key {key!r} stands twice", where=place, hint="remove one of the two")
            built[key] = self.build(value_node, (*path, key))
        return built


def _scalar(node: yaml.ScalarNode) -> object:
    text = str(node.value)
    if node.style:  # quoted or a block: text, whatever it looks like
        return text
    if text in ("true", "True"):
        return True
    if text in ("false", "False"):
        return False
    if text in ("", "null", "~"):
        return None
    digits = text.removeprefix("-")
    plain_number = (
        digits.isascii() and digits.isdigit() and (digits == "0" or digits[0] != "0") and len(digits) <= _MOST_DIGITS
    )
    return int(text) if plain_number else text
