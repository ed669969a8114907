"""How far the names of a module are known: `__getattr__`, lazy loaders, and other ways to make names at run time.

`__getattr__` of a module: https://peps.python.org/pep-0562/. Lazy loaders that are given a table of names: `attach` of
https://scientific-python.org/specs/spec-0001/, and `_LazyModule` of
huggingface/transformers:src/transformers/utils/import_utils.py; `deprecation_getattr` of
jax-ml/jax:jax/_src/deprecations.py is given one of names that are going.
"""

from __future__ import annotations

import ast
import re

from envcheck.pysource.expressions import dotted
from envcheck.pysource.getattr import given_by
from envcheck.pysource.members import OWN_MODULE, members_set
from envcheck.pysource.summary import CLOSED, LISTED, OPEN
from envcheck.pysource.tables import names_in, strings_in, top_level

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Container
    from typing import TypeGuard

# What may put names of any text into the module, wherever it stands in the file.
_WRITES = re.compile(
    rb"\bglobals\(\)[ ]*(?:\.(?:update|setdefault|__setitem__)|\[[^]\n]{0,200}\][ ]*=(?!=))"
    rb"|[=(,]\s*globals\(\)(?!\[|\.(?:keys|get|copy|items|values)\b)"
    rb"|\bsetattr\([ ]*sys\.modules|\._convert_?\([^()]{0,80}__name__"  # the last is enum's: members become globals
)
# What does so at the left margin, where it is run on import; in a function it has names of its own.
_WRITES_ON_IMPORT = re.compile(
    rb"[=(,]\s*(?:vars|locals)\(\)(?!\[|\.(?:keys|get|copy|items|values)\b)"
    rb"|\b(?:vars|locals)\(\)[ ]*(?:\.update|\[)|\b(?:exec|execfile)[ ]*\("
)
_WRITERS_ON_IMPORT = (b"vars()", b"locals()", b"exec(", b"exec (", b"execfile(")
# It only asks for the package that a relative import starts from: https://docs.python.org/3/library/functions.html#import__
_IMPORTS = re.compile(rb"\b__import__\([^()\n]{0,200}?,\s*globals\(\)(?:\s*,\s*locals\(\))?")
_ADDS_TO_ALL = re.compile(rb"__all__[ ]*(?:\+=|\.append|\.extend)")
# A call that is given the module's name may do the same; these do not.
_TAKES_NAME = re.compile(
    rb"log|import_module|files|resource|Blueprint|Flask|Typer|version|iter_modules|declare_namespace|extend_path"
    rb"|get_distribution|isinstance|print|format|join|startswith|str|repr|type|Error|Warning|warn|test|Test|hasattr|getattr"
    rb"|_convert"
)
_TABLE_LOADERS = re.compile(rb"\b(?:_?attach|_LazyModule|_?deprecation_getattr)\(\s*(?:\w+=)?__name__")
_LISTS = (ast.List, ast.Tuple, ast.Set)
_CONVERT_TAKES = 3  # the enum's name, the module's name and the filter
_LOADERS = (b"attach(", b"_LazyModule(", b"deprecation_getattr(")
_COMPUTED_TABLE = re.compile(rb"\b(?:define_import_structure|attach_stub)\(")


def openness(
    source: bytes, short: bytes, tree: ast.Module, bound: Container[str]
) -> tuple[int, frozenset[str], tuple[str, ...]]:
    """Return CLOSED, LISTED or OPEN; with LISTED strings that may be names, and imported tables of further ones.

    A string that ends with `*` stands for all names that begin so. `short` is the source without bodies of functions.
    """
    listed = _is_given_table(source)
    written = _written(source, short, tree)
    members = members_set(source, tree)
    if written is None or (not (listed or members) and _hands_itself_over(source)):
        return OPEN, frozenset(), ()
    strings = written | (strings_in([tree]) if listed else set()) | members
    unread: list[str] = []
    if "__getattr__" in bound:
        given = [given_by(node) for node in top_level(tree) if _is_getattr(node)]
        if any(one.anything for one in given) or (not given and not listed):
            return OPEN, frozenset(), ()
        listed = True
        for one in given:
            strings |= one.names
            for table in one.tables:
                names = names_in(source, tree, table)
                strings |= names or set()
                unread += [table] if names is None else []
    return (LISTED if listed or strings else CLOSED), frozenset(strings), tuple(unread)


def _is_given_table(source: bytes) -> bool:
    """Tell whether a lazy loader is given the names of the module, written out in it."""
    loader = b"__name__" in source and any(one in source for one in _LOADERS)
    return loader and bool(_TABLE_LOADERS.search(source)) and not _COMPUTED_TABLE.search(source)


def _hands_itself_over(source: bytes) -> bool:
    """Tell whether the module, or its name, is given to something that may do anything with it."""
    if b"__name__" not in source:
        return False
    return (b"modules[" in source and bool(OWN_MODULE.search(source))) or _gives_name_away(source)


