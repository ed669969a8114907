"""SPDX 2 SBOMs, JSON and tag-value: packages by their package URLs.

https://spdx.github.io/spdx-spec/v2.3/
"""

from __future__ import annotations

from envcheck.formats import json_text
from envcheck.formats.tree import FormatError
from envcheck.locks.components import Components
from envcheck.locks.declaration import items, mapping, text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from envcheck.formats.tree import Node
    from envcheck.locks.declaration import Declaration


def read(source: str) -> Declaration:
    """Return what an SPDX document in JSON lists; raises FormatError."""
    root = mapping(json_text.read(source).root)
    _refuse_others(text(root.get("spdxVersion")), 1)
    components = Components()
    for node in items(root.get("packages")):
        held = mapping(node)
        name = held.get("name")
        checksums = map(mapping, items(held.get("checksums")))
        components.add(
            text(name),
            text(held.get("versionInfo")),
            _purl(items(held.get("externalRefs"))),
            name.line if name else node.line,
            [(text(one.get("algorithm")), text(one.get("checksumValue"))) for one in checksums],
        )
    return components.done(partial="")


def _purl(references: list[Node]) -> str:
    held = map(mapping, references)
    return next((text(one.get("referenceLocator")) for one in held if text(one.get("referenceType")) == "purl"), "")


def read_tags(source: str) -> Declaration:
    """Return what an SPDX document in tag-value form lists; raises FormatError."""
    components = Components()
    package: dict[str, str] = {}
    hashes: list[tuple[str, str]] = []
    start, version, quoted = 1, "", False
    for number, line in enumerate([*source.replace("\r\n", "\n").split("\n"), "PackageName:"], 1):
        tag, colon, value = line.partition(":")
        if quoted or not colon:
            quoted = quoted and "</text>" not in line
            continue
        quoted = "<text>" in value and "</text>" not in value
        value = value.strip()
        if tag == "SPDXVersion":
            version = value
        elif tag in ("PackageName", "FileName"):
            if "name" in package:
                given = (package["name"], package.get("version", ""), package.get("purl", ""))
                components.add(*given, start, hashes)
            package, hashes, start = {"name": value} if tag == "PackageName" else {}, [], number
        elif tag == "PackageVersion":
            package["version"] = value
        elif tag == "ExternalRef" and "purl" in value.split():
            package["purl"] = value.split()[-1]
        elif tag == "PackageChecksum":
            algorithm, _, checksum = value.partition(":")
            hashes.append((algorithm, checksum.strip()))
    _refuse_others(version, 1)
    return components.done(partial="")


def _refuse_others(version: str, line: int) -> None:
    if not version.startswith("SPDX-2."):
        raise FormatError(f"{version or 'no spdxVersion'}: SPDX 2 is read", line)
