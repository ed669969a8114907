"""Sample payloads: JSON documents or JSON lines, of which only the shape is kept, never a value."""

from __future__ import annotations

import json

from envcheck.contracts import documents
from envcheck.contracts.difference import BOTH
from envcheck.contracts.schemas import Comparison
from envcheck.errors import DocumentError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from envcheck.contracts.difference import Difference

# A sample with 1 does not say that 1.5 never comes.
_PLAIN = {type(None): "null", bool: "boolean", int: "number", float: "number", str: "string"}
_LONGEST_NAME = 60
_MOST_NAMES = 200  # of one object; more are the keys of a map
_MOST_LINES = 10_000


def read(text: str, where: str) -> dict[str, Any]:
    """Return the shape of all samples as a JSON schema; raises DocumentError with the line."""
    text = text.removeprefix("\ufeff")
    lines = [(number, line) for number, line in enumerate(text.splitlines(), 1) if line.strip()]
    if not lines:
        raise DocumentError("is empty", where=where, hint="give one JSON document, or one a line")
    try:
        samples = [documents.read(text, where)]
    except DocumentError:
        if not _is_lines(lines):
            raise
        samples = [documents.read_json(line, where, number) for number, line in lines[:_MOST_LINES]]
    shape: dict[str, Any] = {}
    for sample in samples:
        shape = _joined(shape, kept(sample, where))
    return shape


def kept(data: Any, where: str) -> dict[str, Any]:  # noqa: ARG001  as in the other formats
    """Return the shape of a parsed sample."""
    return _shape(data)


def compare(old: Any, new: Any) -> list[Difference]:
    """Return the differences of two shapes; what a sample does not show (an empty list, null) says nothing."""
    comparison = Comparison(old, new, inferred=True)
    comparison.run(old, new, BOTH, "$")
    return comparison.found


def _is_lines(lines: list[tuple[int, str]]) -> bool:
    """Tell whether the first line is a whole document and another follows."""
    try:
        json.loads(lines[0][1])
    except (ValueError, RecursionError):
        return False
    return len(lines) > 1


def _shape(value: Any) -> dict[str, Any]:
    if not isinstance(value, (list, dict)):
        return {"type": _PLAIN[type(value)]}
    if isinstance(value, list):
        items: dict[str, Any] = {}
        for item in value:
            items = _joined(items, _shape(item))
        return {"type": "array", "items": items}
    if len(value) <= _MOST_NAMES and all(map(_is_name, value)):
        return {"type": "object", "properties": {name: _shape(inside) for name, inside in value.items()}}
    others: dict[str, Any] = {}
    for inside in value.values():
        others = _joined(others, _shape(inside))
    return {"type": "object", "additionalProperties": others}


def _is_name(key: str) -> bool:
    """Tell whether a key is a field's name, and not data such as an address, a number or a token."""
    from envcheck.secrets import sensitive

    plain = key.replace("_", "").replace("-", "").replace("$", "").replace("@", "", 1)
    return plain.isalnum() and not plain[0].isdigit() and len(key) <= _LONGEST_NAME and not sensitive("", key)


def _joined(one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    """Return the shape of what either shape describes."""
    if not one or not other or one == other:
        return one or other
    kinds = {*_kinds(one), *_kinds(other)}
    joined: dict[str, Any] = {"type": sorted(kinds) if len(kinds) > 1 else kinds.pop()}
    properties = dict(one.get("properties", {}))
    for name, shape in other.get("properties", {}).items():
        properties[name] = _joined(properties.get(name, {}), shape)
    if properties:
        joined["properties"] = properties
    for keyword in ("items", "additionalProperties"):
        if keyword in one or keyword in other:
            joined[keyword] = _joined(one.get(keyword, {}), other.get(keyword, {}))
    return joined


def _kinds(shape: dict[str, Any]) -> list[str]:
    kinds = shape["type"]
    return kinds if isinstance(kinds, list) else [kinds]
