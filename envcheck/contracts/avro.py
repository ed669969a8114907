"""Avro: records are walked field by field, and `avro.compatibility` says where one type still reads another."""

from __future__ import annotations

import warnings
from collections import deque

from envcheck.contracts import documents
from envcheck.contracts.difference import ABSENT, BOTH, REQUEST, RESPONSE, Difference, renames
from envcheck.contracts.optional import library
from envcheck.contracts.schemas import below
from envcheck.errors import DocumentError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# What a schema may say; documentation, and what others put beside it, is no part of the contract.
_KEPT = frozenset(
    {
        *("type", "name", "namespace", "fields", "default", "aliases", "symbols", "items", "values"),
        *("size", "logicalType", "precision", "scale", "order"),
    }
)
_INSIDE = ("type", "fields", "items", "values")
_IDENTIFIERS = ("name", "namespace", "aliases", "symbols")
_NAMED = ("record", "error", "enum", "fixed")


def read(text: str, where: str) -> Any:
    """Return the schema without documentation; raises DocumentError, and EnvcheckError without the library."""
    return kept(documents.read(text, where), where)


def kept(data: Any, where: str) -> Any:
    """Return what is kept of a parsed schema; raises DocumentError, and EnvcheckError without the library."""
    if not isinstance(data, (dict, list)) or not data:
        raise DocumentError("an Avro schema is a mapping or a list", where=where, hint="name a .avsc file")
    bare = _bare(data)
    _parsed(bare, where)
    return bare


def _bare(data: Any) -> Any:
    if isinstance(data, list):
        return [_bare(item) for item in data]
    if not isinstance(data, dict):
        return data
    kept = {key: value for key, value in data.items() if key in _IDENTIFIERS}
    for key in _KEPT - kept.keys() & data.keys():
        name = str(data.get("name", "")) if key == "default" else key
        kept[key] = _bare(data[key]) if key in _INSIDE else documents.shown(name, data[key])
    return kept


def _parsed(data: Any, where: str) -> Any:
    avro = library("avro.schema", "Avro")
    errors = library("avro.errors", "Avro")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it warns of logical types that it does not know
            return avro.parse(documents.dumped(data))
    except (
        errors.AvroException,
        ArithmeticError,
        AttributeError,
        LookupError,
        RecursionError,
        TypeError,
        ValueError,
    ) as error:
        problem = str(documents.shown("", " ".join(str(error).split()))) or type(error).__name__
        raise DocumentError(f"not a valid Avro schema: {problem[:300]}", where=where, hint="mend the schema") from None


def compare(old: Any, new: Any) -> list[Difference]:
    """Return the differences: `request` is old data read by the new schema, `response` new data read by the old one."""
    comparison = _Comparison()
    comparison.run(_parsed(old, "the old schema"), _parsed(new, "the new schema"))
    return comparison.found


