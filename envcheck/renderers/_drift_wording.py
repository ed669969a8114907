"""What every readable format says of drift in the same words: the verdict, the counts, who has what."""

from __future__ import annotations

from envcheck.model.drift import CONCURRENT, PRESENT, SAME, UNKNOWN, UNRELATED
from envcheck.model.rules import ERROR, INFO, WARNING
from envcheck.renderers import _drift_values as values
from envcheck.renderers import _outline as outline
from envcheck.renderers._drift_outline import ACCEPTED, BREAKS, CONCLUSIONS, MAY_BREAK, MENDS, OPEN, PAIR, POLICY
from envcheck.renderers._printable import cut

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from envcheck.model.drift import Change, Drift
    from envcheck.renderers._drift_outline import Cause, Told
    from envcheck.renderers._drift_values import Held

_RULES = 2  # so many rules are named
_VALUES = 5  # so many values of a key are told
_FEW = 3  # so many environments are named in a sentence


def verdict(told: Told, drift: Drift) -> tuple[str, str]:
    """Return the severity of the whole (`ok` where nothing is wrong) and the outcome in a sentence."""
    conclusions = {each.conclusion for each in told.differences}
    for wanted, severity, verb in ((BREAKS, ERROR, "breaks"), (MAY_BREAK, WARNING, "may break")):
        causes = [cause for cause in told.causes if cause.conclusion == wanted]
        if causes:
            hurt = dict.fromkeys(target for cause in causes for target in cause.targets)
            return severity, f"What differs {verb} {place(tuple(hurt), drift)}."
    breaches = [cause for cause in told.causes if cause.conclusion == POLICY]
    if breaches:
        severities = [problem.finding.severity for cause in breaches for problem in cause.problems]
        worst = min(severities, key=outline.severity_order, default=ERROR)
        return worst, "The environments differ where the policy does not allow it."
    return _quiet(conclusions, drift)


def _quiet(conclusions: set[str], drift: Drift) -> tuple[str, str]:
    """Return the outcome where no difference causes an error or a warning and no policy is broken."""
    if not drift.compared:
        return WARNING, "Nothing could be compared."
    if not drift.changes:
        return "ok", "The environments do not differ."
    if conclusions <= {OPEN}:
        return INFO, "No difference was found in what could be compared."
    if MENDS in conclusions:
        return "ok", f"What differs mends what {drift.environments[0]} has, and breaks nothing as far as known."
    return "ok", "The environments differ, harmlessly as far as known."


def count_line(told: Told, drift: Drift) -> str:
    """Return how many keys were compared and how many differences there are of each conclusion."""
    said = {
        BREAKS: "that breaks",
        MAY_BREAK: "that may break",
        POLICY: "against the policy",
        MENDS: "that mends",
        ACCEPTED: "accepted by a waiver",
    }
    held = dict.fromkeys(CONCLUSIONS, 0)
    for each in told.differences:
        held[each.conclusion] += 1
    parts = [f"{number} {said.get(name, name)}" for name, number in held.items() if number]
    following = sum(len(each.followers) for each in told.differences)
    if following:
        parts.append(f"{following} that {'comes' if following == 1 else 'come'} along")
    of = f"{outline.amount(drift.compared, 'key', 'keys')} compared"
    ignored = f", {drift.ignored} ignored" if drift.ignored else ""
    differences = outline.amount(len(drift.changes), "difference", "differences")
    return f"{differences} in {of}{ignored}{': ' if parts else ''}{', '.join(parts)}"


def consequence(cause: Cause, drift: Drift) -> str:
    """Return what comes of the differences of a cause: which findings, and where."""
    if cause.conclusion == POLICY:
        judged = ", ".join(dict.fromkeys(change.judged_by for change in cause.changes if change.judged_by))
        return f"against the policy, {judged}" if judged else "against the policy"
    rules = list(dict.fromkeys(problem.finding.rule for problem in cause.problems))
    what = f"{len(cause.problems)} findings" if len(rules) > _RULES else ", ".join(rules)
    many = len(cause.changes) > 1
    verb = (
        ("do away with" if many else "does away with") if cause.conclusion == MENDS else ("cause" if many else "causes")
    )
    where = place(cause.targets, drift)
    return f"{verb} {what} in {where}" if where else f"{verb} {what}"


