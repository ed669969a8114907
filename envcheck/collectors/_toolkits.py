"""CUDA toolkits, cuDNN and ROCm on disk, and which toolkit the variables and PATH select."""

from __future__ import annotations

import posixpath

from envcheck.collectors._kernel import unreadable
from envcheck.keys import format_entity, format_key

TYPE_CHECKING = False
if TYPE_CHECKING:
    from envcheck.collectors import Collection
    from envcheck.model.facts import Entity
    from envcheck.targets.files import Files
    from envcheck.targets.target import Target

_CUDA: Entity = ("cuda",)
_HEADERS = ("include", "targets/x86_64-linux/include", "targets/sbsa-linux/include", "targets/aarch64-linux/include")
_SCRIPT_LIMIT = 4096  # bytes; a script that only starts another nvcc has a few lines
_CUDNN_HEADERS = (
    "/usr/include/cudnn_version.h",
    "/usr/include/x86_64-linux-gnu/cudnn_version.h",
    "/usr/include/x86_64-linux-gnu/cudnn_version_v9.h",
    "/usr/include/aarch64-linux-gnu/cudnn_version_v9.h",
    "/usr/local/cuda/include/cudnn_version.h",
)
_CUDNN_SONAMES = ("libcudnn.so.9", "libcudnn.so.8", "libcudnn.so.7")


def collect(target: Target, cache: bytes, into: Collection) -> None:
    """Record every toolkit, the selected one, cuDNN and ROCm; `cache` is the loader's cache file."""
    _toolkits(target, into)
    _cudnn(target, cache, into)
    _rocm(target, into)


def local_folders(files: Files) -> list[str]:
    """Return /usr/local/cuda and its numbered siblings, sorted."""
    try:
        names = files.names("/usr/local")
    except OSError:
        return []
    return [f"/usr/local/{name}" for name in names if name == "cuda" or name.startswith("cuda-")]


def cached(cache: bytes, soname: str) -> list[str]:
    """Return the paths that the loader's cache has for a soname, in its order.

    Every format of ld.so.cache ends in NUL-terminated texts, so the paths are found without decoding the rest.
    """
    needle = f"/{soname}\0".encode()
    paths: list[str] = []
    end = cache.find(needle)
    while end >= 0:
        start = cache.rfind(b"\0", 0, end) + 1
        path = cache[start : end + len(needle) - 1].decode("utf-8", "replace")
        if path.startswith("/") and path not in paths:
            paths.append(path)
        end = cache.find(needle, end + 1)
    return paths


def _toolkits(target: Target, into: Collection) -> None:
    files = target.files
    on_path, script = _from_path(target)
    selected, by = _selected(target, on_path)
    folders = [*local_folders(files), selected, on_path]
    if target.layout:
        folders.append(target.layout.prefix)  # conda installs the toolkit into the environment itself
    seen = set()
    for folder in folders:
        real = _real(files, folder) if folder else ""
        if not real or real in seen:
            continue
        seen.add(real)
        has_compiler = files.exists(f"{real}/bin/nvcc")
        version, origin = _toolkit_version(files, real, into)
        if version or (has_compiler and by != "PATH"):  # an nvcc on PATH may be a script that starts another
            into.put(("toolkit", real), origin, version=version, nvcc=has_compiler)
            if not version:
                into.gap(format_key(("toolkit", real), "version"), f"{real} does not say its version")
    if selected and target.environ is not None:
        real = _real(files, selected)
        version, origin = _toolkit_version(files, real, into) if real else (None, selected)
        into.put(_CUDA, origin, toolkit=version, toolkit_path=selected, toolkit_selected_by=by)
        if real and not version:
            into.gap("cuda#toolkit", f"{real} does not say its version")
    elif script:
        into.gap("cuda#toolkit", f"{script} is a script, and what it starts is not known")
    if target.environ is None:
        for attribute in ("toolkit", "toolkit_path", "toolkit_selected_by"):
            into.gap(f"cuda#{attribute}", "the environment variables are not known")


def _selected(target: Target, on_path: str) -> tuple[str, str]:
    """Return the toolkit that builds would use, and what selects it.

    The order is that of torch: https://github.com/pytorch/pytorch/blob/main/torch/utils/cpp_extension.py
    """
    for name in ("CUDA_HOME", "CUDA_PATH"):
        if folder := (target.environ or {}).get(name, ""):
            return posixpath.normpath(folder), name
    if on_path:
        return on_path, "PATH"
    return ("/usr/local/cuda", "/usr/local/cuda") if target.files.is_dir("/usr/local/cuda") else ("", "")


def _from_path(target: Target) -> tuple[str, str]:
    """Return the toolkit of the first nvcc on PATH, and the first nvcc there that starts nobody knows what."""
    files, unknown = target.files, ""
    for folder in (target.environ or {}).get("PATH", "").split(":"):
        program = f"{folder.rstrip('/')}/nvcc"
        if folder.startswith("/") and files.exists(program):
            toolkit = posixpath.dirname(posixpath.dirname(files.realpath(program)))
            # Debian's /usr/bin/nvcc is a script, too, but its headers lie below the same /usr.
            if not _has_headers(files, toolkit) and (started := _started(files, program)) is not None:
                if not started:
                    unknown = unknown or program
                    continue
                toolkit = posixpath.dirname(posixpath.dirname(files.realpath(started)))
            return toolkit, unknown
    return "", unknown


