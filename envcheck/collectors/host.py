"""Collects the machine and its operating system: what it is, what it has, and what its kernel is told to do."""

from __future__ import annotations

import os

from envcheck.collectors._kernel import (
    count,
    count_ranges,
    mounts,
    printable,
    read,
    read_count,
    read_optional,
    unreadable,
)
from envcheck.collectors._runtimes import collect_runtimes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from envcheck.collectors import Collection
    from envcheck.targets.target import Target

COVERS = ("host",)
PLATFORMS = ()

_HOST = ("host",)
_OS_RELEASE = ("/etc/os-release", "/usr/lib/os-release")
_MEMINFO = "/proc/meminfo"
_CPUINFO = "/proc/cpuinfo"
# The first processor's entry; a machine has hundreds, all alike in what is read here.
_CPUINFO_LIMIT = 8192
_SHM = "/dev/shm"  # noqa: S108  looked at, never written to
_THP = "/sys/kernel/mm/transparent_hugepage/enabled"
# What container managers leave behind, most telling first. Variables: Kubernetes sets the first in every pod
# (https://kubernetes.io/docs/concepts/services-networking/service/#environment-variables), Apptainer the others.
_VARIABLE_SIGNS = (
    ("KUBERNETES_SERVICE_HOST", "kubernetes"),
    ("APPTAINER_CONTAINER", "apptainer"),
    ("SINGULARITY_CONTAINER", "apptainer"),
)
# Files: podman-run(1) and the Docker daemon create theirs; Kubernetes mounts a service account.
_FILE_SIGNS = (
    ("/var/run/secrets/kubernetes.io", "kubernetes"),
    ("/run/.containerenv", "podman"),
    ("/.dockerenv", "docker"),
    ("/.singularity.d", "apptainer"),
)
# Parts of the control group's path, as the managers name it.
_CGROUP_SIGNS = (
    ("kubepods", "kubernetes"),
    ("libpod", "podman"),
    ("docker", "docker"),
    ("/lxc", "lxc"),
    ("containerd", "containerd"),
)
# Systems by the value of sys.platform.
_OTHER_SYSTEMS = {"darwin": "macos", "win32": "windows"}


def collect(target: Target, into: Collection) -> None:
    """Fill `host`."""
    if target.live:
        _collect_running(target, into)
    else:
        into.gap("host#user", "not a running system")
    if target.platform != "linux":
        into.gap("host", f"only partly read on {target.platform}")
        return
    _collect_release(target, into)
    _collect_kernel(target, into)
    collect_runtimes(target, into)
    _collect_processor(target, into)
    _collect_memory(target, into)
    _collect_shared_memory(target, into)
    _collect_container(target, into)
    _collect_loader_variables(target, into)


def _collect_running(target: Target, into: Collection) -> None:
    """Record what the running system says of itself."""
    if not hasattr(os, "uname"):  # Windows
        machine = (target.environ or {}).get("PROCESSOR_ARCHITECTURE")
        into.put(_HOST, "PROCESSOR_ARCHITECTURE", os=_OTHER_SYSTEMS["win32"], arch=machine)
        return
    running = os.uname()
    into.put(_HOST, "uname", arch=running.machine)
    into.put(_HOST, "geteuid", user=os.geteuid())
    if target.platform != "linux":
        system = _OTHER_SYSTEMS.get(target.platform, target.platform)
        into.put(_HOST, "uname", os=system, kernel=running.release)


def _collect_release(target: Target, into: Collection) -> None:
    """Record the operating system by the os-release file (https://www.freedesktop.org/software/systemd/man/os-release)."""
    for path in _OS_RELEASE:
        text = read_optional(target, into, path, "host#os", "host#os_version", "host#os_name")
        if text is None:
            continue
        values = _assignments(text)
        if not values:
            into.gap("host#os", f"{path} is damaged")
            return
        into.put(
            _HOST,
            path,
            os=values.get("ID", "linux"),  # the default that the format sets
            os_version=values.get("VERSION_ID"),
            os_name=values.get("PRETTY_NAME"),
        )
        return


def _assignments(text: str) -> dict[str, str]:
    values = {}
    for line in text.splitlines():
        name, equals, value = line.strip().partition("=")
        if equals and name.isidentifier() and name.isascii():
            if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'":
                value = value[1:-1]
            values[name] = value.replace('\\"', '"').replace("\\$", "$").replace("\\`", "`").replace("\\\\", "\\")
    return values


def _collect_kernel(target: Target, into: Collection) -> None:
    path = "/proc/sys/kernel/osrelease"
    release = (read(target, into, path, "host#kernel", "host#wsl") or "").strip()
    if release:
        # "microsoft" in the release is how Windows' own tools tell: https://github.com/microsoft/WSL/issues/423
        into.put(_HOST, path, kernel=release, wsl="microsoft" in release.lower())
    read_count(target, into, "/proc/sys/vm/overcommit_memory", "overcommit")
    read_count(target, into, "/proc/sys/vm/max_map_count", "max_map_count")
    enabled = read_optional(target, into, _THP, "host#transparent_hugepages")
    if enabled is not None:
        chosen = enabled.partition("[")[2].partition("]")[0]
        if not chosen:
            into.gap("host#transparent_hugepages", f"{_THP} is damaged")
        into.put(_HOST, _THP, transparent_hugepages=chosen or None)