def compared(drift: Drift) -> str:
    """Return what was compared: `dev → prod`, or how many environments."""
    if len(drift.environments) == PAIR:
        return " → ".join(drift.environments)
    if len(drift.environments) <= _FEW + 1:
        return ", ".join(drift.environments)
    return f"{len(drift.environments)} environments"


def place(targets: Sequence[str], drift: Drift) -> str:
    """Return where something is so, in words: a few names, all but a few, or how many of how many."""
    there = [label for label in drift.environments if label not in targets]
    if not there and len(drift.environments) > 1:
        return "every environment" if len(drift.environments) > PAIR else "both environments"
    if len(targets) <= _FEW:
        return f"{', '.join(targets[:-1])} and {targets[-1]}" if len(targets) > 1 else "".join(targets)
    if len(there) <= _FEW:
        return f"all but {', '.join(there)}"
    return f"{len(targets)} of {len(drift.environments)} environments"


def names(members: Sequence[int], drift: Drift, limit: int = 4) -> str:
    """Return the labels of environments, `… 3 more` after so many."""
    labels = [drift.environments[number] for number in members]
    more = f", … {len(labels) - limit} more" if len(labels) > limit + 1 else ""
    return ", ".join(labels[:limit] if more else labels) + more


def history(drift: Drift) -> list[str]:
    """Return how the states of the environments relate, in sentences; nothing of unrelated ones."""
    return [_related(each.one, each.relation, each.other) for each in drift.history if each.relation != UNRELATED]


def _related(one: str, relation: str, other: str) -> str:
    if relation == SAME:
        return f"{one} and {other} are the same state"
    if relation == CONCURRENT:
        return f"{one} and {other} changed independently of each other"
    return f"{one} is {relation} than {other}"


def phrase(change: Change, drift: Drift, limit: int) -> str:
    """Return who has what of a key, each value of at most `limit` columns.

    Of two environments `2.4.0 → 2.9.1`, of lists what comes and goes; of more `2.4.0 (27 of 30) · 2.9.1: gpu-7, gpu-9`.
    """
    held = values.held(change)
    shown = [cut(text, limit) for text in _compared(held)]
    if len(drift.environments) == PAIR:
        if turn := _turnover(held, limit):
            return turn
        sides = {number: text for each, text in zip(held, shown, strict=True) for number in each.members}
        return " → ".join(text for _, text in sorted(sides.items()))
    said = [
        f"{text} ({len(each.members)} of {len(drift.environments)})"
        if each.majority
        else f"{text}: {names(each.members, drift)}"
        for each, text in zip(held[:_VALUES], shown, strict=False)
    ]
    if len(held) > _VALUES:
        said.append(f"… {len(held) - _VALUES} more values")
    return " · ".join(said)


def _turnover(held: Sequence[Held], limit: int) -> str:
    """Return what a list has lost and gained, nothing of what is not two lists of different items."""
    lists = [(each.members, each.side.value) for each in held if isinstance(each.side.value, tuple)]
    if len(lists) < PAIR:
        return ""
    (_, old), (_, new) = sorted(lists, key=lambda each: each[0])
    gone, come = ([str(item) for item in one if item not in two] for one, two in ((old, new), (new, old)))
    said = [f"{sign} {cut(', '.join(items), limit)}" for sign, items in (("-", gone), ("+", come)) if items]
    alike = len(new) - len(come)
    return f"{' '.join(said)}{f' ({alike} alike)' if alike else ''}" if said else ""


def _compared(held: Sequence[Held]) -> Iterator[str]:
    """Return each value in words, what it shares with the others left out where that is long."""
    for each in held:
        others = (other for other in held if other is not each and other.state == PRESENT)
        pieces = values.parts(each, next(others, each))
        yield each.words if each.majority else "".join(text for _, text in pieces)


def reasons(change: Change, drift: Drift) -> str:
    """Return in which environments a key is not known, and why."""
    unknown = [each for each in values.held(change) if each.state == UNKNOWN]
    said = [f"{names(each.members, drift)}: {each.side.reason or 'not known'}" for each in unknown]
    return "; ".join(said) or "the values cannot be compared"
