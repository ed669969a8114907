"""What expressions use of imported names when they are evaluated at once."""

from __future__ import annotations

import pytest

from tests.pysource.summaries import imports, steps


def uses(expression: str) -> list[tuple[str, tuple[str, ...] | None]]:
    """Return the attribute chains on `a`, with the keywords of a call."""
    return sorted(
        ((".".join(step[2]), step[3]) for step in steps(f"import a\n{expression}\n") if step[0] == "use"),
        key=str,
    )


@pytest.mark.parametrize(
    ("expression", "chains"),
    [
        ("a.b.c", ["b.c"]),
        ("x = a.b", ["b"]),
        ("x: int = a.b", ["b"]),
        ("x += a.b", ["b"]),
        ("assert a.b, a.c", ["b", "c"]),
        ("f(a.b, *a.c, k=a.d)", ["b", "c", "d"]),
        ("[a.b, (a.c, {a.d}), {a.e: a.f, **a.g}]", ["b", "c", "d", "e", "f", "g"]),
        ("a.b[a.c:a.d]", ["b", "c", "d"]),
        ("a.b + -a.c < a.d", ["b", "c", "d"]),
        ("a.b().c", ["b"]),
        ("a.b().c(a.d)", ["b", "d"]),
        ("(a.b if a.c else a.d)", ["c"]),
        ("a.b and a.c or a.d", ["b"]),
        ("lambda: a.b", []),
        ("[a.b for x in y if a.c]", []),
        ("{a.b: 1 for x in y}", []),
        ("(a.b for x in y)", []),
        ("f'{a.b}'", []),
        ("def f():\n    a.b", []),
        ("a", []),
        ("print(a)", []),
        ("del a.b", []),
        ("a.b = 1", []),
        ("if a.b:\n    pass", ["b"]),
        ("(x := a.b)", ["b"]),
        ("x = y = [a.b]", ["b"]),
    ],
)
def test_what_is_evaluated_at_once(expression: str, chains: list[str]):
    assert [chain for chain, _ in uses(expression)] == chains


def test_calls_tell_their_keywords_unless_some_are_hidden():
    assert uses("a.b()") == [("b", ())]
    assert uses("a.b(1, x=2, y=3)") == [("b", ("x", "y"))]
    assert uses("a.b(x=1, **rest)") == [("b", None)]
    assert uses("a.b(*rest, x=1)") == [("b", None)]
    assert uses("a(x=1)") == [("", ("x",))]
    assert uses("a()") == []


def test_imports_by_call_are_imports():
    assert imports("x = __import__('a.b')") == ["a.b"]
    assert imports("importlib.import_module('a.b').c") == ["a.b"]
    assert imports("from importlib import import_module\nf(import_module('a'))") == ["a"]


@pytest.mark.parametrize(
    "call",
    [
        "import_module('.a', __package__)",
        "import_module(name)",
        "import_module()",
        "import_module('')",
        "import_module('no module')",
        "import_module(f'{a}')",
        "__import__('a', globals(), locals(), [], 1)",
        "__import__('a', level=1)",
        "__import__('a', **given)",
        "lambda: import_module('a')",
    ],
)
def test_imports_by_call_that_are_relative_or_computed_are_not_followed(call: str):
    assert imports(call) == []


def test_a_long_chain_and_a_deep_expression_are_read():
    assert uses("a" + ".b" * 200) == [(".".join(["b"] * 200), None)]
    assert uses("x = " + "(" * 90 + "a.b" + ")" * 90) == [("b", None)]
