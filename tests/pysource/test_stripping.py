"""What is left of a source before it is compiled tells the same as all of it."""

from __future__ import annotations

import sys
import sysconfig
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from envcheck.pysource.conditions import Python
from envcheck.pysource.reading import read
from envcheck.pysource.stripping import without_bodies
from envcheck.pysource.summary import BODY, MAYBE, RAISE, TRY, WHEN

if TYPE_CHECKING:
    from typing import Any

    from envcheck.pysource.summary import Step, Summary

HERE = Python(version=sys.version_info[:3])
PLACES = (sysconfig.get_paths()["stdlib"], sysconfig.get_paths()["purelib"])
FIELDS = ("problem", "line", "names", "stars", "exported", "openness", "strings", "registers", "functions")


def real_files() -> list[Path]:
    """Return some hundred files of the standard library and of what is installed."""
    found = [sorted(Path(place).rglob("*.py")) for place in PLACES]
    return [path for paths, every in zip(found, (11, 13), strict=True) for path in paths[::every]]


def plain(steps: tuple[Step, ...], *, inside: bool = False) -> list[Any]:
    """Return the steps that can fail, in no order: a short signature tells its defaults and annotations in another."""
    told: list[Any] = []
    for step in steps:
        kind = step[0]
        if kind == TRY:
            parts = [plain(step[1], inside=inside), plain(step[3], inside=inside), plain(step[4], inside=inside)]
            handlers = [(caught, plain(body, inside=inside)) for caught, body in step[2]]
            if any(parts) or any(body for _, body in handlers):
                told.append(("try", parts, handlers))
        elif kind in (MAYBE, WHEN):
            parts = [plain(part, inside=inside) for part in step[-2:]]
            if any(parts):
                told.append((step[:-2], parts))
        elif kind == BODY:
            if body := plain(step[3], inside=True):
                told.append((*step[:3], body))
        elif kind != RAISE or not inside:  # a body that raises does what it is for
            told.append(step)
    return sorted(told, key=repr)


def told(summary: Summary) -> dict[str, Any]:
    own = {name: reference for name, reference in summary.aliases.items() if not name.endswith("()")}
    return {"aliases": own, "steps": plain(summary.steps)} | {name: getattr(summary, name) for name in FIELDS}


def test_real_files_tell_the_same_without_what_does_nothing():
    files = real_files()
    others = {}
    for path in files:
        source = path.read_bytes()
        short, whole = told(read(source, HERE)), told(read(source, HERE, whole=True))
        assert [short[name] for name in ("problem", "names", "stars", "exported", "aliases")] == [
            whole[name] for name in ("problem", "names", "stars", "exported", "aliases")
        ], path
        if short != whole:
            others[str(path)] = [name for name in short if short[name] != whole[name]]
    assert len(files) > 100
    assert len(others) <= len(files) // 100, others


def test_real_files_keep_their_lines_and_lose_most_of_the_rest():
    sources = [path.read_bytes().replace(b"\r\n", b"\n") for path in real_files()]
    short = [without_bodies(source) for source in sources]
    assert [one.count(b"\n") for one in short] == [one.count(b"\n") for one in sources]
    assert sum(map(len, short)) < sum(map(len, sources)) / 2


def left(source: str) -> list[str]:
    """Return the lines that are left."""
    return [line for line in without_bodies(source.encode()).decode().split("\n") if line]


