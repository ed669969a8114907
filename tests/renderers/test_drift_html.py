"""The page about drift as text: its parts, the matrix, the marked differences, and that everything is escaped."""

from __future__ import annotations

import base64
import hashlib
import re
from itertools import pairwise

import pytest

from envcheck.model.drift import Effect
from envcheck.renderers._drift_values import held, parts
from envcheck.renderers.html import render
from tests.renderers.drifting import (
    VISION,
    change,
    drift_of,
    fleet_report,
    hostile_drift,
    pair_of,
    pair_report,
    same_report,
    side,
    stage_report,
    vision_finding,
)
from tests.renderers.test_html import Page


def small_fleet():
    return fleet_report(30, 60)


MAKERS = [stage_report, pair_report, same_report, small_fleet, hostile_drift]


def body(report) -> str:
    """Return the page without its style and script, which are files of their own."""
    out = re.sub(r"<(style|script)>.*?</\1>", r"<\1></\1>", render(report), flags=re.DOTALL)
    return re.sub(r"sha256-[\w+/=]+", "sha256-…", out)


def test_the_finished_page(golden):
    golden(".html", body(stage_report()), "drift-stages")


@pytest.mark.parametrize("make", MAKERS)
def test_the_page_is_whole_loads_nothing_and_allows_only_its_own_style_and_script(make):
    out = render(make())
    page = Page(out)
    assert not page.open
    assert {tag for tag, _ in page.found} & {"link", "img", "iframe", "object", "form", "base", "svg"} == set()
    for _, attributes in page.found:
        assert not {"src", "style"} & attributes.keys()
        assert not [name for name in attributes if name.startswith("on")]
    policy = next(entry["content"] for entry in page.all("meta") if "http-equiv" in entry) or ""
    for tag in ("style", "script"):
        (inside,) = re.findall(f"<{tag}>(.*?)</{tag}>", out, flags=re.DOTALL)
        assert f"{tag}-src 'sha256-{base64.b64encode(hashlib.sha256(inside.encode()).digest()).decode()}'" in policy


@pytest.mark.parametrize("make", MAKERS)
def test_identifiers_are_unique_and_links_meet_them(make):
    page = Page(render(make()))
    identifiers = [attributes["id"] for _, attributes in page.found if attributes.get("id")]
    assert len(identifiers) == len(set(identifiers))
    for link in page.all("a"):
        target = link["href"] or ""
        assert target.startswith("https://") or target[1:] in identifiers


