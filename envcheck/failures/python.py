"""Python's tracebacks, whole and cut short, of any version, in terminals and notebooks; and exceptions told alone."""

from __future__ import annotations

import re
from itertools import pairwise

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import TypeAlias

    from envcheck.failures.lines import Line

    # First line and the one behind the last, as places in the list, and the facts.
    Block: TypeAlias = tuple[int, int, dict[str, str | int | bool]]

HEADER = "Traceback (most recent call last)"
DIRECT = "The above exception was the direct cause of the following exception"
DURING = "During handling of the above exception, another exception occurred"
_LONGEST = 400  # lines of a traceback
_LONGEST_MESSAGE = 60  # lines of a message
_LONGEST_SOURCE = 14  # lines of a notebook's frame
_BEFORE = 12  # lines of a statement and of marks below it
_STRAY = 3  # lines within a traceback that belong to nothing
_PATH = r"(?P<file>(?:/|~|[A-Za-z]:\\|\.{0,2}[\w.-]+[/\\])[^\n:]{0,1000}\.pyx?)"
_FRAMES = tuple(
    re.compile(text)
    for text in (
        r'\s*File "(?P<file>[^"\n]{1,1000})", line (?P<line>\d{1,8})(?:, in (?P<function>.{1,300}))?',
        rf"(?:File )?\s*{_PATH}:(?P<line>\d{{1,8}})(?:, in (?P<function>.{{1,300}})|: in (?P<test>.{{1,300}}))?$",
        r"(?P<file>(?:Cell )?In ?\[\d+\](?:, line (?P<line>\d{1,8}))?)(?:, in (?P<function>.{1,300}))?$",
        r"\[?(?P<file>(?:/|~|[A-Za-z]:\\|<ipython-input)[^\n\]]{1,1000}?(?:\.pyx?|>))\]? in (?P<function>.{1,300})$",
    )
)
_PART = r"[^/\\\n]{1,100}"
_SITE = re.compile(rf"(?:site|dist)-packages[/\\](?P<folder>{_PART})(?:[/\\](?P<inner>{_PART})(?=[/\\]))?")
_NAME = r"(?:[A-Za-z_]\w{0,80}\.){0,12}[A-Za-z_]\w{0,80}"
_ANY_EXCEPTION = re.compile(rf"(?:E +)?(?P<exception>{_NAME})(?:: ?(?P<message>.*))?$")
_SURE_EXCEPTION = re.compile(
    r"(?:E +|[\w./-]{1,80}: |Caused by: |Exception: |.{0,40}raised )?(?P<exception>(?:[A-Za-z_]\w{0,80}\.){0,12}"
    r"(?:[A-Z]\w{0,80}?(?:Error|Exception|Interrupt|Exit|Expired|NotFound|Failure|Warning)|Exception|[A-Z][a-z]\w{0,60}Refused))"
    r"(?:: (?P<message>.*)|:?$)"
)
_POINTED = re.compile(r"\s*-{1,6}> ?\d{1,7} (?P<source>.{1,1000})")
_MARKS = re.compile(r"[\s~^]*$")
_PROMPT = re.compile(r"(?:>>> |\s{2,80}|\s*-{1,6}> ?\d{1,7} )(?P<source>\S.{0,1000})")
_ARROW = re.compile(r"\s*(?:-{1,6}> ?)?\d{1,7} ")
# A prompt, a stack of another language, a bar of progress: no message goes on with these.
_STOP = re.compile(
    r"(?:\S{0,80}[$#%] |>>> |In \[\d+\]:|PS [A-Z]:\\|[A-Z]:\\[^>\n]{0,200}>|\s+at \S|\s*---+> "
    r"|\s*\S{0,60}:?\s*\d{1,3}%\||[Ee]poch\W{1,3}\d)"
)
_GROUP = re.compile(r"(?:.{0,100}\.)?(?:Base)?ExceptionGroup$")


def owner(path: str) -> str:
    """Return the folder or module below site-packages; of `nvidia`, which many share, the one below it."""
    found = list(_SITE.finditer(path))
    if not found:
        return ""
    folder = str(found[-1]["folder"])
    if folder == "nvidia" and found[-1]["inner"]:
        return f"nvidia/{found[-1]['inner']}"
    return folder.partition(".")[0].removesuffix("_libs")


def find(lines: Sequence[Line]) -> list[Block]:
    """Return the tracebacks and exceptions of some lines, in their order."""
    found: list[Block] = []
    at = 0
    while at < len(lines):
        text = lines[at][1]
        framed = HEADER in text or frame(text) is not None
        block = _traceback(lines, at) if framed else _alone(lines, at)
        if block is None:
            at += 1
            continue
        found.append(block)
        at = max(block[1], at + 1)
    _relate(lines, found)
    return found


def frame(text: str) -> re.Match[str] | None:
    """Return what a line tells as a frame of a traceback."""
    if "ile" not in text and ".py" not in text and "In" not in text and "<ipython" not in text:
        return None
    return next((match for pattern in _FRAMES if (match := pattern.match(text))), None)


