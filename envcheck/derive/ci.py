"""Derives which hosted machines and actions that CI files ask for were retired when the facts were collected."""

from __future__ import annotations

from envcheck.keys import format_entity
from envcheck.model.facts import Unknown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from envcheck.derive import Derivation
    from envcheck.model.facts import Entity, Snapshot
    from envcheck.model.rules import Row, Table

CURRENT, DEPRECATED, RETIRED = "current", "deprecated", "retired"
_FORGE = "github"  # github.com: elsewhere the same labels and versions are somebody else's
_NO_TIME = "it is not known when the facts were collected"


def derive(snapshot: Snapshot, tables: Mapping[str, Table], into: Derivation) -> None:
    """Look every label and every action's major up; those of which the tables say nothing get no fact."""
    day = snapshot.collected_at[:10]  # ISO dates compare as texts
    labels = {str(row["label"]): row for row in _rows(tables, "runner-labels")}
    majors = {(str(row["action"]), str(row["major"])): row for row in _rows(tables, "action-majors")}
    gap = snapshot.gap("job")
    if gap is not None:
        into.gap("runner", gap)
    for entity in snapshot.facts.entities("job"):
        if snapshot.facts.value(entity, "forge") != _FORGE:
            continue
        look = snapshot.look(entity, "runners")
        if isinstance(look, Unknown):
            into.gap("runner", look.reason)
        elif isinstance(look, tuple) and isinstance(look[0], tuple):
            for label in look[0]:
                row = labels.get(label.lower())
                if row is not None:
                    runner = ("runner", *entity[1:], label)
                    into.put(
                        runner, look[1], retired_on=_text(row, "retired_on"), replacement=_text(row, "replacement")
                    )
                    _put_state(runner, look[1], row, day, into)
    for entity in snapshot.facts.entities("step"):
        if snapshot.facts.value(("job", *entity[1:3]), "forge") != _FORGE:
            continue
        known = snapshot.facts.get(entity, "action")
        row = majors.get((str(known[0]), str(snapshot.facts.value(entity, "major")))) if known else None
        if known is not None and row is not None:
            since = _text(row, "retired_on") or _text(row, "deprecated_on")
            into.put(entity, known[1], since=since, reason=_text(row, "reason"), replacement=_text(row, "replacement"))
            _put_state(entity, known[1], row, day, into)


def _rows(tables: Mapping[str, Table], name: str) -> tuple[Row, ...]:
    table = tables.get(name)
    return () if table is None else table.rows


def _put_state(entity: Entity, origin: str, row: Row, day: str, into: Derivation) -> None:
    if day:
        into.put(entity, origin, state=_state(row, day))
    else:
        into.gap(f"{format_entity(entity)}#state", _NO_TIME)


def _state(row: Row, day: str) -> str:
    """Return what holds on a day; a plan that nobody has confirmed (`confidence: medium`) may have been put off."""
    retired, deprecated = _text(row, "retired_on"), _text(row, "deprecated_on")
    if retired and retired <= day and row.get("confidence") != "medium":
        return RETIRED
    return DEPRECATED if (deprecated or retired or day) <= day else CURRENT


def _text(row: Row, column: str) -> str | None:
    value = row.get(column)
    return None if value is None else str(value)
