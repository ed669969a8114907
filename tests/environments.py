"""Builds virtual environments out of files alone: nothing in them could be run, which is the point."""

from __future__ import annotations

import sysconfig
from pathlib import Path


def make_venv(
    folder: Path, packages: dict[str, str] | None = None, *, python: str = "3.11.7", uv: bool = False
) -> Path:
    """Make a virtual environment with distributions (name to version) and return its prefix."""
    minor = ".".join(python.split(".")[:2])
    site = folder / "lib" / f"python{minor}" / "site-packages"
    site.mkdir(parents=True)
    base = folder.parent / f"{folder.name}-base"
    (base / "bin").mkdir(parents=True)
    (base / "lib" / f"python{minor}").mkdir(parents=True)
    (base / "lib" / f"python{minor}" / "os.py").write_text("")
    (base / "bin" / f"python{minor}").write_bytes(b"\x7fELF")
    (folder / "bin").mkdir()
    (folder / "bin" / "python").symlink_to(base / "bin" / f"python{minor}")
    (folder / "bin" / f"python{minor}").symlink_to("python")
    lines = [f"home = {base}/bin", "include-system-site-packages = false", f"version = {python}"]
    (folder / "pyvenv.cfg").write_text("\n".join([*lines, *(["uv = 0.8.0"] if uv else [])]) + "\n")
    for name, version in (packages or {}).items():
        add_package(folder, name, version)
    return folder


def site_packages(prefix: Path) -> Path:
    """Return the site directory of an environment made here."""
    (site,) = prefix.glob("lib/python*/site-packages")
    return site


def add_package(
    prefix: Path,
    name: str,
    version: str,
    *,
    requires: tuple[str, ...] = (),
    python: str = "",
    files: dict[str, str] | None = None,
    tag: str = "py3-none-any",
) -> Path:
    """Install a distribution by writing its files; return its dist-info folder."""
    site = site_packages(prefix)
    info = site / f"{name.replace('-', '_')}-{version}.dist-info"
    info.mkdir()
    header = ["Metadata-Version: 2.1", f"Name: {name}", f"Version: {version}"]
    header += [f"Requires-Dist: {requirement}" for requirement in requires]
    header += [f"Requires-Python: {python}"] if python else []
    (info / "METADATA").write_text("\n".join(header) + "\n\nAbout it.\n")
    (info / "WHEEL").write_text(f"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: {tag}\n")
    (info / "INSTALLER").write_text("pip\n")
    code = files if files is not None else {f"{name.replace('-', '_')}/__init__.py": ""}
    for path, text in code.items():
        (site / path).parent.mkdir(parents=True, exist_ok=True)
        (site / path).write_text(text)
    recorded = [*code, f"{info.name}/METADATA", f"{info.name}/RECORD"]
    (info / "RECORD").write_text("".join(f"{path},,\n" for path in recorded))
    return info


def link_installed(site: Path) -> Path:
    """Link what is installed here into a folder, except envcheck itself; return the folder.

    One by one: a .pth to the development environment would bring its editable envcheck along.
    """
    site.mkdir(parents=True, exist_ok=True)
    for entry in Path(sysconfig.get_path("purelib")).iterdir():
        if not entry.name.startswith(("envcheck", "_envcheck", "_editable", "_virtualenv")):
            (site / entry.name).symlink_to(entry)
    return site
