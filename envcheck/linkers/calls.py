"""Finds the public functions whose first call fails, and the modules whose import does because they call one.

Public is what users are told to use: functions and classes that a distribution's top-level module offers, and where
that offers none, those of the modules right below it. Of a class that is making one; a method that fails is worth no
more than a warning, since many are there for few. The same is true of functions of other modules.
"""

from __future__ import annotations

from envcheck.linkers.finder import SOURCE
from envcheck.linkers.firstuse import FirstUse
from envcheck.linkers.hunches import Hunches
from envcheck.linkers.inventory import owner_of
from envcheck.linkers.offers import absolute, top_of
from envcheck.linkers.reach import Reached, for_developers, is_public
from envcheck.linkers.shapes import is_called_rightly, shape_in
from envcheck.pysource.straight import Straight, read_straight
from envcheck.requirements import name_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Mapping

    from envcheck.linkers.breaks import Break
    from envcheck.linkers.environment import Environment
    from envcheck.linkers.finder import Module
    from envcheck.linkers.firstuse import Failure, Place
    from envcheck.linkers.imports import Imports
    from envcheck.linkers.inventory import Inventory
    from envcheck.linkers.offers import Offers
    from envcheck.pysource.straight import Call

_ROUNDS = 4  # from the function that fails up to the one that users call
_FEW = 40  # modules that nothing imports on its own account; where there are more, users are told of other ways
_LARGEST = 4 << 20  # bytes


