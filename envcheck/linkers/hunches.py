"""Tells by their text which files may use something that another distribution does not have, or call it wrongly.

Reading what the bodies of functions do takes a compiler, which is far too slow for all files. So they are searched for
the names of imported modules with an attribute, for calls of what was imported, and for classes made of it. What is
told here is only worth a look: `firstuse` decides.
"""

from __future__ import annotations

import re

from envcheck.linkers.finder import NAMESPACE, SOURCE
from envcheck.linkers.offers import top_of
from envcheck.linkers.reach import for_developers
from envcheck.linkers.shapes import inherits_wrongly, is_called_wrongly, shape_in
from envcheck.pysource.stdlib import may_lack, may_refuse

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from envcheck.linkers.finder import Module
    from envcheck.linkers.firstuse import Place
    from envcheck.linkers.offers import Offers
    from envcheck.linkers.shapes import Shape
    from envcheck.pysource.summary import Reference


_WORD = frozenset(
    bytes((code,)) for code in b"._/@-`\"'" + bytes(range(48, 58)) + bytes(range(65, 91)) + bytes(range(97, 123))
)
_ALWAYS = ("__name__", "__file__", "__doc__", "__path__", "__version__", "__dict__")
_CHAINS: dict[str, re.Pattern[bytes]] = {}


class Hunches:
    """What the text of files tells of one environment; every distinct question is asked once."""

    def __init__(
        self,
        offers: Offers,
        read: Callable[[str], bytes],
        cares: Callable[[str, str], bool],
        defined: Callable[[Module, Reference], Place | None],
    ) -> None:
        self.offers = offers
        self._read = read
        self._defined = defined
        self._cares = cares  # whether a file's distribution wants the one that a top-level module belongs to
        self._known: dict[Reference, tuple[Module | None, Shape | None]] = {}
        self._lacking: dict[tuple[str, bytes], bool] = {}
        self._chains: dict[tuple[str, str], tuple[bool, Shape | None]] = {}

    def suspects(self, modules: Iterable[Module]) -> Iterator[Module]:
        """Yield those of some modules that are worth a look."""
        for module in modules:
            if module.kind == SOURCE and not for_developers(module.name):
                wanted = dict(self._wanted(module))
                if wanted and self._is_suspect(module, wanted):
                    yield module

    def _wanted(self, module: Module) -> Iterator[tuple[str, tuple[Module | None, Shape | None]]]:
        """Yield the names in a module of what others provide: of modules, and of what has a signature that is known."""
        own = top_of(module.name)
        for name, reference in self.offers.read(module.path).aliases.items():
            if not reference[0] and top_of(reference[1]) != own and name.isidentifier():
                known = self._known.get(reference)
                if known is None:
                    known = self._known[reference] = self._look_up(module, reference)
                if (known[0] is not None or known[1] is not None) and self._cares(module.path, reference[1]):
                    yield name, known

    def _look_up(self, module: Module, reference: Reference) -> tuple[Module | None, Shape | None]:
        if self._is_standard(reference[1]) and not may_lack(reference[1]):
            return None, None
        found = self.offers.module_of(module, reference)
        if found is not None:
            return (found if found.kind == SOURCE else None), None
        return None, self._shape(module, reference) if reference[2] else None

    def _is_standard(self, name: str) -> bool:
        finder = self.offers.finder
        return finder.is_standard(finder.find(top_of(name)).path)

    def _is_suspect(self, module: Module, wanted: dict[str, tuple[Module | None, Shape | None]]) -> bool:
        source = self._read(module.path)
        shapes: dict[bytes, Shape] = {}
        for name, (found, shape) in wanted.items():
            if shape is not None:
                shapes[name.encode()] = shape
            for chain in _chains_of(source, name) if found is not None else ():
                lacks, inner = self._follow(found, chain)
                if lacks and self._is_asked(source, name, found, chain):
                    return True
                if inner is not None:
                    shapes[f"{name}.".encode() + chain] = inner
        return any(is_called_wrongly(source, name, shape) for name, shape in shapes.items()) or inherits_wrongly(
            source, shapes
        )

    def _is_asked(self, source: bytes, name: str, module: Module | None, chain: bytes) -> bool:
        """Tell whether a body seems to ask a module for what it certainly lacks."""
        asked = _is_in_body(source, name, chain)
        return asked and self._certainly_lacks(module, chain) and not _is_own(source, name)

    def _follow(self, module: Module | None, chain: bytes) -> tuple[bool, Shape | None]:
        """Tell whether the attributes of a module lack something, and what is called if they do not."""
        assert module is not None
        key = module.name, chain.decode("ascii", "replace")
        if key not in self._chains:
            self._chains[key] = self._followed(module, key[1].split("."))
        return self._chains[key]

    def _followed(self, module: Module, attributes: list[str]) -> tuple[bool, Shape | None]:
        for place, attribute in enumerate(attributes):
            inner = self.offers.submodule(module, attribute)
            if inner is None:
                if module.kind == NAMESPACE:
                    return False, None
                offered = self.offers.read(module.path).names if module.kind == SOURCE else ()
                last = place == len(attributes) - 1
                if attribute not in offered:
                    return attribute not in _ALWAYS, None
                return False, self._shape(module, (0, module.name, attribute)) if last else None
            module = inner
        return False, None

    def _certainly_lacks(self, module: Module | None, chain: bytes) -> bool:
        """Tell the same as `_follow` of what is asked in a body, which few are, and so with all that is known."""
        assert module is not None
        key = module.name, chain
        if key not in self._lacking:
            self._lacking[key] = self._lacks(module, chain)
        return self._lacking[key]

    def _lacks(self, module: Module, chain: bytes) -> bool:
        for attribute in chain.decode("ascii", "replace").split("."):
            inner = self.offers.submodule(module, attribute)
            if inner is None:
                return module.kind != NAMESPACE and self.offers.offers(module, attribute) is False
            module = inner
        return False

    def _shape(self, importer: Module, reference: Reference) -> Shape | None:
        """Return the shape of a function's signature, or of that of a class, where it can be seen in the text."""
        place = self.offers.origin(importer, *reference)
        if place is not None and self.offers.read(place[0].path).stars:
            place = self._defined(importer, reference)
        if place is None or (self._is_standard(place[0].name) and not may_refuse(place[0].name)):
            return None
        return shape_in(self._read(place[0].path), place[1].encode())


