"""uv.lock: every package of every platform, and who asks for it; conditions are followed from the project on.

The form is that of astral-sh/uv:crates/uv-resolver/src/lock/mod.rs (PackageWire, SourceWire, ResolverManifest).
"""

from __future__ import annotations

from envcheck.formats import toml_text
from envcheck.formats.tree import FormatError
from envcheck.locks.declaration import Reading, items, mapping, plain_url, sorted_hashes, text, texts
from envcheck.locks.graph import MOST_ALTERNATIVES, conditions
from envcheck.requirements import normalise

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import TypeAlias

    from envcheck.formats.tree import Node
    from envcheck.locks.declaration import Declaration

    # Name, version (empty where the name is enough), extra (empty for the package itself).
    Place: TypeAlias = tuple[str, str, str]
    Edge: TypeAlias = tuple[Place, str]

_OWN = ("virtual", "editable", "directory")


def read(source: str) -> Declaration:
    """Return what a uv.lock declares; raises FormatError."""
    root = mapping(toml_text.read(source).root)
    packages = items(root.get("package"))
    if not packages and "version" not in root:
        raise FormatError("a uv.lock has a version and a list of [[package]]", 1)
    reading = Reading()
    requires = root.get("requires-python")
    reading.ask_python(text(requires), requires.line if requires else 1)
    graph = _Graph(root, packages)
    for node in packages:
        _take(node, graph, reading)
    return reading.done(complete=("package",))


class _Graph:
    """The dependencies of a lock, and under which conditions and for which groups each package is needed."""

    def __init__(self, root: Mapping[str, Node], packages: list[Node]) -> None:
        self.several = _names_of_several(packages)
        self.edges: dict[object, list[Edge]] = {}
        self.roots: dict[str, list[Edge]] = {"": []}  # by group; the empty one is what is always installed
        manifest = mapping(root.get("manifest"))
        members = {normalise(name) for name in texts(manifest.get("members"))}
        for node in packages:
            held = mapping(node)
            own = normalise(text(held.get("name"))) in members if members else _is_own(held)
            self.add(held, own=own)
        self.ask("", manifest.get("requirements"))
        for group, wanted in mapping(manifest.get("dependency-groups")).items():
            self.ask(group, wanted)
        self.always = conditions(self.roots[""], self.edges)
        self.chosen = {group: conditions(asked, self.edges) for group, asked in sorted(self.roots.items()) if group}

    def add(self, held: Mapping[str, Node], *, own: bool) -> None:
        """Add a package's edges; what the project itself asks for is a root."""
        name, version = normalise(text(held.get("name"))), text(held.get("version"))
        place = self.place(name, version)
        self.edges.setdefault(place, []).extend(self.wanted(held.get("dependencies")))
        for extra, dependencies in mapping(held.get("optional-dependencies")).items():
            chosen = (place[0], place[1], normalise(extra))
            self.edges.setdefault(chosen, []).extend([(place, ""), *self.wanted(dependencies)])
            if own:
                self.roots.setdefault(extra, []).append((chosen, ""))
        if own:
            self.roots[""].append((place, ""))
            for group, dependencies in mapping(held.get("dev-dependencies") or held.get("dependency-groups")).items():
                self.ask(group, dependencies)

    def ask(self, group: str, dependencies: Node | None) -> None:
        """Add what a group of the project asks for."""
        self.roots.setdefault(group, []).extend(self.wanted(dependencies))

    def wanted(self, dependencies: Node | None) -> list[Edge]:
        """Return the edges of a list of dependencies; one that names extras leads to each of them."""
        edges: list[Edge] = []
        for item in items(dependencies):
            held = mapping(item)
            name, version = normalise(text(held.get("name"))), text(held.get("version"))
            marker = text(held.get("marker"))
            # Without a version in the lock, a name of several versions leads to all of them.
            choices = [version] if version or name not in self.several else sorted(self.several[name])
            for choice in choices:
                place = self.place(name, choice)
                edges.append((place, marker))
                extras = [*texts(held.get("extra")), *texts(held.get("extras"))]
                edges += [((place[0], place[1], normalise(extra)), marker) for extra in extras]
        return edges

    def place(self, name: str, version: str) -> Place:
        return (name, version if name in self.several else "", "")

    def needed(self, name: str, version: str) -> tuple[tuple[str, ...] | None, tuple[str, ...] | None, str]:
        """Return markers, groups, and why either is not known."""
        place = self.place(normalise(name), version)
        if place in self.always:
            markers = self.always[place]
            return markers, (), "" if markers is not None else f"more than {MOST_ALTERNATIVES} alternatives"
        reached = {group: found[place] for group, found in self.chosen.items() if place in found}
        if not reached:
            return None, None, "nothing in the lock asks for it"
        groups = tuple(reached)
        if () in reached.values():
            return (), groups, ""
        told = sorted({marker for markers in reached.values() for marker in markers or ()})
        if None in reached.values() or len(told) > MOST_ALTERNATIVES:
            return None, groups, f"more than {MOST_ALTERNATIVES} alternatives"
        return tuple(told), groups, ""


def _is_own(held: Mapping[str, Node]) -> bool:
    """Tell whether a package is the project itself: what lies in the lock's own folder."""
    source = mapping(held.get("source"))
    return any(text(source.get(kind)) == "." for kind in _OWN)


def _names_of_several(packages: list[Node]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for node in packages:
        held = mapping(node)
        found.setdefault(normalise(text(held.get("name"))), set()).add(text(held.get("version")))
    return {name: versions for name, versions in found.items() if len(versions) > 1}


def _take(node: Node, graph: _Graph, reading: Reading) -> None:
    held = mapping(node)
    name, version = text(held.get("name")), text(held.get("version"))
    source = mapping(held.get("source"))
    if "virtual" in source:
        return  # a project that is never installed, only its dependencies
    if not name:
        reading.leave("[[package]]", "a package without a name", node.line)
        return
    files = [held.get("sdist"), *items(held.get("wheels"))]
    markers, groups, unclear = graph.needed(name, version)
    reading.add(
        name,
        node.line,
        version=version,
        markers=markers,
        unclear=unclear,
        groups=groups,
        hashes=sorted_hashes(text(mapping(file).get("hash")) for file in files),
        direct_url=_origin(source),
        editable=text(source.get("editable")),
    )


def _origin(source: Mapping[str, Node]) -> str:
    """Return where a package comes from if not from an index."""
    if git := text(source.get("git")):
        return plain_url(git) + (f"@{git.rpartition('#')[2]}" if "#" in git else "")
    if url := text(source.get("url")):
        return plain_url(url)
    return next((text(source[kind]) for kind in ("path", "directory", "editable") if kind in source), "")
