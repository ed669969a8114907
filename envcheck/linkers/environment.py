"""Links one Python environment: inventory, compiled files, imports, RECORDs, in this order."""

from __future__ import annotations

from envcheck.linkers import abi, integrity, native
from envcheck.linkers.calls import Calls
from envcheck.linkers.compiled import lacks
from envcheck.linkers.finder import Finder
from envcheck.linkers.findings import Findings
from envcheck.linkers.inventory import is_edited, is_native, take_inventory
from envcheck.linkers.kept import Kept
from envcheck.linkers.misfits import Surroundings
from envcheck.linkers.offers import Offers
from envcheck.linkers.reach import follow
from envcheck.linkers.scan import Scan, importers, note_patches, unloadable_modules
from envcheck.linkers.sources import FORM, Sources
from envcheck.pysource.conditions import Python

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from envcheck.collectors import Collection
    from envcheck.linkers import Linked
    from envcheck.linkers.imports import Imports
    from envcheck.linkers.inventory import Inventory
    from envcheck.linkers.misfits import Misfit
    from envcheck.linkers.native import NativeAnswer
    from envcheck.linkers.reach import Reached
    from envcheck.linkers.view import View
    from envcheck.targets.target import PythonLayout, Target

_PROGRAMS = ("console_scripts:", "gui_scripts:")
_GENERATED = ("_pb2.py", "_pb2_grpc.py")


