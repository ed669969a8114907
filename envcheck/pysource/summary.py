"""What one Python file offers and wants, in plain values that the cache can keep.

The import-time code of a file is kept as a tree of steps, in the order in which the interpreter would take them:

- `(IMPORT, line, module, in full)`: `import a.b`, or `import a.b as c`;
- `(FROM, line, level, module, names)`: `from a import b, c`;
- `(STAR, line, level, module)`: `from a import *`;
- `(USE, line, name, attributes, call)`: an attribute chain on a name that an import has bound, and if it is called the
  names of the keyword arguments, else None;
- `(RAISE, line, exception)`: the code raises;
- `(TRY, body, handlers, otherwise, finally)` with handlers `(caught exceptions, steps)`;
- `(MAYBE, steps, other steps)`: one or the other, which cannot be told;
- `(WHEN, condition, steps, other steps)`: as another distribution decides, see `asked`;
- `(BODY, line, name, steps)`: the body of a function, which runs when it is called.

Branches that this Python and platform never take are left out.
"""

from __future__ import annotations

from envcheck.model.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, TypeAlias

    Step: TypeAlias = tuple[Any, ...]
    # Level, module and name of what an import binds: `import a.b as x` is (0, "a.b", ""),
    # `from .m import n` is (1, "m", "n").
    Reference: TypeAlias = tuple[int, str, str]

IMPORT, FROM, STAR, USE, RAISE, TRY, MAYBE, WHEN, BODY = range(9)
# How far the names of a module are known: all of them; those, and perhaps some of its strings; any name may be there.
CLOSED, LISTED, OPEN = range(3)
FORM = 13  # of a kept summary; raise it with every change of its meaning


class Summary(Record):
    """What a file offers (`names`, `stars`, `exported`, `openness`) and does (`steps`), or why it cannot be compiled.

    `problem` is the compiler's message and `line` its place. `aliases` are the names that nothing but one import binds.
    `exported` is `__all__` where it is a literal. With `openness` LISTED, `strings` are further names that may be
    there, `lists` the names of imported tables that may hold more. `assigns` are (name, attribute) of what is set on an
    imported name. `registers` are names put into sys.modules, and the marks of `clues.tampers`. `functions` has the
    parameters of functions by name: (positional ones, keyword-only ones, takes any keyword).
    """

    problem: str = ""
    line: int = 0
    names: frozenset[str] = frozenset()
    aliases: dict[str, Reference] = {}  # noqa: RUF012  a Record's fields are never changed
    stars: tuple[tuple[int, str], ...] = ()
    exported: tuple[str, ...] | None = None
    openness: int = CLOSED
    strings: frozenset[str] = frozenset()
    lists: tuple[str, ...] = ()
    steps: tuple[Step, ...] = ()
    assigns: tuple[tuple[str, str], ...] = ()
    registers: tuple[str, ...] = ()
    functions: dict[str, tuple[tuple[str, ...], tuple[str, ...], bool]] = {}  # noqa: RUF012  likewise


def packed(summary: Summary) -> tuple[Any, ...]:
    """Return a summary's fields that marshal can keep."""
    return tuple(getattr(summary, field) for field in Summary.record_fields)


def unpacked(values: tuple[Any, ...]) -> Summary:
    """Return the summary of kept fields."""
    return Summary(**dict(zip(Summary.record_fields, values, strict=True)))
