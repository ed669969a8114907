"""The code lines of .pth files: what they make importable, and when that cannot be told."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from envcheck.linkers.finder import DYNAMIC, MISSING, NAMESPACE, SOURCE, Finder
from envcheck.linkers.pth import Redirections, changes_imports, redirections
from envcheck.linkers.view import View
from tests.linkers.built import Venv, write

if TYPE_CHECKING:
    from pathlib import Path

# In the form that setuptools gives it: pypa/setuptools:setuptools/command/editable_wheel.py
FINDER = """
from __future__ import annotations
import sys
MAPPING: dict[str, str] = {mapping!r}
NAMESPACES: dict[str, list[str]] = {spaces!r}
class _EditableFinder:
    @classmethod
    def find_spec(cls, fullname, _path, _target=None): ...
def install():
    sys.meta_path.append(_EditableFinder)
"""
PRECEDENCE = (
    "import os; var = 'SETUPTOOLS_USE_DISTUTILS'; enabled = os.environ.get(var, 'local') == 'local'; "
    "enabled and __import__('_distutils_hack');"
)
OLD_NAMESPACE = (
    "import sys, types, os;has_mfs = sys.version_info > (3, 5);p = os.path.join(sys._getframe(1).f_locals['sitedir'], "
    "*('b',));m = sys.modules.setdefault('b', types.ModuleType('b'));mp = (m or []) and "
    "m.__dict__.setdefault('__path__',[]);(p not in mp) and mp.append(p)"
)


@pytest.fixture
def venv(tmp_path: Path) -> Venv:
    return Venv(tmp_path)


def read(venv: Venv) -> Redirections:
    target = venv.target()
    assert target.layout is not None
    return redirections(View(target.files), target.layout, target.environ)


def kinds(venv: Venv, *names: str) -> list[str]:
    target = venv.target()
    assert target.layout is not None
    found = Finder(View(target.files), target, target.layout)
    return [found.find(name).kind for name in names]


def editable(venv: Venv, mapping: dict[str, str], spaces: dict[str, list[str]] | None = None) -> None:
    write(venv.site, "__editable___b_finder.py", FINDER.format(mapping=mapping, spaces=spaces or {}))
    write(venv.site, "__editable__.b.pth", "import __editable___b_finder; __editable___b_finder.install()")


# Folders


def test_a_folder_that_a_line_names_is_searched_last(venv: Venv, tmp_path: Path):
    write(tmp_path, "src/b/__init__.py", "")
    write(tmp_path, "src/c.py", "x = 1\n")
    write(venv.site, "c.py", "")
    write(venv.site, "b.pth", f"# a comment\n\n{tmp_path}/src\n{tmp_path}/gone\n")
    assert kinds(venv, "b", "b.x", "c", "gone") == [SOURCE, MISSING, SOURCE, MISSING]
    assert venv.module("a", "from c import x\n").told() == ["a c.x: name, import"]


def test_a_folder_may_be_relative(venv: Venv):
    write(venv.site, "src/b.py", "")
    write(venv.site, "b.pth", "src\n")
    assert kinds(venv, "b") == [SOURCE]


# Editable installations


def test_packages_and_modules_that_an_editable_installation_maps(venv: Venv, tmp_path: Path):
    write(tmp_path, "src/b/__init__.py", "x = 1\n")
    write(tmp_path, "src/b/c.py", "")
    write(tmp_path, "src/d.py", "")
    editable(venv, {"b": f"{tmp_path}/src/b", "d": f"{tmp_path}/src/d", "e": f"{tmp_path}/src/e"})
    assert kinds(venv, "b", "b.c", "d") == [SOURCE, SOURCE, SOURCE]
    assert kinds(venv, "b.gone", "gone", "e") == [MISSING, MISSING, DYNAMIC], "what is mapped to nothing is not told"
    assert venv.module("a", "from b import x, gone\n").told() == ["a b.gone: name, import"]


def test_modules_below_that_are_mapped_elsewhere(venv: Venv, tmp_path: Path):
    write(tmp_path, "one/c/__init__.py", "")
    write(tmp_path, "two/part/e.py", "")
    editable(venv, {"b.c": f"{tmp_path}/one/c"}, {"d": [f"{tmp_path}/two/part"], "b": []})
    assert kinds(venv, "d", "d.e", "d.x") == [NAMESPACE, SOURCE, MISSING]
    assert MISSING not in kinds(venv, "b", "b.c", "b.x")


def test_what_is_installed_wins_over_what_is_mapped(venv: Venv, tmp_path: Path):
    write(tmp_path, "src/b/__init__.py", "x = 1\n")
    write(venv.site, "b.py", "")
    editable(venv, {"b": f"{tmp_path}/src/b"})
    assert venv.module("a", "from b import x\n").told() == ["a b.x: name, import"]


def test_the_other_way_to_map_modules(venv: Venv, tmp_path: Path):
    write(tmp_path, "src/b/__init__.py", "")
    source = f"""
        import sys
        from editables.redirector import RedirectingFinder as F
        F.install()  # which adds it to sys.meta_path
        F.map_module("b", "{tmp_path}/src/b/__init__.py")
        """
    write(venv.site, "_b.py", source)
    write(venv.site, "_b.pth", "import _b")
    assert kinds(venv, "b", "gone") == [SOURCE, MISSING]
    write(venv.site, "_b.py", f"{source}F.map_module(name, place)\n")
    assert kinds(venv, "gone") == [DYNAMIC]


# Other code lines


@pytest.mark.parametrize(
    "line",
    [
        "import os",
        "import sys; exec('x = 1')",
        OLD_NAMESPACE,
        "import sys; sys.__plen = len(sys.path)",
        "import _virtualenv",
        "import gone_in_this_folder",
        "import plain",
        "import\tplain",
        "import sys;\\",
        "# import sys; sys.meta_path.append(x)",
        "importsys.path",
    ],
)
def test_lines_that_change_nothing(venv: Venv, line: str):
    write(venv.site, "plain.py", "import os\nTRACE = os.environ.get('TRACE')\n")
    write(venv.site, "x.pth", line)
    assert not read(venv).open_ended
    assert kinds(venv, "gone") == [MISSING]


@pytest.mark.parametrize(
    "line",
    [
        "import sys; sys.meta_path.insert(0, x)",
        "import sys; sys.path_hooks.append(x)",
        "import sys; sys.path.insert(0, '/x')",
        "import site; site.addsitedir('/x')",
        "import x; exec(open('/x').read())",
        "import hook",
        "import\thook",
        "import os; hook = __import__('hook'); hook.install()",
        "import os, hook",
        "import importlib; importlib.import_module('hook')",
        "import os; exec('from hook import install')",
        "import package.inner",
    ],
)
def test_lines_that_may_make_any_module(venv: Venv, line: str):
    write(venv.site, "hook.py", "import sys\nsys.meta_path.insert(0, object())\n")
    write(venv.site, "package/inner/__init__.py", "import sys\nsys.path.append('/x')\n")
    write(venv.site, "x.pth", f"\n{line}\n")
    assert read(venv).open_ended
    assert kinds(venv, "gone") == [DYNAMIC]


def test_the_copy_of_distutils_that_setuptools_puts_in_place(venv: Venv):
    write(venv.stdlib, "distutils/__init__.py", "x = 1\n")
    write(venv.site, "setuptools/_distutils/__init__.py", "y = 1\n")
    write(venv.site, "setuptools/_distutils/core.py", "")
    write(venv.site, "distutils-precedence.pth", PRECEDENCE)
    venv.module("a", "from distutils import y\nimport distutils.core\nimport distutils.gone\n")
    assert venv.told() == ["a distutils.gone: module, import"]
    venv.environ = {"SETUPTOOLS_USE_DISTUTILS": "stdlib"}
    assert "a distutils.y: name, import" in venv.told()


def test_a_namespace_of_old_style_has_the_modules_of_its_folder(venv: Venv):
    write(venv.site, "b/c.py", "")
    write(venv.site, "b-nspkg.pth", OLD_NAMESPACE)
    assert kinds(venv, "b", "b.c", "b.gone", "gone") == [NAMESPACE, SOURCE, MISSING, MISSING]


# Bad input


@pytest.mark.parametrize(
    "source",
    [
        "MAPPING = {",
        "MAPPING = {name: place}",
        "MAPPING = 5",
        "MAPPING = ['b']",
        "MAPPING = {'b': '/x'} | other",
        "NAMESPACES = {'b': 5}",
        "NAMESPACES = {'b': ['/x']}",
        "MAPPING = " + "[" * 150 + "]" * 150,
        "MAPPING = " + "(" * 5000 + ")" * 5000,
        "MAPPING = " + "-" * 60_000 + "1",
        "x = 1\n\0",
        "# -*- coding: nothing -*-",
    ],
)
def test_a_finder_that_is_none_leaves_all_open(venv: Venv, source: str):
    write(venv.site, "__editable___b_finder.py", f"import sys\nsys.meta_path.append(1)\n{source}\n")
    write(venv.site, "__editable__.b.pth", "import __editable___b_finder; __editable___b_finder.install()")
    assert read(venv).open_ended


def test_a_mapping_to_odd_places(venv: Venv, tmp_path: Path):
    (tmp_path / "loop").symlink_to("loop")
    write(tmp_path, "file", "")
    odd = ["", "/", "relative", f"{tmp_path}/loop", f"{tmp_path}/file", "/a\0b", "/x" * 3000, ".."]
    editable(venv, {f"b{number}": place for number, place in enumerate(odd)})
    assert kinds(venv, *(f"b{number}" for number in range(len(odd)))) == [DYNAMIC] * len(odd)


def test_lines_in_any_encoding(venv: Venv):
    write(venv.site, "x.pth", b"\xff\xfe\nimport hook\xe4\n\x00\nimport \x00\n")
    assert kinds(venv, "gone") == [MISSING]


def test_a_file_that_is_cut_off_leaves_all_open(venv: Venv):
    write(venv.site, "x.pth", "import os\n" + "#" * 70_000)
    assert read(venv).open_ended


def test_a_file_that_is_gone_by_now_leaves_all_open(venv: Venv):
    write(venv.site, "x.pth", "import os\n")
    target = venv.target()
    assert target.layout is not None
    (venv.site / "x.pth").unlink()
    assert redirections(View(target.files), target.layout, None).open_ended


@pytest.mark.parametrize(
    ("source", "changes"),
    [
        (b"import sys\nsys.meta_path.append(x)", True),
        (b"import sys\nsys.path[:0] = ['/x']", True),
        (b"import site\nsite.addsitedir('/x')", True),
        (b"import sys\nsys.setrecursionlimit(5)", False),
        (b"", False),
        (b"\xff\x00", False),
    ],
)
def test_start_up_code_that_changes_imports(source: bytes, changes: bool):  # noqa: FBT001
    assert changes_imports(source) is changes
