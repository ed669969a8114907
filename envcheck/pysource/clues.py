"""What the bytes of a file tell before it is compiled: syntax of other Pythons, late imports, what changes imports."""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from envcheck.pysource.conditions import Python

# Syntax that a body may have and that no Python 3, or not every one, compiles. A match is only worth a look.
_PRINTED = re.compile(rb"^[ \t]*(?:print|exec)[ \t]+[\"'\w]", re.MULTILINE)
_CAUGHT_AS = re.compile(rb"except[ \t]+[\w.]+[ \t]*,[ \t]*\w+[ \t]*:")
_RAISED_WITH = re.compile(rb"^[ \t]*raise[ \t]+[\w.]+[ \t]*,", re.MULTILINE)
_ASYNC_AS_NAME = re.compile(rb"(?:[(,.][ \t]*|import[ \t]+|as[ \t]+)async\b[ \t]*(?![ \t\w])")
_NEWER = (
    ((3, 8), re.compile(rb":=")),
    ((3, 10), re.compile(rb"^[ \t]*match\b[^\n]*:[ \t]*$", re.MULTILINE)),
    ((3, 11), re.compile(rb"^[ \t]*except[ \t]*\*", re.MULTILINE)),
)
_INDENTED_IMPORT = re.compile(rb"^[ \t]+(?:from|import)[ \t]", re.MULTILINE)
# Something may be found in another way than by the files on the search path: by an importer,
_IMPORTERS = re.compile(rb"(?:meta_path|path_hooks)(?:\.(?:append|insert|extend)|\[[^]\n]{0,80}\][ ]*=|[ ]*\+?=(?!=))")
# in a package that is spread over several folders, or that makes its modules, in other folders, or in sys.modules.
_OWN_PATH = re.compile(
    rb"\b__path__[ \t]*(?:=(?!=)|\+=|\.(?:append|extend|insert)|:[ \t]*\w)|\bextend_path\b|\bdeclare_namespace\b"
)
_SEARCH_PATH = re.compile(rb"\bsys\.path(?:\.(?:insert|append|extend)|\[[^]\n]{0,80}\][ ]*=|[ ]*\+?=)|\baddsitedir\(")
_REGISTERED = re.compile(
    rb"sys\.modules(?:\[([^\n]{1,200}?)\][ ]*=(?!=)|\.(?:setdefault|__setitem__)\(([^,\n]{0,200})|\.update\(())"
)
_TEXT = re.compile(rb"[\"']([\w.]+)[\"']")


def is_suspicious(source: bytes, python: Python) -> bool:
    """Tell whether a function's body may hold what this Python does not compile."""
    return bool(
        ((b"print " in source or b"exec " in source) and _PRINTED.search(source))
        or (b"except" in source and _CAUGHT_AS.search(source))
        or (b"raise" in source and b"__future__" not in source and _RAISED_WITH.search(source))
        or (b"async" in source and _ASYNC_AS_NAME.search(source))
        or any(python.version[:2] < since and syntax.search(source) for since, syntax in _NEWER)
        or not _is_utf8(source)
    )


def _is_utf8(source: bytes) -> bool:
    if source.isascii():
        return True
    try:
        source.decode()
    except UnicodeDecodeError:
        return False
    return True


def tampers(source: bytes, short: bytes, python: Python) -> Iterator[str]:
    """Yield what the code may do to the import system, wherever it stands in the file.

    `*` if it may make modules below this one, `!` if it may make any names or modules, `/` if it changes sys.path on
    import (`short` is the source without bodies of functions), and names that it puts into sys.modules. An importer
    without find_spec is no longer asked from Python 3.12 on: https://docs.python.org/3/whatsnew/3.12.html
    """
    if (
        b"meta_path" in source
        and b"find_module" in source
        and b"find_spec" not in source
        and python.version[:2] >= (3, 12)
    ):
        return
    if (b"meta_path" in source or b"path_hooks" in source) and _IMPORTERS.search(source):
        yield "!"
    elif (b"_path" in source or b"declare_namespace" in source) and _OWN_PATH.search(source):
        yield "*"
    if (b"sys.path" in source or b"addsitedir" in source) and _SEARCH_PATH.search(short):
        yield "/"
    if b"sys.modules" in source:
        for found in _REGISTERED.finditer(source):
            name = _TEXT.fullmatch((found[1] or found[2] or b"").strip())
            yield name[1].decode("ascii", "replace") if name else "*"


def lines_with_indented_imports(source: bytes) -> list[int]:
    """Return the lines of imports that do not stand at the left margin, in ascending order."""
    lines = []
    line, done = 1, 0
    for found in _INDENTED_IMPORT.finditer(source):
        line += source.count(b"\n", done, found.start())
        done = found.start()
        lines.append(line)
    return lines
