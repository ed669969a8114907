"""Logs that nobody meant well: huge, binary, full of bait; the answer is bounded, escaped and never a traceback."""

from __future__ import annotations

import gzip
import json
import os
import re
import socket
import subprocess
from html.parser import HTMLParser
from itertools import islice
from pathlib import Path

import pytest

from envcheck.failures import read
from tests.failures.answering import rulebook
from tests.program import envcheck, program

FORMATS = ("text", "json", "html", "markdown")
WIDE, LINE = 64 << 10, 4 << 10  # characters of a text, and of a line of it, that a pattern ever sees
FAILS = "plugin.Open({0}): realpath failed"
BAIT = "<script>alert(1)</script><img src=x onerror=alert(2)>|[x](javascript:alert(3))\x1b]0;mine\x07\x1b[31m"


def explained(tmp_path: Path, log: bytes, name: str = "text") -> subprocess.CompletedProcess[str]:
    (tmp_path / "a.log").write_bytes(log)
    ended = envcheck("explain", "a.log", "--format", name, cwd=tmp_path)
    assert ended.returncode == 0
    assert "Traceback" not in ended.stderr
    return ended


HOSTILE = {
    "empty": b"",
    "one end of line": b"\n",
    "NUL bytes": b"\0" * 5000 + b"\nModuleNotFoundError: No module named 'yaml'\0\n",
    "control characters": bytes(range(32)) * 300 + b"\x7f\x80\x9b31m",
    "escape sequences without end": b"\x1b[" * 9000 + b"\x1b]8;;" * 9000,
    "invalid UTF-8": b"\xff\xfe\xff\xc3\x28\xf0\x28\x8c\xbc\n" * 200,
    "surrogates": "\ud800 ModuleNotFoundError: No module named '\udfff'\n".encode("utf-8", "surrogatepass") * 50,
    "right to left": "\u202eError: \u2066x\n".encode() * 99,
    "binary": bytes(range(256)) * 400,
    "compressed": gzip.compress(b"ModuleNotFoundError: No module named 'yaml'\n"),
    "carriage returns": b"\r".join(b"%d%%" % number for number in range(9000)),
    "template text": b"KeyError: '{m.x} {package/torch} {{ 7*7 }} %s %(x)s ${HOME}'\n",
}


@pytest.mark.parametrize("log", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.parametrize("name", FORMATS)
def test_any_bytes_are_answered_in_any_format(tmp_path, log, name):
    ended = explained(tmp_path, log, name)
    assert ended.stdout
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f\x80-\x9f\u202a-\u202e\u2066-\u2069]", ended.stdout)
    if name == "json":
        assert json.loads(ended.stdout)["causes"] is not None


@pytest.mark.parametrize("name", FORMATS)
def test_what_a_log_says_is_shown_and_never_acts(tmp_path, name):
    out = explained(tmp_path, FAILS.format(f'"{BAIT}"').encode(), name).stdout
    assert "alert" in out, "the rule names the file"
    assert "\x1b" not in out
    assert "\x07" not in out
    if name == "html":
        assert _alien(out) == []
    if name == "markdown":
        assert not re.search(r"<(?:script|img)|(?<!\\)\[x\]\(javascript", _without_code(out))


class _Tags(HTMLParser):
    """Collects what a page would run or load."""

    def __init__(self) -> None:
        super().__init__()
        self.scripts = 0
        self.alien: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.scripts += tag == "script"
        self.alien += [tag] * (tag == "img") + [name for name, _ in attrs if name.startswith("on")]
        self.alien += [str(value) for name, value in attrs if name in ("href", "src") and "javascript" in str(value)]


def _alien(page: str) -> list[str]:
    """Return what of a page is none of the renderer's: images, handlers, more scripts than its own one."""
    tags = _Tags()
    tags.feed(page)
    return [*tags.alien, *["script"] * (tags.scripts - 1)]


def _without_code(text: str) -> str:
    """Return Markdown without what stands in code, which is shown as it is."""
    return re.sub(r"(`+).+?\1", "", re.sub(r"(?m)^(```+|~~~+).*?^\1", "", text, flags=re.DOTALL))


def test_a_line_of_50_megabytes_is_read_within_bounds(tmp_path):
    line = b"x" * 25_000_000 + b" ModuleNotFoundError: No module named 'yaml' " + b"y" * 25_000_000
    failure = read((line[start : start + (1 << 20)] for start in range(0, len(line), 1 << 20)), "log")
    assert len(failure.text) < 1 << 20
    assert max(map(len, failure.text.split("\n"))) <= 2 * LINE
    ended = explained(tmp_path, line)
    assert len(ended.stdout) < 20_000


def test_a_million_events_give_an_answer_of_bounded_size(tmp_path):
    log = b"".join(b"ModuleNotFoundError: No module named 'a%d'\n" % number for number in range(100_000))
    ended = explained(tmp_path, log, "json")
    assert len(json.loads(ended.stdout)["causes"]) <= 12
    assert len(ended.stdout) < 1 << 20


def test_every_pattern_ends_on_text_made_to_mislead_it():
    """Repeat what each pattern looks for, alone and among what paths and names are made of, as long as it is read."""
    seen = 0
    for rule in rulebook().rules:
        for text, (literal, *_), *_ in rule.match:
            baits = (literal, f"{literal} /a.b:", f"a.b/{literal}'\n")
            lines = [(bait * (LINE // len(bait) + 1))[:LINE] + "\n" for bait in baits]
            wall = ("".join(lines) * (WIDE // (3 * LINE) + 1))[:WIDE]
            seen += sum(1 for _ in islice(re.compile(text, re.MULTILINE).finditer(wall), 99)) >= 0
    assert seen > 3000


def test_no_command_that_is_offered_holds_a_command_of_the_log(tmp_path):
    log = b"FileNotFoundError: [Errno 2] No such file or directory: '/x;$(reboot)|reboot;/pytorch_model.bin'\n"
    causes = json.loads(explained(tmp_path, log, "json").stdout)["causes"]
    commands = [command for cause in causes for fix in cause["fixes"] for command in fix["commands"]]
    assert causes
    assert not any(re.search(r"[;|(]\s*reboot", command) for command in commands), commands


@pytest.mark.parametrize("what", ["a folder", "nothing", "a socket", "a secret"])
def test_what_is_no_readable_file_is_told_in_one_sentence(tmp_path, what):
    path = tmp_path / "a.log"
    if what == "a folder":
        path.mkdir()
    elif what == "a socket":
        held = socket.socket(socket.AF_UNIX)
        try:
            held.bind(str(path))
        finally:
            held.close()
    elif what == "a secret":
        path.write_text("x")
        path.chmod(0)
        if os.access(path, os.R_OK):
            pytest.skip("this user may read everything")
    ended = program("explain", str(path), cwd=tmp_path)
    assert ended.returncode == 2
    assert ended.stderr.startswith("envcheck: ")
    assert not ended.stdout


def test_a_log_from_a_closed_pipe_is_read(tmp_path):
    ended = program("explain", "-", cwd=tmp_path)
    assert ended.returncode == 0
    assert ended.stdout
