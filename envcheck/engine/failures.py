"""Judges rules about failures: finds their patterns in a text, and weighs each place with the facts."""

from __future__ import annotations

import re

from envcheck.engine.prefilter import Prefilter
from envcheck.engine.reading import NOT_APPLICABLE, Reading
from envcheck.model.explanation import Suspect
from envcheck.model.facts import Absent, Unknown
from envcheck.model.reports import CONFIRMED, SUSPECTED
from envcheck.model.rules import FAILURE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from envcheck.model.facts import Snapshot
    from envcheck.model.failures import Failure
    from envcheck.model.rules import Rule, Rulebook

_MOST = 3  # places of one rule that are judged
_LONGEST = 600  # characters of a quotation
_MOST_EFFORT = 200_000_000  # squared characters; about a second. A usual log takes a hundredth
_MOST_SEEN = 200  # places that are looked at to find the last ones


def judge(failure: Failure, subject: Snapshot, rulebook: Rulebook) -> list[Suspect]:
    """Return what the rules about failures say of a log; `subject` are its facts and those of the environment."""
    found = []
    prefilter, effort = Prefilter(failure.text), _Effort()
    for rule in rulebook.rules:
        if rule.scope != FAILURE:
            continue
        for match in _places(rule, failure.text, prefilter, effort):
            suspect = _judge_place(rule, match, failure, subject, rulebook)
            if suspect is not None:
                found.append(suspect)
    return found


class _Effort:
    """How much matching one log may cost: patterns may take the square of a line's length."""

    def __init__(self) -> None:
        self.left = _MOST_EFFORT

    def afford(self, text: str, start: int, end: int) -> bool:
        """Take the cost of looking at a stretch of text, and tell whether there was that much left."""
        self.left -= sum(len(line) ** 2 for line in text[start:end].split("\n"))
        return self.left >= 0


def _places(rule: Rule, text: str, prefilter: Prefilter, effort: _Effort) -> list[re.Match[str]]:
    """Return the last places of a rule's patterns, the last first, one for each set of captures."""
    found: dict[object, re.Match[str]] = {}
    for pattern in filter(prefilter.may_match, rule.match):
        compiled = re.compile(pattern[0], re.MULTILINE)
        for start, end in prefilter.windows(pattern):
            if not effort.afford(text, start, end):
                break
            for match in _last(compiled.finditer(text, start, end)):
                found[tuple(sorted(match.groupdict().items(), key=str))] = match
    return sorted(found.values(), key=lambda match: (-match.end(), match.start()))[:_MOST]


def _last(matches: Iterator[re.Match[str]]) -> list[re.Match[str]]:
    kept: list[re.Match[str]] = []
    for number, match in enumerate(matches):
        kept = [*kept[-_MOST_SEEN:], match]
        if number > 100 * _MOST_SEEN:
            break
    return kept


def _judge_place(
    rule: Rule, match: re.Match[str], failure: Failure, subject: Snapshot, rulebook: Rulebook
) -> Suspect | None:
    event = _event_at(match.end(), failure)
    reading = Reading(
        rule, subject, rulebook, entity=("failure", str(event) if event >= 0 else "none"), captures=match.groupdict()
    )
    applies = reading.all(rule.when)
    if applies in (False, NOT_APPLICABLE):
        return None
    message = reading.fill(rule.message)
    if isinstance(message, Absent) or (applies is None and isinstance(message, Unknown)):
        return None
    confirmed = reading.all(rule.confirm)
    against = _against(reading) if confirmed in (False, NOT_APPLICABLE) else ""
    missing = reading.missing()
    sure = CONFIRMED if rule.confirm and confirmed is True else rule.sure
    finding = reading.finding(SUSPECTED if applies is None else sure)
    first, last = failure.text.rfind("\n", 0, match.start()) + 1, failure.text.find("\n", match.end())
    line = failure.text.count("\n", 0, first)
    return Suspect(
        finding=finding,
        start=match.start(),
        end=match.end(),
        event=event,
        general=bool(rule.general),
        against=against,
        missing=missing,
        line=failure.lines[line] if line < len(failure.lines) else 0,
        survived=_survived(event, line, failure),
        quote=failure.text[first : last if last >= 0 else None][:_LONGEST],
    )


def _event_at(place: int, failure: Failure) -> int:
    """Return the number of the event that a place lies in, counted from the last one; -1 for none."""
    for number, event in enumerate(reversed(failure.events)):
        if event.start < place <= event.end:
            return number
    return -1


def _survived(event: int, line: int, failure: Failure) -> bool:
    """Tell whether the program went on after what a place tells, or only noted it."""
    if event >= 0:
        return failure.events[-1 - event].facts.get("survived") is True
    return line < len(failure.levels) and failure.levels[line] in ("debug", "info", "warning")


def _against(reading: Reading) -> str:
    """Say which fact of the environment speaks against the rule."""
    for node in reading.rule.confirm:
        if reading.test(node) in (False, NOT_APPLICABLE) and node[0] == "test":
            return reading.told(node[1])
    return "the environment is another one"
