"""How bad a line of a log says to be: the words, letters and numbers that programs use for it."""

from __future__ import annotations

import re

_NAMED = {
    **dict.fromkeys(("trace", "debug", "dbg", "d", "verbose"), "debug"),
    **dict.fromkeys(("info", "i", "notice", "information", "log", "hint", "normal"), "info"),
    **dict.fromkeys(("warn", "warning", "w", "deprecated"), "warning"),
    **dict.fromkeys(("error", "err", "e", "severe", "fail", "crit", "critical", "fatal", "f", "panic"), "error"),
    **dict.fromkeys(("emerg", "emergency", "alert", "eror"), "error"),
}
_OF_PINO = ("debug", "debug", "info", "warning", "error", "error")  # 10 trace … 60 fatal, in bunyan as well
_OF_SYSLOG = ("error", "error", "error", "error", "warning", "info", "info", "debug")  # RFC 5424: 0 emergency … 7 debug
_OWN = re.compile(
    r"\W{0,4}(?P<level>TRACE|DEBUG|INFO|NOTICE|WARN(?:ING)?|ERROR|FATAL|CRITICAL|SEVERE|info|warn|warning|error|fatal"
    r"|debug|crit|fail|Warning|Error|npm (?P<npm>WARN|ERR!|warn|error))(?!\w)[\])]?(?:[:|\] -]|$)"
)
_WARNS = re.compile(r"(?:^|: )[A-Z]\w{0,40}Warning: ")
# What configures a build tells so what it tries (CMake's STATUS lines, autoconf's); not to find something is usual.
_TRIED = re.compile(
    r"--  {0,3}(?!Configuring incomplete).{0,300}?"
    r"(?:not found|NOT find|not find|No package|Failed|missing|not set|unavailable|[Dd]isabled)"
    r"|configure: WARNING: |checking (?:for|whether|if) .{1,300}\.\.\. ?(?:no\b|not found|$)"
)


def named(word: object) -> str:
    """Return debug, info, warning or error for a level's name or letter, nothing for another word."""
    return _NAMED.get(str(word).lower().rstrip("!"), "")


def numbered(level: object) -> str:
    """Return what a number means as a level in pino and bunyan (10 to 60), or in syslog (0 to 7)."""
    if not isinstance(level, int) or isinstance(level, bool):
        return ""
    if 0 <= level < len(_OF_SYSLOG):
        return _OF_SYSLOG[level]
    return _OF_PINO[level // 10 - 1] if 10 <= level <= 60 else ""  # noqa: PLR2004


def own(text: str) -> str:
    """Return the level that a line tells in its own words."""
    found = _OWN.match(text)
    if found is not None:
        return named(found["npm"] or found["level"])
    return "warning" if _WARNS.search(text[:400]) or _TRIED.match(text) else ""
