"""Lines of a log as the program meant them: without colours, times, names of workers and the dress of a log format."""

from __future__ import annotations

import re

from envcheck.failures import levels, records

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import TypeAlias

    # Number in the log (from 1), text, level (debug, info, warning, error or nothing), which worker says it.
    Line: TypeAlias = tuple[int, str, str, str]

LONGEST = 2048  # characters of a line
_LONGEST_JSON = 64 << 10
_LONGEST_WORD = 600  # characters of a path, a symbol, an address
_WORD_BEGIN, _WORD_END = 450, 100
_END = 512  # characters of a cut line's end that are kept
_MOST_PREFIXES = 6
_LEVEL = r"(?P<level>TRACE|DEBUG|INFO|NOTICE|WARN(?:ING)?|ERROR|FATAL|CRITICAL|SEVERE|[DIWEF])"
_ANSI = re.compile(
    r"\x1b(?:\[[0-?]{0,64}[ -/]{0,8}[@-~]|\][^\x07\x1b]{0,512}(?:\x07|\x1b\\)|[@-Z\\-_])|\x9b[0-?]{0,64}[@-~]"
)
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ufeff\u200b-\u200f\u2028-\u202e\u2066-\u2069]")
_DATE = r"\d{4}[-/.]\d\d[-/.]\d\d"
_CLOCK = r"\d\d:\d\d:\d\d(?:[.,:]\d{1,9})?"
_ZONE = r"(?: ?(?:Z|UTC|[+-]\d\d:?\d\d))"
_DAY = r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)"
_MONTH = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
_FILE = r"[\w./<>-]{1,120}\.(?:py|pyx|cc|cpp|cu|c|h|hpp|go|rs|js|ts|java|kt|cs):\d{1,6}"
# Each is tried at the beginning of what is left of a line; `worker` tells several writers of one log apart.
_PREFIXES = tuple(
    re.compile(text)
    for text in (
        rf"(?:{_DAY} )?\[?{_DATE}[T ]{_CLOCK}{_ZONE}?\]?(?:: |:(?=\[))?[ \t]?(?:(?:stdout|stderr) [FP] )?",
        rf"<\d{{1,3}}>1 {_DATE}T{_CLOCK}\S{{0,6}}(?: \S{{1,255}}){{4}} (?:-|\[[^\]\n]{{1,400}}\]) ?",
        rf"[^\t\n]{{1,120}}\t[^\t\n]{{1,120}}\t(?={_DATE}T)",
        r"##\[(?P<level>error|warning|notice|debug|command|section|group|endgroup)\]",
        r"::(?P<level>error|warning|notice|debug)(?: [^:\n]{0,300})?::",
        rf"\[?{_CLOCK}\]?:?[ \t]",
        r"\[ {0,6}\d{1,9}\.\d{6}\] ",
        rf"\[{_DAY} {_MONTH} [ \d]\d {_CLOCK}(?: \d{{4}})?\] ",
        rf"{_MONTH} [ \d]\d {_CLOCK} [\w.-]{{1,64}} [\w./@-]{{1,64}}(?:\[\d{{1,8}}\])?: ",
        rf"(?P<level>[IWEF])(?:\d{{4}} {_CLOCK} +\d{{1,8}})? (?={_FILE}\])",
        rf"{_LEVEL} {{1,4}}\d\d-\d\d {_CLOCK} {{1,2}}(?:\[?[\w./-]{{1,80}}:\d{{1,6}}\] ?)?",
        r"\[(?P<worker>(?:rank|default|Rank|gpu|GPU) ?\d{1,5})\]:?[ \t]?",
        r"(?P<worker>rank ?\d{1,5}): ",
        r"\[(?P<worker>\d{1,4},\d{1,5})\]<(?:stdout|stderr)>:[ \t]?",
        r"\((?P<worker>(?:[\w.:-]{1,64} )?pid=\d{1,8}(?:, ?(?:ip|rank|actor)[=_][\w.:-]{1,64}){0,3}|raylet)\) ?",
        r"(?P<worker>[\w.-]{1,64}[-_]\d{1,4} {0,40}|[\w.-]{1,64} {2,40})\| ?",
        r"\[(?P<worker>pod/[\w./-]{1,200})\] ",
    )
)
# An event in the table of `kubectl describe` or `kubectl get events`: since when, what kind, why, of what.
_SINCE = r"(?:\d{1,6}[smhdy]\w{0,12}|<unknown>)(?: \([^)\n]{1,40}\))?"
_EVENT = re.compile(
    rf"(?:\s{{0,6}}|(?:[\w.-]{{1,63}} {{2,40}})?{_SINCE} {{2,40}})(?P<type>Normal|Warning) {{2,40}}"
    r"(?P<reason>\w{1,60}) {2,40}"
    rf"(?:{_SINCE} {{2,40}}[\w./, -]{{1,80}}?|[\w.-]{{1,40}}/[\w.-]{{1,253}}) {{2,80}}(?=\S)"
)
# What may follow a time: a process, a thread, a level, a place in the sources.
_AFTER_TIME = tuple(
    re.compile(text)
    for text in (
        rf"(?:- )?\[? ?{_LEVEL}\]?(?:[ \t]*[:|-](?=[ \t])|:)?(?P<gap>[ \t]{{1,8}}|$)",
        r"\[(?P<level>trace|debug|info|notice|warn|warning|error|err|fatal|critical|crit|alert|emerg)\] ?",
        r"\[\d{1,10}\] ?",
        r"\d\d[OE][+ ]",
        r"(?:[\w.-]{1,64} )?[\w./@-]{1,64}\[[\w.-]{1,40}\]: ",
        rf"\[{_FILE}\][ \t]?",
        rf"- [\w.]{{1,80}} - (?:{_LEVEL} - )?",
        r"\d{1,8} --- \[[^\]\n]{0,60}\] [\w.$]{1,120} {0,40}: ",
    )
)
_WORD = re.compile(rf"\S{{{_LONGEST_WORD},}}")
_DEEPEST = 3  # records that are lines of records
# A warning of CMake goes on in lines that are indented or empty.
_BLOCK_WARNS = re.compile(r"CMake (?:Deprecation |Developer )?Warning\b")


