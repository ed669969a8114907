"""Which modules and names the standard library no longer has, and from which version of Python 3 on.

Sources: the sections "Removed" of https://docs.python.org/3/whatsnew/3.8.html and of the later ones, and for 3.13
https://peps.python.org/pep-0594/; for the modules that need a library,
https://docs.python.org/3/using/configure.html and python/cpython:configure.ac.
"""

from __future__ import annotations

# Minor version of Python 3 -> names of top-level modules that it was the first not to have.
_REMOVED = {
    8: "macpath",
    9: "_dummy_threading dummy_threading",
    10: "formatter parser symbol",
    11: "binhex",
    12: "asynchat asyncore distutils imp smtpd",
    13: "aifc audioop cgi cgitb chunk crypt imghdr lib2to3 mailcap msilib nis nntplib ossaudiodev pipes sndhdr spwd "
    "sunau telnetlib uu xdrlib",
}
_SINCE = {name: minor for minor, names in _REMOVED.items() for name in names.split()}

# Modules that a Python lacks which was built where the library that they need was not; no Python has them compiled in
# while it has others as files. Distributions leave tkinter out on their own.
NEEDING_LIBRARIES = frozenset(
    (
        "_bz2",
        "_ctypes",
        "_curses",
        "_curses_panel",
        "_dbm",
        "_gdbm",
        "_lzma",
        "_sqlite3",
        "_ssl",
        "_tkinter",
        "readline",
    )
) | {"tkinter"}


def removed_in(name: str) -> int | None:
    """Return the minor version of Python 3 that no longer has a module of the standard library, None for any other."""
    return _SINCE.get(name)


def removed_after(minor: int) -> frozenset[str]:
    """Return the modules that Python 3 of that minor version has, and a later one no longer."""
    return frozenset(name for name, since in _SINCE.items() if since > minor)


# Names of modules that are compiled into the interpreter -> minor version of Python 3 that was the first not to have
# them, 0 for what only Python 2 had. `os` takes all of posix or nt.
_OF_SYSTEM = {"errno": 0, "getcwdu": 0, "popen2": 0, "popen3": 0, "tmpnam": 0}
_NAMES_GONE = {
    "time": {"clock": 8},
    "sys": {"getcheckinterval": 9, "setcheckinterval": 9, "maxint": 0, "exc_clear": 0, "setdefaultencoding": 0},
    "posix": _OF_SYSTEM,
    "nt": _OF_SYSTEM,
}


def has_lost(module: str, name: str, minor: int | None) -> bool:
    """Tell whether a module that is compiled into the interpreter no longer has a name it once had."""
    since = _NAMES_GONE.get(module, {}).get(name)
    return since is not None and minor is not None and minor >= since


# Modules that lost names which public functions of packages still ask for, or parameters that they still pass.
_LOSING = frozenset(
    ("array", "ast", "asyncio", "base64", "cgi", "collections", "configparser", "fractions", "gettext", "importlib")
) | {"inspect", "itertools", "locale", "pkgutil", "platform", "random", "ssl", "string", "threading", "time", "types"}


def may_lack(name: str) -> bool:
    """Tell whether code of other Pythons may ask a module of the standard library for what is not there."""
    return name.partition(".")[0] in _LOSING or name.startswith(("typing", "unittest", "urllib"))


def may_refuse(name: str) -> bool:
    """Tell whether code of other Pythons may pass functions of a module what they do not take: `loop` to asyncio's."""
    return name.partition(".")[0] == "asyncio"
