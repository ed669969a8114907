"""Reads one Python file into its summary."""

from __future__ import annotations

import ast
import sys

from envcheck.pysource.clues import is_suspicious, tampers
from envcheck.pysource.lazy import openness
from envcheck.pysource.members import may_set
from envcheck.pysource.statements import Statements
from envcheck.pysource.stripping import without_bodies
from envcheck.pysource.summary import CLOSED, LISTED, MAYBE, TRY, USE, WHEN, Summary
from envcheck.pysource.syntax import assigned_in_expressions

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from envcheck.pysource.conditions import Python
    from envcheck.pysource.summary import Reference, Step

# What the compiler says of syntax that no Python 3 ever had, and of what was one until https://peps.python.org/pep-0758/.
_OF_PYTHON_2 = ("Missing parentheses in call to", "leading zeros in decimal integer")
_UNTIL_3_14 = "multiple exception types must be"
# What it says of codecs, which a distribution may register at start-up, and of bytes, which it did not always look at.
_OF_CODECS = ("unknown encoding", "encoding problem")
_OF_BYTES = ("codec can't decode", "Non-UTF-8 code")
_NUL = "source code string cannot contain null bytes"


def read(source: bytes, python: Python, *, whole: bool = False) -> Summary:
    """Return what a file offers and wants; a file that cannot be compiled gives its problem. Never raises.

    Bodies of functions are left out before the file is compiled, unless it is to be read `whole`.
    """
    if (nul := source.find(b"\0")) >= 0:  # what the compiler raises for it, and with which line, depends on its version
        return Summary(problem=_NUL, line=source.count(b"\n", 0, nul) + 1)
    short = without_bodies(source)
    code = source if whole or is_suspicious(source, python) or may_set(source) else short
    summary = _read(code, source, short, python)
    return summary if not summary.problem or code is source else _read(source, source, short, python)


def _read(code: bytes, source: bytes, short: bytes, python: Python) -> Summary:
    import warnings

    older = () < python.version[:2] < sys.version_info[:2]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # an invalid escape in somebody's file is no warning of ours
            tree = ast.parse(code, feature_version=python.version[:2] if older else None)  # type: ignore[arg-type]
        return _summary(code, source, short, tree, python)
    except SyntaxError as error:
        return Summary(problem=_told(error.msg or "invalid syntax", python), line=error.lineno or 0)
    except RecursionError:
        return Summary(problem="? nested too deeply to be read")
    except (ValueError, MemoryError) as error:
        return Summary(problem=f"? {error}")


def _told(message: str, python: Python) -> str:
    """Return the compiler's message, marked where that Python may see it in another way than this interpreter."""
    here, there = sys.version_info[:2], python.version[:2]
    if message.startswith(_OF_CODECS):
        certain = False
    elif message.startswith(_UNTIL_3_14):
        certain = () < there < (3, 14)
    elif any(words in message for words in _OF_BYTES):
        certain = there == here
    else:
        certain = () < there <= here or message.startswith(_OF_PYTHON_2)
    return message if certain else f"? {message}"


def _summary(code: bytes, source: bytes, short: bytes, tree: ast.Module, python: Python) -> Summary:
    """Return the summary of a file that compiles, whose tree may lack the bodies of functions."""
    reader = Statements(source, tree, python)
    steps = reader.block(tree.body, frozenset())
    names = reader.names
    for name in assigned_in_expressions(tree, _lines_with(b":=", code)):
        names.bind(name)
    how, strings, lists = openness(source, short, tree, names.bound)
    strings |= names.elsewhere
    how = LISTED if how == CLOSED and names.elsewhere else how
    aliases = names.aliases()
    return Summary(
        names=frozenset(names.bound).union(names.listed),
        aliases={**aliases, **names.inner} if names.inner and names.assigns else aliases,
        stars=tuple(names.stars),
        exported=names.exported,
        openness=how,
        strings=strings,
        lists=lists,
        steps=tuple(_of_aliases(steps, aliases)),
        assigns=names.certain_assigns(aliases),
        registers=tuple(tampers(source, short, python)),
        functions=names.certain_functions(),
    )


def _lines_with(word: bytes, code: bytes) -> list[int]:
    """Return the numbers of the lines that have a word."""
    if word not in code:
        return []
    return [number for number, line in enumerate(code.split(b"\n"), 1) if word in line]


def _of_aliases(steps: Iterable[Step], aliases: Mapping[str, Reference]) -> Iterable[Step]:
    """Yield the steps without uses of names that are not certainly a module or what was imported from one."""
    for step in steps:
        if step[0] == USE:
            if step[2] in aliases:
                yield step
        elif step[0] == TRY:
            handlers = tuple((caught, tuple(_of_aliases(inner, aliases))) for caught, inner in step[2])
            parts = [tuple(_of_aliases(part, aliases)) for part in (step[1], step[3], step[4])]
            yield (TRY, parts[0], handlers, parts[1], parts[2])
        elif step[0] in (MAYBE, WHEN):
            parts = [tuple(_of_aliases(part, aliases)) for part in step[-2:]]
            if any(parts):
                yield (*step[:-2], *parts)
        else:
            yield step