def _chains_of(source: bytes, name: str) -> set[bytes]:
    """Return the attribute chains on a name in a text, those on attributes of that name too."""
    pattern = _CHAINS.get(name)
    if pattern is None:
        pattern = _CHAINS[name] = re.compile(rb"%b\.([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)" % name.encode())
    return set(pattern.findall(source))


def _is_in_body(source: bytes, name: str, chain: bytes) -> bool:
    """Tell whether a chain seems to be in the code of a body: indented, and in no comment."""
    text = b"%b.%b" % (name.encode(), chain)
    at = source.find(text)
    while at >= 0:
        if _is_code(source, at) and source[at + len(text) : at + len(text) + 1] not in _WORD:
            return True
        at = source.find(text, at + len(text))
    return False


def _is_own(source: bytes, name: str) -> bool:
    """Tell whether a name seems to be a parameter or a variable somewhere."""
    own = re.compile(rb"%b\s*([,:)]|in\b|=(?!=))" % re.escape(name.encode()))
    return any(_binds(source, found.start(), found[1]) for found in own.finditer(source))


def _is_code(source: bytes, at: int) -> bool:
    line = source[source.rfind(b"\n", 0, at) + 1 : at]
    return line[:1] in (b" ", b"\t") and b"#" not in line and line[-1:] not in _WORD


def _binds(source: bytes, at: int, behind: bytes) -> bool:
    """Tell whether a name in a text is bound there: by `name =`, `for name in`, or as a parameter."""
    line = source[source.rfind(b"\n", 0, at) + 1 : at]
    before = line.strip()
    if line[-1:] in _WORD:
        return False
    if behind == b"in":
        return before.endswith(b"for")
    return (not before and line != b"") or before.startswith((b"def ", b"async def ", b"for "))
