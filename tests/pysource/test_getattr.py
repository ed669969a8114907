"""Which names a module's `__getattr__` can give: all shapes in which it is written."""

from __future__ import annotations

import textwrap

import pytest

from envcheck.pysource.summary import CLOSED, LISTED, OPEN
from tests.pysource.summaries import of

TABLE = 'TABLE = {"a": "pkg.a", "b": "pkg.b"}\n'


def given(
    body: str, before: str = TABLE, head: str = "def __getattr__(name):"
) -> tuple[int, set[str], tuple[str, ...]]:
    """Return the openness, the strings and the unread tables of a module with such a function."""
    summary = of(f"import other\n{before}{head}\n{textwrap.indent(textwrap.dedent(body), '    ')}\n")
    assert not summary.problem, summary.problem
    return summary.openness, set(summary.strings) - {"pkg"}, summary.lists


@pytest.mark.parametrize(
    ("body", "names"),
    [
        ("raise AttributeError(name)", set()),
        ("if name == 'x':\n    return 1\nraise AttributeError", {"x"}),
        ("if name == 'x':\n    return 1\nelif name == 'y':\n    return 2\nelse:\n    raise AttributeError", {"x", "y"}),
        ("if name != 'x':\n    raise AttributeError\nreturn other.y", {"x"}),
        ("if name in ('x', 'y'):\n    return other.z\nraise AttributeError", {"x", "y"}),
        ("if name in {'x': 1, 'y': 2}:\n    return other.z\nraise AttributeError", {"x", "y"}),
        ("if name not in ['x', 'y']:\n    raise AttributeError\nreturn other.z", {"x", "y"}),
        ("if name in TABLE:\n    return load(TABLE[name])\nraise AttributeError", {"a", "b"}),
        ("if name in TABLE.keys():\n    return load(name)\nraise AttributeError", {"a", "b"}),
        ("if name in set(TABLE):\n    return load(name)\nraise AttributeError", {"a", "b"}),
        ("if name in {'x'} | set(TABLE):\n    return load(name)\nraise AttributeError", {"a", "b", "x"}),
        ("if name not in TABLE:\n    raise AttributeError\nimport importlib\nreturn load(name)", {"a", "b"}),
        ("if name in TABLE or name == 'x':\n    return load(name)\nraise AttributeError", {"a", "b", "x"}),
        ("if flag and name in TABLE:\n    return load(name)\nraise AttributeError", {"a", "b"}),
        ("if not (name in TABLE and flag):\n    raise AttributeError\nreturn load(name)", {"a", "b"}),
        ("return load(TABLE[name])", {"a", "b"}),
        ("return TABLE.pop(name)", {"a", "b"}),
        ("module = TABLE[name]\nreturn load(module)", {"a", "b"}),
        (
            "try:\n    module = TABLE[name]\nexcept KeyError:\n    raise AttributeError from None\nreturn load(module)",
            {"a", "b"},
        ),
        ("module = TABLE.get(name)\nif module is None:\n    raise AttributeError\nreturn load(module)", {"a", "b"}),
        ("module = TABLE.get(name, None)\nif not module:\n    raise AttributeError\nreturn load(module)", {"a", "b"}),
        ("if module := TABLE.get(name):\n    return load(module)\nraise AttributeError", {"a", "b"}),
        ("if (module := TABLE.get(name)) is not None:\n    return load(module)\nraise AttributeError", {"a", "b"}),
        ("return load(name) if name in TABLE else fail(TABLE[name])", {"a", "b"}),
        ("with warned():\n    if name in TABLE:\n        return load(name)\nraise AttributeError", {"a", "b"}),
        ("for x in y:\n    if name == 'x':\n        return x\nraise AttributeError", {"x"}),
        ("def load(): return 1\nif name == 'x':\n    return load()\nraise AttributeError", {"x"}),
        ("try:\n    return globals()[name]\nexcept KeyError:\n    raise AttributeError", set()),
        ("import importlib\nreturn importlib.import_module(f'{__name__}.{name}')", set()),
        ("import importlib\nreturn importlib.import_module('.' + name, __name__)", set()),
        ("import importlib\nreturn importlib.import_module(f'.{name}', __package__)", set()),
        ("import importlib\nreturn importlib.import_module(__name__ + '.' + name)", set()),
        (
            "if name.startswith('_'):\n    raise AttributeError\nif name == 'x':\n    return 1\nraise AttributeError",
            {"x"},
        ),
        ("while True:\n    if name == 'x':\n        return 1\n    break\nraise AttributeError", {"x"}),
    ],
)
def test_names_that_are_written_out(body: str, names: set[str]):
    assert given(body) == (LISTED, names, ())


