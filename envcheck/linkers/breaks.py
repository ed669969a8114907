"""What is known of one import that fails, and which handlers catch it."""

from __future__ import annotations

import builtins

_BASES = {
    "ModuleNotFoundError": ("ImportError", "Exception", "BaseException"),
    "ImportError": ("Exception", "BaseException"),
    "AttributeError": ("Exception", "BaseException"),
    "SyntaxError": ("Exception", "BaseException"),
    "TypeError": ("Exception", "BaseException"),
}


class Break:
    """One place where an import fails: who wants what, where, and what is there instead.

    `problem` is `module` (no such module), `name`, `attribute`, `argument`, `argument-missing`, `syntax`, `binary` (a
    compiled module that cannot be loaded) or `raised`. `provider` is the file that ought to offer it.
    """

    __slots__ = ("dynamic", "importer", "line", "module", "name", "path", "problem", "provider", "within")

    def __init__(
        self, importer: str, path: str, line: int, problem: str, module: str, name: str, provider: str
    ) -> None:
        self.importer = importer
        self.path = path
        self.line = line
        self.problem = problem
        self.module = module
        self.name = name
        self.provider = provider
        self.within = ""  # the function whose body has it
        self.dynamic = False  # the provider may make the name at run time


def catches(caught: str, raised: str) -> bool | None:
    """Tell whether a handler of that name catches an exception; None where either is not a builtin one."""
    if caught in ("*", raised):
        return True
    if not isinstance(getattr(builtins, caught, None), type):
        return None
    if caught in _BASES.get(raised, ()):
        return True
    return False if raised in _BASES else (caught in ("Exception", "BaseException") or None)
