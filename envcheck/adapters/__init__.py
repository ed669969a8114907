"""Field maps: documents of one version of a contract translated into those of another, and back."""

from __future__ import annotations

import copy
import json
import os
from typing import Any

from envcheck.adapters import paths
from envcheck.adapters.reading import KEEP, Field, Problem, read
from envcheck.contracts import files
from envcheck.errors import DocumentError, UsageError
from envcheck.model.record import Record
from envcheck.targets.files import LocalFiles

__all__ = ["Adapter", "FieldMap", "Problem", "load"]

_LARGEST = 1 << 20  # bytes of a map; what people write is some hundred lines


class FieldMap(Record):
    """A map of fields; `others` says what becomes of fields that it does not name: keep or drop."""

    fields: tuple[Field, ...]
    others: str = KEEP
    drop: tuple[tuple[str, ...], ...] = ()
    where: str = "the map"
    schema: str = ""

    def apply(self, document: Any) -> Any:
        """Return a translated document, each of a list of them; raises DocumentError for what cannot be translated."""
        if isinstance(document, list):
            return [self.apply(each) for each in document]
        if not isinstance(document, dict):
            raise DocumentError("a field map needs a mapping, or a list of them", hint="give JSON objects")
        try:
            return self._applied(copy.deepcopy(document))
        except RecursionError:
            raise DocumentError("nested too deeply", hint="give flatter JSON") from None

    def _applied(self, rest: dict[str, Any]) -> dict[str, Any]:
        for path in self.drop:
            paths.take(rest, path)
        # What lies deeper is taken first, so that a field inside a renamed one can be renamed as well.
        taken = [(field, paths.take(rest, field.source)) for field in sorted(self.fields, key=_depth, reverse=True)]
        made = rest if self.others == KEEP else {}
        for field, found in sorted(taken, key=lambda pair: len(pair[0].target)):
            for numbers, value in found:
                paths.put(made, field.target, numbers, _converted(field, value))
        return made

    def invert(self) -> FieldMap:
        """Return the map that leads back; raises DocumentError where information is lost on the way."""
        lost = [problem.text for problem in self.check() if not problem.serious]
        if lost:
            raise DocumentError(f"cannot be reversed: {lost[0]}", where=self.where, hint="write a map for the way back")
        return self.replace(fields=tuple(field.inverted() for field in self.fields), schema="")

    def check(self, target_schema: str | None = None) -> tuple[Problem, ...]:
        """Return what is wrong with the map (serious), and what makes it impossible to reverse (not serious).

        `target_schema` is the canonical text of a JSON schema or payload, else the file that the map names is read.
        """
        from envcheck.adapters.checking import check

        return check(self, target_schema)


def load(path: str) -> FieldMap:
    """Return the map in a file; raises DocumentError with file, line and field."""
    data = files.read(LocalFiles(), path, _LARGEST, path, "envcheck adapt --propose OLD NEW")
    return FieldMap(where=path, **read(files.decoded(data, path), path))


class Adapter:
    """A map that follows its file: a changed file is read again, one that became invalid is reported in `problem`."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.problem = ""
        self._stamp = self._now()
        self.map = load(path)

    def apply(self, document: Any) -> Any:
        """Return a translated document, by the newest valid map; raises DocumentError."""
        self._follow()
        return self.map.apply(document)

    def _follow(self) -> None:
        stamp = self._now()
        if stamp == self._stamp:
            return
        self._stamp = stamp
        try:
            self.map = load(self.path)
        except UsageError as error:
            self.problem = str(error)
        else:
            self.problem = ""

    def _now(self) -> tuple[int, int, int]:
        try:
            status = os.stat(self.path)
        except OSError:
            return (0, 0, 0)
        return (status.st_mtime_ns, status.st_size, status.st_ino)


def _depth(field: Field) -> int:
    return len(field.source)


def _converted(field: Field, value: Any) -> Any:
    if field.values:
        for one, other in field.values:
            if json.dumps(one) == json.dumps(value):
                return other
        known = ", ".join(json.dumps(one, ensure_ascii=False) for one, _ in field.values)
        raise DocumentError(
            f"the value of {paths.written(field.source)} is none of {known}", hint="add it to `values` of the map"
        )
    if field.convert == "text" and isinstance(value, (int, float)) and not isinstance(value, bool):
        return json.dumps(value)
    if field.convert == "number" and isinstance(value, str):
        return _as_number(value, field)
    return value


def _as_number(text: str, field: Field) -> int | float:
    try:
        number = json.loads(text)
    except (ValueError, RecursionError):
        number = None
    if isinstance(number, bool) or not isinstance(number, (int, float)) or number - number != 0:
        raise DocumentError(
            f"the value of {paths.written(field.source)} is no number", hint="use `values`, or leave it"
        )
    return number
