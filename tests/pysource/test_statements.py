"""The steps of import-time code, in their order, and what keeps them from being certain."""

from __future__ import annotations

import pytest

from tests.pysource.summaries import PYTHON, imports, of, on, steps


def test_plain_imports_say_what_they_bind():
    source = """
    import a
    import a.b, c.d as e
    """
    assert steps(source) == [("import", "a", False), ("import", "a.b", False), ("import", "c.d", True)]
    assert of(source).aliases == {"a": (0, "a", ""), "e": (0, "c.d", "")}


def test_imports_from_have_a_level_and_names():
    source = """
    from a.b import c, d as e
    from . import f
    from ..g import (
        h,
        i,
    )
    """
    assert steps(source) == [
        ("from", 0, "a.b", ("c", "d")),
        ("from", 1, "", ("f",)),
        ("from", 2, "g", ("h", "i")),
    ]
    assert of(source).aliases == {
        "c": (0, "a.b", "c"),
        "e": (0, "a.b", "d"),
        "f": (1, "", "f"),
        "h": (2, "g", "h"),
        "i": (2, "g", "i"),
    }


def test_steps_have_the_line_of_their_statement():
    summary = of("\n\nimport a\n\n\ndef f(\n    x,\n    y=a.b,\n):\n    import c\n\n\nfrom d import (\n    e,\n)\n")
    assert [step[1] for step in summary.steps] == [3, 8, 6, 13]
    assert summary.steps[2][3][0][1] == 10


def test_star_imports_are_noted_with_their_module():
    source = """
    from a import *
    from .b import *
    """
    assert steps(source) == [("star", 0, "a"), ("star", 1, "b")]
    assert of(source).stars == ((0, "a"), (1, "b"))


def test_members_of_a_global_enum_are_names_of_the_module():
    assert of("@enum.global_enum\nclass E:\n    A = 1\n", whole=True).names == {"E", "A"}
    assert of("@other\nclass E:\n    A = 1\n", whole=True).names == {"E"}


def test_imports_from_the_future_are_the_compilers():
    assert steps("from __future__ import annotations\n") == []
    assert of("from __future__ import annotations\n").names == {"annotations"}
    assert steps("from .__future__ import x\n") == [("from", 1, "__future__", ("x",))]


@pytest.mark.parametrize(
    ("handler", "caught"),
    [
        ("except:", ("*",)),
        ("except ImportError:", ("ImportError",)),
        ("except (ImportError, OSError) as error:", ("ImportError", "OSError")),
        ("except pkg.errors.Missing:", ("Missing",)),
        ("except errors():", ("*",)),
        ("except (ImportError, *others):", ("ImportError", "*")),
        ("except builtins.Exception:", ("Exception",)),
    ],
)
def test_handlers_tell_what_they_catch(handler: str, caught: tuple[str, ...]):
    source = f"try:\n    import a\n{handler}\n    import b\n"
    assert steps(source) == [
        ("try", [("import", "a", False)], [(*caught, ("import", "b", False))], [], []),
    ]


def test_every_part_of_a_try_is_kept():
    source = """
    try:
        import a
    except ImportError:
        import b
    except AttributeError:
        raise
    else:
        import c
    finally:
        import d
    """
    assert steps(source) == [
        (
            "try",
            [("import", "a", False)],
            [("ImportError", ("import", "b", False)), ("AttributeError", ("raise", ""))],
            [("import", "c", False)],
            [("import", "d", False)],
        )
    ]


def test_groups_of_exceptions_are_tries_as_well():
    source = """
    try:
        import a
    except* ImportError:
        pass
    """
    assert steps(source) == [("try", [("import", "a", False)], [("ImportError",)], [], [])]


@pytest.mark.parametrize(
    ("statement", "exception"),
    [
        ("raise", ""),
        ("raise ImportError", "ImportError"),
        ("raise ImportError('no') from None", "ImportError"),
        ("raise pkg.errors.Missing()", "Missing"),
        ("raise error", "error"),
        ("raise errors[0]", ""),
    ],
)
def test_raises_name_the_exception(statement: str, exception: str):
    assert steps(statement) == [("raise", exception)]


def test_nothing_behind_a_raise_is_reached():
    assert steps("raise ImportError\nimport a\n") == [("raise", "ImportError")]


