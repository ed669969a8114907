"""What the project in the current folder decided (waivers, the gate), and what the gate says of a report."""

from __future__ import annotations

import os
import time

from envcheck.cli.output import complain
from envcheck.errors import TargetError
from envcheck.gate import decide
from envcheck.model.policy import GatePolicy
from envcheck.targets import PROJECT_FILE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from envcheck.model.facts import Facts
    from envcheck.model.policy import Decision, Waiver
    from envcheck.model.reports import Report

_WAIVERS = ".envcheck-waivers.yaml"


def waivers_of(folder: str = "") -> tuple[tuple[Waiver, ...], Facts | None]:
    """Return the waivers of a folder, the current one without, and, as facts, the malformed ones.

    Raises UsageError, TargetError.
    """
    if not os.path.exists(os.path.join(folder, PROJECT_FILE)) and not os.path.exists(os.path.join(folder, _WAIVERS)):
        return (), None
    from envcheck.project import waivers
    from envcheck.targets.files import LocalFiles

    try:
        return waivers.load(LocalFiles(), folder)
    except OSError as error:
        raise _unreadable(error) from None


def gate_policy(path: str = "") -> GatePolicy:
    """Return the gate of a file, or else of the current folder's project; raises UsageError, TargetError."""
    if not path and not os.path.exists(PROJECT_FILE):
        return GatePolicy()
    from envcheck.project import gate
    from envcheck.targets.files import LocalFiles

    try:
        return gate.load(LocalFiles(), path or PROJECT_FILE)
    except OSError as error:
        raise _unreadable(error, path or PROJECT_FILE) from None


def today() -> str:
    """Return the day in UTC, so that a waiver ends everywhere at once."""
    return time.strftime("%Y-%m-%d", time.gmtime())


def tell(decision: Decision) -> int:
    """Print why a gate did not pass, one line a reason, and return its exit code."""
    for reason in decision.reasons:
        complain(reason)
    return decision.code


def judge(report: Report, policy: GatePolicy, fail_on: str) -> int:
    """Return the exit code of a report; why a gate of the project's own did not pass is printed.

    Without a policy one error fails, and the report has just said that there is one.
    """
    decision = decide(report, policy, fail_on=fail_on)
    return decision.code if policy == GatePolicy() else tell(decision)


def _unreadable(error: OSError, path: str = "") -> TargetError:
    where = path or str(error.filename or PROJECT_FILE)
    return TargetError(f"cannot be read: {error.strerror or error}", where=where, hint="make it readable, or remove it")
