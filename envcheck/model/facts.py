"""Facts, what is not known of them, and the snapshot that holds both."""

from __future__ import annotations

from envcheck.keys import format_entity
from envcheck.model.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import TypeAlias

    Value: TypeAlias = str | int | float | bool | tuple[str, ...]
    Entity: TypeAlias = tuple[str, ...]
    Known: TypeAlias = tuple[Value, str]

COMPLETE = "complete"
PARTIAL = "partial"
NOT_COLLECTED = "not collected"


def plain(value: object) -> str:
    """Return a value as text, as rules compare and show it: booleans in lower case, lists joined by commas."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (tuple, list)):
        return ", ".join(plain(item) for item in value)
    return str(value)


class Unknown(Record):
    """A fact that could not be determined, and why."""

    reason: str


class Absent(Record):
    """A fact that was looked for, completely, and is not there."""


ABSENT = Absent()


class Fact(Record):
    """One statement about an environment and the file or command that it came from."""

    entity: Entity
    attribute: str
    value: Value
    origin: str


class Coverage(Record):
    """How far a scope was read: a kind, `kind#attribute`, an entity, or `entity#attribute`."""

    scope: str
    status: str
    reason: str = ""


class CollectorStatus(Record):
    """What became of one collector: `ok`, `partial`, `skipped` or `failed`."""

    name: str
    outcome: str
    reason: str = ""


class Facts:
    """All facts of one environment by kind, entity and attribute; treat as read-only once collected."""

    __slots__ = ("_kinds",)

    def __init__(self) -> None:
        self._kinds: dict[str, dict[Entity, dict[str, Known]]] = {}

    def put(self, entity: Entity, origin: str, /, **values: Value | None) -> None:
        """Record the attributes of one entity that share an origin; a None or an empty list is left out.

        Meant for whoever fills the store; the stages after collection use `overlaid`.
        """
        held = self._kinds.setdefault(entity[0], {}).setdefault(entity, {})
        for attribute, value in values.items():
            if value is not None and value != ():
                held[attribute] = (value, origin)

    def hold(self, entity: Entity, known: Mapping[str, Known]) -> None:
        """Record attributes of one entity, each with an origin of its own."""
        self._kinds.setdefault(entity[0], {}).setdefault(entity, {}).update(known)

    def get(self, entity: Entity, attribute: str) -> Known | None:
        """Return value and origin, or None."""
        held = self._kinds.get(entity[0], {}).get(entity)
        return None if held is None else held.get(attribute)

    def value(self, entity: Entity, attribute: str) -> Value | None:
        """Return the value alone, or None."""
        known = self.get(entity, attribute)
        return None if known is None else known[0]

    def text(self, entity: Entity, attribute: str) -> str | None:
        """Return the value if it is a text, else None."""
        value = self.value(entity, attribute)
        return value if isinstance(value, str) else None

    def of(self, entity: Entity) -> Mapping[str, Known]:
        """Return every attribute of one entity, empty when there is none."""
        return self._kinds.get(entity[0], {}).get(entity, {})

    def kinds(self) -> list[str]:
        """Return the kinds present, sorted."""
        return sorted(self._kinds)

    def entities(self, kind: str) -> list[Entity]:
        """Return the entities of a kind, sorted."""
        return sorted(self._kinds.get(kind, ()))

    def held(self, kind: str) -> Mapping[Entity, Mapping[str, Known]]:
        """Return every entity of a kind with its attributes."""
        return self._kinds.get(kind, {})

    def __contains__(self, entity: Entity) -> bool:
        return entity in self._kinds.get(entity[0], ())

    def __iter__(self) -> Iterator[Fact]:
        for kind in self.kinds():
            for entity in self.entities(kind):
                for attribute, (value, origin) in sorted(self.of(entity).items()):
                    yield Fact(entity=entity, attribute=attribute, value=value, origin=origin)

    def __len__(self) -> int:
        return sum(len(held) for entities in self._kinds.values() for held in entities.values())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Facts) and self._kinds == other._kinds

    __hash__ = None  # type: ignore[assignment]  # a store is compared, never a key

    def overlaid(self, other: Facts) -> Facts:
        """Return these facts with another store's laid over them; neither changes."""
        merged = Facts()
        merged._kinds = {kind: dict(entities) for kind, entities in self._kinds.items()}
        for kind, entities in other._kinds.items():
            mine = merged._kinds.setdefault(kind, {})
            for entity, held in entities.items():
                mine[entity] = {**mine.get(entity, {}), **held}
        return merged

    def without(self, *entities: Entity) -> Facts:
        """Return these facts less some whole entities."""
        merged = Facts()
        gone = set(entities)
        merged._kinds = {
            kind: {entity: held for entity, held in mine.items() if entity not in gone}
            for kind, mine in self._kinds.items()
        }
        return merged


class Snapshot(Record):
    """What was seen of one environment: collected facts, derived facts, and how far each kind was read.

    `facts` is what collectors read and what is saved; `derived` is computed from it and never saved.
    `coverage` maps a scope (see `Coverage`) to its entry; a kind without one was not collected. `derived_coverage` is
    the same for derived facts. `vector` is the version vector: how many changes each writer has seen, by its name.
    """

    label: str
    address: str
    chosen: str = ""
    collected_at: str = ""
    tool: str = ""
    facts: Facts
    derived: Facts
    coverage: Mapping[str, Coverage]
    collectors: tuple[CollectorStatus, ...] = ()
    derived_coverage: Mapping[str, Coverage] = {}
    vector: Mapping[str, int] = {}

    def look(self, entity: Entity, attribute: str) -> Known | Absent | Unknown:
        """Return value and origin, or why there is none; the most specific coverage decides."""
        known = self.facts.get(entity, attribute) or self.derived.get(entity, attribute)
        if known is not None:
            return known
        kind = entity[0]
        name = format_entity(entity)
        for scope in (f"{name}#{attribute}", name, f"{kind}#{attribute}", kind):
            entry = self.derived_coverage.get(scope) or self.coverage.get(scope)
            if entry is not None:
                return ABSENT if entry.status == COMPLETE else Unknown(reason=entry.reason or entry.status)
        return Unknown(reason=f"{kind} was not collected")

    def entities(self, kind: str) -> list[Entity]:
        """Return collected and derived entities of a kind, sorted."""
        return sorted({*self.facts.entities(kind), *self.derived.entities(kind)})

    def lacks(self, entity: Entity) -> bool:
        """Tell whether an entity is certainly not there: nothing is known of it, and its kind was read whole."""
        if entity in self.facts or entity in self.derived or self.gap(entity[0]) is not None:
            return False
        name = format_entity(entity)
        if len(entity) > 1 and name in self.coverage:
            return False
        return not any(scope.startswith(f"{name}#") for scope in self.coverage)

    def gap(self, kind: str) -> str | None:
        """Return why entities of a kind may be missing here, or None when all were seen."""
        entry = self.derived_coverage.get(kind) or self.coverage.get(kind)
        if entry is None:
            return f"{kind} was not collected"
        return None if entry.status == COMPLETE else entry.reason or entry.status
