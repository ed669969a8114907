"""What differs between two JSON schemas, seen from who writes and who reads; every reference is followed once."""

from __future__ import annotations

from collections import deque

from envcheck.contracts.bounds import compare_bounds
from envcheck.contracts.difference import ABSENT, REQUEST, RESPONSE, Difference, listed, renames, shortened
from envcheck.contracts.documents import dumped
from envcheck.contracts.flat import ANY_TYPE, Side, allowed, required, types, without_null
from envcheck.errors import DocumentError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

_MOST_PAIRS = 200_000
_UNJUDGED = ("not", "if", "then", "else", "contains", "propertyNames", "unevaluatedProperties", "dependentRequired")


class Comparison:
    """Collects the differences of schema pairs; what both documents share by reference is told once a direction."""

    def __init__(self, old: Any, new: Any, *, inferred: bool = False) -> None:
        self.old, self.new = Side(old), Side(new)
        self.inferred = inferred  # from samples: an empty schema means that nothing was seen, not that all is allowed
        self.found: list[Difference] = []
        self._seen: dict[tuple[object, object, str], Any] = {}  # with the schemas, so that their numbers stay theirs
        self._waiting: deque[tuple[Any, Any, str, str]] = deque()

    def tell(self, change: str, direction: str, place: str, **values: str) -> None:
        """Record one difference."""
        self.found.append(Difference(change=change, direction=direction, place=place, **values))

    def run(self, old: Any, new: Any, direction: str, place: str) -> None:
        """Compare two schemas and everything below them."""
        self._waiting.append((old, new, direction, place))
        while self._waiting:
            one, other, way, where = self._waiting.popleft()
            key = (self.old.key(one), self.new.key(other), way)
            if key not in self._seen:
                self._seen[key] = (one, other)
                if len(self._seen) > _MOST_PAIRS:
                    raise DocumentError("too entangled to compare", where=place, hint="divide the contract")
                self._pair(self.old.flat(one), self.new.flat(other), way, where)

    def _pair(self, old: dict[str, Any], new: dict[str, Any], way: str, place: str) -> None:
        old, old_null = without_null(old, self.old)
        new, new_null = without_null(new, self.new)
        if old_null != new_null and (new_null or not self.inferred):
            said = {"old": _null(old_null), "new": _null(new_null)}
            self.tell("nullable-added" if new_null else "nullable-removed", way, place, **said)
        if self.inferred and (_unseen(old) or _unseen(new)):
            return
        if _branches(old) or _branches(new):
            self._variants(old, new, way, place)
            if not (_branches(old) and _branches(new)):
                return
        if not self._types(old, new, way, place):
            return
        self._values(old, new, way, place)
        for change, before, after in compare_bounds(old, new):
            self.tell(change, way, place, old=before, new=after)
        self._unjudged(old, new, way, place)
        self._properties(old, new, way, place)
        self._items(old, new, way, place)

    def _types(self, old: dict[str, Any], new: dict[str, Any], way: str, place: str) -> bool:
        """Compare the types; return whether the two have anything in common."""
        one, other = types(old), types(new)
        before, after = _wide(one), _wide(other)
        if before != after:
            change = "type-widened" if before < after else "type-narrowed" if after < before else "type-changed"
            self.tell(change, way, place, old=_said(one), new=_said(other))
        elif old.get("format") != new.get("format"):
            self._format(str(old.get("format", ABSENT)), str(new.get("format", ABSENT)), way, place)
        return not (before.isdisjoint(after) and before and after)

    def _format(self, old: str, new: str, way: str, place: str) -> None:
        sizes = {("int32", "int64"): "type-widened", ("float", "double"): "type-widened"}
        sizes |= {(wide, narrow): "type-narrowed" for narrow, wide in sizes}
        self.tell(sizes.get((old, new), "format-changed"), way, place, old=old, new=new)

    def _values(self, old: dict[str, Any], new: dict[str, Any], way: str, place: str) -> None:
        one, other = allowed(old), allowed(new)
        if one is None and other is not None:
            self.tell("enum-set", way, place, new=listed(other))
        elif one is not None and other is None:
            self.tell("enum-dropped", way, place, old=listed(one))
        elif one is not None and other is not None:
            for value in sorted(one - other):
                self.tell("enum-value-removed", way, place, old=shortened(value))
            for value in sorted(other - one):
                self.tell("enum-value-added", way, place, new=shortened(value))

    def _unjudged(self, old: dict[str, Any], new: dict[str, Any], way: str, place: str) -> None:
        for keyword in _UNJUDGED:
            one, other = old.get(keyword), new.get(keyword)
            if one != other:
                said = {"old": shortened(dumped(one)) if keyword in old else ABSENT}
                said["new"] = shortened(dumped(other)) if keyword in new else ABSENT
                self.tell("keyword-changed", way, f"{place} ({keyword})", **said)

    def _properties(self, old: dict[str, Any], new: dict[str, Any], way: str, place: str) -> None:
        must, must_now = required(old), required(new)
        one = _of_direction(_properties(old, must), self.old, way)
        other = _of_direction(_properties(new, must_now), self.new, way)
        moved = renames(one.keys() - other.keys(), other.keys() - one.keys())
        for name in sorted(one.keys() - other.keys()):
            change = "required-property-removed" if name in must else "property-removed"
            kind = _said(types(self.old.flat(one[name])))
            self.tell(change, way, below(place, name), old=kind, renamed_to=moved.get(name, ""))
        for name in sorted(other.keys() - one.keys()):
            kind = _said(types(self.new.flat(other[name])))
            if name in must_now or name not in moved.values():
                change = "required-added" if name in must_now else "property-added"
                self.tell(change, way, below(place, name), new=kind)
        for name in sorted(one.keys() & other.keys()):
            if (name in must) != (name in must_now):
                change = "required-made-optional" if name in must else "optional-made-required"
                said = ("required", "optional") if name in must else ("optional", "required")
                self.tell(change, way, below(place, name), old=said[0], new=said[1])
            self._waiting.append((one[name], other[name], way, below(place, name)))
        for name, now in moved.items():
            self._waiting.append((one[name], other[now], way, below(place, name)))
        self._others(old, new, way, place)

    def _others(self, old: dict[str, Any], new: dict[str, Any], way: str, place: str) -> None:
        """Compare what is said of properties that are not named."""
        one, other = old.get("additionalProperties", True), new.get("additionalProperties", True)
        if "object" in types(old) & types(new) and (one is False) != (other is False):
            change = "additional-opened" if one is False else "additional-closed"
            said = ("refused", "allowed") if one is False else ("allowed", "refused")
            self.tell(change, way, place, old=said[0], new=said[1])
        elif isinstance(one, dict) and isinstance(other, dict):
            self._waiting.append((one, other, way, below(place, "*")))
        patterns, patterns_now = _mapping(old, "patternProperties"), _mapping(new, "patternProperties")
        for pattern in sorted(patterns.keys() & patterns_now.keys()):
            self._waiting.append((patterns[pattern], patterns_now[pattern], way, below(place, pattern)))
        if patterns.keys() != patterns_now.keys():
            said = (listed(patterns) or ABSENT, listed(patterns_now) or ABSENT)
            self.tell("keyword-changed", way, f"{place} (patternProperties)", old=said[0], new=said[1])

    def _items(self, old: dict[str, Any], new: dict[str, Any], way: str, place: str) -> None:
        one, other = old.get("items", True), new.get("items", True)
        if isinstance(one, (dict, bool)) and isinstance(other, (dict, bool)) and (one, other) != (True, True):
            self._waiting.append((one, other, way, f"{place}[]"))
        first, first_now = (side.get("prefixItems", side.get("items")) for side in (old, new))
        if isinstance(first, list) and isinstance(first_now, list):
            for number, pair in enumerate(zip(first, first_now, strict=False)):
                self._waiting.append((*pair, way, f"{place}[{number}]"))

    def _variants(self, old: dict[str, Any], new: dict[str, Any], way: str, place: str) -> None:
        """Compare alternatives: equal ones fall out, what is left is a pair, or removed and added."""
        one, other = _branches(old) or [old], _branches(new) or [new]
        same = {dumped(each) for each in one} & {dumped(each) for each in other}
        pairs = [(each, each) for each in one if dumped(each) in same]  # one reference may lead to two versions
        gone = [each for each in one if dumped(each) not in same]
        added = [each for each in other if dumped(each) not in same]
        if len(gone) == len(added) == 1:
            pairs.append((gone.pop(), added.pop()))
        for before, after in pairs:
            self._waiting.append((before, after, way, place))
        for each in gone:
            self.tell("variant-removed", way, place, old=self._name(each, self.old))
        for each in added:
            self.tell("variant-added", way, place, new=self._name(each, self.new))

    def _name(self, schema: Any, side: Side) -> str:
        reference = schema.get("$ref") if isinstance(schema, dict) else None
        return str(reference).rpartition("/")[2] if reference else _said(types(side.flat(schema)))


