"""CycloneDX SBOMs in XML, brought into the shape of the JSON form; document types and entities are refused.

https://cyclonedx.org/docs/1.6/xml/
"""

from __future__ import annotations

from xml.parsers import expat

from envcheck.formats.tree import Builder, FormatError, Node
from envcheck.locks import cyclonedx

TYPE_CHECKING = False
if TYPE_CHECKING:
    from envcheck.locks.declaration import Declaration

_SEPARATOR = " "
_NAMESPACE = "http://cyclonedx.org/schema/bom/"
_LISTS = ("components", "hashes", "externalReferences", "compositions")
_DEEPEST = 60


def read(source: str) -> Declaration:
    """Return what a CycloneDX document lists; raises FormatError."""
    reader = _Reader()
    try:
        reader.parser.Parse(source.encode("utf-8", "surrogatepass"), True)  # noqa: FBT003  expat has no keyword
    except expat.ExpatError as error:
        raise FormatError(f"not valid XML: {expat.ErrorString(error.code)}", error.lineno) from None
    return cyclonedx.of_tree(reader.builder.tree().root)


class _Reader:
    """Follows the parser: lists become lists, elements with others inside mappings, all others texts."""

    def __init__(self) -> None:
        self.parser = expat.ParserCreate("utf-8", _SEPARATOR)
        self.parser.StartDoctypeDeclHandler = self.refuse
        self.parser.StartElementHandler = self.start
        self.parser.EndElementHandler = self.end
        self.parser.CharacterDataHandler = self.characters
        self.parser.buffer_text = True
        self.builder = Builder()
        # Of each open element: name, line, text so far, children as (name, node).
        self.open: list[tuple[str, int, list[str], list[tuple[str, Node]]]] = []

    def refuse(self, *_declaration: object) -> None:
        raise FormatError("a document type is refused: an SBOM needs none", self.parser.CurrentLineNumber)

    def start(self, name: str, attributes: dict[str, str]) -> None:
        namespace, _, plain = name.rpartition(_SEPARATOR)
        line = self.parser.CurrentLineNumber
        if len(self.open) > _DEEPEST:
            raise FormatError("nested too deeply", line)
        inside = [(key, Node(value, line)) for key, value in attributes.items()]
        if not self.open and plain == "bom" and namespace.startswith(_NAMESPACE):
            inside.append(("bomFormat", Node("CycloneDX", line)))
        self.open.append((plain, line, [], inside))

    def characters(self, data: str) -> None:
        self.open[-1][2].append(data)

    def end(self, _name: str) -> None:
        name, line, pieces, inside = self.open.pop()
        said = "".join(pieces).strip()
        if name in _LISTS:
            node = Node([child for _, child in inside], line)
        elif not inside:
            node = Node(said, line)
        else:
            if said:
                inside.append(("content", Node(said, line)))
            node = Node(dict(inside), line)
        if self.open:
            self.open[-1][3].append((name, node))
        else:
            self.builder.add(node)