def read(data: bytes, number: int) -> Iterator[Line]:
    """Yield the lines of a part of a log that begins at a line, those of one record each of its own."""
    warned = False
    for raw in data.split(b"\n"):
        text = raw[: _LONGEST_JSON + 1].decode("utf-8", "replace") if len(raw) <= _LONGEST_JSON else _cut_bytes(raw)
        for line in _record(number, text, 0):
            begins = _BLOCK_WARNS.match(line[1]) is not None
            warned = begins or (warned and line[1][:1] in ("", " "))
            yield (line[0], line[1], "warning", line[3]) if warned else line
        number += 1


def of_record(number: int, text: str) -> Iterator[Line]:
    """Yield the lines of one line of a log, which may be a record of several."""
    return _record(number, text, 0)


def _cut_bytes(raw: bytes) -> str:
    return (raw[:LONGEST] + " … ".encode() + raw[-LONGEST:]).decode("utf-8", "replace")


def _record(number: int, text: str, depth: int) -> Iterator[Line]:
    text, level, worker = _undressed(plain(text))
    event = _EVENT.match(text)
    if event is not None:
        level = "info" if event["type"] == "Normal" else "error"
        text = f"{event['reason']}: {text[event.end() :]}"
    told = records.told(text) if depth < _DEEPEST else None
    if told is None:
        own = level or levels.own(text)
        for piece in _unescaped(text):
            yield number, _cut(piece.rstrip()), own, worker
        return
    own, pieces = told
    for piece in pieces:
        for line in piece.rstrip("\r\n").replace("\r\n", "\n").split("\n"):
            for _, inner, found, writer in _record(number, line, depth + 1):
                yield number, inner, own or level or found, worker or writer


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
        level = level or levels.named(groups.get("level") or "")
        if groups.get("worker"):
            worker = f"{worker} {groups['worker'].strip()}".strip()
        else:
            after = True
        text = text[found.end() :]
    return text, level, worker


def _unescaped(text: str) -> list[str]:
    r"""Return the lines of a traceback that stands in one line with `\n` written out."""
    if r"\n" not in text or ("Traceback (most recent" not in text and r"\n    at " not in text):
        return [text]
    return text.replace(r"\r\n", "\n").replace(r"\n", "\n").replace(r"\t", "\t").replace(r"\"", '"').split("\n")
