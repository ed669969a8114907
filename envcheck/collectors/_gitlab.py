"""Reads a .gitlab-ci.yml: the jobs, which of them may fail without the pipeline failing, and gates in their scripts.

The syntax: https://docs.gitlab.com/ci/yaml/
"""

from __future__ import annotations

from envcheck.collectors._gates import find_gate
from envcheck.collectors._jobs import Reading, Step, put_steps

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from envcheck.plainyaml import Document

# Keys of the whole pipeline, which are no jobs: https://docs.gitlab.com/ci/yaml/#global-keywords
_GLOBAL = frozenset(
    (
        "default",
        "include",
        "stages",
        "variables",
        "workflow",
        "spec",
        "image",
        "services",
        "cache",
        "before_script",
        "after_script",
    )
)
_DEEPEST = 11  # levels of extends: https://docs.gitlab.com/ci/yaml/#extends
_FINDINGS = 1  # the exit code of envcheck where it has findings


def read_pipeline(document: Document, name: str) -> Reading:
    """Return what a pipeline says; what has an unexpected form is a gap."""
    into = Reading(name)
    if not isinstance(document.data, dict):
        into.gaps["job"] = f"{name} has no jobs"
        return into
    if document.data.get("include"):
        into.gaps["step"] = f"{name} includes other files, which are not read"
    jobs = {key: job for key, job in document.data.items() if key not in _GLOBAL and isinstance(job, dict)}
    steps: list[Step] = []
    for key in jobs:
        if key.startswith("."):
            continue  # a template for other jobs
        job = _whole(key, jobs)
        entity, line = ("job", name, key), document.line((key,))
        passes = _allowed_to_fail(job)
        if passes is None:
            into.gap(entity, "allowed_to_fail", "it depends on the job's rules")
        into.put(entity, line, {"forge": "gitlab", "allowed_to_fail": passes})
        gate = find_gate("\n".join([*_lines(job.get("before_script")), *_lines(job.get("script"))]))
        if gate is not None:
            defeats = (*gate.defeats, *(("allow_failure",) if passes else ()))
            unclear = gate.unclear or ("allow_failure depends on the job's rules" if passes is None else "")
            steps.append(
                Step(
                    entity=("step", name, key, "1"),
                    line=document.line((key, "script")),
                    gate=gate.command,
                    defeats=defeats,
                    unclear=unclear,
                )
            )
    put_steps(steps, into)
    return into


def _whole(name: str, jobs: dict[str, dict[str, Any]], depth: int = 0) -> dict[str, Any]:
    """Return a job with what it takes over by `extends` and by YAML's merge key, its own keys first."""
    own = jobs.get(name, {})
    inherited: dict[str, Any] = {}
    if depth < _DEEPEST:
        parents = own.get("extends") or []
        for parent in parents if isinstance(parents, list) else [parents]:
            inherited |= _whole(str(parent), jobs, depth + 1)
    merged = own.get("<<") or []
    for part in reversed(merged if isinstance(merged, list) else [merged]):
        inherited |= part if isinstance(part, dict) else {}
    return inherited | own


def _allowed_to_fail(job: dict[str, Any]) -> bool | None:
    """Tell whether a finding leaves the pipeline passing; None where the job's rules decide."""
    rules = job.get("rules")
    if any(isinstance(rule, dict) and "allow_failure" in rule for rule in (rules if isinstance(rules, list) else [])):
        return None
    given = job.get("allow_failure")
    if isinstance(given, dict):
        codes = given.get("exit_codes")
        return _FINDINGS in codes if isinstance(codes, list) else codes == _FINDINGS
    return given is True or (given is None and job.get("when") == "manual")  # manual jobs may fail by default


def _lines(script: object) -> list[str]:
    if isinstance(script, list):
        return [line for item in script for line in _lines(item)]
    return [str(script)] if script is not None else []
