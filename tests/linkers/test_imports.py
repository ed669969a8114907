"""What import-time code comes to, held against the interpreter: every case is really imported in a child as well."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from tests.linkers.built import Venv, imported

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

HERE = ".".join(map(str, sys.version_info[:3]))
GONE = {"a.py": "import gone\n"}
B = "def here(one, *, two=2): pass\n"
# Nothing is told of these, and each is imported without an error.
SOUND = {
    "relative imports": {
        "a/__init__.py": "from . import b\nfrom .b import x\nfrom .c import d\nfrom .c.d import y\n",
        "a/b.py": "x = 1\n",
        "a/c/__init__.py": "from .. import b\nfrom ..b import x\nfrom . import d\n",
        "a/c/d.py": "from a.b import x as y\nfrom .. import b\nfrom . import __name__ as me\n",
    },
    "a package beats a module of its name": {"a.py": "from b import x\n", "b.py": "", "b/__init__.py": "x = 1\n"},
    "a module of the package beats none outside": {
        "a/__init__.py": "import b\nb.x\n",
        "a/b.py": "",
        "b.py": "x = 1\n",
    },
    "namespace packages": {"a.py": "import b.c\nfrom b import d\nb.c.x\nimport b.e.f as f\n"}
    | {"b/c.py": "x = 1\n", "b/d/__init__.py": "", "b/e/f.py": ""},
    "from a package comes its module": {"a.py": "from b import c\nc.x\n", "b/__init__.py": "", "b/c.py": "x = 1\n"},
    "what others have imported is there": {
        "a.py": "import b\nimport d\nb.c.x\n",
        "b/__init__.py": "",
        "b/c.py": "x = 1\n",
        "d.py": "import b.c\n",
    },
    "two that import each other": {"a.py": "import b\nx = 1\n", "b.py": "import a\ndef f(): return a.x\n"},
    "half a module in a cycle": {"a.py": "x = 1\nfrom b import y\n", "b.py": "from a import x\ny = 1\n"},
    "as": {"a.py": "import b.c as d\nd.x\nfrom b import c as e\ne.x\n", "b/__init__.py": "", "b/c.py": "x = 1\n"},
    "caught by its own name": {"a.py": "try:\n    import gone\nexcept ModuleNotFoundError:\n    gone = None\n"},
    "None where the import fails": {
        "a.py": "try:\n    import gone\nexcept ImportError:\n    gone = None\nif gone is not None:\n    gone.x\n"
    },
    "None where the name is not there": {
        "a.py": "try:\n    from b import c\n    c.x\nexcept ImportError:\n    c = None\n",
        "b.py": "",
    },
    "a class where the import fails": {
        "a.py": "try:\n    import b\n    b.x\nexcept AttributeError:\n    class b: y = 1\nb.y\n",
        "b.py": "",
    },
    "caught by its base": {"a.py": "try:\n    from b import gone\nexcept ImportError:\n    gone = None\n", "b.py": ""},
    "caught by all": {"a.py": "try:\n    import gone\nexcept:\n    pass\n"},
    "caught by one of several": {"a.py": "try:\n    import gone\nexcept (ValueError, Exception):\n    pass\n"},
    "caught by the second": {
        "a.py": "try:\n    import gone\nexcept ValueError:\n    raise\nexcept ImportError as error:\n    why = error\n"
    },
    "caught around a try": {
        "a.py": """
        try:
            try:
                import gone
            except ValueError:
                pass
        except ImportError:
            pass
        """
    },
    "caught of an attribute": {"a.py": "import b\ntry:\n    b.gone\nexcept AttributeError:\n    pass\n", "b.py": ""},
    "caught of an argument": {
        "a.py": "import b\ntry:\n    b.here(1, three=3)\nexcept TypeError:\n    pass\n",
        "b.py": B,
    },
    "caught of a syntax": {"a.py": "try:\n    import b\nexcept SyntaxError:\n    pass\n", "b.py": "x = 1\n"},
    "caught in a group": {"a.py": "try:\n    import gone\nexcept* ImportError:\n    pass\n"},
    "a fallback that is there": {
        "a.py": "try:\n    from gone import x\nexcept ImportError:\n    from b import x\n",
        "b.py": "x = 1\n",
    },
    "the second fallback": {
        "a.py": """
        try:
            import gone
        except ImportError:
            try:
                import gone2
            except ImportError:
                import b
        """,
        "b.py": "",
    },
    "what follows a guard in it": {
        "a.py": "try:\n    import gone\n    import gone2\n    gone.x\nexcept ImportError:\n    pass\n"
    },
    "otherwise is not reached": {
        "a.py": "try:\n    import gone\nexcept ImportError:\n    pass\nelse:\n    from b import gone\n",
        "b.py": "",
    },
    "suppressed": {"a.py": "import contextlib\nwith contextlib.suppress(ImportError):\n    import gone\n"},
    "for type checkers": {
        "a.py": """
        import typing
        from typing import TYPE_CHECKING
        if TYPE_CHECKING:
            from gone import x
        else:
            import b
        if typing.TYPE_CHECKING:
            import gone
        if not TYPE_CHECKING:
            import b
        """,
        "b.py": "",
    },
    "for other Pythons": {
        "a.py": """
        import sys
        if sys.version_info >= (3, 99):
            import gone
        elif sys.version_info[0] == 2 or sys.version_info.major < 3:
            import gone
        elif sys.version_info[:2] < (3, 6):
            from b import gone
        else:
            import b
        PY2 = sys.version_info[0] == 2
        if PY2:
            import gone
        if sys.version_info < (3, 0) and b.unknown():
            import gone
        """,
        "b.py": "",
    },
    "for other platforms": {
        "a.py": """
        import os, platform, sys
        if sys.platform == "plan9":
            import gone
        if sys.platform in ("plan9", "cygwin"):
            import gone
        if sys.platform.startswith("riscos"):
            import gone
        if os.name == "ce":
            import gone
        if sys.implementation.name == "nothing" or platform.python_implementation() == "IronPython":
            import gone
        """
    },
    "for the program": {"a.py": "if __name__ == '__main__':\n    import gone\n"},
    "for nobody": {"a.py": "if False:\n    import gone\nif 0:\n    import gone\nif not True:\n    import gone\n"},
    "in functions": {
        "a.py": """
        def _f():
            import gone
        async def _g():
            from gone import x
        class _C:
            def m(self):
                from b import gone
        later = lambda: __import__("gone")
        """,
        "b.py": "",
    },
    "parts that are not evaluated": {
        "a.py": """
        import b
        later = lambda: b.gone
        none = [b.gone for _ in ()]
        other = b.x and b.y or b.gone
        chosen = b.x if b.x else b.gone
        """,
        "b.py": "x = y = 1\n",
    },
    "annotations that are texts": {
        "a.py": "from __future__ import annotations\nimport b\ndef f(x: b.gone) -> b.gone: pass\ny: b.gone = 1\n",
        "b.py": "",
    },
    "names of a class are its own": {
        "a.py": "import b\nclass C:\n    import c as b\n    b.x\n    class b2: pass\n",
        "b.py": "",
        "c.py": "x = 1\n",
    },
    "a name that is bound anew": {"a.py": "import b\nb = object\nb.mro\n", "b.py": ""},
    "a name that may be another module": {
        "a.py": "try:\n    import gone as m\nexcept ImportError:\n    import b as m\nm.x\n",
        "b.py": "x = 1\n",
    },
    "a guarded module in vain": {
        "a.py": "try:\n    import b\nexcept ImportError:\n    b = None\n",
        "b/__init__.py": "try:\n    from . import c\nexcept ImportError:\n    c = None\n",
        "b/c.py": "try:\n    import gone\nexcept ImportError as error:\n    raise ImportError('no') from error\n",
    },
    "keywords that are taken": {
        "a.py": """
        import b
        from b import here, anything
        here(1, two=2)
        b.here(one=1)
        anything(three=3)
        b.anything(three=3)
        b.changed(three=3)
        b.chosen(three=3)
        b.Class(three=3)
        here(*[1], **{})
        """,
        "b.py": B
        + """
