"""Contracts between programs: the format of a file, what it promises, and what differs between two versions."""

from __future__ import annotations

import json
import posixpath
from importlib import import_module

from envcheck.contracts import files as contract_files
from envcheck.contracts.difference import Difference
from envcheck.errors import DocumentError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from envcheck.contracts.files import Beside
    from envcheck.targets.files import Files

__all__ = ["FORMATS", "Difference", "canonical", "compare", "load"]

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


def load(files: Files, path: str, folder: str) -> tuple[str, str]:
    """Return format and canonical text of a contract file, and of those that it refers to below `folder` or beside it.

    A relative path is one below the folder. Raises DocumentError and EnvcheckError as `canonical` does.
    """
    place = posixpath.join(folder, path)
    hint = "name a contract's source file"
    data = contract_files.read(files, place, contract_files.LARGEST, path, hint)
    return canonical(path, data, contract_files.beside(files, place, folder))


def _recognised(path: str, text: str) -> tuple[str, Any]:
    """Return the format, by the end of the name and by what it holds, and the data where that had to be parsed.

    Raises DocumentError for what is no contract.
    """
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
    text = contract_files.decoded(data, path)
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
