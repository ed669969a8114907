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
from envcheck.pysource.stdlib import may_lack, may_refuse
from envcheck.pysource.straight import REST

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import TypeAlias

    from envcheck.linkers.finder import Module
    from envcheck.linkers.firstuse import Place
    from envcheck.linkers.offers import Offers
    from envcheck.pysource.straight import Call
    from envcheck.pysource.summary import Reference

    # The names of parameters where no others are taken; those that must be given; how many have a place.
    Shape: TypeAlias = tuple[frozenset[bytes], frozenset[bytes], int]

_LONGEST = 4_000  # bytes of a call's arguments, or of a signature
_MANY = 1 << 30
_TOKEN = re.compile(
    rb"[()\[\]{},]|#[^\n]*"
    rb"|\"\"\"(?:[^\"\\]|\\.|\"(?!\"\"))*\"\"\"|'''(?:[^'\\]|\\.|'(?!''))*'''"
    rb"|\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*'",
    re.DOTALL,
)
_KEYWORD = re.compile(rb"(\w+)[ \t]*=(?!=)")
_DEFAULT = re.compile(rb"(?<![=!<>])=(?!=)")
_LEFT = re.compile(rb"^[^\s#)]", re.MULTILINE)
_CLASS_NAMES = re.compile(rb"\nclass (\w+)")
_WORD = frozenset(
    bytes((code,)) for code in b"._/@-`\"'" + bytes(range(48, 58)) + bytes(range(65, 91)) + bytes(range(97, 123))
)
_CLASS = re.compile(rb"\nclass (\w+)[ \t]*\(([^()\n]{1,300})\)")
_ALWAYS = ("__name__", "__file__", "__doc__", "__path__", "__version__", "__dict__")
_SUPER = re.compile(rb"\bsuper\([^()\n]{0,100}\)\.__init__\(")
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
        return any(_is_called_wrongly(source, name, shape) for name, shape in shapes.items()) or _inherits_wrongly(
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


def shape_in(source: bytes, name: bytes) -> Shape | None:
    """Return the shape of a function or a class that a text defines once, and that nothing decorates."""
    start = b"\ndef %b(" % name
    at = source.find(start)
    if at >= 0:
        before = source[source.rfind(b"\n", 0, at) + 1 : at]
        plain = not before.startswith((b"@", b")")) and source.find(b"def %b(" % name, at + len(start)) < 0
        return _shape_of(source, at + len(start), 0) if plain else None
    at = max(source.find(b"\nclass %b(" % name), source.find(b"\nclass %b:" % name))
    if at < 0:
        return None
    made = source.find(b"\n    def __init__(", at)
    end = _LEFT.search(source, source.find(b"\n", at + 1) + 1)
    plain = not source[source.rfind(b"\n", 0, made) + 1 : made].lstrip().startswith(b"@")
    return _shape_of(source, made + 18, 1) if plain and 0 <= made < (end.start() if end else _MANY) else None


def _shape_of(source: bytes, start: int, bound: int) -> Shape | None:
    """Return the shape of the signature that begins somewhere; None where it takes any keyword, or does not end."""
    names: list[bytes] = []
    required: list[bytes] = []
    places, placed = -bound, True
    for part in _parts(source, start) or (b"**",):
        if part.startswith(b"**"):
            return None
        if part.startswith(b"*"):
            placed, places = False, places if part == b"*" else _MANY
        elif part != b"/":
            names.append(part.partition(b":")[0].partition(b"=")[0].strip())
            places += placed
            required += [] if _DEFAULT.search(part) else names[-1:]
    return frozenset(names[bound:]), frozenset(required).difference(names[:bound]), places


def is_called_rightly(shape: Shape, call: Call) -> bool:
    """Tell whether the arguments of a call seem to fit a shape."""
    names, required, places = shape
    exact, placed, keywords = call
    if any(word.encode() not in names for word, _ in keywords if word != REST):
        return False
    lacking = required.difference(word.encode() for word, _ in keywords)
    return not exact or len(lacking) <= len(placed) <= places


def _is_called_wrongly(source: bytes, name: bytes, shape: Shape) -> bool:
    """Tell whether a call by that name seems not to fit the shape."""
    call = name + b"("
    at = source.find(call)
    while at >= 0:
        if not (source[at - 1 : at].isalnum() or source[at - 1 : at] in (b"_", b".")) and _is_wrong(
            source, at + len(call), shape
        ):
            return True
        at = source.find(call, at + len(call))
    return False


def _has_other_words(source: bytes, start: int, shape: Shape) -> bool:
    """Tell whether a call that begins somewhere has a keyword that is no parameter."""
    found = (_KEYWORD.match(part) for part in _parts(source, start) or ())
    return any(word is not None and word[1] not in shape[0] for word in found)


def _is_wrong(source: bytes, start: int, shape: Shape) -> bool:
    names, required, places = shape
    parts = _parts(source, start)
    if parts is None:
        return False
    words = [found[1] for part in parts if (found := _KEYWORD.match(part))]
    count = len(parts) - len(words)
    if any(word not in names for word in words):
        return True
    return not any(part.startswith(b"*") for part in parts) and not len(required.difference(words)) <= count <= places


def _inherits_wrongly(source: bytes, shapes: dict[bytes, Shape]) -> bool:
    """Tell whether a class that is made of one of a known shape seems to be made in another way."""
    heirs = []
    for found in _CLASS.finditer(source):
        shape = next((shapes[base] for base in re.split(rb"[,\s]+", found[2]) if base in shapes), None)
        if shape is not None:
            heirs.append(shape)
    if not heirs:
        return False
    calls = [found.end() for found in _SUPER.finditer(source)]
    for name in _CLASS_NAMES.findall(source):
        calls += [found.end() for found in re.finditer(rb"%b\(" % name, source)]
    return any(_has_other_words(source, at, shape) for shape in heirs for at in calls)


def _parts(source: bytes, start: int) -> list[bytes] | None:
    """Return the parts between the commas up to the closing bracket; None where there is none nearby."""
    parts: list[bytes] = []
    depth, at = 0, start
    for found in _TOKEN.finditer(source, start, start + _LONGEST):
        token = found[0]
        if token in b"([{":
            depth += 1
        elif token in b")]}":
            if not depth:
                last = source[at : found.start()].strip()
                return [*parts, last] if last else parts
            depth -= 1
        elif token == b"," and not depth:
            parts.append(source[at : found.start()].strip())
            at = found.end()
    return None
