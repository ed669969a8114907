"""Log lines that are records of fields: JSON of any program or collector of logs, logfmt, klog; what they say.

Fields of: Elastic Common Schema, OpenTelemetry, journald (`-o json`), Docker's json-file, Google Cloud Logging,
CloudWatch, AWS Lambda, Loki, GELF, pino, bunyan, zap, logrus, structlog, loguru, Serilog, log4j.
"""

from __future__ import annotations

import json
import re

from envcheck.failures import levels

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

_MESSAGES = (
    *("message", "msg", "log", "event", "@message", "textPayload", "body", "short_message", "full_message", "MESSAGE"),
    *("line", "@m", "RenderedMessage", "rendered_message", "errorMessage", "Message", "@mt"),
)
_LEVELS = (
    *("level", "severity", "levelname", "lvl", "log.level", "@l", "Level", "severityText", "SeverityText"),
    *("log_level", "loglevel", "levelName"),
)
_TIMES = (
    *("time", "timestamp", "ts", "@timestamp", "asctime", "@t", "Timestamp", "eventTime", "ingestionTime", "insertId"),
    *("__REALTIME_TIMESTAMP", "timeUnixNano"),
)
_MARKS = (*_LEVELS, *_TIMES, "stream", "t", "s", "PRIORITY", "_PID", "logger", "caller", "errorType", "short_message")
_WRAPS = ("jsonPayload", "_source", "record", "attributes", "Properties", "fields")  # records within records
_ERRORS = ("error", "err", "reason", "error_message", "cause", "stderr", "errorVerbose", "thrown", "Exception", "@x")
_STACKS = (
    *("exc_info", "exc_text", "exception", "stack", "stack_trace", "stackTrace", "stacktrace", "traceback"),
    *("StackTrace", "backtrace", "error_stack"),
)
_KINDS = ("type", "errorType", "exc_type", "kind", "class", "exc_class", "name", "ClassName")
_SAID = ("message", "msg", "errorMessage", "exc_value", "value", "reason", "details", "description", "Message")
_FRAMES = re.compile(r'Traceback \(most recent|^\s*File "', re.MULTILINE)
_DEEPEST = 3  # records within records, causes of causes
_MOST = 200  # frames, or errors of one record
_LOGFMT = re.compile(r"[A-Za-z_][\w.@-]{0,40}=\S")
_FIELD = re.compile(r'(?<![\w.])([A-Za-z_][\w.]{0,40})=(?:"((?:[^"\\]|\\.){0,30000})"|([^\s"]\S{0,2000}))')
_LEVEL_FIELDS = ("level", "lvl", "severity", "loglevel")
_PROBLEM_FIELDS = (
    *("error", "err", "errmsg", "error_message", "reason", "exception", "cause", "stderr", "output", "details"),
    *("errorVerbose", "stack", "stacktrace", "stack_trace", "traceback", "exc_info", "trace"),
)
_KLOG = re.compile(r'[\w./<>-]{1,120}:\d{1,6}\] "(?P<said>(?:[^"\\]|\\.){0,30000})"(?= |$)')
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|(.))", re.DOTALL)
_LETTERS = {"n": "\n", "t": "\t", "r": "\r", "b": "", "f": "", "a": "", "v": ""}


def told(text: str) -> tuple[str, list[str]] | None:
    """Return level and texts of a line that is a record; None for any other."""
    if text.startswith("{") and text.endswith("}"):
        record = _parsed(text)
        return _of_json(record, 0) if isinstance(record, dict) else None
    head, tab, tail = text.rpartition("\t{")  # zap's console form: time, level, place, message, fields
    if tab and text.endswith("}") and isinstance(fields := _parsed("{" + tail), dict):
        return "", [head, *_problems(fields, 0)]
    klog = _KLOG.match(text)
    if klog is not None:
        return "", [unescaped(klog["said"]), *_problems_of_fields(text[klog.end() :])]
    return _of_logfmt(text) if _LOGFMT.match(text) else None


def unescaped(text: str) -> str:
    """Return the text of a quoted string; what is no escape stays as it is."""
    if "\\" not in text:
        return text

    def plain(match: re.Match[str]) -> str:
        digits = match[1] or match[2]
        return chr(int(digits, 16)) if digits else _LETTERS.get(match[3], match[3])

    return _ESCAPE.sub(plain, text)


