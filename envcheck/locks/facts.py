"""Declarations as facts and coverage: one record a name, its version unknown where the files give several."""

from __future__ import annotations

from itertools import pairwise

from envcheck import versions
from envcheck.keys import KINDS, OF_A_RUN, format_entity, format_key
from envcheck.locks.graph import MOST_ALTERNATIVES
from envcheck.model.facts import COMPLETE, PARTIAL, Coverage, Facts
from envcheck.model.record import Record
from envcheck.requirements import normalise
from envcheck.secrets import protect, sensitive

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import TypeAlias

    from envcheck.locks.declaration import Declaration, Declared
    from envcheck.model.facts import Entity

    # What is declared, and where: path:line.
    Placed: TypeAlias = tuple[Declared, str]

# What a file that pins a release of the index tells by not saying it: the package is not conda's, nor edited in place.
_OF_A_RELEASE = ("build", "channel", "direct_url", "editable", "location", "replaced_conda")
_DECLARED = ("groups", "hashes", "markers", "specifier")
_TOLD = ("name", "version", *_DECLARED, *_OF_A_RELEASE)
_LONGEST = 80  # characters of a text that was not understood
_BETWEEN = str.maketrans(":=/", "   ")  # what stands between a name and its secret, as a blank does
_PRIMARY = {"image": "tag"}


class Source(Record):
    """One file that belongs to a declared environment, as the user wrote its path."""

    path: str
    declaration: Declaration
    constrains: bool = False


def facts_of(sources: Sequence[Source], key: bytes | None) -> tuple[Facts, dict[str, Coverage]]:
    """Return facts and coverage of the files of one environment, the one that was named first; it raises nothing."""
    made = _Made(key)
    found: dict[Entity, list[Placed]] = {}
    for source in sources:
        told = source.declaration
        for one in told.packages:
            placed = one.replace(constrains=True) if source.constrains else one
            found.setdefault(_entity(one), []).append((placed, f"{source.path}:{one.line}"))
        made.python(source)
        for name, value, line in told.variables:
            made.facts.put(("env", name), f"{source.path}:{line}", value=protect(name, value, key))
        for unread in told.unread:
            # A file that another one includes may be anything: of what was not understood there, nothing is repeated.
            name = _shown(unread.name) if source is sources[0] else ""
            made.leave(name, unread.problem, source.path, unread.line)
    for entity in sorted(found):
        made.put(entity, found[entity])
    made.cover(sources)
    return made.facts, dict(sorted(made.coverage.items()))


def _shown(text: str) -> str:
    """Return a text that was not understood as it may be repeated, empty where one of its words may be a secret."""
    words = text.translate(_BETWEEN).split()
    if sensitive("", text) or any(sensitive(name, word) for name, word in pairwise(words)):
        return ""
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def _entity(one: Declared) -> Entity:
    return (one.kind, normalise(one.name) if one.kind == "package" else one.name)


