"""How far the names of a module are known where code makes them at run time."""

from __future__ import annotations

import pytest

from envcheck.pysource.summary import CLOSED, LISTED, OPEN
from tests.pysource.summaries import of


@pytest.mark.parametrize(
    "source",
    [
        "globals()[name] = 1",
        "globals().update(x)",
        "globals().setdefault(name, 1)",
        "g = globals()",
        "f(globals())",
        "vars()[name] = 1",
        "locals().update(x)",
        "vars().update(x)",
        "exec(code)",
        "exec (code, x)",
        "execfile(path)",
        "setattr(sys.modules[__name__], name, 1)",
        "me = sys.modules[__name__]",
        "modules[ __name__ ].x = 1",
        "Color._convert_('Color', __name__, check, source=c)",
        "register(__name__)",
        "lazy.install(x, __name__)",
        "def f():\n    globals()[name] = 1",
        "for name in names:\n    globals()[name] = 1",
        "for name in ['a', other]:\n    globals()[name] = 1",
        "for name in ['a']:\n    globals()[name] = 1\nglobals().update(x)",
    ],
)
def test_code_that_may_make_any_name(source: str):
    assert of(source).openness == OPEN


@pytest.mark.parametrize(
    "source",
    [
        "x = 1",
        "x = globals()['y']",
        "x = globals().get('y')",
        "globals()['y'] == 1",
        "print(vars(x))",
        "x = vars(y)",
        "logger = logging.getLogger(__name__)",
        "warnings.warn(f'{__name__} is old')",
        "__path__ = pkgutil.extend_path(__path__, __name__)",
        "if __name__ == '__main__':\n    x = 1",
        "x = __name__.partition('.')",
        "pattern.executemany(x)",
        "setattr(other, 'x', 1)",
    ],
)
def test_code_that_makes_no_names(source: str):
    assert of(source).openness == CLOSED


def test_names_that_are_written_out_for_a_loop():
    summary = of("for name in ['a', 'b']:\n    globals()[name] = make(name)\n")
    assert (summary.openness, summary.strings) == (LISTED, frozenset({"a", "b"}))


def test_names_that_are_written_out_ahead_of_a_loop():
    summary = of("names = ('a', 'b')\nfor name in names:\n    globals()[name] = make(name)\n")
    assert (summary.openness, summary.strings) == (LISTED, frozenset({"a", "b"}))
    assert of("for name in names:\n    globals()[name] = make(name)\n").openness == OPEN


def test_the_modules_own_dictionary_may_be_let_go_again():
    assert of("own = globals()\nfor v in f():\n    own['CO_' + v] = 1\ndel v, own\n").strings == {"CO_*"}


@pytest.mark.parametrize(
    ("call", "openness", "strings"),
    [
        ("IntEnum._convert_('E', __name__, lambda n: n.isupper())", LISTED, {"E"}),
        ("IntEnum._convert_('E', __name__, lambda n: n.startswith('OP_'), source=_c)", LISTED, {"E", "OP_*"}),
        (
            "IntEnum._convert_('E', __name__, lambda n: n.startswith(('A', 'B')) and n != 'C', source=_c)",
            LISTED,
            {"E", "A*", "B*"},
        ),
        ("IntEnum._convert_('E', __name__, lambda n: n.isupper(), source=_c)", OPEN, set()),
        ("IntEnum._convert_('E', __name__, lambda n: n.startswith('A') or n == 'B', source=_c)", OPEN, set()),
        ("IntEnum._convert_(*given, __name__)", OPEN, set()),
        ("own._convert(value)", CLOSED, set()),
        ("def f():\n    return __import__('a', globals(), locals(), ['b'])", CLOSED, set()),
    ],
)
def test_what_enum_and_imports_do_with_the_modules_dictionary(call: str, openness: int, strings: set[str]):
    summary = of(f"{call}\n")
    assert (summary.openness, set(summary.strings)) == (openness, strings)


def test_a_loader_that_is_given_a_table_offers_its_strings():
    source = """
    import lazy_loader as lazy
    __getattr__, __dir__, __all__ = lazy.attach(__name__, ["sub"], {"mod": ["one", "two"], "other": ["not a name"]})
    """
    summary = of(source)
    assert summary.openness == LISTED
    assert summary.strings >= {"sub", "mod", "one", "two", "other"}
    assert "not a name" not in summary.strings


def test_a_lazy_module_offers_the_strings_of_its_file():
    source = """
    import sys
    _import_structure = {"models": ["Model"]}
    try:
        import torch
    except ImportError:
        pass
    else:
        _import_structure["training"] = ["Trainer"]
    sys.modules[__name__] = _LazyModule(__name__, globals()["__file__"], _import_structure, module_spec=__spec__)
    """
    summary = of(source)
    assert summary.openness == LISTED
    assert summary.strings >= {"Model", "Trainer", "models", "training"}


def test_a_loader_that_reads_its_table_elsewhere_may_offer_anything():
    for call in (
        "__getattr__, __dir__, __all__ = lazy.attach_stub(__name__, __file__)",
        "sys.modules[__name__] = _LazyModule(__name__, define_import_structure(__file__))",
    ):
        assert of(f"import sys, lazy\n{call}\n").openness == OPEN


def test_a_module_may_give_itself_a_class():
    assert of("import sys\nsys.modules[__name__].__class__ = Lazy\n").openness == OPEN
