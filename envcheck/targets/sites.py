"""The folders that a Python searches for packages, in import order, as its site.py would build them, from files alone.

Source of the order and of the .pth rules: https://docs.python.org/3/library/site.html
"""

from __future__ import annotations

import posixpath

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import TypeAlias

    from envcheck.targets.files import Files

    # Path, folders that it adds, folders that it names and that are missing, lines that run code.
    Pth: TypeAlias = tuple[str, tuple[str, ...], tuple[str, ...], int]

_PTH_LIMIT = 1 << 20  # bytes read of one .pth file; setuptools' easy-install.pth of 1000 eggs has 100 KiB


class SiteSearch:
    """Gathers site directories in import order, each followed by what its .pth files add."""

    def __init__(self, files: Files) -> None:
        self.files = files
        self.directories: list[str] = []
        self.pth_files: list[Pth] = []
        self.problems: list[tuple[str, str]] = []
        self._seen: set[str] = set()

    def add_python_path(self, environ: Mapping[str, str], separator: str) -> None:
        """Add the entries of PYTHONPATH; their .pth files are not read by Python either."""
        for entry in environ.get("PYTHONPATH", "").split(separator):
            if entry.startswith("/") or entry[1:2] == ":":
                self._add(posixpath.normpath(entry.replace("\\", "/")))

    def add_sites(self, folders: Iterable[str]) -> None:
        """Add those of the site directories that exist, with what their .pth files add."""
        for folder in folders:
            if self._add(folder):
                self._follow_pth(folder)

    def _add(self, folder: str) -> bool:
        try:
            resolved = self.files.realpath(folder)
        except OSError as error:
            self.problems.append((folder, error.strerror or str(error)))
            return False
        if resolved in self._seen or not self.files.exists(folder):
            return False
        self._seen.add(resolved)
        self.directories.append(folder)
        return True

    def _follow_pth(self, folder: str) -> None:
        try:
            names = self.files.names(folder)
        except OSError as error:
            self.problems.append((folder, error.strerror or str(error)))
            return
        for name in names:
            if name.endswith(".pth") and not name.startswith("."):
                try:
                    text = _decoded(self.files.read(f"{folder}/{name}", _PTH_LIMIT))
                except OSError as error:
                    self.problems.append((f"{folder}/{name}", error.strerror or str(error)))
                else:
                    self.pth_files.append(self._read_pth(folder, name, text))

    def _read_pth(self, folder: str, name: str, text: str) -> Pth:
        adds, missing, imports = [], [], 0
        for line in text.splitlines():
            if line.startswith("#") or not line.strip():
                continue
            if line.startswith(("import ", "import\t")):
                imports += 1
                continue
            path = posixpath.normpath(posixpath.join(folder, line.rstrip().replace("\\", "/")))
            if "\0" in path or not self.files.exists(path):
                missing.append(path.replace("\0", "\\0"))
            else:
                adds.append(path)
                self._add(path)
        return f"{folder}/{name}", tuple(adds), tuple(missing), imports


def site_folders(files: Files, prefix: str, about: tuple[str, str, str], *, debian: bool = False) -> list[str]:
    """Return where a prefix may keep packages, in import order.

    `about` is X.Y (3.13t without the lock), implementation and platform.
    """
    minor, implementation, platform = about
    if platform == "win32":
        return [f"{prefix}/Lib/site-packages"]
    name = ("pypy" if implementation == "pypy" else "python") + minor
    # Debian's and Fedora's site.py look under /usr/local as well, and there first.
    local = ["/usr/local"] if prefix == "/usr" else []
    if debian:
        folders = [f"{place}/lib/{name}/dist-packages" for place in local]
        return [*folders, f"{prefix}/lib/python3/dist-packages", f"{prefix}/lib/{name}/dist-packages"]
    libs = ("lib64", "lib") if has_lib64(files, prefix) else ("lib",)
    return [f"{place}/{lib}/{name}/site-packages" for place in (*local, prefix) for lib in libs]


def has_lib64(files: Files, prefix: str) -> bool:
    """Tell whether a prefix has a lib64 of its own; venv makes it a link to lib."""
    try:
        files.readlink(f"{prefix}/lib64")
    except (OSError, ValueError):
        return files.is_dir(f"{prefix}/lib64")
    # /usr of a merged root has real folders; a link elsewhere than to lib is kept.
    return files.is_dir(f"{prefix}/lib64") and files.realpath(f"{prefix}/lib64") != files.realpath(f"{prefix}/lib")


def user_site(environ: Mapping[str, str], minor: str, implementation: str, platform: str) -> str:
    """Return the user's own site directory, or nothing where it is switched off or the user is not known."""
    if environ.get("PYTHONNOUSERSITE"):
        return ""
    base = environ.get("PYTHONUSERBASE", "")
    if platform == "win32":
        base = base or (environ["APPDATA"] + "/Python" if environ.get("APPDATA") else "")
        return f"{base}/Python{minor.replace('.', '')}/site-packages".replace("\\", "/") if base else ""
    base = base or (environ["HOME"] + "/.local" if environ.get("HOME") else "")
    name = ("pypy" if implementation == "pypy" else "python") + minor
    return f"{base}/lib/{name}/site-packages" if base else ""


def _decoded(data: bytes) -> str:
    try:
        return data.removeprefix(b"\xef\xbb\xbf").decode()
    except UnicodeDecodeError:
        return data.decode("latin-1")
