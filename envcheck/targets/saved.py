"""Targets that are files: a saved snapshot, and a partial description of an environment that somebody wrote down."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from envcheck import snapshots
from envcheck.errors import DocumentError
from envcheck.keys import KINDS, OF_A_RUN
from envcheck.model.facts import COMPLETE, PARTIAL, Coverage, Snapshot
from envcheck.targets.files import LocalFiles
from envcheck.targets.target import Target

if TYPE_CHECKING:
    from collections.abc import Mapping

    from envcheck.plainyaml import Document

_LARGEST = 1 << 20  # bytes; a description that a person writes has some dozen lines


def open_snapshot(path: str, cwd: str, environ: Mapping[str, str]) -> Target:  # noqa: ARG001  a snapshot has its own
    """Return the target of a saved snapshot; raises DocumentError, TargetError."""
    where = os.path.normpath(os.path.join(cwd, path))
    saved = snapshots.load(where)
    return _target(saved, f"snapshot:{where}", f"the snapshot saved in {where}")


def open_facts(path: str, cwd: str, environ: Mapping[str, str]) -> Target:
    """Return the target of a description in YAML or JSON; raises DocumentError, TargetError.

    What it does not mention is not known, never absent; what it says and cannot be understood is kept as `unread`.
    """
    from envcheck.secrets import project_key
    from envcheck.targets.description import describe

    where = os.path.normpath(os.path.join(cwd, path))
    key = project_key(environ, LocalFiles(), cwd)
    try:
        facts, coverage = describe(_mapping(where), path, key)  # origins as the user wrote them
    except RecursionError:
        raise DocumentError("nested too deeply", where=where, hint="flatten the file") from None
    unmentioned = {
        kind: Coverage(scope=kind, status=PARTIAL, reason=f"{path} does not mention it")
        for kind in KINDS.keys() - OF_A_RUN
    }
    address, chosen = f"facts:{path}", f"what {path} describes"
    saved = Snapshot(
        label=os.path.basename(where),
        address=address,
        chosen=chosen,
        facts=facts,
        derived=type(facts)(),
        coverage={**unmentioned, "unread": Coverage(scope="unread", status=COMPLETE), **coverage},
    )
    return _target(saved, address, chosen)


def _target(saved: Snapshot, address: str, chosen: str) -> Target:
    return Target(
        label=saved.label,
        address=address,
        chosen=chosen,
        files=LocalFiles(),
        layout=None,
        layout_problem="nothing is collected from a file",
        platform=saved.facts.text(("python",), "platform") or "linux",
        saved=saved,
    )


def _mapping(where: str) -> Document:
    hint = "write a mapping such as python: 3.11, packages: {torch: 2.4.0}"
    data = snapshots.read(where, "a description of an environment")
    if len(data) > _LARGEST:
        raise DocumentError("larger than 1 MiB", where=where, hint=hint)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise DocumentError("not UTF-8 text", where=f"{where}:{line}", hint="save the file as UTF-8") from None
    documents = _json(text, where) if where.endswith(".json") else _yaml(text, where)
    if len(documents) != 1 or not isinstance(documents[0].data, dict):
        problem = "more than one document" if len(documents) > 1 else "not a mapping"
        raise DocumentError(problem, where=f"{where}:1", hint=hint)
    if {"schema", "facts", "coverage"} <= documents[0].data.keys():
        raise DocumentError("this is a snapshot", where=where, hint=f"snapshot:{where}")
    return documents[0]


def _yaml(text: str, where: str) -> list[Document]:
    from envcheck.plainyaml import read

    return read(text, where)


def _json(text: str, where: str) -> list[Document]:
    from json import JSONDecodeError, loads

    from envcheck.plainyaml import Document

    try:
        # Numbers keep their text: 2.10 is a version.
        data = loads(text, parse_float=str, parse_int=str, parse_constant=str)
    except JSONDecodeError as error:
        hint = "mend the file at that line"
        raise DocumentError(f"not valid JSON: {error.msg}", where=f"{where}:{error.lineno}", hint=hint) from None
    except RecursionError:
        raise DocumentError("nested too deeply", where=where, hint="flatten the file") from None
    return [Document(data=data, lines={(): 1})]
