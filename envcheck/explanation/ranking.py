"""The order of causes: how sure, how much they know, cause before symptom; what says the same, once."""

from __future__ import annotations

from envcheck.model.reports import CONFIRMED, LIKELY, SUSPECTED
from envcheck.requirements import normalise

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from envcheck.model.explanation import Suspect
    from envcheck.model.failures import Failure
    from envcheck.model.reports import Finding

_CONFIDENCES = (CONFIRMED, LIKELY, SUSPECTED)
_FIXES = 6  # fixes of one cause
_SUBJECTS = 12


def weakened(suspect: Suspect) -> Suspect:
    """Return a suspect; what the program survived is never more than suspected."""
    if not suspect.survived or suspect.finding.confidence == SUSPECTED:
        return suspect
    return suspect.replace(finding=suspect.finding.replace(confidence=SUSPECTED))


def ranked(suspects: Sequence[Suspect], failure: Failure) -> list[Suspect]:
    """Return suspects in the order in which they are told."""
    places = _places(failure)

    def place(suspect: Suspect) -> tuple[int, int]:
        """Return where the chain of a suspect's event ends, and its place in it, the root first."""
        return places.get(suspect.event, (suspect.end, 0))

    def rank(suspect: Suspect) -> tuple[object, ...]:
        end, order = place(suspect)
        behind = suspect.general and any(
            not other.general
            and not other.against
            and other.survived <= suspect.survived
            and (place(other)[0] == end or (other.start < suspect.end and suspect.start < other.end))
            for other in suspects
        )
        return (
            bool(suspect.against),
            suspect.survived,
            behind,
            _CONFIDENCES.index(suspect.finding.confidence),
            suspect.general,
            -end,
            order,
            suspect.start - suspect.end,
            suspect.finding.rule,
        )

    return sorted(suspects, key=rank)


def _places(failure: Failure) -> dict[int, tuple[int, int]]:
    """Return of each event where its chain ends, and its place: a cause before what it caused, a mere context after."""
    found: dict[int, tuple[int, int]] = {}
    following: tuple[int, int] | None = None  # of the exception after this one
    for number, event in enumerate(reversed(failure.events)):
        place = (event.end, 0)
        role = event.facts.get("role")
        if following is not None and role in ("cause", "context"):
            place = (following[0], following[1] + (-1 if role == "cause" else 1))
        if event.facts.get("kind") == "exception":
            following = place
        found[number] = place
    return found


def merged(suspects: Iterable[Suspect]) -> list[Suspect]:
    """Join what names the same cause of the same things into the best of them."""
    kept: list[Suspect] = []
    for suspect in suspects:
        for place, other in enumerate(kept):
            if is_same(suspect.finding, other.finding):
                if bool(suspect.against) == bool(other.against):
                    kept[place] = _with(other, suspect)
                break
        else:
            kept.append(suspect)
    return kept


def is_same(one: Finding, other: Finding) -> bool:
    """Tell whether two findings name the same cause of the same things."""
    return one.cause == other.cause and (
        not _names(one) or bool(_names(one) & _names(other)) or one.message == other.message
    )


def _names(finding: Finding) -> set[str]:
    return {normalise(name) for name in finding.subjects}


def _with(best: Suspect, other: Suspect) -> Suspect:
    """Return the better suspect with what the other one adds: subjects, fixes, findings of the check."""
    said = {(fix.action, fix.argument) for fix in best.finding.fixes}
    more = [fix for fix in other.finding.fixes if (fix.action, fix.argument) not in said]
    finding = best.finding.replace(
        subjects=tuple(dict.fromkeys((*best.finding.subjects, *other.finding.subjects)))[:_SUBJECTS],
        fixes=(*best.finding.fixes, *more)[:_FIXES],
    )
    return best.replace(finding=finding, checked=tuple(dict.fromkeys((*best.checked, *other.checked))))
