"""A job's matrix on GitHub: its values where something refers to them, and the axes to which nothing does.

How legs are made: https://docs.github.com/en/actions/how-tos/write-workflows/choose-what-workflows-do/run-job-variations
"""

from __future__ import annotations

from envcheck.collectors._jobs import texts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_NO_AXES = ("include", "exclude")
_WHOLE = ("toJSON(matrix)", "tojson(matrix)", "matrix[", "matrix.*")  # what refers to every axis at once


def written_out(text: str, matrix: object) -> list[str] | None:
    """Return a text for every value of the matrix axis that it refers to; None where that cannot be told."""
    if "${{" not in text:
        return [text]
    before, _, rest = text.partition("${{")
    expression, end, after = rest.partition("}}")
    name = expression.strip()
    if not end or "${{" in after or not name.startswith("matrix.") or not isinstance(matrix, dict):
        return None
    values = _values(name.removeprefix("matrix.").split("."), matrix)
    return None if values is None else [f"{before}{value}{after}" for value in values]


def _values(path: list[str], matrix: dict[str, Any]) -> list[str] | None:
    axis = matrix.get(path[0], [])
    more, without = matrix.get("include", []), matrix.get("exclude", [])
    if not all(isinstance(items, list) for items in (axis, more, without)):
        return None  # an expression makes them
    out = [leg[path[0]] for leg in without if isinstance(leg, dict) and list(leg) == path[:1]]
    held = [value for value in axis if value not in out]
    held += [leg[path[0]] for leg in more if isinstance(leg, dict) and path[0] in leg]
    values: list[str] = []
    for value in held:
        found: Any = value
        for key in path[1:]:
            found = found.get(key) if isinstance(found, dict) else None
        if isinstance(found, list):
            values += [str(item) for item in found]  # runs-on may be given a list of labels
        elif found is None or isinstance(found, (dict, bool)) or "${{" in str(found):
            return None
        else:
            values.append(str(found))
    return sorted(set(values)) or None


def unused_axes(job: dict[str, Any], matrix: dict[str, Any]) -> tuple[str, ...]:
    """Return the axes with several values to which nothing in the job refers: its legs are the same."""
    rest = {key: value for key, value in job.items() if key != "strategy"}
    strategy = {key: value for key, value in job.get("strategy", {}).items() if key != "matrix"}
    said = " ".join((*texts(rest), *texts(strategy)))
    if any(mark in said for mark in _WHOLE):
        return ()
    axes = [
        axis for axis, values in matrix.items() if axis not in _NO_AXES and isinstance(values, list) and len(values) > 1
    ]
    return tuple(sorted(axis for axis in axes if not _refers(said, axis)))


def _refers(text: str, axis: str) -> bool:
    pieces = text.split(f"matrix.{axis}")
    return any(not (piece[:1].isalnum() or piece[:1] in ("-", "_")) for piece in pieces[1:])
