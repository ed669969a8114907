"""Tells the format of a file by its name, else by what stands in it."""

from __future__ import annotations

import re

from envcheck.formats.tree import FormatError
from envcheck.locks.declaration import items, mapping, text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from envcheck.formats.tree import Node

_NAMES = (
    (re.compile(r"pylock(\.[^.]+)?\.toml"), "pylock.toml"),
    (re.compile(r"uv\.lock"), "uv.lock"),
    (re.compile(r"poetry\.lock"), "poetry.lock"),
    (re.compile(r"Pipfile\.lock"), "Pipfile.lock"),
    (re.compile(r"pyproject\.toml"), "pyproject.toml"),
    (re.compile(r"conda-lock\.ya?ml|.*\.conda-lock\.ya?ml"), "conda-lock.yml"),
    (re.compile(r"(?i)(docker|container)file(\..+)?|.+\.(docker|container)file"), "Dockerfile"),
)
_REQUIREMENTS = re.compile(r"(?i).*(requirements?|constraints?|reqs)[^/]*\.(txt|in|pip)|requirements")
_TEXTS = (".txt", ".in", ".pip", ".lock", "")
_TELLING = re.compile(r"(?m)^[ \t]*(?:[A-Za-z0-9][\w.-]*[ \t]*(\[[^\]\n]*\][ \t]*)?(==|[<>~!]=?|@ )|-[rce] |--[a-z])")


def top_level(name: str, source: str) -> Mapping[str, Node]:
    """Return what a JSON, YAML or TOML text has at its top, empty for anything else and for what cannot be read."""
    from envcheck.formats import json_text, toml_text, yaml_text

    try:
        if source.lstrip()[:1] == "{":
            return mapping(json_text.read(source).root)
        if name.endswith((".yml", ".yaml")):
            return mapping(yaml_text.read(source).root)
        if name.endswith((".toml", ".lock")):
            return mapping(toml_text.read(source).root)
    except FormatError:
        pass
    return {}


def format_of(name: str, source: str, top: Mapping[str, Node] | None = None) -> str:
    """Return one of FORMATS, empty where it is none; `top` is the top level if it has been read already."""
    for pattern, known in _NAMES:
        if pattern.fullmatch(name):
            return known
    found = _of_keys(top_level(name, source) if top is None else top) or _of_lines(source)
    if not found and _REQUIREMENTS.fullmatch(name):
        return "constraints" if "constraint" in name.lower() else "requirements"
    return found or _of_requirements(name, source)


def _of_keys(top: Mapping[str, Node]) -> str:
    keys = top.keys()
    tells = {
        "CycloneDX JSON": text(top.get("bomFormat")) == "CycloneDX",
        "SPDX JSON": "spdxVersion" in keys,
        "Pipfile.lock": "_meta" in keys and bool({"default", "develop"} & keys),
        "pylock.toml": {"lock-version", "packages"} <= keys,
        "poetry.lock": "package" in keys and "lock-version" in mapping(top.get("metadata")),
        "conda-lock.yml": {"version", "metadata", "package"} <= keys and bool(items(top.get("package"))),
        "uv.lock": {"version", "package", "requires-python"} <= keys,
        "environment.yml": bool(items(top.get("dependencies"))) and "services" not in keys,
        "pyproject.toml": "project" in keys and "name" in mapping(top.get("project")),
    }
    return next((known for known, told in tells.items() if told), "")


def _of_lines(source: str) -> str:
    head = source[:4096]
    if head.lstrip().startswith("<"):
        return "CycloneDX XML" if "http://cyclonedx.org/schema/bom/" in head else ""
    if re.search(r"(?m)^SPDXVersion:", head):
        return "SPDX tag-value"
    if re.search(r"(?m)^@EXPLICIT\s*$", source):
        return "conda explicit list"
    lines = [line.split() for line in source.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    begins = bool(lines) and lines[0][0].upper() in ("FROM", "ARG")
    return "Dockerfile" if begins and any(map(_is_base, lines)) else ""


def _is_base(words: list[str]) -> bool:
    """Tell whether the words of a line are `FROM image` or `FROM image AS stage`."""
    rest = [word for word in words[1:] if not word.startswith("--")]
    return words[0].upper() == "FROM" and (len(rest) == 1 or [word.upper() for word in rest[1:2]] == ["AS"])


def _of_requirements(name: str, source: str) -> str:
    """Tell a requirements file under another name: every line of it is understood, and one at least is no mere word."""
    if not name.endswith(_TEXTS[:-1]) and "." in name:
        return ""
    if not _TELLING.search(source):
        return ""
    from envcheck.locks.requirements import read

    told = read(source)
    return "requirements" if (told.packages or told.includes) and not told.unread else ""
