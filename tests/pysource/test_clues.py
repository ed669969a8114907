"""What the bytes of a file tell before it is compiled."""

from __future__ import annotations

import pytest

from envcheck.pysource.clues import is_suspicious, tampers
from envcheck.pysource.stripping import without_bodies
from tests.pysource.summaries import of, on


@pytest.mark.parametrize(
    ("source", "marks"),
    [
        (b"sys.meta_path.append(F)\nclass F:\n    def find_spec(self): ...", {"!"}),
        (b"sys.path_hooks.insert(0, hook)", {"!"}),
        (b"__path__ = [x]", {"*"}),
        (b"__import__('pkg_resources').declare_namespace(__name__)", {"*"}),
        (b"sys.path.insert(0, x)", {"/"}),
        (b"sys.path += [x]", {"/"}),
        (b"sys.path[:0] = [x]", {"/"}),
        (b"sys.path = []", {"/"}),
        (b"site.addsitedir(x)", {"/"}),
        (b"def f():\n    sys.path.append(x)\n", {"~"}),
        (b"print(sys.path)\nfor x in sys.path: pass", set()),
        (b"sys.modules['a.b'] = x", {"a.b"}),
        (b'sys.modules["a"] = sys.modules["b"] = x', {"a", "b"}),
        (b"def f():\n    sys.modules[name] = x", {"*"}),
        (b"sys.modules[__name__ + '.x'] = x", {"*"}),
        (b"sys.modules.setdefault('a.b', x)", {"a.b"}),
        (b"sys.modules.update(x)", {"*"}),
        (b"x = sys.modules['a']\nif sys.modules['b'] == x: pass", set()),
        (b"self.modules['a'] = x", set()),
        (b"x = 1", set()),
    ],
)
def test_what_may_change_what_imports_find(source: bytes, marks: set[str]):
    assert set(tampers(source, without_bodies(source), on(3, 11))) == marks
    assert set(of(source).registers) == marks


def test_an_importer_of_old_style_is_not_asked_by_a_new_python():
    source = b"class F:\n    def find_module(self, name): ...\nsys.meta_path.append(F())"
    assert list(tampers(source, source, on(3, 11))) == ["!"]
    assert list(tampers(source, source, on(3, 12))) == ["-"]
    assert list(tampers(source + b"\n    def find_spec(self): ...", b"", on(3, 12))) == ["!"]


@pytest.mark.parametrize(
    "source",
    [
        b"def f():\n    print 'x'",
        b"def f():\n    print x",
        b"def f():\n\texec code",
        b"try: x\nexcept A, e: pass",
        b"try: x\nexcept a.B , e :",
        b"def f():\n    raise E, 'x'",
        b"f(async=True)",
        b"def f(x, async): ...",
        b"from x import async",
        b"x = '\xe9'",
    ],
)
def test_syntax_that_is_worth_a_look(source: bytes):
    assert is_suspicious(source, on(3, 11))


@pytest.mark.parametrize(
    "source",
    [
        b"print('x')\nexec('x')",
        b"try: x\nexcept (A, B): pass",
        b"raise E('x')",
        b"async def f(): ...\nasync with x: ...",
        b"if (x := 1): pass",
        b"x = '\xc3\xa9'",
        b"blueprint = 1\nfingerprint (x)",
    ],
)
def test_usual_syntax_is_not_looked_at(source: bytes):
    assert not is_suspicious(source, on(3, 11))


@pytest.mark.parametrize(
    ("source", "since"),
    [
        (b"if (x := 1): pass", (3, 8)),
        (b"    match x:\n        case 1: pass", (3, 10)),
        (b"    except* E: pass", (3, 11)),
    ],
)
def test_newer_syntax_is_worth_a_look_for_an_older_python(source: bytes, since: tuple[int, int]):
    assert is_suspicious(source, on(since[0], since[1] - 1))
    assert not is_suspicious(source, on(*since))