class Calls:
    """What calls come to in one environment."""

    def __init__(
        self,
        environment: Environment,
        inventory: Inventory,
        offers: Offers,
        imports: Imports,
        programs: Iterable[tuple[str, str]],
    ) -> None:
        self._environment = environment
        self._inventory = inventory
        self._offers = offers
        self._imports = imports
        self._programs = tuple(programs)
        self._texts: dict[str, bytes] = {}
        self._lines: dict[str, Straight] = {}
        self._owners: dict[str, str] = {}
        self._requires: dict[str, frozenset[str]] = {}
        self._use = FirstUse(offers, self._straight, self._is_foreign, self._defines, self._fits)

    def failing(self) -> Iterator[Reached]:
        """Yield what fails."""
        taken = [
            self._offers.finder.find(name)
            for name, came in self._imports.outcomes.items()
            if came is None or came[1] is None
        ]
        modules = [module for module in taken if module.kind == SOURCE and self._owner(module.path)]
        modules += self._right_below({module.path for module in modules})
        hunches = Hunches(self._offers, self._read, self._cares, self._use.defined)
        found = self._judged(list(hunches.suspects(modules)))
        for _ in range(_ROUNDS):
            heirs = self._heirs(found, modules)
            if not heirs:
                break
            found.update(self._judged(heirs))
        for (name, function), (broken, _) in found.items():
            yield from self._reached(self._offers.finder.find(name), function, broken)

    def _right_below(self, taken: Container[str]) -> Iterator[Module]:
        """Yield the few modules right below a package that offers nothing itself: users import them by their names."""
        finder = self._offers.finder
        for top in self._environment.tops:
            found = finder.find(top)
            if found.kind == SOURCE and found.folders and "." not in top and self._is_bare(found):
                names = sorted(name for folder in found.folders for name in self._environment.view.names(folder))
                names = [name[:-3] for name in names if name.endswith(".py") and name[0] != "_"]
                below = [finder.find(f"{top}.{name}") for name in names if name.isidentifier()]
                rest = [module for module in below if module.kind == SOURCE and module.path not in taken]
                yield from rest if len(rest) <= _FEW else ()

    def _judged(self, modules: list[Module]) -> dict[tuple[str, str], Failure]:
        """Follow the functions of further modules, and return what fails of them."""
        self._use.widen(module.path for module in modules)
        found = {}
        for module in modules:
            for function in self._straight(module.path).functions:
                failure = self._use.fails(module, function)
                if failure is not None and not self._may_be_set(failure[0]):
                    found[module.name, function] = failure
        return found

    def _may_be_set(self, broken: Break) -> bool:
        """Tell whether something that a module takes from others, such as a decorator, may set on it what it lacks."""
        finder = self._offers.finder
        if broken.problem != "attribute" or finder.find(broken.module).kind != SOURCE:
            return False
        module = finder.find(broken.module)
        for level, base, _ in self._offers.read(module.path).aliases.values():
            text = self._text(finder.find(absolute(module, level, base)).path)
            if b"__module__]" in text and b"setattr(sys.modules[" in text.replace(b" ", b""):
                return True
        return False

    def _heirs(self, found: Mapping[tuple[str, str], Failure], modules: Iterable[Module]) -> list[Module]:
        """Return the modules that take something of those that have a function that fails, of the same distribution."""
        failing = {name for name, _ in found}
        owners = {self._owner(self._offers.finder.find(name).path) for name in failing}
        return [
            module
            for module in modules
            if module.path not in self._use.near
            and self._owner(module.path) in owners
            and not failing.isdisjoint(_imported(module, self._offers))
        ]

    def _reached(self, module: Module, function: str, broken: Break) -> Iterator[Reached]:
        """Yield how far a function that fails reaches, if that is known."""
        if not function:
            tops = sorted(self._importing(module.name))
            if tops:  # else only who imports this very module meets it
                yield Reached(broken=broken, reach="import", breaks=tuple(tops))
            return
        broken.within = function
        programs = tuple(
            label for label, target in self._programs if target.partition("[")[0].strip() == f"{module.name}:{function}"
        )
        shown = f"{module.name}.{function}"
        if programs:
            yield Reached(broken=broken, reach="entry-point", breaks=programs)
            return
        offered = self._offered(module, function)
        if offered:
            yield Reached(broken=broken, reach="call", breaks=(offered,))
        elif is_public(module.name, function.removesuffix(".__init__")):
            yield Reached(broken=broken, reach="guarded", breaks=(shown,))

    def _importing(self, name: str) -> set[str]:
        """Return the top-level modules whose import certainly imports a module."""
        waiting, seen = [name], {name}
        while waiting:
            for importer in self._imports.importers.get(waiting.pop(), ()):
                if importer not in seen:
                    seen.add(importer)
                    waiting.append(importer)
        return {one for one in seen if one in self._environment.tops and not for_developers(one)}

    def _offered(self, module: Module, function: str) -> str:
        """Return under which name a distribution offers a function to its users, nothing where it does not."""
        name, dot, method = function.partition(".")
        if name.startswith("_") or (dot and method != "__init__") or for_developers(module.name):
            return ""
        owner = self._owner(module.path)
        for top, distribution in self._environment.tops.items():
            if distribution == owner and not top.startswith("_"):
                found = self._offers.finder.find(top)
                if found.kind != SOURCE:
                    continue
                if self._has(found, name, module):
                    return f"{top}.{name}"
                below = module.name.rpartition(".")
                if below[0] == top and not below[2].startswith("_") and self._is_bare(found):
                    return f"{module.name}.{name}"
        return ""

    def _has(self, top: Module, name: str, module: Module) -> bool:
        """Tell whether a name of a top-level module is what another one defines under the same name."""
        exported = self._offers.read(top.path).exported
        if exported and name not in exported:
            return False
        return self._use.defined(top, (0, top.name, name)) == (module, name)

    def _is_bare(self, top: Module) -> bool:
        """Tell whether a package offers nothing itself."""
        summary = self._offers.read(top.path)
        return not summary.stars and not any(name[:1].islower() or name[:1].isupper() for name in summary.names)

    # Files

    def _read(self, path: str) -> bytes:
        try:
            return self._environment.view.files.read(path, _LARGEST)
        except OSError:
            return b""

    def _text(self, path: str) -> bytes:
        """Return the text of one of the few files that are asked about again and again."""
        if path not in self._texts:
            self._texts[path] = self._read(path)
        return self._texts[path]

    def _straight(self, path: str) -> Straight:
        if path not in self._lines:
            self._lines[path] = read_straight(self._text(path), self._environment.python())
        return self._lines[path]

    def _owner(self, path: str) -> str:
        """Return the distribution that a file belongs to, nothing of the standard library and of the program."""
        if path not in self._owners:
            owner = owner_of(self._inventory, path)
            self._owners[path] = owner.name if owner is not None else ""
        return self._owners[path]

    def _is_foreign(self, path: str, other: str) -> bool:
        return bool(other) and self._owner(path) != self._owner(other)

    def _cares(self, path: str, module: str) -> bool:
        """Tell whether the distribution of a file requires that of a module, which may be the standard library."""
        provider = self._environment.tops.get(top_of(module))
        if provider is None:
            found = self._offers.finder.find(top_of(module)).path
            provider = self._owner(found) if found else ""
        return not provider or provider in self._required(self._owner(path))

    def _required(self, owner: str) -> frozenset[str]:
        if owner not in self._requires:
            lines = self._environment.requires.get(owner, ())
            self._requires[owner] = frozenset(name_of(line) for line in lines)
        return self._requires[owner]

    def _defines(self, path: str, name: str) -> bool:
        text = name.encode()
        source = self._text(path)
        return any(
            source.startswith(word + text) or b"\n" + word + text in source
            for word in (b"def ", b"class ", b"async def ")
        )

    def _fits(self, place: Place, call: Call) -> bool:
        shape = shape_in(self._text(place[0].path), place[1].encode())
        return shape is None or is_called_rightly(shape, call)


def _imported(module: Module, offers: Offers) -> set[str]:
    """Return the modules that a module, or a name of them, is taken from."""
    summary = offers.read(module.path)
    found: set[str] = set()
    for level, base, member in summary.aliases.values():
        place = absolute(module, level, base)
        found.update((place, f"{place}.{member}"))
    found.update(absolute(module, level, base) for level, base in summary.stars)
    return found
