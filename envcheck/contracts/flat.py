"""One version of a JSON schema: references and `allOf` written out, and what its keywords allow."""

from __future__ import annotations

from envcheck.contracts.documents import Resolver, dumped

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

ANY_TYPE = frozenset(["boolean", "object", "array", "number", "string", "integer"])
_JUDGED_WITH_ALL_OF = ("properties", "patternProperties")
_IMPLYING = {"properties": "object", "required": "object", "items": "array", "prefixItems": "array"}


class Side:
    """One version: its document, and its schemas with references and `allOf` written out."""

    def __init__(self, root: Any) -> None:
        self.resolver = Resolver(root)

    def flat(self, schema: Any) -> dict[str, Any]:
        """Return a schema's keywords, those of what it refers to and of its `allOf` merged in; False allows nothing."""
        merged: dict[str, Any] = {}
        waiting = [schema]
        seen: dict[int, Any] = {}  # kept alive, so that no other part gets its number
        while waiting:
            part = waiting.pop()
            if part is False:
                part = {"enum": []}
            if not isinstance(part, dict) or id(part) in seen:
                continue
            seen[id(part)] = part
            reference = part.get("$ref")
            if isinstance(reference, str):
                found = self.resolver.find(reference)
                waiting.append({"not": {"$ref": reference}} if found is None else found)
            if isinstance(part.get("allOf"), list):
                waiting += part["allOf"]
            _merge(merged, part)
        return merged

    def key(self, schema: Any) -> object:
        """Return what two uses of one shared schema have in common."""
        if isinstance(schema, dict) and len(schema) == 1 and "$ref" in schema:
            return schema["$ref"]
        return dumped(schema) if isinstance(schema, dict) and "allOf" in schema else id(schema)


def _merge(merged: dict[str, Any], part: Mapping[str, Any]) -> None:
    for keyword, value in part.items():
        if keyword in ("$ref", "allOf"):
            continue
        held = merged.get(keyword)
        if keyword in _JUDGED_WITH_ALL_OF and isinstance(value, dict) and isinstance(held, dict):
            both = {name: {"allOf": [held[name], value[name]]} for name in held.keys() & value.keys()}
            merged[keyword] = {**held, **value, **{n: s for n, s in both.items() if held[n] != value[n]}}
        elif keyword == "required" and isinstance(value, list) and isinstance(held, list):
            merged[keyword] = [*held, *value]
        elif keyword not in merged:
            merged[keyword] = value


def without_null(schema: dict[str, Any], side: Side) -> tuple[dict[str, Any], bool]:
    """Return a flat schema without null, and whether it allowed null in any of the ways to say so."""
    kept = dict(schema)
    null = kept.pop("nullable", False) is True
    kinds = kept.get("type")
    if kinds == "null" or (isinstance(kinds, list) and "null" in kinds):
        null = True
        kept["type"] = [kind for kind in kinds if kind != "null"] if isinstance(kinds, list) else []
    if isinstance(kept.get("enum"), list) and None in kept["enum"]:
        null = null or "type" not in schema
        kept["enum"] = [value for value in kept["enum"] if value is not None]
    for keyword in ("oneOf", "anyOf"):
        parts = kept.get(keyword)
        if isinstance(parts, list) and any(_is_null(part) for part in parts):
            null = True
            kept[keyword] = [part for part in parts if not _is_null(part)]
        if isinstance(kept.get(keyword), list) and len(kept[keyword]) == 1:
            inner = side.flat(kept.pop(keyword)[0])
            _merge(kept, {name: value for name, value in inner.items() if name != "nullable"})
            null = null or inner.get("nullable") is True
    return kept, null


def _is_null(schema: Any) -> bool:
    return isinstance(schema, dict) and (schema.get("type") in ("null", ["null"]) or schema.get("enum") == [None])


def types(schema: Mapping[str, Any]) -> frozenset[str]:
    """Return the types that a flat schema allows, null left out; what it does not say is read from its keywords."""
    said = schema.get("type")
    if isinstance(said, (str, list)):
        return frozenset([said] if isinstance(said, str) else map(str, said)) - {"null"}
    values = allowed(schema)
    if values is not None:
        kinds = {"true": "boolean", "false": "boolean"}
        starts = {'"': "string", "{": "object", "[": "array"}
        numbers = {True: "integer", False: "number"}
        return frozenset(
            kinds.get(value) or starts.get(value[:1]) or numbers[value.lstrip("-").isdigit()] for value in values
        )
    return frozenset(kind for keyword, kind in _IMPLYING.items() if keyword in schema) or ANY_TYPE


def allowed(schema: Mapping[str, Any]) -> set[str] | None:
    """Return the values of `enum` or `const` as JSON texts, None where any value will do."""
    if isinstance(schema.get("enum"), list):
        return {dumped(value) for value in schema["enum"] if value is not None}
    return {dumped(schema["const"])} if "const" in schema else None


def required(schema: Mapping[str, Any]) -> set[str]:
    """Return the names of the required properties."""
    held = schema.get("required")
    return {name for name in held if isinstance(name, str)} if isinstance(held, list) else set()
