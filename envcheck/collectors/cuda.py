"""What of CUDA and ROCm is installed beside Python: driver, its library, toolkits, cuDNN, device nodes."""

from __future__ import annotations

import os
import posixpath

from envcheck.collectors import _toolkits
from envcheck.keys import format_entity
from envcheck.model.facts import NOT_COLLECTED

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from envcheck.collectors import Collection
    from envcheck.model.facts import Entity
    from envcheck.targets.files import Files
    from envcheck.targets.target import Target

COVERS = ("cuda", "toolkit", "cudnn", "rocm", "device")
PLATFORMS = ("linux",)

_CUDA: Entity = ("cuda",)
_NO_KERNEL = "the files do not tell which kernel this will run on: there is no /proc"
_NO_VARIABLES = "the environment variables are not known"
_CACHE_LIMIT = 16 << 20  # bytes; real ld.so.cache files have some hundred KiB

# Where distributions and NVIDIA's container hook put libcuda.so.1; {machine} is the multiarch name. The first group is
# what the dynamic loader searches by itself (ld.so(8)); the others need LD_LIBRARY_PATH or ld.so.conf.
_LOADER_FOLDERS = (
    "/lib/{machine}-linux-gnu",
    "/usr/lib/{machine}-linux-gnu",
    "/lib64",
    "/usr/lib64",
    "/lib",
    "/usr/lib",
)
_OTHER_FOLDERS = (
    "/usr/lib/wsl/lib",
    "/usr/local/nvidia/lib64",
    "/usr/lib/{machine}-linux-gnu/nvidia",
    "/run/opengl-driver/lib",
)

# Where the NVIDIA Container Toolkit installs itself and what it configures.
_RUNTIMES = (
    "/usr/bin/nvidia-container-runtime",
    "/usr/bin/nvidia-container-runtime-hook",
    "/usr/bin/nvidia-ctk",
    "/etc/nvidia-container-runtime/config.toml",
)
_DOCKER = "/etc/docker/daemon.json"


def collect(target: Target, into: Collection) -> None:
    """Read the driver, what selects CUDA, the toolkits, cuDNN, ROCm and the device nodes."""
    kernel = target.files.exists("/proc/version")
    if kernel:
        _driver(target.files, into)
    else:
        for scope in ("cuda#driver", "cuda#open_module", "cuda#wsl", "device"):
            into.gap(scope, _NO_KERNEL)
    cache = _loader_cache(target.files, into)
    _driver_library(target, cache, into)
    _container_runtime(target.files, into)
    if target.environ is None:
        into.gap("cuda#visible_devices", _NO_VARIABLES)
    else:
        into.put(_CUDA, "environment", visible_devices=target.environ.get("CUDA_VISIBLE_DEVICES"))
    _toolkits.collect(target, cache, into)
    if kernel:
        _devices(target, into)


def _read(files: Files, path: str, scope: str, into: Collection) -> str | None:
    try:
        return files.text(path)
    except OSError as error:
        into.gap(scope, f"{path}: {error.strerror}")
        return None


def _driver(files: Files, into: Collection) -> None:
    if (text := _read(files, "/proc/driver/nvidia/version", "cuda#driver", into)) is not None:
        version = _module_version(text)
        opened = "Open Kernel Module" in text if version else None
        into.put(_CUDA, "/proc/driver/nvidia/version", driver=version, open_module=opened)
        if version is None:
            into.gap("cuda#driver", "/proc/driver/nvidia/version names no version")
    if into.facts.value(_CUDA, "driver") is None:
        text = _read(files, "/sys/module/nvidia/version", "cuda#driver", into)
        into.put(_CUDA, "/sys/module/nvidia/version", driver=(text or "").strip() or None)
    if (text := _read(files, "/proc/version", "cuda#wsl", into)) is None:
        return
    wsl = "microsoft" in text.lower() and files.is_dir("/usr/lib/wsl/lib")
    into.put(_CUDA, "/proc/version", wsl=wsl)
    if wsl and into.facts.value(_CUDA, "driver") is None:
        into.gap("cuda#driver", "the driver belongs to the Windows host; only asking it tells its version")


def _module_version(text: str) -> str | None:
    """Return the version in the NVRM line, which differs in wording between the closed and the open module."""
    for line in text.splitlines():
        if line.startswith("NVRM version:"):
            for word in line.split():
                if word[0].isdecimal() and "." in word and word.replace(".", "").isdecimal():
                    return word
    return None


def _loader_cache(files: Files, into: Collection) -> bytes:
    try:
        return files.read("/etc/ld.so.cache", _CACHE_LIMIT)
    except FileNotFoundError:
        return b""  # musl and some images have none; the folders are searched all the same
    except OSError as error:
        for scope in ("cuda#driver_library", "cudnn"):
            into.gap(scope, f"/etc/ld.so.cache: {error.strerror}")
        return b""


