"""Finds the layout of a Python environment from files alone: venv, conda, system, pyenv, Windows, PyPy.

Sources: https://docs.python.org/3/library/venv.html (pyvenv.cfg), https://docs.python.org/3/library/sys_path_init.html,
https://packaging.python.org/en/latest/specifications/externally-managed-environments/
"""

from __future__ import annotations

import posixpath

from envcheck.errors import TargetError
from envcheck.targets.sites import SiteSearch, has_lib64, site_folders, user_site
from envcheck.targets.target import PythonLayout

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from envcheck.targets.files import Files

_OLDEST_WITHOUT_M = (3, 8)  # until 3.7 the ABI tag ended in m: https://docs.python.org/3/whatsnew/3.8.html
_HEADER_LIMIT = 8192  # bytes; patchlevel.h has 1.3 KiB


def find(files: Files, prefix_or_interpreter: str, *, environ: Mapping[str, str] | None, platform: str) -> PythonLayout:
    """Return the layout of a Python environment, given its prefix or its interpreter; raises TargetError.

    PYTHONPATH and the user's site directory count where `environ` is known.
    """
    given = posixpath.normpath(
        prefix_or_interpreter.replace("\\", "/") if platform == "win32" else prefix_or_interpreter
    )
    prefix, executable = _prefix_of(files, given, platform)
    settings = _read_settings(files, prefix)
    base = _base_of(files, prefix, settings)
    stdlib, minor, implementation = _library(
        files, prefix, base, executable or _interpreter(files, prefix), settings, platform
    )
    venv = bool(settings)
    search = SiteSearch(files)
    debian = files.is_dir(f"{base}/lib/python3/dist-packages")
    home_site = _search(files, search, prefix, base, environ, (minor, implementation, platform, debian), settings)
    tag, soabi = _binary_tags(files, stdlib, minor, implementation, platform)
    conda = files.is_dir(f"{prefix}/conda-meta")
    base_present: bool | None = bool(stdlib)
    if not stdlib:
        problem = _why_unreadable(files, base, platform)
        if problem:
            base_present = None  # it may be there
        elif venv:
            problem = "the Python that this environment was made from is gone"
        search.problems.append((base, problem or "no standard library here"))
    return PythonLayout(
        kind="venv" if venv else "conda" if conda else "system",
        prefix=prefix,
        base_prefix=base,
        executable=executable or _interpreter(files, prefix),
        version=_full_version(files, base, minor, settings, conda=conda),
        implementation=implementation,
        abi=tag,
        soabi=soabi,
        platform=platform,
        site_directories=tuple(search.directories),
        stdlib=stdlib,
        user_site=home_site if home_site in search.directories else "",
        system_site=_sees_system(settings),
        base_present=base_present,
        externally_managed=not venv and bool(stdlib) and files.exists(f"{stdlib}/EXTERNALLY-MANAGED"),
        free_threaded=minor.endswith("t"),
        manager="uv" if "uv" in settings else "conda" if conda and not venv else "pip",
        pth_files=tuple(search.pth_files),
        problems=tuple(search.problems),
    )


def _prefix_of(files: Files, given: str, platform: str) -> tuple[str, str]:
    """Return the prefix, and the interpreter if that was given."""
    if files.is_dir(given):
        return given, ""
    if not files.exists(given):
        link = f"a link to {_target_of(files, given)}, which is gone" if _target_of(files, given) else "nothing there"
        raise TargetError(f"no Python environment: {link}", where=given, hint="name the folder that holds bin/python")
    try:
        script = files.read(given, 2) == b"#!"
    except OSError as error:
        raise TargetError(
            f"cannot be read: {error.strerror}", where=given, hint="name its environment's folder"
        ) from None
    if script:
        pyenv = "/shims/" in given
        what = (
            "a pyenv shim, a script that chooses an interpreter when it is run"
            if pyenv
            else "a script, not an interpreter"
        )
        raise TargetError(what, where=given, hint="pyenv which python" if pyenv else "name the environment's folder")
    folder = posixpath.dirname(given)
    for prefix in (folder, posixpath.dirname(folder)):
        if files.exists(f"{prefix}/pyvenv.cfg"):
            return prefix, given
    if platform == "win32":
        return folder, given
    # Python, too, resolves the links of its own path only where no pyvenv.cfg is beside it.
    return posixpath.dirname(posixpath.dirname(files.realpath(given))), given


def _target_of(files: Files, path: str) -> str:
    try:
        return files.readlink(path)
    except (OSError, ValueError):
        return ""


