"""Decides tests of the import-time code that depend on nothing but the Python and the platform."""

from __future__ import annotations

import ast
import operator as operators

from envcheck.model.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

_FLAGS = {"TYPE_CHECKING": False, "PY2": False, "PY3": True, "IS_PY2": False, "IS_PY3": True, "__debug__": True}
_SYSTEMS = {"linux": "Linux", "darwin": "Darwin", "win32": "Windows"}
_OPERATORS = {
    ast.Lt: operators.lt,
    ast.LtE: operators.le,
    ast.Gt: operators.gt,
    ast.GtE: operators.ge,
    ast.Eq: operators.eq,
    ast.NotEq: operators.ne,
}
_PARTS = ("major", "minor", "micro")
_UNKNOWN = object()


class _Whole(tuple[object, ...]):
    """sys.version_info, of which only the beginning is known."""

    __slots__ = ()


class Python(Record):
    """The interpreter that would run the code: its version as numbers, as far as known, and sys.platform."""

    version: tuple[int, ...]
    platform: str = "linux"
    implementation: str = "cpython"


def decide(test: ast.expr, python: Python, known: Mapping[str, bool]) -> bool | None:
    """Return the truth of a test, or None where it depends on anything else; `known` are flags of the same file."""
    truth: bool | None = None
    if isinstance(test, ast.BoolOp):
        truth = _decide_all(test, python, known)
    elif isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        inner = decide(test.operand, python, known)
        truth = None if inner is None else not inner
    elif isinstance(test, ast.Compare) and len(test.ops) == 1:
        truth = _compare(test.left, test.ops[0], test.comparators[0], python)
    elif isinstance(test, ast.Constant):
        truth = bool(test.value)
    elif isinstance(test, ast.Name):
        truth = known.get(test.id, _FLAGS.get(test.id))
    elif isinstance(test, ast.Attribute):
        truth = _FLAGS.get(test.attr)
    elif isinstance(test, ast.Call):
        truth = _called(test, python)
    return truth


def _decide_all(test: ast.BoolOp, python: Python, known: Mapping[str, bool]) -> bool | None:
    """Decide `and` and `or`: one operand may settle it whatever the others are."""
    settling = isinstance(test.op, ast.Or)
    decided = [decide(value, python, known) for value in test.values]
    if settling in decided:
        return settling
    return None if None in decided else not settling


def _called(test: ast.Call, python: Python) -> bool | None:
    """Decide `sys.platform.startswith("win")` and `hasattr(sys, "pypy_version_info")`."""
    function = test.func
    if isinstance(function, ast.Attribute) and function.attr == "startswith" and len(test.args) == 1:
        value, beginning = _value(function.value, python), _value(test.args[0], python)
        if isinstance(value, str) and (isinstance(beginning, str) or _are_texts(beginning)):
            return value.startswith(beginning)  # type: ignore[arg-type]  # a text, or a tuple of texts
    if isinstance(function, ast.Name) and function.id == "hasattr" and len(test.args) == 2:  # noqa: PLR2004  hasattr's own
        of, name = test.args
        if isinstance(of, ast.Name) and of.id == "sys" and isinstance(name, ast.Constant):
            told = {
                "pypy_version_info": python.implementation == "pypy",
                "getwindowsversion": python.platform == "win32",
            }
            return told.get(str(name.value))
    return None


def _are_texts(value: object) -> bool:
    return isinstance(value, tuple) and all(isinstance(one, str) for one in value)


def _compare(left: ast.expr, operator: ast.cmpop, right: ast.expr, python: Python) -> bool | None:
    one, other = _value(left, python), _value(right, python)
    truth: bool | None = None
    if one is _UNKNOWN or other is _UNKNOWN:
        truth = _main(left, operator, right)
    elif isinstance(operator, (ast.In, ast.NotIn)):
        truth = _among(one, operator, other)
    elif isinstance(one, tuple) and isinstance(other, tuple):
        truth = _compare_versions(one, operator, other)
    elif type(one) is type(other) and (isinstance(one, int) or isinstance(operator, (ast.Eq, ast.NotEq))):
        truth = _ordered((one,), operator, (other,))
    return truth


def _among(one: object, operator: ast.cmpop, other: object) -> bool | None:
    """Decide `sys.platform in ("linux", "linux2")` and `"win" in sys.platform`."""
    if isinstance(other, str) and isinstance(one, str):
        return (one in other) == isinstance(operator, ast.In)
    if isinstance(other, tuple) and not isinstance(other, _Whole) and not isinstance(one, _Whole):
        return (one in other) == isinstance(operator, ast.In)
    return None


