"""Summaries of small sources, for the tests of what reads them."""

from __future__ import annotations

import textwrap
from typing import Any

from envcheck.pysource.conditions import Python
from envcheck.pysource.reading import read
from envcheck.pysource.summary import BODY, FROM, IMPORT, MAYBE, RAISE, STAR, TRY, USE, WHEN, Summary

PYTHON = Python(version=(3, 11, 7))
WORDS = {
    IMPORT: "import",
    FROM: "from",
    STAR: "star",
    USE: "use",
    RAISE: "raise",
    TRY: "try",
    MAYBE: "maybe",
    WHEN: "when",
    BODY: "body",
}


def of(source: str | bytes, python: Python = PYTHON, *, whole: bool = False) -> Summary:
    """Return the summary of a source whose indentation is that of the test."""
    return read(source if isinstance(source, bytes) else textwrap.dedent(source).encode(), python, whole=whole)


def on(*version: int, platform: str = "linux", implementation: str = "cpython") -> Python:
    return Python(version=version, platform=platform, implementation=implementation)


def steps(source: str | bytes, python: Python = PYTHON) -> list[Any]:
    """Return the steps of a source with words for their kinds and without line numbers."""
    summary = of(source, python)
    assert not summary.problem, summary.problem
    return told(summary.steps)


def told(several: tuple[Any, ...]) -> list[Any]:
    return [_one(step) for step in several]


def _one(step: tuple[Any, ...]) -> tuple[Any, ...]:
    kind = step[0]
    if kind == TRY:
        handlers = [(*caught, *told(inner)) for caught, inner in step[2]]
        return ("try", told(step[1]), handlers, *(told(part) for part in step[3:]))
    if kind == MAYBE:
        return ("maybe", told(step[1]), told(step[2]))
    if kind == WHEN:
        return ("when", step[1], told(step[2]), told(step[3]))
    if kind == BODY:
        return ("body", step[2], told(step[3]))
    return (WORDS[kind], *step[2:])


def imports(source: str | bytes, python: Python = PYTHON) -> list[str]:
    """Return the modules that plain `import` steps on the certain way name."""
    return [step[1] for step in steps(source, python) if step[0] == "import"]
