"""What the first call of a public function fails by, and what is no proof of that."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.linkers.built import Venv

if TYPE_CHECKING:
    from pathlib import Path

CLIENT = "class Client:\n    def __init__(self, url, *, timeout=1): pass\ndef load(stream, loader): pass\n"


@pytest.fixture
def venv(tmp_path: Path) -> Venv:
    return Venv(tmp_path).module("b", f"x = 1\n{CLIENT}")


def told(venv: Venv, source: str, **more: str) -> list[str]:
    """Return what is told of a package `a` that requires b."""
    files = {"a/__init__.py": source, **{f"a/{name}.py": text for name, text in more.items()}}
    return venv.install("a", files, requires=("b",)).told()


FAILS = [
    "def f():\n    return b.gone\n",
    "def f(x):\n    if x < 2:\n        raise ValueError(x)\n    return x.resize((1, 2), b.gone)\n",
    "def f(x=None):\n    if x is None:\n        x = b.gone\n    return x\n",
    "def f(x=None):\n    return x or b.gone\n",
    "def f():\n    return _g()\ndef _g():\n    return b.gone\n",
    "class F:\n    def __init__(self):\n        self._h()\n    def _h(self):\n        self.x = b.gone\n",
    "def f():\n    with open('x'):\n        return b.gone\n",
    "def f():\n    import b as c\n    return c.gone\n\ndef g():\n    return b.gone\n",
]


@pytest.mark.parametrize("source", FAILS)
def test_a_function_that_certainly_asks_for_a_name(venv: Venv, source: str):
    assert told(venv, f"import b\n{source}") == ["a b.gone: attribute, call"]


HOLDS = [
    "def f(x):\n    if x:\n        return b.gone\n",
    "def f(x):\n    if x:\n        return 1\n    return b.gone\n",
    "def f():\n    try:\n        return b.gone\n    except AttributeError:\n        return 1\n",
    "def f():\n    return b.gone if hasattr(b, 'gone') else 1\n",
    "def f():\n    return hasattr(b, 'gone') and b.gone\n",
    "def f(b):\n    return b.gone\n",
    "def f():\n    b = g()\n    return b.gone\n",
    "def f():\n    for b in g():\n        b.gone\n",
    "def f():\n    return lambda: b.gone\n",
    "def f():\n    return [b.gone for x in g()]\n",
    "def f():\n    def g():\n        return b.gone\n    return g\n",
    "def f():\n    return getattr(b, 'gone', 1)\n",
    "def f(x=None):\n    if x is not None:\n        return b.gone\n",
    "def f():\n    global b\n    b = g()\n    return b.gone\n",
    "def f():\n    '''b.gone'''  # b.gone\n",
    "def f():\n    return b.x\n",
    "def f():\n    with quiet():\n        return b.gone\n",
    "b.gone2 = 1\ndef f():\n    return b.gone2\n",
]


@pytest.mark.parametrize("source", HOLDS)
def test_a_function_that_may_do_without_it(venv: Venv, source: str):
    assert told(venv, f"import b\n{source}") == []


def test_of_a_function_that_users_are_not_offered_only_a_warning_is_told(venv: Venv):
    source = "import b\ndef f():\n    return b.gone\n"
    assert told(venv, "from . import c\n", c=source) == ["a b.gone: attribute, guarded"]


def test_a_method_is_worth_a_warning(venv: Venv):
    assert told(venv, "import b\nclass F:\n    def g(self):\n        b.gone\n") == ["a b.gone: attribute, guarded"]


def test_a_private_function_is_not_told(venv: Venv):
    assert told(venv, "import b\ndef _f():\n    return b.gone\n") == []


def test_a_function_that_the_top_offers_from_below(venv: Venv):
    below = "import b\ndef f():\n    return b.gone\n"
    assert told(venv, "from ._c import f\n", _c=below) == ["a b.gone: attribute, call"]


def test_a_module_that_calls_such_a_function_when_it_is_imported(venv: Venv):
    assert told(venv, "import b\ndef _f():\n    return b.gone\n_f()\n") == ["a b.gone: attribute, import"]


PASSES_ON = (
    "class _W(b.Client):\n    def __init__(self, **more):\n        super().__init__(**more)\n"
    "class F:\n    def __init__(self, client=None):\n        self.c = client or _W(url=1, proxies=2)\n"
)
ARGUMENTS = [
    ("def f():\n    return b.Client('x', proxies=1)\n", "a b.Client.proxies: argument, call"),
    ("def f():\n    return b.Client(timeout=1)\n", "a b.Client.url: argument-missing, call"),
    ("def f(x):\n    return b.load(x)\n", "a b.load.loader: argument-missing, call"),
    (
        "class F(b.Client):\n    def __init__(self):\n        super().__init__('x', app=1)\n",
        "a b.Client.app: argument, call",
    ),
    (
        PASSES_ON,
        "a b.Client.proxies: argument, call",
    ),
]


@pytest.mark.parametrize(("source", "expected"), ARGUMENTS)
def test_arguments_that_do_not_fit(venv: Venv, source: str, expected: str):
    assert told(venv, f"import b\n{source}") == [expected]


@pytest.mark.parametrize(
    "source",
    [
        "def f():\n    return b.Client('x', timeout=1)\n",
        "def f(**more):\n    return b.Client(**more)\n",
        "def f(*all):\n    return b.load(*all)\n",
        "def f(x):\n    return b.load(x, loader=1)\n",
        "class M(type): pass\nclass F(b.Client, metaclass=M):\n    pass\ndef f():\n    return F(proxies=1)\n",
    ],
)
def test_arguments_that_fit_or_may(venv: Venv, source: str):
    assert told(venv, f"import b\n{source}") == []


def test_a_name_of_another_platform_may_be_asked_for_by_code_for_that(venv: Venv):
    venv.module("b", "import sys\nif sys.platform == 'win32':\n    gone = 1\n")
    assert told(venv, "import b\ndef f():\n    return b.gone\n") == []


def test_what_a_package_does_not_require_is_no_error(venv: Venv):
    venv.install("a", {"a/__init__.py": "import b\ndef f():\n    return b.gone\n"})
    assert venv.told() == []


def test_members_of_enumerations_that_a_module_sets_on_itself(venv: Venv):
    venv.install(
        "b",
        {
            "b/__init__.py": "import sys\nfrom enum import Enum\nclass E(Enum):\n    NEAREST = 0\n"
            "module = sys.modules[__name__]\nfor one in (E,):\n    for item in one:\n"
            "        setattr(module, item.name, item.value)\n"
        },
    )
    assert told(venv, "import b\ndef f():\n    b.NEAREST\ndef g():\n    b.gone\n") == ["a b.gone: attribute, call"]
