"""Contracts that are JSON or YAML: read as data, freed of prose and secrets, files that they refer to inside."""

from __future__ import annotations

import json
import posixpath
from functools import lru_cache
from urllib.parse import unquote

from envcheck.contracts.files import decoded
from envcheck.errors import DocumentError
from envcheck.secrets import HIDDEN, sensitive, strip_credentials

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from envcheck.contracts.files import Beside

BESIDE = "x-beside"  # where the files that a contract refers to are kept in its canonical form
_DEEPEST = 100
_MOST_NODES = 500_000
_MOST_FILES = 200
# What explains a contract and is no part of it; `x-` extensions are left out as well.
_PROSE = frozenset(
    {
        *("description", "title", "summary", "example", "examples", "externalDocs", "$comment", "info"),
        *("servers", "tags", "contact", "license", "links"),
    }
)
# Keywords below which names are the contract's own, so that a property may be called `description`.
_NAMED = frozenset(
    {
        *("properties", "patternProperties", "$defs", "definitions", "dependentSchemas"),
        *("dependentRequired", "schemas", "responses", "parameters", "requestBodies", "headers", "paths"),
        *("pathItems", "callbacks", "webhooks", "securitySchemes", "content"),
        *("dependencies", "encoding", "mapping"),
    }
)
_VALUES = frozenset(("default", "const", "enum"))
_sensitive = lru_cache(100_000)(sensitive)  # a description says `type: string` thousands of times
_ADDRESSES = frozenset(("$ref", "$dynamicRef", "$id", "$schema"))


def read(text: str, where: str) -> Any:
    """Return the data of a JSON or YAML text; raises DocumentError with the line."""
    text = text.removeprefix("\ufeff")
    if "\0" in text:
        raise DocumentError("a binary file, not a text", where=where, hint="name the contract's source file")
    if where.lower().endswith((".yaml", ".yml")):
        data = _read_yaml(text, where)
        check_size(data, where)
        return data
    return read_json(text, where)


def read_json(text: str, where: str, line: int = 0) -> Any:
    """Return the data of a JSON text, which may be one line of a file; raises DocumentError with the line."""
    try:
        data = json.loads(text)
    except json.JSONDecodeError as error:
        place = f"{where}:{line or error.lineno}"
        raise DocumentError(f"not valid JSON: {error.msg}", where=place, hint="mend the file at that line") from None
    except (RecursionError, ValueError):
        raise DocumentError("nested too deeply, or a number too long", where=where, hint="flatten the file") from None
    check_size(data, where)
    return data


def _read_yaml(text: str, where: str) -> Any:
    from envcheck.plainyaml import read as read_yaml

    documents = read_yaml(text, where)
    if len(documents) != 1:
        raise DocumentError(f"{len(documents)} documents instead of one", where=where, hint="one contract a file")
    return documents[0].data


def check_size(data: Any, where: str) -> None:
    """Raise DocumentError for data so deep or large that walking through it would take the process down."""
    waiting = [(data, 0)]
    count = 0
    while waiting:
        value, depth = waiting.pop()
        count += 1
        if depth > _DEEPEST or count > _MOST_NODES:
            problem = f"nested more than {_DEEPEST} levels deep" if depth > _DEEPEST else "too large"
            raise DocumentError(problem, where=where, hint="divide the contract")
        held = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
        waiting += [(inside, depth + 1) for inside in held]


def dumped(data: Any) -> str:
    """Return data as sorted JSON on one line."""
    return json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def cleaned(data: Any, name: str = "", keyword: str = "", *, named: bool = False) -> Any:
    """Return a schema without prose, examples, extensions and values that look secret.

    `name` is what the data describes (a property, a parameter), `keyword` what it stands under; `named` says that the
    keys of a mapping are names of the contract's own.
    """
    if isinstance(data, list):
        return [cleaned(item, name, keyword, named=keyword == "security") for item in data]
    if not isinstance(data, dict):
        return _address(data) if keyword in _ADDRESSES and isinstance(data, str) else shown(keyword, data)
    if named:
        of_media_types = keyword == "content"
        return {_address(key): cleaned(value, name if of_media_types else key) for key, value in data.items()}
    if "in" in data and isinstance(data.get("name"), str):
        name = data["name"]  # a parameter's stands beside its schema
    kept: dict[str, Any] = {}
    for key, value in data.items():
        if key in _VALUES:
            if key != "default" or not secret(name, value):
                kept[key] = shown(name, value)
        elif key == "scopes" and isinstance(value, dict):
            kept[key] = dict.fromkeys(value, "")  # name: description
        elif key not in _PROSE and not key.startswith("x-"):
            kept[_address(key)] = cleaned(value, name, key, named=key in _NAMED)
    return kept


