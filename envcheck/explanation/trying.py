"""Tries the fixes of causes on what is known of the environment: what they settle, and what they would break. Pure."""

from __future__ import annotations

from envcheck.engine.failures import judge
from envcheck.engine.judge import evaluate
from envcheck.fixes.trial import after
from envcheck.model.reports import SAFE, UNSAFE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from envcheck.model.explanation import Suspect
    from envcheck.model.facts import Snapshot
    from envcheck.model.failures import Failure
    from envcheck.model.reports import Fix
    from envcheck.model.rules import Rulebook


def tried(
    causes: Sequence[Suspect], failure: Failure, known: Snapshot, rulebook: Rulebook, checks: Rulebook
) -> list[Suspect]:
    """Return causes with their fixes tried; `known` has derived facts, `checks` are the rules of a check.

    A fix after which a check would find something new, such as a requirement that is no longer met, is not safe.
    """
    changes = dict.fromkeys(
        (fix.action, fix.argument) for cause in causes if not cause.against for fix in cause.finding.fixes
    )
    outcomes: dict[tuple[str, str], tuple[tuple[str, ...], frozenset[str]]] = {}
    before: set[str] | None = None
    for change, changed in after(changes, known, rulebook.tables):
        if before is None:
            before = {finding.fingerprint for finding in evaluate(known, checks)[0]}
        raised = {finding.rule for finding in evaluate(changed, checks)[0] if finding.fingerprint not in before}
        asking = {cause.finding.rule for cause in causes if change in _changes(cause)}
        rules = tuple(rule for rule in rulebook.rules if rule.id in asking and rule.confirm)
        open_ = {one.finding.rule for one in judge(failure, changed, rulebook.replace(rules=rules)) if not one.against}
        settled = frozenset(rule.id for rule in rules if rule.id not in open_)
        outcomes[change] = (tuple(sorted(raised)), settled)
    return [_with_outcomes(cause, outcomes) for cause in causes]


def _changes(cause: Suspect) -> Iterator[tuple[str, str]]:
    return ((fix.action, fix.argument) for fix in cause.finding.fixes)


def _with_outcomes(cause: Suspect, outcomes: dict[tuple[str, str], tuple[tuple[str, ...], frozenset[str]]]) -> Suspect:
    if cause.against:
        return cause

    def told(fix: Fix) -> Fix:
        raises, settled = outcomes.get((fix.action, fix.argument), ((), frozenset()))
        safety = UNSAFE if raises and fix.safety == SAFE else fix.safety
        state = "resolves" if cause.finding.rule in settled else fix.tried
        return fix.replace(raises=raises, safety=safety, tried=state)

    fixes = sorted(map(told, cause.finding.fixes), key=lambda fix: bool(fix.raises))
    return cause.replace(finding=cause.finding.replace(fixes=tuple(fixes)))
