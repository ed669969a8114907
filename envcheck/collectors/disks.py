"""Collects the file systems under the places that packages, models and temporary files use: room, kind, read-only."""

from __future__ import annotations

import os

from envcheck.collectors._kernel import gap, mounts, printable, unreadable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from envcheck.collectors import Collection
    from envcheck.collectors._kernel import Mount
    from envcheck.targets.target import Target

COVERS = ("disk",)
PLATFORMS = ("linux", "darwin")

_TMP_VARIABLES = ("TMPDIR", "TEMP", "TMP")  # in the order of Python's tempfile.gettempdir
_TMP = "/tmp"  # noqa: S108  looked at, never written to


def collect(target: Target, into: Collection) -> None:
    """Fill `disk`; sizes in bytes."""
    table = mounts(target, into, "", "disk#type", *(() if target.live else ("disk#read_only",)))
    if not target.live:
        gap(into, ("disk#free", "disk#total", "disk#inodes_free"), "not a running system")
    for name, path in _places(target, into):
        entity = ("disk", name)
        try:
            there = _nearest(target, path)
        except (OSError, ValueError) as error:
            into.gap(f"disk/{name}", unreadable(path, error))
            continue
        into.put(entity, "the environment", path=printable(path))
        if target.live:
            _collect_room(into, entity, there)
        mount = _mount_of(table, there)
        if mount:
            _, point, options, kind, system_options = mount
            origin = f"/proc/self/mountinfo at {printable(point)}"
            into.put(entity, origin, type=kind)
            if not target.live:
                # Either the mount or the whole file system may be read-only.
                into.put(entity, origin, read_only="ro" in [*options.split(","), *system_options.split(",")])


def _places(target: Target, into: Collection) -> Iterator[tuple[str, str]]:
    """Yield every place by its name; one that is not known is a gap."""
    if target.layout is not None and target.layout.site_directories:
        yield "site-packages", target.layout.site_directories[0]
    else:
        into.gap("disk/site-packages", "there is no Python environment")
    environ = target.environ
    if environ is None:
        for name in ("home", "cache", "huggingface", "tmp"):
            into.gap(f"disk/{name}", "the environment variables are not known")
        return
    home = environ.get("HOME", "")
    yield from _absolute(into, "home", home)
    yield from _absolute(into, "cache", environ.get("XDG_CACHE_HOME") or (f"{home}/.cache" if home else ""))
    if environ.get("HF_HOME"):
        yield from _absolute(into, "huggingface", environ["HF_HOME"])
    yield from _absolute(into, "tmp", _temporary(environ))


def _absolute(into: Collection, name: str, path: str) -> Iterator[tuple[str, str]]:
    if path.startswith("/"):
        yield name, path
    else:
        into.gap(f"disk/{name}", f"{printable(path)!r} is no absolute path" if path else "HOME is not set")


def _temporary(environ: Mapping[str, str]) -> str:
    return next((environ[variable] for variable in _TMP_VARIABLES if environ.get(variable)), _TMP)


def _nearest(target: Target, path: str) -> str:
    """Return the place, or the closest parent that exists: where its folders would be made; raises OSError."""
    place = target.files.realpath(path)
    while place != "/" and not target.files.exists(place):
        place = os.path.dirname(place)
    return place


def _collect_room(into: Collection, entity: tuple[str, str], path: str) -> None:
    try:
        room = os.statvfs(path)
    except OSError as error:
        into.gap("/".join(entity), unreadable(path, error))
        return
    into.put(
        entity,
        f"statvfs {printable(path)}",
        free=room.f_bavail * room.f_frsize,
        total=room.f_blocks * room.f_frsize,
        # File systems without a fixed number of inodes, such as btrfs, report none at all.
        inodes_free=room.f_favail if room.f_files else None,
        read_only=bool(room.f_flag & os.ST_RDONLY),
    )


def _mount_of(table: list[Mount], path: str) -> Mount | None:
    """Return the mount that a resolved path lies on: the longest mount point above it, the latest of equals."""
    best: Mount | None = None
    for mount in table:
        point = mount[1].rstrip("/")
        if f"{path}/".startswith(f"{point}/") and (best is None or len(point) >= len(best[1].rstrip("/"))):
            best = mount
    return best