def _read_settings(files: Files, prefix: str) -> dict[str, str]:
    """Return what pyvenv.cfg says, its keys in lower case; empty where there is none."""
    try:
        text = files.text(f"{prefix}/pyvenv.cfg") or ""
    except OSError as error:
        raise TargetError(
            f"pyvenv.cfg cannot be read: {error.strerror}", where=prefix, hint="check its permissions"
        ) from None
    pairs = (line.partition("=") for line in text.lstrip("\ufeff").splitlines())
    # No path and no version holds a null character, and whoever is given one raises a ValueError.
    return {name.strip().lower(): value.strip() for name, equals, value in pairs if equals and "\0" not in value}


def _base_of(files: Files, prefix: str, settings: Mapping[str, str]) -> str:
    home = settings.get("home", "").replace("\\", "/").rstrip("/")
    if not home:
        return prefix
    base = posixpath.dirname(home) if posixpath.basename(home) in ("bin", "Scripts") else home
    if _libraries(files, base):
        return base
    for name in ("python3", "python"):  # home may be a folder of links, such as /opt/bin
        resolved = _resolved(files, f"{home}/{name}")
        if resolved != f"{home}/{name}" and _libraries(files, posixpath.dirname(posixpath.dirname(resolved))):
            return posixpath.dirname(posixpath.dirname(resolved))
    return base


def _libraries(files: Files, prefix: str) -> dict[str, str]:
    """Return the library folders of a prefix by name, python3.11 or pypy3.10; one with a standard library wins."""
    found: dict[str, str] = {}
    for lib in ("lib64", "lib") if has_lib64(files, prefix) else ("lib",):
        for name in _names(files, f"{prefix}/{lib}"):
            kind, dot, rest = name.partition("3.")
            if dot and kind in ("python", "pypy") and _is_number(rest.removesuffix("t")):
                folder = f"{prefix}/{lib}/{name}"
                if files.exists(f"{folder}/os.py"):
                    found[name] = folder
                elif files.is_dir(f"{folder}/site-packages"):
                    found.setdefault(name, folder)
    return found


def _library(
    files: Files, prefix: str, base: str, executable: str, settings: Mapping[str, str], platform: str
) -> tuple[str, str, str]:
    """Return standard library (empty: gone), X.Y (with t: free-threaded) and implementation; raises TargetError."""
    if platform == "win32":
        return _windows_library(files, prefix, base, settings)
    found = {**_libraries(files, prefix), **_libraries(files, base)}
    if not found and not settings:
        hint = "name the folder that holds bin/python"
        if posixpath.basename(prefix) in ("site-packages", "dist-packages"):
            hint = posixpath.normpath(f"{prefix}/../../..")
        raise TargetError("there is no Python environment here", where=prefix, hint=hint)
    stated = _stated_minor(settings)
    wanted = [name for name in found if name.removesuffix("t").endswith(f"n{stated}") or name.endswith(f"y{stated}")]
    own = [name for name in wanted if name in _libraries(files, prefix)] if stated else []
    chosen = (
        own or (wanted if stated else []) or _named_by(files, executable, found) or sorted(found, key=_by_number)
    )[-1:]
    if not chosen:
        implementation = settings.get("implementation", "cpython").lower()
        return "", stated, implementation
    name = chosen[0]
    implementation = "pypy" if name.startswith("pypy") else "cpython"
    folder = found[name]
    minor = name.removeprefix("pypy").removeprefix("python")
    return folder if files.exists(f"{folder}/os.py") else "", minor, implementation


def _by_number(name: str) -> tuple[int, bool]:
    number = name.partition("3.")[2]
    return int(number.removesuffix("t")), not number.endswith("t")


def _named_by(files: Files, executable: str, found: Mapping[str, str]) -> list[str]:
    """Return the library folder that the interpreter's name, or the one it links to, asks for."""
    if not executable:
        return []
    for path in (executable, _resolved(files, executable)):
        name = posixpath.basename(path)
        if name in found:
            return [name]
    return []


def _windows_library(files: Files, prefix: str, base: str, settings: Mapping[str, str]) -> tuple[str, str, str]:
    stdlib = f"{base}/Lib" if files.exists(f"{base}/Lib/os.py") else ""
    if not stdlib and not settings and not files.is_dir(f"{prefix}/Lib/site-packages"):
        raise TargetError("there is no Python environment here", where=prefix, hint="name the folder of python.exe")
    minor = _stated_minor(settings)
    for name in _names(files, base):
        number = name.lower().removeprefix("python3").removesuffix(".dll")
        if name.lower() == f"python3{number}.dll" and _is_number(number.removesuffix("t")):
            minor = f"3.{number}"
    return stdlib, minor, "cpython"


def _stated_version(settings: Mapping[str, str]) -> str:
    """Return the version in pyvenv.cfg; virtualenv and uv call it version_info and add final.0."""
    parts = (settings.get("version") or settings.get("version_info", "")).split(".")
    return ".".join(part for part in parts[:3] if part[:1].isdecimal())