@pytest.mark.parametrize(
    "body",
    [
        "return getattr(other, name)",
        "return other.x",
        "return None",
        "return",
        "pass",
        "if name == 'x':\n    return 1",
        "if name == 'x':\n    return 1\nfail(name)",
        "if name in dir(other):\n    return getattr(other, name)\nraise AttributeError",
        "if hasattr(other, name):\n    return getattr(other, name)\nraise AttributeError",
        "if name in ('x', *others):\n    return 1\nraise AttributeError",
        "if name in {'x': 1, **others}:\n    return 1\nraise AttributeError",
        "if name in ('x', other()):\n    return 1\nraise AttributeError",
        "if name.lower() == 'x':\n    return 1\nraise AttributeError",
        "if name in 'xyz':\n    return 1\nraise AttributeError",
        "if name == 'x' or flag:\n    return 1\nraise AttributeError",
        "if name not in TABLE and flag:\n    raise AttributeError\nreturn 1",
        "if name < 'x':\n    return 1\nraise AttributeError",
        "name = name.lower()\nif name in TABLE:\n    return 1\nraise AttributeError",
        "return TABLE.get(name)",
        "return load(TABLE.get(name, name))",
        "return load(TABLE.get(name, 'x'))",
        "module = TABLE.get(name)\nreturn load(module or name)",
        "module = TABLE.get(name)\nif module is None:\n    return load(name)\nreturn module",
        "module = TABLE.get(name, name)\nif module is None:\n    raise AttributeError\nreturn load(module)",
        "m = TABLE.get(name)\nm = m or name\nif m is None:\n    raise AttributeError\nreturn m",
        "if TABLE.get(name) is None:\n    return 1\nraise AttributeError",
        "module = TABLE[name] if name in TABLE else name\nreturn load(module)",
        "flag and TABLE[name]\nreturn load(name)",
        "f = lambda: TABLE[name]\nreturn load(name)",
        "TABLE[name] = 1\nreturn load(name)",
        "try:\n    return TABLE[name]\nexcept KeyError:\n    return other.x",
        "try:\n    module = TABLE[name]\nexcept KeyError:\n    module = name\nreturn load(module)",
        "try:\n    raise AttributeError\nfinally:\n    return 1",
        "import importlib\nreturn importlib.import_module(f'elsewhere.{name}')",
        "import importlib\nreturn importlib.import_module('.' + name, 'elsewhere')",
        "import importlib\nreturn importlib.import_module(f'{__name__}.inner.{name}')",
        "import importlib\nreturn importlib.import_module(name)",
        "match name:\n    case 'x':\n        return 1\nraise AttributeError",
    ],
)
def test_a_function_that_may_give_anything(body: str):
    assert given(body)[0] == OPEN


def test_other_signatures():
    assert given("return TABLE[name]", head="def __getattr__(name, /):") == (LISTED, {"a", "b"}, ())
    assert given("return TABLE[attr]", head="def __getattr__(attr: str) -> object:") == (LISTED, {"a", "b"}, ())
    for head in ("def __getattr__(*name):", "def __getattr__():", "async def __getattr__(name):"):
        assert given("return TABLE[name]", head=head)[0] == OPEN


def test_a_function_for_type_checkers_gives_nothing():
    source = """
    from typing import TYPE_CHECKING
    if TYPE_CHECKING:
        def __getattr__(name): ...
    """
    assert of(source).openness == CLOSED


