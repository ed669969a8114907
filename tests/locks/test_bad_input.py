"""Whatever a file holds, it is read, or refused with a problem and a line; nothing else happens."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from envcheck import snapshots
from envcheck.formats.tree import FormatError
from envcheck.locks import FORMATS, read
from envcheck.locks.facts import Source, facts_of
from envcheck.model.facts import Facts, Snapshot

FILES = Path(__file__).parent / "files"
GENUINE = {
    "requirements": "compiled.txt",
    "pylock.toml": "pylock.toml",
    "uv.lock": "uv.lock",
    "poetry.lock": "poetry.lock",
    "Pipfile.lock": "Pipfile.lock",
    "conda-lock.yml": "conda-lock.yml",
    "conda explicit list": "conda-linux-64.lock",
    "CycloneDX JSON": "bom.json",
    "CycloneDX XML": "bom.xml",
    "SPDX JSON": "click.spdx.json",
    "SPDX tag-value": "click.spdx",
}
BAD = {
    "empty": "",
    "blank": " \n\t\n",
    "binary": "\x00\x01\x7fELF\x02",
    "escaped surrogates": '{"_meta": {}, "default": {"a\\ud800": {"version": "==1\\udfff"}}}',
    "many empty lines": "\n" * 100_000,
    "many blanks": "a" + " " * 100_000 + "b",
    "many stages": "FROM a\n" * 2000,
    "many words before": "FROM a\nRUN " + "sudo " * 50_000 + "pip install b==1\n",
    "many continued lines": "FROM a\nRUN pip install \\\n" + "  b==1 \\\n" * 5000,
    "many brackets": "dependencies:\n- a=" + "[" * 50_000 + "\n",
    "one bracket": "[",
    "nested lists": "[" * 20_000,
    "nested mappings": '{"a":' * 20_000,
    "nested blocks": "- " * 20_000,
    "a long line": "a" * 200_000,
    "a scalar": "42",
    "a list": "[1, 2]",
    "null": "null",
    "unicode": "\u202ename = '\U0001f4a9'\n\u2028x==1\n",
    "carriage returns": "a==1\r\rb==2\r",
    "many continuations": "\\\n" * 5000,
    "quotes": "\"'" * 5000,
    "dollars": "${" * 5000,
    "a yaml bomb": "a: &a [x,x]\nb: &b [*a,*a]\nc: &c [*b,*b]\ndependencies: [*c,*c]\npackage: [*c]\n",
}


def make(text: str, format_: str) -> None:
    facts, coverage = facts_of([Source(path="f", declaration=read(text, format_))], None)
    made = Snapshot(label="x", address="x", facts=facts, derived=Facts(), coverage=coverage)
    assert snapshots.from_json(snapshots.to_json(made).encode(), "x") == made


@pytest.mark.parametrize("format_", sorted(FORMATS))
@pytest.mark.parametrize("bad", sorted(BAD))
def test_bad_input_is_read_or_refused(format_: str, bad: str) -> None:
    with suppress(FormatError):
        make(BAD[bad], format_)


@given(
    st.sampled_from(sorted(GENUINE)),
    st.lists(
        st.tuples(st.floats(0, 1), st.integers(0, 40), st.sampled_from(["", "=", '"', "[", "{", "\n", "\\", ":", "é"]))
    ),
)
@settings(max_examples=150)
def test_a_damaged_genuine_file_is_read_or_refused(format_: str, cuts: list[tuple[float, int, str]]) -> None:
    text = (FILES / GENUINE[format_]).read_text()
    for place, length, instead in cuts:
        at = int(place * len(text))
        text = text[:at] + instead + text[at + length :]
    with suppress(FormatError):
        make(text, format_)


@given(st.sampled_from(sorted(FORMATS)), st.text(alphabet="ab=<>!~;@[](){}'\"\\\n -#:/,.$0123=RUNFOMpip", max_size=60))
@settings(max_examples=300)
def test_any_text_is_read_or_refused(format_: str, text: str) -> None:
    with suppress(FormatError):
        make(("FROM x\n" if format_ == "Dockerfile" else "") + text, format_)
