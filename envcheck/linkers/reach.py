"""How far a broken import reaches: which top-level modules, entry points and functions fail by it."""

from __future__ import annotations

from envcheck.linkers.finder import MISSING, NAMESPACE
from envcheck.linkers.imports import Imports
from envcheck.model.record import Record
from envcheck.pysource.stdlib import removed_in

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from collections.abc import Set as AbstractSet

    from envcheck.linkers.breaks import Break
    from envcheck.linkers.finder import Module
    from envcheck.linkers.offers import Offers
    from envcheck.pysource.summary import Step

# Top-level modules that a distribution no longer has, and a module that tells whether it is there: setuptools 82
# dropped pkg_resources, https://setuptools.pypa.io/en/latest/history.html#v82-0-0.
LEFT = {"pkg_resources": "setuptools"}
# Folders and modules of a package that only its own developers import.
_FOR_DEVELOPERS = frozenset(
    ("test", "tests", "testing", "conftest", "_testing", "_tests", "example", "examples", "benchmark", "benchmarks")
) | {"docs", "demo", "demos", "setup"}


class Reached(Record):
    """A broken import with what fails by it: `reach` is import, entry-point, submodule, call or guarded."""

    broken: Break
    reach: str
    breaks: tuple[str, ...] = ()


def follow(
    offers: Offers,
    unloadable: Mapping[str, str],
    tops: Iterable[str],
    entry_points: Iterable[tuple[str, str]],
    look_over: Callable[[frozenset[str]], Iterable[tuple[str, str]]],
    importers: Callable[[str, str], Iterable[str]],
    note_patches: Callable[[frozenset[str], AbstractSet[tuple[str, str]]], None],
) -> tuple[tuple[Reached, ...], Imports]:
    """Import top-level modules, entry points (name, `module:attribute`) and suspect modules; return what breaks.

    `look_over` gives the name and the file of suspect modules, told the files that were taken; `importers` gives
    the modules that may import one; `note_patches` notes which of some lacking names functions set on their modules.

    What a module does to others is known only when all are seen, so that whatever broke is taken once more.
    """
    tops, entry_points = [name for name in tops if name not in _FOR_DEVELOPERS], list(entry_points)
    first = Imports(offers, unloadable)
    for name in (*tops, *(target.partition(":")[0] for _, target in entry_points)):
        first.take(name)
    bodies = list(first.bodies)
    suspects = list(look_over(first.files()))
    for name, _ in suspects:
        first.take(name)
    broken = {name for name, outcome in first.outcomes.items() if outcome is not None and outcome[1] is not None}
    causes = [first.cause(name) for name in tops if name in broken]
    note_patches(first.files(), {(cause.module, cause.name) for cause in causes if cause is not None and cause.name})
    again = Imports(offers, unloadable)
    found: dict[int, tuple[str, Break, set[str]]] = {}
    for name in tops:
        _add(found, again.cause(name) if name in broken else again.hidden(name) or again.foreign(name), "import", name)
    for label, target in entry_points:
        module, _, attribute = target.partition(":")
        _add(found, again.cause(module) if module in broken else again.lacking(module, attribute), "entry-point", label)
    for name, path in suspects:
        if name in broken and (cause := again.cause(name)) is not None:
            needed = any(again.cause(other) is cause for other in importers(name, path))
            if needed or cause.problem != "binary":  # else it may be a library that is no module
                _add(found, cause, "submodule" if needed else "guarded", name)
    _call(found, again, bodies)
    return tuple(
        Reached(broken=broken, reach=reach, breaks=tuple(sorted(names)))
        for reach, broken, names in found.values()
        if _is_worth_telling(broken, reach, offers)
    ), first


def _call(
    found: dict[int, tuple[str, Break, set[str]]], imports: Imports, bodies: Iterable[tuple[Module, Step]]
) -> None:
    """Add what fails in the bodies of public functions."""
    for place, body in bodies:
        if is_public(place.name, body[2]):
            broken = imports.body(place, body)
            # A name that only a later Python has is asked for by whoever wants that Python.
            known = broken is None or not imports.finder.is_standard(broken.provider)
            _add(found, broken, "call" if known else "guarded", f"{place.name}.{body[2]}")


def _is_worth_telling(broken: Break, reach: str, offers: Offers) -> bool:
    """Tell whether a break below the top level is one: not what another system or none need have, nor a refusal."""
    if reach in ("import", "entry-point"):
        return True
    of_platform = "/lib-dynload/" in broken.provider  # such a module has other names on other systems
    return broken.problem != "raised" and not of_platform and not is_optional(broken, offers)


def is_optional(broken: Break, offers: Offers) -> bool:
    """Tell whether nothing is there of what a break wants: no module of that name, or only a namespace without it."""
    if broken.problem not in ("module", "name"):
        return False
    if broken.problem == "module" and has_left(broken.module, offers):
        return False
    above = broken.module.rpartition(".")[0] if broken.problem == "module" else broken.module
    while above and offers.finder.find(above).kind == MISSING:
        above = above.rpartition(".")[0]
    return not above or offers.finder.find(above).kind == NAMESPACE


def has_left(module: str, offers: Offers) -> bool:
    """Tell whether a module that is not there was in an older Python, or in an older release of what is installed."""
    top = module.partition(".")[0]
    minor = removed_in(top)
    if minor is not None:
        return offers.finder.minor is not None and minor <= offers.finder.minor
    return top in LEFT and offers.finder.find(LEFT[top]).kind != MISSING


def _add(found: dict[int, tuple[str, Break, set[str]]], broken: Break | None, reach: str, name: str) -> None:
    """Note what a break reaches; the first word counts, since it is the worst."""
    if broken is None:
        return
    held = found.setdefault(id(broken), (reach, broken, set()))
    if held[0] == reach:
        held[2].add(name)


def is_public(module: str, function: str) -> bool:
    """Tell whether users are meant to call a function: no part of its name, and of its module's, is private."""
    parts = [*module.split("."), *function.split(".")]
    return not any(part.startswith("_") for part in parts) and not for_developers(module) and "test" not in parts[-1]


def for_developers(module: str) -> bool:
    """Tell whether only the package's own developers import a module."""
    parts = module.split(".")
    return not _FOR_DEVELOPERS.isdisjoint(parts[1:]) or any(part.startswith("test_") for part in parts)
