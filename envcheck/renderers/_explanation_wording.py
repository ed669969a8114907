"""What every rendering of an explanation says alike: how sure, what was read, what was not understood."""

from __future__ import annotations

from envcheck.model.facts import plain
from envcheck.model.record import Record
from envcheck.model.reports import CONFIRMED, LIKELY, SHOW, SUSPECTED, UNSAFE
from envcheck.renderers._outline import amount

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from envcheck.model.explanation import Explanation, Suspect
    from envcheck.model.failures import Event
    from envcheck.model.reports import Fix

_SURE = {CONFIRMED: "confirmed", LIKELY: "likely", SUSPECTED: "only suspected"}
_LAST = 3  # failures that are told where no cause is known
_QUOTED = 4  # lines of a quotation


class Told(Record):
    """One cause, ready to show: what it says, how sure it is and by what, and where the log says it."""

    suspect: Suspect
    sure: str
    quote: tuple[str, ...]
    place: str
    fixes: tuple[tuple[str, tuple[str, ...], str], ...]
    notes: tuple[str, ...]


def tell(suspect: Suspect) -> Told:
    """Return one cause as every format shows it."""
    finding = suspect.finding
    lines = [line for line in suspect.quote.split("\n") if line.strip()]
    others = [found for found in suspect.checked if found.fingerprint != suspect.finding.fingerprint]
    notes = ["a check of the environment reports this"] if len(others) < len(suspect.checked) else []
    notes += [f"a check of the environment reports the same: {found.message}" for found in others[:2]]
    if suspect.against:
        notes.append(f"ruled out: {suspect.against}")
    elif suspect.missing and finding.confidence != CONFIRMED:
        notes.append(f"not known: {', '.join(dict.fromkeys(key for key, _ in suspect.missing[:4]))}")
    return Told(
        suspect=suspect,
        sure="ruled out" if suspect.against else _SURE.get(finding.confidence, finding.confidence),
        quote=tuple(lines[:_QUOTED]),
        place=f"line {suspect.line}" if suspect.line and lines else "",
        fixes=tuple(_fix(fix) for fix in finding.fixes),
        notes=tuple(notes),
    )


def _fix(fix: Fix) -> tuple[str, tuple[str, ...], str]:
    """Return what a fix says in words, its commands, and what it may do."""
    state = {UNSAFE: "may disturb something else", SHOW: "outside of this environment"}.get(fix.safety, "")
    if fix.raises:
        state = f"{state}; would raise {', '.join(fix.raises)}".lstrip("; ")
    if not fix.commands:
        return fix.text or fix.title, (), state
    return "" if fix.text == fix.title else fix.text, fix.commands, state


def headline(explanation: Explanation) -> str:
    """Say what was read: the log, how much failed in it, which environment was consulted."""
    failure = explanation.failure
    about = dict(failure.about.of(("log",)))
    count = about.get("lines", (0, ""))[0]
    kinds = [event for event in failure.events if event.facts.get("kind") != "line"] or failure.events
    said = [
        f"{failure.origin}: {amount(int(plain(count)), 'line', 'lines')}, {amount(len(kinds), 'failure', 'failures')}"
    ]
    if about.get("truncated", (False, ""))[0]:
        said.append("only what surrounds the failures was read")
    return "; ".join(said)


def consulted(explanation: Explanation) -> str:
    """Say which environment the causes were held against."""
    if explanation.environment:
        because = f" ({explanation.chosen})" if explanation.chosen else ""
        return f"Held against {explanation.environment}{because}."
    told = amount(len(explanation.told), "fact", "facts")
    from_log = f"; the log itself tells {told} of it" if explanation.told else ""
    return f"No environment was consulted{from_log}."


def understood(explanation: Explanation) -> Iterator[tuple[str, str]]:
    """Yield what failed as far as understood, the last first: where, and what."""
    failure = explanation.failure
    for event in failure.events[: -1 - _LAST : -1]:
        line = failure.lines[failure.text.count("\n", 0, event.start)]
        yield f"line {line}", _sentence(event)


def _sentence(event: Event) -> str:
    facts = event.facts
    text = str(facts.get("text", "")).strip().split("\n")
    said = str(facts.get("message") or text[-1])
    what = f"{facts['exception']}: {said}" if facts.get("exception") else said
    where = (
        f" (in {facts['file']}" + (f", line {facts['line']})" if facts.get("line") else ")")
        if facts.get("file")
        else ""
    )
    return f"{what.splitlines()[0] if what else ''}{where}"
