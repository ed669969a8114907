"""How far a broken import reaches: the import of packages, programs, modules below, calls, or nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from envcheck.linkers.reach import for_developers
from tests.linkers.built import Venv

if TYPE_CHECKING:
    from pathlib import Path

GONE = "from b import gone\n"


@pytest.fixture
def venv(tmp_path: Path) -> Venv:
    return Venv(tmp_path).module("b", "x = 1\n")


def reached(venv: Venv) -> dict[str, tuple[str, tuple[str, ...]]]:
    """Return how far every link reaches, and what fails by it."""
    return {key: (one["reach"], one["breaks"]) for key, one in venv.links().items()}


# Imports


def test_everything_that_imports_it_fails(venv: Venv):
    venv.install("a", {"a/__init__.py": "from . import c\n", "a/c.py": GONE})
    venv.module("d", "import a\n").module("e", "try:\n    import d\nexcept ImportError:\n    pass\n")
    assert reached(venv) == {"a b.gone": ("import", ("a", "d"))}


def test_two_things_that_fail_are_told_both(venv: Venv):
    venv.module("a", GONE).module("c", "from b import gone2\n").module("d", "import a\nimport c\n")
    assert reached(venv) == {"a b.gone": ("import", ("a", "d")), "c b.gone2": ("import", ("c",))}


def test_what_fails_first_is_told(venv: Venv):
    venv.module("a", "from b import gone1\nfrom b import gone2\n")
    assert list(reached(venv)) == ["a b.gone1"]


def test_what_is_set_by_a_module_that_is_imported_later_counts(venv: Venv):
    """An importer that is taken first finds a name that another one sets."""
    venv.module("a", "import z\nfrom b import late\n").module("z", "import b\nb.late = 1\n")
    venv.module("c", "import b\n").module("aa", "from b import late\n")
    assert reached(venv) == {}


def test_modules_of_no_package_at_the_top(venv: Venv):
    venv.install("a", {"a.py": GONE, "aa.py": "import a\n"})
    assert reached(venv) == {"a b.gone": ("import", ("a", "aa"))}


# Programs


def programs(venv: Venv, lines: str, source: str = "def main(): pass\n") -> None:
    files = {"a/__init__.py": "", "a/tool.py": source}
    venv.install("a", files, entry_points=f"[console_scripts]\n{lines}\n")


def test_a_program_fails_by_its_module(venv: Venv):
    programs(venv, "tool = a.tool:main", f"{GONE}def main(): pass\n")
    assert reached(venv) == {"a b.gone": ("entry-point", ("tool",))}


def test_a_program_fails_by_its_function(venv: Venv):
    programs(venv, "tool = a.tool:main\nother = a.tool:gone\nthird = a.tool:main.inner")
    assert reached(venv) == {"a a.tool.gone": ("entry-point", ("other",))}


@pytest.mark.parametrize(
    "line",
    [
        "tool = a.tool",
        "tool = a.tool:main",
        "tool = a.tool:main [extra]",
        "tool = a:tool",
        "tool = gone.tool:main [extra]",
    ],
)
def test_programs_that_are_sound(venv: Venv, line: str):
    programs(venv, line)
    assert reached(venv) == {}


def test_programs_whose_module_is_broken_at_the_top(venv: Venv):
    programs(venv, "tool = a.tool:main")
    venv.module("c", "import d\n").module("d", GONE)
    assert reached(venv) == {"d b.gone": ("import", ("c", "d"))}


def test_other_entry_points_are_no_programs(venv: Venv):
    venv.install("a", {"a.py": ""}, entry_points="[pytest11]\nplugin = a:gone\n[gui_scripts]\nwindow = a:main\n")
    assert reached(venv) == {"a a.main": ("entry-point", ("window",))}


# Functions


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("def run():\n    from b import gone\n", "a.run"),
        ("async def run():\n    from b import gone\n", "a.run"),
        ("class Run:\n    def go(self):\n        from b import gone\n", "a.Run.go"),
        ("class Run:\n    class Inner:\n        def go(self):\n            from b import gone\n", "a.Run.Inner.go"),
        ("def run(x):\n    y = 1\n    with open(x):\n        from b import gone\n", "a.run"),
        ("def run():\n    try:\n        from b import gone\n    except ValueError:\n        pass\n", "a.run"),
        ("if True:\n    def run():\n        from b import gone\n", "a.run"),
    ],
)
def test_a_public_function_that_fails_when_it_is_called(venv: Venv, source: str, name: str):
    venv.module("a", source, requires=("b",))
    assert reached(venv) == {"a b.gone": ("call", (name,))}


@pytest.mark.parametrize(
    "source",
    [
        "def _run():\n    from b import gone\n",
        "class _Run:\n    def go(self):\n        from b import gone\n",
        "def test_run():\n    from b import gone\n",
        "def __getattr__(name):\n    from b import gone\n",
        "def run(x):\n    if x:\n        from b import gone\n",
        "def run(x):\n    for y in x:\n        from b import gone\n",
        "def run(x):\n    if x:\n        return\n    from b import gone\n",
        "def run(x):\n    if x:\n        raise ValueError\n    from b import gone\n",
        "def run():\n    return 1\n    from b import gone\n",
        "def run():\n    raise NotImplementedError\n    from b import gone\n",
        "def run():\n    try:\n        return 1\n    except ValueError:\n        pass\n    from b import gone\n",
        "def run():\n    try:\n        from b import gone\n    except ImportError:\n        gone = None\n",
        "def run():\n    import contextlib\n    with contextlib.suppress(ImportError):\n        from b import gone\n",
        "def run(x):\n    with x.anything():\n        from b import gone\n",
        "def run():\n    def inner():\n        from b import gone\n",
        "def run():\n    import b\n    b.gone\n",
        "import typing\ndef run():\n    if typing.TYPE_CHECKING:\n        from b import gone\n",
        "import sys\ndef run():\n    if sys.version_info < (3,):\n        from b import gone\n",
        "run = lambda: __import__('b').gone\n",
    ],
)
def test_a_function_that_need_not_fail(venv: Venv, source: str):
    venv.module("a", source, requires=("b",))
    assert reached(venv) == {}


@pytest.mark.parametrize("requires", [(), ("c",), ('b ; extra == "x"',)])
def test_a_part_for_what_is_not_asked_for_is_for_who_installs_it(venv: Venv, requires: tuple[str, ...]):
    """Whoever wants the part installs the other distribution, in the release that the part was made for."""
    files = {"a/__init__.py": "def run():\n    from b import gone\n", "a/c.py": "from . import d\n"}
    venv.install("a", {**files, "a/d.py": "from b import gone2\n"}, requires=requires)
    assert {key: reach for key, (reach, _) in reached(venv).items()} == {"a b.gone": "guarded", "a b.gone2": "guarded"}


def test_functions_of_private_modules_and_of_tests_are_nobodys_to_call(venv: Venv):
    body = "def run():\n    from b import gone\n"
    names = ("_inner", "tests", "testing", "conftest", "test_run", "benchmarks")
    venv.install(
        "a",
        {"a/__init__.py": "".join(f"from . import {name}\n" for name in names)}
        | {f"a/{name}.py": body for name in names},
        requires=("b",),
    )
    assert reached(venv) == {}


def test_functions_of_modules_that_nothing_imports_are_not_looked_at(venv: Venv):
    venv.install("a", {"a/__init__.py": "", "a/c.py": "def run():\n    from b import gone\n"}, requires=("b",))
    assert reached(venv) == {}


def test_what_a_function_lacks_altogether_is_its_own_choice(venv: Venv):
    venv.module("a", "def run():\n    import gone\n    from gone.x import y\n")
    assert reached(venv) == {}


def test_a_module_that_left_the_standard_library_is_no_choice(tmp_path: Path):
    venv = Venv(tmp_path, "3.12.1").module("a", "def run():\n    import asyncore\n")
    assert reached(venv) == {"a asyncore": ("call", ("a.run",))}


def test_a_name_of_another_python_is_for_whoever_wants_that_python(venv: Venv):
    (venv.stdlib / "fractions.py").write_text("x = 1\n")
    venv.module("a", "def run():\n    from fractions import gone\n")
    assert reached(venv) == {"a fractions.gone": ("guarded", ("a.run",))}


def test_an_import_counts_more_than_a_call(venv: Venv):
    venv.module("a", "def run():\n    from b import gone\n", requires=("b",)).module("c", GONE)
    venv.install("d", {"d/__init__.py": "def run():\n    from b import gone\nfrom . import e\n", "d/e.py": GONE})
    assert reached(venv) == {
        "a b.gone": ("call", ("a.run",)),
        "c b.gone": ("import", ("c",)),
        "d b.gone": ("import", ("d",)),
    }


# Modules that no import of the top reaches


def test_a_module_below_that_others_import_in_a_function(venv: Venv):
    files = {"a/__init__.py": "def run(x):\n    if x:\n        from . import c\n", "a/c.py": GONE}
    venv.install("a", files)
    assert reached(venv) == {"a b.gone": ("guarded", ("a.c",))}
    venv.install("a", files | {"a/__init__.py": "", "a/d.py": "from . import c\n"}, requires=("b",))
    assert reached(venv) == {"a b.gone": ("submodule", ("a.c",))}


def test_a_module_below_that_nothing_imports(venv: Venv):
    venv.install("a", {"a/__init__.py": "", "a/plugins/__init__.py": "", "a/plugins/c.py": GONE})
    assert reached(venv) == {"a b.gone": ("guarded", ("a.plugins.c",))}


def test_a_module_below_may_do_without_what_is_not_installed(venv: Venv):
    venv.install("a", {"a/__init__.py": "", "a/c.py": "import gone\n", "a/d.py": "import gone.x\nfrom gone import y\n"})
    assert reached(venv) == {}


@pytest.mark.parametrize(
    ("module", "expected"),
    [
        ("a", False),
        ("a.b", False),
        ("tests", False),
        ("a.tests.b", True),
        ("a.test_b", True),
        ("a.conftest", True),
        ("a.testing", True),
        ("a.contest", False),
        ("a.b.docs.c", True),
    ],
)
def test_modules_for_developers(module: str, expected: bool):  # noqa: FBT001
    assert for_developers(module) is expected
