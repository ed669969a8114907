"""Collects what lies in the program's folder and hides a module of the standard library or of a distribution.

`python script.py` and `python -m` search that folder first: https://docs.python.org/3/library/sys_path_init.html
"""

from __future__ import annotations

import sys

from envcheck.model.facts import NOT_COLLECTED
from envcheck.pysource.stdlib import removed_after
from envcheck.requirements import normalise

TYPE_CHECKING = False
if TYPE_CHECKING:
    from envcheck.collectors import Collection
    from envcheck.targets.files import Files
    from envcheck.targets.target import Target

COVERS = ("shadow",)
PLATFORMS: tuple[str, ...] = ()

_SUFFIXES = (".py", ".so", ".pyd")
_NOT_IMPORTED = frozenset(("conftest", "setup", "test", "tests", "docs", "doc", "examples", "scripts", "__pycache__"))


def collect(target: Target, into: Collection) -> None:
    """Compare the names in the program's folder with the modules that would be found without it."""
    layout, folder = target.layout, target.cwd
    if layout is None or folder is None:
        reason = "the folder that the program starts in is not known" if layout else "there is no Python environment"
        into.gap("shadow", reason, status=NOT_COLLECTED)
        return
    if folder in layout.site_directories or folder == layout.stdlib:
        return
    try:
        names = target.files.names(folder)
    except OSError as error:
        into.gap("shadow", f"{folder} cannot be read: {error.strerror}")
        return
    standard = _standard_modules(layout.version)
    own: set[str] | None = None
    installed: dict[str, str] | None = None
    for name in names:
        module = name.partition(".")[0]
        if not module.isidentifier() or module in _NOT_IMPORTED or not _is_module(target.files, folder, name):
            continue
        hides = "stdlib" if module in standard else None
        if hides is None:
            installed = _installed_modules(into) if installed is None else installed
            hides = installed.get(module)
            own = _own_names(target.files, folder, into) if hides and own is None else own
        if hides and hides not in (own or ()):
            into.put(("shadow", module), f"{folder}/{name}", path=f"{folder}/{name}", hides=hides)


def _is_module(files: Files, folder: str, name: str) -> bool:
    """Tell whether a name is a module or a regular package; a folder without `__init__.py` hides nothing."""
    if "." in name:
        return name.endswith(_SUFFIXES) and not files.is_dir(f"{folder}/{name}")
    return files.exists(f"{folder}/{name}/__init__.py")


def _standard_modules(version: str) -> frozenset[str]:
    """Return the standard library's modules: those of this Python, and what the target's version still has.

    Modules that are built in cannot be hidden.
    """
    minor = version.split(".")[1] if version.count(".") else ""
    removed = removed_after(int(minor)) if minor.isdecimal() else frozenset()
    return (sys.stdlib_module_names | removed) - {*sys.builtin_module_names}


def _installed_modules(into: Collection) -> dict[str, str]:
    """Return the top-level modules that the packages collector, which ran before, found, with their distribution."""
    found: dict[str, str] = {}
    for entity in into.facts.entities("package"):
        modules = into.facts.value(entity, "modules")
        for module in modules if isinstance(modules, tuple) else ():
            found.setdefault(module, entity[1])
    return found


def _own_names(files: Files, folder: str, into: Collection) -> set[str]:
    """Return the distributions whose source this folder is: its own name, and what is installed editable from here."""
    names = {
        entity[1]
        for entity in into.facts.entities("package")
        if _lies_in(folder, into.facts.text(entity, "editable") or _local_source(into.facts.text(entity, "direct_url")))
    }
    try:
        project = files.text(f"{folder}/pyproject.toml", 1 << 20)
        names |= _named_by_setup(files.text(f"{folder}/setup.cfg") or "", files.text(f"{folder}/setup.py") or "")
    except OSError as error:
        into.gap("shadow", f"the project files in {folder} cannot be read: {error.strerror}")
        return names
    if project:
        import tomllib

        try:
            document = tomllib.loads(project)
        except (tomllib.TOMLDecodeError, RecursionError):
            document = {}
        tool = document.get("tool")
        for table in (document.get("project"), tool.get("poetry") if isinstance(tool, dict) else None):
            names |= _name_in(table)
    return names


def _name_in(table: object) -> set[str]:
    name = table.get("name") if isinstance(table, dict) else None
    return {normalise(name)} if isinstance(name, str) else set()


def _named_by_setup(*texts: str) -> set[str]:
    """Return what stands after `name =` in setup.cfg and setup.py, as far as it is written plainly."""
    found = set()
    for text in texts:
        for line in text.splitlines():
            key, equals, value = line.strip().removeprefix("setup(").partition("=")
            if equals and key.strip() == "name":
                found.add(normalise(value.strip().rstrip(",)").strip("\"' ")))
    return found


def _local_source(url: str | None) -> str:
    return url.removeprefix("file://") if url and url.startswith("file://") else ""


def _lies_in(folder: str, path: str) -> bool:
    return bool(path) and (f"{path}/".startswith(f"{folder}/") or f"{folder}/".startswith(f"{path}/"))
