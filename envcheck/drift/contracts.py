"""Compares the contracts of environments: what changed between the first one's and each other's, as facts to judge."""

from __future__ import annotations

from envcheck.errors import EnvcheckError
from envcheck.keys import parse_entity
from envcheck.model.drift import UNDETERMINED, Effect
from envcheck.model.facts import COMPLETE, PARTIAL, Coverage, Facts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from envcheck.contracts import Difference
    from envcheck.model.drift import Change
    from envcheck.model.facts import Entity, Snapshot
    from envcheck.model.reports import Finding

_PAIR = 2
_AGAINST = " (in "  # after a contract's name, where more than two environments have one


def differences(snapshots: Sequence[Snapshot]) -> tuple[Facts, Coverage, set[str]]:
    """Return facts of the kind `difference`, how far they are all there are, and which contracts were not compared."""
    first, *others = snapshots
    found = Facts()
    gaps: list[str] = []
    open_: set[str] = set()
    for other in others:
        suffix = "" if len(snapshots) == _PAIR else f"{_AGAINST}{other.label})"
        for entity in sorted({*first.facts.held("contract"), *other.facts.held("contract")}):
            if entity in first.facts and entity in other.facts:
                problem = _compare(entity, suffix, first, other, found)
                if problem:
                    gaps.append(problem)
                    open_.add(entity[1])
        gaps += _unread(first) + _unread(other)
    status = PARTIAL if gaps else COMPLETE
    return found, Coverage(scope="difference", status=status, reason="; ".join(dict.fromkeys(gaps))), open_


def join(changes: Iterable[Change], findings: Iterable[Finding], open_: Collection[str] = ()) -> list[Change]:
    """Return the changes, those of whole contracts with the findings about what changed in them.

    Of those in `open_`, which could not be compared, nobody can tell what their difference amounts to.
    """
    held: dict[str, list[Effect]] = {}
    for finding in findings:
        names = [parse_entity(entry.key)[1] for entry in finding.evidence if entry.key.startswith("difference/")]
        if names:
            effect = Effect(target=finding.target, rule=finding.rule, fingerprint=finding.fingerprint)
            held.setdefault(names[0].partition(_AGAINST)[0], []).append(effect)
    joined = []
    for change in changes:
        if change.key.startswith("contract/"):
            name = parse_entity(change.key.partition("#")[0])[1]
            form = UNDETERMINED if name in open_ else change.form
            joined.append(change.replace(effects=tuple(held.get(name, ())), form=form))
        else:
            joined.append(change)
    return joined


def _compare(entity: Entity, suffix: str, first: Snapshot, other: Snapshot, into: Facts) -> str:
    """Record what differs between two contracts of one name; return why that cannot be told."""
    from shlex import quote

    from envcheck.contracts import compare

    old, new = first.facts.of(entity), other.facts.of(entity)
    one, two = (str(side["format"][0]) if {"format", "document"} <= side.keys() else "not known" for side in (old, new))
    if one != two or one == "not known":
        return f"{entity[1]} is {one} in {first.label} and {two} in {other.label}"
    try:
        found = compare(one, str(old["document"][0]), str(new["document"][0]))
    except EnvcheckError as error:
        return f"{entity[1]}: {error.message}"
    files = " ".join(quote(side["document"][1]) for side in (old, new))
    record(into, f"{entity[1]}{suffix}", one, found, new["document"][1], files)
    return ""


def record(
    into: Facts, name: str, format_: str, differences: tuple[Difference, ...], origin: str, files: str = ""
) -> None:
    """Put the differences of one contract as facts `difference/<name>/<id>`, the id being the same in every run.

    `files` are the old and the new file, as a command takes them; a rename keeps them.
    """
    from hashlib import sha256

    for each in differences:
        what = repr((each.change, each.direction, each.place, each.old, each.new))
        number = sha256(what.encode("utf-8", "surrogatepass")).hexdigest()[:8]
        values = {key: value for key, value in each.as_dict().items() if value}
        between = files if each.renamed_to else None
        into.put(("difference", name, number), origin, format=format_, files=between or None, **values)


def _unread(snapshot: Snapshot) -> list[str]:
    """Return which contracts an environment lists and could not be read."""
    return [
        f"{parse_entity(scope)[1]} in {snapshot.label}: {entry.reason}"
        for scope, entry in snapshot.coverage.items()
        if scope.startswith("contract/") and entry.status != COMPLETE
    ]
