"""Modules that nothing at the top imports, looked over as text and taken properly where they look suspect."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from envcheck.linkers.inventory import take_inventory
from envcheck.linkers.kept import Kept
from envcheck.linkers.scan import Scan, importers
from envcheck.linkers.view import View
from tests.linkers.built import Venv, offers_of

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def venv(tmp_path: Path) -> Venv:
    return Venv(tmp_path).install("b", {"b/__init__.py": "x = y = 1\n", "b/c.py": "z = 1\n", "b/d/__init__.py": ""})


def look(venv: Venv, kept: Kept | None = None, taken: frozenset[str] = frozenset()) -> list[str]:
    """Return the names of the suspect modules."""
    view = View(venv.target().files)
    inventory = take_inventory(view, [str(venv.site)])
    scan = Scan(view, kept or Kept("x", 1, cached=False), inventory, offers_of(venv), frozenset())
    found = scan.suspects(taken)
    return [name for name, _ in found]


def suspect(venv: Venv, source: str | bytes) -> bool:
    venv.install("a", {"a/__init__.py": "", "a/m.py": source})
    return look(venv) == ["a.m"]


@pytest.mark.parametrize(
    "source",
    [
        "from b import gone\n",
        "from b import x, gone\n",
        "from b import gone as here\n",
        "from b import (x,\n    gone,\n)\n",
        "from b import (  # a comment, with a comma\n    x,  # y\n    gone,\n)\n",
        "from b import gone  # a comment\n",
        "from  b\timport   gone\n",
        "from b import gone; y = 1\n",
        "from b.gone import x\n",
        "import b.gone\n",
        "import b, b.gone as c\n",
        "x = 1\nfrom b.c import gone\n",
        "from b.c import z\nfrom b.d import gone\n",
        "'''\nfrom b import gone\n'''\n",
        "import b.c, b.gone, b.d\n",
    ],
)
def test_imports_at_the_margin_of_what_another_lacks(venv: Venv, source: str):
    assert suspect(venv, source)


@pytest.mark.parametrize(
    "source",
    [
        "",
        "from b import x, y\nimport b\nimport b.c, b.d as e\n",
        "from b import *\n",
        "from b import c, d\n",
        "import gone\nfrom gone import x\nimport gone.x\n",
        "try:\n    from b import gone\nexcept ImportError:\n    pass\n",
        "def f():\n    from b import gone\n",
        "# from b import gone\n",
        "from . import gone\nfrom .gone import x\nfrom .. import y\n",
        "from a import gone\nimport a.gone\n",
        "frome b import gone\nfrom bimport gone\n",
        "from b import \\\n    gone\n",
        "from b import (x, y\n",
        "import\nfrom\nfrom b import\nimport ,\n",
        b"\xff\xfe\x00",
        "from b import (" + "x, " * 30_000,
    ],
)
def test_what_is_not_suspect(venv: Venv, source: str | bytes):
    assert not suspect(venv, source)


def test_modules_of_the_standard_library_that_left(tmp_path: Path):
    venv = Venv(tmp_path, "3.12.1")
    assert suspect(venv, "import asyncore\n")
    assert suspect(venv, "from distutils.core import setup\n")
    assert not suspect(venv, "import telnetlib\n")


def test_only_files_that_are_recorded_and_not_taken(venv: Venv):
    venv.install(
        "a", {"a/__init__.py": "", "a/m.py": "from b import gone\n", "a/n/__init__.py": "from b import gone\n"}
    )
    (venv.site / "a" / "o.py").write_text("from b import gone\n")
    assert sorted(look(venv)) == ["a.m", "a.n"]
    assert look(venv, taken=frozenset((f"{venv.site}/a/m.py",))) == ["a.n"]


@pytest.mark.parametrize(
    "path",
    [
        "a/tests/m.py",
        "a/test_m.py",
        "a/conftest.py",
        "a/docs/m.py",
        "a/in-valid.py",
        "a/in-valid/m.py",
        "a/space/m.py",
        "m.py",
    ],
)
def test_files_that_are_no_module_of_a_package(venv: Venv, path: str):
    venv.install("a", {"a/__init__.py": "", path: "from b import gone\n"})
    assert look(venv) == []


def test_what_is_suspect_is_taken_properly(venv: Venv):
    source = "'''\nfrom b import gone\n'''\nif 0:\n    x = (\n1)\nfrom b import x\n"
    assert suspect(venv, source)
    assert venv.told() == []


def test_names_in_other_letters(venv: Venv):
    venv.install("b", {"b/__init__.py": "größe = 1\n"})
    venv.install("a", {"a/__init__.py": "", "a/m.py": "from b import größe\n"})
    assert venv.told() == []


def test_what_was_read_is_kept_by_the_stamp_of_its_folder(venv: Venv, monkeypatch: pytest.MonkeyPatch):
    kept = Kept("scan", 1, cached=True)
    venv.install("a", {"a/__init__.py": "", "a/m.py": "from b import gone\n"})
    assert look(venv, kept) == ["a.m"]
    kept.save()
    again = Kept("scan", 1, cached=True)
    monkeypatch.setattr("envcheck.linkers.scan._source", None)
    assert look(venv, again) == ["a.m"]
    monkeypatch.undo()
    venv.install("a", {"a/m.py": "", "a/n.py": "from b import gone2\n"})
    assert look(venv, again) == ["a.n"], "another list of files in the same folder"


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("from . import m\n", True),
        ("from .m import x\n", True),
        ("import a.m\n", True),
        ("def f():\n    from a import m\n", True),
        ("from . import (\n    n,\n    m,\n)\n", True),
        ("from .mm import x\n", False),
        ("m = 1\n", False),
        ("# import m\n", False),
        ("", False),
    ],
)
def test_modules_that_import_another_of_the_same_package(venv: Venv, source: str, names: bool):  # noqa: FBT001
    venv.install("a", {"a/__init__.py": source, "a/m.py": "import m\n", "a/tests/t.py": "from a import m\n"})
    view = View(venv.target().files)
    found = importers(view, take_inventory(view, [str(venv.site)]), "a.m", f"{venv.site}/a/m.py")
    assert list(found) == (["a"] if names else [])


def test_distributions_of_one_namespace_are_others_to_each_other(venv: Venv):
    venv.install("one", {"ns/one/__init__.py": "", "ns/one/m.py": "from ns.two import gone\nfrom ns.one import own\n"})
    venv.install("two", {"ns/two/__init__.py": "", "ns/two/m.py": "from ns.two import gone\n"})
    assert look(venv) == ["ns.one.m"]


def test_nothing_imports_what_lies_elsewhere(venv: Venv):
    view = View(venv.target().files)
    assert list(importers(view, take_inventory(view, [str(venv.site)]), "a.m", "/elsewhere/a/m.py")) == []
