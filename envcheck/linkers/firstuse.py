"""Follows calls along the straight lines of functions, to the first use of something that is not there.

What a function calls is followed into the functions that are known: of the same module, of others, of the class and
of those that it is made of. Whatever is decorated, overloaded or of unknown make ends the road.
"""

from __future__ import annotations

from envcheck.linkers.breaks import Break
from envcheck.linkers.finder import NAMESPACE, SOURCE
from envcheck.linkers.offers import absolute
from envcheck.pysource.straight import REST, SELF, SUPER

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import TypeAlias

    from envcheck.linkers.finder import Module
    from envcheck.linkers.offers import Offers
    from envcheck.pysource.bindings import Signature
    from envcheck.pysource.straight import Call, Straight, Use
    from envcheck.pysource.summary import Reference

    # A function or a class: the module that defines it, and its name there.
    Place: TypeAlias = tuple[Module, str]
    # What fails, and the parameters that must be left as they are for it to fail.
    Failure: TypeAlias = tuple[Break, tuple[str, ...]]

_DEEPEST = 12  # calls within calls, and classes of which classes are made
# Bases that change nothing about how an instance is made.
_PLAIN_BASES = frozenset(
    ("object", "ABC", "Generic", "Protocol", "Exception", "ValueError", "RuntimeError", "Hashable")
)