def _traceback(lines: Sequence[Line], start: int) -> Block | None:
    facts: dict[str, str | int | bool] = {"kind": "exception"}
    frames: list[tuple[int, re.Match[str]]] = []
    at, strays = start, 0
    while at < min(len(lines), start + _LONGEST):
        text = lines[at][1]
        if at > start and HEADER in text:
            break
        found = frame(text)
        if found is not None:
            frames.append((at, found))
        elif HEADER not in text and text.strip() and not text[0].isspace() and not _ARROW.match(text):
            told = (_ANY_EXCEPTION if frames or start < at else _SURE_EXCEPTION).match(text)
            if told is not None and _is_exception(told, sure=bool(frames)):
                end = _message(lines, at, told["message"] or "", facts)
                facts["exception"] = told["exception"]
                _tell_frames(frames, lines, facts)
                return start, end, facts
            strays += 1
            if strays > _STRAY or text.startswith((DIRECT, DURING)):
                break
        at += 1
    if not frames:
        return None
    _tell_frames(frames, lines, facts)
    return start, frames[-1][0] + 1, facts


def _is_exception(told: re.Match[str], *, sure: bool) -> bool:
    """Tell whether a line is an exception: its name is dotted, looks like a class, or has a message."""
    name = told["exception"].rpartition(".")[2]
    plain = told["message"] is None
    return name[:1].isupper() and (not plain or sure or name.endswith(("Error", "Exception", "Interrupt")))


def _alone(lines: Sequence[Line], at: int) -> Block | None:
    """Return an exception that is told without a traceback."""
    text = lines[at][1]
    if not text or text[0].isspace():
        return None
    told = _SURE_EXCEPTION.match(text)
    if told is None:
        return None
    facts: dict[str, str | int | bool] = {"kind": "exception", "exception": told["exception"]}
    if source := _statement_before(lines, at):
        facts["source"] = source
    return at, _message(lines, at, told["message"] or "", facts), facts


def _statement_before(lines: Sequence[Line], at: int) -> str:
    """Return the statement that is shown right before an exception, in a log cut short, or nothing."""
    said: list[str] = []
    for place in range(at - 1, max(at - _BEFORE, -1), -1):
        text = lines[place][1]
        if _MARKS.match(text):
            continue
        shown = _PROMPT.match(text)
        if shown is None:
            break
        said.insert(0, shown["source"].strip())
        if not said[0].startswith((")", "]", "}")) and not said[0].endswith(","):
            break
    return " ".join(said)


def _message(lines: Sequence[Line], at: int, first: str, facts: dict[str, str | int | bool]) -> int:
    """Put an exception's message, of as many lines as it has, and return the place behind it."""
    said = [first]
    end = at + 1
    while end < min(len(lines), at + _LONGEST_MESSAGE):
        text = lines[end][1]
        if not text.strip() or text == "…" or HEADER in text or frame(text) or _STOP.match(text):
            break
        if lines[end][2] != lines[at][2] or text.startswith((DIRECT, DURING)) or _SURE_EXCEPTION.match(text):
            break
        said.append(text)
        end += 1
    message = "\n".join(said).strip()
    if message:
        facts["message"] = message
    return end


def _tell_frames(
    frames: Sequence[tuple[int, re.Match[str]]], lines: Sequence[Line], facts: dict[str, str | int | bool]
) -> None:
    if not frames:
        return
    place, last = frames[-1]
    facts["file"] = last["file"]
    facts["program"] = frames[0][1]["file"]
    owners = list(dict.fromkeys(filter(None, (owner(frame["file"]) for _, frame in reversed(frames)))))
    if len(owners) > (owner(last["file"]) != ""):
        facts["caller"] = owners[owner(last["file"]) != ""]
    groups = last.groupdict()
    if groups.get("line"):
        facts["line"] = int(last["line"])
    function = groups.get("function") or groups.get("test")
    if function:
        facts["function"] = function
    end = min(place + _LONGEST_SOURCE, len(lines))
    pointed = next((found for at in range(place + 1, end) if (found := _POINTED.match(lines[at][1]))), None)
    if pointed is not None:
        facts["source"] = pointed["source"].strip()
    elif place + 1 < len(lines) and lines[place + 1][1][:1].isspace():
        facts["source"] = lines[place + 1][1].strip()


def _relate(lines: Sequence[Line], found: Sequence[Block]) -> None:
    """Say of each exception of a chain whether it caused the next one, or was there when that came."""
    for one, other in pairwise(found):
        between = [lines[place][1] for place in range(one[1], other[0])]
        if any(DIRECT in text for text in between):
            one[2]["role"], other[2]["role"] = "cause", "symptom"
        elif any(DURING in text for text in between):
            one[2]["role"], other[2]["role"] = "context", "symptom"
        elif _GROUP.match(str(one[2].get("exception", ""))) and one[2].get("file"):
            one[2]["role"], other[2]["role"] = "symptom", "cause"
