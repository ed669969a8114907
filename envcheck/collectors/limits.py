"""Collects what this process may use: the limits of its control groups, v1, v2 or both, and its resource limits."""

from __future__ import annotations

from envcheck.collectors._kernel import count, count_ranges, gap, mounts, read, unreadable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from envcheck.collectors import Collection
    from envcheck.targets.target import Target

COVERS = ("limit",)
PLATFORMS = ("linux",)

_LIMIT = ("limit",)
_GROUPS = "/proc/self/cgroup"
_RESOURCES = "/proc/self/limits"
_RESOURCE_ATTRIBUTES = {"Max open files": "open_files", "Max locked memory": "locked_memory"}
_V1_CONTROLLERS = ("memory", "cpu", "pids", "cpuset")
# Attribute, controller, files in v1, files in v2; several files are read as one, with a space between. Meanings:
# https://docs.kernel.org/admin-guide/cgroup-v2.html, https://docs.kernel.org/admin-guide/cgroup-v1/memory.html,
# https://docs.kernel.org/scheduler/sched-bwc.html (quota and period in µs).
_LIMITS = (
    ("memory", "memory", ("memory.limit_in_bytes",), ("memory.max",)),
    ("memory_high", "memory", (), ("memory.high",)),
    ("pids", "pids", ("pids.max",), ("pids.max",)),
    ("cpus", "cpu", ("cpu.cfs_quota_us", "cpu.cfs_period_us"), ("cpu.max",)),
)
_READINGS = (
    ("memory_used", "memory", ("memory.usage_in_bytes",), ("memory.current",)),
    ("oom_kills", "memory", ("memory.oom_control",), ("memory.events",)),
    ("cpuset", "cpuset", ("cpuset.effective_cpus",), ("cpuset.cpus.effective",)),
)
# cgroup v1 writes the largest multiple of the page size below 2^63 for "none": 9223372036854771712 with pages of 4 KiB,
# 9223372036854710272 with 64 KiB (mm/page_counter.c of Linux). No machine has 2^62 bytes.
_UNLIMITED = 1 << 62
# Far above what nests in practice; keeps a made-up path from costing seconds.
_DEEPEST = 64


def collect(target: Target, into: Collection) -> None:
    """Fill `limit`."""
    _collect_resources(target, into)
    scopes = ("limit#version", *(f"limit#{entry[0]}" for entry in (*_LIMITS, *_READINGS)))
    text = read(target, into, _GROUPS, *scopes)
    if text is None:
        return
    groups = _own_groups(text)
    if not groups:
        gap(into, scopes, f"{_GROUPS} is damaged")
        return
    folders = _folders(target, into, groups, scopes)
    if not folders:
        if "limit#version" not in into.coverage:
            gap(into, scopes, "the control groups of this environment are not mounted")
        return
    version = "v1" if "memory" in groups else "v2"
    into.put(_LIMIT, _GROUPS, version=version)
    tightest = folders.get("memory" if version == "v1" else "", ())
    for attribute, controller, v1, v2 in _LIMITS:
        held = folders.get(controller if controller in groups else "")
        if held is None:
            into.gap(f"limit#{attribute}", f"the control groups for {controller} are not mounted")
            continue
        found = _smallest(target, into, held, v1 if controller in groups else v2, attribute)
        if attribute == "memory" and found:
            tightest = held[held.index(found) :]
    for attribute, controller, v1, v2 in _READINGS:
        held = tightest if controller == "memory" else folders.get(controller if controller in groups else "", ())
        _collect_reading(target, into, held, v1 if controller in groups else v2, attribute)


def _own_groups(text: str) -> dict[str, str]:
    """Return the group of this process by v1 controller, and by "" for v2, from lines like `4:memory:/path`."""
    groups = {}
    for line in text.splitlines():
        number, _, rest = line.partition(":")
        controllers, _, path = rest.partition(":")
        if number.isdecimal() and path.startswith("/") and path.count("/") <= _DEEPEST:
            wanted = [name for name in controllers.split(",") if not name or name in _V1_CONTROLLERS]
            groups.update(dict.fromkeys(wanted, path))
    return groups


