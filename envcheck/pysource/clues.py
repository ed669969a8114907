"""What the bytes of a file tell before it is compiled: syntax of other Pythons, late imports, what changes imports."""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from envcheck.pysource.conditions import Python

# Syntax that a body may have and that no Python 3, or not every one, compiles. A match is only worth a look. The first
# of two begins with a word, which is found much faster than the beginning of a line, and often is not there.
_OTHER_SYNTAX = (
    (re.compile(rb"print[ \t]+[\"'\w]"), re.compile(rb"^[ \t]*print[ \t]+[\"'\w]", re.MULTILINE)),
    (re.compile(rb"exec[ \t]+[\"'\w]"), re.compile(rb"^[ \t]*exec[ \t]+[\"'\w]", re.MULTILINE)),
    (re.compile(rb"raise[ \t]+[\w.]+[ \t]*,"), re.compile(rb"^[ \t]*raise[ \t]+[\w.]+[ \t]*,", re.MULTILINE)),
    (re.compile(rb"except[ \t]+[\w.]+[ \t]*,"), re.compile(rb"except[ \t]+[\w.]+[ \t]*,[ \t]*\w+[ \t]*:")),
    (
        re.compile(rb"async\b[ \t]*(?![ \t\w])"),
        re.compile(rb"(?:[(,.][ \t]*|import[ \t]+|as[ \t]+)async\b[ \t]*(?![ \t\w])"),
    ),
)
_NEWER = (
    ((3, 8), re.compile(rb":=")),
    ((3, 10), re.compile(rb"^[ \t]*match\b[^\n]*:[ \t]*$", re.MULTILINE)),
    ((3, 11), re.compile(rb"^[ \t]*except[ \t]*\*", re.MULTILINE)),
)
# Something may be found in another way than by the files on the search path: by an importer,
_IMPORTERS = re.compile(  # what is set as a whole, `meta_path[:] = …`, is what was there before
    rb"(?:meta_path|path_hooks)(?:\.(?:append|insert|extend)|\[(?!:\])[^]\n]{0,80}\][ ]*=|[ ]*\+?=(?!=))"
)
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
    return (
        any(likely.search(source) and certain.search(source) for likely, certain in _OTHER_SYNTAX)
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
    import (`short` is the source without bodies of functions), `~` if a function of it does, and names that it puts
    into sys.modules; `-` if all that comes to nothing, since an importer without find_spec is no longer asked from
    Python 3.12 on: https://docs.python.org/3/whatsnew/3.12.html
    """
    paths, system = (
        b"_path" in source,
        b"sys." in source,
    )  # looked for once, since each search takes as long as all else
    hooks = paths and b"meta_path" in source
    if hooks and b"find_module" in source and b"find_spec" not in source and python.version[:2] >= (3, 12):
        yield "-"
        return
    if (hooks or b"path_hooks" in source) and _IMPORTERS.search(source):
        yield "!"
    elif (
        (paths and (b"__path__" in source or b"extend_path" in source)) or b"declare_namespace" in source
    ) and _OWN_PATH.search(source):
        yield "*"
    changes = system and b"sys.path" in source
    if (changes or b"addsitedir" in source) and _SEARCH_PATH.search(short):
        yield "/"
    elif changes and _SEARCH_PATH.search(source):
        yield "~"
    if system and b"sys.modules" in source:
        for found in _REGISTERED.finditer(source):
            name = _TEXT.fullmatch((found[1] or found[2] or b"").strip())
            yield name[1].decode("ascii", "replace") if name else "*"
