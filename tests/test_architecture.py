"""The house rules that can be checked: who imports whom, who touches the world, how long things get."""

from __future__ import annotations

import ast
import os
from functools import cache

import pytest

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PACKAGE = os.path.join(ROOT, "envcheck")
MOST_LINES = 300
MOST_LINES_OF_A_FUNCTION = 50

# Longer than allowed, and why that is right.
LONG_FILES = {
    "keys.py": "one table of all facts; divided, nobody would find anything in it",
    "engine/reading.py": "one class: how a rule reads a subject",
    "linkers/imports.py": "one class: what each kind of step comes to",
    "targets/layout.py": "every kind of Python layout beside the others that it is told apart from",
}
LONG_FUNCTIONS: dict[str, str] = {}

FRONT = {"__init__", "__main__"}  # the package's face: public names and the program
# What reaches out of the process's memory, and the only places that may.
PRINTING = ("cli/", "collectors/_nvml.py")  # _nvml: a program of its own, whose output is its answer
ENVIRONMENT = ("cli/", "cache.py")  # cache: the folder is the user's who runs this, whatever is inspected
CLOCK = ("cli/", "targets/children.py")  # children: a deadline is kept by a clock
PROCESSES = ("targets/children.py", "targets/twin.py")  # twin: a copy of itself
CONNECTING = {"notify.py"}  # a URL that the user gave, and only where the user asks for it
PURE = (
    *("engine/", "views/", "derive/", "drift/", "fixes/", "renderers/", "model/"),
    *("comparison.py", "gate.py", "merging.py", "keys.py", "errors.py"),
)
OWN_FOLDER_ONLY = ("derive/__init__.py", "renderers/__init__.py")  # os, to list the modules that lie beside them


def files() -> list[str]:
    found = []
    for folder, inside, names in os.walk(PACKAGE):
        inside[:] = [name for name in inside if name != "__pycache__"]
        found += [
            os.path.relpath(os.path.join(folder, name), PACKAGE).replace(os.sep, "/")
            for name in names
            if name.endswith(".py") and name != "_rulebook.py"
        ]
    return sorted(found)


@cache
def source(path: str) -> str:
    with open(os.path.join(PACKAGE, path), encoding="utf-8") as file:
        return file.read()


@cache
def tree(path: str) -> ast.Module:
    return ast.parse(source(path))


@cache
def imported(path: str) -> set[str]:
    """Return the modules that a file imports anywhere, those for type checkers left out."""
    found: set[str] = set()
    waiting: list[ast.AST] = [tree(path)]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno} imports relatively"
            assert node.module is not None
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
            waiting += node.orelse
        else:
            waiting += ast.iter_child_nodes(node)
    return found


def unit(path: str) -> str:
    """Return the part of the package that a file belongs to: a module or a folder of it."""
    return path.partition("/")[0].removesuffix(".py")


def units_imported(path: str) -> set[str]:
    ours = {name.split(".")[1] for name in imported(path) if name.startswith("envcheck.")}
    return {name for name in ours if any(unit(other) == name for other in files())} - {unit(path)}


def allowed_imports() -> dict[str, set[str]]:
    """Return the table `Who may import whom` of docs/architecture.md."""
    with open(os.path.join(ROOT, "docs", "architecture.md"), encoding="utf-8") as file:
        section = file.read().partition("## Who may import whom")[2].partition("\n## ")[0]
    rows = [line.strip("| \n").split(" | ") for line in section.splitlines() if line.startswith("| `")]
    return {
        name.strip(" `"): {other.strip(" `") for other in others.split(",")} - {"nothing"}
        for names, others in rows
        for name in names.split(",")
    }


def test_imports_point_in_the_documented_direction() -> None:
    allowed = allowed_imports()
    wrong = [
        f"{path} imports {other}"
        for path in files()
        if unit(path) not in FRONT and "everything" not in allowed.get(unit(path), set())
        for other in sorted(units_imported(path) - allowed.get(unit(path), set()))
    ]
    assert wrong == []


def test_every_part_of_the_package_is_in_the_table_and_the_reverse() -> None:
    parts = {unit(path) for path in files()} - FRONT
    assert parts == set(allowed_imports())


def test_every_part_is_described_in_the_architecture() -> None:
    with open(os.path.join(ROOT, "docs", "architecture.md"), encoding="utf-8") as file:
        table = file.read().partition("## Who knows what")[2].partition("\n## ")[0]
    parts = {unit(path) for path in files()} - FRONT
    missing = {part for part in parts if f"`envcheck/{part}/`" not in table and f"`envcheck/{part}.py`" not in table}
    assert missing == set()


def _places(path: str, allowed: tuple[str, ...]) -> bool:
    return path.startswith(allowed)


