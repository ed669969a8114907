"""Which distribution installed which file: the RECORDs of every site directory, read once.

Sources: https://packaging.python.org/en/latest/specifications/recording-installed-packages/ (RECORD),
https://setuptools.pypa.io/en/latest/deprecated/python_eggs.html (egg-info; pip wrote installed-files.txt into it)
"""

from __future__ import annotations

from envcheck.model.record import Record
from envcheck.requirements import normalise
from envcheck.versions import key

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import TypeAlias

    from envcheck.linkers.view import View

    # Number of the owner, and the rest of the RECORD's row: "sha256=…,1234".
    Claim: TypeAlias = tuple[int, str]

_LIMIT = 64 << 20  # bytes of one RECORD; that of torch has 1.4 MiB
_NATIVE = (".so", ".pyd", ".dylib")


class Owner(Record):
    """A distribution in one site directory.

    `older` are the folders of older versions of it in the same place, which an interrupted or ignored upgrade left.
    """

    name: str
    version: str
    site: str
    folder: str
    older: tuple[str, ...] = ()


class Inventory(Record):
    """What the RECORDs say; paths are relative to the site directory, as they were written, without `.pyc`.

    `files` has the last claim to every path by site; `shared` all claims to those that several distributions make.
    `native` are the compiled ones, sorted. `problems` are (path, why) of the RECORDs that could not be read.
    """

    sites: tuple[str, ...]
    owners: tuple[Owner, ...]
    files: dict[str, dict[str, Claim]]
    shared: dict[str, dict[str, tuple[Claim, ...]]]
    native: dict[str, tuple[str, ...]]
    problems: tuple[tuple[str, str], ...] = ()


def take_inventory(view: View, sites: Iterable[str]) -> Inventory:
    """Read the RECORD or installed-files.txt of every distribution in some site directories."""
    owners: list[Owner] = []
    files: dict[str, dict[str, Claim]] = {}
    shared: dict[str, dict[str, tuple[Claim, ...]]] = {}
    native: dict[str, tuple[str, ...]] = {}
    problems: list[tuple[str, str]] = []
    for site in sites:
        if site in files:
            continue
        compiled: set[str] = set()
        files[site], shared[site] = {}, {}
        for owner in _owners(view, site):
            number = len(owners)
            owners.append(owner)
            text = _listing(view, owner, problems)
            _claim(text, number, files[site], shared[site])
            compiled.update(_compiled(text))
        native[site] = tuple(sorted(compiled & files[site].keys()))
    return Inventory(
        sites=tuple(files),
        owners=tuple(owners),
        files=files,
        shared=shared,
        native=native,
        problems=tuple(problems),
    )


def owner_of(inventory: Inventory, path: str) -> Owner | None:
    """Return the distribution that claims an absolute path, the one read last where several do."""
    for site in inventory.sites:
        if path.startswith(f"{site}/"):
            claim = inventory.files[site].get(path[len(site) + 1 :])
            if claim is not None:
                return inventory.owners[claim[0]]
    return None


def stated(claim: Claim) -> tuple[int | None, str]:
    """Return the size in bytes and the hash (`sha256=…`) that a RECORD states, None and nothing where it does not."""
    checksum, _, size = claim[1].strip().partition(",")
    return int(size) if size.isascii() and size.isdigit() and len(size) < 20 else None, checksum  # noqa: PLR2004


def is_edited(inventory: Inventory, path: str, size: int) -> bool:
    """Tell whether a file has another size than its RECORD says."""
    for site in inventory.sites:
        if path.startswith(f"{site}/"):
            claim = inventory.files[site].get(path[len(site) + 1 :])
            return claim is not None and stated(claim)[0] not in (None, size)
    return False


def is_native(path: str) -> bool:
    """Tell by its name whether a file is compiled: `.so`, `.so.1.2`, `.pyd`, `.dylib`."""
    if path.endswith(_NATIVE):
        return True
    _, found, number = path.rpartition("/")[2].partition(".so.")
    return bool(found) and number.replace(".", "").isdigit()


def _owners(view: View, site: str) -> list[Owner]:
    """Return the distributions of a site directory by folder name; of several versions of one, the newest."""
    versions: dict[str, list[tuple[str, str]]] = {}
    for folder in sorted(view.names(site)):
        if folder.endswith((".dist-info", ".egg-info")) and folder[0] not in "~-.":
            stem = folder.rpartition(".")[0]
            if folder.endswith(".egg-info"):
                stem = stem.partition("-py")[0]
            name, _, version = stem.partition("-")
            versions.setdefault(normalise(name), []).append((version, folder))
    owners = []
    for name, found in versions.items():
        newest, *older = sorted(found, key=_age, reverse=True)
        owners.append(
            Owner(name=name, version=newest[0], site=site, folder=newest[1], older=tuple(folder for _, folder in older))
        )
    return owners


def _age(found: tuple[str, str]) -> tuple[int, object]:
    try:
        return 1, key(found[0])
    except ValueError:
        return 0, found[0]


def _listing(view: View, owner: Owner, problems: list[tuple[str, str]]) -> str:
    """Return a distribution's rows with paths relative to the site directory; nothing where it has no list."""
    folder = f"{owner.site}/{owner.folder}"
    listed = view.names(folder)
    name = "RECORD" if "RECORD" in listed else "installed-files.txt"
    if name not in listed:
        return ""
    try:
        data = view.read(f"{folder}/{name}", _LIMIT)
    except (OSError, ValueError) as error:
        problems.append((f"{folder}/{name}", getattr(error, "strerror", None) or str(error)))
        return ""
    text = data.decode("utf-8", "surrogateescape")
    if "\r" in text:
        text = text.replace("\r\n", "\n")
    if name == "RECORD":
        return text
    lines = (line.strip() for line in text.split("\n"))
    return "\n".join(
        (line[3:] if line.startswith("../") else f"{owner.folder}/{line}") + ",," for line in lines if line
    )


def _claim(text: str, number: int, files: dict[str, Claim], shared: dict[str, tuple[Claim, ...]]) -> None:
    """Note every row of a RECORD."""
    for line in text.split("\n"):
        path, comma, rest = line.partition(",")
        if path.endswith(".pyc") or not comma:
            continue
        if path[:1] == '"':
            path, rest = _quoted(line)
        claim = (number, rest)
        before = files.get(path)
        if before is not None and before[0] != number:
            shared[path] = (*shared.get(path, (before,)), claim)
        files[path] = claim


def _quoted(line: str) -> tuple[str, str]:
    """Return path and rest of a row whose path stands in quotes; hashes and sizes hold none."""
    path, _, rest = line[1:].rpartition('",')
    return path.replace('""', '"'), rest


def _compiled(text: str) -> list[str]:
    """Return the compiled files among the rows; most RECORDs have none, which one search tells."""
    if not any(ending in text for ending in _NATIVE):
        return []
    found = []
    for line in text.split("\n"):
        if ".so" in line or ".pyd" in line or ".dylib" in line:
            path = _quoted(line)[0] if line[:1] == '"' else line.partition(",")[0]
            if is_native(path):
                found.append(path)
    return found
