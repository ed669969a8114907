"""Protocol buffers: one .proto file; a change of numbers or types hurts the wire, one of names JSON and code."""

from __future__ import annotations

from envcheck.contracts.difference import ABSENT, BOTH, Difference, plain_name
from envcheck.contracts.protobuf_text import Reader
from envcheck.errors import DocumentError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

# Types that read each other's bytes: https://protobuf.dev/programming-guides/proto3/#updating
_ALIKE = (
    frozenset(["int32", "uint32", "int64", "uint64", "bool", "enum"]),
    frozenset(("sint32", "sint64")),
    frozenset(("string", "bytes")),
    frozenset(("message", "bytes")),
    frozenset(("fixed32", "sfixed32")),
    frozenset(("fixed64", "sfixed64")),
)
_LENGTH_DELIMITED = ("string", "bytes", "message")


def read(text: str, where: str) -> dict[str, Any]:
    """Return `{messages, enums, services}` by full name; raises DocumentError with the line.

    A message is `{fields: {number: {name, type, label}}, reserved: [names and first-last]}`, an enum
    `{values: {name: number}, reserved}`, a service `{methods: {name: {request, response, streams, deprecated}}}`.
    """
    reader = Reader(text.removeprefix("\ufeff"), where)
    reader.file()
    if not (reader.messages or reader.enums or reader.services):
        raise DocumentError("defines no message, enum or service", where=where, hint="name a .proto file")
    known = {*reader.messages, *reader.enums}
    for scope, holder, key in reader.uses:
        holder[key] = _resolved(holder[key], scope, known)
    return {"messages": reader.messages, "enums": reader.enums, "services": reader.services}


def _resolved(name: str, scope: str, known: set[str]) -> str:
    """Return the full name of a type, searched from the innermost scope on; as written where it is not in this file."""
    if name.startswith("."):
        return name[1:]
    while scope:
        if f"{scope}.{name}" in known:
            return f"{scope}.{name}"
        scope = scope.rpartition(".")[0]
    return name


def compare(old: Any, new: Any) -> list[Difference]:
    """Return the differences of two files."""
    return list(_Files(old, new).differences())