def _written(source: bytes, short: bytes, tree: ast.Module) -> set[str] | None:
    """Return the names that the code writes into its own dictionary, None where it may write any."""
    if b"__import__(" in source and b"globals()" in source:
        source, short = _IMPORTS.sub(b"", source), _IMPORTS.sub(b"", short)
    if any(word in short for word in _WRITERS_ON_IMPORT) and _WRITES_ON_IMPORT.search(short):
        return None
    hidden = b"__all__" in source and source.count(b"__all__") > short.count(b"__all__")
    if hidden and len(_ADDS_TO_ALL.findall(source)) > len(_ADDS_TO_ALL.findall(short)):
        return None  # a function adds names, and will have made them
    likely = b"globals()" in source or b"setattr(sys" in source or b"setattr( sys" in source or b"._convert" in source
    writes = len(_WRITES.findall(source)) if likely else 0
    return _written_out(tree, writes) if writes else set()


def _written_out(tree: ast.Module, count: int) -> set[str] | None:
    """Return the names that some writes make, None unless all of them tell.

    These are `for name in ["a", "b"]: globals()[name] = …`, `own = globals()` with `own["PREFIX_" + name] = …`, and
    what enum does for the standard library.
    """
    names: set[str] = set()
    assigned = {
        node.targets[0].id: node.value
        for node in top_level(tree)
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
    }
    for node in top_level(tree):
        if isinstance(node, ast.For):
            listed = assigned.get(dotted(node.iter), node.iter)
            if not isinstance(listed, _LISTS) or not all(isinstance(one, ast.Constant) for one in listed.elts):
                continue
            for inner in ast.walk(node):
                if not isinstance(inner, ast.Subscript) or not isinstance(inner.value, ast.Call):
                    continue
                if isinstance(inner.ctx, ast.Store) and dotted(inner.slice) == dotted(node.target) != "":
                    names |= strings_in(listed.elts)
                    count -= 1
        elif isinstance(node, ast.Expr) and (members := _members(node.value)) is not None:
            names |= members
            count -= 1
        elif isinstance(node, ast.Assign) and isinstance(node.value, ast.Call) and dotted(node.value.func) == "globals":
            prefixes = _prefixes(tree, dotted(node.targets[0]))
            names |= prefixes or set()
            count -= prefixes is not None
    return None if count else names


def _members(node: ast.expr) -> set[str] | None:
    """Return the names, or their beginnings with `*`, that `IntEnum._convert_("E", __name__, filter)` makes.

    It makes E, and what the filter chooses of the names of the module itself, which are there, or of `source`
    (python/cpython:Lib/enum.py). None for anything else.
    """
    if not isinstance(node, ast.Call) or dotted(node.func).rpartition(".")[2] not in ("_convert", "_convert_"):
        return None
    if len(node.args) != _CONVERT_TAKES:
        return None
    own = strings_in(node.args[:1])
    if not node.keywords:
        return own
    chosen = node.args[2].body if isinstance(node.args[2], ast.Lambda) else node.args[2]
    parts = chosen.values if isinstance(chosen, ast.BoolOp) and isinstance(chosen.op, ast.And) else [chosen]
    for part in parts:
        if isinstance(part, ast.Call) and isinstance(part.func, ast.Attribute) and part.func.attr == "startswith":
            return own | {f"{beginning}*" for beginning in strings_in(part.args)}
    return None


def _prefixes(tree: ast.Module, own: str) -> set[str] | None:
    """Return the beginnings, with `*`, of the names that a module gives itself through a name of its dictionary.

    None where it may do anything else with it than that, reading it, and letting it go.
    """
    prefixes: set[str] = set()
    known = 0
    for node in ast.walk(tree):
        if isinstance(node, ast.Subscript) and dotted(node.value) == own:
            known += 1
            if isinstance(node.ctx, ast.Load):
                continue
            first = node.slice.left if isinstance(node.slice, ast.BinOp) else node.slice
            first = first.values[0] if isinstance(first, ast.JoinedStr) and first.values else first
            if not isinstance(first, ast.Constant) or not isinstance(first.value, str) or first is node.slice:
                return None
            prefixes.add(f"{first.value}*")
        elif isinstance(node, ast.Compare) and isinstance(node.ops[0], (ast.In, ast.NotIn)):
            known += dotted(node.comparators[0]) == own
    loads = [node for node in ast.walk(tree) if isinstance(node, ast.Name) and node.id == own]
    return prefixes if known == sum(isinstance(node.ctx, ast.Load) for node in loads) > 0 else None


def _is_getattr(node: ast.stmt) -> TypeGuard[ast.FunctionDef | ast.AsyncFunctionDef]:
    return isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.name == "__getattr__"


def _gives_name_away(source: bytes) -> bool:
    """Tell whether the module's name is an argument of a call that may do anything with it."""
    at = source.find(b"__name__")
    while at >= 0:
        line = source[source.rfind(b"\n", 0, at) + 1 : at]
        before, bracket, _ = line.rpartition(b"(")
        callee = before.rpartition(b" ")[2].rpartition(b"(")[2]
        if bracket and callee and not _TAKES_NAME.search(callee) and not line.endswith((b".", b"'", b'"')):
            return True
        at = source.find(b"__name__", at + 8)
    return False