def test_suppress_is_a_try_and_other_known_managers_change_nothing():
    assert steps("with suppress(ImportError, OSError):\n    import a\n") == [
        ("try", [("import", "a", False)], [("ImportError", "OSError")], [], []),
    ]
    assert steps("with warnings.catch_warnings(), contextlib.suppress(pkg.Missing):\n    import a\n") == [
        ("try", [("import", "a", False)], [("Missing",)], [], []),
    ]
    for manager in ("warnings.catch_warnings()", "open(path)", "threading.RLock()", "nullcontext()"):
        assert imports(f"with {manager} as thing:\n    import a\n") == ["a"]


def test_an_unknown_manager_may_swallow_what_is_raised():
    for manager in ("optional()", "lock", "suppress(ImportError), optional()", "managers[0]"):
        assert steps(f"with {manager}:\n    import a\n") == [("maybe", [("import", "a", False)], [])]


def test_a_manager_is_evaluated_for_certain():
    assert steps("import a\nwith a.b():\n    pass\n")[1] == ("use", "a", ("b",), ())


def test_branches_that_are_never_taken_are_left_out():
    source = """
    import sys
    from typing import TYPE_CHECKING
    if TYPE_CHECKING:
        import a
    elif sys.version_info < (3, 8):
        import b
    else:
        import c
    if __name__ == "__main__":
        import d
    if sys.platform == "win32":
        import e
        f = 1
    """
    assert imports(source) == ["sys", "c"]
    assert of(source).names == {"sys", "TYPE_CHECKING", "c"}
    assert imports(source, on(3, 7, 2, platform="win32")) == ["sys", "b", "e"]


def test_a_branch_that_cannot_be_decided_may_be_taken():
    source = """
    if flag:
        import a
        one = 1
    else:
        import b
        two = 2
    """
    assert steps(source) == [("maybe", [("import", "a", False)], [("import", "b", False)])]
    assert of(source).names >= {"one", "two", "a", "b"}
    assert steps("if flag:\n    x = 1\n") == []


def test_the_test_of_a_branch_is_evaluated_for_certain():
    assert steps("import a\nif a.flag and a.other:\n    pass\n")[1] == ("use", "a", ("flag",), None)


def test_loops_and_cases_may_not_be_entered():
    for head in ("for x in y:", "while x:"):
        assert steps(f"{head}\n    import a\nelse:\n    import b\n") == [
            ("maybe", [("import", "a", False), ("import", "b", False)], []),
        ]
    assert steps("match x:\n    case 1:\n        import a\n    case _:\n        import b\n") == [
        ("maybe", [("import", "a", False)], []),
        ("maybe", [("import", "b", False)], []),
    ]


def test_what_a_loop_goes_through_is_evaluated_for_certain():
    assert steps("import a\nfor x in a.b.c:\n    pass\n")[1] == ("use", "a", ("b", "c"), None)


def test_a_function_runs_its_decorators_and_defaults_and_not_its_body():
    source = """
    import a
    @a.decorated(x=1)
    def f(p=a.one, /, q=a.two, *, r=a.three, s):
        return a.four
    """
    assert sorted(steps(source)[1:], key=str) == [
        ("use", "a", ("decorated",), ("x",)),
        ("use", "a", ("one",), None),
        ("use", "a", ("three",), None),
        ("use", "a", ("two",), None),
    ]


def test_the_imports_of_a_body_stand_apart():
    source = """
    class C:
        def method(self):
            def inner():
                import c
            from b import x
            if flag:
                raise ValueError
            import d
    def outer():
        import a
    def without():
        return 1
    """
    assert steps(source) == [
        (
            "body",
            "C.method",
            [
                ("body", "inner", [("import", "c", False)]),
                ("from", 0, "b", ("x",)),
                ("maybe", [("raise", "ValueError")], []),
                ("maybe", [("import", "d", False)], []),
            ],
        ),
        ("body", "outer", [("import", "a", False)]),
    ]
    assert of(source).names == {"C", "outer", "without"}


def test_a_body_that_may_end_early_is_not_certain_to_go_on():
    for early in (
        "if x:\n        return",
        "for y in x:\n        return y",
        "match x:\n        case 1:\n            return",
    ):
        (body,) = steps(f"def f(x):\n    import a\n    {early}\n    import b\n")
        assert body == ("body", "f", [("import", "a", False), ("maybe", [("import", "b", False)], [])])


