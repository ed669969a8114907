"""What a waiver accepts, what it never hides, and what becomes of one that accepts nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envcheck.engine.waivers import exact, fits, waive
from envcheck.model.policy import Waiver
from envcheck.model.reports import NEW, WAIVED
from envcheck.model.rules import Rule, Rulebook
from tests.findings import finding, snapshot, undecided

TODAY = "2026-06-15"
TORCH = finding(
    "torchvision-built-for-other-torch",
    subjects=("torchvision", "torch"),
    torch="2.4.0+cu121",
    torchvision="0.14.0",
    fingerprint="436cf0ea5faf7522",
)
CONFIG = finding(
    "configuration-drift",
    subjects=("database.url",),
    facts={"config/app#database.url": "a"},
    origin="/srv/conf/app.yaml:12",
)


def waiver(rule: str = "torchvision-built-for-other-torch", **scope: str) -> Waiver:
    said = {"reason": "an override known to work", "owner": "platform", "origin": "envcheck.yaml:2"}
    return Waiver(rule=rule, **{**said, **scope})


def states(waivers, findings=(), **known) -> list[str]:
    _, facts = waive(findings, waivers, TODAY, known.pop("snapshots", [snapshot()]), **known)
    return [str(facts.value(entity, "state")) for entity in facts.entities("waiver")]


@pytest.mark.parametrize(
    ("scope", "accepted"),
    [
        ({}, True),
        ({"rule": "torchvision"}, False),
        ({"rule": "torchaudio-built-for-other-torch"}, False),
        ({"package": "torch"}, True),
        ({"package": "Torch"}, True),
        ({"package": "torchvision ==0.14.0"}, True),
        ({"package": "torch >=2.4,<2.5"}, True),
        ({"package": "torch==2.4.0"}, True),
        ({"package": "torch ==2.4.0+cu121"}, True),
        ({"package": "torch ==2.4.0+cu118"}, False),
        ({"package": "torch >=2.5"}, False),
        ({"package": "numpy"}, False),
        ({"package": "torch>=2.4; nonsense ~"}, False),
        ({"key": "package/torch#version"}, True),
        ({"key": "package/*#version"}, True),
        ({"key": "config/*"}, False),
        ({"key": "*torch-releases*"}, False),
        ({"path": "/srv/app/METADATA"}, True),
        ({"path": "METADATA"}, True),
        ({"path": "app/*"}, True),
        ({"path": "/METADATA"}, False),
        ({"path": "pp/METADATA"}, False),
        ({"environment": "prod"}, True),
        ({"environment": "pro*"}, True),
        ({"environment": "ssh:prod-*"}, True),
        ({"environment": "dev"}, False),
        ({"finding": "436cf0ea"}, True),
        ({"finding": "436cf0ea5faf7522"}, True),
        ({"finding": "436cf0e"}, False),
        ({"finding": "436cf0eb"}, False),
        ({"rule": "", "finding": "436cf0ea"}, True),
        ({"rule": "", "package": "torch"}, False),
        ({"package": "torch", "environment": "dev"}, False),
        ({"until": TODAY}, True),
        ({"until": "2026-06-14"}, False),
    ],
)
def test_every_part_of_a_scope_must_fit(scope, accepted):
    rule = scope.pop("rule", "torchvision-built-for-other-torch")
    (marked,), _ = waive([TORCH], [waiver(rule, **scope)], TODAY, [snapshot(address="ssh:prod-1")])
    assert marked.status == (WAIVED if accepted else NEW)
    assert (marked.waiver is not None) is accepted
    assert marked.replace(status=NEW, waiver=None) == TORCH


@pytest.mark.parametrize(
    ("path", "accepted"), [("conf/app.yaml", True), ("*.yaml", True), ("app.yaml:12", False), ("conf/app", False)]
)
def test_a_path_is_meant_without_its_line(path, accepted):
    assert fits(waiver("configuration-drift", path=path), CONFIG, None) is accepted


def test_a_version_that_the_evidence_lacks_is_that_of_the_environment():
    about = finding("requirement-unsatisfied", subjects=("torch",))
    ranged = waiver("requirement-unsatisfied", package="torch <2.5")
    assert fits(ranged, about, snapshot(torch="2.4.0"))
    assert not fits(ranged, about, snapshot(torch="2.6.0"))
    assert not fits(ranged, about, snapshot()), "what is not there is in no range"
    assert not fits(ranged, about, None), "what is not known is in no range"


def test_the_first_of_several_waivers_is_told_and_all_of_them_are_used():
    first, second = waiver(package="torch"), waiver(key="package/*")
    (marked,), _ = waive([TORCH], [first, second], TODAY, [snapshot()])
    assert marked.waiver == first
    assert states([first, second], [TORCH]) == ["applied", "applied"]


def test_without_a_date_a_waiver_that_ends_accepts_nothing():
    ending, lasting = waiver(until="2030-01-01"), waiver()
    (marked,), facts = waive([TORCH], [ending], "", [snapshot()])
    assert marked == TORCH
    assert [facts.value(entity, "state") for entity in facts.entities("waiver")] == ["undecided"]
    assert waive([TORCH], [lasting], "", [snapshot()])[0][0].status == WAIVED


RULE = Rule(id="torch-too-old", scope="snapshot", severity="error", summary="", why="", message=(), needs=())
OTHERS = (RULE.replace(id="configuration-drift", scope="change"), RULE.replace(id="waiver-unused", scope="policy"))
BOOK = Rulebook(rules=(RULE, *OTHERS), tables={})


@pytest.mark.parametrize(
    ("given_waiver", "known", "state"),
    [
        (waiver("torch-too-old"), {}, "unused"),
        (waiver("torch-too-old"), {"rulebook": BOOK}, "unused"),
        (waiver("torch-to-old"), {"rulebook": BOOK}, "unused"),
        (waiver("configuration-drift"), {"rulebook": BOOK}, "undecided"),
        (waiver("waiver-unused"), {"rulebook": BOOK}, "unused"),
        (waiver("torch-too-old", until="2026-06-14"), {}, "expired"),
        (waiver("torch-too-old"), {"undecided": [undecided("torch-too-old")]}, "undecided"),
        (waiver("torch-too-old"), {"undecided": [undecided("other-rule")]}, "unused"),
        (waiver("", finding="436cf0ea"), {"undecided": [undecided("other-rule")]}, "undecided"),
        (waiver("", finding="436cf0ea"), {}, "unused"),
        (waiver("other-rule"), {"rulebook": BOOK.replace(left_out=("other-rule",))}, "undecided"),
        (waiver("torch-too-old"), {"rulebook": BOOK.replace(left_out=("other-rule",))}, "unused"),
        (waiver("torch-too-old", environment="staging*"), {}, "undecided"),
        (waiver("torch-too-old", environment="prod"), {"undecided": [undecided("torch-too-old", "dev")]}, "unused"),
    ],
)
def test_a_waiver_that_accepts_nothing_is_unused_only_where_that_is_certain(given_waiver, known, state):
    assert states([given_waiver], **known) == [state]


def test_a_rule_that_does_not_exist_is_told():
    _, facts = waive([], [waiver("torch-to-old")], TODAY, [snapshot()], rulebook=BOOK)
    assert facts.value(("waiver", "torch-to-old"), "problem") == "there is no rule of this name"


def test_equal_waivers_stay_apart():
    assert states([waiver(), waiver(), waiver()], [TORCH]) == ["applied"] * 3


def test_a_waiver_bears_the_same_name_wherever_it_stands():
    one, other = (waiver(package="torch <2.5", origin=f"envcheck.yaml:{line}") for line in (2, 40))
    names = [waive([], [each], TODAY, [])[1].entities("waiver") for each in (one, other)]
    assert names[0] == names[1] == [("waiver", "torchvision-built-for-other-torch, torch <2.5")]


@pytest.mark.parametrize(
    ("about", "scope"),
    [
        (TORCH, {"package": "torchvision ==0.14.0"}),
        (finding("odd-version", odd="7.36."), {"package": "odd ===7.36."}),
        (CONFIG, {"key": "config/app#database.url"}),
        (finding("x", subjects=(), facts={"config/a#list[*]": "1"}), {"key": "config/a#list[[][*]]"}),
        (finding("x", subjects=("database",)), {}),
    ],
)
def test_a_waiver_of_one_finding_names_it_and_its_version(about, scope):
    narrowed = exact(waiver(about.rule), about, None)
    assert narrowed == waiver(about.rule, finding=about.fingerprint, **scope)
    assert fits(narrowed, about, None)


def test_the_waiver_of_a_version_lapses_with_it():
    narrowed = exact(waiver(), TORCH, None)
    newer = TORCH.replace(evidence=finding(torch="2.4.0", torchvision="0.15.0").evidence)
    assert not fits(narrowed, newer, None)


# -- laws

PACKAGES = ("torch", "torchvision", "numpy")
VERSIONS = ("2.4.0", "2.5.1+cu121", "0.14.0", "odd")
RULES = ("torch-too-old", "torchvision-built-for-other-torch", "configuration-drift")
FINDINGS = st.builds(
    lambda rule, packages, target: finding(rule, target=target, **packages),
    st.sampled_from(RULES),
    st.dictionaries(st.sampled_from(PACKAGES), st.sampled_from(VERSIONS), max_size=2),
    st.sampled_from(("prod", "dev")),
)
OPTIONAL = {
    "package": ("torch", "torch <2.5", "numpy ==2.4.0", "torchvision >=1"),
    "key": ("package/torch#*", "config/*", "*"),
    "path": ("METADATA", "/srv/*", "conf/*"),
    "environment": ("prod", "*", "d*"),
    "until": ("2026-06-14", TODAY, "2027-01-01"),
}
WAIVERS = st.builds(
    lambda rule, scope: waiver(rule, **scope),
    st.sampled_from(RULES),
    st.fixed_dictionaries({}, optional={name: st.sampled_from(values) for name, values in OPTIONAL.items()}),
)
PLACES = [snapshot("prod", torch="2.4.0", numpy="2.4.0"), snapshot("dev", torch="2.5.1+cu121")]


@given(st.lists(FINDINGS, max_size=6), st.lists(WAIVERS, max_size=3), WAIVERS)
def test_one_more_waiver_changes_only_what_it_names(findings, waivers, more):
    before, _ = waive(findings, waivers, TODAY, PLACES)
    after, _ = waive(findings, [*waivers, more], TODAY, PLACES)
    by_label = {place.label: place for place in PLACES}
    assert len(before) == len(after) == len(findings)
    for old, new in zip(before, after, strict=True):
        if old != new:
            assert (old.status, new.status, new.waiver) == (NEW, WAIVED, more)
            assert new.rule == more.rule
            assert fits(more, old, by_label[old.target])


@given(st.lists(FINDINGS, max_size=6), st.lists(WAIVERS, max_size=3), WAIVERS)
def test_a_lapsed_waiver_changes_nothing(findings, waivers, more):
    lapsed = more.replace(until="2026-06-14")
    assert waive(findings, waivers, TODAY, PLACES)[0] == waive(findings, [*waivers, lapsed], TODAY, PLACES)[0]


@given(st.lists(FINDINGS, max_size=6), st.lists(WAIVERS, max_size=4))
def test_waiving_loses_no_finding_and_says_of_every_waiver_what_became_of_it(findings, waivers):
    marked, facts = waive(findings, waivers, TODAY, PLACES)
    assert [one.replace(status=NEW, waiver=None) for one in marked] == findings
    assert all((one.status == WAIVED) is (one.waiver is not None) for one in marked)
    assert len(facts.entities("waiver")) == len(waivers)


@given(FINDINGS)
def test_what_is_written_for_one_finding_accepts_it_and_no_other_fingerprint(one):
    narrowed = exact(waiver(one.rule), one, PLACES[0])
    assert fits(narrowed, one, PLACES[0])
    assert not fits(narrowed, one.replace(fingerprint="0" * 16), PLACES[0])
