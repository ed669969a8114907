"""Explains a failure: judges what a log tells, ranks what comes of it, and joins it with a check's findings. Pure."""

from __future__ import annotations

from envcheck.derive import derive
from envcheck.engine.failures import judge
from envcheck.engine.tables import find_row
from envcheck.explanation.asking import question
from envcheck.explanation.ranking import is_same, merged, ranked, weakened
from envcheck.explanation.trying import tried
from envcheck.fixes.plan import plan
from envcheck.model.explanation import Explanation, Suspect
from envcheck.model.reports import CONFIRMED, LIKELY, SUSPECTED
from envcheck.model.rules import ERROR
from envcheck.requirements import normalise
from envcheck.views.failure import subject

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from envcheck.model.facts import Snapshot
    from envcheck.model.failures import Event, Failure
    from envcheck.model.reports import Finding
    from envcheck.model.rules import Rulebook, Table

_MOST = 12  # causes of one answer
_DEEPEST = 4  # parts of the name of a module that a table knows


def explain(
    failure: Failure,
    environment: Snapshot | None,
    rulebook: Rulebook,
    *,
    checked: Sequence[Finding] = (),
    checks: Rulebook | None = None,
    chosen: str = "",
    tool: str = "",
) -> Explanation:
    """Return the causes of a failure, best first.

    `environment` has no derived facts yet; `checked` is what a check found in it, by the rules `checks`, by which
    fixes are tried as well; `chosen` says why it is that environment.
    """
    known = known_of(failure, environment, rulebook.tables)
    suspects = [suspect.replace(finding=plan(suspect.finding, known)) for suspect in judge(failure, known, rulebook)]
    suspects = [weakened(suspect) for suspect in _joined(suspects, checked)]
    suspects += _of_check(suspects, checked, failure, known)
    causes = [_with_owners(cause, failure, rulebook.tables) for cause in merged(ranked(suspects, failure))[:_MOST]]
    if checks is not None and environment is not None:
        causes = tried(causes, failure, known, rulebook, checks)
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
    owners: dict[str, str] = {}  # by folder
    for name, path in (("distribution", str(facts.get("file", ""))), ("caller", "")):
        if name in facts:
            folder = str(facts[name]).partition("/")[2] or str(facts[name])
            owners[normalise(folder)] = _distribution(folder, path, tables)
    subjects = [owners.get(normalise(subject), subject) for subject in cause.finding.subjects]
    return cause.replace(finding=cause.finding.replace(subjects=tuple(dict.fromkeys((*subjects, *owners.values())))))


def _distribution(folder: str, path: str, tables: Mapping[str, Table]) -> str:
    """Return what installs a folder of site-packages, told by a file in it where that is a namespace package."""
    parts = path.partition("-packages/")[2].split("/")[:-1] if f"-packages/{folder}/" in path else [folder]
    for count in range(min(len(parts), _DEEPEST), 0, -1):
        module = ".".join(parts[:count])
        for table in ("import-names", "more-import-names"):
            row = find_row(tables[table], {"module": module}) if table in tables else None
            if row is not None:
                return str(row["distribution"])
    return normalise(folder)


def _of_check(
    suspects: Sequence[Suspect], checked: Sequence[Finding], failure: Failure, known: Snapshot
) -> list[Suspect]:
    """Return the errors of the check that are this failure: it broke at their very line, or in what they are about.

    The latter are likely where the code of the distribution failed, suspected where the failure only names it, and left
    out where a rule about failures says the same.
    """
    if not failure.events:
        return []
    last = failure.events[-1]
    owners = _owners(last, known)
    words = {normalise(word) for word in _words(str(last.facts.get("text", "")))}
    linked = {finding.fingerprint for suspect in suspects for finding in suspect.checked}
    found = []
    for finding in checked:
        if finding.severity != ERROR or not finding.cause:
            continue
        number, event = _broke_at(finding, failure)
        if event is not None:
            found.append(_suspect(finding, event, number, finding.confidence))
        elif finding.fingerprint not in linked and (about := {*map(normalise, finding.subjects)}) & (owners | words):
            confidence = LIKELY if about & owners else SUSPECTED
            found.append(_suspect(finding, last, 0, confidence).replace(general=True))
    return found


def _suspect(finding: Finding, event: Event, number: int, confidence: str) -> Suspect:
    return Suspect(
        finding=finding.replace(confidence=confidence),
        start=event.start,
        end=event.end,
        event=number,
        general=False,
        survived=bool(event.facts.get("survived")),
        checked=(finding,),
    )


def _broke_at(finding: Finding, failure: Failure) -> tuple[int, Event | None]:
    """Return the event, and its number from the last, with a frame at the file and line that a finding names."""
    said = {evidence.key.rpartition("#")[2]: evidence.value for evidence in finding.evidence if "#" in evidence.key}
    if not said.get("file") or not said.get("line"):
        return 0, None
    path = said["file"]
    tail = path[path.find("site-packages/") :] if "site-packages/" in path else path
    place = failure.text.rfind(f'{tail}", line {said["line"]},')
    for number, event in enumerate(reversed(failure.events)):
        if event.start <= place < event.end:
            return number, event
    return 0, None


def _owners(event: Event, known: Snapshot) -> set[str]:
    """Return the folder below site-packages that an event is in, and the distributions that it belongs to."""
    folder = str(event.facts.get("distribution", ""))
    owners = {
        entity[1]
        for entity in known.entities("package")
        if isinstance(modules := known.facts.value(entity, "modules"), tuple) and folder in modules
    }
    return {normalise(folder)} | owners


def _words(text: str) -> list[str]:
    plain = "".join(letter if letter.isalnum() or letter in "_-" else " " for letter in text)
    return plain.split()
