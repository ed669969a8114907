"""Lines of a log as the program meant them: without colours, times, names of workers and the dress of a log format."""

from __future__ import annotations

import json
import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any, TypeAlias

    # Number in the log (from 1), text, level (debug, info, warning, error or nothing), which worker says it.
    Line: TypeAlias = tuple[int, str, str, str]

LONGEST = 2048  # characters of a line
_LONGEST_JSON = 64 << 10
_LONGEST_WORD = 600  # characters of a path, a symbol, an address
_WORD_BEGIN, _WORD_END = 450, 100
_END = 512  # characters of a cut line's end that are kept
_MOST_PREFIXES = 6
_LEVELS = {
    **dict.fromkeys(("trace", "debug", "dbg", "d", "verbose"), "debug"),
    **dict.fromkeys(("info", "i", "notice", "information", "log", "hint"), "info"),
    **dict.fromkeys(("warn", "warning", "w", "deprecated"), "warning"),
    **dict.fromkeys(("error", "err", "e", "severe", "fail", "crit", "critical", "fatal", "f", "panic"), "error"),
    **dict.fromkeys(("emerg", "alert", "eror"), "error"),
}
_LEVEL = r"(?P<level>TRACE|DEBUG|INFO|NOTICE|WARN(?:ING)?|ERROR|FATAL|CRITICAL|SEVERE|[DIWEF])"
_ANSI = re.compile(
    r"\x1b(?:\[[0-?]{0,64}[ -/]{0,8}[@-~]|\][^\x07\x1b]{0,512}(?:\x07|\x1b\\)|[@-Z\\-_])|\x9b[0-?]{0,64}[@-~]"
)
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ufeff\u200b-\u200f\u2028-\u202e\u2066-\u2069]")
_DATE = r"\d{4}[-/.]\d\d[-/.]\d\d"
_CLOCK = r"\d\d:\d\d:\d\d(?:[.,:]\d{1,9})?"
_DAY = r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)"
_MONTH = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
_FILE = r"[\w./<>-]{1,120}\.(?:py|pyx|cc|cpp|cu|c|h|hpp|go|rs|js|ts|java|kt|cs):\d{1,6}"
# Each is tried at the beginning of what is left of a line; `worker` tells several writers of one log apart.
_PREFIXES = tuple(
    re.compile(text)
    for text in (
        rf"\[?{_DATE}[T ]{_CLOCK}(?: ?(?:Z|UTC|[+-]\d\d:?\d\d))?\]?(?:: |:(?=\[))?[ \t]?(?:(?:stdout|stderr) [FP] )?",
        rf"\[?{_CLOCK}\]?:?[ \t]",
        r"\[ {0,6}\d{1,9}\.\d{6}\] ",
        rf"\[{_DAY} {_MONTH} [ \d]\d {_CLOCK}(?: \d{{4}})?\] ",
        rf"{_MONTH} [ \d]\d {_CLOCK} [\w.-]{{1,64}} [\w./@-]{{1,64}}(?:\[\d{{1,8}}\])?: ",
        rf"(?P<level>[IWEF])\d{{4}} {_CLOCK} +\d{{1,8}} (?={_FILE}\])",
        rf"{_LEVEL} {{1,4}}\d\d-\d\d {_CLOCK} {{1,2}}(?:\[?[\w./-]{{1,80}}:\d{{1,6}}\] ?)?",
        r"\[(?P<worker>(?:rank|default|Rank|gpu|GPU) ?\d{1,5})\]:?[ \t]?",
        r"(?P<worker>rank ?\d{1,5}): ",
        r"\[(?P<worker>\d{1,4},\d{1,5})\]<(?:stdout|stderr)>:[ \t]?",
        r"\((?P<worker>(?:[\w.:-]{1,64} )?pid=\d{1,8}(?:, ?(?:ip|rank|actor)[=_][\w.:-]{1,64}){0,3}|raylet)\) ?",
        r"(?P<worker>[\w.-]{1,64}[-_]\d{1,4} {0,40}|[\w.-]{1,64} {2,40})\| ?",
        r"\[(?P<worker>pod/[\w./-]{1,200})\] ",
    )
)
# What may follow a time: a process, a thread, a level, a place in the sources.
_AFTER_TIME = tuple(
    re.compile(text)
    for text in (
        rf"(?:- )?\[? ?{_LEVEL}\]?(?:[ \t]*[:|-](?=[ \t])|:)?(?P<gap>[ \t]{{1,8}}|$)",
        r"\[(?P<level>trace|debug|info|notice|warn|warning|error|err|fatal|critical|crit|alert|emerg)\] ?",
        r"\[\d{1,10}\] ?",
        rf"\[{_FILE}\][ \t]?",
        rf"- [\w.]{{1,80}} - (?:{_LEVEL} - )?",
        r"\d{1,8} --- \[[^\]\n]{0,60}\] [\w.$]{1,120} {0,40}: ",
    )
)
_OWN_LEVEL = re.compile(
    r"\W{0,4}(?P<level>TRACE|DEBUG|INFO|NOTICE|WARN(?:ING)?|ERROR|FATAL|CRITICAL|SEVERE|info|warn|warning|error|fatal"
    r"|debug|crit|fail|hint|Warning|Error|npm (?P<npm>WARN|ERR!|warn|error))(?!\w)[\])]?(?:[:|\] -]|$)"
)
_WORD = re.compile(rf"\S{{{_LONGEST_WORD},}}")
_WARNS = re.compile(r"(?:^|: )[A-Z]\w{0,40}Warning: ")
_MESSAGES = ("message", "msg", "log", "event", "@message", "textPayload", "body", "short_message", "full_message")
_STACKS = ("exc_info", "exc_text", "exception", "stack", "stack_trace", "stackTrace", "stacktrace", "traceback")
_ERRORS = ("error", "err", "reason", "error_message", "cause")
_NESTED = ("message", "msg", "details", "value", "stack", "stacktrace")
_MARKS = ("level", "severity", "lvl", "levelname", "log.level", "time", "timestamp", "ts", "@timestamp", "asctime")
_MARKS_OF_DOCKER = ("stream", "t", "s")
_LOGFMT = re.compile(r"(?:time|ts|level|t)=\S")
_FIELD = re.compile(r'\b(level|lvl|msg|message|error|err|stack)=(?:"((?:[^"\\]|\\.){0,8000})"|(\S{1,2000}))')


