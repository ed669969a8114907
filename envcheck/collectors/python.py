"""Collects the Python environment itself: version, ABI, where it lies, what it searches, its .pth files."""

from __future__ import annotations

import posixpath

TYPE_CHECKING = False
if TYPE_CHECKING:
    from envcheck.collectors import Collection
    from envcheck.targets.target import PythonLayout, Target

COVERS = ("python", "pth")
PLATFORMS: tuple[str, ...] = ()


def collect(target: Target, into: Collection) -> None:
    """Record the layout that the target found."""
    layout = target.layout
    if layout is None:
        into.skip(COVERS, target.layout_problem)
        return
    venv = layout.kind == "venv"
    into.put(
        ("python",),
        f"{layout.prefix}/pyvenv.cfg" if venv else layout.prefix,
        version=layout.version or None,
        implementation=layout.implementation,
        abi=layout.abi or None,
        soabi=layout.soabi or None,
        platform=layout.platform,
        machine=_machine(layout) or None,
        prefix=layout.prefix,
        base_prefix=layout.base_prefix if venv else None,
        base_present=layout.base_present if venv else None,
        executable=layout.executable or None,
        kind=layout.kind,
        manager=layout.manager,
        system_site=layout.system_site if venv else None,
        externally_managed=layout.externally_managed,
        free_threaded=layout.free_threaded,
        site_directories=layout.site_directories,
        user_site=layout.user_site or None,
    )
    for attribute, known in (("version", layout.version), ("abi", layout.abi), ("soabi", layout.soabi)):
        if not known:
            into.gap(f"python#{attribute}", f"no file under {layout.base_prefix} tells it")
    if not _machine(layout):
        into.gap("python#machine", f"no file under {layout.base_prefix} tells it")
    for path, adds, missing, imports in layout.pth_files:
        into.put(_pth_entity(path, into), path, path=path, adds=adds, missing=missing, imports=imports)
    for path, problem in layout.problems:
        if path.endswith(".pth"):
            into.gap(f"pth/{posixpath.basename(path)}", problem)
            into.put(("pth", posixpath.basename(path)), path, path=path)
        elif venv and path == layout.base_prefix and layout.base_present is None:
            into.gap("python#base_present", f"{path} {problem}")
        elif not venv or path != layout.base_prefix:
            into.gap("pth", f"{path}: {problem}")


def _pth_entity(path: str, into: Collection) -> tuple[str, str]:
    """Return an entity by file name, or by path where two site directories have a file of that name."""
    entity = ("pth", posixpath.basename(path))
    return ("pth", path) if entity in into.facts else entity


def _machine(layout: PythonLayout) -> str:
    """Return the architecture that the tag of extension files names, empty where it names none."""
    if layout.platform == "win32":
        return {"win_amd64": "AMD64", "win_arm64": "ARM64", "win32": "x86"}.get(layout.soabi.rpartition("-")[2], "")
    parts = layout.soabi.split("-")
    return parts[2] if layout.platform == "linux" and len(parts) > 3 else ""  # noqa: PLR2004  cpython-311-x86_64-linux-gnu