def _driver_library(target: Target, cache: bytes, into: Collection) -> None:
    """Record the driver's own libcuda and the forward-compatibility one, and which of them the loader takes."""
    files = target.files
    loaded = _first(files, _loader_candidates(target, cache))
    machine = _machine(target)
    others = [f"{folder.format(machine=machine)}/libcuda.so.1" for folder in _OTHER_FOLDERS]
    compats = [f"{folder}/compat/libcuda.so.1" for folder in _toolkits.local_folders(files)]
    own = _first(files, (path for path in (*_loader_candidates(target, cache), *others) if not _is_compat(path)))
    compat = loaded if loaded and _is_compat(loaded) else _first(files, iter(compats))
    if own:
        version = _library_version(files, own)
        into.put(_CUDA, own, driver_library=version, driver_library_path=own)
        if version is None:
            into.gap("cuda#driver_library", f"the name of {own} does not carry its version")
    if compat is None:
        return
    into.put(_CUDA, compat, compat=_library_version(files, compat), compat_path=posixpath.dirname(compat))
    if target.environ is None:
        into.gap("cuda#compat_active", _NO_VARIABLES)
    else:
        into.put(_CUDA, loaded or compat, compat_active=loaded == compat)


def _loader_candidates(target: Target, cache: bytes) -> Iterator[str]:
    """Yield where the dynamic loader would look for libcuda.so.1, in its order."""
    for folder in (target.environ or {}).get("LD_LIBRARY_PATH", "").split(":"):
        if folder.startswith("/"):
            yield f"{folder.rstrip('/')}/libcuda.so.1"
    yield from _toolkits.cached(cache, "libcuda.so.1")
    for folder in _LOADER_FOLDERS:
        yield f"{folder.format(machine=_machine(target))}/libcuda.so.1"


def _first(files: Files, paths: Iterator[str]) -> str | None:
    """Return the first path that is there and is not a library for 32-bit programs."""
    for path in paths:
        if files.exists(path):
            try:
                if files.read(path, 5) == b"\x7fELF\x01":
                    continue
            except OSError:
                pass  # a library that cannot be read is there all the same; its name still tells the version
            return path
    return None


def _is_compat(path: str) -> bool:
    return "/compat/" in path or "/compat_orin/" in path


def _library_version(files: Files, path: str) -> str | None:
    """Return the driver version in the name of the file behind libcuda.so.1 (libcuda.so.535.104.05)."""
    try:
        name = posixpath.basename(files.realpath(path))
    except OSError:
        return None
    version = name.removeprefix("libcuda.so.")
    # WSL and Jetson ship libcuda.so.1.1, which numbers the interface, not the driver.
    return version if version.replace(".", "").isdecimal() and len(version.split(".")[0]) >= len("100") else None


def _machine(target: Target) -> str:
    if target.layout and "aarch64" in target.layout.soabi:
        return "aarch64"
    return "aarch64" if target.files.is_dir("/usr/lib/aarch64-linux-gnu") else "x86_64"


def _container_runtime(files: Files, into: Collection) -> None:
    for path in _RUNTIMES:
        if files.exists(path):
            into.put(_CUDA, path, container_runtime=path)
            return
    if '"nvidia"' in (_read(files, _DOCKER, "cuda#container_runtime", into) or ""):
        into.put(_CUDA, _DOCKER, container_runtime=_DOCKER)


def _devices(target: Target, into: Collection) -> None:
    groups: dict[int, str] | None = None
    for path in _nodes(target.files, into):
        try:
            status = target.files.stat(path)
        except OSError as error:
            into.gap(format_entity(("device", path)), f"{path}: {error.strerror}")
            continue
        if groups is None:
            groups = _groups(target.files)
        into.put(
            ("device", path),
            path,
            mode=f"{status.st_mode & 0o7777:04o}",
            group=groups.get(status.st_gid, str(status.st_gid)),
            accessible=os.access(path, os.R_OK | os.W_OK) if target.live else None,
        )
    if not target.live:
        into.gap("device#accessible", "only a look from the machine itself tells", status=NOT_COLLECTED)


def _nodes(files: Files, into: Collection) -> list[str]:
    """Return NVIDIA's nodes, AMD's compute node, WSL's GPU node and the render nodes."""
    found = []
    for folder, starts in (("/dev", ("nvidia", "kfd", "dxg")), ("/dev/dri", ("renderD",))):
        try:
            names = files.names(folder)
        except FileNotFoundError:
            continue
        except OSError as error:
            into.gap("device", f"{folder}: {error.strerror}")
            continue
        found += [f"{folder}/{name}" for name in names if name.startswith(starts)]
    return [path for path in found if not files.is_dir(path)]


def _groups(files: Files) -> dict[int, str]:
    try:
        text = files.text("/etc/group", 1 << 20) or ""
    except OSError:
        return {}
    rows = (line.split(":") for line in text.splitlines())
    return {int(row[2]): row[0] for row in rows if len(row) > 2 and row[2].isdecimal()}  # noqa: PLR2004  name:x:gid
