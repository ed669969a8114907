"""What envcheck answers to a log in this process, with all shipped rules and no environment."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from envcheck.explanation import explain
from envcheck.failures import read
from envcheck.model.explanation import Suspect
from envcheck.model.rules import Rulebook
from envcheck.rulebooks import load_failures

CHECKOUT = Path(__file__).parents[2]


@cache
def rulebook() -> Rulebook:
    return load_failures(cached=False)


def causes(log: str | bytes) -> tuple[Suspect, ...]:
    """Return the causes of a log, best first."""
    data = log if isinstance(log, bytes) else log.encode()
    return explain(read(data, "log"), None, rulebook()).causes


def told(suspects: tuple[Suspect, ...]) -> str:
    """Say which causes there are, for the message of a failed test."""
    said = (f"{one.finding.cause} ({one.finding.confidence}, {one.finding.rule})" for one in suspects)
    return "; ".join(said) or "no cause at all"
