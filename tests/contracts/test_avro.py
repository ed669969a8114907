"""Avro: what is told field by field agrees with what the library says of the whole schemas."""

from __future__ import annotations

import json
import warnings
from typing import Any

import avro.schema
import pytest
from avro.compatibility import ReaderWriterCompatibilityChecker, SchemaCompatibilityType
from hypothesis import given, settings
from hypothesis import strategies as st

from envcheck.contracts import canonical, compare

BREAKING = {  # the words of the table that say that one side cannot read the other
    "request": {
        "type-changed",
        "type-narrowed",
        "enum-value-removed",
        "variant-removed",
        "nullable-removed",
        "required-added",
    },
    "response": {
        "type-changed",
        "type-widened",
        "symbol-added",
        "branch-added",
        "nullable-added",
        "required-property-removed",
    },
}


def reads(reader: Any, writer: Any) -> bool:
    one, other = (avro.schema.parse(json.dumps(each)) for each in (reader, writer))
    found = ReaderWriterCompatibilityChecker().get_compatibility(one, other)
    return found.compatibility is SchemaCompatibilityType.compatible


def differences(old: Any, new: Any) -> list[tuple[str, str, str]]:
    (_, before), (_, after) = (canonical("a.avsc", json.dumps(each).encode()) for each in (old, new))
    return [(each.change, each.direction, each.place) for each in compare("avro", before, after)]


_PLAIN = st.sampled_from(["null", "boolean", "int", "long", "float", "double", "bytes", "string"])
_ENUMS = st.sets(st.sampled_from("ABC"), min_size=1).map(
    lambda symbols: {"type": "enum", "name": "Kind", "symbols": sorted(symbols)}
)
_SIMPLE = st.one_of(
    _PLAIN,
    _PLAIN.map(lambda kind: {"type": "array", "items": kind}),
    _PLAIN.map(lambda kind: {"type": "map", "values": kind}),
    st.sets(_PLAIN, min_size=1, max_size=3).map(sorted),
)


@st.composite
def records(draw: st.DrawFn) -> dict[str, Any]:
    kinds: dict[str, Any] = draw(st.dictionaries(st.sampled_from(["id", "status", "age"]), _SIMPLE, max_size=3))
    if draw(st.booleans()):
        kinds["kind"] = draw(_ENUMS)
    fields: list[dict[str, Any]] = [{"name": name, "type": kind} for name, kind in sorted(kinds.items())]
    for each in fields:
        if each["type"] == "int" and draw(st.booleans()):
            each["default"] = 0
    return {"type": "record", "name": "User", "fields": fields}


@given(records(), records())
@settings(max_examples=150)
def test_it_agrees_with_the_library(old: dict[str, Any], new: dict[str, Any]) -> None:
    found = differences(old, new)
    broken = {
        side: any(change in BREAKING[side] and way in (side, "both") for change, way, _ in found) for side in BREAKING
    }
    assert broken == {"request": not reads(new, old), "response": not reads(old, new)}


USER_ID = {"name": "userId", "type": "string"}
NEXT = {"name": "next", "type": ["null", "User"]}
AGE = {"name": "age", "type": "int", "default": 1}


def at(kind: str) -> dict[str, Any]:
    return {"name": "at", "type": {"type": "long", "logicalType": kind}}


@pytest.mark.parametrize(
    ("old", "new", "wanted"),
    [
        (
            [USER_ID],
            [{"name": "user_id", "type": "string", "aliases": ["userId"]}],
            ("required-property-removed", "response", "$.userId"),
        ),
        ([at("timestamp-millis")], [at("timestamp-micros")], ("format-changed", "both", "$.at")),
        ([NEXT], [NEXT, AGE], ("property-added", "request", "$.age")),
    ],
)
def test_aliases_logical_types_and_records_in_themselves(old: Any, new: Any, wanted: Any) -> None:
    found = differences(*({"type": "record", "name": "User", "fields": fields} for fields in (old, new)))
    assert found == [wanted]


def test_logical_types_that_the_library_does_not_know_are_no_warnings() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert canonical("a.avsc", b'{"type": "string", "logicalType": "made-up"}')[0] == "avro"
