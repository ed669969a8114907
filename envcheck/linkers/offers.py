"""What modules offer to those that import them, as far as their files tell."""

from __future__ import annotations

from envcheck.linkers.finder import BUILTIN, DYNAMIC, EXTENSION, MISSING, NAMESPACE, SOURCE
from envcheck.linkers.refused import is_refused
from envcheck.pysource.asked import VERSION
from envcheck.pysource.stdlib import has_lost
from envcheck.pysource.summary import CLOSED, LISTED, OPEN, Summary
from envcheck.requirements import normalise
from envcheck.versions import key

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Protocol

    from envcheck.linkers.finder import Finder, Module
    from envcheck.pysource.summary import Reference

    class Reader(Protocol):
        """Gives the summary of a file, read without the bodies of functions or whole."""

        def __call__(self, path: str, *, whole: bool = False) -> Summary:
            """Return the summary of a file."""


_ALWAYS_THERE = frozenset(
    [
        "__name__",
        "__file__",
        "__doc__",
        "__path__",
        "__spec__",
        "__loader__",
        "__package__",
        "__dict__",
        "__builtins__",
        "__cached__",
        "__class__",
        "__annotations__",
        "__module__",
        "__warningregistry__",
    ]
)
_DEPTH = 12  # of re-exports that are followed; a cycle ends there
_MOST_STARS = 400  # modules whose stars are followed for one name


