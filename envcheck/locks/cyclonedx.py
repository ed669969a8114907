"""CycloneDX SBOMs in JSON: components by their package URLs.

https://cyclonedx.org/docs/1.6/json/
"""

from __future__ import annotations

from envcheck.formats import json_text
from envcheck.formats.tree import FormatError
from envcheck.locks.components import Components
from envcheck.locks.declaration import items, mapping, text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from envcheck.formats.tree import Node
    from envcheck.locks.declaration import Declaration

_UNKNOWN_REST = ("incomplete", "incomplete_first_party_only", "incomplete_third_party_only", "unknown")


def read(source: str) -> Declaration:
    """Return what a CycloneDX document lists; raises FormatError."""
    return of_tree(json_text.read(source).root)


def of_tree(node: Node) -> Declaration:
    """Return what a document lists whose tree is that of the JSON form; raises FormatError."""
    root = mapping(node)
    if text(root.get("bomFormat")) != "CycloneDX":
        raise FormatError("a CycloneDX document says so under bomFormat", 1)
    components = Components()
    waiting = items(root.get("components"))[::-1]
    while waiting:
        one = waiting.pop()
        held = mapping(one)
        name = held.get("name")
        components.add(
            text(name),
            text(held.get("version")),
            text(held.get("purl")),
            name.line if name else one.line,
            _hashes(held),
        )
        waiting += items(held.get("components"))[::-1]
    said = {text(mapping(one).get("aggregate")) for one in items(root.get("compositions"))}
    return components.done(partial="an incomplete list, as it says itself" if said & {*_UNKNOWN_REST} else "")


def _hashes(held: Mapping[str, Node]) -> Iterator[tuple[str, str]]:
    """Yield (algorithm, value) of a component and of the files that it may be installed from."""
    references = list(map(mapping, items(held.get("externalReferences"))))
    for owner in (held, *(one for one in references if text(one.get("type")) == "distribution")):
        for one in map(mapping, items(owner.get("hashes"))):
            yield text(one.get("alg")), text(one.get("content"))
