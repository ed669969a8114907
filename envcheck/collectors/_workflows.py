"""Reads a GitHub workflow: the machines that its jobs ask for, what may fail in them, actions, and gates.

The syntax: https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax
"""

from __future__ import annotations

from envcheck.collectors._gates import Gate, find_gate
from envcheck.collectors._jobs import Reading, Step, put_steps, texts
from envcheck.collectors._matrix import unused_axes, written_out

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from envcheck.model.facts import Entity
    from envcheck.plainyaml import Document

_OWN_ACTION = "envcheck"


def read_workflow(document: Document, name: str) -> Reading:
    """Return what a workflow says; what has an unexpected form is a gap."""
    into = Reading(name)
    workflow = document.data if isinstance(document.data, dict) else {}
    jobs = workflow.get("jobs")
    if not isinstance(jobs, dict):
        into.gaps["job"] = f"{name} has no jobs"
        return into
    steps: list[Step] = []
    for job_name, job in jobs.items():
        if isinstance(job, dict):
            _put_job(document, job_name, job, into)
            steps += _steps(document, job_name, job, _shell(job) or _shell(workflow), name)
        else:
            into.gaps["job"] = f"{name}: the job {job_name} is no mapping"
    put_steps(steps, into)
    return into


def _put_job(document: Document, name: str, job: dict[str, Any], into: Reading) -> None:
    entity = ("job", into.name, name)
    strategy = _mapping(job.get("strategy"))
    matrix = strategy.get("matrix")
    labels = _labels(job)
    if labels is None:
        into.gap(entity, "runners", "runs-on depends on an expression")
    passes, stops = job.get("continue-on-error"), strategy.get("fail-fast")
    for attribute, value in (("allowed_to_fail", passes), ("fail_fast", stops)):
        if isinstance(value, str):
            into.gap(entity, attribute, f"it depends on an expression: {value[:80]}")
    values = {
        "forge": "github",
        "runners": labels,
        "allowed_to_fail": None if isinstance(passes, str) else passes is True,
        "fail_fast": None if isinstance(stops, str) or not matrix else stops is not False,
        "unused": unused_axes(job, matrix) if isinstance(matrix, dict) else (),
    }
    into.put(entity, document.line(("jobs", name, "runs-on")), values)


def _labels(job: dict[str, Any]) -> tuple[str, ...] | None:
    """Return the labels of hosted machines, matrix values written out; None where an expression makes them.

    There are none for a job that calls a workflow, for a group, and for machines of the project's own.
    """
    wanted = job.get("runs-on")
    if isinstance(wanted, dict) or wanted is None:
        return ()
    matrix = _mapping(job.get("strategy")).get("matrix")
    labels: list[str] = []
    for text in wanted if isinstance(wanted, list) else [wanted]:
        values = written_out(str(text), matrix)
        if values is None:
            return None
        labels += values
    return () if any(label.lower() == "self-hosted" for label in labels) else tuple(sorted(set(labels)))


def _shell(data: dict[str, Any]) -> str:
    return str(_mapping(_mapping(data.get("defaults")).get("run")).get("shell") or "")


def _steps(document: Document, job_name: str, job: dict[str, Any], shell: str, name: str) -> Iterator[Step]:
    steps = job.get("steps")
    steps = steps if isinstance(steps, list) else []
    labels = _labels(job) or ()
    windows = bool(labels) and all(label.lower().startswith("windows") for label in labels)
    for number, step in enumerate(steps):
        if not isinstance(step, dict):
            continue
        entity = ("step", name, job_name, str(number + 1))
        line = document.line(("jobs", job_name, "steps", number))
        uses = str(step.get("uses") or "")
        gate = _gate(step, uses, str(step.get("shell") or shell), windows=windows)
        if gate is None:
            yield Step(entity=entity, line=line, uses=uses)
        else:
            yield _judged(entity, line, uses, gate, step, others=[*steps[:number], *steps[number + 1 :]])


def _gate(step: dict[str, Any], uses: str, shell: str, *, windows: bool) -> Gate | None:
    if uses:
        lenient = _mapping(step.get("with")).get("fail-on") == "never"
        own = uses.partition("@")[0].rpartition("/")[2] == _OWN_ACTION
        return Gate(command="action") if own and not lenient else None
    errexit, pipefail, posix = _options(shell, windows=windows)
    gate = find_gate(str(step.get("run") or ""), errexit=errexit, pipefail=pipefail)
    return gate if gate is None or posix else gate.replace(defeats=(), unclear="its shell is not read")


def _options(shell: str, *, windows: bool) -> tuple[bool, bool, bool]:
    """Return errexit, pipefail, and whether it is a POSIX shell.

    The default of Linux and macOS is `bash -e`; only `shell: bash` adds pipefail: workflow syntax, exit codes.
    """
    if shell == "bash":
        return True, True, True
    if shell in ("", "sh"):
        return True, False, shell == "sh" or not windows
    program, *words = shell.split()
    short = "".join(word[1:] for word in words if word.startswith("-") and not word.startswith("--"))
    return "e" in short, "pipefail" in words, program in ("bash", "sh")


def _judged(entity: Entity, line: int, uses: str, gate: Gate, step: dict[str, Any], *, others: list[object]) -> Step:
    said = " ".join(text for other in others for text in texts(other))
    defeats, unclear = list(gate.defeats), gate.unclear
    if any(report and report in str(_mapping(other).get("run")) for report in gate.reports for other in others):
        defeats = []  # another step may judge what this one wrote
    passes, own = step.get("continue-on-error"), step.get("id")
    if isinstance(passes, str):
        unclear = "continue-on-error depends on an expression"
    elif passes is True and not (own and f"steps.{own}." in said):
        defeats.append("continue-on-error: true")
    return Step(entity=entity, line=line, uses=uses, gate=gate.command, defeats=tuple(defeats), unclear=unclear)


def _mapping(data: object) -> dict[str, Any]:
    return data if isinstance(data, dict) else {}
