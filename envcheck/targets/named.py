"""Environments that the project's `envcheck.yaml` names: where one lives, and the files that belong to it."""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING

from envcheck import project
from envcheck.errors import DocumentError
from envcheck.targets import PROJECT_FILE, open_target
from envcheck.targets.files import LocalFiles, expand
from envcheck.targets.target import Target

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from envcheck.project import NamedFile, Project

_SEPARATORS = re.compile(r"[._-]+")
_ONE_FOR_ALL = "config"  # the name of the only file of each environment, where their own names do not meet


def open_named(name: str, folder: str, environ: Mapping[str, str]) -> Target | None:
    """Return the target of an environment of this name, None where the project has none; raises DocumentError."""
    files = LocalFiles()
    held = project.load(files, folder)
    environment = held.environments.get(name)
    if environment is None:
        return None
    where = posixpath.join(folder, PROJECT_FILE)
    if environment.target in held.environments:
        problem = f"environments.{name}.target: {environment.target} is an environment itself"
        raise DocumentError(problem, where=where, hint="give an address such as python:.venv or snapshot:prod.json")
    if environment.target:
        opened = open_target(environment.target, cwd=folder, environ=environ)
    else:
        opened = Target(
            label=name,
            address=name,
            chosen=f"the files that {PROJECT_FILE} lists for {name}",
            files=files,
            layout=None,
            environ=environ,
            cwd=folder,
            only=("config", "contracts"),
        )
    return opened.replace(
        label=name,
        address=name,
        config=_config(files, folder, name, held),
        contracts=_listed(files, folder, name, environment.contracts),
        project=folder,
        variables=tuple(environment.env),
    )


def _config(files: LocalFiles, folder: str, name: str, held: Project) -> tuple[tuple[str, str], ...]:
    """Return the configuration files of one environment under names that meet those of the others."""
    own = {other: _listed(files, folder, other, environment.config) for other, environment in held.environments.items()}
    single = [listed[0] for listed in own.values() if len(listed) == 1]
    unnamed = all(isinstance(entry, str) for environment in held.environments.values() for entry in environment.config)
    if unnamed and len(single) == len(own) > 1 and len({logical for logical, _ in single}) > 1:
        return ((_ONE_FOR_ALL, own[name][0][1]),)
    return own[name]


def _listed(
    files: LocalFiles, folder: str, environment: str, entries: Sequence[str | NamedFile]
) -> tuple[tuple[str, str], ...]:
    """Return (logical name, path) of listed files, each once; a path that is not there stays, so that it is told."""
    found: list[tuple[str, str]] = []
    for entry in sorted(entries, key=lambda entry: isinstance(entry, str)):  # a name that is given goes first
        given, pattern = ("", entry) if isinstance(entry, str) else (entry.name, entry.path)
        for path in expand(files, folder, pattern) or [posixpath.join(folder, pattern)]:
            if not given and path in {listed for _, listed in found}:
                continue
            whole = posixpath.basename(path)
            choices = (given, logical_name(path, environment), whole, posixpath.relpath(path, folder))
            taken = {known for known, _ in found}
            found.append((next((choice for choice in choices if choice and choice not in taken), path), path))
    return tuple(found)


def logical_name(path: str, environment: str) -> str:
    """Return what a file is called in every environment: `app` of prod/app.yaml, app-prod.yaml and app.prod.yaml."""
    stem = posixpath.splitext(posixpath.basename(path))[0]
    words = [word for word in _SEPARATORS.split(stem) if word and word.casefold() != environment.casefold()]
    if not words:
        above = posixpath.basename(posixpath.dirname(path))
        return above if above and above.casefold() != environment.casefold() else _ONE_FOR_ALL
    separator = next(iter(_SEPARATORS.findall(stem.strip("._-"))), "-")
    return separator.join(words)