class Environment:
    """What the linkers share about one environment."""

    def __init__(self, view: View, target: Target, layout: PythonLayout, into: Collection) -> None:
        self.view = view
        self.target = target
        self.layout = layout
        place = f"{target.files.root}{layout.prefix}".replace("/", "-").replace(":", "")[-120:]
        self.sources_kept = Kept(f"sources{place}", (FORM, layout.version), cached=into.cached)
        self.binaries_kept = Kept(f"binaries{place}", native.FORM, cached=into.cached)
        self.facts = into.facts
        self.verify = into.verify
        self.progress = into.progress
        self.requires = dict(self._requires())
        self.tops: dict[str, str] = {}  # top-level modules with their distributions
        self._texts: dict[str, bytes] = {}
        self._lacked: dict[tuple[str, str], bool] = {}
        self.versions = {
            entity[1]: into.facts.text(entity, "version") or "" for entity in into.facts.entities("package")
        }

    def link(self) -> tuple[list[Linked], list[tuple[str, str]]]:
        """Return the facts of what is broken, and the gaps."""
        inventory = take_inventory(self.view, self.layout.site_directories)
        natives, misfits = self._natives(inventory)
        unloadable = {
            f"{one.site}/{one.path}": one.word for one in natives.problems if one.proven and one.word != "tag"
        }
        unloadable |= {one.path: one.word for one in misfits if one.proven}
        reached, imports, modules = self._imports(inventory, unloadable)
        findings = Findings(self, inventory, imports)
        findings.put_links(reached)
        findings.put_binaries(natives, misfits, reached)
        findings.put_files(integrity.examine(self.view, inventory, reachable=imports.files(), verify=self.verify))
        findings.put_counts(modules, natives.judged)
        self.sources_kept.save()
        self.binaries_kept.save()
        gaps = [("link", f"{path}: {why}") for path, why in inventory.problems]
        return findings.facts, gaps + [("binary", gap) for gap in natives.gaps]

    def _natives(self, inventory: Inventory) -> tuple[NativeAnswer, Sequence[Misfit]]:
        """Judge compiled and generated files."""
        compiled = [
            (inventory.owners[inventory.files[site][path][0]].name, site, path)
            for site in inventory.sites
            for path in inventory.native[site]
        ]
        host = {name: known[0] for name, known in self.facts.of(("host",)).items()}
        natives = native.judge(self.view, compiled, self.target, host, self.binaries_kept)
        around = Surroundings(
            view=self.view,
            inventory=inventory,
            kept=self.binaries_kept,
            versions=self.versions,
            requires=self.requires,
            environ=self.target.environ,
        )
        generated = [
            (inventory.owners[claim[0]].name, f"{site}/{path}")
            for site in inventory.sites
            for path, claim in inventory.files[site].items()
            if path.endswith(_GENERATED)
        ]
        modules = [(owner, f"{site}/{path}") for owner, site, path in compiled if _may_be_module(path)]
        return natives, abi.judge(around, modules, generated)

    def _imports(self, inventory: Inventory, unloadable: Mapping[str, str]) -> tuple[tuple[Reached, ...], Imports, int]:
        """Follow the imports; return what breaks, the imports, and how many sources were read."""
        finder = Finder(self.view, self.target, self.layout)
        read = Sources(
            self.view,
            self.python(),
            self.sources_kept,
            lambda path, size: is_edited(inventory, path, size),
            self.progress,
        )
        self.tops = dict(self._tops(inventory))
        offers = Offers(finder, read, self._lacks, self.versions, self.tops)
        programs = list(self._programs())
        read.read_ahead(finder, (*self.tops, *(target.partition(":")[0] for _, target in programs)))
        scan = Scan(self.view, self.sources_kept, inventory, offers, read)

        def look_over(taken: AbstractSet[str]) -> list[tuple[str, str]]:
            suspect = list(scan.suspects(taken))
            read.read_ahead(finder, (name for name, _ in suspect))
            return suspect + list(unloadable_modules(offers, inventory, unloadable, taken))

        reached, imports = follow(
            offers,
            unloadable,
            self.tops,
            programs,
            look_over,
            lambda module, path: importers(self.view, inventory, module, path),
            lambda taken, lacking: note_patches(self.view, offers, taken, lacking),
        )
        calls = Calls(self, inventory, offers, imports, programs)
        return (*reached, *calls.failing()), imports, len(read)

    def python(self) -> Python:
        """Return the interpreter of the environment."""
        numbers = tuple(int(part) for part in self.layout.version.split(".") if part.isdecimal())
        return Python(version=numbers, platform=self.layout.platform, implementation=self.layout.implementation)

    def _requires(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        for entity in self.facts.entities("package"):
            lines = self.facts.value(entity, "requires")
            yield entity[1], lines if isinstance(lines, tuple) else ()

    def _tops(self, inventory: Inventory) -> Iterator[tuple[str, str]]:
        """Yield the modules of every distribution that nothing of it lies above, with its name."""
        found = set()
        for entity in self.facts.entities("package"):
            modules = self.facts.value(entity, "modules")
            for module in modules if isinstance(modules, tuple) else ():
                found.add(entity[1])
                yield module, entity[1]
        yield from _in_namespaces(inventory, found)

    def _programs(self) -> Iterator[tuple[str, str]]:
        """Yield the declared programs, as name and `module:attribute`."""
        for entity in self.facts.entities("package"):
            declared = self.facts.value(entity, "entry_points")
            for line in declared if isinstance(declared, tuple) else ():
                if line.startswith(_PROGRAMS) and "[" not in line:  # one in brackets is for an extra
                    name, _, target = line.partition(":")[2].partition(" = ")
                    yield name, target

    def _lacks(self, path: str, name: str) -> bool:
        """Tell whether a compiled module certainly does not have a name; the same is asked many times."""
        found = self._lacked.get((path, name))
        if found is None:
            found = self._lacked[path, name] = lacks(self.view, path, name, self._texts)
        return found


def _in_namespaces(inventory: Inventory, others: Container[str]) -> Iterator[tuple[str, str]]:
    """Yield the outermost packages of the distributions that have none at the top, but only in namespace packages."""
    for site in inventory.sites:
        packages: dict[int, list[str]] = {}
        for path, (number, _) in inventory.files[site].items():
            if path.endswith("/__init__.py") and inventory.owners[number].name not in others:
                packages.setdefault(number, []).append(path.removesuffix("/__init__.py"))
        for number, folders in packages.items():
            last = "\0"
            for folder in sorted(folders):
                if not folder.startswith(f"{last}/") and all(part.isidentifier() for part in folder.split("/")):
                    last = folder
                    yield folder.replace("/", "."), inventory.owners[number].name


def _may_be_module(path: str) -> bool:
    return is_native(path) and ".libs/" not in path
