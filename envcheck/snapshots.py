"""The saved form of a snapshot: versioned, sorted JSON with one record a line; docs/snapshots.md describes it."""

from __future__ import annotations

from envcheck.errors import DocumentError
from envcheck.keys import KINDS, format_entity, parse_entity
from envcheck.model.facts import CollectorStatus, Coverage, Facts, Snapshot

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from envcheck.forms import NumberForm, SnapshotForm
    from envcheck.model.facts import Value

_SCHEMA = 1
_LARGEST = 1 << 63  # what every JSON reader with 64-bit integers still holds
_MOST_BYTES = 1 << 28  # of a file; the snapshot of 2,000 distributions has some 4 MiB


def dump(snapshot: Snapshot) -> dict[str, Any]:
    """Return the snapshot as plain data that JSON can hold, sorted, without derived facts."""
    return {
        "schema": _SCHEMA,
        "tool": snapshot.tool,
        "label": snapshot.label,
        "address": snapshot.address,
        "chosen": snapshot.chosen,
        "collected_at": snapshot.collected_at,
        "vector": dict(sorted(snapshot.vector.items())),
        "collectors": [status.as_dict() for status in sorted(snapshot.collectors, key=lambda status: status.name)],
        "coverage": [snapshot.coverage[scope].as_dict() for scope in sorted(snapshot.coverage)],
        "facts": _records(snapshot.facts),
    }


def to_json(snapshot: Snapshot) -> str:
    """Return the snapshot as ASCII JSON text with one record a line: the same bytes for the same snapshot."""
    return layout(dump(snapshot)) + "\n"


def from_json(data: bytes, where: str) -> Snapshot:
    """Return a saved snapshot, with nothing derived; raises DocumentError, naming `where`."""
    from envcheck.forms import snapshot_form

    return from_form(snapshot_form(data, where), where)


def load(path: str) -> Snapshot:
    """Return the snapshot in a file; raises DocumentError when it is malformed, TargetError when unreadable."""
    return from_json(read(path, "a saved snapshot"), path)


def read(path: str, wanted: str) -> bytes:
    """Return a file of this machine whole; raises TargetError when that fails."""
    from envcheck.errors import TargetError

    try:
        with open(path, "rb") as file:
            data = file.read(_MOST_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise TargetError(f"cannot be read: {reason}", where=path, hint=f"give the path of {wanted}") from None
    if len(data) > _MOST_BYTES:
        raise TargetError("larger than 256 MiB", where=path, hint=f"give the path of {wanted}")
    return data


def from_form(form: SnapshotForm, where: str) -> Snapshot:
    """Return the snapshot of a validated form; raises DocumentError for an entity that lacks a part."""
    facts = Facts()
    for record in form.facts:
        values = {attribute: value_of(value) for attribute, value in record.facts.items()}
        entity = parse_entity(record.entity)
        if entity[0] in KINDS and len(entity) <= len(KINDS[entity[0]][2]):
            shape = "/".join((entity[0], *(f"<{part}>" for part in KINDS[entity[0]][2])))
            raise DocumentError(f"{record.entity!r} is no entity: written {shape}", where=where)
        facts.put(entity, record.origin, **values)
    return Snapshot(
        label=form.label,
        address=form.address,
        chosen=form.chosen,
        collected_at=form.collected_at,
        vector=form.vector,
        tool=form.tool,
        facts=facts,
        derived=Facts(),
        coverage={
            entry.scope: Coverage(scope=entry.scope, status=entry.status, reason=entry.reason)
            for entry in form.coverage
        },
        collectors=tuple(
            CollectorStatus(name=entry.name, outcome=entry.outcome, reason=entry.reason) for entry in form.collectors
        ),
    )


def layout(document: dict[str, Any]) -> str:
    """Return a JSON object with one line for every field and for every item of a list: small, and easy to compare."""
    from json import JSONEncoder

    # ASCII, so that a file name that is not UTF-8 survives as the escape of a lone surrogate.
    encode = JSONEncoder(ensure_ascii=True, allow_nan=False).encode
    lines = []
    for name, value in document.items():
        if isinstance(value, list) and value:
            text = "[\n  " + ",\n  ".join(map(encode, value)) + "\n ]"
        else:
            text = encode(value)
        lines.append(f" {encode(name)}: {text}")
    return "{\n" + ",\n".join(lines) + "\n}"


def _records(facts: Facts) -> list[dict[str, Any]]:
    records = []
    for kind in facts.kinds():
        for entity in facts.entities(kind):
            by_origin: dict[str, dict[str, Any]] = {}
            for attribute, (value, origin) in sorted(facts.of(entity).items()):
                by_origin.setdefault(origin, {})[attribute] = plain(value)
            # An entity of which nothing more is known still is there.
            for origin in sorted(by_origin or {"": {}}):
                held = by_origin.get(origin, {})
                records.append({"entity": format_entity(entity), "origin": origin, "facts": held})
    return records


def plain(value: Value) -> Any:
    """Return a fact's value as JSON can hold it."""
    if isinstance(value, tuple):
        return list(value)
    if isinstance(value, int) and not -_LARGEST <= value < _LARGEST:
        return {"number": hex(value)}
    # Only infinities and not-a-number are no finite distance from themselves.
    if isinstance(value, float) and value - value != 0:
        return {"number": repr(value)}
    return value


def value_of(value: bool | float | str | list[str] | NumberForm) -> Value:  # noqa: FBT001  a fact may be a bool
    """Return a fact's value as the saved form has it."""
    if isinstance(value, list):
        return tuple(value)
    if isinstance(value, (bool, int, float, str)):
        return value
    return int(value.number, 16) if "0x" in value.number else float(value.number)