def _collect_processor(target: Target, into: Collection) -> None:
    _collect_range(target, into, "/sys/devices/system/cpu/online", "cpus")
    _collect_range(target, into, "/sys/devices/system/node/online", "numa_nodes")
    text = read(target, into, _CPUINFO, "host#cpu", "host#cpu_flags", limit=_CPUINFO_LIMIT)
    if text is None:
        return
    fields: dict[str, str] = {}
    for line in text.splitlines():
        name, colon, value = line.partition(":")
        if colon:
            fields.setdefault(name.strip(), value.strip())
    flags = fields.get("flags") or fields.get("Features") or fields.get("isa")
    if flags is None:
        into.gap("host#cpu_flags", f"{_CPUINFO} names no processor features")
    model = fields.get("model name") or _arm_model(fields)
    if model is None:
        into.gap("host#cpu", f"{_CPUINFO} names no processor")
    into.put(_HOST, _CPUINFO, cpu=model, cpu_flags=None if flags is None else tuple(flags.split()))


def _arm_model(fields: dict[str, str]) -> str | None:
    """Return the numbers by which a 64-bit ARM kernel names a processor (arch/arm64/kernel/cpuinfo.c of Linux)."""
    implementer, part = fields.get("CPU implementer"), fields.get("CPU part")
    return f"ARM implementer {implementer} part {part}" if implementer and part else None


def _collect_range(target: Target, into: Collection, path: str, attribute: str) -> None:
    text = read_optional(target, into, path, f"host#{attribute}")
    if text is None:
        return
    members = count_ranges(text)
    if members is None:
        into.gap(f"host#{attribute}", f"{path} is damaged")
    into.put(_HOST, path, **{attribute: members})


def _collect_memory(target: Target, into: Collection) -> None:
    wanted = {"MemTotal": "memory", "MemAvailable": "memory_available", "HugePages_Total": "hugepages"}
    text = read(target, into, _MEMINFO, *(f"host#{attribute}" for attribute in wanted.values()))
    if text is None:
        return
    fields = dict(line.partition(":")[::2] for line in text.splitlines())
    for name, attribute in wanted.items():
        value, _, unit = fields.get(name, "").strip().partition(" ")
        number = count(value, 1024 if unit == "kB" else 1)
        if number is not None:
            into.put(_HOST, _MEMINFO, **{attribute: number})
        elif name in fields or name == "MemTotal":  # kernels without huge pages leave their lines out
            into.gap(f"host#{attribute}", f"{_MEMINFO} is damaged at {name}")


def _collect_shared_memory(target: Target, into: Collection) -> None:
    """Record the size of /dev/shm; without a limit it stays absent."""
    if target.live:
        try:
            room = os.statvfs(_SHM)
        except FileNotFoundError:
            return
        except OSError as error:
            into.gap("host#shm", unreadable(_SHM, error))
            return
        if room.f_blocks:
            total, free = room.f_blocks * room.f_frsize, room.f_bavail * room.f_frsize
            into.put(_HOST, f"statvfs {_SHM}", shm=total, shm_free=free)
        return
    into.gap("host#shm_free", "not a running system")
    mounted = [mount for mount in mounts(target, into, f" {_SHM} ", "host#shm") if mount[1] == _SHM]
    if mounted:  # the last one covers the others
        size = _tmpfs_size(mounted[-1][4])
        if size is None:
            into.gap("host#shm", f"{_SHM} is mounted without a size")
        into.put(_HOST, "/proc/self/mountinfo", shm=size)


def _tmpfs_size(options: str) -> int | None:
    """Return the size option in bytes; units as in https://docs.kernel.org/filesystems/tmpfs.html."""
    for option in options.split(","):
        if option.startswith("size="):
            text = option[5:].lower()
            unit = {"k": 1 << 10, "m": 1 << 20, "g": 1 << 30}.get(text[-1:], 1)
            return count(text if unit == 1 else text[:-1], unit)
    return None


def _collect_container(target: Target, into: Collection) -> None:
    found = _container_by_variable(target.environ or {}) or _container_by_file(target, into)
    path = "/proc/1/cgroup"
    if not found:
        text = read_optional(target, into, path, "host#container") or ""
        found = next(((kind, path) for sign, kind in _CGROUP_SIGNS if sign in text), None)
    if found:
        into.put(_HOST, found[1], container=found[0])


def _container_by_variable(environ: Mapping[str, str]) -> tuple[str, str] | None:
    for variable, kind in _VARIABLE_SIGNS:
        if variable in environ:
            return kind, variable
    # systemd's interface for container managers: https://systemd.io/CONTAINER_INTERFACE/
    named = environ.get("container")
    return (printable(named), "container") if named else None


def _container_by_file(target: Target, into: Collection) -> tuple[str, str] | None:
    for path, kind in _FILE_SIGNS:
        try:
            target.files.stat(path)
        except (FileNotFoundError, NotADirectoryError):
            continue
        except (OSError, ValueError) as error:
            into.gap("host#container", unreadable(path, error))
            continue
        return kind, path
    return None


def _collect_loader_variables(target: Target, into: Collection) -> None:
    """Record the variables that change what the loader finds; separators as in ld.so(8)."""
    if target.environ is None:
        into.gap("host#library_path", "the environment variables are not known")
        into.gap("host#preload", "the environment variables are not known")
        return
    folders = printable(target.environ.get("LD_LIBRARY_PATH", "")).replace(";", ":")
    if folders:
        # An empty item means the working folder.
        into.put(_HOST, "LD_LIBRARY_PATH", library_path=tuple(folder or "." for folder in folders.split(":")))
    libraries = printable(target.environ.get("LD_PRELOAD", "")).replace(":", " ").split()
    if libraries:
        into.put(_HOST, "LD_PRELOAD", preload=tuple(libraries))
