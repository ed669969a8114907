"""Reports that ask much of a renderer: hostile names, nothing found, a great many findings."""

from __future__ import annotations

from envcheck.model.facts import PARTIAL, Coverage, Facts
from envcheck.model.reports import Evidence, Fix, Report, Undecided
from tests.renderers.broken_host import (
    PACKAGES,
    SITE,
    finding,
    sample_facts,
    sample_findings,
    sample_report,
    sample_snapshot,
)


def healthy_report() -> Report:
    """Nothing found, everything read."""
    snapshot = sample_snapshot()
    return sample_report().replace(verdict="ok", findings=(), undecided=(), snapshots=(snapshot.replace(coverage={}),))


HOSTILE = (
    "<script>window.hacked=1</script>",
    '"><img src=x onerror=window.hacked=1>',
    "</script><svg/onload=window.hacked=1>",
    "evil\u202eexe.txt\u2066",
    "\x1b[2J\x1b]0;title\x07red\x1b[31m",
    "{{ 7 * 7 }}{% raw %}",
    "pipe | tick ` star * under_score @maintainer #1 [link](javascript:alert(1))",
    "lone \udcff surrogate\nnew line\ttab",
    "漢字" * 60,
    "a" * 400,
)


def hostile_report() -> Report:
    """Whatever an environment can name itself, everywhere that an environment is quoted."""
    facts = Facts()
    for name in HOSTILE:
        facts.put(("package", name), name, version=name, name=name, requires=(name, name))
        facts.put(("config", name), name, **{name: name})
    snapshot = sample_snapshot().replace(
        label=HOSTILE[0],
        address=HOSTILE[1],
        chosen=" ".join(HOSTILE),
        facts=facts,
        coverage={name: Coverage(scope=name, status=PARTIAL, reason=name) for name in HOSTILE},
    )
    findings = tuple(
        finding(
            number,
            rule=f"rule-{number}",
            severity=("error", "warning", "info", name)[number % 4],
            cause=name,
            subjects=(name,),
            summary=name,
            message=name,
            why=name,
            evidence=(Evidence(key=name, value=name, origin=name),),
            fixes=(Fix(title=name, commands=(f"pip install {name}",), text=name, safety="safe", raises=(name,)),),
            sources=("javascript:window.hacked=1", "data:text/html,<script>window.hacked=1</script>", name),
            fingerprint=name,
        )
        for number, name in enumerate(HOSTILE)
    )
    undecided = tuple(
        Undecided(rule=name, summary=name, target=name, subject=name, missing=((name, name),)) for name in HOSTILE
    )
    return Report(
        verdict="broken", findings=findings, undecided=undecided, snapshots=(snapshot,), rules=1, tool=HOSTILE[0]
    )


def large_report() -> Report:
    """500 findings over 300 packages."""
    facts = sample_facts()
    for number in range(300 - len(PACKAGES)):
        facts.put(("package", f"package-{number:03}"), f"{SITE}/p{number}/METADATA", version="1.0", installer="pip")
    base = sample_findings()
    many = tuple(
        base[2 + number % 2].replace(
            fingerprint=f"many-{number}",
            message=f"package-{number % 300:03} asks for numpy<{number}, here is numpy 2.2.6",
        )
        for number in range(500 - len(base))
    )
    report = sample_report()
    return report.replace(findings=(*base, *many), snapshots=(report.snapshots[0].replace(facts=facts),))