def test_annotations_are_evaluated_unless_they_are_put_off():
    source = "import a\ndef f(x: a.one, *y: int, z: a.two = 1) -> a.three: ...\n"
    uses = [step[2] for step in steps(source) if step[0] == "use"]
    assert sorted(uses) == [("one",), ("three",), ("two",)]
    for future in ("annotations", "division, annotations"):
        assert [step[0] for step in steps(f"from __future__ import {future}\n{source}")] == ["import"]
    assert [step[0] for step in steps(source, on(3, 14))] == ["import"]
    assert [step[0] for step in steps(source, on())] == ["import"]


def test_a_class_runs_its_bases_keywords_decorators_and_body():
    source = """
    import a
    @a.one
    class C(a.two, metaclass=a.three):
        x = a.four
        from b import y
    """
    told = steps(source)
    assert sorted(step[2] for step in told if step[0] == "use") == [("four",), ("one",), ("three",), ("two",)]
    assert told[-1] == ("from", 0, "b", ("y",))
    assert of(source).names == {"a", "C"}


@pytest.mark.parametrize(
    "binding",
    [
        "a = other",
        "import x as a",
        "def a(self): ...",
        "if flag:\n        a = other",
        "for a in others: ...",
        "with other() as a: ...",
        "try:\n        from x import a\n    except ImportError as a: ...",
    ],
)
def test_the_names_of_a_class_hide_those_of_the_module(binding: str):
    source = f"import a\nclass C:\n    {binding}\n    y = a.gone\n"
    assert not [step for step in steps(source) if step[0] == "use"]
    assert of(source).aliases == {"a": (0, "a", "")}


def test_flags_of_the_file_decide_its_branches():
    source = """
    import sys
    PY38 = sys.version_info >= (3, 8)
    OLD = not PY38
    DEBUG = False
    if PY38:
        import a
    if OLD:
        import b
    if DEBUG:
        import c
    """
    assert imports(source) == ["sys", "a"]


@pytest.mark.parametrize(
    "binding",
    [
        "FLAG = other()",
        "FLAG = True",
        "FLAG += 1",
        "if x:\n    FLAG = False",
        "try:\n    import z\nexcept ImportError:\n    FLAG = False",
        "def f():\n    global FLAG\n    FLAG = False",
        "from x import FLAG",
        "for FLAG in x: ...",
    ],
)
def test_a_flag_that_is_bound_again_decides_nothing(binding: str):
    assert "late" not in imports(f"FLAG = True\n{binding}\nif FLAG:\n    import late\n")
    assert imports("FLAG = True\nif FLAG:\n    import late\n") == ["late"]


def test_a_flag_that_may_not_be_bound_decides_nothing():
    assert imports("if x:\n    FLAG = True\nif FLAG:\n    import late\n") == []
    assert imports("class C:\n    FLAG = True\nif FLAG:\n    import late\n") == []
    assert imports("def f():\n    import a\n    FLAG = True\nif FLAG:\n    import late\n") == []


def test_parameters_and_own_names_of_a_function_are_not_the_flags_of_the_file():
    for head in ("f(FLAG)", "f(*FLAG)", "f(*, FLAG=1)", "f(**FLAG)"):
        (body,) = steps(f"FLAG = True\ndef {head}:\n    if FLAG:\n        import a\n")
        assert body == ("body", "f", [("maybe", [("import", "a", False)], [])])
    (body,) = steps("FLAG = True\ndef f():\n    if FLAG:\n        import a\n")
    assert body == ("body", "f", [("import", "a", False)])


def test_a_flag_that_only_a_build_sets_is_what_its_handler_says():
    source = """
    try:
        __SETUP__
    except NameError:
        __SETUP__ = False
    if __SETUP__:
        import a
    else:
        import b
    """
    assert imports(source) == ["b"]


def test_conditions_on_other_distributions_are_kept():
    source = """
    import torch
    if hasattr(torch, "compile"):
        import a
    else:
        import b
    """
    assert steps(source)[1] == (
        "when",
        ("has", "torch", "compile"),
        [("import", "a", False)],
        [("import", "b", False)],
    )


def test_uses_of_names_that_are_no_imports_are_left_out():
    source = """
    import a
    try:
        import b, c
    except ImportError:
        b = None
        c = object()
    own = object()
    a.x; b.x; c.x; own.x; undefined.x
    with thing() as a2:
        a2.x
    """
    assert [step[1] for step in steps(source) if step[0] == "use"] == ["a", "b"]


def test_empty_files_have_nothing():
    for source in (b"", b"\n", b"# only a comment", b"'''only a docstring'''\n", b"\xef\xbb\xbf"):
        summary = of(source, PYTHON)
        assert (summary.problem, summary.steps, summary.names) == ("", (), frozenset())