def _stated_minor(settings: Mapping[str, str]) -> str:
    """Return X.Y of the version in pyvenv.cfg, empty where it is not two numbers."""
    parts = _stated_version(settings).split(".")[:2]
    return ".".join(parts) if len(parts) > 1 and all(map(_is_number, parts)) else ""


def _is_number(text: str) -> bool:
    """Tell whether a text is a part of a Python version; int refuses `²` and thousands of digits."""
    return text.isdecimal() and text.isascii() and len(text) < len("1000")


def _why_unreadable(files: Files, prefix: str, platform: str) -> str:
    """Return why nothing can be told of the library folder of a prefix, empty where it is read or not there."""
    try:
        files.names(f"{prefix}/{'Lib' if platform == 'win32' else 'lib'}")
    except FileNotFoundError:
        return ""
    except OSError as error:
        return f"cannot be read: {error.strerror}"
    return ""


def _full_version(files: Files, base: str, minor: str, settings: Mapping[str, str], *, conda: bool) -> str:
    """Return the version as far as the files tell it: from the headers, pyvenv.cfg, conda's records."""
    short = minor.removesuffix("t")
    for name in (f"python{minor}", f"python{short}m", f"pypy{short}", f"pypy{short}/pypy"):
        header = _text(files, f"{base}/include/{name}/patchlevel.h", _HEADER_LIMIT)
        stated = header.partition("#define PY_VERSION")[2].partition('"')[2].partition('"')[0].rstrip("+")
        if stated.startswith(f"{short}."):
            return stated
    stated = _stated_version(settings)
    if stated and (not short or stated == short or stated.startswith(f"{short}.")):
        return stated
    for name in _names(files, f"{base}/conda-meta") if conda else ():
        package, _, version = name.rpartition("-")[0].rpartition("-")
        if package == "python":
            return version
    return short


def _binary_tags(files: Files, stdlib: str, minor: str, implementation: str, platform: str) -> tuple[str, str]:
    """Return the ABI tag and the tag of extension files, each empty where nothing tells it."""
    digits = minor.replace(".", "")
    soabi = ""
    for name in _names(files, f"{stdlib}/lib-dynload") if stdlib else ():
        if name.endswith(".so") and name.count(".") == 2:  # noqa: PLR2004  module.tag.so
            soabi = name.split(".")[1]
            break
    else:
        for name in _names(files, stdlib) if stdlib else ():
            _, named, system = name.removesuffix(".py").partition("_sysconfigdata__")
            if named and "_" in system and implementation == "cpython":
                soabi = f"cpython-{digits}-{system.partition('_')[2]}"
    if implementation == "pypy":
        return "_".join(soabi.split("-")[:2]), soabi
    if platform == "win32" and not soabi and digits:
        soabi = f"cp{digits}-win_amd64" if files.exists(f"{stdlib}/../DLLs") else ""
    old = bool(minor) and (3, int(minor.removesuffix("t").partition(".")[2] or 0)) < _OLDEST_WITHOUT_M
    return f"cp{digits}{'m' if old else ''}" if digits else "", soabi


def _search(
    files: Files,
    search: SiteSearch,
    prefix: str,
    base: str,
    environ: Mapping[str, str] | None,
    about: tuple[str, str, str, bool],
    settings: Mapping[str, str],
) -> str:
    """Gather the site directories in import order and return the user's own, empty where it is not searched."""
    minor, implementation, platform, debian = about
    home_site = ""
    if environ is not None:
        search.add_python_path(environ, ";" if platform == "win32" else ":")
    if settings:
        search.add_sites(site_folders(files, prefix, (minor, implementation, platform)))
    if not settings or _sees_system(settings):
        home_site = user_site(environ or {}, minor, implementation, platform)
        if home_site and files.is_dir(home_site):
            search.add_sites([home_site])
        search.add_sites(site_folders(files, base, (minor, implementation, platform), debian=debian))
    return home_site


def _sees_system(settings: Mapping[str, str]) -> bool:
    return settings.get("include-system-site-packages", "").lower() == "true"


def _interpreter(files: Files, prefix: str) -> str:
    for name in ("bin/python3", "bin/python", "bin/pypy3", "python.exe", "Scripts/python.exe"):
        if files.exists(f"{prefix}/{name}") or _target_of(files, f"{prefix}/{name}"):
            return f"{prefix}/{name}"
    return ""


def _resolved(files: Files, path: str) -> str:
    try:
        return files.realpath(path)
    except OSError:
        return path


def _names(files: Files, folder: str) -> Iterable[str]:
    try:
        return files.names(folder)
    except (OSError, ValueError):
        return ()


def _text(files: Files, path: str, limit: int) -> str:
    try:
        return files.text(path, limit) or ""
    except (OSError, ValueError):
        return ""
