"""`envcheck explain` and `envcheck run` as their users call them: formats, environments, conversation, exit codes."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.environments import make_venv
from tests.program import CHECKOUT, envcheck, program

RULES = """
id: thing-missing
scope: failure
severity: error
summary: The thing is not there.
why: Nothing provides it.
match: "no such thing: (?P<thing>[\\\\w-]+)"
sure: likely
confirm: {"package/{m.thing}": absent}
message: "{m.thing} <b>is</b> not there"
cause: missing-package
subjects: ["{m.thing}"]
fixes: [{install: "{m.thing}", safety: safe}]
sources: ["https://example.org/things"]
examples:
  - {log: "Error: no such thing: hammer", expect: finding}
  - {log: "no such luck", expect: none}
"""
LOG = "starting\nError: no such thing: hammer \x1b[31m<script>alert(1)</script>\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thing.yaml").write_text(RULES)
    (tmp_path / "a.log").write_text(LOG)
    return tmp_path


def explained(*words: str, cwd: Path) -> dict[str, Any]:
    ended = envcheck("explain", *words, "--rules", "mine", "--format", "json", cwd=cwd)
    assert ended.returncode == 0, ended.stderr
    told: dict[str, Any] = json.loads(ended.stdout)
    return told


def causes(told: dict[str, Any]) -> list[dict[str, Any]]:
    return [cause for cause in told["causes"] if cause["rule"] == "thing-missing"]


def test_the_json_has_what_is_promised(folder: Path) -> None:
    told = explained("a.log", cwd=folder)
    (cause,) = causes(told)
    assert told["schema"] == 1
    assert (cause["cause"], cause["confidence"], cause["subjects"]) == ("missing-package", "likely", ["hammer"])
    assert cause["ruled_out"] is False
    assert cause["evidence"][0]["origin"] == "line 2"
    (fix,) = cause["fixes"]
    assert fix["commands"] == ["python -m pip install hammer"]
    assert fix["safety"] == "safe"
    assert told["ask"] == "python -m pip show hammer"
    assert told["understood"]["lines"] == 2


@pytest.mark.parametrize(
    ("packages", "confidence", "ruled_out"), [({}, "confirmed", False), ({"hammer": "1.0"}, "likely", True)]
)
def test_an_environment_confirms_or_rules_out(
    folder: Path, packages: dict[str, str], confidence: str, *, ruled_out: bool
) -> None:
    prefix = make_venv(folder / "venv", packages)
    told = explained("a.log", "--target", f"python:{prefix}", cwd=folder)
    (cause,) = causes(told)
    assert (cause["confidence"], cause["ruled_out"]) == (confidence, ruled_out)
    assert told["chosen"] == "named by --target"


def test_an_environment_of_this_machine_is_used_where_the_log_shows_its_files(folder: Path) -> None:
    prefix = make_venv(folder / "venv", {})
    (site,) = Path(prefix).glob("lib/python*/site-packages")
    (site / "mine.py").write_text("use('hammer')\n")
    trace = f"Traceback (most recent call last):\n  File \"{site}/mine.py\", line 1, in <module>\n    use('hammer')\n"
    (folder / "b.log").write_text(f"{trace}RuntimeError: no such thing: hammer\n")
    told = explained("b.log", cwd=folder)
    assert told["environment"] == f"python:{prefix}"
    assert causes(told)[0]["confidence"] == "confirmed"
    (site / "mine.py").write_text("something else\n")
    assert explained("b.log", cwd=folder)["environment"] == ""


@pytest.mark.parametrize("name", ["text", "markdown", "html"])
def test_every_format_tells_the_cause_and_nothing_of_the_log_acts(folder: Path, name: str) -> None:
    ended = envcheck("explain", "a.log", "--rules", "mine", "--format", name, cwd=folder)
    assert ended.returncode == 0
    assert "hammer" in ended.stdout
    assert "pip install hammer" in ended.stdout
    assert "\x1b" not in ended.stdout
    plain = re.sub("`[^`]*`", "", ended.stdout)  # in a code span nothing acts
    assert (name == "text") == ("<b>is</b>" in plain)
    assert (name == "text") == ("<script>alert" in plain)


def test_files_are_written_beside(folder: Path) -> None:
    ended = envcheck("explain", "a.log", "--rules", "mine", "-o", "e.html", "-o", "e.json", cwd=folder)
    assert ended.returncode == 0
    assert (folder / "e.html").read_text().startswith("<!doctype html>")
    assert json.loads((folder / "e.json").read_text())["schema"] == 1


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("missing.log",), 2, "cannot be read"),
        (("/",), 2, "cannot be read"),
        (("/dev/null",), 2, "is no file to read"),
        (("a.log", "-o", "x.sarif"), 2, "there is no sarif of this"),
        (("a.log", "--format", "pdf"), 2, ""),
        (("a.log", "--target", "facts:missing.yaml"), 3, "missing.yaml"),
    ],
)
def test_what_cannot_be_done_is_one_clear_message(folder: Path, words: tuple[str, ...], code: int, said: str) -> None:
    ended = envcheck("explain", *words, cwd=folder)
    assert ended.returncode == code
    assert said in ended.stderr
    assert ended.stdout == ""


def test_with_no_idea_it_says_so_and_what_it_understood(folder: Path) -> None:
    (folder / "c.log").write_text("ZebraError: stripes are not aligned\n")
    ended = envcheck("explain", "c.log", cwd=folder)
    assert ended.returncode == 0
    assert "No known cause fits." in ended.stdout
    assert "ZebraError: stripes are not aligned" in ended.stdout


def test_standard_input_is_read_where_no_log_is_named(folder: Path) -> None:
    for words in ((), ("-",)):
        ended = subprocess.run(
            [sys.executable, "-m", "envcheck", "explain", *words, "--rules", "mine"],
            input=LOG,
            cwd=folder,
            env={**os.environ, "PYTHONPATH": CHECKOUT},
            capture_output=True,
            text=True,
            check=False,
        )
        assert "hammer <b>is</b> not there" in ended.stdout


@pytest.mark.parametrize(
    ("script", "code", "out"),
    [
        ("print('fine')", 0, "fine\n"),
        ("import sys; print('out'); sys.exit('Error: no such thing: hammer')", 1, "out\n"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", 137, ""),
        ("import sys; print(sys.stdin.read(), end=''); sys.exit(7)", 7, ""),
    ],
)
def test_a_command_keeps_its_output_and_its_code(folder: Path, script: str, code: int, out: str) -> None:
    ended = program("run", "--rules", "mine", "--", sys.executable, "-c", script, cwd=folder)
    assert (ended.returncode, ended.stdout) == (code, out)
    assert ("hammer <b>is</b> not there" in ended.stderr) == ("hammer" in script)
    assert ("failure" in ended.stderr) == (code != 0)


def test_a_command_that_is_not_there_ends_as_in_a_shell(folder: Path) -> None:
    (folder / "plain").write_text("")
    assert envcheck("run", "--", "./missing", cwd=folder).returncode == 127
    assert envcheck("run", "--", "./plain", cwd=folder).returncode == 126
    assert envcheck("run", cwd=folder).returncode == 2


def test_a_person_pastes_and_asks(folder: Path) -> None:
    prefix = make_venv(folder / "venv", {})
    words = [sys.executable, "-m", "envcheck", "explain", "--rules", "mine", "--target", f"python:{prefix}"]
    environ = {**os.environ, "PYTHONPATH": CHECKOUT, "TERM": "dumb"}
    ours, theirs = pty.openpty()
    child = subprocess.Popen(
        words, stdin=theirs, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=folder, env=environ
    )
    os.close(theirs)
    for said in ("Error: no such thing: hammer\n", "\x04", "e\n", "a\n", "f\n", "c\n", "q\n"):
        os.write(ours, said.encode())
    out, _ = child.communicate(timeout=60)
    os.close(ours)
    told = out.decode()
    assert child.returncode == 0
    assert told.count("hammer <b>is</b> not there") == 2
    assert "There is no other cause." in told
    assert "https://example.org/things" in told
    assert "still confirmed: hammer" in told
