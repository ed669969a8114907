"""The names that a module binds, exports and sets on others."""

from __future__ import annotations

import pytest

from tests.pysource.summaries import of


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("a = b = 1", {"a", "b"}),
        ("a, (b, *c), [d] = x", {"a", "b", "c", "d"}),
        ("a: int = 1\nb: int", {"a", "b"}),
        ("a = 1\na += 1", {"a"}),
        ("x.a = 1\nx[0] = 1", set()),
        ("def a(): pass\nasync def b(): pass\nclass c: d = 1", {"a", "b", "c"}),
        ("for a, b in x:\n    c = 1\nelse:\n    d = 1", {"a", "b", "c", "d"}),
        ("while x:\n    a = 1", {"a"}),
        ("with x as a, y as (b, c):\n    d = 1", {"a", "b", "c", "d"}),
        ("try:\n    a = 1\nexcept E as b:\n    c = 1\nelse:\n    d = 1\nfinally:\n    e = 1", set("abcde")),
        (
            "match x:\n    case {'k': a, **b} | [a, *b]:\n        c = 1\n    case C(y=d) as e:\n        pass",
            set("abcde"),
        ),
        ("if (a := x): pass\nf(b := 1)\n[c := y for y in z]", {"a", "b", "c"}),
        ("def f():\n    global a, b\n    a = 1", {"f", "a", "b"}),
        ("class C:\n    def m(self):\n        if x:\n            def n():\n                global a\n", {"C", "a"}),
        ("def f():\n    match x:\n        case 1:\n            global a\n", {"f", "a"}),
        ("def f():\n    a = 1\n    import b\n    from c import d\n", {"f"}),
        ("import a.b.c\nimport d.e as f\nfrom g import h as i, j", {"a", "f", "i", "j"}),
        ("from a import *", set()),
        ("[a for a in x]\nlambda b: b\n{c: 1 for c in x}", set()),
        ("a = 1\ndel a", {"a"}),  # it may be deleted in a branch; nothing is claimed of it
    ],
)
def test_what_binds_a_name(source: str, names: set[str]):
    assert of(source).names == names


def test_an_alias_is_bound_by_one_import_and_nothing_but_none_where_that_fails():
    source = """
    import a, b.c, b.d
    import e as f
    from g import h
    from i import j
    j = 1
    try:
        import k, l, t
    except ImportError:
        k = None
        l = False
        t = None
    t = None
    import m as n
    import o as n
    def p(): pass
    import p
    import q
    if (q := 1): pass
    import r
    def s():
        global r
    """
    assert of(source).aliases == {
        "a": (0, "a", ""),
        "b": (0, "b", ""),
        "f": (0, "e", ""),
        "h": (0, "g", "h"),
        "k": (0, "k", ""),
    }


@pytest.mark.parametrize(
    ("source", "exported"),
    [
        ("__all__ = ['a', 'b']", ("a", "b")),
        ("__all__ = ('a', 'b')", ("a", "b")),
        ("__all__ = 'a', 'b'", ("a", "b")),
        ("__all__: list[str] = ['a']", ("a",)),
        ("__all__ = []", ()),
        ("__all__ = ['a'] + ['b']", ("a", "b")),
        ("__all__ = ['a']\n__all__ += ['b']", ("a", "b")),
        ("__all__ = ['a']\n__all__ = __all__ + ['b']", ("a", "b")),
        ("__all__ = ['a']\n__all__.extend(['b', 'c'])\n__all__.append('d')", ("a", "b", "c", "d")),
        ("__all__ = ['a', 'b']\n__all__.remove('a')\n__all__.sort()", ("a", "b")),
        ("", None),
        ("__all__ = names()", None),
        ("__all__ = [name for name in dir()]", None),
        ("__all__ = ['a', name]", None),
        ("__all__ = ['a', *other]", None),
        ("__all__ = ['a'] + other.__all__", None),
        ("__all__ = other.__all__\n__all__ += ['a']", None),
        ("__all__ = ['a']\n__all__ += other.__all__", None),
        ("__all__ = ['a']\n__all__ += other.__all__\n__all__ += ['b']", None),
        ("__all__ = ['a']\n__all__.extend(other)", None),
        ("__all__ = ['a']\n__all__.append(name)", None),
        ("__all__ = ['a']\n__all__.insert(0, name)", None),
        ("from other import __all__", None),
        ("class C:\n    __all__ = ['a']", None),
    ],
)
def test_what_is_exported(source: str, exported: tuple[str, ...] | None):
    assert of(source).exported == exported


def test_lists_of_several_branches_count_together():
    source = "if x:\n    __all__ = ['a']\nelse:\n    __all__ = ['b']\n"
    assert of(source).exported == ("a", "b")


def test_what_is_exported_counts_as_there():
    assert of("__all__ = ['sub']").names == {"__all__", "sub"}


def test_a_list_that_an_inner_block_adds_to_is_not_known():
    assert of("__all__ = ['a']\nfor x in y:\n    __all__.append(x)\n").exported is None
    assert of("__all__ = ['a']\n__all__.append('b')\n").exported == ("a", "b")


def test_attributes_that_are_set_on_imported_names_are_noted():
    source = """
    import a, b.c
    import d as e
    a.one = 1
    a.two: int = 1
    b.c.three = four = 2
    setattr(e, "five", 3)
    setattr(e, name, 3)
    own = object()
    own.six = 1
    a.b[0] = 1
    """
    assert set(of(source).assigns) == {("a", "one"), ("a", "two"), ("b.c", "three"), ("e", "five"), ("e", "*")}


def test_what_is_given_a_module_may_set_anything_on_it():
    assert of("import a, b\nadorn(a)\nprint(b)\n").assigns == (("a", "*"),)


def test_functions_have_their_parameters():
    source = """
    def plain(a, b=1, /, c=2, *d, e, f=3): ...
    async def any(a, **rest): ...
    """
    assert of(source).functions == {
        "plain": (("a", "b", "c"), ("e", "f"), False),
        "any": (("a",), (), True),
    }


@pytest.mark.parametrize(
    "source",
    [
        "@decorated\ndef f(a): ...",
        "def f(a): ...\nf = wrapped(f)",
        "try:\n    from x import f\nexcept ImportError:\n    def f(a): ...",
        "if x:\n    def f(a): ...\nelse:\n    def f(b): ...",
        "class C:\n    def f(self, a): ...",
        "def g():\n    def f(a): ...",
        "def f(a): ...\ndef g():\n    global f\n    f = other",
    ],
)
def test_functions_whose_parameters_are_not_certain_are_left_out(source: str):
    assert "f" not in of(source).functions