def _folders(
    target: Target, into: Collection, groups: dict[str, str], scopes: tuple[str, ...]
) -> dict[str, tuple[str, ...]]:
    """Return, by controller as in `_own_groups`, the folders from the process's group up to the visible root."""
    folders: dict[str, tuple[str, ...]] = {}
    for root, point, _, kind, options in mounts(target, into, " - cgroup", *scopes):
        for controller in options.split(",") if kind == "cgroup" else ("",):
            path = groups.get(controller)
            # Tools mount the host's groups elsewhere as well; the standard place is this environment's own.
            if path is not None and (controller not in folders or point.startswith("/sys/fs/cgroup")):
                folders[controller] = _upwards(root, point, path)
    return folders


def _upwards(root: str, point: str, path: str) -> tuple[str, ...]:
    """Return the folders of a group and its parents below a mount of the hierarchy from `root` on.

    A container may see the host's path in /proc/self/cgroup and yet only its own group mounted: then that is the mount.
    """
    top = root.rstrip("/")
    inside = path[len(top) :].rstrip("/") if f"{path}/".startswith(f"{top}/") and "/.." not in path else ""
    steps = inside.split("/")
    return tuple(point + "/".join(steps[:depth]) for depth in range(len(steps), 0, -1))


def _smallest(
    target: Target, into: Collection, folders: tuple[str, ...], names: tuple[str, ...], attribute: str
) -> str | None:
    """Record the tightest limit from a group up to the root; return the folder that sets it, None when none does."""
    best: tuple[float, str] | None = None
    for folder in folders if names else ():
        text = _joined(target, into, folder, names, attribute)
        if text is None:
            continue
        try:
            value = _limit(text)
        except ValueError:
            into.gap(f"limit#{attribute}", f"{folder}/{names[0]} is damaged")
            continue
        if value is not None and (best is None or value < best[0]):
            best = value, folder
    if best is None:
        return None
    into.put(_LIMIT, f"{best[1]}/{names[0]}", **{attribute: best[0]})
    return best[1]


def _limit(text: str) -> float | None:
    """Return a limit, or a quota by its period as processors; None for none; raises ValueError for anything else."""
    first, *rest = text.split() or [""]
    if first in ("max", "-1"):
        return None
    number = count(first)
    period = count(rest[0]) if rest else 1
    if number is None or not period or len(rest) > 1:
        raise ValueError(text)
    if rest:
        return number / period
    return None if number >= _UNLIMITED else number


def _collect_reading(
    target: Target, into: Collection, folders: tuple[str, ...], names: tuple[str, ...], attribute: str
) -> None:
    """Record what the first folder says that has the file."""
    for folder in folders:
        text = _joined(target, into, folder, names, attribute)
        if text is None:
            continue
        value = _reading(attribute, text.strip())
        if value is None:
            into.gap(f"limit#{attribute}", f"{folder}/{names[0]} is damaged")
        into.put(_LIMIT, f"{folder}/{names[0]}", **{attribute: value})
        return


def _reading(attribute: str, text: str) -> int | str | None:
    if attribute == "cpuset":
        return text if count_ranges(text) is not None else None
    if attribute == "oom_kills":  # one of several `name number` lines; kernels before 4.13 lack it
        lines = dict(line.partition(" ")[::2] for line in text.splitlines())
        return count(lines.get("oom_kill", ""))
    return count(text)


def _joined(target: Target, into: Collection, folder: str, names: tuple[str, ...], attribute: str) -> str | None:
    """Return the texts of a folder's files with a space between, None where one is missing or cannot be read."""
    texts = []
    for name in names:
        try:
            text = target.files.text(f"{folder}/{name}", 4096)
        except (OSError, ValueError) as error:
            into.gap(f"limit#{attribute}", unreadable(f"{folder}/{name}", error))
            return None
        if text is None:
            return None
        texts.append(text.strip())
    return " ".join(texts)


def _collect_resources(target: Target, into: Collection) -> None:
    """Record soft limits from the table in /proc/self/limits; `unlimited` is no limit."""
    text = read(target, into, _RESOURCES, *(f"limit#{name}" for name in _RESOURCE_ATTRIBUTES.values()))
    if text is None:
        return
    for title, attribute in _RESOURCE_ATTRIBUTES.items():
        line = next((line for line in text.splitlines() if line.startswith(title)), "")
        soft = (line[len(title) :].split() or [""])[0]
        number = count(soft)
        if number is None and soft != "unlimited":
            into.gap(f"limit#{attribute}", f"{_RESOURCES} is damaged at {title}")
        into.put(_LIMIT, _RESOURCES, **{attribute: number})