class FirstUse:
    """The functions of some files of one environment; each is followed once.

    `near` are the files whose functions are followed. Those of other distributions are only asked what they take, and
    only where the text (`fits`) does not already tell that they take it.
    """

    def __init__(
        self,
        offers: Offers,
        straight: Callable[[str], Straight],
        is_foreign: Callable[[str, str], bool],
        defines: Callable[[str, str], bool],
        fits: Callable[[Place, Call], bool],
    ) -> None:
        self.offers = offers
        self.near: set[str] = set()
        self.straight = straight
        self._is_foreign = is_foreign  # whether two files belong to different distributions
        self._defines = defines  # whether a file has a function or a class of that name
        self._fits = fits
        self._known: dict[tuple[str, str], Failure | None] = {}
        self._depth = 0

    def widen(self, paths: Iterable[str]) -> None:
        """Follow the functions of further files, and what was followed before anew."""
        self.near.update(paths)
        self._known = {key: failure for key, failure in self._known.items() if failure is not None}

    def fails(self, module: Module, name: str) -> Failure | None:
        """Return what fails whenever a function of a module is called; of a class, whenever it is made."""
        if module.kind != SOURCE or module.path not in self.near:
            return None
        key = module.path, name
        if key not in self._known:
            self._known[key] = None  # a function that calls itself adds nothing
            if self._depth > _DEEPEST:
                return None
            self._depth += 1
            self._known[key] = self._follow(module, name)
            self._depth -= 1
        return self._known[key]

    def _follow(self, module: Module, name: str) -> Failure | None:
        straight = self.straight(module.path)
        if name in straight.classes:
            made = self._method((module, name), "__init__", None)
            failure = None if made is None else self.fails(*made)
            return failure if failure is None or self._is_plain((module, name), 0) else None
        if name not in straight.functions:
            return None
        for use in straight.functions[name][3]:
            failure = self._fails_by(module, name, use)
            if failure is not None:
                return failure[0], tuple({*use[4], *failure[1]})
        return None

    def _fails_by(self, module: Module, function: str, use: Use) -> Failure | None:
        line, root, attributes, call, _ = use
        if root not in (SELF, SUPER):
            lacking = self._resolved(module, line, root, attributes)[1]
            if lacking is not None:
                return lacking, ()
        if call is None:
            return None
        callee, shown = self._callee(module, function, use)
        failure = None if callee is None else self._calls(module, line, callee, call, shown)
        return failure if failure is None or root in (SELF, SUPER) or self._is_made(module, use) else None

    def _is_made(self, module: Module, use: Use) -> bool:
        """Tell whether a call is one of a function, or of a class that is made in the ordinary way."""
        place = self._resolved(module, use[0], use[1], use[2])[0]
        if place is None or place[1] not in self.straight(place[0].path).classes:
            return True
        return self._is_plain(place, 0)

    def _callee(self, module: Module, function: str, use: Use) -> tuple[Place | None, str]:
        """Return the function that a use calls, and what a message calls it."""
        line, root, attributes, call, _ = use
        own = function.rpartition(".")[0]
        if root in (SELF, SUPER):
            found = self._method((module, own), attributes[0], call, above=root == SUPER) if own else None
            return found, f"{found[0].name}.{found[1].removesuffix('.__init__')}" if found is not None else ""
        place = self._resolved(module, line, root, attributes)[0]
        if place is None or place[0].kind != SOURCE or call is None or not self._is_worth(module, place, call):
            return None, ""
        shown = f"{place[0].name}.{place[1]}"
        if place[1] not in self.straight(place[0].path).classes:
            return place, shown
        return self._method(place, "__init__", call), shown

    def _is_worth(self, module: Module, place: Place, call: Call) -> bool:
        """Tell whether the file of a function is worth to be read for a call of it."""
        if self._is_foreign(module.path, place[0].path):
            return not self._fits(place, call)
        return place[0].path in self.near

    # Names

    def _resolved(
        self, module: Module, line: int, root: str | Reference, attributes: tuple[str, ...], depth: int = 0
    ) -> tuple[Place | None, Break | None]:
        """Return the function or class that a chain stands for, or what the chain lacks."""
        reference = root if isinstance(root, tuple) else self.offers.read(module.path).aliases.get(root)
        if reference is None:
            own = None if attributes or isinstance(root, tuple) else self.defined(module, (0, module.name, root), depth)
            return own, None
        found = self.offers.module_of(module, reference)
        if found is None:
            return (self.defined(module, reference, depth) if not attributes else None), None
        for place, attribute in enumerate(attributes):
            inner = self.offers.submodule(found, attribute)
            if inner is not None:
                found = inner
                continue
            last = place == len(attributes) - 1
            if found.kind == NAMESPACE or self.offers.offers(found, attribute) is not False:
                return (self.defined(found, (0, found.name, attribute), depth) if last else None), None
            if not self._is_foreign(module.path, found.path):
                return None, None
            return None, Break(module.name, module.path, line, "attribute", found.name, attribute, found.path)
        return None, None

    def defined(self, importer: Module, reference: Reference, depth: int = 0) -> Place | None:
        """Return where the function or class of a reference is defined, following re-exports, stars among them."""
        if reference[0] == 0 and importer.name == reference[1]:
            alias = self.offers.read(importer.path).aliases.get(reference[2]) if importer.kind == SOURCE else None
            place = (importer, reference[2]) if alias is None else self.offers.origin(importer, *alias)
        else:
            place = self.offers.origin(importer, *reference)
        if place is None or place[0].kind != SOURCE or (place[0].name, place[1]) in self.offers.assigned:
            return None
        module, name = place
        if depth > _DEEPEST or self._defines(module.path, name):
            return place
        same = self.straight(module.path).same.get(name) if module.path in self.near else None
        if same is not None:
            root, *attributes = same.split(".")
            return self._resolved(module, 0, root, tuple(attributes), depth + 1)[0]
        for level, star in self.offers.read(module.path).stars:
            base = self.offers.finder.find(absolute(module, level, star))
            if base.kind == SOURCE and self.offers.offers(base, name):
                return self.defined(base, (0, base.name, name), depth + 1)
        return None

    def _method(
        self, start: Place, name: str, call: Call | None, *, above: bool = False, depth: int = 0
    ) -> Place | None:
        """Return where the method of a class, or of one `above` it, is defined; None unless its classes are known."""
        module, own = start
        if depth > _DEEPEST or module.kind != SOURCE or (module.name, own) in self.offers.assigned:
            return None
        known = self.straight(module.path).classes.get(own)
        if known is None:
            return None
        if name in known[2] and not above:
            return (module, f"{own}.{name}") if f"{own}.{name}" in self.straight(module.path).functions else None
        bases = [base for base in known[0] if base.rpartition(".")[2] not in _PLAIN_BASES]
        higher = self._base(module, bases[0]) if len(bases) == 1 else None
        if higher is None or (call is not None and not self._is_worth(module, higher, call)):
            return None
        return self._method(higher, name, call, depth=depth + 1)

    def _is_plain(self, place: Place, depth: int) -> bool:
        """Tell whether a class, and all that it is made of, are made in the ordinary way."""
        module, own = place
        known = self.straight(module.path).classes.get(own) if module.kind == SOURCE else None
        if depth > _DEEPEST or known is None or not known[1] or "__new__" in known[2]:
            return False
        if (module.name, own) in self.offers.assigned:
            return False
        bases = [self._base(module, base) for base in known[0] if base.rpartition(".")[2] not in _PLAIN_BASES]
        return all(base is not None and self._is_plain(base, depth + 1) for base in bases)

    def _base(self, module: Module, dotted: str) -> Place | None:
        root, *attributes = dotted.split(".")
        place, _ = self._resolved(module, 0, root, tuple(attributes))
        return place if place is not None and place[0].kind == SOURCE else None

    # Calls

    def _calls(
        self, module: Module, line: int, callee: Place, call: Call, shown: str, depth: int = 0
    ) -> Failure | None:
        """Return what a call fails by: its arguments, or what it runs into."""
        function = self.straight(callee[0].path).functions.get(callee[1]) if callee[0].kind == SOURCE else None
        if function is None or not function[2]:
            return None
        bound = "." in callee[1]
        if self._is_foreign(module.path, callee[0].path):
            wrong = _misfit(function[1], call, bound=bound)
            if wrong is None:
                return None  # whatever fails further on is the other distribution's own affair
            return Break(module.name, module.path, line, wrong[0], shown, wrong[1], callee[0].path), ()
        failure = self.fails(*callee)
        needed = None if failure is None else _passed_on(function[1], call, failure[1], bound=bound)
        if failure is not None and needed is not None:
            return failure[0], needed
        surplus = _surplus(function[1], call)
        return self._hands_on(callee, surplus, depth + 1) if surplus and depth < _DEEPEST else None

    def _hands_on(self, place: Place, surplus: tuple[tuple[str, str], ...], depth: int) -> Failure | None:
        """Return what fails by keywords that a function has no parameters for, and passes on."""
        module, name = place
        for use in self.straight(module.path).functions[name][3]:
            line, root, attributes, call, needs = use
            if call is None or needs or (REST, "") not in call[2]:
                continue
            more = (False, call[1], (*(one for one in call[2] if one[0] != REST), *surplus))
            callee, shown = self._callee(module, name, (line, root, attributes, more, needs))
            if callee is not None:
                failure = self._calls(module, line, callee, more, shown, depth)
                if failure is not None and failure[0].problem == "argument":
                    return failure
        return None


