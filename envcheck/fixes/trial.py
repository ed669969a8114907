"""Lays a fix over the facts, derives and judges again, and says what it would do; pure."""

from __future__ import annotations

from envcheck.derive import derive
from envcheck.engine.judge import evaluate
from envcheck.model.facts import PARTIAL, Coverage, Facts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from envcheck.model.facts import Snapshot
    from envcheck.model.reports import Finding, Fix
    from envcheck.model.rules import Rulebook


def try_fixes(findings: Sequence[Finding], snapshot: Snapshot, rulebook: Rulebook) -> list[Finding]:
    """Return the findings with every fix tried that changes packages; one that raises something new comes last."""
    before = {finding.fingerprint for finding in findings}
    outcomes: dict[tuple[str, str], Mapping[str, str] | None] = {}
    tried = []
    for finding in findings:
        fixes = []
        for fix in finding.fixes:
            change = (fix.action, fix.argument)
            if change not in outcomes:
                outcomes[change] = _outcome(fix, snapshot, rulebook)
            fixes.append(_told(fix, finding.fingerprint, outcomes[change], before))
        fixes.sort(key=lambda fix: (bool(fix.raises), fix.tried == "remains"))
        tried.append(finding.replace(fixes=tuple(fixes)))
    return tried


def _told(fix: Fix, fingerprint: str, after: Mapping[str, str] | None, before: set[str]) -> Fix:
    if after is None:
        return fix
    raises = sorted({rule for other, rule in after.items() if other not in before})
    return fix.replace(tried="remains" if fingerprint in after else "resolves", raises=tuple(raises))


def _outcome(fix: Fix, snapshot: Snapshot, rulebook: Rulebook) -> Mapping[str, str] | None:
    """Return rule by fingerprint of what would be found after a fix, None for one that cannot be tried."""
    changed = _changed(fix, snapshot)
    if changed is None:
        return None
    findings, _ = evaluate(derive(changed, rulebook.tables), rulebook)
    return {finding.fingerprint: finding.rule for finding in findings}


def _changed(fix: Fix, snapshot: Snapshot) -> Snapshot | None:
    if fix.action == "uninstall":
        return snapshot.replace(facts=snapshot.facts.without(*(("package", name) for name in fix.argument.split())))
    if fix.action != "install":
        return None
    new = Facts()
    coverage = dict(snapshot.coverage)
    gone = []
    for item in fix.argument.split():
        name, exact, version = item.partition("==")
        if not exact or "*" in version or "," in version:
            return None
        entity = ("package", name.lower().replace("_", "-").replace(".", "-"))
        held = snapshot.facts.value(entity, "version")
        if held == version:
            continue
        gone.append(entity)
        new.put(entity, "the fix", version=version, name=name)
        scope = "/".join(entity)
        coverage[scope] = Coverage(
            scope=scope, status=PARTIAL, reason=f"the metadata of {name} {version} is not known here"
        )
    return snapshot.replace(facts=snapshot.facts.without(*gone).overlaid(new), coverage=coverage)
