"""OpenAPI 3.0 and 3.1: endpoints, parameters, bodies and responses, each schema compared in its direction."""

from __future__ import annotations

import re

from envcheck.contracts import documents
from envcheck.contracts.difference import BOTH, REQUEST, RESPONSE, listed, renames
from envcheck.contracts.schemas import Comparison
from envcheck.errors import DocumentError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from envcheck.contracts.difference import Difference
    from envcheck.contracts.files import Beside

_METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace", "query")
_KEPT = ("openapi", "paths", "components", "security", documents.BESIDE)
_TEMPLATE = re.compile(r"\{([^{}]*)\}")


def read(text: str, where: str, beside: Beside | None = None) -> dict[str, Any]:
    """Return the paths and components without prose, files that they refer to inside; raises DocumentError."""
    return kept(documents.read(text, where), where, beside)


def kept(data: Any, where: str, beside: Beside | None = None) -> dict[str, Any]:
    """Return what is kept of a parsed description; raises DocumentError."""
    if not isinstance(data, dict) or not str(data.get("openapi", "")).startswith("3."):
        found = "Swagger 2.0" if isinstance(data, dict) and "swagger" in data else "no `openapi: 3.x`"
        raise DocumentError(f"{found}", where=where, hint="convert the description to OpenAPI 3.0 or 3.1")
    if not isinstance(data.get("paths", {}), dict):
        raise DocumentError("`paths` is not a mapping", where=where, hint="see https://spec.openapis.org/oas/v3.1.0")
    whole = documents.bundled(documents.cleaned(data), where, beside)
    return {key: whole[key] for key in _KEPT if key in whole}


def compare(old: Any, new: Any) -> list[Difference]:
    """Return the differences of two descriptions."""
    comparison = _Operations(old, new)
    comparison.compare(old, new)
    return comparison.found


