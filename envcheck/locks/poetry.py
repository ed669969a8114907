"""poetry.lock: packages with the groups and markers that Poetry 2 writes out itself; older ones tell less.

The form is that of python-poetry/poetry:src/poetry/packages/locker.py.
"""

from __future__ import annotations

import re

from envcheck.formats import toml_text
from envcheck.formats.tree import FormatError
from envcheck.locks.declaration import Reading, items, mapping, needs_choice, plain_url, sorted_hashes, text, texts
from envcheck.requirements import normalise

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from envcheck.formats.tree import Node
    from envcheck.locks.declaration import Declaration

_CHOICE = r"""extra == ["']([^"']+)["']"""
_CHOICES_ONLY = re.compile(rf"{_CHOICE}(?: or {_CHOICE})*")


def read(source: str) -> Declaration:
    """Return what a poetry.lock declares; raises FormatError."""
    root = mapping(toml_text.read(source).root)
    about = mapping(root.get("metadata"))
    if "metadata" not in root:
        raise FormatError("a poetry.lock has [metadata]", 1)
    reading = Reading()
    requires = about.get("python-versions")
    reading.ask_python(text(requires), requires.line if requires else 1)
    files = mapping(about.get("files") or about.get("hashes"))  # before format 2.0 they stood apart
    extras = {extra: {normalise(name) for name in texts(names)} for extra, names in mapping(root.get("extras")).items()}
    for node in items(root.get("package")):
        _take(node, files, extras, reading)
    return reading.done(complete=("package",))


def _take(node: Node, files: Mapping[str, Node], extras: Mapping[str, set[str]], reading: Reading) -> None:
    held = mapping(node)
    name = text(held.get("name"))
    if not name:
        reading.leave("[[package]]", "a package without a name", node.line)
        return
    source = mapping(held.get("source"))
    listed = items(held.get("files") or files.get(name))
    kind, where = text(source.get("type")), text(source.get("url"))
    develop = text(held.get("develop")) == "true"
    revision = text(source.get("resolved_reference"))
    markers, groups, unclear = _needed(held, extras)
    reading.add(
        name,
        node.line,
        version=text(held.get("version")),
        markers=markers,
        unclear=unclear,
        groups=groups,
        hashes=sorted_hashes(text(mapping(file).get("hash")) for file in listed),
        direct_url="" if kind in ("", "legacy") else plain_url(where) + (f"@{revision}" if revision else ""),
        editable=where if kind == "directory" and develop else "",
    )


def _needed(
    held: Mapping[str, Node], extras: Mapping[str, set[str]]
) -> tuple[tuple[str, ...] | None, tuple[str, ...] | None, str]:
    """Return markers, groups, and why either is not known."""
    if "groups" not in held:
        return _needed_of_old(held, extras)
    groups = texts(held["groups"])
    given = held.get("markers")
    by_group = {group: text(mapping(given).get(group)) if mapping(given) else text(given) for group in groups}
    if "main" not in by_group:
        alone = sorted(groups)
        return _alternatives([by_group[group] for group in alone]), tuple(alone), ""
    marker = by_group["main"]
    if not needs_choice(marker):
        return (marker,) if marker else (), (), ""
    chosen = {*re.findall(_CHOICE, marker), *(group for group in groups if group != "main")}
    rest = "" if _CHOICES_ONLY.fullmatch(marker) else marker
    return (
        _alternatives([rest, *(by_group[group] for group in groups if group != "main")]),
        tuple(sorted(chosen)),
        "",
    )


def _alternatives(markers: list[str]) -> tuple[str, ...]:
    return () if "" in markers else tuple(sorted(set(markers)))


def _needed_of_old(
    held: Mapping[str, Node], extras: Mapping[str, set[str]]
) -> tuple[None, tuple[str, ...] | None, str]:
    """Return what a lock tells that does not follow the markers: who is the extras', or of the category dev."""
    name = normalise(text(held.get("name")))
    chosen = [extra for extra, names in extras.items() if name in names]
    category = text(held.get("category"))
    if category not in ("", "main"):
        chosen.append(category)
    known = bool(chosen) or category == "main"
    return None, tuple(sorted(chosen)) if known else None, "a poetry.lock before format 2.1 does not tell"
