"""Rulebooks from a text, and one rule that uses most of the language."""

from __future__ import annotations

import pytest

from envcheck.engine.load import load

TABLE = """
table: pairs
about: Which left belongs to which right.
match: {left: version, right: version, series: minor, range: specifier, model: name}
sources: ["https://example.org/pairs"]
rows:
  - {left: 1.0.0, right: 2.0.0, series: 1.0, range: ">=1,<2", model: Super 9, extra: [a, b]}
  - {left: 1.10.0, right: 2.1.0, series: "1.10", range: ">=2", model: Super 9 Max, extra: [c], confidence: medium}
  - {left: 1.20.0, right: null, series: "1.20", range: "==9", model: null, extra: []}
"""

RULE = """
id: wrong-pair
severity: error
summary: Left and right do not fit.
why: They are built together.
lookup: {fitting: {table: pairs, by: {left: package/left}}}
when: {package/left: present, package/right: present}
require: {package/right: "=={fitting.right}"}
message: right {package/right} is there, left {package/left} wants {fitting.right}
fixes: [{install: "right=={fitting.right}", safety: safe}]
sources: ["https://example.org/rule"]
examples:
  - {facts: {package/left: 1.0.0, package/right: 9.0.0}, expect: finding, after: {package/right: 2.0.0}}
  - {facts: {package/left: 1.0.0, package/right: 2.0.0}, expect: none}
  - {facts: {package/left: 1.0.0}, unknown: [package/right], expect: undecided}
"""


@pytest.fixture
def rulebook():
    return load([("pairs.yaml", TABLE), ("wrong-pair.yaml", RULE)])


def rule_text(**changes: str) -> str:
    """Return RULE with whole fields replaced (or, by an empty text, removed)."""
    lines = RULE.strip().split("\n")
    kept: list[str] = []
    skipping = False
    for line in lines:
        if not line.startswith(" "):
            skipping = line.partition(":")[0] in changes
        if not skipping:
            kept.append(line)
    return "\n".join([*kept, *(f"{name}: {text}" for name, text in changes.items() if text)]) + "\n"