class _Operations(Comparison):
    def compare(self, old: Mapping[str, Any], new: Mapping[str, Any]) -> None:
        """Compare every operation of the old description with its counterpart."""
        now = {_plain(path): (path, item) for path, item in _mapping(new, "paths").items()}
        for path, item in sorted(_mapping(old, "paths").items()):
            path_now, item_now = now.get(_plain(path), (path, {}))
            before, after = self._follow(item, self.old), self._follow(item_now, self.new)
            for method in _METHODS:
                if not isinstance(before.get(method), dict):
                    continue
                place = f"{method.upper()} {path}"
                operation, operation_now = before[method], after.get(method)
                if not isinstance(operation_now, dict):
                    deprecated = operation.get("deprecated") is True
                    self.tell(
                        "deprecated-endpoint-removed" if deprecated else "endpoint-removed", BOTH, place, old=place
                    )
                    continue
                self._parameters(
                    self._named(before, operation, path, self.old),
                    self._named(after, operation_now, path_now, self.new),
                    place,
                )
                self._body(operation, operation_now, place)
                self._responses(operation, operation_now, place)
                asked, asked_now = _schemes(operation, old), _schemes(operation_now, new)
                if asked_now and not asked:
                    self.tell("security-added", REQUEST, place, new=listed(asked_now))

    def _follow(self, item: Any, side: Any) -> dict[str, Any]:
        """Return what a reference object leads to."""
        for _ in range(20):
            if not (isinstance(item, dict) and isinstance(item.get("$ref"), str)):
                break
            item = side.resolver.find(item["$ref"])
        return item if isinstance(item, dict) else {}

    def _named(self, item: Mapping[str, Any], operation: Mapping[str, Any], path: str, side: Any) -> dict[str, Any]:
        """Return the parameters of an operation by place and name; those of a path by their order."""
        order = {name: f"path {number}" for number, name in enumerate(_TEMPLATE.findall(path), 1)}
        found = {}
        for holder in (item, operation):
            held = holder.get("parameters")
            for each in held if isinstance(held, list) else ():
                parameter = self._follow(each, side)
                where, name = str(parameter.get("in")), str(parameter.get("name"))
                key = (
                    order.get(name, name)
                    if where == "path"
                    else f"{where} {name.lower() if where == 'header' else name}"
                )
                found[key] = parameter
        return found

    def _parameters(self, old: dict[str, Any], new: dict[str, Any], place: str) -> None:
        moved = renames(old.keys() - new.keys(), new.keys() - old.keys())
        for key in sorted(old.keys() - new.keys()):
            where, _, name = moved.get(key, "").partition(" ")
            same_place = key.startswith(f"{where} ")
            self.tell("parameter-removed", REQUEST, f"{place} → {key}", old=key, renamed_to=name if same_place else "")
        for key in sorted(new.keys() - old.keys()):
            change = "required-added" if new[key].get("required") is True else "property-added"
            self.tell(change, REQUEST, f"{place} → {key}", new=key)
        for key in sorted(old.keys() & new.keys()):
            self._required(old[key], new[key], f"{place} → {key}")
            self._content(old[key], new[key], REQUEST, f"{place} → {key}")

    def _required(self, old: Mapping[str, Any], new: Mapping[str, Any], place: str) -> None:
        must, must_now = old.get("required") is True, new.get("required") is True
        if must and not must_now:
            self.tell("required-made-optional", REQUEST, place, old="required", new="optional")
        elif must_now and not must:
            self.tell("optional-made-required", REQUEST, place, old="optional", new="required")

    def _content(self, old: Mapping[str, Any], new: Mapping[str, Any], way: str, place: str, mark: str = "") -> None:
        """Compare the schema or the media types of a parameter, header, body or response."""
        if "schema" in old and "schema" in new:
            self.run(old["schema"], new["schema"], way, place)
        types, types_now = _mapping(old, "content"), _mapping(new, "content")
        if types and not types_now and "schema" not in new:
            self.tell("media-type-removed", way, place, old=listed(types))
            return
        for kind in sorted(types):
            fitting = next((each for each in (kind, _range(kind), "*/*") if each in types_now), None)
            if fitting is None:
                self.tell("media-type-removed", way, place, old=kind, new=listed(types_now))
                continue
            shown = f"{place}{'' if kind == 'application/json' else f' → {kind}'}{mark}"
            schema, schema_now = (
                _mapping(held, key).get("schema") for held, key in ((types, kind), (types_now, fitting))
            )
            if schema is not None and schema_now is not None:
                self.run(schema, schema_now, way, shown)

    def _body(self, old: Mapping[str, Any], new: Mapping[str, Any], place: str) -> None:
        body, body_now = self._follow(old.get("requestBody"), self.old), self._follow(new.get("requestBody"), self.new)
        if body and body_now:
            self._required(body, body_now, f"{place} → body")
            self._content(body, body_now, REQUEST, f"{place} → body", " → $")
        elif body:
            self.tell("parameter-removed", REQUEST, f"{place} → body", old="body")
        elif body_now:
            change = "required-added" if body_now.get("required") is True else "property-added"
            self.tell(change, REQUEST, f"{place} → body", new="body")

    def _responses(self, old: Mapping[str, Any], new: Mapping[str, Any], place: str) -> None:
        answers, answers_now = _mapping(old, "responses"), _mapping(new, "responses")
        for status in sorted(answers):
            fitting = next(
                (each for each in (status, f"{status[:1]}XX", f"{status[:1]}xx") if each in answers_now), None
            )
            if fitting is None:
                if status.startswith("2"):
                    self.tell("status-removed", RESPONSE, f"{place} → {status}", old=status, new=listed(answers_now))
                continue
            before, after = self._follow(answers[status], self.old), self._follow(answers_now[fitting], self.new)
            self._content(before, after, RESPONSE, f"{place} → {status}", " → $")
            self._headers(before, after, f"{place} → {status}")

    def _headers(self, old: Mapping[str, Any], new: Mapping[str, Any], place: str) -> None:
        now = {name.lower(): header for name, header in _mapping(new, "headers").items()}
        for name, given in sorted(_mapping(old, "headers").items()):
            header, header_now = self._follow(given, self.old), self._follow(now.get(name.lower()), self.new)
            must, must_now = header.get("required") is True, header_now.get("required") is True
            if name.lower() not in now:
                change = "required-property-removed" if must else "property-removed"
                self.tell(change, RESPONSE, f"{place} → header {name}", old=f"header {name}")
                continue
            if must and not must_now:
                self.tell(
                    "required-made-optional", RESPONSE, f"{place} → header {name}", old="required", new="optional"
                )
            self._content(header, header_now, RESPONSE, f"{place} → header {name}")


def _schemes(operation: Mapping[str, Any], root: Mapping[str, Any]) -> set[str]:
    """Return the schemes of which one is needed, none where the operation may be called without."""
    held = operation.get("security", root.get("security"))
    asked = [each for each in held if isinstance(each, dict)] if isinstance(held, list) else []
    return set() if {} in asked else {name for each in asked for name in each}


def _plain(path: str) -> str:
    return _TEMPLATE.sub("{}", path).rstrip("/")


def _range(kind: str) -> str:
    return f"{kind.partition('/')[0]}/*"


def _mapping(held: Mapping[str, Any], key: str) -> dict[str, Any]:
    found = held.get(key)
    return found if isinstance(found, dict) else {}