class _Made:
    def __init__(self, key: bytes | None) -> None:
        self.facts = Facts()
        self.coverage: dict[str, Coverage] = {}
        self.key = key

    def partial(self, scope: str, reason: str) -> None:
        """Note that a scope is not known, and why."""
        self.coverage[scope] = Coverage(scope=scope, status=PARTIAL, reason=reason)

    def leave(self, name: str, problem: str, path: str, line: int) -> None:
        """Keep what was not understood under a name of its own, that of its line where it has none to be shown."""
        if not name:
            name = f"line {line} of {path}"
        elif ("unread", name) in self.facts:
            name = f"{name} (line {line})"
        self.facts.put(("unread", name), f"{path}:{line}", problem=problem, path=path)

    def python(self, source: Source) -> None:
        """Record what a file says of Python."""
        told = source.declaration.python
        if told is None or self.facts.get(("python",), "version"):
            return
        if told.version:
            self.facts.put(("python",), f"{source.path}:{told.line}", version=told.version)
            self.coverage.pop("python#version", None)
        else:
            self.partial("python#version", f"declared as {told.specifier}")

    def put(self, entity: Entity, placed: list[Placed]) -> None:
        """Record one package of whatever kind."""
        asked = [(one, origin) for one, origin in placed if not one.constrains]
        if not asked:
            one, origin = placed[0]
            wanted = f"constrained to {one.version or one.specifier or 'nothing'} ({origin}), not asked for"
            self.partial(format_entity(entity), wanted)
            return
        first, origin = asked[0]
        primary = _PRIMARY.get(entity[0], "version")
        version, place, reason = _version(placed)
        known = KINDS[entity[0]][3]
        self.facts.put(entity, origin)
        self.facts.put(entity, place, **{primary: version or None})
        if reason:
            self.partial(format_key(entity, primary), reason)
        texts = {"name": first.name, "direct_url": first.direct_url, "editable": first.editable}
        texts |= {"build": _same(asked, "build"), "channel": _same(asked, "channel")}
        if entity[0] == "image":
            texts |= {"digest": "".join(first.hashes), "platform": first.build}
        self.facts.put(entity, origin, **{name: value or None for name, value in texts.items() if name in known})
        if "specifier" in known:
            self.facts.put(entity, place, specifier=(not version and _specifier(placed)) or None)
        if entity[0] == "package":
            self.facts.put(entity, origin, hashes=tuple(sorted({each for one, _ in placed for each in one.hashes})))
            self.need(entity, asked, origin)

    def need(self, entity: Entity, asked: list[Placed], origin: str) -> None:
        """Record under which conditions and for whom a package is needed."""
        always = [one for one, _ in asked if one.groups == ()]
        wanted = always or [one for one, _ in asked]
        groups = (
            None if any(one.groups is None for one in wanted) else {each for one in wanted for each in one.groups or ()}
        )
        if groups is None:
            self.partial(format_key(entity, "groups"), next(one.unclear for one in wanted if one.groups is None))
        else:
            self.facts.put(entity, origin, groups=() if always else tuple(sorted(groups)))
        unclear = next((one.unclear for one in wanted if one.markers is None), "")
        if any(one.markers == () for one in wanted):
            return
        markers = sorted({marker for one in wanted for marker in one.markers or ()})
        if unclear or len(markers) > MOST_ALTERNATIVES:
            self.partial(format_key(entity, "markers"), unclear or f"more than {MOST_ALTERNATIVES} alternatives")
        else:
            self.facts.put(entity, origin, markers=tuple(markers))

    def cover(self, sources: Sequence[Source]) -> None:
        """Note how far each kind is told."""
        named = sources[0]
        told = named.declaration
        hashed = all(source.declaration.hashed or source.constrains for source in sources)
        complete = set(told.complete) | ({"package"} if hashed else set())
        hidden = next((source for source in sources for one in source.declaration.unread if one.hides), None)
        for kind in sorted(KINDS.keys() - OF_A_RUN):
            if kind in complete and hidden is None:
                self.coverage[kind] = Coverage(scope=kind, status=COMPLETE)
            elif kind in complete:
                self.partial(kind, f"{hidden.path if hidden else ''} has entries that were not understood")
            elif kind in ("package", "conda", "system") and self.facts.entities(kind):
                self.partial(kind, f"{named.path} declares {told.only}")
            else:
                self.partial(kind, f"{named.path} does not say")
        if self.coverage["package"].status == PARTIAL:
            self.release()
        self.coverage["unread"] = Coverage(scope="unread", status=COMPLETE)
        for attribute in KINDS["package"][3]:
            scope = f"package#{attribute}"
            if attribute in told.untold or (attribute not in _TOLD and "package" in complete):
                self.partial(scope, f"{named.path} does not say")
            elif attribute in _DECLARED:
                self.coverage[scope] = Coverage(scope=scope, status=COMPLETE)

    def release(self) -> None:
        """Note of each package that is pinned to a release of the index what it is not, where absence says nothing."""
        for entity, told in self.facts.held("package").items():
            if "version" in told and "build" not in told and "channel" not in told:
                for scope in (format_key(entity, attribute) for attribute in _OF_A_RELEASE if attribute not in told):
                    self.coverage[scope] = Coverage(scope=scope, status=COMPLETE)


def _same(placed: list[Placed], attribute: str) -> str:
    """Return what all say of an attribute, empty where they differ."""
    told = {getattr(one, attribute) for one, _ in placed}
    return str(told.pop()) if len(told) == 1 else ""


def _specifier(placed: list[Placed]) -> str:
    """Return the versions asked for where all ask under the same conditions."""
    if len({one.markers for one, _ in placed}) > 1:
        return ""
    return ",".join(dict.fromkeys(one.specifier for one, _ in placed if one.specifier))


def _version(placed: list[Placed]) -> tuple[str, str, str]:
    """Return the one version, where it stands, and why there is none."""
    pinned = [(one, origin) for one, origin in placed if one.version]
    loose = [one for one, _ in placed if not one.version]
    place = placed[0][1]
    if not pinned:
        specifier = _specifier(placed)
        if specifier or not any(one.specifier for one in loose):
            return "", place, f"declared as {specifier}" if specifier else "declared without a version"
        return "", place, f"declared as {_alternatives(placed)}"
    first, place = pinned[0]
    if len({_comparable(one.version) for one, _ in pinned}) == 1 and all(_agrees(first, one) for one in loose):
        return first.version, place, ""
    return "", placed[0][1], _alternatives(placed)


def _comparable(version: str) -> object:
    try:
        return versions.key(version)
    except ValueError:
        return version


def _agrees(pinned: Declared, loose: Declared) -> bool:
    """Tell whether what is asked for without a version is met by the one that is pinned, wherever it is asked for."""
    always = pinned.markers in ((), loose.markers)
    return always and (not loose.specifier or versions.satisfies(pinned.version, loose.specifier) is True)


def _alternatives(placed: list[Placed]) -> str:
    """Return which version is asked for where: `2.4.0 where sys_platform == 'linux', 2.2.0 elsewhere`."""
    where: dict[str, list[str]] = {}
    anywhere: dict[str, str] = {}
    for one, origin in placed:
        version = one.version or one.specifier or "any"
        if one.markers:
            where.setdefault(version, []).extend(one.markers)
        else:
            anywhere.setdefault(version, f"for {', '.join(one.groups)}" if one.groups else f"in {origin}")
    told = [f"{version} where {' or '.join(dict.fromkeys(markers))}" for version, markers in where.items()]
    rest = [f"{version} {place}" for version, place in anywhere.items() if version not in where]
    if told and len(rest) == 1:
        rest = [f"{next(iter(anywhere))} elsewhere"]
    all_of_them = told + rest
    more = len(all_of_them) - MOST_ALTERNATIVES
    return ", ".join(all_of_them[:MOST_ALTERNATIVES]) + (f" and {more} more" if more > 0 else "")
