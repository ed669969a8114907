"""Finds modules as the import system would, from folder listings alone.

Sources: https://docs.python.org/3/reference/import.html, https://docs.python.org/3/library/sys_path_init.html and, for
the suffixes, python/cpython:Lib/importlib/_bootstrap_external.py.
"""

from __future__ import annotations

import sys

from envcheck.linkers.pth import changes_imports, redirections
from envcheck.model.record import Record
from envcheck.pysource.stdlib import NEEDING_LIBRARIES, removed_in

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from envcheck.linkers.view import View
    from envcheck.targets.target import PythonLayout, Target

# Kinds of modules. DYNAMIC: something makes it at run time, or it cannot be told whether it is there.
SOURCE, EXTENSION, NAMESPACE = "source", "extension", "namespace"
BUILTIN, DYNAMIC, MISSING = "builtin", "dynamic", "missing"
_DEEPEST = 100  # parts of a name; more are nobody's
_COMPILED = (".so", ".pyd")
_AT_START = ("sitecustomize", "usercustomize")  # https://docs.python.org/3/library/site.html#module-sitecustomize
_CODE_LIMIT = 1 << 20
_USUAL_FILES = 20  # compiled modules of the standard library; where they are files at all, there are 40 to 80


class Module(Record):
    """A module that an import would find: its kind, and its file, which is the `__init__` of a package.

    `folders` are the search path of a package, empty for a plain module. `entry` is the folder of the search path that
    it came from.
    """

    name: str
    kind: str
    path: str = ""
    folders: tuple[str, ...] = ()
    entry: str = ""

    @property
    def is_package(self) -> bool:
        """Tell whether it has modules of its own."""
        return bool(self.folders)


