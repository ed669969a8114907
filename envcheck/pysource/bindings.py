"""The names that a module's code binds, and what it does to other modules, gathered while its statements are read."""

from __future__ import annotations

import ast

from envcheck.pysource.expressions import dotted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import TypeAlias

    from envcheck.pysource.summary import Reference

    # Parameters in their places; how many of them have no name for callers, and how many no default; those that have
    # only a name, and those of them without a default; whether any further ones are taken, in their places, by name.
    Signature: TypeAlias = tuple[tuple[str, ...], int, int, tuple[str, ...], tuple[str, ...], bool, bool]

# Calls that do nothing to a module that they are given, by the last part of the name.
_ONLY_LOOK = frozenset(
    ("print", "len", "isinstance", "issubclass", "append", "extend", "add", "register", "info", "debug", "warning")
) | {"filterwarnings"}


class Bindings:
    """What one module binds, exports, and sets on others."""

    def __init__(self) -> None:
        self.bound: dict[str, set[Reference | None]] = {}  # None: by something else than an import; see `stand_in`
        self.times: dict[str, int] = {}
        self.inner: dict[str, Reference] = {}  # what functions import, under `name()`
        self.stars: list[tuple[int, str]] = []
        self.listed: list[str] = []  # in __all__
        self.elsewhere: set[str] = set()  # on other platforms: who asks for them may be made for those
        self.assigns: list[tuple[str, str]] = []
        self.functions: dict[str, tuple[tuple[str, ...], tuple[str, ...], bool]] = {}
        self._lists = False
        self._computes = False

    def bind(self, name: str, reference: Reference | None = None) -> None:
        """Note that a name is bound, by an import if there is a reference."""
        self.bound.setdefault(name, set()).add(reference)
        self.times[name] = self.times.get(name, 0) + 1

    def stand_in(self, name: str) -> None:
        """Note that a name is None where an import failed: whatever else it is used for finds what was imported."""
        self.bound.setdefault(name, set())
        self.times[name] = self.times.get(name, 0) + 1

    def bind_inside(self, name: str, reference: Reference) -> None:
        """Note that a function imports something."""
        self.inner[f"{name}()"] = reference

    def certain_assigns(self, aliases: Mapping[str, Reference]) -> tuple[tuple[str, str], ...]:
        """Return the attributes that are set on what is imported, by the module or within a function."""
        found = []
        for base, attribute in self.assigns:
            root, dot, rest = base.partition(".")
            if root in aliases:
                found.append((base, attribute))
            elif f"{root}()" in self.inner:
                found.append((f"{root}(){dot}{rest}", attribute))
        return tuple(found)

    def aliases(self) -> dict[str, Reference]:
        """Return the names that nothing but one import binds."""
        return {
            name: reference
            for name, references in self.bound.items()
            if len(references) == 1 and (reference := next(iter(references))) is not None
        }

    @property
    def exported(self) -> tuple[str, ...] | None:
        """What may stand in `__all__`, None where there is none or where something computes it."""
        return tuple(self.listed) if self._lists and not self._computes else None

    def define(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        """Note the parameters of a function of the module; a decorator may give it others."""
        if node.decorator_list:
            return
        positional = tuple(one.arg for one in (*node.args.posonlyargs, *node.args.args))
        keywords = tuple(one.arg for one in node.args.kwonlyargs)
        self.functions[node.name] = positional, keywords, node.args.kwarg is not None

    def certain_functions(self) -> dict[str, tuple[tuple[str, ...], tuple[str, ...], bool]]:
        """Return the functions whose names nothing else binds."""
        return {name: taken for name, taken in self.functions.items() if self.times[name] == 1}

    def export(self, value: ast.expr) -> None:
        """Read what is assigned or added to `__all__`; several lists count together, since one may not be reached."""
        if isinstance(value, ast.BinOp) and isinstance(value.op, ast.Add):
            self.export(value.left)
            self.export(value.right)
            return
        self._lists = True
        items = value.elts if isinstance(value, (ast.List, ast.Tuple)) else [value]
        own = not isinstance(value, (ast.List, ast.Tuple)) and dotted(value) == "__all__"
        names = [one.value for one in items if isinstance(one, ast.Constant) and isinstance(one.value, str)]
        self._computes |= len(names) < len(items) and not own
        self.listed += names

    def set_attribute(self, target: ast.expr) -> None:
        """Note `module.name = …`."""
        if isinstance(target, ast.Attribute) and (base := dotted(target.value)):
            self.assigns.append((base, target.attr))

    def call(self, node: ast.Call) -> None:
        """Note `setattr(module, "name", …)`, `__all__.extend([...])`, and modules that are given to others."""
        name = dotted(node.func)
        if name == "setattr" and len(node.args) == 3 and (base := dotted(node.args[0])):  # noqa: PLR2004  setattr's own
            attribute = node.args[1]
            self.assigns.append((base, str(attribute.value) if isinstance(attribute, ast.Constant) else "*"))
        elif name in ("__all__.extend", "__all__.append") and node.args:
            self.export(node.args[0] if name.endswith("extend") else ast.List(elts=[node.args[0]]))
        elif name.startswith("__all__.") and name not in ("__all__.sort", "__all__.remove", "__all__.reverse"):
            self._computes = True
        elif name.rpartition(".")[2] not in _ONLY_LOOK:  # what is given a module may set anything on it
            self.assigns += [(argument.id, "*") for argument in node.args if isinstance(argument, ast.Name)]


def signature_of(arguments: ast.arguments) -> Signature:
    """Return the parameters of a function."""
    positional = tuple(one.arg for one in (*arguments.posonlyargs, *arguments.args))
    named = tuple(one.arg for one in arguments.kwonlyargs)
    needed = tuple(
        one.arg for one, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True) if default is None
    )
    required = len(positional) - len(arguments.defaults)
    unnamed = len(arguments.posonlyargs)
    return positional, unnamed, required, named, needed, arguments.vararg is not None, arguments.kwarg is not None