class Offers:
    """The names of modules, and what modules do to each other when they are imported.

    `compiled_lacks` tells whether a compiled file certainly does not hold a name. `versions` are those of the
    distributions, `distributions` the one that each top-level module belongs to.
    """

    def __init__(
        self,
        finder: Finder,
        read: Reader,
        compiled_lacks: Callable[[str, str], bool],
        versions: Mapping[str, str],
        distributions: Mapping[str, str],
    ) -> None:
        self._versions = versions
        self._distributions = distributions
        self.finder = finder
        self.read = read
        self._compiled_lacks = compiled_lacks
        self._noted: set[str] = set()
        self._certain: set[tuple[str, str]] = set()  # names that were found; nothing takes them away
        self.assigned: set[tuple[str, str]] = set()  # attributes that some module sets on another
        self.registered: set[str] = set()  # names that some module puts into sys.modules; see note

    def note(self, module: Module, summary: Summary) -> None:
        """Note what the import of a module does to others.

        `registered` gets names of modules, `pkg.*` for a package whose modules may be made at run time, `pkg!` where a
        module in it changes how imports work, `pkg-` where it tries to in vain, `top/` where one changes sys.path on
        import, `module~` where a function of it does.
        """
        self._noted.add(module.name)
        for base, attribute in summary.assigns:
            alias, *between = base.split(".")
            target = self.module_of(module, summary.aliases[alias])
            for name in between:
                target = self.submodule(target, name) if target is not None else None
            if target is not None:
                self.assigned.add((target.name, attribute))
        for name in summary.registers:
            if name == "*":
                self.registered.add(f"{module.name}.*")
            else:
                place = {
                    "!": module.name if module.folders else module.name.rpartition(".")[0],
                    "/": top_of(module.name),
                    "-": module.name,
                    "~": module.name,
                }
                self.registered.add(place[name] + name if name in place else name)
                self.registered.add(f"{module.name}{name}" if name == "!" else name)

    def may_appear(self, name: str, importer: str) -> bool:
        """Tell whether a module that no folder holds may be there all the same once others are imported."""
        parts = name.split(".")
        above = [".".join(parts[:count]) for count in range(1, len(parts))]
        if name in self.registered or any(
            f"{one}.*" in self.registered or f"{one}!" in self.registered or one in self.registered for one in above
        ):
            return True
        if not above and f"{importer}~" in self.registered:
            return True
        if all(self.finder.find(one).kind == NAMESPACE for one in above) and any(
            f"{top}/" in self.registered for top in self.finder.behind(top_of(importer))
        ):
            return True
        provider = self.finder.find(above[-1]) if above else None
        plain = provider is not None and provider.kind == SOURCE and not provider.folders
        if not plain or provider is None or f"{provider.name}-" in self.registered:
            return False
        return self.read(provider.path).openness == OPEN

    def holds(self, condition: tuple[str, ...], importer: Module) -> bool | None:
        """Tell whether a condition on another distribution or module holds; see `envcheck.pysource.asked`."""
        what = condition[1]
        aliases = self.read(importer.path).aliases
        if condition[0] == VERSION:
            return self._compares(what, condition[2], condition[3], aliases)
        alias, *between = what.split(".")
        module = self.module_of(importer, aliases[alias]) if alias in aliases else None
        for name in between:
            module = self.submodule(module, name) if module is not None else None
        if module is None or self.submodule(module, condition[2]) is not None:
            return None
        return False if self.offers(module, condition[2]) is False else None  # it may only perhaps be bound

    def _compares(self, what: str, operator: str, version: str, aliases: Mapping[str, Reference]) -> bool | None:
        kind, colon, distribution = what.partition(":")
        if not colon:
            level, module, member = aliases.get(kind, (1, "", ""))
            distribution = self._distributions.get(module, "") if not level and not member else ""
        installed = self._versions.get(normalise(distribution))
        if not installed:
            return None
        try:
            one, other = key(installed), key(version)
        except ValueError:
            return None
        return {"<": one < other, "<=": one <= other, ">": one > other, ">=": one >= other, "==": one == other}.get(
            operator, one != other
        )

    def offers(self, module: Module, name: str, seen: set[str] | None = None) -> bool | None:
        """Tell whether a module has a name of its own (not a module below it); None where that cannot be told."""
        if name in _ALWAYS_THERE or (module.name, name) in self._certain or (module.name, name) in self.assigned:
            return True
        if module.kind == EXTENSION:
            return False if self._compiled_lacks(module.path, name) else None
        if module.kind in (BUILTIN, DYNAMIC) and has_lost(module.name, name, self.finder.minor):
            return False
        if is_refused(module.name, name, self._versions.get(module.name) or ""):
            return False
        if module.kind != SOURCE:
            return False if module.kind == NAMESPACE else None
        found = self._source_offers(module, name, set() if seen is None else seen)
        if found:
            self._certain.add((module.name, name))
        return found

    def _source_offers(self, module: Module, name: str, seen: set[str]) -> bool | None:
        if module.name in seen:
            return False  # a cycle adds nothing
        seen.add(module.name)
        summary = self.read(module.path)
        if module.name not in self._noted:
            self.note(module, summary)  # whoever takes something from it imports it
        if name in summary.names or (module.name, name) in self.assigned:
            return True
        if summary.problem or (module.name, "*") in self.assigned or f"{module.name}!" in self.registered:
            return None
        found: bool | None = None if len(seen) > _MOST_STARS else False
        for level, star in summary.stars if found is not None else ():
            base = absolute(module, level, star)
            given = self._given_by_star(self.finder.find(base), name, seen) if base else None
            if given:
                return True
            found = None if given is None else found
        if found is None or summary.openness == OPEN or (summary.openness == LISTED and (_is_listed(name, summary))):
            return None
        return False if self.below(module, name) is not None else self._certainly_offers(module, name)

    def _certainly_offers(self, module: Module, name: str) -> bool | None:
        """Tell it of the whole file: a body that was left out may have hidden what follows it."""
        whole = self.read(module.path, whole=True)
        return name in whole.names if not whole.problem else None

    def _given_by_star(self, module: Module, name: str, seen: set[str]) -> bool | None:
        if module.kind != SOURCE:
            return self.offers(module, name)
        summary = self.read(module.path)
        if summary.exported is not None:
            return True if name in summary.exported else (False if summary.openness == CLOSED else None)
        if name.startswith("_") and "__all__" not in summary.names:
            return False
        offered = self.offers(module, name, seen)
        if offered is False and ("__all__" in summary.names or self.below(module, name) is not None):
            return None  # a module of the package is given, too, once something has imported it
        return offered

    def submodule(self, module: Module, name: str) -> Module | None:
        """Return the module that an attribute of a module is, None where it is none or that cannot be told."""
        if module.kind == SOURCE:
            reference = self.read(module.path).aliases.get(name)
            if reference is not None:
                return self.module_of(module, reference)
            if name in self.read(module.path).names:
                return None
        if module.folders:
            inner = self.finder.find(f"{module.name}.{name}")
            return inner if inner.kind != MISSING else None
        return None

    def module_of(self, importer: Module, reference: Reference, depth: int = 0) -> Module | None:
        """Return the module that an alias stands for, None where it stands for anything else."""
        level, name, member = reference
        base = absolute(importer, level, name)
        if not base or depth > _DEPTH:
            return None
        found = self.finder.find(base)
        if not member:
            return found if not level and "." not in base else self._attribute(found)
        if found.kind == SOURCE:
            summary = self.read(found.path)
            if member in summary.aliases:
                if summary.aliases[member] == reference and found.name == importer.name:
                    return self.below(found, member)
                return self.module_of(found, summary.aliases[member], depth + 1)
            if member in summary.names:
                return None
        return self.below(found, member)

    def _attribute(self, module: Module) -> Module | None:
        """Return a module as the attribute of its package that it is, None where the package binds that name anew."""
        above, _, tail = module.name.rpartition(".")
        package = self.finder.find(above) if above else None
        if package is None or package.kind != SOURCE:
            return module
        summary = self.read(package.path)
        if tail not in summary.names or summary.aliases.get(tail, (0, "", ""))[:2] == (0, module.name):
            return module
        level, base, member = summary.aliases.get(tail, (0, "", ""))
        return module if member == tail and absolute(package, level, base) == package.name else None

    def origin(self, importer: Module, level: int, base: str, name: str) -> tuple[Module, str] | None:
        """Return the module that defines a name, and its name there, following plain re-exports."""
        for _ in range(_DEPTH):
            place = absolute(importer, level, base)
            found = self.finder.find(place) if place and name else None
            if found is None or found.kind != SOURCE:
                return None
            aliases = self.read(found.path).aliases
            if name not in aliases:
                return found, name
            importer, (level, base, name) = found, aliases[name]
        return None

    def below(self, found: Module, member: str) -> Module | None:
        """Return the module of that name in a package."""
        inner = self.finder.find(f"{found.name}.{member}") if found.folders else None
        return inner if inner is not None and inner.kind != MISSING else None


def _is_listed(name: str, summary: Summary) -> bool:
    """Tell whether a name may be among those that a module makes; of some only what is ahead of a `*` is known."""
    if name in summary.strings or summary.lists:
        return True
    return any(one[-1:] == "*" and name.startswith(one[:-1]) for one in summary.strings)


def top_of(name: str) -> str:
    """Return the top-level module of a dotted name."""
    return name.partition(".")[0]


def absolute(module: Module, level: int, name: str) -> str:
    """Return the full name of what a module imports, empty for a relative import above the top."""
    if not level:
        return name
    parts = module.name.split(".")
    up = level - 1 if module.is_package else level
    if up >= len(parts):
        return ""
    kept = parts[: len(parts) - up]
    return ".".join((*kept, name) if name else kept)
