"""Rules of scope `change`: what a policy says of the keys, and how contracts differ, as the facts of one subject."""

from __future__ import annotations

from envcheck.keys import format_entity
from envcheck.model.drift import ABSENT, PRESENT, UNDETERMINED
from envcheck.model.facts import COMPLETE, PARTIAL, Coverage, Facts, Snapshot, plain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from envcheck.drift.policy import Judgement
    from envcheck.model.drift import Side

_LONGEST = 80  # characters of a value in a message; the evidence has all of it


def subject(judged: Iterable[Judgement], contracts: Facts, compared: Coverage, label: str) -> Snapshot:
    """Return the facts that rules about changes judge; `contracts` are their differences, `compared` how far known."""
    facts = Facts()
    coverage = {"change": Coverage(scope="change", status=COMPLETE), "difference": compared}
    for judgement in judged:
        entity = ("change", judgement.key)
        sides = dict(judgement.sides)
        typed = len({plain(side.value) for side in sides.values()}) < len({_typed(side) for side in sides.values()})
        facts.put(
            entity,
            judgement.rule.origin,
            verdict=judgement.verdict or "expected",
            values=tuple(f"{label} = {_typed(side) if typed else _shown(side)}" for label, side in sides.items()),
            missing=tuple(label for label, side in sides.items() if side.state == ABSENT),
            unexpected=tuple(
                f"{label} = {_shown(sides[label])} (expected {wanted})" for label, wanted in judgement.unexpected
            ),
            environments=tuple(sides),
            agrees={"consistent": True, "inconsistent": False}.get(judgement.verdict),
        )
        if judgement.rule.expect and (judgement.unexpected or not judgement.unsure):
            facts.put(entity, judgement.rule.origin, as_expected=not judgement.unexpected)
        open_ = [("agrees", judgement.verdict == UNDETERMINED), ("as_expected", bool(judgement.rule.expect))]
        for scope in (f"{format_entity(entity)}#{name}" for name, asked in open_ if asked and judgement.unsure):
            coverage[scope] = Coverage(scope=scope, status=PARTIAL, reason=judgement.unsure)
    return Snapshot(
        label=label,
        address="",
        facts=facts.overlaid(contracts),
        derived=Facts(),
        coverage=coverage,
    )


def _typed(side: Side) -> str:
    """Return what a side has so that its type shows: a text in quotes."""
    return f'"{_shown(side)}"' if side.state == PRESENT and isinstance(side.value, str) else _shown(side)


def _shown(side: Side) -> str:
    if side.state == PRESENT and side.value is not None:
        text = plain(side.value)
        return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
    return "not set" if side.state == ABSENT else f"not known ({side.reason})"
