"""Pairs of contracts, one for every row of the table contract-changes."""

from __future__ import annotations

import json
from typing import Any

E, W, I = "error", "warning", "info"  # noqa: E741

Pair = tuple[str, str, str, str, str, str]  # file name, old, new, change, direction, severity


def described(schema: Any, direction: str) -> str:
    """Return an OpenAPI description that uses a schema in a request or in a response."""
    content = {"content": {"application/json": {"schema": schema}}}
    operation = {"requestBody": content, "responses": {}} if direction == "request" else {"responses": {"200": content}}
    return json.dumps({"openapi": "3.1.0", "paths": {"/users": {"post": operation}}})


def thing(required: list[str] | None = None, /, **properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": required or []}


TEXT, NUMBER = {"type": "string"}, {"type": "number"}
# change: old schema, new schema, severity in a request, in a response, and where nobody says which of them it is
SCHEMAS: dict[str, tuple[Any, Any, str, str, str]] = {
    "property-removed": (thing(id=TEXT, nick=TEXT), thing(id=TEXT), W, W, W),
    "required-property-removed": (thing(["nick"], id=TEXT, nick=TEXT), thing(id=TEXT), W, E, W),
    "property-added": (thing(id=TEXT), thing(id=TEXT, nick=TEXT), I, I, I),
    "required-added": (thing(id=TEXT), thing(["nick"], id=TEXT, nick=TEXT), E, I, W),
    "optional-made-required": (thing(id=TEXT), thing(["id"], id=TEXT), E, I, W),
    "required-made-optional": (thing(["id"], id=TEXT), thing(id=TEXT), I, E, W),
    "type-changed": (thing(status=TEXT), thing(status=NUMBER), E, E, E),
    "type-narrowed": (NUMBER, {"type": "integer"}, E, I, W),
    "type-widened": ({"type": "integer"}, NUMBER, I, E, W),
    "format-changed": (TEXT, {"type": "string", "format": "uuid"}, W, W, W),
    "enum-value-removed": ({"enum": ["active", "inactive"]}, {"enum": ["active"]}, E, I, W),
    "enum-value-added": ({"enum": ["active"]}, {"enum": ["active", "banned"]}, I, W, W),
    "enum-set": (TEXT, {"type": "string", "enum": ["active"]}, E, I, W),
    "enum-dropped": ({"type": "string", "enum": ["active"]}, TEXT, I, W, W),
    "bound-set": (NUMBER, {"type": "number", "maximum": 10}, W, I, W),
    "bound-tightened": ({"type": "number", "maximum": 10}, {"type": "number", "maximum": 5}, E, I, W),
    "bound-loosened": ({"type": "string", "minLength": 3}, {"type": "string", "minLength": 1}, I, E, W),
    "pattern-added": (TEXT, {"type": "string", "pattern": "^a"}, E, I, W),
    "pattern-changed": ({"type": "string", "pattern": "^a"}, {"type": "string", "pattern": "^b"}, W, W, W),
    "pattern-removed": ({"type": "string", "pattern": "^a"}, TEXT, I, E, W),
    "nullable-removed": ({"type": ["string", "null"]}, TEXT, E, I, W),
    "nullable-added": (TEXT, {"anyOf": [{"type": "string"}, {"type": "null"}]}, I, E, W),
    "additional-closed": (thing(id=TEXT), {**thing(id=TEXT), "additionalProperties": False}, W, I, W),
    "additional-opened": ({**thing(id=TEXT), "additionalProperties": False}, thing(id=TEXT), I, W, W),
    "variant-removed": (
        {"oneOf": [thing(card=TEXT), thing(iban=TEXT), TEXT]},
        {"oneOf": [thing(card=TEXT), TEXT]},
        *(E, I, W),
    ),
    "variant-added": (
        {"oneOf": [thing(card=TEXT), TEXT]},
        {"oneOf": [thing(card=TEXT), thing(iban=TEXT), TEXT]},
        *(I, W, W),
    ),
    "keyword-changed": (TEXT, {"type": "string", "not": {"const": "root"}}, W, W, W),
}
_CONTENT: dict[str, Any] = {"content": {"application/json": {}, "application/xml": {}}}
_ONE_FORM: dict[str, Any] = {"content": {"application/json": {}}}
# change, direction, severity: old operation and new one of `POST /users`; None where the operation is gone
OPERATIONS: list[tuple[str, str, str, Any, Any]] = [
    ("endpoint-removed", "both", E, {"responses": {}}, None),
    ("deprecated-endpoint-removed", "both", W, {"deprecated": True, "responses": {}}, None),
    ("status-removed", "response", E, {"responses": {"200": {}, "201": {}}}, {"responses": {"200": {}}}),
    ("media-type-removed", "request", E, {"requestBody": _CONTENT}, {"requestBody": _ONE_FORM}),
    ("media-type-removed", "response", E, {"responses": {"200": _CONTENT}}, {"responses": {"200": _ONE_FORM}}),
    ("parameter-removed", "request", W, {"parameters": [{"name": "page", "in": "query"}]}, {}),
    ("security-added", "request", E, {}, {"security": [{"token": []}]}),
]
_PROTO = 'syntax = "proto3"; package shop.v1; message User {{ {} }} enum Kind {{ {} }} service Users {{ {} }}'
_GET = "rpc Get (User) returns (User);"


def proto(fields: str = "string id = 1;", values: str = "UNKNOWN = 0; ADMIN = 1;", methods: str = _GET) -> str:
    return _PROTO.format(fields, values, methods)


PROTOS: list[tuple[str, str, str, str]] = [
    ("field-number-changed", E, proto("string id = 1;"), proto("string id = 2;")),
    ("field-number-reused", E, proto("string id = 1;"), proto("int32 age = 1;")),
    ("field-number-reused", E, proto("reserved 3;string id = 1;"), proto("string id = 1; string age = 3;")),
    ("field-number-not-reserved", W, proto("string id = 1; string nick = 2;"), proto("string id = 1;")),
    ("property-removed", W, proto("string id = 1; string nick = 2;"), proto("reserved 2; string id = 1;")),
    ("property-added", I, proto("string id = 1;"), proto("string id = 1; string nick = 2;")),
    ("field-renamed", W, proto("string userId = 1;"), proto("string user_id = 1;")),
    ("type-changed", E, proto("string status = 1;"), proto("int32 status = 1;")),
    ("type-wire-compatible", W, proto("int32 age = 1;"), proto("int64 age = 1;")),
    ("cardinality-changed", E, proto("int32 age = 1;"), proto("repeated int32 age = 1;")),
    ("cardinality-compatible", W, proto("string id = 1;"), proto("repeated string id = 1;")),
    ("required-field-changed", E, proto("optional string id = 1;"), proto("required string id = 1;")),
    ("enum-number-changed", E, proto(), proto(values="UNKNOWN = 0; ADMIN = 2;")),
    ("enum-value-removed", W, proto(), proto(values="UNKNOWN = 0;")),
    ("enum-value-added", W, proto(), proto(values="UNKNOWN = 0; ADMIN = 1; GUEST = 2;")),
    ("message-removed", W, f"{proto()} message Old {{ int32 a = 1; }}", proto()),
    ("streaming-changed", E, proto(), proto(methods="rpc Get (User) returns (stream User);")),
    ("endpoint-removed", E, proto(), proto(methods="")),
]


def record(*fields: Any) -> str:
    return json.dumps({"type": "record", "name": "User", "fields": list(fields)})


def field(name: str, kind: Any, **more: Any) -> dict[str, Any]:
    return {"name": name, "type": kind, **more}


_KINDS = {"type": "enum", "name": "Kind", "symbols": ["ADMIN"]}
_MORE_KINDS = {"type": "enum", "name": "Kind", "symbols": ["ADMIN", "GUEST"]}
AVROS: list[tuple[str, str, str, str, str]] = [
    ("type-changed", "both", E, record(field("status", "string")), record(field("status", "int"))),
    ("type-widened", "response", E, record(field("age", "int")), record(field("age", "long"))),
    ("type-narrowed", "request", E, record(field("age", "long")), record(field("age", "int"))),
    ("symbol-added", "response", E, record(field("kind", _KINDS)), record(field("kind", _MORE_KINDS))),
    ("enum-value-removed", "request", E, record(field("kind", _MORE_KINDS)), record(field("kind", _KINDS))),
    (
        "branch-added",
        "response",
        E,
        record(field("id", ["null", "int"])),
        record(field("id", ["null", "int", "bytes"])),
    ),
    ("nullable-added", "response", E, record(field("id", "int")), record(field("id", ["null", "int"]))),
    ("nullable-removed", "request", E, record(field("id", ["null", "int"])), record(field("id", "int"))),
    ("variant-removed", "request", E, record(field("id", ["int", "bytes"])), record(field("id", ["int"]))),
    ("required-added", "request", E, record(), record(field("id", "int"))),
    ("property-added", "request", I, record(), record(field("id", "int", default=0))),
    ("required-property-removed", "response", E, record(field("id", "int")), record()),
    ("property-removed", "response", W, record(field("id", "int", default=0)), record()),
]
_SDL = "type Query {{ user(id: ID{}): User }} type User {{ id: ID! {} }} {}"


def sdl(argument: str = "", fields: str = "", more: str = "") -> str:
    return _SDL.format(argument, fields, more)


_UNION = "union Any = Query | User"
GRAPHQLS: list[tuple[str, str, str, str, str]] = [
    ("type-removed", "both", E, sdl(more="type Old { id: ID }"), sdl()),
    ("field-removed", "both", E, sdl(fields="nick: String"), sdl()),
    ("type-changed", "both", E, sdl(fields="status: String"), sdl(fields="status: Int")),
    ("type-changed", "request", E, sdl(), sdl("!")),
    ("required-added", "request", E, sdl(), sdl(", all: Boolean!")),
    ("property-added", "request", I, sdl(), sdl(", all: Boolean")),
    ("member-removed", "both", E, sdl(more=_UNION), sdl(more="union Any = Query")),
    ("variant-added", "response", W, sdl(more="union Any = Query"), sdl(more=_UNION)),
    ("enum-value-removed", "request", E, sdl(more="enum Kind { ADMIN GUEST }"), sdl(more="enum Kind { ADMIN }")),
    ("enum-value-added", "response", W, sdl(more="enum Kind { ADMIN }"), sdl(more="enum Kind { ADMIN GUEST }")),
    ("default-changed", "request", W, sdl(" = 1"), sdl(" = 2")),
    ("directive-changed", "both", E, sdl(more="directive @old on FIELD"), sdl()),
]


def pairs() -> list[Pair]:
    """Return all of them."""
    found: list[Pair] = []
    for change, (old, new, *severities) in SCHEMAS.items():
        for direction, severity in zip(("request", "response"), severities, strict=False):
            texts = described(old, direction), described(new, direction)
            found.append(("api.json", *texts, change, direction, severity))
        found.append(("user.schema.json", json.dumps(old), json.dumps(new), change, "both", severities[2]))
    for change, direction, severity, before, after in OPERATIONS:
        written = [
            json.dumps({"openapi": "3.0.3", "paths": {"/users": {} if each is None else {"post": each}}})
            for each in (before, after)
        ]
        found.append(("api.json", written[0], written[1], change, direction, severity))
    found += [("user.proto", one, other, change, "both", severity) for change, severity, one, other in PROTOS]
    found += [("user.avsc", one, other, change, way, severity) for change, way, severity, one, other in AVROS]
    found += [("user.graphql", one, other, change, way, severity) for change, way, severity, one, other in GRAPHQLS]
    return found