def _main(left: ast.expr, operator: ast.cmpop, right: ast.expr) -> bool | None:
    """Decide `__name__ == "__main__"`: a module that is imported is not the program."""
    names = {side.id for side in (left, right) if isinstance(side, ast.Name)}
    values = {side.value for side in (left, right) if isinstance(side, ast.Constant)}
    if names == {"__name__"} and values == {"__main__"}:
        return isinstance(operator, (ast.NotEq, ast.IsNot, ast.NotIn))
    return None


def _compare_versions(one: tuple[object, ...], operator: ast.cmpop, other: tuple[object, ...]) -> bool | None:
    """Compare version tuples; None where the part that decides is not known.

    sys.version_info has more parts than are known of it, so that it is greater than (3, 8) and than (3, 8, 1) in 3.8.1.
    """
    if not isinstance(one, _Whole) and not isinstance(other, _Whole):
        return _ordered(one, operator, other)
    known, given = (one, other) if isinstance(one, _Whole) else (other, one)
    if len(given) > len(known) and given[: len(known)] == known:
        return None
    longer = (*known, "final")
    return _ordered(longer, operator, given) if known is one else _ordered(given, operator, longer)


def _ordered(one: tuple[object, ...], operator: ast.cmpop, other: tuple[object, ...]) -> bool | None:
    compare = _OPERATORS.get(type(operator))
    try:
        return None if compare is None else compare(one, other)
    except TypeError:
        return None


def _value(node: ast.expr, python: Python) -> object:
    """Return what an expression about the interpreter is, `_UNKNOWN` for any other."""
    if isinstance(node, ast.Constant):
        return node.value
    if isinstance(node, (ast.Tuple, ast.List, ast.Set)):
        values = tuple(_value(item, python) for item in node.elts)
        return _UNKNOWN if _UNKNOWN in values else values
    if isinstance(node, ast.Subscript):
        return _part(node, python)
    if isinstance(node, ast.Call):
        return _asked(node, python)
    return _attribute(node, python) if isinstance(node, ast.Attribute) else _UNKNOWN


def _attribute(node: ast.Attribute, python: Python) -> object:
    """Return `sys.platform`, `os.name`, `sys.version_info` and its parts, `sys.implementation.name`."""
    value: object = _UNKNOWN
    if _is(node, "sys", "version_info"):
        value = _Whole(python.version)
    elif _is(node, "sys", "platform"):
        value = python.platform
    elif _is(node, "os", "name"):
        value = "nt" if python.platform == "win32" else "posix"
    elif node.attr in _PARTS and _is(node.value, "sys", "version_info"):
        place = _PARTS.index(node.attr)
        value = python.version[place] if len(python.version) > place else _UNKNOWN
    elif node.attr == "name" and _is(node.value, "sys", "implementation"):
        value = python.implementation
    return value


def _part(node: ast.Subscript, python: Python) -> object:
    """Return `sys.version_info[0]` or `sys.version_info[:2]`."""
    if not _is(node.value, "sys", "version_info"):
        return _UNKNOWN
    place = node.slice
    if isinstance(place, ast.Constant) and isinstance(place.value, int) and 0 <= place.value < len(python.version):
        return python.version[place.value]
    if (
        isinstance(place, ast.Slice)
        and place.lower is None
        and place.step is None
        and isinstance(place.upper, ast.Constant)
    ):
        upper = place.upper.value
        if isinstance(upper, int) and 0 < upper <= len(python.version):
            return python.version[:upper]
    return _UNKNOWN


def _asked(node: ast.Call, python: Python) -> object:
    """Return `platform.system()` or `platform.python_implementation()`."""
    if node.args or node.keywords:
        return _UNKNOWN
    if _is(node.func, "platform", "system"):
        return _SYSTEMS.get(python.platform, _UNKNOWN)
    if _is(node.func, "platform", "python_implementation"):
        return {"cpython": "CPython", "pypy": "PyPy"}.get(python.implementation, _UNKNOWN)
    return _UNKNOWN


def _is(node: ast.expr, module: str, name: str) -> bool:
    return (
        isinstance(node, ast.Attribute)
        and node.attr == name
        and isinstance(node.value, ast.Name)
        and node.value.id.lstrip("_") == module
    )
