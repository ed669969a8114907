"""The rules over what the linkers found: who is blamed, how badly, since when, and with which fix."""

from __future__ import annotations

from pathlib import Path

import pytest
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from envcheck import examples
from envcheck.derive import derive
from envcheck.engine.judge import evaluate, without_general
from envcheck.engine.load import load
from envcheck.model.reports import Finding
from envcheck.model.rules import ERROR, INFO, WARNING, Rule, Rulebook

ROOT = Path(__file__).parents[2]
KINDS = ("link", "binary", "file")
Facts = dict[str, object]


@pytest.fixture(scope="module")
def rulebook() -> Rulebook:
    paths = sorted((ROOT / "rules").rglob("*.yaml"))
    return load((str(path.relative_to(ROOT)), path.read_text(encoding="utf-8")) for path in paths)


@pytest.fixture(scope="module")
def linking(rulebook: Rulebook) -> list[Rule]:
    return [rule for rule in rulebook.rules if rule.each is not None and rule.each.kind in KINDS]


def told(rulebook: Rulebook, facts: Facts) -> list[Finding]:
    """Return what a reader is told of facts of which no other is there."""
    return without_general(evaluate(derive(examples.describe(facts, ()), rulebook.tables), rulebook)[0], rulebook)


def broken(importer: str, wanted: str, provider: str, **more: object) -> Facts:
    """Return the facts of an import that fails: `flask==1.1.2`, `jinja2.escape`, `jinja2==3.1.4`."""
    name, _, version = importer.partition("==")
    source, _, release = provider.partition("==")
    module, _, attribute = wanted.rpartition(".")
    link: Facts = {"problem": "name", "module": module, "name": attribute, "provider": source, "version": version}
    link |= {"provider_version": release or None, "file": f"/env/{name}/__init__.py", "line": 14}
    link |= {"reach": "import", "breaks": [name], **more}
    packages = {f"package/{name}": version} | ({f"package/{source}": release} if release else {})
    return packages | {f"link/{name}/{wanted}#{attribute}": value for attribute, value in link.items()}


def only(findings: list[Finding], severity: str = ERROR) -> Finding:
    (finding,) = (finding for finding in findings if finding.severity == severity)
    return finding


# What is told


def test_a_name_that_left_is_told_with_place_release_and_a_tested_fix(rulebook: Rulebook) -> None:
    facts = broken("imgaug==0.4.0", "numpy.sctypes", "numpy==2.0.2", problem="attribute", line=45)
    (finding,) = (one for one in told(rulebook, facts) if one.rule == "imported-name-removed")
    assert finding.message == (
        "imgaug 0.4.0 takes sctypes from numpy (/env/imgaug/__init__.py:45); it left in 2.0.0, here is numpy 2.0.2: "
        "this breaks imgaug"
    )
    assert (finding.severity, finding.cause, finding.subjects) == (ERROR, "removed-name", ("imgaug", "numpy"))
    assert ("install", "numpy==1.26.4", "safe") in [(fix.action, fix.argument, fix.safety) for fix in finding.fixes]


def test_a_name_that_came_later_asks_for_the_later_release(rulebook: Rulebook) -> None:
    facts = broken("a==1.0", "typing_extensions.TypeIs", "typing-extensions==4.9.0")
    finding = only(told(rulebook, facts))
    assert (finding.rule, finding.cause) == ("imported-name-not-yet-there", "missing-name-needs-newer-package")
    assert "it came in 4.10.0, here is typing-extensions 4.9.0" in finding.message
    assert [fix.argument for fix in finding.fixes] == ["typing-extensions>=4.10.0"]


def test_a_name_that_no_table_knows_is_an_error_all_the_same(rulebook: Rulebook) -> None:
    finding = only(told(rulebook, broken("a==1.0", "b.c.thing", "b==2.0")))
    assert (finding.rule, finding.subjects) == ("imported-name-missing", ("a", "b"))
    assert "takes thing from b.c (/env/a/__init__.py:14), which b 2.0 does not have" in finding.message


def test_a_row_about_other_releases_is_not_told(rulebook: Rulebook) -> None:
    """`numpy.bool` left in 1.24 and is there again since 2.0: where a later one lacks it, the table knows nothing."""
    found = told(rulebook, broken("a==1.0", "numpy.bool", "numpy==2.1.0"))
    assert only(found).rule == "imported-name-missing"


def test_where_a_name_went_between_two_releases_both_are_told(rulebook: Rulebook) -> None:
    found = told(rulebook, broken("a==1.0", "transformers.SquadDataset", "transformers==5.23.0"))
    assert "it left between 5.0.0 and 5.23.0" in only(found).message, "and it is an error: the files prove it"
    assert "transformers<=5.0.0" in [fix.argument for fix in only(found).fixes]


def test_a_module_of_a_gone_top_level_is_blamed_on_who_had_it(rulebook: Rulebook) -> None:
    facts = broken("b==1.0", "pkg_resources.extern", "", problem="module", module="pkg_resources", optional=True)
    facts = {key.replace("pkg_resources.extern", "pkg_resources"): value for key, value in facts.items()}
    facts = {key: value for key, value in facts.items() if not key.endswith(("#provider", "#name"))}
    found = told(rulebook, {**facts, "package/setuptools": "82.0.0"})
    assert only(found).subjects == ("b", "setuptools")
    assert "it left in 82.0.0, here is setuptools 82.0.0" in only(found).message