def below(place: str, name: str) -> str:
    """Return the place of a property."""
    return f"{place}.{name}" if name.replace("_", "").replace("-", "").isalnum() else f"{place}.{dumped(name)}"


def _wide(kinds: frozenset[str]) -> frozenset[str]:
    return kinds | {"integer"} if "number" in kinds else kinds


def _said(kinds: frozenset[str]) -> str:
    return "any type" if kinds >= ANY_TYPE else listed(kinds) or "nothing"


def _null(allowed_: bool) -> str:  # noqa: FBT001  what it turns into words
    return "may be null" if allowed_ else "never null"


def _mapping(schema: Mapping[str, Any], keyword: str) -> dict[str, Any]:
    held = schema.get(keyword)
    return held if isinstance(held, dict) else {}


def _branches(schema: Mapping[str, Any]) -> list[Any]:
    held = (schema.get(keyword) for keyword in ("oneOf", "anyOf"))
    return [part for parts in held if isinstance(parts, list) for part in parts if isinstance(part, (dict, bool))]


def _unseen(schema: Mapping[str, Any]) -> bool:
    return not schema or schema.get("type") == []


def _properties(schema: Mapping[str, Any], must: Iterable[str]) -> dict[str, Any]:
    """Return the properties, those that only `required` names among them."""
    return {**{name: {} for name in must}, **_mapping(schema, "properties")}


def _of_direction(properties: dict[str, Any], side: Side, way: str) -> dict[str, Any]:
    """Leave out what never travels this way: `readOnly` in requests, `writeOnly` in responses."""
    mark = {REQUEST: "readOnly", RESPONSE: "writeOnly"}.get(way)
    if mark is None:
        return properties
    return {name: schema for name, schema in properties.items() if side.flat(schema).get(mark) is not True}
