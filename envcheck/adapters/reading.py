"""What a file of field maps says, checked line by line."""

from __future__ import annotations

import json

from envcheck import plainyaml
from envcheck.adapters import paths
from envcheck.errors import DocumentError
from envcheck.model.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from envcheck.plainyaml import Document

KEEP, DROP = "keep", "drop"
CONVERSIONS = {"text": "number", "number": "text"}  # and what leads back
_KEYS = ("fields", "others", "schema")
_FIELD_KEYS = ("from", "to", "source", "target", "transform", "convert", "values", "drop")
_HINT = "see docs/contracts.md"


class Field(Record):
    """One mapped field: where it comes from, where it goes, and what becomes of its value."""

    source: tuple[str, ...]
    target: tuple[str, ...]
    values: tuple[tuple[Any, Any], ...] = ()
    convert: str = ""
    line: int = 0

    def inverted(self) -> Field:
        """Return the field that leads back."""
        values = tuple((other, one) for one, other in self.values)
        convert = CONVERSIONS.get(self.convert, "")
        return self.replace(source=self.target, target=self.source, values=values, convert=convert)


class Problem(Record):
    """What is wrong with a map; `serious` where documents would be damaged, else it only cannot be reversed."""

    text: str
    line: int
    serious: bool


def _snake(words: list[str]) -> str:
    return "_".join(words)


def _camel(words: list[str]) -> str:
    return words[0] + _pascal(words[1:])


def _pascal(words: list[str]) -> str:
    return "".join(word[:1].upper() + word[1:] for word in words)


def _kebab(words: list[str]) -> str:
    return "-".join(words)


TRANSFORMS: dict[str, Callable[[list[str]], str]] = {
    "camelCase": _camel,
    "kebab-case": _kebab,
    "PascalCase": _pascal,
    "snake_case": _snake,
}


def transformed(name: str, style: str) -> str:
    """Return a name in another case style: `userID2` as snake_case is `user_id2`."""
    spaced = ""
    for place, letter in enumerate(name):
        after = name[place + 1 : place + 2]
        before = name[place - 1 : place]
        starts = letter.isupper() and (before.islower() or before.isdigit() or (before.isupper() and after.islower()))
        spaced += f" {letter}" if starts else letter if letter.isalnum() else " "
    words = [word.lower() for word in spaced.split()]
    return TRANSFORMS[style](words) if words else name


def read(text: str, where: str) -> dict[str, Any]:
    """Return fields, others, drop and schema of a map; raises DocumentError with file and line."""
    documents = plainyaml.read(text, where)
    data = documents[0].data if len(documents) == 1 else None
    if not isinstance(data, dict) or not isinstance(data.get("fields"), list):
        raise DocumentError("a map is a mapping with a list `fields`", where=where, hint=_HINT)
    reader = _Reader(documents[0], where)
    reader.known(data, _KEYS, ())
    others, schema = data.get("others", KEEP), data.get("schema", "")
    if others not in (KEEP, DROP):
        raise reader.fail(("others",), f"{others!r} is not known", f"{KEEP} or {DROP}")
    if not isinstance(schema, str):
        raise reader.fail(("schema",), "must be the path of a JSON schema or of a sample", _HINT)
    fields: list[Field] = []
    drop = []
    for number, given in enumerate(data["fields"]):
        at = ("fields", number)
        if not isinstance(given, dict):
            raise reader.fail(at, "must be a mapping", "{from: userId, to: user_id}")
        reader.known(given, _FIELD_KEYS, at)
        if "drop" in given and len(given) == 1:
            drop.append(reader.path(given, "drop", at))
        else:
            fields.append(reader.field(given, at))
    return {"fields": tuple(fields), "others": others, "drop": tuple(drop), "schema": schema}


class _Reader:
    def __init__(self, document: Document, where: str) -> None:
        self.document = document
        self.where = where

    def fail(self, at: tuple[object, ...], problem: str, hint: str) -> DocumentError:
        """Return the error of a place."""
        name = ".".join(map(str, at))
        return DocumentError(f"{name}: {problem}", where=f"{self.where}:{self.document.line(at)}", hint=hint)

    def known(self, given: dict[str, Any], keys: tuple[str, ...], at: tuple[object, ...]) -> None:
        """Raise DocumentError for a key that means nothing."""
        for key in given:
            if key not in keys:
                raise self.fail((*at, key), "is not known", f"one of {', '.join(keys)}")

    def path(self, given: dict[str, Any], key: str, at: tuple[object, ...]) -> tuple[str, ...]:
        """Return the path under a key."""
        text = given[key]
        try:
            return paths.parse(str(text) if isinstance(text, (str, int)) and not isinstance(text, bool) else "")
        except ValueError:
            raise self.fail((*at, key), f"{text!r} is no path", "user.address.zipCode or items[].userId") from None

    def field(self, given: dict[str, Any], at: tuple[object, ...]) -> Field:
        """Return one field."""
        names = [key for key in ("from", "source") if key in given], [key for key in ("to", "target") if key in given]
        if len(names[0]) != 1 or len(names[1]) > 1 or "drop" in given:
            raise self.fail(at, "needs one source, and one target at most", "{from: userId, to: user_id}")
        source = self.path(given, names[0][0], at)
        style = given.get("transform")
        if style is not None and style not in TRANSFORMS:
            raise self.fail((*at, "transform"), f"{style!r} is not known", f"one of {', '.join(sorted(TRANSFORMS))}")
        target = self.path(given, names[1][0], at) if names[1] else source
        if style is not None:
            wanted = (*source[:-1], transformed(source[-1], style))
            if names[1] and target[-1] != wanted[-1]:
                raise self.fail((*at, names[1][0]), f"as {style} it would be {wanted[-1]}", "leave out one of the two")
            target = target if names[1] else wanted
        if source.count(paths.LIST) != target.count(paths.LIST):
            raise self.fail(at, "both paths must pass as many lists", "{from: 'items[].userId', to: 'items[].user_id'}")
        convert = given.get("convert", "")
        if convert not in ("", *CONVERSIONS):
            raise self.fail((*at, "convert"), f"{convert!r} is not known", f"one of {', '.join(CONVERSIONS)}")
        values = self._values(given["values"], (*at, "values")) if "values" in given else ()
        if values and convert:
            raise self.fail((*at, "convert"), "cannot stand beside `values`", "leave out one of the two")
        line = self.document.line(at)
        return Field(source=source, target=target, values=values, convert=convert, line=line)

    def _values(self, given: Any, at: tuple[object, ...]) -> tuple[tuple[Any, Any], ...]:
        """Return (old, new) pairs; keys of a mapping that look like a number, a boolean or null are meant as such."""
        hint = "{active: 1, inactive: 0}, or [{from: 1, to: active}]"
        if isinstance(given, dict):
            pairs = [(_typed(key), value) for key, value in given.items()]
        elif isinstance(given, list) and all(isinstance(each, dict) and set(each) == {"from", "to"} for each in given):
            pairs = [(each["from"], each["to"]) for each in given]
        else:
            raise self.fail(at, "must say which value becomes which", hint)
        if not pairs or any(isinstance(value, (dict, list)) for pair in pairs for value in pair):
            raise self.fail(at, "must be texts, numbers, booleans or null", hint)
        if len({json.dumps(one) for one, _ in pairs}) < len(pairs):
            raise self.fail(at, "one value stands twice", hint)
        return tuple(pairs)


def _typed(key: str) -> Any:
    try:
        value = json.loads(key)
    except (ValueError, RecursionError):
        return key
    return value if value is None or isinstance(value, (bool, int)) else key
