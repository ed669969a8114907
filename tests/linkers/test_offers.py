"""What modules offer, held against the interpreter: every name is really imported in a child as well."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from envcheck.linkers.finder import SOURCE, Module
from envcheck.linkers.offers import absolute, top_of
from tests.linkers.built import Venv, imported

if TYPE_CHECKING:
    from pathlib import Path

HERE = ".".join(map(str, sys.version_info[:3]))
ASK = "from b import x\n"
# Each `b` has the name `x`; a text is the source of `b` where `a` asks for nothing else.
HAS: dict[str, str | dict[str, str]] = {
    "assigned": "x = 1\n",
    "assigned with others": "y, (z, *x) = 1, (2, 3)\n",
    "annotated": "x: int = 1\n",
    "added to": "x = 1\nx += 1\n",
    "a function": "def x(): pass\n",
    "an asynchronous function": "async def x(): pass\n",
    "a class": "class x: pass\n",
    "imported": {"b.py": "from c import y as x\n", "c.py": "y = 1\n"},
    "a module": {"b.py": "import c as x\n", "c.py": ""},
    "a loop's": "for x in [1]: pass\n",
    "a context's": "import contextlib\nwith contextlib.nullcontext((1, 2)) as (x, y): pass\n",
    "a case's": "match {'k': [1, 2], 'q': 3}:\n    case {'k': [_, *y], **x}: pass\n",
    "an expression's": "[x := 5 for _ in (1,)]\n",
    "a function's, for all": "def f():\n    global x\n    x = 1\nf()\n",
    "a function's import, for all": {"b.py": "def f():\n    global x\n    from c import x\nf()\n", "c.py": "x = 1\n"},
    "bound at the end of all ways": """
        try:
            import gone
        except ImportError:
            pass
        else:
            y = 1
        finally:
            if True:
                x = 1
        """,
    "from a star": {"b.py": "from c import *\n", "c.py": "x = 1\n"},
    "from the star of a star": {"b.py": "from c import *\n", "c.py": "from d import *\n", "d.py": "x = 1\n"},
    "from one of two stars": {"b.py": "from c import *\nfrom d import *\n", "c.py": "", "d.py": "x = 1\n"},
    "from stars in a circle": {"b.py": "from c import *\nx = 1\n", "c.py": "from b import *\n"},
    "from a star with a list": {"b.py": "from c import *\n", "c.py": "__all__ = ['x']\nx = y = 1\n"},
    "from a star with an underscore": {
        "a.py": "from b import _x\n",
        "b.py": "from c import *\n",
        "c.py": "__all__ = []\n__all__ += ['_x']\n_x = 1\n",
    },
    "from a star with a list of several": {
        "b.py": "from c import *\n",
        "c.py": "import d\n__all__ = ['y'] + d.__all__\nx = y = 1\n",
        "d.py": "__all__ = ['x']\nx = 1\n",
    },
    "a module that a star lists": {"b.py": "from c import *\n", "c/__init__.py": "__all__ = ['x']\n", "c/x.py": ""},
    "a module below": {"b/__init__.py": "", "b/x.py": ""},
    "a package below": {"b/__init__.py": "", "b/x/__init__.py": ""},
    "a folder below": {"b/__init__.py": "", "b/x/y.py": ""},
    "a module of a namespace": {"b/x.py": ""},
    "always there": {"a.py": "from b import __name__, __doc__, __spec__, __file__, __loader__, __dict__\n", "b.py": ""},
    "always in a package": {"a.py": "from b import __path__, __package__\n", "b/__init__.py": ""},
    "given by __getattr__": "def __getattr__(name): return name\n",
    "given by __getattr__ for some": """
        def __getattr__(name):
            if name in ("x", "y"):
                return 1
            raise AttributeError(name)
        """,
    "given by __getattr__ from a table": """
        _TABLE = {"x": 1}
        def __getattr__(name):
            if name not in _TABLE:
                raise AttributeError(name)
            return _TABLE[name]
        """,
    "given by __getattr__ from a table of others": {
        "b/__init__.py": """
        from .c import TABLE
        def __getattr__(name):
            if name in TABLE:
                return TABLE[name]
            raise AttributeError(name)
        """,
        "b/c.py": "TABLE = {'x': 1}\n",
    },
    "given by __getattr__ from a table that grows": """
        _TABLE = {"y": 1}
        for name in ["x"]:
            _TABLE[name] = 1
        def __getattr__(name):
            if name in _TABLE:
                return _TABLE[name]
            raise AttributeError(name)
        """,
    "given by __getattr__ in lower case": {
        "a.py": "from b import X\n",
        "b.py": """
        _TABLE = {"x": 1}
        def __getattr__(name):
            if (lower := name.lower()) in _TABLE:
                return _TABLE[lower]
            raise AttributeError(name)
        """,
    },
    "given by __getattr__ from a module": {
        "b.py": "import c\ndef __getattr__(name): return getattr(c, name)\n",
        "c.py": "x = 1\n",
    },
    "given by __getattr__ of a module": {
        "b.py": "from c import __getattr__\n",
        "c.py": "def __getattr__(name): return 1\n",
    },
    "given by an object": "class C:\n    def get(self, name): return 1\n__getattr__ = C().get\n",
    "a lazy loader's": {
        "a.py": "from b import x, c\n",
        "b/__init__.py": """
        import lazy
        __getattr__, __dir__, __all__ = lazy.attach(__name__, submodules=["c"], submod_attrs={"d": ["x"]})
        """,
        "b/c.py": "",
        "b/d.py": "x = 1\n",
        "lazy.py": "def attach(name, submodules, submod_attrs): return (lambda name: 1), None, []\n",
    },
    "a lazy module's": {
        "b.py": """
        import sys, types
        from typing import TYPE_CHECKING
        if TYPE_CHECKING:
            from .c import y
        else:
            class _LazyModule(types.ModuleType):
                def __init__(self, name, table): self.table = table
                def __getattr__(self, name):
                    if name in self.table:
                        return self.table[name]
                    raise AttributeError(name)
            sys.modules[__name__] = _LazyModule(__name__, {"x": "c"})
        """
    },
    "of an object in the module's place": "import sys\nclass C:\n    x = 1\nsys.modules[__name__] = C()\n",
    "of another class of module": """
        import sys, types
        class C(types.ModuleType):
            x = 1
        sys.modules[__name__].__class__ = C
        """,
    "written into the dictionary": "globals()['x'] = 1\n",
    "written in a loop": "for name in ['x']:\n    globals()[name] = 1\n",
    "written by another": {"b.py": "import c\nc.fill(globals())\n", "c.py": "def fill(of): of['x'] = 1\n"},
    "written by code": "exec('x = 1')\n",
    "set by another module": {
        "a.py": "import c\nfrom b import x\nb = c.b.x\n",
        "b.py": "",
        "c.py": "import b\nb.x = 1\n",
    },
    "set by its importer": {"a.py": "import b\nb.x = 1\nb.x\nfrom b import x\n", "b.py": ""},
    "set by name": {"a.py": "import c\nfrom b import x\n", "b.py": "", "c.py": "import b\nsetattr(b, 'x', 1)\n"},
    "set by a function of another": {
        "a.py": "import c\nfrom b import x\nfrom b.d import y\n",
        "b/__init__.py": "",
        "b/d.py": "",
        "c.py": "def f():\n    import b\n    b.x = 1\ndef g():\n    from b import d\n    d.y = 1\nf()\ng()\n",
    },
    "set by any name": {
        "a.py": "import c\nfrom b import x\n",
        "b.py": "",
        "c.py": "import b\nfor name in ['x']:\n    setattr(b, name, 1)\n",
    },
    "set on a module below": {
        "a.py": "import c\nfrom b.d import x, y\n",
        "b/__init__.py": "",
        "b/d.py": "",
        "c.py": "import b.d\nfrom b import d\nb.d.x = 1\nd.y = 1\n",
    },
    "set by who is given the module": {
        "a.py": "import c\nfrom b import x\n",
        "b.py": "",
        "c.py": "import b\ndef fill(of): of.x = 1\nfill(b)\n",
    },
    "an attribute of the class of a module's name": {
        "a.py": "from b import x\nx.y\nimport b.x\nb.x.y\n",
        "b/__init__.py": "from .x import x\n",
        "b/x.py": "class x:\n    y = 1\n",
    },
    "an attribute of what is imported under a module's name": {
        "a.py": "import b\nb.c.x\n",
        "b/__init__.py": "from . import d as c\n",
        "b/c.py": "",
        "b/d.py": "x = 1\n",
    },
    "a module that is registered": {
        "a.py": "import b.x\nfrom b.x import y\n",
        "b/__init__.py": """
        import sys, types
        x = types.ModuleType("b.x")
        x.y = 1
        sys.modules["b.x"] = x
        """,
    },
    "a module that is registered by a computed name": {
        "a.py": "from b.x import y\n",
        "b.py": """
        import sys, types
        x = types.ModuleType("b.x")
        x.y = 1
        sys.modules[__name__ + ".x"] = x
        """,
    },
    "a module in another folder": {
        "a.py": "import b.x\n",
        "b/__init__.py": "import os\n__path__.append(os.path.join(os.path.dirname(__file__), 'sub'))\n",
        "b/sub/x.py": "",
    },
    "a module in a folder of its own": {
        "a/__init__.py": "from . import paths\nimport x\n",
        "a/paths.py": "import os, sys\nsys.path.append(os.path.join(os.path.dirname(__file__), 'vendor'))\n",
        "a/vendor/x.py": "",
    },
}
# The form of a file must not hide its names: bodies of functions are left out before it is compiled.
HAS |= {
    "behind a function": "def f():\n    return 1\nx = 1\ndef g(): return 2; y = 3\n",
    "behind quotes in a body": "def f():\n    '''\nx: a text\n    '''\n    return '''\n''' + \"\"\"'''\"\"\"\nx = 1\n",
    "behind a function in a text": "TEXT = '''\ndef f():\n    pass\n'''\nx = 1\n",
    "between quotes in comments": "# it's \"\"\" here\ndef f():\n    return 1\nx = 1\n# '''\ndef g():\n    return 2\n",
    "behind a comment at the margin": "def f():\n    y = 1\n# a comment\n    z = (\n1)\n    return z\nx = 1\n",
    "behind a joined line": "def f(): \\\n    return 1\nx = 1\n",
    "behind a text over two lines": "def f():\n    return 'a\\\nx = 2'\nx = 1\n",
    "with carriage returns": "def f():\r\n    return 1\r\nx = 1\r\n",
    "with form feeds": "\x0cdef f():\n    return 1\n\x0c\nx = 1\n",
    "with tabs": "if 1:\n\tdef f():\n\t\treturn 1\n\tx = 1\n",
    "with a long signature": """
        def f(
            one=(1, (2)),  # )
            *,
            two: "dict[(int)]" = None,
        ) -> None:
            pass
        x = 1
        """,
}
# No `b` has the name `x`, and files prove it.
LACKS: dict[str, str | dict[str, str]] = {
    "an empty file": "",
    "a name of another case": "X = 1\n",
    "a function's own": "def f():\n    x = 1\nf()\n",
    "a class's own": "class C:\n    x = 1\n",
    "a comprehension's": "[x for x in (1,)]\n",
    "a parameter": "def f(x): pass\n",
    "for type checkers": {"b.py": "import typing\nif typing.TYPE_CHECKING:\n    from c import x\n", "c.py": "x = 1\n"},
    "for another Python": "import sys\nif sys.version_info < (3,):\n    x = 1\n",
    "a module of that name elsewhere": {"b.py": "", "x.py": ""},
    "not listed for a star": {"b.py": "from c import *\n", "c.py": "__all__ = ['y']\nx = y = 1\n"},
    "hidden from a star": {"a.py": "from b import _x\n", "b.py": "from c import *\n", "c.py": "_x = 1\n"},
    "not given by __getattr__": """
        _TABLE = {"y": 1}
        def __getattr__(name):
            if name in _TABLE:
                return _TABLE[name]
            raise AttributeError(name)
        """,
    "not in a namespace": {"b/y.py": "x = 1\n"},
    "no module of a module": {"b.py": "", "b_/x.py": ""},
    "set on another": {"b.py": "import c\nc.x = 1\n", "c.py": ""},
}


def sources(case: str | dict[str, str]) -> dict[str, str]:
    files = {"b.py": case} if isinstance(case, str) else case
    return files if any(path.startswith("a") for path in files) else {"a.py": ASK, **files}


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    return imported(tmp_path_factory.mktemp("real"), {name: sources(case) for name, case in {**HAS, **LACKS}.items()})


@pytest.mark.parametrize("name", HAS)
def test_a_name_that_is_there(tmp_path: Path, real: dict[str, str], name: str):
    assert Venv(tmp_path, HERE).each(sources(HAS[name])).told() == []
    assert real[name] == ""


@pytest.mark.parametrize("name", LACKS)
def test_a_name_that_is_not_there(tmp_path: Path, real: dict[str, str], name: str):
    (told,) = Venv(tmp_path, HERE).each(sources(LACKS[name])).told()
    assert told in ("a b.x: name, import", "a b._x: name, import")
    assert real[name] == "ImportError"


@pytest.mark.parametrize(
    ("name", "level", "wanted", "found"),
    [
        ("a", 0, "b.c", "b.c"),
        ("a", 1, "b", ""),
        ("a.b", 1, "", "a"),
        ("a.b", 1, "c.d", "a.c.d"),
        ("a.b", 2, "c", ""),
        ("a.b.c", 2, "d", "a.d"),
    ],
)
def test_relative_imports_of_a_module(name: str, level: int, wanted: str, found: str):
    assert absolute(Module(name=name, kind=SOURCE), level, wanted) == found


@pytest.mark.parametrize(
    ("name", "level", "wanted", "found"),
    [("a", 1, "b", "a.b"), ("a", 2, "b", ""), ("a.b", 1, "", "a.b"), ("a.b", 2, "c", "a.c"), ("a.b", 9, "c", "")],
)
def test_relative_imports_of_a_package(name: str, level: int, wanted: str, found: str):
    assert absolute(Module(name=name, kind=SOURCE, folders=("/f",)), level, wanted) == found


def test_the_top_of_a_name():
    assert [top_of("a"), top_of("a.b.c"), top_of("")] == ["a", "a", ""]
