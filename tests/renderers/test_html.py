"""The page as text: its policy, that everything is escaped, and that all of the report is in it."""

from __future__ import annotations

import base64
import hashlib
import re
from html.parser import HTMLParser
from itertools import pairwise

from envcheck.renderers.html import render
from tests.renderers.broken_host import sample_snapshot
from tests.renderers.demanding import HOSTILE

VOID = {"meta", "input", "br", "link", "img"}


class Page(HTMLParser):
    """Collects the elements and complains about unbalanced ones."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.found if name == tag]


def test_the_policy_allows_the_page_its_own_style_and_script_alone(sample):
    out = render(sample)
    policy = next(entry["content"] for entry in Page(out).all("meta") if "http-equiv" in entry) or ""
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy
    assert "*" not in policy
    for tag in ("style", "script"):
        inside = re.findall(f"<{tag}>(.*?)</{tag}>", out, flags=re.DOTALL)
        assert len(inside) == 1
        digest = base64.b64encode(hashlib.sha256(inside[0].encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy


def test_the_page_loads_nothing(sample):
    page = Page(render(sample))
    assert not page.open
    assert {tag for tag, _ in page.found} & {"link", "img", "iframe", "object", "form", "base"} == set()
    for _, attributes in page.found:
        assert "src" not in attributes
        assert "style" not in attributes
        assert not [name for name in attributes if name.startswith("on")]


def test_everything_hostile_is_text(hostile, sample):
    page = Page(render(hostile))
    assert not page.open
    assert {tag for tag, _ in page.found} <= {tag for tag, _ in Page(render(sample)).found}
    for link in page.all("a"):
        assert (link["href"] or "").startswith(("#", "https://", "http://"))
    out = render(hostile)
    assert "\u202e" not in out
    assert "\x1b" not in out
    assert "{{ 7 * 7 }}" in out
    assert "&lt;script&gt;window.hacked=1&lt;/script&gt;" in out


def test_all_of_the_report_is_there(sample):
    out = render(sample)
    for finding in sample.findings:
        assert f"<code>{finding.rule}</code>" in out
        assert finding.fingerprint in out
    for entry in sample.undecided:
        assert entry.summary in out
    for fact in sample_snapshot().facts:
        assert fact.origin in out
    assert "METADATA ends in the middle of a header" in out
    assert "would raise torch-without-numpy2, requirement-unsatisfied" in out


def test_identifiers_are_unique_and_links_meet_them(large):
    page = Page(render(large))
    identifiers = [attributes["id"] for _, attributes in page.found if attributes.get("id")]
    assert len(identifiers) == len(set(identifiers))
    for link in page.all("a"):
        target = link["href"] or ""
        assert not target.startswith("#") or target[1:] in identifiers


def test_headings_never_skip_a_level(sample):
    levels = [int(tag[1]) for tag, _ in Page(render(sample)).found if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_errors_stand_open_and_many_alike_do_not(sample, large):
    details = [entry for entry in Page(render(sample)).all("details") if "data-rule" in entry]
    assert [entry["data-severity"] for entry in details if "open" in entry] == ["error", "error"]
    assert len([entry for entry in Page(render(large)).all("details") if "data-rule" in entry]) == 500


def test_a_healthy_host_and_one_without_facts(healthy):
    assert "No problem was found." in render(healthy)
    assert "No rule found a problem." in render(healthy)
    assert "No environment was read." in render(healthy.replace(snapshots=()))


def test_several_environments_are_told_apart(sample):
    other = sample_snapshot().replace(label="serve", chosen="the second one")
    out = render(sample.replace(snapshots=(*sample.snapshots, other)))
    assert "the second one" in out
    assert "<h3>serve</h3>" in out
    assert "<span>in <code>train</code></span>" in out


def test_a_package_has_the_badge_of_its_worst_finding_here(sample):
    mild = sample.findings[2].replace(subjects=("torch",))
    other = sample.findings[1].replace(subjects=("click",), target="elsewhere")
    out = render(sample.replace(findings=(mild, sample.findings[0], other)))
    assert '<td>torch</td><td class="value">2.11.0</td><td>pip</td><td><a class="badge error" href="#finding-2">' in out
    assert '<td>click</td><td class="value">8.1.8</td><td>pip</td><td></td>' in out


def test_a_cause_is_listed_once_and_facts_are_counted_as_facts(sample):
    out = render(sample)
    contents = out[out.index('<nav class="contents"') : out.index("</nav>")]
    assert contents.count("dependency-too-new") == 1
    assert '<span class="number">3, 1 waived</span>' in contents
    assert " facts</span>" in out


def test_reasons_are_not_repeated_and_what_is_not_mentioned_is_folded(sample):
    described = sample.snapshots[0].replace(address="facts:env.yaml")
    missing = (("host#a", "the same reason"), ("host#b", "the same reason"))
    entry = sample.undecided[0].replace(missing=missing)
    near = entry.replace(rule="near", known=("host#c",))
    out = render(sample.replace(snapshots=(described,), findings=(), undecided=(entry, near)))
    assert out.count("<td>the same reason</td>") == 2
    assert "1 rule about what is not mentioned" in out
    assert out.index("<code>near</code>") < out.index('<details class="kind">')


def test_a_suspicion_says_what_is_missing(sample):
    finding = sample.findings[0].replace(confidence="suspected", missing=(("host#wsl", "not looked for"),))
    out = render(sample.replace(findings=(finding,)))
    assert "suspected, not known: host#wsl (not looked for)" in out


def test_hostile_names_are_all_shown(hostile):
    out = render(hostile)
    assert out.count('class="finding ') == len(HOSTILE)
