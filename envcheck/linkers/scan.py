"""Looks over the modules that no import of a top-level module reaches, for imports of names that others do not have.

These are too many to be compiled. Imports that are not indented, which are neither guarded nor conditional, are read
as text; where another distribution is there and lacks what is imported, the module is suspect and will be taken
properly. What one distribution's modules import of each other is as its wheel was built, and is not looked at.
"""

from __future__ import annotations

import re

from envcheck.linkers.finder import MISSING, NAMESPACE, SOURCE
from envcheck.linkers.inventory import owner_of
from envcheck.linkers.offers import top_of
from envcheck.linkers.reach import for_developers, has_left
from envcheck.targets.twin import twin

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Container, Iterable, Iterator
    from typing import TypeAlias

    from envcheck.linkers.inventory import Inventory
    from envcheck.linkers.kept import Kept
    from envcheck.linkers.offers import Offers
    from envcheck.linkers.view import View
    from envcheck.targets.twin import Twin

    # Module, and the names that are imported from it; none for `import module`.
    Wanted: TypeAlias = tuple[str, tuple[str, ...]]

FORM = 1
_LARGEST = 4 << 20  # bytes
_WORTH_SHARING = 500  # files; fewer are looked at sooner than a copy of this process is made
_IMPORTS = re.compile(
    rb"^(?:from[ \t]+([A-Za-z_][\w.]*)[ \t]+import[ \t]+(\([^()]{0,20000}\)|[^\n#;\\()]{1,2000})"
    rb"|import[ \t]+([\w., \t]{1,500}))",
    re.MULTILINE,
)
_COMMENT = re.compile(rb"#[^\n]*")


class Scan:
    """The sources that are looked over, by folder; a copy of this process reads them while this one does other things.

    `read` are the files that were read properly, most of which will be taken; these are left out.
    """

    def __init__(self, view: View, kept: Kept, inventory: Inventory, offers: Offers, read: Container[str]) -> None:
        self._view, self._kept, self._inventory, self._offers = view, kept, inventory, offers
        self._folders = tuple(_folders(inventory, offers))
        self._paths = [
            f"{place}/{name}"
            for _, place, names in self._folders
            if kept.recall(f"scan:{place}", view.stamp(place)) is None
            for name in names
            if f"{place}/{name}" not in read
        ]
        self._imports: dict[str, tuple[Wanted, ...]] = {}
        enough = len(self._paths) >= _WORTH_SHARING
        self._twin: Twin | None = twin(lambda _: [_imports(view, path) for path in self._paths]) if enough else None
        if self._twin is not None:
            self._twin.ask(None)

    def suspects(self, taken: Collection[str]) -> Iterator[tuple[str, str]]:
        """Yield name and file of suspect modules among the files that are not `taken`."""
        self._hear()
        verdicts: dict[Wanted, bool] = {}
        for package, place, names in self._folders:
            for name, wanted in self._wanted(place, names, taken):
                if _lacks(self._offers, self._inventory, package, f"{place}/{name}", wanted, verdicts):
                    module = package if name == "__init__.py" else f"{package}.{name.removesuffix('.py')}"
                    yield module, f"{place}/{name}"

    def _hear(self) -> None:
        """Wait for what the copy has read; where it was killed, this process reads all."""
        if self._twin is not None:
            try:
                self._imports = dict(zip(self._paths, self._twin.answer(), strict=True))
            except OSError:
                self._imports = {}
            self._twin.end()
            self._twin = None

    def _wanted(self, place: str, names: list[str], taken: Collection[str]) -> Iterator[tuple[str, tuple[Wanted, ...]]]:
        """Yield the sources of a folder that are not taken, with what each imports of others; all share a stamp."""
        rest = sorted(name for name in names if f"{place}/{name}" not in taken)
        if not rest:
            return
        key, stamp = f"scan:{place}", self._view.stamp(place)
        held = self._kept.recall(key, stamp)
        if held is None or held[0] != rest:
            paths = [f"{place}/{name}" for name in rest]
            seen = self._imports
            held = rest, [seen[path] if path in seen else _imports(self._view, path) for path in paths]
            self._kept.keep(key, stamp, held)
        yield from zip(held[0], held[1], strict=True)


def unloadable_modules(
    offers: Offers, inventory: Inventory, paths: Iterable[str], taken: Collection[str]
) -> Iterator[tuple[str, str]]:
    """Yield name and file of the modules among compiled files that cannot be loaded and were not `taken`."""
    for path in paths:
        site = next((site for site in inventory.sites if path.startswith(f"{site}/")), None)
        if site is not None and path not in taken:
            folder, _, file = path[len(site) + 1 :].rpartition("/")
            name = f"{folder}/{file.partition('.')[0]}".strip("/").replace("/", ".")
            if offers.finder.find(name).path == path:
                yield name, path


