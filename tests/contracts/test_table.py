"""The table of changes: every row is met by a pair of real contracts, and says the same as the rules do."""

from __future__ import annotations

from pathlib import Path

import pytest

from envcheck.contracts import Difference, canonical, compare
from envcheck.drift.contracts import record
from envcheck.engine.judge import judge
from envcheck.engine.load import load
from envcheck.keys import KINDS
from envcheck.model.facts import COMPLETE, Coverage, Facts, Snapshot
from envcheck.model.reports import Finding
from envcheck.model.rules import Rulebook
from tests.contracts.pairs import pairs

ROOT = Path(__file__).parents[2]
PAIRS = pairs()


@pytest.fixture(scope="module")
def rulebook() -> Rulebook:
    files = (*(ROOT / "rules" / "contracts").glob("*.yaml"), ROOT / "rules" / "tables" / "contract-changes.yaml")
    return load((path.name, path.read_text(encoding="utf-8")) for path in files)


@pytest.mark.parametrize(
    ("name", "old", "new", "change", "direction", "severity"),
    PAIRS,
    ids=[f"{each[0].rpartition('.')[2]}-{each[3]}-{each[4]}" for each in PAIRS],
)
def test_a_change_is_told_and_judged_as_the_table_says(
    rulebook: Rulebook, name: str, old: str, new: str, change: str, direction: str, severity: str
) -> None:
    (format_, before), (_, after) = canonical(name, old.encode()), canonical(name, new.encode())
    found = compare(format_, before, after)
    assert [each for each in found if each.change == change and each.direction == direction], found
    (row,) = [
        row
        for row in rulebook.tables["contract-changes"].rows
        if row["change"] == change and row["direction"] == direction
    ]
    assert row["severity"] == severity
    wanted = tuple(each for each in found if each.change == change and each.direction == direction)
    assert {finding.severity for finding in judged(rulebook, wanted, format_)} == {severity} - {"info"}


def judged(rulebook: Rulebook, differences: tuple[Difference, ...], format_: str) -> list[Finding]:
    facts = Facts()
    record(facts, "users", format_, differences, "api.json", "old.json new.json")
    coverage = {kind: Coverage(scope=kind, status=COMPLETE) for kind in KINDS}
    snapshot = Snapshot(label="pair", address="pair", facts=facts, derived=Facts(), coverage=coverage)
    outcomes = [outcome for rule in rulebook.rules for outcome in judge(rule, snapshot, rulebook)]
    assert all(isinstance(outcome, Finding) for outcome in outcomes), outcomes
    return [outcome for outcome in outcomes if isinstance(outcome, Finding)]


def test_every_row_is_met_by_a_pair(rulebook: Rulebook) -> None:
    rows = {(row["change"], row["direction"]) for row in rulebook.tables["contract-changes"].rows}
    assert rows == {(change, direction) for _, _, _, change, direction, _ in PAIRS}


def test_every_difference_of_every_pair_has_a_row(rulebook: Rulebook) -> None:
    rows = {(row["change"], row["direction"]) for row in rulebook.tables["contract-changes"].rows}
    told = set()
    for name, old, new, *_ in PAIRS:
        for texts in ((old, new), (new, old)):
            (format_, before), (_, after) = (canonical(name, text.encode()) for text in texts)
            told |= {(each.change, each.direction) for each in compare(format_, before, after)}
    assert told <= rows


def test_the_guide_shows_the_table(rulebook: Rulebook) -> None:
    page = (ROOT / "docs" / "contracts.md").read_text(encoding="utf-8")
    shown: dict[tuple[str, str], str] = {}
    for line in page.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("| `") and len(cells) == 4:
            severities = zip(("request", "response", "both"), cells[1:], strict=True)
            shown |= {(cells[0].strip("`"), direction): severity for direction, severity in severities if severity}
    rows = rulebook.tables["contract-changes"].rows
    assert shown == {(row["change"], row["direction"]): row["severity"] for row in rows}


@pytest.mark.parametrize(("name", "text"), sorted({(name, text) for name, *texts, _, _, _ in PAIRS for text in texts}))
def test_a_contract_does_not_differ_from_itself(name: str, text: str) -> None:
    format_, canonical_text = canonical(name, text.encode())
    assert compare(format_, canonical_text, canonical_text) == ()
    assert compare(format_, f"{canonical_text} ", canonical_text) == ()  # not for the texts' being equal


def test_a_finding_names_place_old_and_new(rulebook: Rulebook) -> None:
    old, new = b'{"userId": "123", "status": "active"}', b'{"user_id": "123", "status": 1}'
    (format_, before), (_, after) = canonical("user.json", old), canonical("user.json", new)
    found = judged(rulebook, compare(format_, before, after), format_)
    ignored = "who still writes or reads it finds it ignored"
    assert [(one.rule, one.message, one.subjects) for one in sorted(found, key=lambda one: one.rule)] == [
        (
            "contract-broken",
            "users, $.status: type-changed (both), was string, is number; neither side reads what the other writes",
            ("users",),
        ),
        (
            "contract-weakened",
            f"users, $.userId: property-removed (both), was string, is absent; {ignored}",
            ("users",),
        ),
    ]
    fix = next(one for one in found if one.rule == "contract-weakened").fixes[0]
    assert fix.argument == "envcheck adapt --propose old.json new.json > map.yaml"
    assert "It is called user_id now" in fix.text


def test_the_facts_of_a_difference_have_the_same_id_whatever_else_differs() -> None:
    texts = [canonical("user.json", text)[1] for text in (b'{"a": 1, "b": 1}', b'{"a": "1", "b": 1}', b'{"a": "1"}')]
    one, more = Facts(), Facts()
    record(one, "user", "payload", compare("payload", texts[0], texts[1]), "new.json")
    record(more, "user", "payload", compare("payload", texts[0], texts[2]), "new.json")
    assert set(one.entities("difference")) < set(more.entities("difference"))
