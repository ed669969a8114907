"""Tells findings that an earlier state has, too, from those that are new; pure."""

from __future__ import annotations

from envcheck.keys import KINDS
from envcheck.model.reports import KNOWN, NEW, WAIVED
from envcheck.model.rules import SEVERITIES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from envcheck.model.reports import Finding, Report

_PASSING = "vl"  # flags of attributes that differ from run to run (volatile) and from place to place (local)


def compare_with(findings: Iterable[Finding], baseline_findings: Iterable[Finding]) -> list[Finding]:
    """Return the findings, those of the baseline marked as known, wherever they are.

    Known is what has the fingerprint, no worse severity and the same values as evidence; another version or value makes
    a finding new. What was only waived in the baseline does not become known by that, nor does a waived finding here.
    """
    held: dict[str, list[Finding]] = {}
    for finding in baseline_findings:
        if finding.status != WAIVED:
            held.setdefault(finding.fingerprint, []).append(finding)
    return [
        finding.replace(status=KNOWN)
        if finding.status == NEW and any(_is_same(finding, old) for old in held.get(finding.fingerprint, ()))
        else finding
        for finding in findings
    ]


def compare_with_report(findings: Iterable[Finding], labels: Iterable[str], baseline: Report) -> list[Finding]:
    """Return the findings with those of an earlier report marked as known, each environment by its own label.

    `labels` are those of the environments that were judged. One environment is compared with one whatever its label is,
    as the same place may have had another path.
    """
    judged = list(findings)
    if len(set(labels)) == len(baseline.snapshots) == 1:
        return compare_with(judged, baseline.findings)
    by_target: dict[str, list[Finding]] = {}
    for finding in baseline.findings:
        by_target.setdefault(finding.target, []).append(finding)
    return [known for finding in judged for known in compare_with((finding,), by_target.get(finding.target, ()))]


def _is_same(finding: Finding, old: Finding) -> bool:
    return (
        finding.rule == old.rule
        and SEVERITIES.index(finding.severity) <= SEVERITIES.index(old.severity)
        and _values(finding) == _values(old)
    )


def _values(finding: Finding) -> dict[str, str]:
    return {evidence.key: evidence.value for evidence in finding.evidence if _lasts(evidence.key)}


def _lasts(key: str) -> bool:
    """Tell whether evidence is a fact that stays the same as long as its subject does."""
    name, hash_, attribute = key.partition("#")
    if not hash_:
        return False  # a row of a table
    kind = KINDS.get(name.partition("/")[0])
    known = None if kind is None else kind[3].get(attribute)
    return known is None or not any(flag in known[2] for flag in _PASSING)