class _Files:
    def __init__(self, old: dict[str, Any], new: dict[str, Any]) -> None:
        self.old, self.new = old, new
        self.moved = {**_moved(old["messages"], new["messages"]), **_moved(old["enums"], new["enums"])}

    def differences(self) -> Iterator[Difference]:
        """Yield every difference, messages first."""
        for name, message in sorted(self.old["messages"].items()):
            now = self.new["messages"].get(self.moved.get(name, name))
            if now is None or name in self.moved:
                yield _told("message-removed", name, name, renamed_to=self.moved.get(name, ""))
            if now is not None:
                yield from self._fields(name, message, now)
        for name, enum in sorted(self.old["enums"].items()):
            now = self.new["enums"].get(self.moved.get(name, name))
            if now is None or name in self.moved:
                yield _told("message-removed", name, name, renamed_to=self.moved.get(name, ""))
            if now is not None:
                yield from _values(name, enum["values"], now["values"])
        for name, service in sorted(self.old["services"].items()):
            yield from self._methods(name, service, self.new["services"].get(name, {"methods": {}}))

    def _fields(self, message: str, old: dict[str, Any], new: dict[str, Any]) -> Iterator[Difference]:
        one, other = old["fields"], new["fields"]
        numbers = {plain_name(field["name"]): number for number, field in other.items() if number not in one}
        for number, field in sorted(one.items(), key=_by_number):
            place = f"{message}.{field['name']}"
            if number in other:
                yield from self._field(place, number, field, other[number])
                continue
            elsewhere = numbers.get(plain_name(field["name"]))
            if elsewhere is not None:
                yield _told("field-number-changed", place, number, elsewhere)
                continue
            kept = _reserves(new["reserved"], number) or _reserves(old["reserved"], number)
            yield _told(
                "property-removed" if kept else "field-number-not-reserved", place, f"{field['name']} = {number}"
            )
            if field["label"] == "required":
                yield _told("required-field-changed", place, "required")
        for number, field in sorted(other.items(), key=_by_number):
            if number in one:
                continue
            place, said = f"{message}.{field['name']}", f"{field['name']} = {number}"
            if _reserves(old["reserved"], number):
                yield _told("field-number-reused", place, f"reserved {number}", said)
            elif field["label"] == "required":
                yield _told("required-field-changed", place, ABSENT, "required")
            elif number not in numbers.values() or plain_name(field["name"]) not in map(_plain, one.values()):
                yield _told("property-added", place, ABSENT, said)

    def _field(self, place: str, number: str, old: dict[str, Any], new: dict[str, Any]) -> Iterator[Difference]:
        before, after = _type(old), _type(new)
        same = self._now(old) == _type(new)
        if old["name"] != new["name"]:
            spelled = plain_name(old["name"]) == plain_name(new["name"])
            if same or spelled:
                yield _told("field-renamed", place, old["name"], new["name"], renamed_to=new["name"])
            else:
                said = (f"{before} {old['name']} = {number}", f"{after} {new['name']} = {number}")
                yield _told("field-number-reused", place, *said)
                return
        if not same:
            yield _told(self._kind_of_change(old, new), place, before, after)
        repeated, repeated_now = old["label"] == "repeated", new["label"] == "repeated"
        if repeated != repeated_now and "map<" not in before + after:
            alike = self._family(old) in _LENGTH_DELIMITED
            said = ("repeated", "single") if repeated else ("single", "repeated")
            yield _told("cardinality-compatible" if alike else "cardinality-changed", place, *said)
        if (old["label"] == "required") != (new["label"] == "required"):
            said = ("required", "not required") if old["label"] == "required" else ("not required", "required")
            yield _told("required-field-changed", place, *said)

    def _kind_of_change(self, old: dict[str, Any], new: dict[str, Any]) -> str:
        kinds = {self._family(old), self._family(new)}
        alike = any((kinds <= family and len(kinds) > 1) or kinds == {"enum"} for family in _ALIKE)
        return "type-wire-compatible" if alike else "type-changed"

    def _now(self, field: dict[str, Any]) -> str:
        """Return a field's old type as the new file would call it."""
        kept = {key: field[key] for key in ("type", "value") if key in field}
        return _type({key: self.moved.get(name, name) for key, name in kept.items()})

    def _family(self, field: dict[str, Any]) -> str:
        """Return the scalar type, or `enum` or `message` of a name; `map` for maps."""
        kind: str = field["type"]
        if "value" in field:
            return "map"
        if kind in self.old["enums"] or kind in self.new["enums"]:
            return "enum"
        scalar = any(kind in family for family in _ALIKE) or kind in ("float", "double")
        return kind if scalar else "message"

    def _methods(self, service: str, old: dict[str, Any], new: dict[str, Any]) -> Iterator[Difference]:
        for name, method in sorted(old["methods"].items()):
            place = f"{service}.{name}"
            now = new["methods"].get(name)
            if now is None:
                change = "deprecated-endpoint-removed" if method.get("deprecated") else "endpoint-removed"
                yield _told(change, place, place)
                continue
            for key in ("request", "response"):
                if self.moved.get(method[key], method[key]) != now[key]:
                    yield _told("type-changed", f"{place} {key}", method[key], now[key])
            if method["streams"] != now["streams"]:
                said = [", ".join(one["streams"]) or "nothing" for one in (method, now)]
                yield _told("streaming-changed", place, f"streams {said[0]}", f"streams {said[1]}")


def _values(enum: str, old: dict[str, int], new: dict[str, int]) -> Iterator[Difference]:
    for name, number in sorted(old.items()):
        if name not in new:
            yield _told("enum-value-removed", f"{enum}.{name}", f"{name} = {number}")
        elif new[name] != number:
            yield _told("enum-number-changed", f"{enum}.{name}", str(number), str(new[name]))
    for name in sorted(new.keys() - old.keys()):
        yield _told("enum-value-added", f"{enum}.{name}", ABSENT, f"{name} = {new[name]}")


def _told(change: str, place: str, old: str, new: str = ABSENT, renamed_to: str = "") -> Difference:
    return Difference(change=change, direction=BOTH, place=place, old=old, new=new, renamed_to=renamed_to)


def _moved(old: dict[str, Any], new: dict[str, Any]) -> dict[str, str]:
    """Return old name → new name of definitions that went to another package or message under their own last name."""
    lasts: dict[str, tuple[list[str], list[str]]] = {}
    for place, names in enumerate((old.keys() - new.keys(), new.keys() - old.keys())):
        for name in names:
            lasts.setdefault(name.rpartition(".")[2], ([], []))[place].append(name)
    return {one[0]: other[0] for one, other in lasts.values() if len(one) == len(other) == 1}


def _by_number(item: tuple[str, Any]) -> int:
    return int(item[0])


def _plain(field: dict[str, Any]) -> str:
    return plain_name(field["name"])


def _type(field: dict[str, Any]) -> str:
    return f"{field['type'][:-1]}, {field['value']}>" if "value" in field else str(field["type"])


def _reserves(reserved: list[str], number: str) -> bool:
    for entry in reserved:
        first, dash, last = entry.partition("-")
        if dash and first.isdigit() and int(first) <= int(number) <= int(last):
            return True
    return False
