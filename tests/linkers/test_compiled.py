"""Which names a compiled module certainly does not have, held against every compiled module of this Python."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
from typing import TYPE_CHECKING

import pytest

from envcheck.linkers.compiled import lacks
from envcheck.linkers.offers import _ALWAYS_THERE
from envcheck.linkers.view import View
from envcheck.targets.files import LocalFiles
from tests.linkers.built import TAG, Venv, write
from tests.modules import elf

if TYPE_CHECKING:
    from pathlib import Path

BY_CYTHON = b"\0__test__\0there\0"


@pytest.mark.parametrize(
    ("texts", "told"),
    [
        (BY_CYTHON, ["a b.c.gone: name, import"]),
        (BY_CYTHON + b"gone\0", []),
        (BY_CYTHON + b"__Pyx_import_star\0", []),
        (b"\0there\0", []),
    ],
)
def test_only_what_cython_made_shows_which_names_it_lacks(tmp_path: Path, texts: bytes, told: list[str]):
    venv = Venv(tmp_path)
    write(venv.stdlib, f"lib-dynload/_one.{TAG}.so", b"")
    compiled = elf(names=b"\0PyInit_c\0cython_runtime\0", texts=texts)
    venv.install("b", {"b/__init__.py": "", f"b/c.{TAG}.so": compiled})
    assert venv.module("a", "from b.c import there, gone\n").told() == told


@pytest.mark.parametrize(
    ("module", "told"),
    [("_made", ["a _made.gone: name, import"]), ("_curses", [])],
)
def test_a_compiled_module_of_the_standard_library_names_what_it_has(tmp_path: Path, module: str, told: list[str]):
    venv = Venv(tmp_path)
    write(venv.stdlib, f"lib-dynload/{module}.{TAG}.so", elf(names=b"\0PyInit\0", texts=b"\0there\0"))
    assert venv.module("a", f"from {module} import there, __doc__, gone\n").told() == told


def test_what_only_other_systems_have_is_asked_for_by_modules_that_are_for_them(tmp_path: Path):
    venv = Venv(tmp_path)
    write(venv.stdlib, f"lib-dynload/_made.{TAG}.so", elf(names=b"\0PyInit\0", texts=b"\0there\0"))
    venv.install("a", {"a/__init__.py": "", "a/of_bsd.py": "from _made import there, gone\n"})
    assert venv.told() == []


def test_no_name_of_this_python_is_taken_for_missing():
    folder = os.path.join(sysconfig.get_path("stdlib"), "lib-dynload")
    if not os.path.isdir(folder):
        pytest.skip("this Python has no compiled modules of its own as files")
    files = sorted(name for name in os.listdir(folder) if not name.startswith(("_test", "_xx", "_ctypes_test", "xx")))
    names = json.loads(
        subprocess.run(
            [sys.executable, "-I", "-W", "ignore", "-c", _NAMES, *{name.partition(".")[0] for name in files}],
            capture_output=True,
            check=True,
        ).stdout
    )
    view, read = View(LocalFiles()), dict[str, bytes]()
    for file in files:
        path = f"{folder}/{file}"
        missing = {name for name in names[file.partition(".")[0]] if lacks(view, path, name, read)}
        assert missing <= set(_ALWAYS_THERE), f"{path}: {missing}"
    assert any(read.values())


_NAMES = """
import importlib, json, sys
def names(module):
    try:
        return dir(importlib.import_module(module))
    except ImportError:
        return []
print(json.dumps({module: names(module) for module in sys.argv[1:]}))
"""
