"""Patterns of rules about failures: the literals that every match has, and what is refused as slow or empty."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envcheck.engine.patterns import read
from envcheck.engine.prefilter import Prefilter
from envcheck.errors import RuleError


@pytest.mark.parametrize(
    ("text", "literals"),
    [
        (r"No module named '(?P<m>[^']+)'", ("No module named '",)),
        (r"(?:foo bar|bazqux) \w+", ("bazqux", "foo bar")),
        (r"(?i)CUDA Error: (\d+)", ("cuda error: ",)),
        (r"[Ee]xit code \d+", ("Exit code ", "exit code ")),
        (r"a?bcdef{2}ghij?", ("bcde",)),
        (r"(?:\w+\.)+Error: \d", ("Error: ",)),
        (r"^undefined symbol$", ("undefined symbol",)),
        (r"(?:a(?:bcd|efg)h|wxyz)", None),
    ],
)
def test_the_literals_of_a_pattern_are_derived(text: str, literals: tuple[str, ...] | None) -> None:
    if literals is None:
        with pytest.raises(RuleError, match="no literal text"):
            read(text)
    else:
        assert read(text)[0][1] == literals


@pytest.mark.parametrize(
    ("text", "spans"),
    [
        (r"one line [^\n]*", False),
        (r"one line .*", False),
        (r"more\s+lines", True),
        (r"more[^']*lines", True),
        (r"more(?s:.{0,9})lines", True),
        (r"more\nlines", True),
    ],
)
def test_whether_a_match_can_go_over_lines_is_derived(text: str, *, spans: bool) -> None:
    assert read(text)[0][3] is spans


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("(unclosed", "no regular expression"),
        ("a|bcdefg", "no literal text"),
        (r"\d+ \w+", "no literal text"),
        (r"(a+)+bcdef", "in too many ways"),
        (r"(?:\w+\s?)*bcdef", "in too many ways"),
        (r"(?:\w+|\d)+bcdef", "in too many ways"),
        (r"(?:a|ab|b)*cdefgh", "in too many ways"),
        (r"abcde(?s:.*)x", "runs over every line"),
        (r"abcde[\s\S]*x", "runs over every line"),
        (r"(?s:.{0,9999})abcde", "runs over every line"),
        (r"[^\n]*?(?:[^\n]+) failed to", "begins with two repetitions"),
    ],
)
def test_what_is_slow_or_matches_everything_is_refused(text: str, problem: str) -> None:
    with pytest.raises(RuleError, match=problem):
        read(text)


@pytest.mark.parametrize(
    "text",
    [
        r"abcde(?:\n[ \t]*at [^\n]*)*",
        r"(?:\w+\.)*\w+Error: no",
        r"(?:, (?:\w+|'\w+'))*abcdef",
        r"abcde(?s:.{0,400}?)fghij",
        r"(?P<file>[^\s:]+): wrong ELF class",
    ],
)
def test_what_is_told_apart_is_accepted(text: str) -> None:
    assert read(text)[0][0] == text


_TEXT = st.text(alphabet="abcAB \n'", max_size=40)
_PATTERNS = [r"ab?c(?P<x>[^'\n]*)aaab", r"(?i)baab\s+\w", r"[aA]bca|cabb\n", r"(?:abab|baba)[ab]{0,3}'"]


@given(
    text=_TEXT,
    pattern=st.sampled_from(_PATTERNS),
    middle=st.sampled_from(["aaab", "BaAb x", "Abca", "cabb\n", "abab'"]),
)
def test_the_prefilter_hides_no_match(text: str, pattern: str, middle: str) -> None:
    text = text[: len(text) // 2] + middle + text[len(text) // 2 :]
    parsed, _ = read(pattern)
    prefilter = Prefilter(text)
    compiled = re.compile(pattern, re.MULTILINE)
    whole = {match.span() for match in compiled.finditer(text)}
    if not prefilter.may_match(parsed):
        assert not whole
        return
    seen = {match.span() for start, end in prefilter.windows(parsed) for match in compiled.finditer(text, start, end)}
    assert seen == whole


def test_letters_that_grow_in_lower_case_do_not_shift_places() -> None:
    text = "İİİİ NO MODULE here"
    parsed, _ = read(r"(?i)no module")
    (window,) = Prefilter(text).windows(parsed)
    found = re.compile(parsed[0]).search(text, *window)
    assert found is not None
    assert found[0] == "NO MODULE"
