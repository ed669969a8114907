"""The facts of what is broken: who imports what where, who ought to have it, and what fails by it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest

from envcheck.keys import KINDS
from tests.linkers.built import TAG, Venv, write
from tests.modules import NUMPY_1, elf

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def venv(tmp_path: Path) -> Venv:
    made = Venv(tmp_path).module("b", "x = 1\n", version="2.5")
    write(made.stdlib, f"lib-dynload/_one.{TAG}.so", b"")
    return made


def only(venv: Venv) -> dict[str, Any]:
    (link,) = venv.links().values()
    return link


def held(venv: Venv, kind: str) -> dict[str, dict[str, Any]]:
    """Return the attributes of every entity of a kind."""
    found = venv.collected().facts.held(kind)
    return {" ".join(entity[1:]): {name: known[0] for name, known in one.items()} for entity, one in found.items()}


def test_a_fact_says_all_that_a_reader_asks(venv: Venv):
    venv.install("a", {"a/__init__.py": "", "a/c.py": "import sys\nfrom b import (\n    x,\n    gone,\n)\n"})
    venv.module("d", "import a.c\n", version="0.1")
    assert only(venv) == {
        "problem": "name",
        "module": "b",
        "name": "gone",
        "version": "1.0",
        "file": f"{venv.site}/a/c.py",
        "line": 2,
        "places": 1,
        "reach": "import",
        "breaks": ("d",),
        "provider": "b",
        "provider_version": "2.5",
        "provider_path": f"{venv.site}/b/__init__.py",
    }
    facts = venv.collected().facts
    known = facts.get(("link", "a", "b.gone"), "problem")
    assert known == ("name", f"{venv.site}/a/c.py:2"), "where it comes from is file and line"


def test_every_attribute_is_a_registered_one(venv: Venv):
    venv.module("a", "from b import gone\n").module("c", "import nothing\n").install("d", {f"d.{TAG}.so": b"cut"})
    registered = {kind: set(KINDS[kind][3]) for kind in ("link", "binary", "file", "links")}
    for fact in venv.collected().facts:
        if fact.entity[0] in registered:
            assert fact.attribute in registered[fact.entity[0]], fact


def test_one_thing_that_is_missing_in_many_places_is_one_fact(venv: Venv):
    tops = [f"a{number}" for number in range(9)]
    venv.install("a", {f"{top}/__init__.py": "import a0.c\nfrom b import gone\n" for top in tops} | {"a0/c.py": ""})
    link = only(venv)
    assert link["places"] == 9
    assert link["breaks"] == ("a0", "a1", "a2", "a3"), "the first few of them"
    assert link["file"] == f"{venv.site}/a0/__init__.py"


def test_the_worst_place_of_several_is_told(venv: Venv):
    venv.install("a", {"a.py": "def run():\n    from b import gone\n", "aa.py": "\n\nfrom b import gone\n"})
    link = only(venv)
    assert (link["reach"], link["breaks"], link["line"], link["places"]) == ("import", ("aa",), 3, 2)


def test_several_things_in_several_distributions_are_several_facts(venv: Venv):
    venv.module("a", "from b import gone\n").module("c", "from b import gone\n").module("d", "from b import gone2\n")
    assert sorted(venv.links()) == ["a b.gone", "c b.gone", "d b.gone2"]


# Who ought to have it


def test_the_standard_library(venv: Venv):
    write(venv.stdlib, "fractions.py", "")
    venv.module("a", "from fractions import gone\n")
    assert (only(venv)["provider"], only(venv)["provider_version"]) == ("stdlib", "3.11.7")


def test_a_module_that_left_the_standard_library(tmp_path: Path):
    link = only(Venv(tmp_path, "3.13.1").module("a", "import cgi\n"))
    assert (link["problem"], link["removed_in"], link["provider"], link["optional"]) == (
        "module",
        "3.13",
        "stdlib",
        False,
    )
    assert "provider_path" not in link


@pytest.mark.parametrize("module", ["b.gone", "b.gone.x"])
def test_a_module_below_what_is_installed(venv: Venv, module: str):
    link = only(venv.module("a", f"import {module}\n"))
    assert (link["module"], link["provider"], link["provider_version"]) == (module, "b", "2.5")
    assert "name" not in link
    assert link["optional"] is False


def test_a_module_that_a_distribution_no_longer_has(venv: Venv):
    venv.module("setuptools", "", version="82.0.0").module("a", "import pkg_resources\n")
    link = only(venv)
    assert (link["provider"], link["provider_version"], link["optional"]) == ("setuptools", "82.0.0", False)


def test_what_an_argument_and_an_attribute_lack(venv: Venv):
    venv.module("b", "def f(): pass\n", version="2.5").module("a", "import b\nb.f(gone=1)\n")
    link = only(venv)
    assert (link["problem"], link["module"], link["name"], link["provider"]) == ("argument", "b.f", "gone", "b")
    venv.module("a", "import b\nb.gone\n")
    assert (only(venv)["problem"], only(venv)["name"]) == ("attribute", "gone")


def test_syntax_is_the_fault_of_its_own_file(venv: Venv):
    venv.install("a", {"a/__init__.py": "from . import c\n", "a/c.py": "x = 1\ny = (\n"})
    (key,) = venv.links()
    link = only(venv)
    assert key == "a a.c"
    assert (link["problem"], link["provider"], link["file"], link["line"]) == ("syntax", "a", f"{venv.site}/a/c.py", 2)
    assert "never closed" in link["name"]


def test_a_distribution_that_lacks_a_module_of_its_own(venv: Venv):
    link = only(venv.install("a", {"a/__init__.py": "from ._version import x\n"}))
    assert (link["module"], link["provider"], link["provider_version"]) == ("a._version", "a", "1.0")


def test_what_it_lacks_of_its_own_below_the_top_is_its_own_affair(venv: Venv):
    venv.install("a", {"a/__init__.py": "def run():\n    from .c import gone\n", "a/c.py": ""})
    assert venv.links() == {}


def test_files_of_another_python_are_named(venv: Venv):
    name = "_c.cpython-310-x86_64-linux-gnu.so"
    venv.install("a", {"a/__init__.py": "from . import _d\n", "a/_d.py": "from . import _c\n", f"a/{name}": elf()})
    venv.install("e", {"e/__init__.py": "import e._c\n", f"e/{name}": elf()})
    assert venv.links()["e e._c"]["reason"] == f"here is {name}"


def test_a_module_that_is_one_file_of_another_python(venv: Venv):
    name = "e.cpython-310-x86_64-linux-gnu.so"
    link = only(venv.install("e", {name: elf()}))
    assert (link["provider"], link["reason"], link["breaks"]) == ("e", f"here is {name}", ("e",))
    assert "line" not in link


def test_a_file_that_no_distribution_has(venv: Venv):
    write(venv.site, "loose.py", "")
    venv.module("a", "from loose import gone\n")
    assert only(venv)["provider"] == "unknown"


# Files of the program's folder that hide others


def test_a_file_of_the_project_that_hides_a_distribution(venv: Venv):
    write(venv.project, "b.py", "y = 1\n")
    link = only(venv.module("a", "from b import x\n"))
    assert (link["provider"], link["provider_path"]) == ("b", f"{venv.project}/b.py")
    assert link["shadows"] == "b"


def test_a_file_of_the_project_that_hides_the_standard_library(venv: Venv):
    write(venv.stdlib, "random.py", "x = 1\n")
    write(venv.project, "random.py", "y = 1\n")
    link = only(venv.module("a", "from random import x\n"))
    assert (link["provider"], link["shadows"]) == ("project", "stdlib")


def test_an_environment_that_lies_in_the_programs_folder_hides_nothing(venv: Venv, tmp_path: Path):
    venv.project = tmp_path
    link = only(venv.module("a", "from b import gone\n"))
    assert (link["provider"], link.get("shadows")) == ("b", None)


def test_a_package_of_the_project_that_hides_a_namespace(venv: Venv):
    venv.install("e", {"ns/e/__init__.py": ""})
    assert venv.links() == {}
    write(venv.project, "ns/__init__.py", "")
    link = only(venv)
    assert (link["reach"], link["breaks"], link["provider"]) == ("import", ("ns.e",), "project")
    assert link["provider_path"] == f"{venv.project}/ns/__init__.py"


# What a distribution can do without


def optional(venv: Venv, *requires: str, source: str = "import gone\n") -> object:
    venv.install("a", {"a/__init__.py": "", "a_plugin/__init__.py": source}, requires=requires)
    return only(venv)["optional"]


def test_what_is_asked_for_is_not_optional(venv: Venv):
    assert optional(venv) is True
    assert optional(venv, "gone>=1") is False
    assert optional(venv, "python-gone") is False


def test_what_an_extra_or_a_marker_asks_for_is_optional(venv: Venv):
    assert optional(venv, 'gone ; extra == "x"') is True
    assert optional(venv, 'gone ; sys_platform == "win32"') is True


def test_what_all_of_a_distribution_fails_by_is_not_optional(venv: Venv):
    venv.module("a", "import gone\n")
    assert only(venv)["optional"] is False


def test_what_another_distribution_fails_by_is_not_optional(venv: Venv):
    """Whoever installed that one asked for no extra of this one."""
    moved = "try:\n    from moved import x\nexcept ImportError:\n    raise ImportError('install moved')\n"
    venv.install("c", {"c/__init__.py": "", "c/old.py": moved}, requires=('moved ; extra == "old"',))
    assert venv.links() == {}
    link = only(venv.module("a", "from c.old import x\n"))
    assert (link["module"], link["reach"], link["breaks"], link["optional"]) == ("moved", "import", ("a",), False)


# Compiled files, and files as recorded


def test_a_compiled_module_that_cannot_be_loaded_is_no_link(venv: Venv):
    venv.install("a", {"a/__init__.py": "from . import _c\n", f"a/_c.{TAG}.so": b"no program"})
    assert venv.links() == {}
    (binary,) = held(venv, "binary").values()
    assert (binary["problem"], binary["reach"], binary["proven"]) == ("format", "import", True)
    assert binary["path"] == f"{venv.site}/a/_c.{TAG}.so"


def test_a_compiled_module_that_nothing_imports(venv: Venv):
    venv.install("a", {"a/__init__.py": "", f"a/_c.{TAG}.so": b"no program", f"a/_d.{TAG}.so": b"no program"})
    (binary,) = held(venv, "binary").values()
    assert (binary["reach"], binary["files"], binary["version"]) == ("none", 2, "1.0")


@pytest.mark.parametrize(
    ("guard", "reach"), [("", "loaded"), ("try:\n    x = 1\nexcept OSError:\n    x = 2\n", "none")]
)
def test_a_library_that_its_own_code_loads(venv: Venv, guard: str, reach: str):
    source = f"import ctypes\n{guard}ctypes.CDLL(__file__.replace('__init__.py', 'libq.so.1'))\n"
    venv.install("a", {"a/__init__.py": source, "a/libq.so.1": b"no program"})
    (binary,) = held(venv, "binary").values()
    assert binary["reach"] == reach


def test_a_compiled_module_that_was_made_for_another_numpy(venv: Venv):
    venv.module("numpy", "", version="2.1.0")
    compiled = elf(texts=NUMPY_1)
    venv.install("a", {"a/__init__.py": "from . import _c\n", f"a/_c.{TAG}.so": compiled}, requires=("numpy",))
    (binary,) = held(venv, "binary").values()
    assert (binary["provider"], binary["provider_version"], binary["reach"]) == ("numpy", "2.1.0", "import")
    assert venv.links() == {}


def test_generated_code_that_is_damaged_is_no_harm(venv: Venv):
    venv.install("a", {"a/__init__.py": "", "a/x_pb2.py": b"\0", "a/y_pb2_grpc.py": "x = (\n"})
    assert held(venv, "binary") == {}


def test_a_compiled_module_that_another_module_imports(venv: Venv):
    venv.install("a", {"a/__init__.py": "", "a/m.py": "from . import _c\n", f"a/_c.{TAG}.so": b"no program"})
    (binary,) = held(venv, "binary").values()
    assert binary["reach"] == "submodule"


def test_a_guarded_import_of_what_cannot_be_loaded(venv: Venv):
    source = "try:\n    from . import _c\nexcept ImportError:\n    _c = None\n"
    venv.install("a", {"a/__init__.py": source, f"a/_c.{TAG}.so": b"no program"})
    (binary,) = held(venv, "binary").values()
    assert binary["reach"] == "none"


def test_a_file_that_is_missing_where_it_is_imported(venv: Venv):
    venv.install("a", {"a/__init__.py": "import a.c\n", "a/c.py": "", "a/d.py": ""})
    os.unlink(venv.site / "a/c.py")
    os.unlink(venv.site / "a/d.py")
    assert venv.told() == ["a a.c: module, import"]


@pytest.mark.parametrize(
    ("gone", "source", "wanted"),
    [
        ("c/__init__.py", "from c import x\n", "c.x"),  # what is left of it is a namespace package
        ("c/d.py", "from c.d import y\n", "c.d"),
        ("c/d.py", "import c.d\n", "c.d"),
        ("e.py", "from e import z\n", "e"),
    ],
)
def test_a_file_that_its_distribution_no_longer_has(venv: Venv, gone: str, source: str, wanted: str):
    venv.install("c", {"c/__init__.py": "x = 1\n", "c/d.py": "y = 1\n", "e.py": "z = 1\n"}, version="3.1")
    venv.module("a", source)
    os.unlink(venv.site / gone)
    link = venv.links()[f"a {wanted}"]
    assert (link["lost"], link["provider"], link["provider_version"]) == (f"{venv.site}/{gone}", "c", "3.1")
    assert (link["optional"], link["breaks"]) == (False, ("a",))


def test_an_edited_file_is_no_damage(venv: Venv):
    write(venv.site, "b/__init__.py", "x = 1\ny = 2\n")
    (found,) = held(venv, "file").values()
    assert (found["problem"], found["proven"], found["reach"], found["native"]) == ("size", False, "import", False)
    assert (found["expected"], found["found"]) == ("6", "12")


def test_a_file_that_was_cut_off_is_a_syntax_error(venv: Venv):
    venv.module("a", "import b\n\n\ndef run():\n    return b.x\n")
    os.truncate(venv.site / "a/__init__.py", len("import b\n\n\ndef run("))
    assert venv.told() == ["a a: syntax, import"]
    os.truncate(venv.site / "a/__init__.py", 0)
    assert venv.told() == []
    assert held(venv, "file")["a size"]["found"] == "0"