class _Comparison:
    def __init__(self) -> None:
        self.found: list[Difference] = []
        self._checks = library("avro.compatibility", "Avro")
        self._waiting: deque[tuple[Any, Any, str]] = deque()
        self._seen: set[tuple[str, str]] = set()  # records that refer to themselves do so by name

    def run(self, old: Any, new: Any) -> None:
        """Compare two schemas and everything below them."""
        self._waiting.append((old, new, "$"))
        while self._waiting:
            one, other, place = self._waiting.popleft()
            self._branches(one, other, place)

    def tell(self, change: str, direction: str, place: str, **values: str) -> None:
        """Record one difference."""
        self.found.append(Difference(change=change, direction=direction, place=place, **values))

    def _reads(self, reader: Any, writer: Any) -> bool:
        result = self._checks.ReaderWriterCompatibilityChecker().get_compatibility(reader, writer)
        return result.compatibility is self._checks.SchemaCompatibilityType.compatible

    def _branches(self, old: Any, new: Any, place: str) -> None:
        """Compare two types branch by branch, a type that is no union being its own only branch."""
        one, other = _parts(old), _parts(new)
        pairs = [(branch, other[key]) for key, branch in one.items() if key in other]
        for before, after in pairs:
            self._same(before, after, place)
        gone, added = self._unread(one, other, new), self._unread(other, one, old)
        if len(one) == len(other) == 1 and not pairs:
            if gone or added:
                change = "type-changed" if gone and added else "type-narrowed" if gone else "type-widened"
                way = BOTH if gone and added else REQUEST if gone else RESPONSE
                self.tell(change, way, place, old=said(old), new=said(new))
            return
        for branch in gone:
            change = "nullable-removed" if branch.type == "null" else "variant-removed"
            self.tell(change, REQUEST, place, old=said(branch), new=said(new))
        for branch in added:
            change = "nullable-added" if branch.type == "null" else "branch-added"
            self.tell(change, RESPONSE, place, old=said(old), new=said(branch))

    def _unread(self, written: dict[Any, Any], read_: dict[Any, Any], reader: Any) -> list[Any]:
        return [branch for key, branch in written.items() if key not in read_ and not self._reads(reader, branch)]

    def _same(self, old: Any, new: Any, place: str) -> None:
        """Compare two types of one kind and name; what is named is told once."""
        if old.type in _NAMED:
            if (old.fullname, new.fullname) in self._seen:
                return
            self._seen.add((old.fullname, new.fullname))
        if old.type == "array":
            self._waiting.append((old.items, new.items, f"{place}[]"))
        elif old.type == "map":
            self._waiting.append((old.values, new.values, below(place, "*")))
        elif old.type in ("record", "error"):
            self._fields(old, new, place)
        elif old.type == "enum":
            self._symbols(old, new, place)
        elif old.type == "fixed" and old.size != new.size:
            self.tell("type-changed", BOTH, place, old=f"fixed {old.size}", new=f"fixed {new.size}")
        elif _logical(old) != _logical(new):
            self.tell("format-changed", BOTH, place, old=_logical(old), new=_logical(new))

    def _fields(self, old: Any, new: Any, place: str) -> None:
        one, other = old.fields_dict, new.fields_dict
        aliased = {name: alias for name, field in other.items() if (alias := _alias(field, one)) and name not in one}
        now = {alias: name for name, alias in aliased.items()}
        moved = {**renames(one.keys() - other.keys(), other.keys() - one.keys()), **now}
        for name, field in one.items():
            if name in other:
                self._waiting.append((field.type, other[name].type, below(place, name)))
                continue
            change = "property-removed" if field.has_default else "required-property-removed"
            renamed = moved.get(name, "")
            self.tell(change, RESPONSE, below(place, name), old=said(field.type), renamed_to=renamed)
            if renamed:
                self._waiting.append((field.type, other[renamed].type, below(place, name)))
        for name in other.keys() - one.keys() - aliased.keys():
            change = "property-added" if other[name].has_default else "required-added"
            self.tell(change, REQUEST, below(place, name), new=said(other[name].type))

    def _symbols(self, old: Any, new: Any, place: str) -> None:
        if new.props.get("default") not in new.symbols:
            for symbol in sorted(set(old.symbols) - set(new.symbols)):
                self.tell("enum-value-removed", REQUEST, place, old=symbol)
        if old.props.get("default") not in old.symbols:
            for symbol in sorted(set(new.symbols) - set(old.symbols)):
                self.tell("symbol-added", RESPONSE, place, new=symbol)


def _parts(schema: Any) -> dict[Any, Any]:
    """Return the branches of a union by what makes two of them the same: kind, and name where there is one."""
    branches = schema.schemas if schema.type == "union" else [schema]
    return {(branch.type, branch.name if branch.type in _NAMED else ""): branch for branch in branches}


def said(schema: Any) -> str:
    """Return a type in a few words."""
    if schema.type == "union":
        return " or ".join(said(branch) for branch in schema.schemas)
    return f"{schema.type} {schema.name}" if schema.type in _NAMED else str(schema.type)


def _logical(schema: Any) -> str:
    words = [str(schema.props[key]) for key in ("logicalType", "precision", "scale") if key in schema.props]
    return " ".join(words) or ABSENT


def _alias(field: Any, names: Any) -> str:
    aliases = field.props.get("aliases")
    return next((alias for alias in aliases if alias in names), "") if isinstance(aliases, list) else ""
