"""CycloneDX and SPDX: genuine documents, every ecosystem, and what makes a list incomplete."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from envcheck.formats.tree import FormatError
from envcheck.locks import read
from envcheck.locks.components import read_purl
from envcheck.locks.declaration import Declaration

FILES = Path(__file__).parent / "files"


def bom(*components: dict[str, object], **more: object) -> Declaration:
    document = {"bomFormat": "CycloneDX", "specVersion": "1.6", "components": components, **more}
    return read(json.dumps(document, indent=1), "CycloneDX JSON")


def told(declaration: Declaration) -> list[tuple[str, str, str]]:
    return [(one.kind, one.name, one.version) for one in declaration.packages]


@pytest.mark.parametrize(
    ("purl", "read_as"),
    [
        ("pkg:pypi/click@8.5.1", ("pypi", "click", "8.5.1", {})),
        ("pkg:pypi/torch@2.4.0%2Bcu121#sub", ("pypi", "torch", "2.4.0+cu121", {})),
        (
            "pkg:conda/absl-py@0.4.1?build=py36h06a4308_0&channel=main",
            ("conda", "absl-py", "0.4.1", {"build": "py36h06a4308_0", "channel": "main"}),
        ),
        (
            "pkg:deb/debian/libc6@2.36-9%2Bdeb12u8?arch=amd64",
            ("deb", "debian/libc6", "2.36-9+deb12u8", {"arch": "amd64"}),
        ),
        ("pkg:npm/%40angular/core@16.0.0", ("npm", "@angular/core", "16.0.0", {})),
        ("pkg:pypi/click", ("pypi", "click", "", {})),
        ("click@8", ("", "", "", {})),
    ],
)
def test_a_package_url(purl: str, read_as: object) -> None:
    assert read_purl(purl) == read_as


@pytest.mark.parametrize(
    ("file", "format_", "count", "numpy"),
    [("bom.json", "CycloneDX JSON", 15, [2, 2, 2]), ("bom.xml", "CycloneDX XML", 5, [])],
)
def test_a_genuine_cyclonedx_document(file: str, format_: str, count: int, numpy: list[int]) -> None:
    text = (FILES / file).read_text()
    declaration = read(text, format_)
    lines = text.splitlines()
    assert declaration.complete == ("package",)
    assert len(declaration.packages) == count
    for one in declaration.packages:
        assert one.name in lines[one.line - 1]
        assert "name" in lines[one.line - 1]
        assert all(each.startswith("sha256:") for each in one.hashes)
    colorama = next(one for one in declaration.packages if one.name == "colorama")
    assert colorama.version == "0.4.6"
    assert len(colorama.hashes) == 2
    assert [len(one.hashes) for one in declaration.packages if one.name == "numpy"] == numpy


def test_components_by_ecosystem_and_nested_ones() -> None:
    declaration = bom(
        {"type": "library", "name": "torch", "version": "2.4.0", "purl": "pkg:pypi/torch@2.4.0"},
        {
            "type": "container",
            "name": "base",
            "version": "12",
            "purl": "pkg:oci/base@sha256%3Aab",
            "components": [{"name": "libc6", "version": "2.36", "purl": "pkg:deb/debian/libc6@2.36"}],
        },
        {"name": "openssl", "version": "3.1", "purl": "pkg:conda/openssl@3.1?build=h0_1&channel=main"},
        {"name": "numpy", "version": "1.26", "purl": "pkg:conda/numpy@1.26?build=py311_0"},
        {"name": "python", "version": "3.11.7", "purl": "pkg:conda/python@3.11.7?build=h1"},
        {"name": "left-pad", "version": "1", "purl": "pkg:npm/left-pad@1"},
        {"name": "lodash", "version": "1", "purl": "pkg:npm/lodash@1"},
    )
    assert told(declaration) == [
        ("package", "torch", "2.4.0"),
        ("image", "base", "sha256:ab"),
        ("system", "libc6", "2.36"),
        ("conda", "openssl", "3.1"),
        ("conda", "numpy", "1.26"),
        ("package", "numpy", "1.26"),
        ("conda", "python", "3.11.7"),
    ]
    assert declaration.python is not None
    assert declaration.python.version == "3.11.7"
    assert [(one.name, one.problem, one.hides) for one in declaration.unread] == [
        ("npm", "2 components of a kind that is not read", False)
    ]
    assert declaration.complete == ("conda", "package")


@pytest.mark.parametrize(
    ("declaration", "only"),
    [
        (bom(), "no Python package"),
        (bom({"name": "torch", "purl": "pkg:pypi/torch"}), "packages without versions"),
        (
            bom({"name": "x", "version": "1", "purl": "pkg:pypi/x@1"}, compositions=[{"aggregate": "incomplete"}]),
            "an incomplete list, as it says itself",
        ),
    ],
)
def test_a_list_that_is_not_all(declaration: Declaration, only: str) -> None:
    assert (declaration.complete, declaration.only) == ((), only)


def test_a_component_without_a_package_url_may_be_a_python_package() -> None:
    declaration = bom({"name": "torch", "version": "2"}, {"name": "x", "version": "1", "purl": "pkg:pypi/x@1"})
    assert [(one.name, one.hides) for one in declaration.unread] == [("no package URL", True)]


def test_xml_entities_are_refused() -> None:
    text = (
        '<?xml version="1.0"?>\n<!DOCTYPE bom [<!ENTITY a "b">]>\n'
        '<bom xmlns="http://cyclonedx.org/schema/bom/1.5"><components/></bom>'
    )
    with pytest.raises(FormatError, match="document type is refused") as caught:
        read(text, "CycloneDX XML")
    assert caught.value.line == 2


@pytest.mark.parametrize(
    ("text", "format_"),
    [
        ("", "CycloneDX XML"),
        ("<bom/>", "CycloneDX XML"),
        ("<a>" * 100, "CycloneDX XML"),
        ("<bom><x></bom>", "CycloneDX XML"),
        ("<hashes>x</hashes>", "CycloneDX XML"),
        ("{}", "CycloneDX JSON"),
        ("[", "CycloneDX JSON"),
        ("{}", "SPDX JSON"),
        ('{"spdxVersion": "SPDX-3.0"}', "SPDX JSON"),
        ("", "SPDX tag-value"),
        ("SPDXVersion: SPDX-1.2\n", "SPDX tag-value"),
    ],
)
def test_what_is_no_sbom(text: str, format_: str) -> None:
    with pytest.raises(FormatError):
        read(text, format_)


@pytest.mark.parametrize(
    ("file", "format_", "line"), [("click.spdx.json", "SPDX JSON", 18), ("click.spdx", "SPDX tag-value", 12)]
)
def test_a_genuine_spdx_document(file: str, format_: str, line: int) -> None:
    declaration = read((FILES / file).read_text(), format_)
    assert [(one.line, one.name, one.version) for one in declaration.packages] == [(line, "click", "8.5.1")]
    assert declaration.complete == ("package",)


def test_checksums_of_spdx() -> None:
    package = {
        "name": "torch",
        "versionInfo": "2.4.0",
        "externalRefs": [{"referenceType": "purl", "referenceLocator": "pkg:pypi/torch@2.4.0"}],
        "checksums": [{"algorithm": "SHA256", "checksumValue": "aa"}],
    }
    declaration = read(json.dumps({"spdxVersion": "SPDX-2.2", "packages": [package]}), "SPDX JSON")
    assert declaration.packages[0].hashes == ("sha256:aa",)
    text = (
        "SPDXVersion: SPDX-2.3\r\nPackageName: torch\r\nPackageComment: <text>several\r\nPackageName: fake\r\n"
        "</text>\r\n"
        "PackageVersion: 2.4.0\r\nPackageChecksum: SHA256: aa\r\n"
        "ExternalRef: PACKAGE-MANAGER purl pkg:pypi/torch@2.4.0\r\nFileName: ./x\r\nPackageName: other\r\n"
    )
    declaration = read(text, "SPDX tag-value")
    assert [(one.name, one.line, one.hashes) for one in declaration.packages] == [("torch", 2, ("sha256:aa",))]
    assert [(one.name, one.line) for one in declaration.unread] == [("no package URL", 10)]
