"""Contracts between programs: the format of a file, what it promises, and what differs between two versions."""

from __future__ import annotations

import hashlib
import json
from importlib import import_module

from envcheck.contracts.difference import Difference
from envcheck.errors import DocumentError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from envcheck.contracts.documents import Beside
    from envcheck.model.facts import Facts

__all__ = ["FORMATS", "Difference", "canonical", "compare", "detect", "record"]

FORMATS = ("avro", "graphql", "jsonschema", "openapi", "payload", "protobuf")  # one module each
_ENDINGS = {
    ".avsc": "avro",
    ".gql": "graphql",
    ".graphql": "graphql",
    ".graphqls": "graphql",
    ".jsonl": "payload",
    ".ndjson": "payload",
    ".proto": "protobuf",
}
_TYPES = frozenset(["null", "boolean", "object", "array", "number", "string", "integer"])
_WITH_FILES = ("jsonschema", "openapi")  # formats that may refer to other files
_AVRO_NAMED = ("record", "enum", "fixed")
_LARGEST = 16 << 20  # bytes


def detect(path: str, text: str) -> str:
    """Return the format of a contract, by the end of its name and by what it holds; raises DocumentError."""
    return _recognised(path, text)[0]


def _recognised(path: str, text: str) -> tuple[str, Any]:
    """Return the format, and the data where the text had to be parsed to tell it, else None."""
    from envcheck.contracts import documents

    ending = f".{path.rpartition('.')[2].lower()}" if "." in path.rpartition("/")[2] else ""
    if ending in _ENDINGS:
        return _ENDINGS[ending], None
    if ending not in (".json", ".yaml", ".yml"):
        raise DocumentError(
            "the end of its name tells no format of contracts",
            where=path,
            hint=f"one of {', '.join(sorted((*_ENDINGS, '.json', '.yaml', '.yml')))}",
        )
    try:
        data = documents.read(text, path)
    except DocumentError:
        from envcheck.contracts import payload

        payload.read(text, path)  # JSON lines; raises for all else
        return "payload", None
    if isinstance(data, dict) and ("openapi" in data or "swagger" in data):
        return "openapi", data
    if isinstance(data, dict) and data.get("type") in _AVRO_NAMED and "name" in data:
        return "avro", data
    return ("jsonschema" if _is_schema(data, path) else "payload"), data


def _is_schema(data: Any, path: str) -> bool:
    """Tell a JSON schema from a sample that happens to have a field `type`."""
    if ".schema." in path.rpartition("/")[2]:
        return True
    if not isinstance(data, dict):
        return False
    if any(key in data for key in ("$schema", "$defs", "$ref")):
        return True
    kind = data.get("type")
    typed = kind in _TYPES if isinstance(kind, str) else isinstance(kind, list) and set(map(str, kind)) <= _TYPES
    mappings = [data[key] for key in ("properties", "definitions") if isinstance(data.get(key), dict)]
    lists = [data[key] for key in ("allOf", "anyOf", "oneOf", "enum", "required") if isinstance(data.get(key), list)]
    nested = any(isinstance(inside, (dict, bool)) for held in mappings for inside in held.values())
    return bool((typed and (mappings or lists or "items" in data or len(data) == 1)) or nested)


def canonical(path: str, data: bytes, beside: Beside | None = None) -> tuple[str, str]:
    """Return format and canonical text of a contract: sorted, self-contained, without prose, examples and secrets.

    `beside` reads a file that the contract refers to, by its path relative to it; without one such references are
    errors. Raises DocumentError for what is malformed, EnvcheckError where a library is missing.
    """
    if len(data) > _LARGEST:
        raise DocumentError(f"larger than {_LARGEST >> 20} MiB", where=path, hint="divide the contract")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise DocumentError("not UTF-8 text", where=f"{path}:{line}", hint="save the file as UTF-8") from None
    if not text.strip():
        raise DocumentError("is empty", where=path, hint="name the contract's source file")
    format_, data_inside = _recognised(path, text)
    module = import_module(f"{__name__}.{format_}")
    given, reader = (text, module.read) if data_inside is None else (data_inside, module.kept)
    read = reader(given, path, beside) if format_ in _WITH_FILES else reader(given, path)
    if isinstance(read, str):
        return format_, read
    from envcheck.contracts.documents import dumped

    return format_, dumped(read)


def compare(format_: str, old_text: str, new_text: str) -> tuple[Difference, ...]:
    """Return the differences of two canonical texts of one format, sorted.

    Raises DocumentError for a text that is none, EnvcheckError where a library is missing.
    """
    if format_ not in FORMATS:
        raise DocumentError(f"{format_!r} is no format of contracts", hint=f"one of {', '.join(FORMATS)}")
    if old_text == new_text:
        return ()
    module = import_module(f"{__name__}.{format_}")
    try:
        pair = (old_text, new_text) if format_ == "graphql" else (json.loads(old_text), json.loads(new_text))
        found = set(module.compare(*pair))
    except (AttributeError, LookupError, RecursionError, TypeError, ValueError):  # a snapshot that somebody edited
        raise DocumentError(f"not a canonical text of {format_}", hint="collect the contract again") from None
    return tuple(sorted(found, key=lambda each: (each.place, each.change, each.direction, each.old, each.new)))


def record(
    into: Facts, name: str, format_: str, differences: tuple[Difference, ...], origin: str, files: str = ""
) -> None:
    """Put the differences of one contract as facts `difference/<name>/<id>`, the id being the same in every run.

    `files` are the old and the new file, as a command takes them; a rename keeps them.
    """
    for each in differences:
        what = repr((each.change, each.direction, each.place, each.old, each.new))
        number = hashlib.sha256(what.encode("utf-8", "surrogatepass")).hexdigest()[:8]
        values = {key: value for key, value in each.as_dict().items() if value}
        between = files if each.renamed_to else None
        into.put(("difference", name, number), origin, format=format_, files=between or None, **values)