def test_only_one_module_starts_processes() -> None:
    starters = {
        path
        for path in files()
        if {name.split(".")[0] for name in imported(path)} & {"subprocess", "multiprocessing", "pty"}
        or any(f"os.{name}(" in source(path) for name in ("system", "popen", "execv", "execve", "fork", "posix_spawn"))
    }
    assert starters <= set(PROCESSES)


def test_only_one_module_opens_a_connection() -> None:
    network = ("socket", "ssl", "http", "urllib.request", "ftplib", "smtplib", "asyncio", "xmlrpc")
    assert {
        path
        for path in files()
        if any(f"{name}.".startswith(f"{each}.") for name in imported(path) for each in network)
    } <= CONNECTING


def test_nothing_of_the_environment_is_ever_executed() -> None:
    called = {
        f"{path}:{node.lineno}"
        for path in files()
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in ("eval", "exec", "compile")
    }
    assert called == set()


def test_only_the_command_line_prints() -> None:
    printing = {
        path
        for path in files()
        for node in ast.walk(tree(path))
        if (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("print", "input"))
        or (isinstance(node, ast.Attribute) and node.attr in ("stdout", "stderr") and _is_name(node.value, "sys"))
    }
    assert {path for path in printing if not _places(path, PRINTING)} == set()


def test_only_the_command_line_reads_the_environment() -> None:
    reading = {
        path
        for path in files()
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Attribute)
        and node.attr in ("environ", "getenv", "getcwd")
        and _is_name(node.value, "os")
    }
    assert {path for path in reading if not _places(path, ENVIRONMENT)} == set()


def test_only_the_command_line_reads_the_clock() -> None:
    clocks = {path for path in files() if {name.split(".")[0] for name in imported(path)} & {"time", "datetime"}}
    assert {path for path in clocks if not _places(path, CLOCK)} == set()


def _is_name(node: ast.expr, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name


def test_judging_and_rendering_are_pure() -> None:
    outside = {"os", "io", "socket", "shutil", "pathlib", "tempfile", "time", "random", "subprocess"}
    impure = {
        path: found
        for path in files()
        if path.startswith(PURE) and (found := {name.split(".")[0] for name in imported(path)} & outside)
    }
    for path in OWN_FOLDER_ONLY:
        assert impure.pop(path, {"os"}) == {"os"}
    assert impure == {}


def _modules(folder: str) -> list[str]:
    return [
        path
        for path in files()
        if path.startswith(f"{folder}/") and not path.rpartition("/")[2].startswith("_") and path.count("/") == 1
    ]


def _top_level(path: str) -> dict[str, ast.stmt]:
    found: dict[str, ast.stmt] = {}
    for node in tree(path).body:
        if isinstance(node, ast.FunctionDef):
            found[node.name] = node
        elif isinstance(node, ast.Assign):
            found |= {target.id: node for target in node.targets if isinstance(target, ast.Name)}
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            found[node.target.id] = node
    return found


@pytest.mark.parametrize("path", _modules("collectors"))
def test_a_collector_has_its_protocol(path: str) -> None:
    held = _top_level(path)
    assert {"COVERS", "PLATFORMS", "collect"} <= set(held)
    assert _arguments(held["collect"]) == ["target", "into"]


@pytest.mark.parametrize("path", _modules("renderers"))
def test_a_renderer_has_its_protocol(path: str) -> None:
    held = _top_level(path)
    assert {"SUFFIX", "render"} <= set(held)
    assert _arguments(held["render"]) == ["report", "width", "colour"]


@pytest.mark.parametrize("path", _modules("derive"))
def test_a_deriving_module_has_its_protocol(path: str) -> None:
    assert _arguments(_top_level(path)["derive"]) == ["snapshot", "tables", "into"]


def _arguments(node: ast.stmt) -> list[str]:
    assert isinstance(node, ast.FunctionDef)
    return [argument.arg.removeprefix("_") for argument in (*node.args.args, *node.args.kwonlyargs)]


@pytest.mark.parametrize("path", files())
def test_a_module_says_what_it_is_for(path: str) -> None:
    assert ast.get_docstring(tree(path)), f"{path} has no docstring"


def test_no_file_grows_long() -> None:
    long = {path for path in files() if source(path).count("\n") > MOST_LINES}
    assert long == set(LONG_FILES)


def test_no_function_grows_long() -> None:
    long = {
        f"{path}:{node.name}"
        for path in files()
        for node in ast.walk(tree(path))
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
        and (node.end_lineno or node.lineno) - node.lineno + 1 > MOST_LINES_OF_A_FUNCTION
    }
    assert long == set(LONG_FUNCTIONS)


def test_there_are_no_drawers() -> None:
    drawers = {"utils", "util", "helpers", "common", "misc", "types"}
    assert {path for path in files() if path.rpartition("/")[2].removesuffix(".py").strip("_") in drawers} == set()
