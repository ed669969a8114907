"""pylock.toml: the lock file of the Python packaging standards, one marker a package.

https://packaging.python.org/en/latest/specifications/pylock-toml/
"""

from __future__ import annotations

import re

from envcheck.formats import toml_text
from envcheck.formats.tree import FormatError
from envcheck.locks.declaration import Reading, items, mapping, needs_choice, plain_url, sorted_hashes, text, texts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from envcheck.formats.tree import Node
    from envcheck.locks.declaration import Declaration

_CHOICE = r"""["']([^"']+)["'] in (?:extras|dependency_groups)"""
_CHOICES_ONLY = re.compile(rf"\(?{_CHOICE}(?: or {_CHOICE})*\)?")


def read(source: str) -> Declaration:
    """Return what a pylock.toml declares; raises FormatError."""
    root = mapping(toml_text.read(source).root)
    lock_version = root.get("lock-version")
    if lock_version is None:
        raise FormatError("a pylock.toml has a lock-version", 1)
    if not text(lock_version).startswith("1."):
        raise FormatError(f"lock-version {text(lock_version)} is not known; 1.0 is", lock_version.line)
    reading = Reading()
    requires = root.get("requires-python")
    reading.ask_python(text(requires), requires.line if requires else 1)
    defaults = " ".join(texts(root.get("default-groups")))
    for node in items(root.get("packages")):
        _take(node, defaults, reading)
    return reading.done(complete=("package",))


def _take(node: Node, defaults: str, reading: Reading) -> None:
    held = mapping(node)
    name, marker = text(held.get("name")), text(held.get("marker"))
    if not name:
        reading.leave("[[packages]]", "a package without a name", node.line)
        return
    groups: tuple[str, ...] = ()
    if needs_choice(marker, defaults):
        groups = tuple(sorted(set(re.findall(_CHOICE, marker))))
        marker = "" if _CHOICES_ONLY.fullmatch(marker) else marker
    files = [held.get("archive"), held.get("sdist"), *items(held.get("wheels"))]
    directory = mapping(held.get("directory"))
    reading.add(
        name,
        node.line,
        version=text(held.get("version")),
        markers=(marker,) if marker else (),
        groups=groups,
        hashes=sorted_hashes(
            f"{kind}:{text(value)}" for file in files for kind, value in mapping(mapping(file).get("hashes")).items()
        ),
        direct_url=_origin(held),
        editable=text(directory.get("path")) if text(directory.get("editable")) == "true" else "",
    )


def _origin(held: Mapping[str, Node]) -> str:
    vcs, other = mapping(held.get("vcs")), mapping(held.get("archive") or held.get("directory"))
    if vcs:
        where = plain_url(text(vcs.get("url")) or text(vcs.get("path")))
        return f"{where}@{text(vcs.get('commit-id'))}".removesuffix("@")
    return plain_url(text(other.get("url")) or text(other.get("path")))
