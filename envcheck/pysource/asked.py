"""Tests of the import-time code that other distributions decide: their version, or whether they have a name.

A condition is `(VERSION, module or distribution, operator, version)` or `(HAS, name of an import, attribute)`.
"""

from __future__ import annotations

import ast

from envcheck.pysource.expressions import dotted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

VERSION, HAS = "version", "has"
# What makes a comparable version of a text, by the last part of its name.
_PARSERS = frozenset(("parse", "parse_version", "Version", "LooseVersion", "StrictVersion", "NumpyVersion", "V"))
_OPERATORS = {ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!="}
_MIRRORED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}


def condition(test: ast.expr, versions: Mapping[str, str]) -> tuple[tuple[str, ...] | None, bool]:
    """Return the condition of a test, None for any other test, and whether it is to hold.

    `versions` are names of the same file that hold a version, by what it is the version of.
    """
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        found, holds = condition(test.operand, versions)
        return found, not holds
    if isinstance(test, ast.Call) and dotted(test.func) == "hasattr" and len(test.args) == 2:  # noqa: PLR2004  hasattr's own
        name = test.args[1]
        if dotted(test.args[0]) and isinstance(name, ast.Constant) and isinstance(name.value, str):
            return (HAS, dotted(test.args[0]), name.value), True
    if isinstance(test, ast.Compare) and len(test.ops) == 1 and type(test.ops[0]) in _OPERATORS:
        operator = _OPERATORS[type(test.ops[0])]
        left, right = test.left, test.comparators[0]
        for one, other, sign in ((left, right, operator), (right, left, _MIRRORED[operator])):
            what, version = version_of(one, versions), _stated(other)
            if what and version:
                return (VERSION, what, sign, version), True
    return None, True


def version_of(node: ast.expr, versions: Mapping[str, str]) -> str:
    """Return what an expression is the parsed version of: `name.__version__`, `distribution:name`, or nothing."""
    if isinstance(node, ast.Name):
        return versions.get(node.id, "")
    if not isinstance(node, ast.Call) or len(node.args) != 1 or dotted(node.func).rpartition(".")[2] not in _PARSERS:
        return ""
    return told_by(node.args[0])


def told_by(node: ast.expr) -> str:
    """Return what an expression is the version text of, nothing where it is none."""
    if isinstance(node, ast.Attribute) and node.attr == "__version__":
        return dotted(node.value)
    if isinstance(node, ast.Attribute) and node.attr == "version" and isinstance(node.value, ast.Call):
        return _distribution(node.value, "get_distribution", "distribution")
    return _distribution(node, "version") if isinstance(node, ast.Call) else ""


def _distribution(node: ast.Call, *functions: str) -> str:
    if dotted(node.func).rpartition(".")[2] not in functions or len(node.args) != 1:
        return ""
    name = node.args[0]
    return f"distribution:{name.value}" if isinstance(name, ast.Constant) and isinstance(name.value, str) else ""


def _stated(node: ast.expr) -> str:
    if isinstance(node, ast.Call) and len(node.args) == 1 and dotted(node.func).rpartition(".")[2] in _PARSERS:
        node = node.args[0]
        return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""
    return ""
