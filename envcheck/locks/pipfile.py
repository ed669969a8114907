"""Pipfile.lock: packages by category, `default` and `develop` and any other.

https://pipenv.pypa.io/en/latest/pipfile.html
"""

from __future__ import annotations

from envcheck.formats import json_text
from envcheck.formats.tree import FormatError
from envcheck.locks.declaration import Reading, mapping, pinned, plain_url, sorted_hashes, text, texts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from envcheck.formats.tree import Node
    from envcheck.locks.declaration import Declaration

_GROUPS = {"default": "", "develop": "dev"}


def read(source: str) -> Declaration:
    """Return what a Pipfile.lock declares; raises FormatError."""
    root = mapping(json_text.read(source).root)
    if "_meta" not in root:
        raise FormatError("a Pipfile.lock has _meta", 1)
    reading = Reading()
    requires = mapping(mapping(root["_meta"]).get("requires"))
    python = requires.get("python_full_version") or requires.get("python_version")
    reading.ask_python(text(python), python.line if python else 1)
    for category, packages in root.items():
        for name, node in mapping(packages).items() if category != "_meta" else ():
            _take(name, node, _GROUPS.get(category, category), reading)
    return reading.done(complete=("package",))


def _take(name: str, node: Node, group: str, reading: Reading) -> None:
    held = mapping(node)
    specifier, marker = text(held.get("version")), text(held.get("markers"))
    where = next((text(held[key]) for key in ("git", "file", "path") if key in held), "")
    revision = text(held.get("ref")) if "git" in held else ""
    version = pinned(specifier)
    reading.add(
        name,
        node.line,
        version=version,
        specifier="" if version or specifier == "*" else specifier,
        markers=(marker,) if marker else (),
        groups=(group,) if group else (),
        hashes=sorted_hashes(texts(held.get("hashes"))),
        direct_url=plain_url(where) + (f"@{revision}" if revision else ""),
        editable=text(held.get("path")) if text(held.get("editable")) == "true" else "",
    )
