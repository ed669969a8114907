"""`envcheck gate`: the reports of several runs as one, and what the project's gate says of it."""

from __future__ import annotations

import os

from envcheck import junit, reports, snapshots
from envcheck.cli.options import many
from envcheck.cli.output import put, wanted
from envcheck.cli.policy import gate_policy, tell
from envcheck.errors import UsageError
from envcheck.gate import decide
from envcheck.merging import merge

TYPE_CHECKING = False
if TYPE_CHECKING:
    from envcheck.cli.commands import Values
    from envcheck.model.policy import UnitTests
    from envcheck.model.reports import Report

# What may stand before the first sign of a document: marks of its encoding, zeros of UTF-16, white space.
_HEAD = 64
_BEFORE = b"\xef\xbb\xbf\xff\xfe\x00 \t\r\n"


def run(values: Values) -> int:
    """Merge the files, write the report and return the exit code."""
    outputs = wanted(many(values, "output"))
    paths = many(values, "reports")
    _refuse_twice(paths)
    policy = gate_policy(str(values["policy"]))
    held: list[tuple[str, Report]] = []
    tests: list[UnitTests] = []
    for path in paths:
        data = snapshots.read(path, "a saved report or of test results")
        if data[:_HEAD].lstrip(_BEFORE).startswith(b"<"):
            tests.append(junit.read(data, path))
        else:
            held.append((path, reports.from_json(data, path)))
    if not held:
        raise UsageError("no report was given", hint="envcheck check -o report.json, then envcheck gate report.json")
    report = merge(held)
    # A limit of failed tests without any results is not held, it is not known.
    results = junit.together(tests) if tests or policy.tests else None
    decision = decide(report, policy, fail_on=str(values["fail_on"]), tests=results)
    put(report, str(values["format"]), outputs)
    return tell(decision)


def _refuse_twice(paths: tuple[str, ...]) -> None:
    """Raise UsageError for a file that is named twice: its findings would count twice."""
    real = [os.path.realpath(path) for path in paths]
    for path, place in zip(paths, real, strict=True):
        if real.count(place) > 1:
            raise UsageError(f"{path!r} is given twice", hint="give every file once")
