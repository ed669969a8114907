"""What the code lines of .pth files make importable beside the search path: redirections of editable installations.

https://docs.python.org/3/library/site.html runs every line of a .pth file that begins with `import`.
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    import ast
    from collections.abc import Iterator, Mapping

    from envcheck.linkers.view import View
    from envcheck.targets.target import PythonLayout

_PTH_LIMIT = 1 << 16
_CODE_LIMIT = 1 << 20
# setuptools puts its own copy of distutils in place, unless told not to: pypa/setuptools:_distutils_hack/__init__.py.
_DISTUTILS_HACK = "_distutils_hack"
_DISTUTILS_CHOICE = "SETUPTOOLS_USE_DISTUTILS"
# It changes distutils and makes no modules: pypa/virtualenv:src/virtualenv/create/via_global_ref/_virtualenv.py.
_HARMLESS = frozenset(("_virtualenv",))
# A line that makes a namespace package of old style, whose folders are joined anyway.
_OLD_NAMESPACE = ("sys.modules", "types.ModuleType", "module_from_spec")
# What makes modules importable that are on no folder of the search path.
_REDIRECTS = ("meta_path", "path_hooks", "map_module", "addsitedir", "sys.path")
_OLD_EASY_INSTALL = "sys.__plen"  # reorders sys.path


class Redirections:
    """Modules that .pth files map to a place, in the order in which Python asks.

    `first` are asked for before the search path, `mapped` behind it. `spaces` are the folders of namespace packages.
    `open_ended` tells that any other module may be there as well.
    """

    def __init__(self) -> None:
        self.first: dict[str, str] = {}
        self.mapped: dict[str, str] = {}
        self.spaces: dict[str, tuple[str, ...]] = {}
        self.open_ended = False


def redirections(view: View, layout: PythonLayout, environ: Mapping[str, str] | None) -> Redirections:
    """Read the code lines of all .pth files."""
    found = Redirections()
    for path, _, _, imports in layout.pth_files:
        if not imports:
            continue
        site = path.rpartition("/")[0]
        try:
            data = view.read(path, _PTH_LIMIT)
        except OSError:
            found.open_ended = True
            continue
        found.open_ended |= len(data) == _PTH_LIMIT
        for line in data.decode("utf-8", "replace").splitlines():
            if line.startswith(("import ", "import\t")):
                _follow(view, site, line, environ or {}, found)
    for name in list(found.mapped):
        while name := name.rpartition(".")[0]:
            found.spaces.setdefault(name, ())
    return found


def changes_imports(source: bytes) -> bool:
    """Tell whether code that runs at start-up may make other modules importable."""
    return any(word.encode() in source for word in _REDIRECTS)


def _follow(view: View, site: str, line: str, environ: Mapping[str, str], found: Redirections) -> None:
    """Note what one line does."""
    if _DISTUTILS_HACK in line:
        usual = "stdlib" if "(var, 'stdlib')" in line else "local"
        if environ.get(_DISTUTILS_CHOICE, usual) == "local":
            found.first["distutils"] = f"{site}/setuptools/_distutils"
    elif any(word in line for word in _OLD_NAMESPACE) or _OLD_EASY_INSTALL in line:
        return
    elif any(word in line for word in _REDIRECTS) or "exec(open" in line:
        found.open_ended = True
    else:
        for module in _imported(line):
            _follow_module(view, f"{site}/{module.replace('.', '/')}", found)


def _imported(line: str) -> Iterator[str]:
    """Yield the modules that a line imports, those of code in its texts included."""
    import re

    for several in re.findall(r"\b(?:import|from)\s+([\w.]+(?:\s*,\s*[\w.]+)*)", line):
        yield from (name.strip() for name in several.split(","))
    yield from re.findall(r"(?:__import__|import_module)\(\s*['\"]([\w.]+)", line)


def _follow_module(view: View, place: str, found: Redirections) -> None:
    """Note what a module does that is imported at start-up; one that is not in that folder is taken to do nothing."""
    folder, _, name = place.rpartition("/")
    if name in sys.stdlib_module_names or name in _HARMLESS:
        return
    path = f"{place}.py" if f"{name}.py" in view.names(folder) else f"{place}/__init__.py"
    try:
        source = view.read(path, _CODE_LIMIT)
    except OSError:
        return
    if not changes_imports(source):
        return
    if not _read_tables(source, found):
        found.open_ended = True


def _read_tables(source: bytes, found: Redirections) -> bool:
    """Note what the finder of an editable installation maps; return whether it is one.

    MAPPING and NAMESPACES: pypa/setuptools:setuptools/command/editable_wheel.py; `map_module`: https://pypi.org/p/editables.
    """
    import ast

    try:
        tree = ast.parse(source)
        tables = {name: ast.literal_eval(value) for name, value in _assigned(tree)}
        found.spaces |= {str(name): tuple(map(str, places)) for name, places in tables.get("NAMESPACES", {}).items()}
        found.mapped |= {str(name): str(place) for name, place in tables.get("MAPPING", {}).items()}
    except (SyntaxError, ValueError, TypeError, AttributeError, RecursionError, MemoryError):
        return False
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)]
    mapped = [
        [argument.value for argument in call.args if isinstance(argument, ast.Constant)]
        for call in calls
        if isinstance(call.func, ast.Attribute) and call.func.attr == "map_module"
    ]
    found.mapped |= {str(pair[0]): str(pair[1]) for pair in mapped if len(pair) == 2}  # noqa: PLR2004  name and place
    return "MAPPING" in tables or (bool(mapped) and all(len(pair) == 2 for pair in mapped))  # noqa: PLR2004  likewise


def _assigned(tree: ast.Module) -> Iterator[tuple[str, ast.expr]]:
    """Yield the tables that the module assigns."""
    import ast

    for node in tree.body:
        if isinstance(node, (ast.Assign, ast.AnnAssign)) and node.value is not None:
            target = node.targets[0] if isinstance(node, ast.Assign) else node.target
            if isinstance(target, ast.Name) and target.id in ("MAPPING", "NAMESPACES"):
                yield target.id, node.value
