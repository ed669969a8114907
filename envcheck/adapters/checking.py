"""What is wrong with a field map: before any document has been damaged by it."""

from __future__ import annotations

import json
import os
from collections import Counter

from envcheck.adapters import paths
from envcheck.adapters.reading import DROP, Problem
from envcheck.errors import DocumentError, EnvcheckError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from envcheck.adapters import FieldMap


def check(map_: FieldMap, target_schema: str | None) -> tuple[Problem, ...]:
    """Return the problems of a map, sorted by line; see `FieldMap.check`."""
    found = [*_doubled(map_), *_lossy(map_), *_unknown_targets(map_, target_schema)]
    return tuple(sorted(found, key=lambda problem: (problem.line, problem.text)))


def _doubled(map_: FieldMap) -> Iterator[Problem]:
    for side, word in (("source", "stands twice"), ("target", "is the target of two fields")):
        counts = Counter(getattr(field, side) for field in map_.fields)
        for field in map_.fields:
            path = getattr(field, side)
            if counts[path] > 1:
                yield Problem(text=f"{paths.written(path)} {word}", line=field.line, serious=True)
    targets = {field.target: field for field in map_.fields}
    for field in map_.fields:
        for length in range(1, len(field.target)):
            holder = targets.get(field.target[:length])
            if holder is not None and field.source[: len(holder.source)] != holder.source:
                inner, outer = paths.written(field.target), paths.written(holder.target)
                text = f"{inner} lies inside of {outer}, which is another field's target"
                yield Problem(text=text, line=field.line, serious=True)


def _lossy(map_: FieldMap) -> Iterator[Problem]:
    if map_.others == DROP:
        yield Problem(text="fields that are not named are dropped", line=1, serious=False)
    for path in map_.drop:
        yield Problem(text=f"{paths.written(path)} is dropped", line=1, serious=False)
    for field in map_.fields:
        counts = Counter(json.dumps(new) for _, new in field.values)
        many = sorted(value for value, count in counts.items() if count > 1)
        if many:
            text = f"several values of {paths.written(field.source)} become {', '.join(many)}"
            yield Problem(text=text, line=field.line, serious=False)
        if field.convert:
            text = (
                f"{paths.written(field.source)} is made a {field.convert}, and 1 and 1.0 may not come back as they were"
            )
            yield Problem(text=text, line=field.line, serious=False)


def _unknown_targets(map_: FieldMap, target_schema: str | None) -> Iterator[Problem]:
    if target_schema is None:
        if not map_.schema:
            return
        try:
            target_schema = _read(os.path.dirname(map_.where), map_.schema)
        except EnvcheckError as error:
            yield Problem(text=f"the schema cannot be used: {str(error).partition(chr(10))[0]}", line=1, serious=True)
            return
    root = json.loads(target_schema)
    for field in map_.fields:
        if not _has(root, field.target):
            text = f"{paths.written(field.target)} is not in the target schema"
            yield Problem(text=text, line=field.line, serious=True)


def _read(folder: str, path: str) -> str:
    """Return the canonical text of the schema, which lies beside the map; raises EnvcheckError."""
    from envcheck.contracts import load
    from envcheck.targets.files import LocalFiles

    format_, text = load(LocalFiles(), path, folder)
    if format_ not in ("jsonschema", "payload"):
        problem = f"is {format_}, and neither a JSON schema nor a sample"
        raise DocumentError(problem, where=path, hint="name a .schema.json file, or a sample document")
    return text


def _has(root: Any, path: tuple[str, ...]) -> bool:
    """Tell whether a schema names a path; where it leaves open what is inside, it does."""
    from envcheck.contracts.flat import Side

    side = Side(root)
    waiting = [(root, 0)]
    steps = 0
    while waiting and steps < 10_000:  # noqa: PLR2004  alternatives of alternatives may lead back to themselves
        schema, place = waiting.pop()
        steps += 1
        if place == len(path) or schema is True:
            return True
        flat = side.flat(schema)
        waiting += [(each, place) for keyword in ("oneOf", "anyOf") for each in flat.get(keyword, ())]
        step = path[place]
        if step == paths.LIST:
            waiting.append((flat.get("items", True), place + 1))
        elif step in flat.get("properties", {}):
            waiting.append((flat["properties"][step], place + 1))
        elif isinstance(flat.get("additionalProperties"), dict):
            waiting.append((flat["additionalProperties"], place + 1))
    return False
