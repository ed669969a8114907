"""Machines and actions that were retired, by the day on which the facts were collected."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from envcheck.derive import Derivation, ci
from envcheck.engine.load import load
from envcheck.model.facts import COMPLETE, PARTIAL, Coverage, Facts, Snapshot
from envcheck.model.rules import Table

RULES = Path(__file__).parents[2] / "rules"
TABLES = load(
    [
        (name, (RULES / "tables" / name).read_text(encoding="utf-8"))
        for name in ("runner-labels.yaml", "action-majors.yaml")
    ]
).tables


def derived(facts: Facts, day: str = "2026-11-21T08:00:00Z", **coverage: str) -> Derivation:
    scopes = {"job": COMPLETE, "step": COMPLETE, **coverage}
    into = Derivation()
    snapshot = Snapshot(
        label="x",
        address="x",
        collected_at=day,
        facts=facts,
        derived=Facts(),
        coverage={name: Coverage(scope=name, status=status, reason="a reason") for name, status in scopes.items()},
    )
    ci.derive(snapshot, TABLES, into)
    return into


def job(*labels: str, forge: str = "github") -> Facts:
    facts = Facts()
    facts.put(("job", "ci.yml", "test"), "ci.yml:4", forge=forge, runners=labels)
    return facts


def step(action: str, major: str) -> Facts:
    facts = job("ubuntu-24.04")
    facts.put(("step", "ci.yml", "test", "1"), "ci.yml:9", action=action, major=major)
    return facts


@pytest.mark.parametrize(
    ("label", "day", "state"),
    [
        ("ubuntu-20.04", "2025-01-31", "current"),
        ("ubuntu-20.04", "2025-02-01", "deprecated"),
        ("ubuntu-20.04", "2025-04-14", "deprecated"),
        ("ubuntu-20.04", "2025-04-15", "retired"),
        ("Ubuntu-20.04", "2026-11-21", "retired"),
        ("macos-12", "2024-12-03", "retired"),
        ("ubuntu-16.04", "2021-09-19", "current"),
        ("ubuntu-22.04", "2026-09-16", "current"),
        ("ubuntu-22.04", "2026-11-21", "deprecated"),
        # A plan may be put off: it is no proof that the day came.
        ("ubuntu-22.04", "2030-01-01", "deprecated"),
    ],
)
def test_a_label_is_retired_from_its_day_on(label: str, day: str, state: str) -> None:
    into = derived(job(label, "ubuntu-24.04", "our-gpu"), f"{day}T23:59:59Z")
    assert into.facts.entities("runner") == [("runner", "ci.yml", "test", label)]
    assert into.facts.get(("runner", "ci.yml", "test", label), "state") == (state, "ci.yml:4")


@pytest.mark.parametrize(
    ("action", "major", "state"),
    [
        ("actions/upload-artifact", "3", "retired"),
        ("actions/cache", "2", "retired"),
        ("actions/checkout", "3", "deprecated"),
        ("github/codeql-action", "2", "deprecated"),
        ("actions/checkout", "7", None),
        ("actions/upload-artifact", "", None),
        ("acme/upload-artifact", "3", None),
    ],
)
def test_an_action_is_known_by_its_major(action: str, major: str, state: str | None) -> None:
    assert derived(step(action, major)).facts.value(("step", "ci.yml", "test", "1"), "state") == state


def test_without_a_time_nothing_is_retired_and_nothing_is_current() -> None:
    into = derived(step("actions/cache", "1").overlaid(job("ubuntu-20.04")), "")
    reason = "it is not known when the facts were collected"
    assert into.coverage["runner/ci.yml/test/ubuntu-20.04#state"].reason == reason
    assert into.coverage["step/ci.yml/test/1#state"].reason == reason


def test_machines_of_another_host_are_its_own() -> None:
    facts = step("actions/cache", "1").overlaid(job("ubuntu-20.04", forge="other"))
    assert len(derived(facts).facts) == 0


def test_where_jobs_are_not_known_their_machines_are_not_either() -> None:
    assert derived(Facts(), job=PARTIAL).coverage["runner"].reason == "a reason"
    facts = Facts()
    facts.put(("job", "ci.yml", "test"), "ci.yml:4", forge="github")
    unknown = derived(facts, **{"job/ci.yml/test#runners": PARTIAL})
    assert unknown.coverage["runner"].reason == "a reason"
    assert derived(facts).coverage["runner"].status == COMPLETE


@pytest.mark.parametrize("table", TABLES.values(), ids=lambda table: table.name)
def test_every_row_has_a_day_a_replacement_and_a_source(table: Table) -> None:
    for row in table.rows:
        days = [str(row[column]) for column in ("deprecated_on", "retired_on") if row.get(column)]
        assert days == sorted(days), row
        assert days, row
        assert all(re.fullmatch(r"20\d\d-[01]\d-[0-3]\d", day) for day in days), row
        assert row["replacement"], row
        assert str(row["source"]).startswith("https://github."), row


@pytest.mark.parametrize("table", TABLES.values(), ids=lambda table: table.name)
def test_nobody_is_sent_to_what_is_itself_retired(table: Table) -> None:
    retired = {str(row.get("label") or f"{row['action']}@v{row['major']}") for row in table.rows}
    for row in table.rows:
        name = row["replacement"] if "label" in row else f"{row['action']}@{row['replacement']}"
        assert name not in retired