class Finder:
    """The search path of one environment; answers are remembered."""

    def __init__(self, view: View, target: Target, layout: PythonLayout) -> None:
        self._view = view
        self._found: dict[str, Module] = {}
        self.suffixes = _suffixes(layout)
        self.minor = _minor(layout.version)
        self._tag_known = bool(layout.soabi) and layout.platform != "win32"
        self._redirected = redirections(view, layout, target.environ)
        folders = (layout.stdlib, f"{layout.stdlib}/lib-dynload") if layout.stdlib else ()
        self.stdlib = tuple(folder for folder in folders if view.is_dir(folder))
        self.path = tuple(_search_path(target, layout, self.stdlib))
        self.program = self.path[0] if target.cwd is not None and self.path[:1] == (target.cwd,) else ""
        self.open_ended = self._redirected.open_ended or any(self._changes_imports(name) for name in _AT_START)

    def find(self, name: str) -> Module:
        """Return the module of a dotted name; one that is certainly not there has the kind MISSING."""
        found = self._found.get(name)
        if found is None:
            deep = name.count(".") > _DEEPEST
            found = self._found[name] = Module(name=name, kind=DYNAMIC) if deep else self._find(name)
        return found

    def hidden(self, name: str) -> str:
        """Return the file of a package that a file of the program's folder hides, empty where nothing does."""
        top = self.find(name.partition(".")[0])
        if not self.is_of_program(top.path) or self.find(name).kind != MISSING:
            return ""
        places = (f"{folder}/{name.replace('.', '/')}" for folder in self.path[1:])
        return next((f"{place}/__init__.py" for place in places if "__init__.py" in self._view.names(place)), "")

    def foreign(self, top: str) -> str:
        """Return a compiled file of a top-level module that is there for other Pythons alone, else nothing."""
        if "." in top or self.find(top).kind != MISSING:
            return ""
        for folder in self.path[1:] if self.program else self.path:
            for name in sorted(self._view.names(folder)):
                if name.startswith(f"{top}.") and name.endswith(_COMPILED):
                    return f"{folder}/{name}"
        return ""

    def is_of_program(self, path: str) -> bool:
        """Tell whether a file came from the program's folder, in which the environment itself may lie."""
        below = bool(self.program) and path.startswith(f"{self.program}/")
        return below and not path.startswith(tuple(f"{folder}/" for folder in self.path[1:]))

    def is_standard(self, path: str) -> bool:
        """Tell whether a file is one of the standard library."""
        return path.startswith(tuple(f"{folder}/" for folder in self.stdlib)) and "/site-packages/" not in path

    def behind(self, top: str) -> tuple[str, ...]:
        """Return a top-level module and, where it is mapped to a folder of another one, that."""
        place = self._redirected.first.get(top)
        return (top, place.rpartition("/")[0].rpartition("/")[2]) if place else (top,)

    def _find(self, name: str) -> Module:
        parent, _, tail = name.rpartition(".")
        if not parent:
            return self._find_top(name)
        above = self.find(parent)
        if above.kind == MISSING:
            return Module(name=name, kind=MISSING)
        if above.kind in (DYNAMIC, BUILTIN):
            return Module(name=name, kind=DYNAMIC)
        if not above.folders:  # what registers modules under a name that is no package is the linker's to know
            return Module(name=name, kind=DYNAMIC if above.kind == EXTENSION else MISSING)
        return self._redirect(name, self._in_folders(name, tail, above.folders))

    def _find_top(self, name: str) -> Module:
        if name in sys.builtin_module_names or name == "__main__":
            return Module(name=name, kind=BUILTIN)
        if name in self._redirected.first:
            return self._at(name, self._redirected.first[name])
        found = self._redirect(name, self._in_folders(name, name, self.path))
        unsure = self.open_ended or not self.stdlib or self._may_be_standard(name)
        return Module(name=name, kind=DYNAMIC) if found.kind == MISSING and unsure else found

    def _redirect(self, name: str, found: Module) -> Module:
        """Return what a .pth file makes of a module that the folders do not hold, or of a namespace package."""
        if found.kind in (MISSING, NAMESPACE) and name in self._redirected.spaces:
            folders = tuple(dict.fromkeys((*found.folders, *self._redirected.spaces[name])))
            return Module(name=name, kind=NAMESPACE if folders else DYNAMIC, folders=folders, entry=found.entry)
        if found.kind == MISSING and name in self._redirected.mapped:
            return self._at(name, self._redirected.mapped[name])
        return found

    def _may_be_standard(self, name: str) -> bool:
        """Tell whether the standard library may have a module that is in no folder.

        It may be compiled in, frozen or zipped; a system may have left it out; a newer Python may have more.
        """
        removed = removed_in(name)
        if removed is not None:
            return self.minor is None or self.minor < removed
        if name in NEEDING_LIBRARIES and self._has_compiled_files():
            return False
        newer = self.minor is None or self.minor > sys.version_info.minor
        return name in sys.stdlib_module_names or (newer and name.startswith("_"))

    def _has_compiled_files(self) -> bool:
        """Tell whether the compiled modules of the standard library are files, not parts of the interpreter."""
        names = self._view.names(self.stdlib[-1])
        return sum(name.endswith(_COMPILED) for name in names) >= _USUAL_FILES

    def _changes_imports(self, name: str) -> bool:
        """Tell whether a module that runs at start-up may make others importable."""
        found = self._in_folders(name, name, self.path)
        try:
            return found.kind == SOURCE and changes_imports(self._view.read(found.path, _CODE_LIMIT))
        except OSError:
            return True

    def _in_folders(self, name: str, tail: str, folders: tuple[str, ...]) -> Module:
        portions = []
        for folder in folders:
            names = self._view.names(folder)
            place = f"{folder}/{tail}"
            if tail in names:
                if module := self._package(name, folder, tail):
                    return module
                portions += [place] if self._view.is_dir(place) else []
            if module := self._plain(name, folder, tail, names):
                return module
        if any(folder in self._view.unreadable for folder in folders):
            return Module(name=name, kind=DYNAMIC)
        if portions:
            return Module(name=name, kind=NAMESPACE, folders=tuple(portions), entry=portions[0].rpartition("/")[0])
        return Module(name=name, kind=MISSING)

    def _package(self, name: str, folder: str, tail: str) -> Module | None:
        place = f"{folder}/{tail}"
        found = self._plain(name, place, "__init__", self._view.names(place))
        return found and found.replace(folders=(place,), entry=folder)

    def _plain(self, name: str, folder: str, tail: str, names: frozenset[str]) -> Module | None:
        """Return the module of a file in a folder: compiled ones come first, and source before bytecode."""
        for suffix in self.suffixes:
            if tail + suffix in names:
                return Module(name=name, kind=EXTENSION, path=f"{folder}/{tail}{suffix}", entry=folder)
        if f"{tail}.py" in names:
            return Module(name=name, kind=SOURCE, path=f"{folder}/{tail}.py", entry=folder)
        if f"{tail}.pyc" in names:
            return Module(name=name, kind=DYNAMIC, path=f"{folder}/{tail}.pyc", entry=folder)
        if not self._tag_known and any(one.startswith(f"{tail}.") and one.endswith(_COMPILED) for one in names):
            return Module(name=name, kind=DYNAMIC)
        return None

    def _at(self, name: str, path: str) -> Module:
        """Return the module that an editable installation maps to a file or folder, with or without its suffix."""
        folder, _, tail = path.removesuffix("/__init__.py").rpartition("/")
        plain = tail.removesuffix(".py")
        found = self._package(name, folder, tail) or self._plain(name, folder, plain, self._view.names(folder))
        return found or Module(name=name, kind=DYNAMIC)


def _suffixes(layout: PythonLayout) -> tuple[str, ...]:
    """Return the endings of extension modules that this Python loads, in its order."""
    if layout.platform == "win32":
        return (f".{layout.soabi}.pyd", ".pyd") if layout.soabi else (".pyd",)
    stable = () if layout.free_threaded else (".abi3.so",)  # python/cpython:Python/dynload_shlib.c
    return (f".{layout.soabi}.so", *stable, ".so") if layout.soabi else (*stable, ".so")


def _search_path(target: Target, layout: PythonLayout, stdlib: tuple[str, ...]) -> Iterator[str]:
    environ = target.environ or {}
    given = environ.get("PYTHONPATH", "").split(";" if layout.platform == "win32" else ":")
    first = [folder for folder in layout.site_directories if folder in given]
    if target.cwd is not None and not environ.get("PYTHONSAFEPATH") and target.cwd not in layout.site_directories:
        yield target.cwd
    yield from first
    yield from stdlib
    yield from (folder for folder in layout.site_directories if folder not in first)


def _minor(version: str) -> int | None:
    parts = version.split(".")
    return int(parts[1]) if len(parts) > 1 and parts[1].isdecimal() else None
