"""What is known of the standard library, held against the one that runs these tests: no name is taken for missing."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig

import pytest

from envcheck.linkers.compiled import lacks
from envcheck.linkers.finder import Finder
from envcheck.linkers.kept import Kept
from envcheck.linkers.offers import Offers
from envcheck.linkers.sources import Sources
from envcheck.linkers.view import View
from envcheck.pysource.conditions import Python
from envcheck.pysource.stdlib import has_lost
from envcheck.targets import open_target

# Modules of which another one sets attributes, or which print when they are imported.
_OTHERS = frozenset(("antigravity", "this", "idlelib", "turtledemo", "lib2to3", "distutils", "site", "test"))
_NAMES = """
import importlib, json, sys, warnings
warnings.simplefilter("ignore")
def names(module):
    try:
        return list(vars(importlib.import_module(module)))
    except BaseException:
        return []
print("\\n" + json.dumps({module: names(module) for module in sys.argv[1:]}))
"""


@pytest.fixture
def offers() -> Offers:
    target = open_target(f"python:{sys.prefix}", cwd="/", environ={})
    assert target.layout is not None
    view, texts = View(target.files), dict[str, bytes]()
    python = Python(version=sys.version_info[:3], platform=sys.platform, implementation="cpython")
    read = Sources(view, python, Kept("x", 1, cached=False), lambda _path, _size: False)
    return Offers(Finder(view, target, target.layout), read, lambda path, name: lacks(view, path, name, texts), {}, {})


def test_no_name_of_the_standard_library_is_taken_for_missing(offers: Offers):
    entries = (entry.partition(".") for entry in os.listdir(sysconfig.get_path("stdlib")))
    modules = sorted({name for name, _, end in entries if end in ("", "py") and name.isidentifier()} - _OTHERS)
    ran = subprocess.run([sys.executable, "-I", "-c", _NAMES, *modules], capture_output=True, text=True, check=True)
    real: dict[str, list[str]] = json.loads(ran.stdout.rstrip().rpartition("\n")[2])
    assert sum(map(len, real.values())) > 5_000
    for name, names in real.items():
        module = offers.finder.find(name)
        missing = [one for one in names if offers.offers(module, one) is False and offers.below(module, one) is None]
        assert missing == [], name


@pytest.mark.parametrize(
    ("module", "name", "minor", "left"),
    [
        ("time", "clock", 7, False),
        ("time", "clock", 8, True),
        ("time", "time", 12, False),
        ("sys", "maxint", 0, True),
        ("posix", "errno", 11, True),
        ("time", "clock", None, False),
        ("other", "clock", 12, False),
    ],
)
def test_names_that_compiled_in_modules_no_longer_have(module: str, name: str, minor: int | None, *, left: bool):
    assert has_lost(module, name, minor) is left
    assert not (left and hasattr(sys.modules.get(module), name) and minor == sys.version_info.minor)


def test_names_that_left_the_standard_library_are_missed(offers: Offers):
    gone = [("inspect", "formatargspec"), ("collections", "Mapping"), ("time", "clock")]
    found = {f"{module}.{name}": offers.offers(offers.finder.find(module), name) for module, name in gone}
    assert found == dict.fromkeys(found, False)
