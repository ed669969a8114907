"""Findings and reports as judging gives them, said in a line: `finding("a-rule", torch="2.4.0")`."""

from __future__ import annotations

from hashlib import blake2b

from envcheck.model.facts import COMPLETE, Coverage, Facts, Snapshot
from envcheck.model.reports import Evidence, Finding, Report, Undecided


def finding(
    rule: str = "torch-too-old",
    *,
    severity: str = "error",
    target: str = "prod",
    fingerprint: str = "",
    subjects: tuple[str, ...] | None = None,
    facts: dict[str, str] | None = None,
    origin: str = "/srv/app/METADATA",
    table: str = "torch 2.4",
    **packages: str,
) -> Finding:
    """Return a finding about packages (name to version), which also rests on other facts and on a row of a table."""
    read = {f"package/{name}#version": version for name, version in packages.items()} | (facts or {})
    evidence = [Evidence(key=key, value=value, origin=origin) for key, value in read.items()]
    named = tuple(packages) if subjects is None else subjects
    return Finding(
        rule=rule,
        severity=severity,
        cause="",
        subjects=named,
        summary="",
        message=f"{rule} about {', '.join(named)}",
        why="",
        evidence=(*evidence, Evidence(key="table torch-releases", value=table, origin="https://example.org")),
        fixes=(),
        sources=(),
        fingerprint=fingerprint or blake2b(repr((rule, named)).encode(), digest_size=8).hexdigest(),
        target=target,
    )


def undecided(rule: str, target: str = "prod") -> Undecided:
    """Return that a rule could not be judged."""
    return Undecided(rule=rule, summary="", target=target, subject="", missing=(("gpu", "not collected"),))


def snapshot(
    label: str = "prod", *, address: str = "", gaps: tuple[tuple[str, str], ...] = (), **packages: str
) -> Snapshot:
    """Return an environment with packages, all of which was read but for some scopes (scope, status)."""
    facts = Facts()
    for name, version in packages.items():
        facts.put(("package", name), "METADATA", version=version)
    coverage = {kind: Coverage(scope=kind, status=COMPLETE) for kind in ("package", "python", "gpu", "cuda", "host")}
    coverage |= {scope: Coverage(scope=scope, status=status, reason=f"{scope} is {status}") for scope, status in gaps}
    return Snapshot(label=label, address=address or label, facts=facts, derived=Facts(), coverage=coverage)


def report(
    *findings: Finding,
    snapshots: tuple[Snapshot, ...] = (),
    undecided: tuple[Undecided, ...] = (),
    verdict: str = "",
    rules: int = 10,
) -> Report:
    """Return a report of one environment called prod, unless others are given."""
    severities = {one.severity for one in findings if one.status == "new"}
    told = "broken" if "error" in severities else "warnings" if "warning" in severities else "ok"
    return Report(
        verdict=verdict or told,
        findings=findings,
        undecided=undecided,
        snapshots=snapshots or (snapshot(),),
        rules=rules,
        tool="envcheck 0",
    )
