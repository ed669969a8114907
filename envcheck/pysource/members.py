"""The names that a module gives itself by setting the members of its enumerations on itself.

As PIL does: https://github.com/python-pillow/Pillow/blob/main/src/PIL/Image.py
"""

from __future__ import annotations

import ast
import re

from envcheck.pysource.expressions import dotted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

OWN_MODULE = re.compile(rb"\bmodules\[[ ]*__name__[ ]*\]")


def may_set(source: bytes) -> bool:
    """Tell whether a module may set members on itself; to tell which, the classes must be read whole."""
    return b"setattr(" in source and len(OWN_MODULE.findall(source)) == 1


def members_set(source: bytes, tree: ast.Module) -> set[str]:
    """Return what such loops set; nothing where the module does anything else with itself.

    The loops are `module = sys.modules[__name__]`, `for one in (A, B): for item in one: setattr(module, item.name, …)`.
    """
    if not may_set(source):
        return set()
    names = [
        dotted(node.targets[0])
        for node in tree.body
        if isinstance(node, ast.Assign)
        and isinstance(node.value, ast.Subscript)
        and dotted(node.value.value).endswith("modules")
        and dotted(node.value.slice) == "__name__"
    ]
    if len(names) != 1 or not names[0]:
        return set()
    classes = {node.name: node for node in tree.body if isinstance(node, ast.ClassDef)}
    found: set[str] = set()
    loops = 0
    for node in tree.body:
        looped = _looped(node, names[0])
        if looped is not None:
            if not all(name in classes for name in looped):
                return set()
            loops += 1
            found.update(name for one in looped for name in _members(classes[one]))
    uses = re.findall(rb"\bsetattr\(\s*%b\b" % re.escape(names[0].encode()), source)
    return found if len(uses) == loops else set()


def _looped(node: ast.stmt, module: str) -> list[str] | None:
    """Return the classes of which a loop sets all members on the module, None of any other statement."""
    if not isinstance(node, ast.For) or not isinstance(node.iter, (ast.Tuple, ast.List)) or len(node.body) != 1:
        return None
    inner = node.body[0]
    if not isinstance(inner, ast.For) or dotted(inner.iter) != dotted(node.target) or len(inner.body) != 1:
        return None
    call = inner.body[0].value if isinstance(inner.body[0], ast.Expr) else None
    if not isinstance(call, ast.Call) or dotted(call.func) != "setattr" or dotted(call.args[0]) != module:
        return None
    return [dotted(one) for one in node.iter.elts] if dotted(call.args[1]) == f"{dotted(inner.target)}.name" else None


def _members(node: ast.ClassDef) -> Iterator[str]:
    """Yield the names that the body of a class assigns."""
    for inner in node.body:
        targets = inner.targets if isinstance(inner, ast.Assign) else ()
        yield from (target.id for target in targets if isinstance(target, ast.Name))
