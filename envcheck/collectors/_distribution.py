"""Reads one installed distribution, a dist-info or an egg-info, into plain values that the cache can keep."""

from __future__ import annotations

import errno

from envcheck.collectors._metadata import (
    decoded,
    egg_requires,
    entry_points,
    parse_headers,
    read_direct_url,
    read_headers,
    read_record,
    wheel_tags,
)
from envcheck.errors import UsageError
from envcheck.model.record import Record
from envcheck.requirements import normalise
from envcheck.versions import key

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, TypeAlias

    from envcheck.model.facts import Known
    from envcheck.targets.files import Files

    # A file and the attributes of kind package that it tells.
    Group: TypeAlias = tuple[str, dict[str, Any]]

_SMALL = 1 << 20  # bytes; WHEEL, INSTALLER, entry_points.txt and requires.txt have some hundred


class Distribution(Record):
    """What one dist-info or egg-info says, in values that marshal can keep.

    `name` is normalised; `folder` is the dist-info's own name; `attributes` are those of kind package with value and
    origin; `problem` says what is wrong; where `incomplete`, something could not be read: what lacks is unknown.
    """

    name: str
    version: str
    folder: str
    attributes: dict[str, Known]
    problem: str
    incomplete: bool


def is_information(name: str) -> bool:
    """Tell whether a name in a site directory is a distribution's metadata."""
    return (name.endswith((".dist-info", ".egg-info")) and name[0] not in "~-.") or name == "EGG-INFO"


def stamp(files: Files, site: str, folder: str) -> tuple[int, ...] | None:
    """Return what changes whenever a distribution is installed anew or edited, None where that cannot be told.

    An edit of WHEEL, INSTALLER or entry_points.txt in place, which no installer does, is not noticed.
    """
    if not folder.endswith(".dist-info"):
        return None
    try:
        text = files.stat(f"{site}/{folder}/METADATA")
        record = files.stat(f"{site}/{folder}/RECORD")
    except OSError:
        return None
    return text.st_mtime_ns, text.st_size, text.st_ino, record.st_mtime_ns, record.st_size


def read_distribution(files: Files, site: str, folder: str) -> Distribution:
    """Return what a distribution says of itself; what cannot be read is said in it."""
    path = f"{site}/{folder}"
    wheel = folder.endswith(".dist-info")
    source = f"{path}/METADATA" if wheel else f"{path}/PKG-INFO"
    problem, unread, headers = "", False, b""
    try:
        try:
            headers = read_headers(files, source)
        except NotADirectoryError:  # distutils wrote the egg-info as a single file
            source = path
            headers = read_headers(files, source)
    except OSError as error:
        missing = error.errno in (errno.ENOENT, errno.ENOTDIR)
        problem = f"{source.rpartition('/')[2]} is missing" if missing else f"cannot be read: {error.strerror or error}"
        unread = True
    said = parse_headers(headers)
    folder_name, folder_version = _told_by_folder(folder)
    if not problem:
        problem, unread = _judge(said, folder_version)
    name, version = str(said.get("name") or folder_name), str(said.get("version") or folder_version)
    said |= {"name": name, **({"version": version} if version else {})}
    if unread and not said["requires"]:
        del said["requires"]  # not known, which is not the same as none
    groups = [(source, said)] + (_wheel_groups(files, path) if wheel else _egg_groups(files, path, said))
    if not any("modules" in attributes for _, attributes in groups):
        groups += _listed_modules(files, site, path)
    return Distribution(
        name=normalise(name),
        version=version,
        folder=folder,
        attributes={
            attribute: (value, origin)
            for origin, told in groups
            for attribute, value in told.items()
            if value not in (None, ())
        },
        problem=problem,
        incomplete=unread,
    )


def _judge(said: dict[str, Any], folder_version: str) -> tuple[str, bool]:
    """Return what is wrong with the headers, and whether they break off."""
    if "version" not in said or "name" not in said:
        return f"has no {'Name' if 'name' not in said else 'Version'}: empty or cut off", True
    version = said["version"]
    try:
        own = key(version)
    except ValueError:
        return f"version {version} is not PEP 440", False
    if folder_version and folder_version != version:
        try:
            different = key(folder_version) != own
        except ValueError:
            different = False  # old folder names escape what is not PEP 440
        if different:
            return f"the folder says {folder_version}, its metadata {version}", False
    return "", False


def _told_by_folder(folder: str) -> tuple[str, str]:
    stem = folder.rpartition(".")[0]
    if folder.endswith(".egg-info"):
        stem = stem.partition("-py")[0]
    name, _, version = stem.partition("-")
    return (name, version) if name else (folder, "")


def _wheel_groups(files: Files, path: str) -> list[Group]:
    groups: list[Group] = []
    if (data := _small(files, f"{path}/WHEEL")) is not None:
        groups.append((f"{path}/WHEEL", {"tags": wheel_tags(data)}))
    if data := _small(files, f"{path}/INSTALLER"):
        groups.append((f"{path}/INSTALLER", {"installer": decoded(data).strip()}))
    if data := _small(files, f"{path}/entry_points.txt"):
        groups.append((f"{path}/entry_points.txt", {"entry_points": entry_points(data)}))
    if data := _small(files, f"{path}/direct_url.json"):
        groups += _origin(f"{path}/direct_url.json", data)
    try:
        groups.append((f"{path}/RECORD", {"record": True, "modules": read_record(files, f"{path}/RECORD")}))
    except OSError:
        groups.append((path, {"record": files.exists(f"{path}/RECORD")}))
    return groups


def _origin(path: str, data: bytes) -> list[Group]:
    try:
        url, editable = read_direct_url(data)
    except UsageError:
        return []
    return [(path, {"direct_url": url, **({"editable": editable} if editable else {})})]


def _egg_groups(files: Files, path: str, said: dict[str, Any]) -> list[Group]:
    groups: list[Group] = [(path, {"record": files.exists(f"{path}/installed-files.txt")})]
    if not said.get("requires") and (data := _small(files, f"{path}/requires.txt")):
        said.pop("requires", None)
        groups.append((f"{path}/requires.txt", {"requires": egg_requires(data)}))
    if data := _small(files, f"{path}/entry_points.txt"):
        groups.append((f"{path}/entry_points.txt", {"entry_points": entry_points(data)}))
    return groups


def _listed_modules(files: Files, site: str, path: str) -> list[Group]:
    """Return the modules of top_level.txt that are no namespace packages: the next best where there is no RECORD."""
    data = _small(files, f"{path}/top_level.txt")
    if data is None:
        return []
    names = [name for name in decoded(data).split() if name.isidentifier()]
    own = [name for name in names if not files.is_dir(f"{site}/{name}") or files.exists(f"{site}/{name}/__init__.py")]
    return [(f"{path}/top_level.txt", {"modules": tuple(sorted(own))})]


def _small(files: Files, path: str) -> bytes | None:
    try:
        return files.read(path, _SMALL)
    except OSError:
        return None