def test_a_function_that_is_made_or_imported_may_give_anything():
    assert of("__getattr__ = make()\n").openness == OPEN
    assert of("from other import __getattr__\n").openness == OPEN
    assert of("class C:\n    def __getattr__(self, name): return 1\n").openness == CLOSED


@pytest.mark.parametrize(
    ("table", "names"),
    [
        ('TABLE = {"a": 1, "b": [2]}', {"a", "b"}),
        ('TABLE = {"pkg": ["a", "b"]}', {"a", "b"}),
        ('TABLE: dict[str, str] = {"a": f, "b": lambda: x}', {"a", "b"}),
        ('TABLE = ["a", "b"]', {"a", "b"}),
        ('TABLE = frozenset(("a", "b"))', {"a", "b"}),
        ("TABLE = dict(a=1, b=other)", {"a", "b"}),
        ('TABLE = {"a"} | {"b"}', {"a", "b"}),
        ('TABLE = {name: mod for mod, names in {"pkg": ["a", "b"]}.items() for name in names}', {"a", "b"}),
        ('if x:\n    TABLE = {"a": 1}\nelse:\n    TABLE = {"b": 1}', {"a", "b"}),
        ("TABLE = {}", set()),
    ],
)
def test_tables_that_are_written_out(table: str, names: set[str]):
    assert given("return TABLE[name]", f"{table}\n") == (LISTED, names, ())


@pytest.mark.parametrize(
    "table",
    [
        "from other import TABLE",
        "try:\n    from other import TABLE\nexcept ImportError:\n    TABLE = {'a': 1}",
        "TABLE = make()",
        "TABLE = other.TABLE",
        "TABLE = {'a': 1, **OTHER}",
        "TABLE = {key: 1}",
        "TABLE = ['a', name]",
        "TABLE = ['a', *OTHER]",
        "TABLE = dict(OTHER, a=1)",
        "TABLE = dict(a=1, **OTHER)",
        "TABLE = defaultdict(list, {'a': 1})",
        "TABLE = {'a'} | OTHER",
        "TABLE = {name: 'pkg' for name in OTHER}",
        "TABLE = {name: 1 for name in {'a': 1, **OTHER}}",
        "TABLE = {'a': 1}\nTABLE['b'] = 1",
        "TABLE = {'a': 1}\nTABLE.update(OTHER)",
        "TABLE = {'a'}\nTABLE |= OTHER",
        "TABLE = {'a': 1}\ndef register(name):\n    TABLE[name] = 1",
        "for TABLE in tables: pass",
    ],
)
def test_tables_that_may_hold_more_are_named(table: str):
    assert given("return TABLE[name]", f"{table}\n")[2] == ("TABLE",)


def test_a_table_of_another_module_is_named():
    body = "if name in other.__all__:\n    return getattr(other, name)\nraise AttributeError"
    assert given(body) == (LISTED, set(), ("other.__all__",))


def test_the_ways_of_numpy_and_scipy():
    numpy = """
    import warnings
    if attr in __former_attrs__:
        raise AttributeError(attr)
    if attr in __expired_attributes__:
        raise AttributeError(attr)
    if attr == "chararray":
        warnings.warn("old", stacklevel=2)
        import numpy.char as char
        return char.chararray
    raise AttributeError(attr)
    """
    before = '__former_attrs__ = {"bool8"}\n__expired_attributes__ = {"cast": "gone"}\n'
    assert given(numpy, before, "def __getattr__(attr):") == (LISTED, {"chararray"}, ())
    scipy = """
    if name in submodules:
        return _importlib.import_module(f'scipy.{name}')
    else:
        try:
            return globals()[name]
        except KeyError:
            raise AttributeError(name)
    """
    before = "submodules = ['fft', 'linalg']\n__all__ = submodules + ['test']\n"
    assert given(scipy, before) == (LISTED, {"fft", "linalg"}, ())
