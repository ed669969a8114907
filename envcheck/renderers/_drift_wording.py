"""What every readable format says of drift in the same words: the verdict, the counts, who has what."""

from __future__ import annotations

from envcheck.model.drift import CONCURRENT, EXEMPT, PRESENT, SAME, UNKNOWN, UNRELATED
from envcheck.model.reports import NEW
from envcheck.model.rules import ERROR, INFO, WARNING
from envcheck.renderers import _drift_values as values
from envcheck.renderers import _outline as outline
from envcheck.renderers._drift_outline import ACCEPTED, BREAKS, CONCLUSIONS, MAY_BREAK, MENDS, OPEN, PAIR, POLICY
from envcheck.renderers._printable import cut
from envcheck.secrets import hashed_under

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from envcheck.model.drift import Change, Drift
    from envcheck.model.facts import Snapshot
    from envcheck.renderers._drift_outline import Cause, Told
    from envcheck.renderers._drift_values import Held

_RULES = 2  # so many rules are named
_VALUES = 5  # so many values of a key are told
_FEW = 3  # so many environments are named in a sentence


def verdict(told: Told, drift: Drift, snapshots: Sequence[Snapshot] = ()) -> tuple[str, str]:
    """Return the severity of the whole (`ok` where nothing is wrong) and the outcome in a sentence.

    The snapshots tell which environments are only declared.
    """
    for wanted, severity, verb in ((BREAKS, ERROR, "breaks"), (MAY_BREAK, WARNING, "may break")):
        hurt = dict.fromkeys(target for cause in _counted(told, wanted) for target in cause.targets)
        if hurt:
            there = [label for label in hurt if label in drift.environments]
            # What is found of all environments together is about their contracts.
            what = ([place(there, drift)] if there else []) + (["a contract"] if len(there) < len(hurt) else [])
            return severity, f"What differs {verb} {' and '.join(what)}."
        unexplained = [each for each in told.rest if each.finding.severity == severity and each.finding.status == NEW]
        if unexplained:
            there = list(dict.fromkeys(target for each in unexplained for target in each.targets))
            amount = outline.amount(len(unexplained), severity, f"{severity}s")
            return severity, f"No known difference explains {amount} in {place(there, drift)}."
    breaches = _counted(told, POLICY)
    if breaches:
        severities = [problem.finding.severity for cause in breaches for problem in cause.problems]
        worst = min(severities, key=outline.severity_order, default=ERROR)
        return worst, "The environments differ where the policy does not allow it."
    declared = [snapshot.label for snapshot in snapshots if snapshot.address.startswith("lock:")]
    return _quiet({each.conclusion for each in told.differences}, drift, declared)


def _counted(told: Told, conclusion: str) -> list[Cause]:
    """Return the causes of a conclusion that a baseline does not have already."""
    return [
        cause
        for cause in told.causes
        if cause.conclusion == conclusion
        and (not cause.problems or any(problem.finding.status == NEW for problem in cause.problems))
    ]


def _quiet(conclusions: set[str], drift: Drift, declared: Sequence[str]) -> tuple[str, str]:
    """Return the outcome where no difference causes an error or a warning and no policy is broken."""
    if not drift.compared:
        return WARNING, "Nothing could be compared."
    if not drift.changes:
        return "ok", "The environments do not differ."
    if not conclusions.isdisjoint({BREAKS, MAY_BREAK, POLICY}):
        return "ok", "What differs breaks nothing that the baseline does not have."
    if conclusions <= {OPEN}:
        return INFO, "No difference was found in what could be compared."
    return "ok", _harmless(conclusions, drift, declared)


def _harmless(conclusions: set[str], drift: Drift, declared: Sequence[str]) -> str:
    if MENDS in conclusions:
        return f"What differs mends what {drift.environments[0]} has, and breaks nothing as far as known."
    if len(drift.environments) == PAIR and len(declared) == 1:
        other = next(label for label in drift.environments if label not in declared)
        return f"{other} is not what {declared[0]} declares, harmlessly as far as known."
    return "The environments differ, harmlessly as far as known."


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
    apart = values.held(change)[len(change.groups) :]
    said = [f"{names(each.members, drift)}: {why}" for each in apart if (why := _reason(each))]
    return "; ".join(said) or "the values cannot be compared"


def _reason(held: Held) -> str:
    """Return why what some environments have cannot be compared, nothing where it can."""
    if held.state == UNKNOWN or held.side.reason:
        return "" if held.state == EXEMPT else held.side.reason or "not known"
    if not isinstance(held.side.value, str):
        return ""
    return "hashed under another key" if hashed_under(held.side.value) else held.words
