"""Adds to findings about distributions the lines of the project's own files that declare them.

A forge can only point into the repository, and the metadata that a finding rests on lies outside of it.
"""

from __future__ import annotations

import os

from envcheck.errors import EnvcheckError
from envcheck.model.facts import Facts, plain
from envcheck.model.reports import Evidence
from envcheck.targets import open_target

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from envcheck.model.reports import Finding, Report

# Where a project declares what it installs, what is resolved before what is asked for.
_DECLARING = (
    *("uv.lock", "poetry.lock", "pylock.toml", "Pipfile.lock", "conda-lock.yml", "requirements.txt"),
    *("environment.yml", "environment.yaml", "pyproject.toml"),
)
_HERE = "."


def locate(report: Report, folder: str, environ: Mapping[str, str]) -> Report:
    """Return the report with one more evidence, `declared`, where a file of the folder declares a subject's package.

    Only findings about this machine's environment gain it: others are not what the folder declares.
    """
    here = {snapshot.label for snapshot in report.snapshots if snapshot.address == _HERE}
    if not any(finding.target in here for finding in report.findings):
        return report
    declared = list(_declarations(folder, environ))
    findings = (
        finding.replace(evidence=(*finding.evidence, *_lines(finding, declared))) if finding.target in here else finding
        for finding in report.findings
    )
    return report.replace(findings=tuple(findings))


def _declarations(folder: str, environ: Mapping[str, str]) -> Iterator[Facts]:
    for name in _DECLARING:
        if os.path.isfile(os.path.join(folder, name)):
            try:
                opened = open_target(f"lock:{name}", cwd=folder, environ=environ)
            except EnvcheckError:
                continue  # whoever wants to know what is wrong with the file checks it as a target of its own
            if opened.saved is not None:
                yield opened.saved.facts


def _lines(finding: Finding, declared: list[Facts]) -> Iterator[Evidence]:
    """Yield the line that declares the first subject of which any file speaks."""
    for subject in finding.subjects:
        for facts in declared:
            held = facts.of(("package", subject))
            known = held.get("version") or held.get("specifier") or held.get("name")
            if known is not None:
                yield Evidence(key=f"declared package/{subject}", value=plain(known[0]), origin=known[1])
                return
