"""Collects what the project's CI files ask of their machines, and whether envcheck in them can fail anything.

They are read again only when they have changed: parsing YAML would cost more than the rest of a small check.
"""

from __future__ import annotations

import posixpath

from envcheck import cache
from envcheck.errors import DocumentError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeAlias

    from envcheck.collectors import Collection
    from envcheck.collectors._jobs import Found
    from envcheck.targets.files import Files
    from envcheck.targets.target import Target

    # What one file says: facts with their lines, and gaps as scope to reason.
    Said: TypeAlias = tuple[list[Found], dict[str, str]]

COVERS = ("job", "step")
PLATFORMS: tuple[str, ...] = ()

_WORKFLOWS = ".github/workflows"
_PIPELINE = ".gitlab-ci.yml"
_FORMAT = 2  # of what the cache holds; raise it with every change of what is read
_LARGEST = 1 << 20  # bytes; what people write by hand is some thousand lines
_MOST_FILES = 200


def collect(target: Target, into: Collection) -> None:
    """Record jobs and steps of GitHub workflows and of .gitlab-ci.yml.

    They belong to the project at hand: an environment that lives elsewhere has none.
    """
    folder = target.cwd
    if folder is None or target.address != ".":
        return
    unread: list[str] = []
    paths = _files(target.files, folder, unread)
    if paths:
        _collect_files(target.files, folder, paths, into, unread)
    if unread:
        for scope in COVERS:
            into.gap(scope, unread[0] + (f"; {len(unread) - 1} more files" if len(unread) > 1 else ""))


def _collect_files(files: Files, folder: str, paths: list[str], into: Collection, unread: list[str]) -> None:
    cache_name = "ci" + (files.root + folder).replace("/", "-").replace(":", "")[-150:]
    cache_key = (_FORMAT, files.root, folder)
    known = (cache.load(cache_name, cache_key) or {}) if into.cached else {}
    kept: dict[str, tuple[tuple[int, ...], Said]] = {}
    elsewhere = _lives_elsewhere(files, folder)
    inside = f"{folder.rstrip('/')}/"
    for path in paths:
        shown = path.removeprefix(inside)  # as the project's people call it: a report can point into their repository
        try:
            status = files.stat(path)
            stamp = (status.st_mtime_ns, status.st_size, status.st_ino)
            then, said = known.get(path, (None, None))
            kept[path] = (stamp, said if said is not None and then == stamp else _read(files, path))
        except DocumentError as error:
            unread.append(f"{(error.where or path).removeprefix(inside)}: {error.message}")
        except OSError as error:
            unread.append(f"{shown}: {error.strerror or error}")
        else:
            _put(shown, kept[path][1], into, elsewhere=elsewhere)
    if into.cached and kept != known:
        cache.store(cache_name, cache_key, kept)


def _files(files: Files, folder: str, unread: list[str]) -> list[str]:
    found = []
    try:
        place = posixpath.join(folder, _WORKFLOWS)
        found = [posixpath.join(place, name) for name in files.names(place) if name.endswith((".yml", ".yaml"))]
    except FileNotFoundError:
        pass
    except (OSError, ValueError) as error:
        unread.append(f"{posixpath.join(folder, _WORKFLOWS)}: {getattr(error, 'strerror', None) or error}")
    if len(found) > _MOST_FILES:
        unread.append(f"only {_MOST_FILES} of {len(found)} workflows were read")
    pipeline = posixpath.join(folder, _PIPELINE)
    return found[:_MOST_FILES] + ([pipeline] if files.exists(pipeline) else [])


def _read(files: Files, path: str) -> Said:
    """Return what a file says; raises OSError, and DocumentError with the line where it is no YAML."""
    from envcheck import plainyaml
    from envcheck.collectors._gitlab import read_pipeline
    from envcheck.collectors._workflows import read_workflow

    data = files.read(path, _LARGEST + 1)
    if len(data) > _LARGEST:
        raise DocumentError("larger than 1 MiB", where=path)
    try:
        documents = plainyaml.read(data.decode("utf-8-sig"), path)
    except UnicodeDecodeError as error:
        raise DocumentError(f"not UTF-8: byte {error.start}", where=path) from None
    if not documents:
        raise DocumentError("an empty file", where=path)
    name = posixpath.basename(path)
    # A pipeline may have a header of its own before its jobs: https://docs.gitlab.com/ci/yaml/#header-keywords
    reading = (read_pipeline if name == _PIPELINE else read_workflow)(documents[-1], name)
    return reading.found, reading.gaps


def _lives_elsewhere(files: Files, folder: str) -> bool:
    """Tell whether the repository's remotes are all at other hosts than github.com.

    GitHub Enterprise, Gitea and Forgejo run the same workflows on machines, and with actions, of their own.
    """
    try:
        config = files.text(posixpath.join(folder, ".git/config")) or ""
    except OSError:
        return False
    urls = [line.partition("=")[2] for line in config.splitlines() if line.strip().startswith("url")]
    return bool(urls) and not any("github.com" in url for url in urls)


def _put(path: str, said: Said, into: Collection, *, elsewhere: bool) -> None:
    found, gaps = said
    for entity, line, known in found:
        values = {**known, "forge": "other"} if elsewhere and known.get("forge") == "github" else known
        into.facts.hold(entity, {name: (value, f"{path}:{line}") for name, value in values.items()})
    for scope, reason in gaps.items():
        into.gap(scope, reason)
