"""pyproject.toml: what a project asks for directly, by the standards' tables or by Poetry's.

https://packaging.python.org/en/latest/specifications/pyproject-toml/ ·
https://packaging.python.org/en/latest/specifications/dependency-groups/ ·
https://python-poetry.org/docs/pyproject/
"""

from __future__ import annotations

import re

from envcheck.formats import toml_text
from envcheck.formats.tree import FormatError
from envcheck.locks.declaration import Reading, items, mapping, pinned, plain_url, text, texts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from envcheck.formats.tree import Node
    from envcheck.locks.declaration import Declaration


_COMPARISON = re.compile(r"(<=|>=|==|!=|<|>)\s*([\d.]+)")


def read(source: str) -> Declaration:
    """Return what a pyproject.toml declares; raises FormatError."""
    root = mapping(toml_text.read(source).root)
    project = mapping(root.get("project"))
    poetry = mapping(mapping(root.get("tool")).get("poetry"))
    if not project and not poetry and "dependency-groups" not in root:
        raise FormatError("neither [project], [dependency-groups] nor [tool.poetry]", 1)
    reading = Reading()
    lines = _Lines(source)
    requires = project.get("requires-python")
    reading.ask_python(text(requires), requires.line if requires else 1)
    _list(project.get("dependencies"), "", lines, reading)
    for extra, node in mapping(project.get("optional-dependencies")).items():
        _list(node, extra, lines, reading)
    groups = mapping(root.get("dependency-groups"))
    for group, node in groups.items():
        _group(group, node, groups, lines, reading)
    dynamic = project.get("dynamic")
    for name in texts(dynamic):
        if name in ("dependencies", "optional-dependencies") and dynamic:
            reading.leave(name, "dynamic: only building the project tells them", dynamic.line)
    _poetry(poetry, reading)
    return reading.done()


class _Lines:
    """Finds the line that a text of a list stands on, below the line of its key."""

    def __init__(self, source: str) -> None:
        self.lines = source.replace("\r\n", "\n").split("\n")

    def of(self, wanted: str, start: int) -> int:
        for number in range(max(start, 1), len(self.lines) + 1):
            line = self.lines[number - 1]
            if f'"{wanted}"' in line or f"'{wanted}'" in line or wanted.replace('"', '\\"') in line:
                return number
        return start


def _list(node: Node | None, group: str, lines: _Lines, reading: Reading) -> None:
    line = node.line if node else 1
    for item in items(node):
        if isinstance(item.held, str):
            line = lines.of(item.held, line)
            reading.require(item.held, line, groups=(group,) if group else ())
        else:
            reading.leave(group or "dependencies", "an entry is not a text", line)


def _group(group: str, node: Node, groups: Mapping[str, Node], lines: _Lines, reading: Reading) -> None:
    """Take a dependency group and the groups that it includes."""
    waiting, seen = [node], {group}
    while waiting:
        wanted = waiting.pop()
        for item in items(wanted):
            other = text(mapping(item).get("include-group"))
            if isinstance(item.held, str):
                reading.require(item.held, lines.of(item.held, wanted.line), groups=(group,))
            elif other in groups:
                waiting += [] if other in seen else [groups[other]]
                seen.add(other)
            else:
                reading.leave(f"{group}: {other}", "includes a group that is not there", wanted.line)


def _poetry(poetry: Mapping[str, Node], reading: Reading) -> None:
    """Take what Poetry's own tables ask for."""
    tables = [("", poetry.get("dependencies")), ("dev", poetry.get("dev-dependencies"))]
    tables += [(group, mapping(node).get("dependencies")) for group, node in mapping(poetry.get("group")).items()]
    extras: dict[str, list[str]] = {}
    for extra, names in mapping(poetry.get("extras")).items():
        for name in texts(names):
            extras.setdefault(name, []).append(extra)
    for group, table in tables:
        for name, node in mapping(table).items():
            if name == "python":
                reading.ask_python(text(node) or text(mapping(node).get("version")), node.line)
                continue
            for wanted in items(node) or [node]:
                groups = extras.get(name, []) if not group else [group]
                _poetry_package(name, wanted, tuple(sorted(groups)), reading)


def _poetry_package(name: str, node: Node, groups: tuple[str, ...], reading: Reading) -> None:
    held = mapping(node)
    specifier = text(node) or text(held.get("version"))
    # A bare version is exact for Poetry: https://python-poetry.org/docs/dependency-specification/#exact-requirements
    version = pinned(specifier if specifier[:1] in tuple("<>=!~^*") else f"=={specifier}")
    python = text(held.get("python"))
    markers = [marker for marker in (text(held.get("markers")), *_python_markers(python)) if marker]
    where = next((text(held[key]) for key in ("git", "url", "path") if key in held), "")
    reading.add(
        name,
        node.line,
        version=version,
        specifier="" if version or specifier == "*" else specifier,
        markers=None if python and not _python_markers(python) else (" and ".join(markers),) if markers else (),
        unclear=f"for Python {python}" if python else "",
        groups=groups,
        direct_url=plain_url(where),
        editable=text(held.get("path")) if text(held.get("develop")) == "true" else "",
    )


def _python_markers(python: str) -> list[str]:
    """Return the markers that say what Poetry's `python` of a dependency does, none for operators of its own."""
    found = [_COMPARISON.fullmatch(clause.strip()) for clause in python.split(",")]
    return [f"python_version {clause[1]} '{clause[2]}'" for clause in found if clause] if all(found) else []