def _misfit(signature: Signature, call: Call, *, bound: bool) -> tuple[str, str] | None:
    """Return how a call does not fit a function: `argument` or `argument-missing`, and the parameter; or None."""
    positional, unnamed, required, named, needed, any_place, any_name = signature
    exact, placed, keywords = call
    start = 1 if bound else 0
    for keyword, _ in keywords:
        if (
            keyword != REST
            and not any_name
            and keyword not in named
            and keyword not in positional[max(unnamed, start) :]
        ):
            return "argument", keyword
    if not exact:
        return None
    given = {keyword for keyword, _ in keywords} | set(positional[: start + len(placed)])
    if not any_place and start + len(placed) > len(positional):
        return "argument", str(len(positional) - start + 1)
    missing = [name for name in (*positional[start:required], *needed) if name not in given]
    return ("argument-missing", missing[0]) if missing else None


def _surplus(signature: Signature, call: Call) -> tuple[tuple[str, str], ...]:
    """Return the keywords of a call that a function has no parameters for, and takes all the same."""
    positional, unnamed, _, named, _, _, any_name = signature
    return tuple(one for one in call[2] if any_name and one[0] not in (*positional[unnamed:], *named, REST))


def _passed_on(signature: Signature, call: Call, needs: tuple[str, ...], *, bound: bool) -> tuple[str, ...] | None:
    """Return the caller's parameters that must be left alone so that the callee's are; None where others are set."""
    exact, placed, keywords = call
    if needs and not exact:
        return None
    start = 1 if bound else 0
    passed = {**dict(zip(signature[0][start:], placed, strict=False)), **dict(keywords)}
    handed = [passed[name] for name in needs if name in passed]
    return None if "" in handed else tuple(dict.fromkeys(handed))
