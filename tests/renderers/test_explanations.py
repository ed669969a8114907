"""Explanations in every format: the cause and its fix first, nothing too wide, nothing of the log that acts."""

from __future__ import annotations

import json
from html.parser import HTMLParser

import pytest

from envcheck.errors import UsageError
from envcheck.failures import read
from envcheck.model.explanation import Explanation, Suspect
from envcheck.model.reports import CONFIRMED, LIKELY, Evidence, Fix
from envcheck.renderers._explanations import FORMATS, render
from envcheck.renderers._printable import display_width
from tests.findings import finding

EVIL = "\x1b[31m\x9b2J<script>alert('1')</script>\u202e`$(id)`\n# head | cell & &amp; " + "wide 漢字 " * 40
LOG = f"one\nRuntimeError: {EVIL}\n"


def suspect(name: str, *, confidence: str = LIKELY, against: str = "", text: str = "") -> Suspect:
    fixes = (
        Fix(
            title="install torch 2.4.0",
            commands=(f"pip install 'torch {text}'",),
            text="",
            safety="safe",
            action="install",
        ),
        Fix(title="do", commands=(), text=f"Think. {text}", safety="unsafe"),
    )
    found = finding(name, subjects=("torch",)).replace(
        cause="missing-package",
        summary=f"Summary {text}",
        message=f"{name} is it {text}",
        why=f"Because. {text}",
        confidence=confidence,
        fixes=fixes,
        evidence=(Evidence(key="package/torch#version", value=f"2.3.0 {text}", origin=f"/srv/METADATA {text}"),),
        sources=("https://example.org/a", f"javascript:alert(1) {text}"),
    )
    return Suspect(
        finding=found,
        start=0,
        end=3,
        event=0,
        general=False,
        against=against,
        line=2,
        quote=f"RuntimeError: {text}\nmore",
    )


def explanation(*causes: Suspect, ask: str = "", chosen: str = "") -> Explanation:
    return Explanation(
        causes=causes,
        failure=read(LOG.encode(), f"train.log{EVIL}" if chosen else "train.log"),
        told=(),
        ask=ask,
        environment="python:/srv/venv" if chosen else "",
        chosen=chosen,
        tool="envcheck 0",
    )


HOSTILE = explanation(
    suspect("first", confidence=CONFIRMED, text=EVIL),
    suspect("second", text=EVIL),
    suspect("third", against=f"torch is {EVIL}", text=EVIL),
    ask=f"cat {EVIL}",
    chosen=EVIL,
)


def test_the_cause_its_fix_and_its_evidence_come_first() -> None:
    text = render(explanation(suspect("first"), suspect("second"), suspect("third", against="torch is here")), "text")
    order = [
        "first is it",
        "fix: pip install",
        "line 2: RuntimeError",
        "second is it",
        "not      Summary",
        "torch is here",
    ]
    assert [text.index(part) for part in order] == sorted(text.index(part) for part in order)


@pytest.mark.parametrize("width", [40, 80, 120])
def test_no_line_is_wider_than_asked_but_for_commands(width: int) -> None:
    for line in render(HOSTILE, "text", width=width).split("\n"):
        assert display_width(line) <= width or "pip install" in line or "To decide" in line


@pytest.mark.parametrize("name", FORMATS)
def test_nothing_of_the_log_steers_what_shows_it(name: str) -> None:
    told = render(HOSTILE, name)
    assert told.endswith("\n")
    assert all(letter.isprintable() or letter == "\n" for letter in told)


def test_the_page_has_no_element_of_the_log() -> None:
    seen: list[str] = []

    class Parser(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            seen.append(tag)
            assert not [value for name, value in attrs if name == "href" and (value or "").startswith("javascript")]

    Parser().feed(render(HOSTILE, "html"))
    assert seen.count("script") == 1


def test_the_json_is_whole() -> None:
    told = json.loads(render(HOSTILE, "json"))
    assert [cause["ruled_out"] for cause in told["causes"]] == [False, False, True]
    assert told["causes"][0]["message"] == f"first is it {EVIL}"


@pytest.mark.parametrize("name", FORMATS)
def test_with_no_idea_every_format_says_what_was_understood(name: str) -> None:
    told = render(explanation(), name)
    assert "RuntimeError" in told
    assert name == "json" or "No known cause fits" in told


def test_other_formats_are_refused() -> None:
    with pytest.raises(UsageError):
        render(explanation(), "sarif")
