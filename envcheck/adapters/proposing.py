"""Proposes a field map from two versions of a contract: what was renamed for certain, and what should be looked at."""

from __future__ import annotations

import json

from envcheck.adapters import paths
from envcheck.contracts import compare

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from envcheck.contracts import Difference

_RESERVED = ("true", "false", "null", "True", "False")
_HEAD = """\
# Translates documents of the old contract into those of the new one: envcheck adapt THIS_FILE < old.json > new.json
# Proposed from the names alone. Check every line, and delete what is wrong.
"""


def propose(format_: str, old_text: str, new_text: str) -> str:
    """Return a map as YAML from two canonical texts (see `envcheck.contracts.canonical`); raises EnvcheckError."""
    differences = compare(format_, old_text, new_text)
    sure = {_path(each.place): each.renamed_to for each in differences if each.renamed_to}
    sure.pop((), None)
    likely = {old: new for old, new in _neighbours(differences) if old not in sure}
    lines = [f"  - {{from: {_quoted(old)}, to: {_quoted(_moved(old, sure))}}}" for old in sorted(sure)]
    for old, new in sorted(likely.items()):
        said = "the only two of one type here: do they mean the same?"
        lines.append(f"  - {{from: {_quoted(old)}, to: {_quoted(_moved(old, {**sure, old: new}))}}}  # {said}")
    changed = {_path(each.place): each for each in differences if each.change.startswith("type-")}
    changed.pop((), None)
    for path, each in sorted(changed.items()):
        said = " ".join(f"{each.old} became {each.new}: which value is which?".split())
        fields = f"from: {_quoted(path)}, to: {_quoted(_moved(path, sure))}"
        lines.append(f"  # - {{{fields}, values: {{OLD: NEW}}}}  # {said}")
    listed = "fields:" if sure or likely else "fields: []"
    return "\n".join([f"{_HEAD}{listed}", *lines, ""])


def _moved(path: tuple[str, ...], sure: dict[tuple[str, ...], str]) -> tuple[str, ...]:
    """Return a path with every step renamed that is, the last one and those on the way."""
    return tuple(sure.get(path[: place + 1], step) for place, step in enumerate(path))


def _neighbours(differences: Sequence[Difference]) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield (old, new) where one field of a mapping went and one of the same type came, and nothing else did."""
    gone: dict[str, list[Difference]] = {}
    come: dict[str, list[Difference]] = {}
    renamed = {f"{each.place.rpartition('.')[0]}.{each.renamed_to}" for each in differences if each.renamed_to}
    for each in differences:
        parent = each.place.rpartition(".")[0]
        if each.renamed_to or each.place in renamed:
            continue
        if each.change in ("property-removed", "required-property-removed", "field-removed"):
            gone.setdefault(parent, []).append(each)
        elif each.change in ("property-added", "required-added"):
            come.setdefault(parent, []).append(each)
    for parent, removed in gone.items():
        added = come.get(parent, [])
        if len(removed) == len(added) == 1 and removed[0].old == added[0].new:
            old, new = _path(removed[0].place), _path(added[0].place)
            if old and new:
                yield old, new[-1]


def _path(place: str) -> tuple[str, ...]:
    """Return the path inside a document that a place of a contract means, nothing where a map cannot say it."""
    _, dollar, inside = place.rpartition("$")
    text = inside.lstrip(".") if dollar else place.rpartition(".")[2]
    if not text or "*" in text or '"' in text or " " in text:
        return ()
    try:
        return paths.parse(text)
    except ValueError:
        return ()


def _quoted(path: tuple[str, ...]) -> str:
    text = paths.written(path)
    plain = text.replace(".", "").isidentifier() and text.isascii() and text not in _RESERVED
    return text if plain else json.dumps(text)
