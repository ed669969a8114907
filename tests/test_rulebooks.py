"""Which rules are in force: those about failures apart from the others, and only what may match."""

from __future__ import annotations

from pathlib import Path

import pytest

from envcheck import rulebooks
from envcheck.errors import RuleError
from envcheck.model.rules import Rulebook

RULE = """
id: {id}
scope: {scope}
severity: error
summary: It is.
why: It has to be.
{condition}
message: It is
cause: missing-package
sources: ["https://example.org"]
examples: [{examples}]
"""
ABOUT_FAILURES = "{log: 'no such thing', expect: finding}, {log: y, expect: none}"
ABOUT_FACTS = (
    "{facts: {package/a: 1.0}, expect: finding}, {facts: {}, expect: none}, "
    "{facts: {}, unknown: [package/a], expect: undecided}"
)


def about_failures(id_: str, words: str = "no such thing") -> str:
    return RULE.format(id=id_, scope="failure", condition=f"match: '{words}'", examples=ABOUT_FAILURES)


def about_facts(id_: str) -> str:
    return RULE.format(id=id_, scope="snapshot", condition="when: {package/a: present}", examples=ABOUT_FACTS)


@pytest.fixture
def shipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "rules"
    (folder / "failures").mkdir(parents=True)
    (folder / "facts.yaml").write_text(about_facts("fact"))
    (folder / "failures" / "one.yaml").write_text(about_failures("one"))
    (folder / "failures" / "two.yaml").write_text(about_failures("two", "something else"))
    monkeypatch.setattr(rulebooks, "shipped_folder", lambda _name: str(folder))
    return folder


def ids(rulebook: Rulebook) -> list[str]:
    return [rule.id for rule in rulebook.rules]


def test_rules_about_failures_are_loaded_apart(shipped: Path) -> None:
    assert ids(rulebooks.load()) == ["fact"]
    assert ids(rulebooks.load_failures()) == ["one", "two"]


def test_only_what_may_match_is_made_into_rules(shipped: Path) -> None:
    assert ids(rulebooks.load_failures(text="there is no such thing")) == ["one"]
    assert ids(rulebooks.load_failures(text="all is well")) == []


def test_a_folder_of_one_s_own_may_hold_both(shipped: Path, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "both.yaml").write_text(about_facts("my-fact") + "---" + about_failures("my-failure"))
    assert ids(rulebooks.load((str(tmp_path / "mine"),))) == ["fact", "my-fact", "my-failure"]
    assert ids(rulebooks.load_failures((str(tmp_path / "mine"),))) == ["one", "two", "my-failure"]
    assert ids(rulebooks.load((str(tmp_path / "mine" / "both.yaml"),))) == ["fact", "my-fact", "my-failure"]


@pytest.mark.parametrize("cached", [True, False])
def test_a_change_of_a_file_is_noticed(shipped: Path, *, cached: bool) -> None:
    rulebooks.load_failures(cached=cached)
    (shipped / "failures" / "one.yaml").write_text(about_failures("changed"))
    assert ids(rulebooks.load_failures(cached=cached)) == ["changed", "two"]


def test_a_broken_file_hides_no_other_where_it_may_be_told(shipped: Path) -> None:
    (shipped / "failures" / "one.yaml").write_text(about_failures("one", "(unclosed"))
    told: list[RuleError] = []
    assert ids(rulebooks.load_failures(complain=told.append)) == ["two"]
    assert [error.where for error in told] == [f"{shipped}/failures/one.yaml:7"]
    with pytest.raises(RuleError):
        rulebooks.load_failures()
