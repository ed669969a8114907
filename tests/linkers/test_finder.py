"""Modules found as the import system finds them: by folders, their order, and the endings of files."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from envcheck.linkers.finder import BUILTIN, DYNAMIC, EXTENSION, MISSING, NAMESPACE, SOURCE, Finder
from envcheck.linkers.view import View
from tests.linkers.built import Venv, write

if TYPE_CHECKING:
    from pathlib import Path

TAG = "cpython-311-x86_64-linux-gnu"


@pytest.fixture
def venv(tmp_path: Path) -> Venv:
    made = Venv(tmp_path)
    write(made.stdlib, f"lib-dynload/_one.{TAG}.so", b"")
    return made


def finder(venv: Venv, **layout: object) -> Finder:
    target = venv.target()
    assert target.layout is not None
    return Finder(View(target.files), target, target.layout.replace(**layout))


def kinds(venv: Venv, *names: str, **layout: object) -> list[str]:
    found = finder(venv, **layout)
    return [found.find(name).kind for name in names]


def place(venv: Venv, name: str) -> str:
    """Return where a module is found, below the folder that holds everything."""
    return finder(venv).find(name).path.removeprefix(f"{venv.prefix.parent}/")


# Folders and files


def test_packages_modules_and_namespaces(venv: Venv):
    for path in ("a/__init__.py", "a/b.py", "c.py", "d/e.py", "d/f/g.py"):
        write(venv.site, path, "")
    assert kinds(venv, "a", "a.b", "c", "d", "d.e", "d.f", "d.f.g") == [SOURCE] * 3 + [NAMESPACE, SOURCE] * 2
    found = finder(venv)
    assert found.find("a").folders == (f"{venv.site}/a",)
    assert found.find("a").is_package
    assert found.find("d").is_package
    assert not found.find("c").is_package
    assert kinds(venv, "x", "a.x", "c.x", "d.x", "d.f.x", "x.y", "C") == [MISSING] * 7


def test_a_package_wins_over_a_module_beside_it(venv: Venv):
    for path in ("a/__init__.py", "a.py", f"b.{TAG}.so", "b/__init__.py", "c.py", "c/d.py"):
        write(venv.site, path, "")
    assert [place(venv, name).rpartition("site-packages/")[2] for name in "abc"] == [
        "a/__init__.py",
        "b/__init__.py",
        "c.py",
    ]


def test_a_folder_is_a_namespace_only_where_no_other_folder_has_the_module(venv: Venv):
    write(venv.project, "a/b.py", "")
    assert finder(venv).find("a").folders == (f"{venv.project}/a",)
    write(venv.site, "a/c.py", "")
    assert finder(venv).find("a").folders == (f"{venv.project}/a", f"{venv.site}/a")
    assert kinds(venv, "a.b", "a.c", "a.d") == [SOURCE, SOURCE, MISSING]
    write(venv.site, "a/__init__.py", "")
    assert finder(venv).find("a").folders == (f"{venv.site}/a",)
    assert kinds(venv, "a.b", "a.c") == [MISSING, SOURCE]


def test_an_empty_folder_is_a_namespace_too(venv: Venv):
    (venv.site / "a").mkdir()
    assert kinds(venv, "a", "a.b") == [NAMESPACE, MISSING]


@pytest.mark.parametrize("name", [f"a.{TAG}.so", "a.abi3.so", "a.so"])
def test_extension_modules_of_this_python(venv: Venv, name: str):
    write(venv.site, name, "")
    write(venv.site, "a.py", "")
    assert place(venv, "a").endswith(name), "a compiled module wins over its source"
    assert kinds(venv, "a", "a.b") == [EXTENSION, DYNAMIC]


def test_the_most_special_extension_module_wins(venv: Venv):
    for ending in (".so", ".abi3.so", f".{TAG}.so"):
        write(venv.site, f"a{ending}", "")
    assert place(venv, "a").endswith(f"a.{TAG}.so")


@pytest.mark.parametrize("name", ["a.cpython-310-x86_64-linux-gnu.so", "a.cpython-311-darwin.so", "a.pyd", "a.dll"])
def test_extension_modules_of_another_python(venv: Venv, name: str):
    write(venv.site, name, "")
    assert kinds(venv, "a") == [MISSING]
    assert kinds(venv, "a", soabi="") == [MISSING if name.endswith("dll") else DYNAMIC], "the tag of its own is unknown"


def test_a_free_threaded_python_knows_no_stable_abi(venv: Venv):
    write(venv.site, "a.abi3.so", "")
    assert kinds(venv, "a") == [EXTENSION]
    assert kinds(venv, "a", free_threaded=True) == [MISSING]


def test_endings_of_windows(venv: Venv):
    write(venv.site, "a.pyd", "")
    write(venv.site, "b.cp311-win_amd64.pyd", "")
    write(venv.site, "c.so", "")
    assert kinds(venv, "a", "b", "c", platform="win32", soabi="cp311-win_amd64") == [EXTENSION, EXTENSION, DYNAMIC]


def test_compiled_source_alone_is_a_module_of_unknown_names(venv: Venv):
    write(venv.site, "a.pyc", "")
    write(venv.site, "b/__init__.pyc", "")
    write(venv.site, "c/__pycache__/d.cpython-311.pyc", "")
    assert kinds(venv, "a", "b", "b.x", "c", "c.d") == [DYNAMIC, DYNAMIC, DYNAMIC, NAMESPACE, MISSING]


# The search path


def test_the_programs_folder_comes_first_and_then_the_standard_library(venv: Venv):
    for folder in (venv.project, venv.stdlib, venv.site):
        write(folder, "a.py", "")
    for folder in (venv.stdlib, venv.site):
        write(folder, "b.py", "")
    write(venv.stdlib, f"lib-dynload/c.{TAG}.so", "")
    write(venv.site, "c.py", "")
    assert place(venv, "a") == "project/a.py"
    assert place(venv, "b").startswith("venv-base/")
    assert "lib-dynload" in place(venv, "c")
    assert finder(venv).program == str(venv.project)
    assert finder(venv).is_standard(f"{venv.stdlib}/b.py")
    assert not finder(venv).is_standard(f"{venv.site}/b.py")
    assert not finder(venv).is_standard(f"{venv.stdlib}/site-packages/b.py")


def test_a_safe_path_leaves_out_the_programs_folder(venv: Venv):
    write(venv.project, "a.py", "")
    venv.environ = {"PYTHONSAFEPATH": "1"}
    assert kinds(venv, "a") == [MISSING]
    assert finder(venv).program == ""


def test_what_pythonpath_names_comes_before_the_standard_library(venv: Venv, tmp_path: Path):
    more = tmp_path / "more"
    write(more, "a.py", "")
    write(venv.stdlib, "a.py", "")
    assert place(venv, "a").startswith("venv-base/")
    venv.environ = {"PYTHONPATH": f"{tmp_path}/none:{more}"}
    assert place(venv, "a") == "more/a.py"


def test_the_same_answer_every_time(venv: Venv):
    write(venv.site, "a.py", "")
    found = finder(venv)
    before = found.find("a")
    (venv.site / "a.py").unlink()
    assert found.find("a") is before


# The standard library


def test_modules_that_are_compiled_in(venv: Venv):
    assert kinds(venv, "sys", "builtins", "__main__", "sys.x") == [BUILTIN, BUILTIN, BUILTIN, DYNAMIC]


def test_a_file_hides_no_module_that_is_compiled_in(venv: Venv):
    write(venv.project, "sys.py", "")
    assert kinds(venv, "sys") == [BUILTIN]


def test_a_system_may_have_left_out_a_part_of_the_standard_library(venv: Venv):
    assert kinds(venv, "tkinter", "json.decoder", "numbers", "gone") == [DYNAMIC, DYNAMIC, DYNAMIC, MISSING]


def test_a_python_that_was_built_without_a_library(venv: Venv):
    """Where its other compiled modules are files, one that needs a library is not compiled in."""
    for number in range(20):
        write(venv.stdlib, f"lib-dynload/_m{number}.{TAG}.so", "")
    write(venv.stdlib, f"lib-dynload/_ssl.{TAG}.so", "")
    assert kinds(venv, "_sqlite3", "tkinter", "tkinter.ttk") == [MISSING, MISSING, MISSING]
    assert kinds(venv, "_ssl", "numbers") == [EXTENSION, DYNAMIC]


def test_without_a_standard_library_nothing_is_certain(venv: Venv):
    write(venv.site, "a/__init__.py", "")
    assert kinds(venv, "gone", "gone.x", "a", "a.gone", stdlib="") == [DYNAMIC, DYNAMIC, SOURCE, MISSING]


@pytest.mark.parametrize(
    ("version", "name", "kind"),
    [
        ("3.11.7", "asyncore", DYNAMIC),
        ("3.12.1", "asyncore", MISSING),
        ("3.12.1", "distutils", MISSING),
        ("3.12.1", "cgi", DYNAMIC),
        ("3.13.0", "cgi", MISSING),
        ("3.9.1", "formatter", DYNAMIC),
        ("3.10", "formatter", MISSING),
        ("", "formatter", DYNAMIC),
        ("3.nine", "formatter", DYNAMIC),
        (f"3.{sys.version_info.minor + 1}", "_of_a_later_python", DYNAMIC),
        (f"3.{sys.version_info.minor + 1}", "of_a_later_python", MISSING),
        ("3.8", "_of_a_later_python", MISSING),
    ],
)
def test_modules_that_a_python_no_longer_has_or_may_have(venv: Venv, version: str, name: str, kind: str):
    assert kinds(venv, name, version=version) == [kind]


def test_a_module_that_left_may_be_installed(venv: Venv):
    write(venv.site, "asyncore.py", "")
    assert kinds(venv, "asyncore", version="3.13.0") == [SOURCE]


# What else may make modules


def test_start_up_code_that_changes_imports_leaves_all_open(venv: Venv):
    write(venv.site, "sitecustomize.py", "import sys\nsys.dont_write_bytecode = True\n")
    assert kinds(venv, "gone") == [MISSING]
    write(venv.site, "sitecustomize.py", "import sys\nsys.meta_path.append(1)\n")
    assert kinds(venv, "gone") == [DYNAMIC]
    assert finder(venv).open_ended


def test_folders_of_the_path_that_are_none(venv: Venv, tmp_path: Path):
    venv.environ = {"PYTHONPATH": f"{tmp_path}/file:{tmp_path}/loop"}
    write(tmp_path, "file", "")
    (tmp_path / "loop").symlink_to("loop")
    write(venv.site, "a.py", "")
    (venv.site / "b").symlink_to("b")
    (venv.site / "c.py").symlink_to("nowhere.py")
    (venv.site / "d").symlink_to(".")
    assert kinds(venv, "a", "b", "gone") == [SOURCE, MISSING, MISSING]
    assert kinds(venv, "d.d.d.d.a") == [SOURCE]


@pytest.mark.parametrize("name", ["", ".", "a.", ".a", "a..b", "a/b", "..", "ä", "a\0b", "x" * 5000, "a." * 99 + "b"])
def test_names_of_no_module(venv: Venv, name: str):
    write(venv.site, "a/__init__.py", "")
    assert kinds(venv, name) == [MISSING]