def importers(view: View, inventory: Inventory, module: str, path: str) -> Iterator[str]:
    """Yield the modules of a distribution that name one of its modules in an import, its developers' own left out."""
    tail = module.rpartition(".")[2].encode()
    pattern = re.compile(
        rb"^[ \t]*(?:from|import)[ \t][^\n]*\b%b\b|^from[^\n(]*\([^)]*\b%b\b" % (tail, tail), re.MULTILINE
    )
    site = next((site for site in inventory.sites if path.startswith(f"{site}/")), "")
    folder = path[len(site) + 1 :].partition("/")[0] + "/"
    for other in [one for one in inventory.files.get(site, ()) if one.startswith(folder) and one.endswith(".py")]:
        name = other.removesuffix(".py").replace("/", ".").removesuffix(".__init__")
        if name != module and not for_developers(f"_.{name}"):
            source = _source(view, f"{site}/{other}")
            if tail in source and pattern.search(source):
                yield name


def note_patches(view: View, offers: Offers, taken: Collection[str], lacking: Collection[tuple[str, str]]) -> None:
    """Note which of the lacking names, as (module, name), a function of the taken modules may set on their modules."""
    for name in sorted({name for _, name in lacking}) if lacking else ():
        word = f".{name}".encode()
        setting = re.compile(rb"\b([A-Za-z_]\w*)%b[ \t]*(?::[^=\n]{0,200})?=(?!=)" % re.escape(word))
        for path in taken:
            source = _source(view, path) if path.endswith(".py") else b""
            for found in setting.finditer(source) if word in source else ():
                summary = offers.read(path)
                alias = summary.aliases.get(found[1].decode())
                if alias is not None and not alias[0]:
                    base = f"{alias[1]}.{alias[2]}" if alias[2] else alias[1]
                    offers.assigned.update((base, name) for module, _ in lacking if module == base)


def _source(view: View, path: str) -> bytes:
    try:
        return view.files.read(path, _LARGEST)
    except OSError:
        return b""


def _folders(inventory: Inventory, offers: Offers) -> Iterator[tuple[str, str, list[str]]]:
    """Yield the packages that can be imported, with the folder and the names of the sources, as recorded."""
    for site in inventory.sites:
        folders: dict[str, list[str]] = {}
        for path in inventory.files[site]:
            if path.endswith(".py"):
                folder, slash, name = path.rpartition("/")
                if slash and name[:-3].isidentifier() and not name.startswith(("test_", "conftest")):
                    folders.setdefault(folder, []).append(name)
        for folder, names in folders.items():
            package = folder.replace("/", ".")
            if not for_developers(f"_.{package}") and _is_importable(offers, package):
                yield package, f"{site}/{folder}", names


def _is_importable(offers: Offers, package: str) -> bool:
    found = offers.finder.find(package)
    return found.kind == SOURCE and bool(found.folders)


def _imports(view: View, path: str) -> tuple[Wanted, ...]:
    found = []
    for match in _IMPORTS.finditer(_source(view, path)):
        module, names, plain = match.groups()
        if module is not None:
            if b"#" in names:
                names = _COMMENT.sub(b"", names)
            listed = names.strip(b"()").decode("ascii", "replace").split(",")
            found.append((module.decode(), tuple(name.split()[0] for name in listed if name.split())))
        else:
            found += [(one.split()[0], ()) for one in plain.decode().split(",") if one.split()]
    return tuple(found)


def _lacks(
    offers: Offers,
    inventory: Inventory,
    package: str,
    path: str,
    wanted: Iterable[Wanted],
    verdicts: dict[Wanted, bool],
) -> bool:
    """Tell whether another distribution, or the standard library, lacks something of what a file imports."""
    for one in wanted:
        if _is_own(offers, inventory, package, path, one[0]):
            continue
        verdict = verdicts.get(one)
        if verdict is None:
            verdict = verdicts[one] = _is_lacking(offers, *one)
        if verdict:
            return True
    return False


def _is_own(offers: Offers, inventory: Inventory, package: str, path: str, module: str) -> bool:
    """Tell whether a module is of the distribution that a file belongs to."""
    top = top_of(module)
    if top != top_of(package):
        return False
    return offers.finder.find(top).kind != NAMESPACE or owner_of(inventory, path) == owner_of(
        inventory, _nearest(offers, module)
    )


def _nearest(offers: Offers, module: str) -> str:
    """Return the file of a module, or of the innermost package above it that has one."""
    while module and not offers.finder.find(module).path:
        module = module.rpartition(".")[0]
    return offers.finder.find(module).path if module else ""


def _is_lacking(offers: Offers, module: str, names: tuple[str, ...]) -> bool:
    if offers.finder.find(top_of(module)).kind == MISSING:
        return has_left(module, offers)  # of any other, whoever installed this did without it
    found = offers.finder.find(module)
    if found.kind == MISSING:
        return True
    return any(
        offers.offers(found, name) is False and offers.below(found, name) is None for name in names if name != "*"
    )
