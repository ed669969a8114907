"""Reads a project's `envcheck.yaml`; imported only where there is one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from envcheck.errors import DocumentError
from envcheck.plainyaml import read

if TYPE_CHECKING:
    from envcheck.plainyaml import Document
    from envcheck.targets.files import Files

FILE = "envcheck.yaml"
_LARGEST = 1 << 20


class NamedFile(msgspec.Struct, forbid_unknown_fields=True):
    """A file under a logical name of its own."""

    name: str
    path: str


class Environment(msgspec.Struct, forbid_unknown_fields=True):
    """One named environment: where it lives, its configuration and contract files, and variables to read of it."""

    target: str = ""
    config: list[str | NamedFile] = []
    contracts: list[str | NamedFile] = []
    env: list[str] = []


class DriftSection(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """How `envcheck drift` judges when the command line does not say: the path of a policy, keys to leave out."""

    policy: str = ""
    ignore_keys: list[str] = []


class Project(msgspec.Struct, forbid_unknown_fields=True):
    """What a project says of itself.

    `config` and `contracts` list files as paths or globs (`conf/*.yaml`). Waivers are checked one by one where they are
    read (`envcheck.project.waivers`), because a malformed one is a finding; so is the gate (`envcheck.project.gate`).
    """

    config: list[str | NamedFile] = []
    contracts: list[str | NamedFile] = []
    environments: dict[str, Environment] = {}
    drift: DriftSection = DriftSection()
    gate: dict[str, object] = {}
    waivers: list[object] = []


def load(files: Files, folder: str) -> Project:
    """Return what the file in a folder says; raises DocumentError with file, line and field, OSError."""
    path = f"{folder.rstrip('/')}/{FILE}"
    data = files.read(path, _LARGEST + 1)
    if len(data) > _LARGEST:
        raise DocumentError("larger than 1 MiB", where=path, hint="list folders by a glob such as conf/*.yaml")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DocumentError(f"not UTF-8: byte {error.start}", where=path, hint="save the file as UTF-8") from None
    documents = read(text, path)
    if len(documents) > 1:
        raise DocumentError("more than one document", where=path, hint="remove the line ---")
    if not documents or documents[0].data is None:
        return Project()
    try:
        return msgspec.convert(documents[0].data, Project)
    except msgspec.ValidationError as error:
        where = f"{path}:{_line(documents[0], str(error))}"
        hint = "config: [conf/app.yaml, conf/*.env, {name: app, path: settings/prod.json}]"
        raise DocumentError(str(error), where=where, hint=hint) from None


def _line(document: Document, error: str) -> int:
    """Return the line of what msgspec complains about: ``Object contains unknown field `x` - at `$.config[1]` ``."""
    problem, _, place = error.partition(" - at `$")
    parts = place.rstrip("`").replace("[", ".").replace("]", "").split(".")
    path: list[object] = [int(part) if part.isdigit() else part for part in parts if part]
    if "unknown field `" in problem:
        path.append(problem.split("`")[1])
    return document.line(tuple(path))