@pytest.mark.parametrize("make", [stage_report, pair_report, same_report])
def test_headings_never_skip_a_level(make):
    levels = [int(tag[1]) for tag, _ in Page(render(make())).found if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_everything_hostile_is_text():
    out = render(hostile_drift())
    assert {tag for tag, _ in Page(out).found} <= {tag for tag, _ in Page(render(stage_report())).found} | {"ul", "li"}
    assert not {"\u202e", "\x1b", "\x07"} & set(out)
    assert "{{ 7 * 7 }}" in out
    assert "<script>window" not in out
    out.encode()


def test_what_breaks_stands_before_the_policy_and_the_matrix():
    out = body(stage_report())
    order = [
        "What it breaks",
        "What is against the policy",
        '<h2 id="differences-title">',
        "Found in every environment",
    ]
    assert [out.index(part) for part in order] == sorted(out.index(part) for part in order)
    assert "causes torchvision-built-for-other-torch, requirement-unsatisfied in prod" in out
    assert "/srv/prod/.venv/bin/python -m pip install torchvision==0.24.1" in out


def test_every_change_has_a_row_and_what_follows_is_folded_beneath():
    report = stage_report()
    out = body(report)
    for number in range(1, len(drift_of(report).changes) + 1):
        assert out.count(f'id="change-{number}"') == 1
    assert out.count('class="follower"') == 3
    assert "and 3 that follow" in out


def test_rows_stand_by_conclusion_the_worst_first():
    out = body(stage_report())
    found = re.findall(r'data-section="([^"]+)"', out)
    assert found == ["breaks", "policy", "allowed", "harmless as far as known", "not known"]
    assert list(dict.fromkeys(re.findall(r'data-conclusion="([^"]+)"', out))) == found


def test_a_row_links_its_findings_and_names_the_rule_of_the_policy():
    out = body(stage_report())
    torch = out[out.index('id="change-1"') : out.index('id="change-2"')]
    assert f'<a href="#finding-1">{VISION}</a>' in torch
    assert "<mark>9.1</mark>" in torch
    policy = out[out.index('id="change-2"') : out.index('data-section="allowed"')]
    assert "inconsistent" in policy
    assert "by drift.yaml:3" in policy


def test_of_many_environments_each_is_one_sign():
    out = body(fleet_report(30, 12))
    torch = out[out.index('id="change-1"') :]
    strip = re.sub("<[^>]+>", "", torch[torch.index('class="strip"') :].partition("</td>")[0].partition(">")[2])
    assert strip == "·······A·········A·········A··"
    assert "27 of 30" in torch
    assert "gpu-07, gpu-17, gpu-27" in torch
    assert 'data-apart="7 17 27" data-majority' in torch
    assert "and 26 more" in out


def test_no_letter_is_given_twice_in_a_row():
    out = body(fleet_report(26, 2))
    strip = out[out.index('id="change-2"') :]
    strip = re.sub("<[^>]+>", "", strip[strip.index('class="strip"') :].partition("</td>")[0].partition(">")[2])
    assert strip == "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@pytest.mark.parametrize(
    ("one", "two", "marked"),
    [
        ("2.4.0", "2.9.1", "2.[4.0]"),
        ("2.4.0", "2.41.0", "2.[4].0"),
        ("1.0", "1.0.post1", "1.0"),
        ("postgres://db-dev/app", "postgres://db-prod/app", "postgres://db-[dev]/app"),
        ("x" * 30 + "-a-" + "y" * 30, "x" * 30 + "-b-" + "y" * 30, "…xxxxxxx-[a]-yyyyyyy…"),
        ("short", "long", "[short]"),
        ("", "long", '[""]'),
        ("same same", "same", "same[ same]"),
        (("a", "b", "c"), ("b",), "[a, c] and 1 alike"),
        (("a",), ("a", "b"), "1 alike"),
        (("a", "b"), ("b", "a"), "[a, b]"),
        (5, "5", "[5]"),
        ("漢字-1", "漢字-2", "漢字-[1]"),
    ],
)
def test_the_difference_inside_of_a_value_is_marked(one, two, marked):
    first, second = sorted(held(change("config/app#a", side(one), side(two))), key=lambda each: each.members)
    told = "".join(f"[{text}]" if piece == "differs" else text for piece, text in parts(first, second))
    assert told == marked


def test_a_value_that_was_shortened_is_whole_when_unfolded():
    long = "/opt/" + "x" * 300
    difference = change("config/app#path", side(f"{long}/one"), side(f"{long}/two"))
    out = body(pair_of(difference))
    assert f"{long}/one" in out
    assert 'class="detail cut"' in out


def test_a_finding_that_is_waived_here_and_open_there_is_told_twice():
    report = stage_report()
    effects = tuple(Effect(target=label, rule=VISION, fingerprint="5d1c8a2f00b7e341") for label in ("staging", "prod"))
    torch = drift_of(report).changes[0].replace(effects=effects)
    findings = (vision_finding("staging", status="waived"), vision_finding("prod"))
    out = body(report.replace(findings=findings, drift=drift_of(report).replace(changes=(torch,))))
    assert "What it breaks" in out
    assert "What else comes of it" in out
    assert len(re.findall(r'id="finding-\d+"', out)) == 2


def test_without_a_difference_there_is_nothing_to_filter():
    out = body(same_report())
    assert "Every key that was compared is the same." in out
    assert 'id="find"' not in out
    assert "Nothing could be compared." in body(pair_of(compared=0))


def test_a_whole_kind_that_is_not_known_says_how_many_keys_the_others_have():
    gap = change("package", side(484), side(None, state="unknown", reason="site-packages cannot be read"))
    gap = gap.replace(form="undetermined", groups=())
    out = body(pair_of(gap))
    assert "484 keys" in out
    assert "site-packages cannot be read" in out
