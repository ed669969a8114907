"""Reads a project's `envcheck.yaml`; imported only where there is one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from envcheck.errors import DocumentError
from envcheck.plainyaml import Document, complaint, read

if TYPE_CHECKING:
    from collections.abc import Iterable

    from envcheck.plainyaml import Complaint
    from envcheck.targets.files import Files

FILE = "envcheck.yaml"
_LARGEST = 1 << 20
_HINTS = {
    "config": "config: [conf/app.yaml, conf/*.env, {name: app, path: settings/prod.json}]",
    "waivers": "waivers: [{rule: ID, reason: …, owner: …}]",
    "gate": "gate: {fail_on: warning}",
}


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


_SECTIONS = Project.__struct_fields__


def load(files: Files, folder: str) -> Project:
    """Return what the file in a folder says; raises DocumentError with file, line and field, OSError."""
    return load_file(files, f"{folder.rstrip('/')}/{FILE}")[0]


def load_file(files: Files, path: str) -> tuple[Project, Document]:
    """Return what a file of that form says, and its lines; raises DocumentError with file, line and field, OSError."""
    document = read_document(files, path)
    data = {} if document.data is None else document.data
    if isinstance(data, dict):  # a section of which every line is commented out says nothing
        data = {key: value for key, value in data.items() if value is not None or key not in _SECTIONS}
    try:
        return msgspec.convert(data, Project), document
    except msgspec.ValidationError as error:
        said = complaint(error)
        raise DocumentError(str(error), where=f"{path}:{document.line(said.path)}", hint=_hint(said)) from None


def read_document(files: Files, path: str) -> Document:
    """Return the one document of a YAML file, without data where it is empty; raises DocumentError, OSError."""
    try:
        data = files.read(path, _LARGEST + 1)
    except OSError as error:
        raise OSError(error.errno, error.strerror, path) from None  # reading a folder does not say which
    if len(data) > _LARGEST:
        raise DocumentError("larger than 1 MiB", where=path, hint="shorten it; globs such as conf/*.yaml do")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DocumentError(f"not UTF-8: byte {error.start}", where=path, hint="save the file as UTF-8") from None
    documents = read(text, path)
    if len(documents) > 1:
        raise DocumentError("more than one document", where=path, hint="remove the line ---")
    return documents[0] if documents else Document(data=None, lines={})


def nearest(word: str, known: Iterable[str]) -> str:
    """Return advice about a key that does not exist: the one that it resembles, or all."""
    from difflib import get_close_matches

    names = sorted(known)
    close = get_close_matches(word, names, 1)
    return f"perhaps {close[0]}" if close else f"one of {', '.join(names)}"


def _hint(said: Complaint) -> str:
    if said.unknown and not said.steps:
        return nearest(said.unknown, _SECTIONS)
    return _HINTS.get(str(said.steps[0]) if said.steps else "", _HINTS["config"])