def read(data: bytes, number: int) -> Iterator[Line]:
    """Yield the lines of a part of a log that begins at a line, those of one record each of its own."""
    for raw in data.split(b"\n"):
        text = raw[: _LONGEST_JSON + 1].decode("utf-8", "replace") if len(raw) <= _LONGEST_JSON else _cut_bytes(raw)
        yield from _record(number, text)
        number += 1


def _cut_bytes(raw: bytes) -> str:
    return (raw[:LONGEST] + " … ".encode() + raw[-LONGEST:]).decode("utf-8", "replace")


def _record(number: int, text: str) -> Iterator[Line]:
    text = plain(text)
    text, level, worker = _undressed(text)
    told = _structured(text)
    if told is None:
        own = level or _level_of(text)
        for piece in _unescaped(text):
            yield number, _cut(piece.rstrip()), own, worker
        return
    own, pieces = told
    for piece in pieces:
        for line in piece.rstrip("\r\n").replace("\r\n", "\n").split("\n"):
            inner, found, writer = _undressed(plain(line))
            yield number, _cut(inner.rstrip()), own or level or found or _level_of(inner), worker or writer


def plain(text: str) -> str:
    """Return a line without what steers a terminal; of what overwrote itself, the last that was to be seen."""
    if text.isascii() and text.isprintable():
        return text
    if "\x1b" in text or "\x9b" in text:
        text = _ANSI.sub("", text)
    if "\r" in text:
        text = next((piece for piece in reversed(text.split("\r")) if piece.strip()), "")
    return _CONTROL.sub("", text)


def _cut(text: str) -> str:
    if len(text) > _LONGEST_WORD:
        text = _WORD.sub(lambda word: f"{word[0][:_WORD_BEGIN]}…{word[0][-_WORD_END:]}", text)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - _END - 3]} … {text[-_END:]}"


