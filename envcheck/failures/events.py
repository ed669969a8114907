"""What failed, as stretches of a text with facts: of every format, in one order, each once."""

from __future__ import annotations

import re
import sys

from envcheck.failures import programs, python
from envcheck.failures.calls import called
from envcheck.model.failures import Event

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from envcheck.failures.lines import Line
    from envcheck.model.failures import Place

_MOST = 200  # events that are kept, the last ones
_LONGEST = 4000  # characters of a fact
_MORE = 30  # lines behind an exception that may still belong to its message
_WENT_ON = 3  # lines of a normal course behind an event, where the log ends well
_WENT_FAR = 20  # the same where something else failed later
_LIBRARY = re.compile(r"(?P<path>[^\s'\"(),=:`]{0,600}[\w+-](?:\.so(?:\.\d{1,6}){0,4}|\.pyd|\.dll|\.dylib|\.node)\b)")
# Where the name of an exception begins so, no distribution of Python defines it.
_NO_DISTRIBUTIONS = frozenset(sys.stdlib_module_names) | {"java", "javax", "org", "com", "io", "net", "scala", "kotlin"}
_PROGRESS = re.compile(
    r"\s*\S{0,60}:?\s*\d{1,3}%\||(?:Epoch|epoch|Step|step|Iter(?:ation)?)\W{1,3}\d"
    r"|\[ {0,2}\d{1,3}%\] (?:Built|Building|Linking|Generating) "
    r"|-- (?:(?:Configuring|Generating) done|Build files have)|config\.status: (?:creating|executing) "
    r"|checking (?:for|whether|that) .{1,300}\.\.\. (?!no\b|not found)\S"
)
_ENDING = re.compile(
    r"(?i)shut|stopp|stopping|terminat|exit|abort|kill|clean|finaliz|retry|fail|clos|error|unhealthy|restart|traceback|died|dead"
)


def find(lines: Sequence[Line], times: dict[int, int]) -> tuple[Event, ...]:
    """Return the events of some lines, which `times` tells how often they were told; the offsets are in their text."""
    blocks = python.find(lines)
    blocks = sorted([*blocks, *programs.find(lines, blocks)], key=lambda block: block[:2])[-_MOST:]
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line[1]) + 1)
    went_on = _normal_after(lines)
    crashed = bool(blocks) and not _survived(blocks[-1], lines, went_on, _WENT_ON)
    found = []
    for place, (start, end, facts) in enumerate(blocks):
        following = blocks[place + 1][0] if place + 1 < len(blocks) else len(lines)
        reach = min(following, end + _MORE) if facts["kind"] == "exception" else end
        told = _completed(facts, "\n".join(line[1] for line in lines[start:end]))
        if lines[start][2]:
            told["level"] = lines[start][2]
        told["survived"] = _survived(blocks[place], lines, went_on, _WENT_FAR if crashed else _WENT_ON)
        if times.get(lines[start][0]):
            told["repeated"] = times[lines[start][0]]
        found.append(Event(start=starts[start], end=starts[max(reach, end)] - 1, facts=told))
    return tuple(found)


def places(lines: Sequence[Line]) -> Iterator[Place]:
    """Yield the files that some lines name, with the line of each and what is shown of it."""
    for at, (_, text, _, _) in enumerate(lines):
        frame = python.frame(text)
        if frame is not None:
            following = lines[at + 1][1] if at + 1 < len(lines) else ""
            shown = following.strip() if following[:1].isspace() and python.frame(following) is None else ""
            line = frame.groupdict().get("line")
            yield frame["file"], int(line or 0), "" if shown.startswith(("[", "^", "~")) or not line else shown
        else:
            for library in _LIBRARY.finditer(text):
                yield library["path"], 0, ""


def _completed(facts: dict[str, str | int | bool], text: str) -> dict[str, str | int | bool]:
    """Return the facts of an event with its text, the library that it names and whose file that is."""
    told = {name: value[:_LONGEST] if isinstance(value, str) else value for name, value in facts.items()}
    told["text"] = text if len(text) <= _LONGEST else f"{text[: _LONGEST // 2]}\n…\n{text[-_LONGEST // 2 :]}"
    name = called(str(told.get("source", "")), str(told.get("message", "")))
    if name:
        told["called"], told["callable"] = name, name.rpartition(".")[2]
    library = _LIBRARY.search(str(told.get("message") or text[-_LONGEST:]))
    if library is not None:
        told["library"] = library["path"]
    for path in (str(told.get("library", "")), str(told.get("file", ""))):
        if owner := python.owner(path):
            told["distribution"] = owner
            break
    else:
        defining = str(told.get("exception", "")).partition(".")
        if defining[1] and defining[0].islower() and defining[0].lstrip("_") not in _NO_DISTRIBUTIONS:
            told["distribution"] = defining[0].lstrip("_")
    return told


def _normal_after(lines: Sequence[Line]) -> list[int]:
    """Return of each place how many lines of a normal course stand behind it."""
    counts = [0] * (len(lines) + 1)
    for place in range(len(lines) - 1, -1, -1):
        _, text, level, _ = lines[place]
        normal = (level in ("info", "debug") or _PROGRESS.match(text) is not None) and not _ENDING.search(text)
        counts[place] = counts[place + 1] + normal
    return counts


def _survived(block: python.Block, lines: Sequence[Line], went_on: Sequence[int], enough: int) -> bool:
    """Tell whether a program went on: it only noted or warned, or its normal course follows."""
    start, end, facts = block
    # What runs a program as a task of its own logs all that it prints as information.
    quiet = ("debug", "warning") if facts.get("file") else ("debug", "info", "warning")
    if lines[start][2] in quiet or str(facts.get("exception", "")).endswith("Warning"):
        return True
    return facts["kind"] != "exit" and went_on[end] >= enough
