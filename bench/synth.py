"""Makes an environment of many distributions: real metadata copied under new names that also ask for each other."""

from __future__ import annotations

import os
import re
from itertools import count, islice

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

_KEPT = ("WHEEL", "INSTALLER")
_LISTS = ("RECORD", "top_level.txt")  # what it installs: renamed as well, or every copy would clash with its original
_FIRST = re.compile(r"^[A-Za-z_]\w*", re.MULTILINE)
_NAME = re.compile(r"^(Name: *)([\w.-]+)", re.MULTILINE)
_REQUIRES = re.compile(r"^(Requires-Dist: *)([\w.-]+)", re.MULTILINE)


def fill(site: str, source: str, number: int) -> None:
    """Write so many distributions, metadata only, into a site directory, made from those of another one."""
    originals = sorted(entry for entry in os.listdir(source) if os.path.isfile(os.path.join(source, entry, "METADATA")))
    names = {_plain(entry.partition("-")[0]) for entry in originals}
    for entry, copy in islice(_copies(originals), number):
        name, _, rest = entry.partition("-")
        folder = os.path.join(site, f"{name}{f'_x{copy}' if copy else ''}-{rest}")
        os.makedirs(folder, exist_ok=True)
        _write(folder, "METADATA", _renamed(_read(source, entry, "METADATA"), copy, names))
        for kept in (*_KEPT, *_LISTS):
            if os.path.isfile(os.path.join(source, entry, kept)):
                text = _read(source, entry, kept)
                _write(folder, kept, _FIRST.sub(rf"\g<0>_x{copy}", text) if copy and kept in _LISTS else text)


def _copies(originals: list[str]) -> Iterator[tuple[str, int]]:
    for copy in count():
        for entry in originals:
            yield entry, copy


def _renamed(metadata: str, copy: int, names: set[str]) -> str:
    if not copy:
        return metadata
    header, blank, body = metadata.partition("\n\n")
    header = _NAME.sub(rf"\g<0>-x{copy}", header, count=1)
    header = _REQUIRES.sub(lambda found: f"{found[0]}-x{copy}" if _plain(found[2]) in names else found[0], header)
    return header + blank + body


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _read(*parts: str) -> str:
    with open(os.path.join(*parts), encoding="utf-8", errors="surrogateescape", newline="") as file:
        return file.read()


def _write(folder: str, name: str, text: str) -> None:
    with open(os.path.join(folder, name), "w", encoding="utf-8", errors="surrogateescape", newline="") as file:
        file.write(text)
