"""Explains a failure: judges what a log tells, ranks what comes of it, and joins it with a check's findings. Pure."""

from __future__ import annotations

from envcheck.derive import derive
from envcheck.engine.failures import judge
from envcheck.explanation.asking import question
from envcheck.explanation.ranking import is_same, merged, ranked, weakened
from envcheck.fixes.plan import plan
from envcheck.model.explanation import Explanation, Suspect
from envcheck.model.reports import CONFIRMED, SUSPECTED
from envcheck.model.rules import ERROR
from envcheck.requirements import normalise
from envcheck.views.failure import subject

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from envcheck.model.facts import Snapshot
    from envcheck.model.failures import Failure
    from envcheck.model.reports import Finding
    from envcheck.model.rules import Rulebook, Table

_MOST = 12  # causes of one answer


def explain(
    failure: Failure,
    environment: Snapshot | None,
    rulebook: Rulebook,
    *,
    checked: Sequence[Finding] = (),
    chosen: str = "",
    tool: str = "",
) -> Explanation:
    """Return the causes of a failure, best first.

    `environment` has no derived facts yet; `checked` is what a check found in it, `chosen` says why it is that one.
    """
    known = known_of(failure, environment, rulebook.tables)
    suspects = [suspect.replace(finding=plan(suspect.finding, known)) for suspect in judge(failure, known, rulebook)]
    suspects = [weakened(suspect) for suspect in _joined(suspects, checked)]
    suspects += _of_check(suspects, checked, failure)
    causes = [_with_owners(cause, failure, rulebook.tables) for cause in merged(ranked(suspects, failure))[:_MOST]]
    linked = {finding.fingerprint for cause in causes for finding in cause.checked}
    return Explanation(
        causes=tuple(causes),
        failure=failure,
        told=tuple(failure.environment),
        ask=question(causes, failure.origin, has_environment=environment is not None),
        environment="" if environment is None else environment.address,
        chosen=chosen,
        tool=tool,
        checked=tuple(finding for finding in checked if finding.fingerprint not in linked),
    )


def _joined(suspects: Iterable[Suspect], checked: Sequence[Finding]) -> list[Suspect]:
    """Return suspects with the findings that are about the same; a proven one confirms what was only likely."""
    found = []
    for suspect in suspects:
        same = tuple(finding for finding in checked if finding.cause and is_same(finding, suspect.finding))
        proven = any(finding.severity == ERROR and finding.confidence == CONFIRMED for finding in same)
        finding = suspect.finding
        if proven and not suspect.against and finding.confidence != CONFIRMED:
            finding = finding.replace(confidence=CONFIRMED)
        found.append(suspect.replace(finding=finding, checked=same))
    return found


def known_of(failure: Failure, environment: Snapshot | None, tables: Mapping[str, Table]) -> Snapshot:
    """Return what rules about failures judge; where nothing of an environment is known, nothing is derived either."""
    known = subject(failure, environment)
    known_at_all = len(failure.environment) or (
        environment is not None and (environment.coverage or len(environment.facts))
    )
    return derive(known, tables) if known_at_all else known


def _with_owners(cause: Suspect, failure: Failure, tables: Mapping[str, Table]) -> Suspect:
    """Return a cause that also names the distributions whose code failed and called what failed."""
    if cause.event < 0:
        return cause
    facts = failure.events[-1 - cause.event].facts
    folders = [
        str(facts[name]).partition("/")[2] or str(facts[name]) for name in ("distribution", "caller") if name in facts
    ]
    names = (
        {row["module"]: row["distribution"] for row in tables["import-names"].rows} if "import-names" in tables else {}
    )
    owners = [str(names.get(folder) or normalise(folder)) for folder in folders]
    known = {normalise(name) for name in cause.finding.subjects}
    more = [owner for owner in owners if normalise(owner) not in known]
    return cause.replace(finding=cause.finding.replace(subjects=(*cause.finding.subjects, *dict.fromkeys(more))))


def _of_check(suspects: Sequence[Suspect], checked: Sequence[Finding], failure: Failure) -> list[Suspect]:
    """Return as suspects the errors of the check that are about what the last failure names, where no rule says so."""
    if not failure.events:
        return []
    last = failure.events[-1]
    words = {normalise(word) for word in _words(str(last.facts.get("text", "")))}
    words.add(normalise(str(last.facts.get("distribution", ""))))
    linked = {finding.fingerprint for suspect in suspects for finding in suspect.checked}
    return [
        Suspect(
            finding=finding.replace(confidence=SUSPECTED),
            start=last.start,
            end=last.end,
            event=0,
            general=True,
            checked=(finding,),
        )
        for finding in checked
        if finding.severity == ERROR
        and finding.cause
        and finding.fingerprint not in linked
        and {*map(normalise, finding.subjects)} & words
    ]


def _words(text: str) -> list[str]:
    plain = "".join(letter if letter.isalnum() or letter in "_-" else " " for letter in text)
    return plain.split()