@pytest.mark.parametrize(
    ("source", "lines"),
    [
        ("def f(a, *b, c: int = 1, **d):\n    return 1\n", ["def f(a,*b,c=_,**d): pass"]),
        ("async def f():\n    return 1\n", ["def f(): pass"]),
        ("def f(a: 'x.y' = 1, *, b: dict[str, int] = {}):\n    return 1\n", ["def f(a=_,*,b=_): pass"]),
        ("def f(a: b.c):\n    return 1\n", ["def f(a) -> (b.c,): pass"]),
        ("def f(a=b.c()):\n    return 1\n", ["def f(a=b.c()):", " pass"]),
        ("def f(a=lambda: b.c):\n    return 1\n", ["def f(a=lambda: b.c):", " pass"]),
        ("def __getattr__(name):\n    return 1\n", ["def __getattr__(name):", "    return 1"]),
        ("class A(B):\n    '''x'''\n    x = 1\n    y: int\n    def f(self): ...\n", ["class A(B):", "    pass"]),
        (
            "class A:\n    '''x'''\n    @property\n    def f(self):\n        return 1\n    x = a.b\n",
            ["class A:", "    f=_", "    x = a.b"],
        ),
        (
            "class A:\n    @a.b\n    @property\n    def f(self):\n        return 1\n",
            ["class A:", "    @a.b", "    @property", "    def f(*_, **__): pass"],
        ),
        (
            "if TYPE_CHECKING:\n    from a import b\nelse:\n    c = 1\n",
            ["if TYPE_CHECKING:", "    pass", "else:", "    c = 1"],
        ),
        ("def f():\n    x = 1\n    import a\n    y = a.b\n", ["def f():", "    x=_", "    import a"]),
        ("def f():\n    return_value = 1\n    import a\n", ["def f():", "    return_value=_", "    import a"]),
        (
            "def f():\n    if x:\n        return 1\n    import a\n    a.b = 2\n",
            ["def f():", "    if _: return", "    import a", "    a.b = 2"],
        ),
        (
            "def f():\n    try:\n        g()\n        import a\n    except OSError:\n        g()\n    g()\n",
            ["def f():", "    try:", "        import a", "    except OSError:", "        pass"],
        ),
        (
            "def f():\n    old = False\n    if x:\n        old = y\n    if old:\n        import a\n",
            ["def f():", "    old = False", "    old=_", "    if old:", "        import a"],
        ),
        ("def f():\r\n    return 1\r\nx = 1\r\n", ["def f(): pass", "x = 1"]),
    ],
)
def test_what_is_left(source: str, lines: list[str]):
    assert left(source) == lines


def test_what_a_signature_uses_stays_on_its_line():
    source = "import b\nclass A:\n    def f(\n        self,\n        x: b.c,\n        y: b.d = 1,\n    ): return 1\n"
    assert read(source.encode(), Python(version=(3, 11))).steps[1:] == (
        (3, 5, "b", ("c",), None),
        (3, 6, "b", ("d",), None),
    )


def test_a_method_still_hides_the_module_of_its_name():
    source = "import x\nclass A:\n    @property\n    def x(self): ...\n    @x.setter\n    def x(self, v): ...\n"
    assert read(source.encode(), HERE).steps == ((0, 1, "x", False),)


@pytest.mark.parametrize(
    "source",
    [
        b"def f(" + b"(" * 100_000,
        b"def f(a: " + b"[" * 100_000 + b"]" * 100_000 + b"):\n  return 1\n",
        b"def f(a: " + b"a." * 100_000 + b"b):\n    pass\n",
        b"x = '''" + b"a\n" * 100_000,
        b"\"\"\"'''" * 100_000,
        b"\"\"\"\ndef f():\n    '''\n    x\n" * 20_000,
        b"".join(b" " * depth + b"if x:\n" for depth in range(1_000)),
        b"".join(b" " * depth + b"class x:\n" for depth in range(1_000)),
        b"def f():\n    from a import ("
        + b",".join(b"n%d" % n for n in range(2_000))
        + b")\n"
        + b"    y(n1)\n" * 20_000,
        b"def f():\n"
        + b"".join(b"    v%d = True\n    if a:\n        v%d = 2\n" % (n, n) for n in range(1_000))
        + b"    import a\n",
        b"if (\n" * 100_000,
        b"class a:\n    x" + b" " * 200_000 + b"=3\n    y = 1\n",
    ],
    ids=range(12),
)
def test_hostile_sources_take_no_longer_than_others(source: bytes):
    assert without_bodies(source).count(b"\n") == source.count(b"\n")