def _parsed(text: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _of_json(record: dict[str, Any], depth: int) -> tuple[str, list[str]] | None:
    for name in _WRAPS:
        if isinstance(record.get(name), dict):
            record = {**record, **record[name]}
    record = _nested(record)
    said = [text for name in _MESSAGES if (text := _text(record.get(name)))]
    problems = _problems(record, 0)
    if not any(name in record for name in _MARKS) or not (said or problems):
        return None
    # A container's log of a program that writes JSON, and what a collector wrapped around it.
    inner = _parsed(said[0].strip()) if said and depth < _DEEPEST and said[0].lstrip()[:1] == "{" else None
    deeper = _of_json(inner, depth + 1) if isinstance(inner, dict) else None
    if deeper is not None:
        return deeper
    return _level(record), list(dict.fromkeys(piece for piece in (*said[:1], *problems) if piece.strip()))


def _level(record: dict[str, Any]) -> str:
    level = next((record[name] for name in _LEVELS if name in record), "")
    if isinstance(level, dict):
        level = level.get("name", "")
    priority = str(record.get("PRIORITY", ""))  # journald's is info for all that a service prints
    if not level and priority.isdecimal():
        return "error" if int(priority) <= 3 else ""  # noqa: PLR2004  RFC 5424: error and worse
    return levels.named(level) or levels.numbered(level)


def _nested(record: dict[str, Any]) -> dict[str, Any]:
    """Return a record with what it tells of errors by dotted names (`error.message`) as records."""
    dotted = [name for name in record if name.startswith(("error.", "exception.", "err.")) and isinstance(name, str)]
    for name in dotted[:_MOST]:
        outer, _, inner = name.partition(".")
        held = record.get(outer)
        record = {**record, outer: {**(held if isinstance(held, dict) else {}), inner: record[name]}}
    if "errorType" in record:  # AWS Lambda
        names = ("errorType", "errorMessage", "stackTrace")
        record = {**record, "error": {name: record[name] for name in names if name in record}}
        for name in names[1:]:
            record.pop(name, None)
    return record


def _text(held: object) -> str:
    """Return a message: a text, OpenTelemetry's wrapped one, journald's bytes."""
    if isinstance(held, dict):
        held = held.get("stringValue")
    if isinstance(held, list) and all(isinstance(one, int) and 0 <= one < 256 for one in held):  # noqa: PLR2004
        return bytes(held).decode("utf-8", "replace")
    return held if isinstance(held, str) else ""


def _problems(record: dict[str, Any], depth: int) -> list[str]:
    """Return what a record says of errors: each a text of one or more lines."""
    return [text for name in (*_ERRORS, *_STACKS) if (text := _problem(record.get(name), depth))]


def _problem(held: object, depth: int) -> str:
    if isinstance(held, str):
        return held
    if depth >= _DEEPEST or not held:
        return ""
    if isinstance(held, list):
        if all(isinstance(one, str) for one in held):
            return "\n".join(one.rstrip("\n") for one in held)
        return "\n".join(filter(None, (_problem(one, depth + 1) for one in held[:_MOST] if isinstance(one, dict))))
    return _of_error(held, depth) if isinstance(held, dict) else ""


def _of_error(held: dict[str, Any], depth: int) -> str:
    """Return an error that is told in fields as a program would print it: kind and message, with the stack."""
    kind = next((held[name] for name in _KINDS if isinstance(held.get(name), str)), "")
    said = next((held[name] for name in _SAID if isinstance(held.get(name), str)), "")
    # The kind of a wrapper that only repeats what the message begins with.
    head = said if not kind or said.startswith(kind) else f"{kind}: {said}" if said else kind
    stack = "\n".join(filter(None, (_problem(held.get(name), depth + 1) for name in _STACKS)))
    frames = held.get("frames")
    if isinstance(frames, list) and not stack:
        stack = "\n".join(["Traceback (most recent call last):", *_frames(frames)])
    inner = next(
        (held[name] for name in ("cause", "inner", "InnerException") if isinstance(held.get(name), dict)), None
    )
    below = f"\nCaused by: {_of_error(inner, depth + 1)}" if inner and depth < _DEEPEST else ""
    if stack and said and said in stack:
        return stack + below
    ordered = (stack, head) if _FRAMES.search(stack) else (head, stack)
    return "\n".join(filter(None, ordered)) + below


def _frames(frames: Iterable[Any]) -> list[str]:
    lines: list[str] = []
    for frame in list(frames)[:_MOST]:
        if isinstance(frame, dict) and (file := frame.get("filename") or frame.get("file")):
            line, name = frame.get("lineno") or frame.get("line") or 0, frame.get("name") or frame.get("function")
            lines.append(f'  File "{file}", line {line}, in {name or "?"}')
    return lines


def _of_logfmt(text: str) -> tuple[str, list[str]] | None:
    fields = _fields(text)
    level = next((fields[name] for name in _LEVEL_FIELDS if fields.get(name)), "")
    said = [fields[name] for name in ("msg", "message") if fields.get(name)]
    problems = _problems_of_fields(text)
    if not (said or problems) or not (level or ("time" in fields or "ts" in fields)):
        return None
    return levels.named(level), list(dict.fromkeys([*said, *problems]))


def _fields(text: str) -> dict[str, str]:
    return {name: unescaped(quoted) if quoted else bare for name, quoted, bare in _FIELD.findall(text)}


def _problems_of_fields(text: str) -> list[str]:
    fields = _fields(text)
    return [fields[name] for name in _PROBLEM_FIELDS if fields.get(name) and fields[name] not in ("<nil>", "null", "<")]