def secret(name: str, value: Any) -> bool:
    """Tell whether a text or number must not be shown, by what it is the value of or by its own shape."""
    return isinstance(value, (str, int, float)) and not isinstance(value, bool) and _sensitive(name, str(value))


def shown(name: str, value: Any) -> Any:
    """Return a value with every text that looks secret hidden, and no credentials in addresses."""
    if isinstance(value, list):
        return [shown(name, item) for item in value]
    if isinstance(value, dict):
        return {shown("", key): shown(f"{name}.{key}", item) for key, item in value.items()}
    plain = strip_credentials(value) if isinstance(value, str) else value
    return HIDDEN if secret(name, plain) else plain


def _address(text: str) -> str:
    """Return what a reference or an identifier says, without secrets, and still leading where it led in this file."""
    if "://" not in text:
        return text
    start, mark, pointer = strip_credentials(text).partition("#")
    return f"{start.partition('://')[0]}://{HIDDEN if secret('', start) else start.partition('://')[2]}{mark}{pointer}"


def bundled(root: Any, where: str, beside: Beside | None) -> Any:
    """Return a cleaned document in which every reference to a file beside it leads to a copy of that file inside.

    References to other hosts stay as they are. Raises DocumentError for a file that cannot be read, or a reference
    that leads nowhere.
    """
    files: dict[str, Any] = {}
    ids = {found["$id"] for found in nodes(root) if isinstance(found.get("$id"), str)}
    waiting = [("", root)]
    while waiting:
        own, document = waiting.pop()
        for node in nodes(document):
            path, mark, pointer = str(node.get("$ref", "")).partition("#")
            if "$ref" not in node or "://" in path or path.startswith("urn:") or (path in ids and not own):
                continue
            target = posixpath.normpath(posixpath.join(posixpath.dirname(own), unquote(path))) if path else own
            if path and target not in files:
                if len(files) == _MOST_FILES:
                    raise DocumentError(f"refers to more than {_MOST_FILES} files", where=where, hint="bundle them")
                files[target] = _other(target, where, beside)
                waiting.append((target, files[target]))
            if target:
                node["$ref"] = f"#/{BESIDE}/{_escaped(target)}{pointer if mark else ''}"
    if files and isinstance(root, dict):
        root[BESIDE] = dict(sorted(files.items()))
    check_references(root, where)
    return root


def _other(target: str, where: str, beside: Beside | None) -> Any:
    hint = "name the file relative to the contract, below its folder or beside it"
    if beside is None or target.startswith("/"):
        raise DocumentError(f"refers to the file {target}, which cannot be read here", where=where, hint=hint)
    try:
        data = beside(target)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise DocumentError(f"refers to the file {target}: {reason}", where=where, hint=hint) from None
    return cleaned(read(decoded(data, target), target))


def nodes(data: Any) -> Iterator[dict[str, Any]]:
    """Yield every mapping inside, itself included, names of properties and values left out."""
    waiting = [(data, False)]
    while waiting:
        value, named = waiting.pop()
        if isinstance(value, dict):
            if not named:
                yield value
            waiting += [
                (inside, not named and key in _NAMED) for key, inside in value.items() if named or key not in _VALUES
            ]
        elif isinstance(value, list):
            waiting += [(item, False) for item in value]


def check_references(root: Any, where: str) -> None:
    """Raise DocumentError for a local reference that leads nowhere."""
    resolver = Resolver(root)
    for node in nodes(root):
        reference = node.get("$ref")
        if isinstance(reference, str) and reference.startswith("#") and resolver.find(reference) is None:
            raise DocumentError(
                f"the reference {reference} leads nowhere", where=where, hint="mend the reference or define its target"
            )


class Resolver:
    """Finds what the references inside one document lead to: JSON pointers, `$anchor` and `$id`; never a network."""

    def __init__(self, root: Any) -> None:
        self.root = root
        self._names: dict[str, Any] = {}
        for node in nodes(root):
            for keyword, start in (("$anchor", "#"), ("$dynamicAnchor", "#"), ("$id", "")):
                if isinstance(node.get(keyword), str):
                    self._names.setdefault(start + node[keyword], node)

    def find(self, reference: str) -> Any:
        """Return the schema that a reference leads to, None where it leads out of the document or nowhere."""
        if reference in self._names:
            return self._names[reference]
        start, _, pointer = reference.partition("#")
        node = self._names.get(start) if start else self.root
        for step in unquote(pointer).split("/")[1:]:
            key = step.replace("~1", "/").replace("~0", "~")
            if isinstance(node, dict):
                node = node.get(key)
            elif isinstance(node, list) and key.isascii() and key.isdigit():
                node = node[int(key)] if int(key) < len(node) else None
            else:
                return None
        return node if not pointer or pointer.startswith("/") else None


def _escaped(part: str) -> str:
    return part.replace("~", "~0").replace("/", "~1").replace("%", "%25").replace("#", "%23")