def _has_headers(files: Files, folder: str) -> bool:
    return any(files.exists(f"{folder}/{headers}/cuda.h") for headers in _HEADERS)


def _started(files: Files, program: str) -> str | None:
    """Return the nvcc that a script starts (`exec /opt/cuda/bin/nvcc "$@"`), empty if unclear; None for no script."""
    try:
        head = files.read(program, _SCRIPT_LIMIT)
    except OSError:
        return None
    if not head.startswith(b"#!"):
        return None
    words = head.decode("utf-8", "replace").replace('"', " ").replace("'", " ").split()
    named = {word for word in words if word.startswith("/") and word.endswith("/bin/nvcc") and word != program}
    return next((path for path in named if files.exists(path)), "") if len(named) == 1 else ""


def _real(files: Files, folder: str) -> str:
    try:
        real = files.realpath(folder)
    except OSError:
        return ""
    return real if files.is_dir(real) else ""


def _toolkit_version(files: Files, folder: str, into: Collection) -> tuple[str | None, str]:
    """Return version and origin: from version.json, version.txt, cuda.h or the folder's name, in this order."""
    scope = format_entity(("toolkit", folder))
    try:
        if (text := files.text(f"{folder}/version.json")) and (version := _json_version(text)):
            return version, f"{folder}/version.json"
        if (text := files.text(f"{folder}/version.txt")) and text.startswith("CUDA Version "):
            return text.removeprefix("CUDA Version ").split()[0], f"{folder}/version.txt"
        for headers in _HEADERS:
            if number := _define(files.text(f"{folder}/{headers}/cuda.h"), "CUDA_VERSION"):
                return f"{number // 1000}.{number % 1000 // 10}", f"{folder}/{headers}/cuda.h"
    except (OSError, ValueError, IndexError, RecursionError) as error:
        into.gap(scope, unreadable(folder, error))
    name = posixpath.basename(folder)
    numbered = name.startswith("cuda-") and name[5:].replace(".", "").isdecimal()
    return (name[5:] if numbered else None), folder


def _json_version(text: str) -> str | None:
    import json

    stated = json.loads(text)
    entry = stated.get("cuda") if isinstance(stated, dict) else None
    version = entry.get("version") if isinstance(entry, dict) else None
    return version if isinstance(version, str) else None


def _define(text: str | None, name: str) -> int | None:
    """Return the number that a header defines under a name."""
    for line in (text or "").splitlines():
        words = line.split()
        if words[:2] == ["#define", name] and words[2:] and words[2].isdecimal():
            return int(words[2])
    return None


def _cudnn(target: Target, cache: bytes, into: Collection) -> None:
    """Record the cuDNN that the loader would find, else the one that the headers tell of."""
    files = target.files
    for path in _cudnn_candidates(target, cache):
        if files.exists(path):
            try:
                name = posixpath.basename(files.realpath(path))
            except OSError:
                name = posixpath.basename(path)
            into.put(("cudnn",), path, version=name.partition(".so.")[2] or None, path=path)
            return
    for path in _CUDNN_HEADERS:
        try:
            text = files.text(path)
        except OSError as error:
            into.gap("cudnn", unreadable(path, error))
            continue
        numbers = [_define(text, f"CUDNN_{part}") for part in ("MAJOR", "MINOR", "PATCHLEVEL")]
        if numbers[0] is not None:
            version = ".".join(str(number) for number in numbers if number is not None)
            into.put(("cudnn",), path, version=version, path=path)
            return


def _cudnn_candidates(target: Target, cache: bytes) -> list[str]:
    folders = (target.environ or {}).get("LD_LIBRARY_PATH", "").split(":")
    given = [f"{folder.rstrip('/')}/{name}" for folder in folders if folder[:1] == "/" for name in _CUDNN_SONAMES]
    return given + [path for name in _CUDNN_SONAMES for path in cached(cache, name)]


def _rocm(target: Target, into: Collection) -> None:
    files = target.files
    try:
        numbered = sorted((name for name in files.names("/opt") if name.startswith("rocm-")), reverse=True)
    except OSError:
        numbered = []
    named = (target.environ or {}).get("ROCM_PATH", "")
    for folder in filter(None, (named, "/opt/rocm", *(f"/opt/{name}" for name in numbered))):
        if not files.is_dir(folder):
            continue
        path = f"{folder}/.info/version"
        try:
            text = files.text(path) or ""
        except OSError as error:
            into.gap("rocm#version", unreadable(path, error))
            text = ""
        name = posixpath.basename(_real(files, folder))
        version = text.split("-")[0].strip() or (name[5:] if name.startswith("rocm-") else None)
        into.put(("rocm",), path if text else folder, version=version, path=folder)
        if version is None:
            into.gap("rocm#version", f"{folder} does not say its version")
        return
