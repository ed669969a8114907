"""What the linkers found, as facts: one for all places that lack the same, with what fails by it."""

from __future__ import annotations

from envcheck.linkers.finder import MISSING
from envcheck.linkers.inventory import owner_of
from envcheck.linkers.reach import LEFT, is_optional
from envcheck.pysource.stdlib import removed_in
from envcheck.requirements import marker_of, name_of, needs_extra, normalise, parse
from envcheck.versions import satisfies

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Any

    from envcheck.linkers import Linked
    from envcheck.linkers.breaks import Break
    from envcheck.linkers.environment import Environment
    from envcheck.linkers.imports import Imports
    from envcheck.linkers.integrity import Damage
    from envcheck.linkers.inventory import Inventory
    from envcheck.linkers.misfits import Misfit
    from envcheck.linkers.native import NativeAnswer
    from envcheck.linkers.reach import Reached

_WORST = ("import", "entry-point", "submodule", "call", "guarded")
_NAMED = 4  # of what fails, in a fact
_LOADS = (b"load_library(", b"CDLL(", b"LoadLibrary(")


class Findings:
    """Collects facts; see the kinds `link`, `binary`, `file` and `links` of the registry."""

    def __init__(self, environment: Environment, inventory: Inventory, imports: Imports) -> None:
        self._environment = environment
        self._inventory = inventory
        self._imports = imports
        self._tops = environment.tops
        self._taken = imports.files()
        self._by_owner: dict[str, list[str]] = {}  # sources that were taken
        self._loading: dict[str, list[bytes]] = {}
        self.facts: list[Linked] = []

    # Imports

    def put_links(self, reached: Sequence[Reached]) -> None:
        """Put one fact for every thing that modules of one distribution import in vain."""
        groups: dict[tuple[str, str], list[Reached]] = {}
        for one in sorted(reached, key=lambda one: (_WORST.index(one.reach), one.broken.path, one.broken.line)):
            if one.broken.problem != "binary" and not self._is_own_affair(one):
                wanted = ".".join(
                    filter(None, (one.broken.module, one.broken.name if one.broken.problem != "syntax" else ""))
                )
                groups.setdefault((self._owner(one.broken.path)[0], wanted), []).append(one)
        for (owner, wanted), group in groups.items():
            broken = group[0].broken
            breaks = sorted({name for one in group if one.reach == group[0].reach for name in one.breaks})
            provided = self._provided(owner, broken, breaks)
            reach = group[0].reach
            if reach in ("submodule", "call") and not self._is_asked_for(
                owner, provided.get("provider") or "", call=reach == "call" and broken.problem.startswith("a")
            ):
                reach = "guarded"  # who wants this part installs the other one, in the release that it was made for
            self._put(
                ("link", owner, wanted),
                f"{broken.path}:{broken.line}" if broken.line else broken.path,
                problem=broken.problem,
                module=broken.module,
                name=broken.name or None,
                version=self._environment.versions.get(owner) or None,
                file=broken.path,
                line=broken.line or None,
                places=len({(one.broken.path, one.broken.line) for one in group}),
                reach=reach,
                breaks=tuple(breaks[:_NAMED]),
                **provided,
            )

    def _is_own_affair(self, one: Reached) -> bool:
        """Tell whether a distribution lacks a name of its own below the top level: its wheel was built so."""
        if one.reach in ("import", "entry-point"):
            return False
        return self._owner(one.broken.path)[0] == self._owner(one.broken.provider)[0]

    def _is_asked_for(self, owner: str, provider: str, *, call: bool = False) -> bool:
        """Tell whether a distribution, or another one that requires it, requires the provider of what it lacks."""
        if provider not in self._environment.versions or provider == owner:
            return True
        for name, lines in self._environment.requires.items():
            required = {name_of(line) for line in lines if not needs_extra(line) or (call and self._is_admitted(line))}
            if provider in required and (name == owner or owner in required):
                return True
        return False

    def _is_admitted(self, line: str) -> bool:
        """Tell whether a requirement is met by the installed release: then it was meant to work with that."""
        installed = self._environment.versions.get(name_of(line), "")
        try:
            return bool(installed) and satisfies(installed, parse(line)[1]) is True
        except ValueError:
            return False

    def _provided(self, owner: str, broken: Break, breaks: Sequence[str]) -> dict[str, Any]:
        """Return who ought to provide what lacks, and why it does not."""
        finder = self._imports.finder
        top = broken.module.partition(".")[0]
        minor = removed_in(top) if broken.problem == "module" and finder.find(top).kind == MISSING else None
        if minor is not None and finder.minor is not None and minor <= finder.minor:
            return {"removed_in": f"3.{minor}", "provider": "stdlib", "optional": False}
        lost = self._lost(broken.module)
        if lost:
            provider, version = self._owner(lost)
            return {"provider": provider, "provider_version": version or None, "lost": lost, "optional": False}
        if broken.problem == "module" and not broken.line:  # it is there, for other Pythons
            reason = f"here is {broken.path.rpartition('/')[2]}"
            here = self._environment.versions.get(owner)
            return {"provider": owner, "provider_version": here, "optional": False, "reason": reason}
        if is_optional(broken, self._imports.offers):
            return {"optional": self._is_optional(owner, top, breaks)}
        provider, version = self._owner(broken.provider or finder.find(top).path)
        if broken.problem == "module" and top in LEFT and finder.find(top).kind == MISSING:
            provider, version = LEFT[top], self._environment.versions.get(LEFT[top], "")
        hides = None
        if finder.is_of_program(broken.provider):
            hides = "stdlib" if provider == "project" else provider
        return {
            "provider": provider,
            "provider_version": version or None,
            "provider_path": broken.provider or None,
            "shadows": hides,
            "optional": False if broken.problem == "module" else None,
            "reason": self._instead(broken),
        }

    def _lost(self, module: str) -> str:
        """Return the file of a module that a RECORD lists and that is gone, of a package above it if need be."""
        parts = module.split(".")
        for count in range(1, len(parts) + 1):
            path = "/".join(parts[:count])
            for site in self._inventory.sites:
                for file in (f"{path}/__init__.py", f"{path}.py"):
                    if file in self._inventory.files[site] and self._environment.view.stamp(f"{site}/{file}") is None:
                        return f"{site}/{file}"
        return ""

    def _instead(self, broken: Break) -> str | None:
        """Return which files of a missing module's name are there, made for another Python or platform."""
        above, _, tail = broken.module.rpartition(".")
        folders = self._imports.finder.find(above).folders if broken.problem == "module" and above else ()
        names = sorted(
            name for folder in folders for name in self._environment.view.names(folder) if name.startswith(f"{tail}.")
        )
        return f"here is {', '.join(names[:_NAMED])}" if names else None

    def _is_optional(self, owner: str, top: str, breaks: Sequence[str]) -> bool:
        """Tell whether a distribution can do without a missing module: none asks for it, and not all fails by it."""
        others = {self._tops[module] for module in breaks if module in self._tops} - {owner}
        if any(module in breaks for other in others for module in self._mains(other)):
            return False  # whoever asked for the other one has not asked for an extra of this one
        wanted = {normalise(top), normalise(f"python-{top}"), normalise(f"py{top}")}
        asked = [line for line in self._environment.requires.get(owner, ()) if name_of(line) in wanted]
        if asked and all(needs_extra(line) for line in asked):
            return True
        if not all(needs_extra(line) or marker_of(line) for line in asked):
            return False
        return not any(module in breaks for module in self._mains(owner))

    def _mains(self, distribution: str) -> list[str]:
        """Return the top-level modules that bear a distribution's name, or all of it."""
        own = [module for module, name in self._tops.items() if name == distribution]
        return [module for module in own if normalise(module) == distribution and "._" not in module] or own

    # Compiled and generated files

    def put_binaries(self, natives: NativeAnswer, misfits: Iterable[Misfit], reached: Iterable[Reached]) -> None:
        """Put one fact for every thing that files of one distribution lack in the same way."""
        reach = {one.broken.path: one for one in reversed(list(reached)) if one.broken.problem == "binary"}
        depth = {path: _WORST.index(one.reach) for path, one in reach.items()}
        groups: dict[tuple[str, str, str], list[tuple[str, dict[str, Any]]]] = {}
        for problem in natives.problems:
            if problem.word != "tag":
                path = f"{problem.site}/{problem.path}"
                values = {"chain": problem.chain, **_common(problem)}
                groups.setdefault((problem.owner, problem.word, problem.wants), []).append((path, values))
        for misfit in misfits:
            groups.setdefault((misfit.owner, misfit.word, misfit.wants), []).append((misfit.path, _common(misfit)))
        for (owner, word, wants), files in groups.items():
            files.sort(key=lambda one: (not one[1]["proven"], depth.get(one[0], len(_WORST)), one[0]))
            path, values = files[0]
            provider = values["provider"] or ""
            self._put(
                ("binary", owner, word, wants[:120] or "-"),
                path,
                problem=word,
                wants=wants,
                version=self._environment.versions.get(owner) or None,
                provider_version=self._environment.versions.get(provider) or None,
                path=path,
                files=len(files),
                reach=reach[path].reach if path in reach else self._loaded(owner, path),
                **values,
            )

    def _loaded(self, owner: str, path: str) -> str:
        """Return `loaded` where the distribution's own code loads a library on import, and lets its failure pass."""
        stem = path.rpartition("/")[2].partition(".")[0].encode()
        return "loaded" if any(stem in source for source in self._loaders(owner)) else "none"

    def _loaders(self, owner: str) -> list[bytes]:
        """Return the sources of a distribution that load libraries on import and catch nothing."""
        if not self._by_owner:
            for module in self._taken:
                if module.endswith(".py"):
                    self._by_owner.setdefault(self._owner(module)[0], []).append(module)
        found = self._loading.get(owner)
        if found is None:
            found = self._loading[owner] = []
            for module in self._by_owner.get(owner, ()):
                try:
                    source = self._environment.view.read(module)
                except OSError:
                    continue
                if any(call in source for call in _LOADS) and b"except" not in source:
                    found.append(source)
        return found

    # Installed files

    def put_files(self, damages: Iterable[Damage]) -> None:
        """Put one fact for every way in which files of one distribution are damaged."""
        groups: dict[tuple[str, str], list[Damage]] = {}
        for damage in damages:
            groups.setdefault((damage.distribution, damage.problem), []).append(damage)
        for (owner, problem), group in groups.items():
            group.sort(key=lambda one: (not one.proven, one.path not in self._taken, one.path))
            first = group[0]
            self._put(
                ("file", owner, problem),
                first.path,
                problem=problem,
                path=first.path,
                files=len(group),
                expected=first.expected or None,
                found=first.found or None,
                native=first.native,
                other=first.other or None,
                other_version=first.other_version or None,
                version=first.version or None,
                proven=first.proven,
                reason=first.reason or None,
                reach="import" if first.path in self._taken else "none",
            )

    def put_counts(self, modules: int, binaries: int) -> None:
        """Put the counts over all that was linked."""
        breaks = self._imports.breaks.values()
        self._put(
            ("links",),
            self._environment.layout.prefix,
            modules=modules,
            imports=sum(not one.dynamic for one in breaks),
            undetermined=sum(one.dynamic for one in breaks),
            binaries=binaries,
            files=sum(len(files) for files in self._inventory.files.values()),
        )

    def _owner(self, path: str) -> tuple[str, str]:
        """Return name and version of the distribution that a file belongs to; or `stdlib`, or `project`."""
        owner = owner_of(self._inventory, path)
        if owner is not None:
            return owner.name, self._environment.versions.get(owner.name, owner.version)
        finder = self._imports.finder
        if any(path.startswith(f"{folder}/") for folder in self._environment.layout.site_directories):
            relative = next(
                path[len(f) + 1 :] for f in self._environment.layout.site_directories if path.startswith(f"{f}/")
            )
            name = self._tops.get(relative.partition("/")[0].partition(".")[0], "")
            return (name, self._environment.versions.get(name, "")) if name else ("unknown", "")
        if any(path.startswith(f"{folder}/") for folder in finder.stdlib):
            return "stdlib", self._environment.layout.version
        if path:
            editable = self._tops.get(path.rpartition("/")[2].partition(".")[0], "")
            return (editable or "project"), self._environment.versions.get(editable, "")
        return "unknown", ""

    def _put(self, entity: tuple[str, ...], origin: str, **values: Any) -> None:
        self.facts.append((entity, origin, {name: value for name, value in values.items() if value not in (None, ())}))


def _common(problem: Any) -> dict[str, Any]:
    """Return what a native problem and a misfit have in common."""
    return {
        "here": problem.here or None,
        "provider": problem.provider or None,
        "proven": problem.proven,
        "reason": problem.reason or None,
    }