def anything(**more): pass
def keep(f): return lambda **more: None
@keep
def changed(): pass
def chosen(): pass
def chosen(three): pass
class Class:
    def __init__(self, three): pass
""",
    },
    "a module that its package puts in place": {
        "a.py": "import b.c\nfrom b.c import d\n",
        "b/__init__.py": "import sys\nfrom . import _c\nsys.modules['b.c'] = _c\n",
        "b/_c.py": "d = 1\n",
    },
    "a module with another encoding": {"a.py": "# -*- coding: latin-1 -*-\nfrom b import x\n", "b.py": "\ufeffx = 1\n"},
    "the module that is imported is not the one here": {
        "a/__init__.py": "from . import other\n",
        "a/other.py": "import b\nb.x\n",
        "a/b.py": "",
        "b.py": "x = 1\n",
    },
    "by the version of another": {
        "a.py": """
        import b
        def parse(text): return tuple(map(int, text.split(".")))
        if parse(b.__version__) < parse("1.0"):
            from b import gone
        if parse(b.__version__) >= parse("0.9"):
            from b import x
        else:
            import gone
        """,
        "b.py": "__version__ = '1.0'\nx = 1\n",
    },
    "by what another has": {
        "a.py": "import b\nif hasattr(b, 'gone'):\n    from b import gone\nelse:\n    from b import x\n",
        "b.py": "x = 1\n",
    },
}
# Of these it is told that, and why, the import of `a` fails.
BROKEN: dict[str, tuple[Mapping[str, str], list[str]]] = {
    "an attribute of a module that may be None": (
        {"a.py": "try:\n    import b\n    b.gone\nexcept ImportError:\n    b = None\n", "b.py": ""},
        ["a b.gone: attribute, import"],
    ),
    "an attribute behind the handler that makes it None": (
        {"a.py": "try:\n    import b\nexcept ImportError:\n    b = None\nb.gone\n", "b.py": ""},
        ["a b.gone: attribute, import"],
    ),
    "no such module": (GONE, ["a gone: module, import"]),
    "no such module below": ({"a.py": "import b.gone\n", "b/__init__.py": ""}, ["a b.gone: module, import"]),
    "no such module two below": ({"a.py": "import b.gone.x\n", "b/__init__.py": ""}, ["a b.gone.x: module, import"]),
    "no such module of a namespace": ({"a.py": "import b.gone\n", "b/c.py": ""}, ["a b.gone: module, import"]),
    "a module is no package": ({"a.py": "import b.c\n", "b.py": "c = 1\n"}, ["a b.c: module, import"]),
    "an attribute is no module": (
        {"a.py": "import b.c\n", "b/__init__.py": "from b import d as c\n", "b/d.py": ""},
        ["a b.c: module, import"],
    ),
    "no such module of its own": ({"a/__init__.py": "from .gone import x\n"}, ["a a.gone: module, import"]),
    "no such module above": (
        {
            "a/__init__.py": "from .b import c\n",
            "a/b/__init__.py": "from . import c\n",
            "a/b/c.py": "from .. import x\n",
        },
        ["a a.x: name, import"],
    ),
    "no such name": ({"a.py": "from b import gone\n", "b.py": "x = 1\n"}, ["a b.gone: name, import"]),
    "no such name among others": (
        {"a.py": "from b import (\n    x,\n    gone as y,\n)\n", "b.py": "x = 1\n"},
        ["a b.gone: name, import"],
    ),
    "no such attribute": ({"a.py": "import b\nb.gone\n", "b.py": ""}, ["a b.gone: attribute, import"]),
    "no such attribute further on": (
        {
            "a.py": "import b.c as d\nfloat = d.e.gone.x\n",
            "b/__init__.py": "",
            "b/c.py": "from b import e\n",
            "b/e.py": "",
        },
        ["a b.e.gone: attribute, import"],
    ),
    "an attribute in a class": (
        {"a.py": "import b\nclass C(b.gone):\n    pass\n", "b.py": ""},
        ["a b.gone: attribute, import"],
    ),
    "an attribute in the body of a class": (
        {"a.py": "import b\nclass C:\n    x = b.gone\n", "b.py": ""},
        ["a b.gone: attribute, import"],
    ),
    "a decorator": ({"a.py": "import b\n@b.gone\ndef f(): pass\n", "b.py": ""}, ["a b.gone: attribute, import"]),
    "a default": ({"a.py": "import b\ndef f(x=b.gone): pass\n", "b.py": ""}, ["a b.gone: attribute, import"]),
    "a call's argument": ({"a.py": "import b\nprint(str(b.gone))\n", "b.py": ""}, ["a b.gone: attribute, import"]),
    "no such argument": ({"a.py": "import b\nb.here(1, gone=1)\n", "b.py": B}, ["a b.here.gone: argument, import"]),
    "no such argument of what was imported": (
        {
            "a.py": "from b import here as there\nthere(1, gone=1)\n",
            "b/__init__.py": "from .c import here\n",
            "b/c.py": B,
        },
        ["a b.c.here.gone: argument, import"],
    ),
    "syntax": ({"a.py": "x = (\n"}, ["a a: syntax, import"]),
    "syntax of Python 2": ({"a.py": "def f():\n    print 'x'\n"}, ["a a: syntax, import"]),
    "a null byte": ({"a.py": "x = 1\n\0"}, ["a a: syntax, import"]),
    "raised": ({"a.py": "raise ImportError('moved')\n"}, ["a a.ImportError: raised, import"]),
    "raised again": (
        {"a.py": "try:\n    import gone\nexcept ImportError:\n    raise\n"},
        ["a gone: module, import"],
    ),
    "raised in other words": (
        {"a.py": "try:\n    import gone\nexcept ImportError as error:\n    raise RuntimeError('no') from error\n"},
        ["a gone: module, import"],
    ),
    "the fallback is not there either": (
        {"a.py": "try:\n    import gone\nexcept ImportError:\n    from b import x\n", "b.py": ""},
        ["a b.x: name, import"],
    ),
    "caught too narrowly": (
        {"a.py": "try:\n    import b.gone\nexcept (AttributeError, ValueError):\n    pass\n", "b/__init__.py": ""},
        ["a b.gone: module, import"],
    ),
    "caught as a missing module": (
        {"a.py": "try:\n    from b import gone\nexcept ModuleNotFoundError:\n    pass\n", "b.py": ""},
        ["a b.gone: name, import"],
    ),
    "not guarded where it goes on": (
        {"a.py": "try:\n    import b\nexcept ImportError:\n    pass\nelse:\n    from b import gone\n", "b.py": ""},
        ["a b.gone: name, import"],
    ),
    "in the end": ({"a.py": "try:\n    import b\nfinally:\n    import gone\n", "b.py": ""}, ["a gone: module, import"]),
    "not caught on the way": ({"a.py": "try:\n    import gone\nfinally:\n    x = 1\n"}, ["a gone: module, import"]),
    "for this Python": (
        {"a.py": "import sys\nif sys.version_info >= (3, 8):\n    import gone\n"},
        ["a gone: module, import"],
    ),
    "for no type checker": (
        {"a.py": "from typing import TYPE_CHECKING\nif not TYPE_CHECKING:\n    import gone\n"},
        ["a gone: module, import"],
    ),
    "both ways": (
        {"a.py": "import b\nif b.x:\n    import gone\nelse:\n    import gone2\n", "b.py": "x = 1\n"},
        ["a gone: module, import"],
    ),
    "imported by a call": ({"a.py": "__import__('b.gone')\n", "b/__init__.py": ""}, ["a b.gone: module, import"]),
    "imported by a function for it": (
        {"a.py": "import importlib\nm = importlib.import_module('gone')\n"},
        ["a gone: module, import"],
    ),
    "by what another has not": (
        {"a.py": "import b\nif not hasattr(b, 'x'):\n    from b import gone\n", "b.py": ""},
        ["a b.gone: name, import"],
    ),
    "by the older version of another": (
        {
            "a.py": "import b\nparse = float\nV = float\nif V(b.__version__) < V('2.0'):\n    from b import gone\n",
            "b.py": "__version__ = '1.0'\n",
        },
        ["a b.gone: name, import"],
    ),
    "what is behind something that is guarded": (
        {"a.py": "try:\n    import b\nexcept ImportError:\n    pass\n", "b.py": "import c\nc.gone\n", "c.py": ""},
        ["b c.gone: attribute, import"],
    ),
    "what is above": (
        {"a.py": "import b.c\n", "b/__init__.py": "import gone\n", "b/c.py": ""},
        ["b gone: module, import"],
    ),
    "what is far": (
        {"a.py": "from b import x\n", "b.py": "from c import x\n", "c/__init__.py": "from .d import x\n"}
        | {"c/d.py": "from b import y\n"},
        ["c b.y: name, import"],
    ),
}
# Whatever becomes of these, nothing that files show proves it.
OPEN = {
    "a test of anything": {"a.py": "import os\nif os.environ.get('X'):\n    import gone\n"},
    "a loop": {"a.py": "for x in list(range(0)):\n    import gone\n"},
    "a loop of any length": {"a.py": "import os\nwhile os.environ.get('X'):\n    import gone\n"},
    "a case": {"a.py": "import os\nmatch os.environ.get('X'):\n    case 'x':\n        import gone\n"},
    "a context of any kind": {
        "a.py": "class Any:\n    def __enter__(self): pass\n    def __exit__(self, *_): return True\n"
        "with Any():\n    import gone\n"
    },
    "exceptions of any kind": {"a.py": "Any = Exception\ntry:\n    import gone\nexcept Any:\n    pass\n"},
    "modules of computed names": {"a.py": "try:\n    __import__('go' + 'ne')\nexcept ImportError:\n    pass\n"},
    "what follows something that may fail": {
        "a.py": """
        import os
        try:
            if os.environ.get("X"):
                import gone
        except ImportError:
            import gone2
        else:
            from b import gone
        """,
        "b.py": "",
    },
    "an attribute of what may be anything": {
        "a.py": "import b\nif hasattr(b.c.d, 'x'):\n    import gone\n",
        "b.py": "from c import *\n",
        "c.py": "globals().update(c=1)\n",
    },
    "a relative import in no package": {"a.py": "from . import b\n", "b.py": ""},
    "a relative import beyond the top": {"a/__init__.py": "from ... import b\n", "b.py": ""},
    "a name of half a module": {"a.py": "from b import y\nx = 1\n", "b.py": "from a import x\ny = 1\n"},
    "a name that was deleted": {"a.py": "from b import x\n", "b.py": "x = 1\ndel x\n"},
    "a name of one branch": {"a.py": "from b import x\n", "b.py": "import os\nif os.environ.get('X'):\n    x = 1\n"},
    "a function that binds": {"a.py": "from b import x\n", "b.py": "def f():\n    global x\n    x = 1\n"},
    "a module of what may be any class": {"a.py": "from b import c\nc.gone\n", "b.py": "class c:\n    gone = 1\n"},
}


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    cases = {**SOUND, **{name: files for name, (files, _) in BROKEN.items()}}
    return imported(tmp_path_factory.mktemp("real"), cases)


@pytest.mark.parametrize("name", SOUND)
def test_what_is_imported_is_sound(tmp_path: Path, real: dict[str, str], name: str):
    assert Venv(tmp_path, HERE).each(SOUND[name]).told() == []
    assert real[name] == ""


@pytest.mark.parametrize("name", BROKEN)
def test_what_fails_is_told(tmp_path: Path, real: dict[str, str], name: str):
    files, told = BROKEN[name]
    assert Venv(tmp_path, HERE).each(files).told() == told
    assert real[name] != ""


@pytest.mark.parametrize("name", OPEN)
def test_what_cannot_be_told_is_no_break(tmp_path: Path, name: str):
    assert Venv(tmp_path, HERE).each(OPEN[name]).told() == []


@pytest.mark.parametrize(
    ("version", "told"), [("1.0", ["a b.gone: name, import"]), ("2.0", []), ("not a version", []), ("1.9", [])]
)
def test_only_an_older_version_takes_the_way_for_older_ones(tmp_path: Path, version: str, told: list[str]):
    source = "import b\nparse = float\nif parse(b.__version__) < parse('1.9'):\n    from b import gone\n"
    venv = Venv(tmp_path).module("a", source).module("b", f"__version__ = {version!r}\n")
    about = venv.site / "b-1.0.dist-info" / "METADATA"
    about.write_text(about.read_text().replace("Version: 1.0", f"Version: {version}"))
    assert venv.told() == told


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("import b\nfrom b import x\n", []),
        ("import c\nfrom c import x\n", ["a c.x: name, import"]),
    ],
)
def test_compiled_modules_may_have_any_name(tmp_path: Path, source: str, told: list[str]):
    venv = Venv(tmp_path).install("b", {"b.so": b""}).module("c", "")
    assert venv.module("a", source).told() == told