@pytest.mark.parametrize(
    ("python", "wanted", "rule", "said"),
    [
        ("3.11.7", "fractions.gcd", "stdlib-name-removed", "it left the standard library in Python 3.9"),
        ("3.10.13", "typing.Self", "stdlib-name-not-yet-there", "it came in Python 3.11"),
        ("3.11.7", "fractions.nothing", "stdlib-name-missing", "which Python 3.11.7 does not have"),
    ],
)
def test_names_of_the_standard_library_blame_the_python(
    rulebook: Rulebook, python: str, wanted: str, rule: str, said: str
) -> None:
    finding = only(told(rulebook, {"python": python, **broken("a==1.0", wanted, "stdlib")}))
    assert (finding.rule, finding.subjects) == (rule, ("a", "python"))
    assert said in finding.message


def test_a_function_for_a_later_python_is_no_error(rulebook: Rulebook) -> None:
    facts = {"python": "3.10.13", **broken("a==1.0", "asyncio.TaskGroup", "stdlib", reach="call", breaks=["a.run"])}
    found = [(one.rule, one.severity) for one in told(rulebook, facts) if one.severity != INFO]
    assert found == [("function-needs-later-python", WARNING)]


def test_generated_code_is_judged_by_what_it_was_made_for(rulebook: Rulebook) -> None:
    facts = broken("a==1.0", "google.protobuf.runtime_version", "protobuf==4.25.3", file="/env/a/x_pb2.py")
    assert told(rulebook, facts) == []


def test_what_the_provider_itself_lacks_is_told_of_the_provider_alone(rulebook: Rulebook) -> None:
    lacks = {"problem": "module", "module": "b._b", "optional": False}
    own = broken("b==1.0", "b._b", "b==1.0", **lacks)
    other = broken("a==1.0", "b._b", "b==1.0", **lacks)
    assert [(one.rule, one.subjects) for one in told(rulebook, {**own, **other})] == [("own-module-missing", ("b",))]


# How badly


def milder(rule: Rule, facts: Facts) -> Facts:
    """Return facts of a break as they are where nobody needs what is broken, or where it is not proven."""
    assert rule.each is not None
    kind = rule.each.kind
    calmed: dict[str, Facts] = {
        "link": {"reach": "guarded"},
        "binary": {"reach": "none"},
        "file": {"proven": False, "reach": "none"},
    }
    entities = {key.partition("#")[0] for key in facts if key.startswith(f"{kind}/")}
    return {**facts, **{f"{entity}#{name}": value for entity in entities for name, value in calmed[kind].items()}}


def test_only_what_something_needs_is_an_error(rulebook: Rulebook, linking: list[Rule]) -> None:
    errors = [rule for rule in linking if rule.severity == ERROR]
    assert len(errors) > 30
    for rule in errors:
        for example in rule.examples:
            if example.expect == "finding":
                found = told(rulebook, milder(rule, dict(example.facts)))
                loud = [one.rule for one in found if one.severity == ERROR and not one.rule.startswith("package-")]
                by_link = [name for name in loud if name in {rule.id for rule in linking}]
                assert not by_link, rule.id


def test_what_is_not_proven_is_no_error(rulebook: Rulebook, linking: list[Rule]) -> None:
    for rule in linking:
        for example in rule.examples:
            if (
                example.expect == "finding"
                and rule.severity == ERROR
                and any("#proven" in key for key in example.facts)
            ):
                facts = {key: False if key.endswith("#proven") else value for key, value in example.facts.items()}
                assert examples.outcome(rule, rulebook, examples.describe(facts, ())) == "none", rule.id


def test_a_break_is_told_by_one_rule(rulebook: Rulebook, linking: list[Rule]) -> None:
    """Of each example exactly one finding of the linkers is told; a general one may give way to what a table knows."""
    names = {rule.id for rule in linking}
    for rule in linking:
        for example in rule.examples:
            if example.expect == "finding":
                found = [one.rule for one in told(rulebook, dict(example.facts)) if one.rule in names]
                assert found == [rule.id] or (rule.general and not found), rule.id


def test_at_most_two_are_blamed(rulebook: Rulebook, linking: list[Rule]) -> None:
    for rule in linking:
        assert 1 <= len(rule.subjects) <= 2, rule.id


def test_what_may_be_on_purpose_is_only_mentioned(rulebook: Rulebook) -> None:
    facts: Facts = {"package/a": "1.0", "file/a/missing#problem": "missing", "file/a/missing#path": "/env/a/tests/t.py"}
    facts |= {"file/a/missing#version": "1.0", "file/a/missing#files": 12, "file/a/missing#proven": False}
    assert [one.severity for one in told(rulebook, facts)] == [INFO]


# What the tables know


@pytest.mark.parametrize("table", ["removed-names", "added-names", "stdlib-names"])
def test_names_stand_once_and_their_releases_are_specifiers(rulebook: Rulebook, table: str) -> None:
    rows = rulebook.tables[table].rows
    wanted = [row["wanted"] for row in rows]
    assert len(wanted) == len(set(wanted))
    for row in rows:
        gone = SpecifierSet(str(row["gone"]))
        if has := row.get("has"):
            edges = [spec.version for spec in SpecifierSet(str(has))]
            assert not [edge for edge in edges if edge in gone and edge in SpecifierSet(str(has))], row["wanted"]


@pytest.mark.parametrize(
    ("table", "column"), [("removed-names", "provider"), ("added-names", "provider"), ("import-names", "distribution")]
)
def test_distributions_are_named_as_facts_name_them(rulebook: Rulebook, table: str, column: str) -> None:
    assert not [row for row in rulebook.tables[table].rows if canonicalize_name(str(row[column])) != row[column]]


def test_the_release_of_a_known_break_is_one_without_the_name(rulebook: Rulebook) -> None:
    for row in rulebook.tables["removed-names"].rows:
        assert str(row["when"]).startswith("left "), row["wanted"]
    for row in rulebook.tables["stdlib-names"].rows:
        assert str(row["gone"]).startswith(">=" if row["change"] == "left" else "<"), row["wanted"]