def _undressed(text: str) -> tuple[str, str, str]:
    """Return a line without its prefixes, the level that they tell, and the worker."""
    level, worker = "", ""
    after = False  # behind a time, where more belongs to the prefix
    for _ in range(_MOST_PREFIXES):
        found = next((match for pattern in _PREFIXES if (match := pattern.match(text))), None)
        if found is None and after:
            found = next((match for pattern in _AFTER_TIME if (match := pattern.match(text))), None)
        if found is None:
            break
        groups = found.groupdict()
        level = level or _LEVELS.get((groups.get("level") or "").lower(), "")
        if groups.get("worker"):
            worker = f"{worker} {groups['worker'].strip()}".strip()
        else:
            after = True
        text = text[found.end() :]
    return text, level, worker


def _level_of(text: str) -> str:
    found = _OWN_LEVEL.match(text)
    if found is not None:
        word = found["npm"] or found["level"]
        return _LEVELS.get(word.lower().rstrip("!"), "")
    return "warning" if _WARNS.search(text[:400]) else ""


def _unescaped(text: str) -> list[str]:
    r"""Return the lines of a traceback that stands in one line with `\n` written out."""
    if r"\n" not in text or ("Traceback (most recent" not in text and r"\n    at " not in text):
        return [text]
    return text.replace(r"\r\n", "\n").replace(r"\n", "\n").replace(r"\t", "\t").replace(r"\"", '"').split("\n")


def _structured(text: str) -> tuple[str, list[str]] | None:
    """Return level and texts of a log line that is JSON or logfmt; None for any other."""
    if text.startswith("{") and text.endswith("}"):
        try:
            record = json.loads(text)
        except (ValueError, RecursionError):
            return None
        return _of_json(record) if isinstance(record, dict) else None
    if _LOGFMT.match(text):
        return _of_logfmt(text)
    return None


def _of_json(record: dict[str, Any]) -> tuple[str, list[str]] | None:
    said = [record[name] for name in _MESSAGES if isinstance(record.get(name), str)]
    if not any(name in record for name in (*_MARKS, *_MARKS_OF_DOCKER)) or not (said or _problems(record)):
        return None
    level = next(
        (record[name] for name in ("level", "severity", "levelname", "lvl", "log.level") if name in record), ""
    )
    inner = _structured(plain(said[0]).strip()) if said else None  # a container's log of a program that writes JSON
    if inner is not None:
        return inner
    texts = [piece for piece in (*said[:1], *_problems(record)) if piece.strip()]
    return _LEVELS.get(str(level).lower(), "") or _numbered(level), list(dict.fromkeys(texts))


def _numbered(level: object) -> str:
    """Return what a number means as a level in pino and bunyan: 10 trace … 60 fatal."""
    if not isinstance(level, int) or isinstance(level, bool) or not 0 < level <= 60:  # noqa: PLR2004
        return ""
    return ("debug", "debug", "info", "warning", "error", "error")[(level - 1) // 10]


def _problems(record: dict[str, Any]) -> list[str]:
    """Return what a JSON record says of an error."""
    texts: list[str] = []
    for name in (*_ERRORS, *_STACKS):
        held = record.get(name)
        if isinstance(held, str):
            texts.append(held)
        elif isinstance(held, dict):
            inside = [held[inner] for inner in _NESTED if isinstance(held.get(inner), str)]
            texts += [text for text in inside if not any(text in other for other in inside if other != text)]
        elif isinstance(held, list) and held and all(isinstance(item, str) for item in held):
            texts.append("\n".join(held))
    return texts


def _of_logfmt(text: str) -> tuple[str, list[str]] | None:
    fields = {
        name: quoted.encode().decode("unicode_escape", "replace") if "\\" in quoted else quoted or bare
        for name, quoted, bare in _FIELD.findall(text)
    }
    said = [fields[name] for name in ("msg", "message", "error", "err", "stack") if fields.get(name)]
    if not said or not (fields.get("level") or fields.get("lvl")):
        return None
    return _LEVELS.get((fields.get("level") or fields.get("lvl") or "").lower(), ""), said
