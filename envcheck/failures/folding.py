"""What several workers print at once or again, told once and in order; what is too much, left out around mishaps."""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from envcheck.failures.lines import Line

MOST = 60 << 10  # characters of text that are kept in the end
GAP = "…"  # stands where lines were left out
_HEADER = "Traceback (most recent call last)"
_RUN = 16  # so many lines that say the same are folded
_LONGEST_BLOCK = 400  # lines of a traceback that are compared
_TAIL = 20 << 10
_HEAD = 4 << 10
_WINDOW = (40, 25)  # lines kept before and after one that tells of a mishap
_NUMBER = re.compile(r"\d+")
# What differs between two times that the same is said: addresses, times, who says it. A number may be all that matters.
_VARIES = re.compile(
    r"0x[0-9a-fA-F]{1,32}|\d{4}-\d\d-\d\d[T ]|\d{1,2}:\d\d:\d\d(?:[.,]\d{1,9})?|\w\[\d{1,8}\](?=:)"
    r"|\b(?i:pid|tid|rank|local_rank|worker|process|thread|actor)\b[ =:#_-]{0,3}\d{1,9}"
)
_GROUP = re.compile(r"\s*\+ Exception Group Traceback")
_GROUP_MARGIN = re.compile(r"\s*(?:\| ?|\+-\+|\+ ?)")
_MISHAP = re.compile(
    r"rror\b|ERROR|FATAL|[Ff]atal\b|Exception\b|panic\b|Traceback|[Cc]annot |[Ff]ailed|not found|undefined symbol"
    r"|Segmentation|[Kk]illed|Aborted|denied|terminate called|OOM|No module named|[Oo]ut of memory|[Uu]nable to"
)


def by_worker(lines: Iterable[Line]) -> list[Line]:
    """Return lines with what each worker says together, wherever several speak in turn."""
    found: list[Line] = []
    held: dict[str, list[Line]] = {}
    for line in lines:
        if line[3]:
            held.setdefault(line[3], []).append(line)
            continue
        if held and not line[1].strip():
            continue  # an empty line between two of them
        found += [one for each in held.values() for one in each]
        held = {}
        found.append(line)
    return found + [one for each in held.values() for one in each]


def without_margin(lines: Sequence[Line]) -> list[Line]:
    """Remove from tracebacks whatever stands before each of their lines, and the margin of exception groups."""
    found: list[Line] = []
    margin: re.Pattern[str] | None = None
    group = False
    for number, text, level, worker in lines:
        group = _GROUP.match(text) is not None or (group and text.lstrip()[:1] in ("|", "+"))
        if group:
            inner = _GROUP_MARGIN.sub("", text)
            found.append((number, "" if inner.startswith("-") else inner, level, worker))
            continue
        place = text.find(_HEADER)
        before = text[:place].removesuffix("Exception Group ") if place > 0 else ""
        if before and len(before) < 200 and not before.rstrip().endswith(("Error", "Exception")):  # noqa: PLR2004
            margin = re.compile(_NUMBER.sub(r"\\d+", re.escape(before)))
        said = margin.match(text) if margin is not None else None
        if said is None:
            margin = None
            found.append((number, text, level, worker))
        else:
            found.append((number, text[said.end() :], level, worker))
    return found


def folded(lines: Sequence[Line]) -> tuple[list[Line], dict[int, int]]:
    """Return lines without the repetitions of a traceback or a line, and how often a line (by number) was told."""
    seen: dict[tuple[str, ...], int] = {}
    said: set[tuple[str, tuple[str, ...]]] = set()  # by which worker
    times: dict[int, int] = {}
    found: list[Line] = []
    at = 0
    while at < len(lines):
        end = _end_of_block(lines, at) if _HEADER in lines[at][1] else 0
        if not end:
            found.append(lines[at])
            at += 1
            continue
        # Workers are told apart by the numbers of what they use; of one worker another number is another failure.
        key = tuple(_VARIES.sub("0", line[1].strip()) for line in lines[at:end])
        loose = (*(_NUMBER.sub("0", line) for line in key), "of a worker") if lines[at][3] else key
        told = seen.get(key) or (seen.get(loose) if (lines[at][3], loose) not in said else None)
        said.add((lines[at][3], loose))
        if told:
            times[told] = times.get(told, 1) + 1
        else:
            seen[key] = seen[loose] = lines[at][0]
            found += lines[at:end]
        at = end
    return _without_runs(found), times


def _end_of_block(lines: Sequence[Line], at: int) -> int:
    """Return where the traceback that begins at a line ends: behind its message, before what follows."""
    end = at + 1
    while end < min(len(lines), at + _LONGEST_BLOCK):
        text = lines[end][1]
        if _HEADER in text:
            return 0 if end == at + 1 else end
        if text and not text[0].isspace() and not text.startswith(("File ", "~", "^", "|", "+")):
            return end + 1
        end += 1
    return end


def _without_runs(lines: Sequence[Line]) -> list[Line]:
    """Keep the first two and the last of lines that follow one another and say the same."""
    found: list[Line] = []
    run: list[Line] = []
    key = ""
    for line in lines:
        masked = _VARIES.sub("0", line[1])
        if masked != key or not masked.strip():
            found += _ends(run)
            run, key = [], masked
        run.append(line)
    return found + _ends(run)


def _ends(run: list[Line]) -> list[Line]:
    return run if len(run) < _RUN else [*run[:2], run[-1]]


def selected(lines: Sequence[Line]) -> list[Line]:
    """Return what fits into the room there is: the end, what stands around mishaps from the end, the beginning."""
    if sum(len(line[1]) + 1 for line in lines) <= MOST:
        return list(lines)
    room = MOST
    chosen: set[int] = set()

    def take(places: Iterable[int], limit: int) -> None:
        nonlocal room
        left = min(limit, room)
        for place in places:
            size = len(lines[place][1]) + 1
            if place in chosen:
                continue
            if size > left:
                return
            chosen.add(place)
            left -= size
            room -= size

    take(reversed(range(len(lines))), _TAIL)
    take(range(len(lines)), _HEAD)
    before, after = _WINDOW
    for place in reversed(range(len(lines))):
        if room <= 0:
            break
        if place not in chosen and _MISHAP.search(lines[place][1]):
            near = range(max(place - before, 0), min(place + after, len(lines)))
            take(sorted(near, key=lambda other, place=place: abs(other - place)), room)  # type: ignore[misc]
    found: list[Line] = []
    for place in sorted(chosen):
        if found and place - 1 not in chosen:
            found.append((lines[place][0], GAP, "", ""))
        found.append(lines[place])
    return found
