"""Lays a fix over the facts, derives and judges again, and says what it would do; pure."""

from __future__ import annotations

from envcheck.derive import derive
from envcheck.engine.judge import evaluate
from envcheck.keys import format_entity
from envcheck.model.facts import PARTIAL, Coverage, Facts
from envcheck.model.reports import SAFE, SHOW, UNSAFE
from envcheck.model.rules import SEVERITIES
from envcheck.requirements import name_of, needs_extra, parse
from envcheck.versions import satisfies

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from envcheck.model.facts import Entity, Snapshot
    from envcheck.model.reports import Finding, Fix
    from envcheck.model.rules import Rulebook, Table

# A trial costs 10 ms on 480 distributions, 25 on 2,000; people read the first few fixes.
_MOST = 8
_LINKED = ("link", "binary", "file")
_SAFETY = (SAFE, UNSAFE, SHOW)


def try_fixes(findings: Sequence[Finding], snapshot: Snapshot, rulebook: Rulebook) -> list[Finding]:
    """Return the findings with the fixes that change packages tried, the least invasive and most helpful first.

    Errors come first; after `_MOST` different changes the rest is left untried: each costs a judgement of all.
    """
    before = {finding.fingerprint for finding in findings}
    wanted = sorted(findings, key=lambda finding: -SEVERITIES.index(finding.severity))
    changes = dict.fromkeys((fix.action, fix.argument) for finding in wanted for fix in finding.fixes)
    outcomes: dict[tuple[str, str], Mapping[str, str]] = {}
    for change, changed in after(changes, snapshot, rulebook.tables):
        found, _ = evaluate(changed, rulebook)
        outcomes[change] = {finding.fingerprint: finding.rule for finding in found}
    return [_with_outcomes(finding, outcomes, before) for finding in findings]


def after(
    changes: Iterable[tuple[str, str]], snapshot: Snapshot, tables: Mapping[str, Table]
) -> Iterator[tuple[tuple[str, str], Snapshot]]:
    """Yield the first changes (action and argument) that can be tried, and the snapshot as it would be after each."""
    requirers = _Requirers(snapshot)
    tried = 0
    for action, argument in changes:
        names = _packages(action, argument) if tried < _MOST else ()
        changed = _changed(action, argument, snapshot, requirers) if names else None
        if changed is not None:
            tried += 1
            anew = {*names, *(asker for name in names for asker, _ in requirers.of(name))}
            yield (action, argument), derive(changed, tables, before=snapshot, anew=anew)


def _with_outcomes(
    finding: Finding, outcomes: Mapping[tuple[str, str], Mapping[str, str]], before: set[str]
) -> Finding:
    fixes = [_told(fix, finding.fingerprint, outcomes.get((fix.action, fix.argument)), before) for fix in finding.fixes]
    fixes.sort(key=lambda fix: (bool(fix.raises), fix.tried == "remains", _SAFETY.index(fix.safety), -fix.also))
    return finding.replace(fixes=tuple(fixes))


def _told(fix: Fix, fingerprint: str, after: Mapping[str, str] | None, before: set[str]) -> Fix:
    if after is None:
        return fix
    raises = sorted({rule for other, rule in after.items() if other not in before})
    resolves = fingerprint not in after
    also = len(before) - len(before & after.keys()) - resolves
    # What an uninstallation leaves is all known; of a new version the metadata is not.
    verified = resolves and fix.action == "uninstall"
    return fix.replace(tried="resolves" if resolves else "remains", raises=tuple(raises), also=also, verified=verified)


def _packages(action: str, argument: str) -> tuple[str, ...]:
    """Return the packages that a fix changes, none where it changes none or cannot be read."""
    names = tuple(name_of(item) for item in argument.split()) if action in ("install", "uninstall") else ()
    return names if all(names) else ()


def _changed(action: str, argument: str, snapshot: Snapshot, requirers: _Requirers) -> Snapshot | None:
    """Return the snapshot as it would be after a change of packages, None for what cannot be tried."""
    if action == "uninstall":
        gone = [("package", name) for name in _packages(action, argument)]
        return snapshot.replace(facts=snapshot.facts.without(*gone, *_linked(snapshot, _packages(action, argument))))
    new = Facts()
    coverage = dict(snapshot.coverage)
    replaced = []
    for item in argument.split():
        name, specifiers, *_ = parse(item)
        version = _version_for(specifiers, requirers.of(name))
        if version is None:
            return None
        entity = ("package", name)
        replaced.append(entity)
        new.put(entity, "the fix", version=version, name=name)
        scope = format_entity(entity)
        coverage[scope] = Coverage(
            scope=scope, status=PARTIAL, reason=f"the metadata of {name} {version} is not known here"
        )
    linked = _linked(snapshot, [name for _, name in replaced])
    return snapshot.replace(facts=snapshot.facts.without(*replaced, *linked).overlaid(new), coverage=coverage)


def _linked(snapshot: Snapshot, names: Sequence[str]) -> list[Entity]:
    """Return what is known to be broken between the files of packages that a fix replaces and those of others."""
    return [
        entity
        for kind in _LINKED
        for entity in snapshot.facts.entities(kind)
        if entity[1] in names or any(snapshot.facts.text(entity, side) in names for side in ("provider", "other"))
    ]


def _version_for(specifiers: str, requirers: Sequence[tuple[str, str]]) -> str | None:
    """Return a version that an installer may choose: one that is named somewhere, allowed here and by most others."""
    others = [other for _, line in requirers if not needs_extra(line) and (other := parse(line)[1])]
    named = [clause.strip().lstrip("=<>~!").strip() for text in (specifiers, *others) for clause in text.split(",")]
    allowed = [version for version in dict.fromkeys(named) if "*" not in version and satisfies(version, specifiers)]
    return max(allowed, key=lambda version: sum(satisfies(version, other) is True for other in others), default=None)


class _Requirers:
    """Who requires a package: all requirement lines by their first letter, as reading each one whole costs more."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._facts = snapshot.facts
        self._lines: dict[str, list[tuple[str, str]]] = {}

    def of(self, name: str) -> list[tuple[str, str]]:
        """Return (who requires it, the requirement) of a package, those of extras too."""
        if not self._lines:
            self._sort()
        beginning = name.partition("-")[0]  # whatever stands for the hyphen in the line
        lines = self._lines.get(name[:1], ())
        return [pair for pair in lines if pair[1].lower().startswith(beginning) and name_of(pair[1]) == name]

    def _sort(self) -> None:
        for entity in self._facts.entities("package"):
            lines = self._facts.value(entity, "requires")
            for line in lines if isinstance(lines, tuple) else ():
                self._lines.setdefault(line[:1].lower(), []).append((entity[1], line))
