"""`envcheck rules`: what is listed and shown, and the examples of one's own files as their test."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.program import envcheck

RULE = """
id: {id}
scope: failure
severity: error
summary: It is.
why: It has to be.
match: "no such (?P<what>thing)"
message: no {{m.what}}
cause: missing-package
sources: ["https://example.org"]
examples:
  - {{log: "{log}", expect: finding}}
  - {{log: nothing, expect: none}}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "good.yaml").write_text(RULE.format(id="good", log="no such thing"))
    return tmp_path


def test_the_examples_of_a_folder_or_a_file_are_run_alone(folder: Path) -> None:
    for where in ("mine", "mine/good.yaml"):
        ended = envcheck("rules", "test", where, cwd=folder)
        assert (ended.returncode, ended.stdout) == (0, "1 rules, 2 examples, 0 failed\n")


def test_an_example_that_does_not_hold_is_told(folder: Path) -> None:
    (folder / "mine" / "bad.yaml").write_text(RULE.format(id="bad", log="no such luck"))
    ended = envcheck("rules", "test", "mine", cwd=folder)
    assert ended.returncode == 1
    assert "bad: example 1: wanted finding, got none" in ended.stderr
    assert "2 rules, 4 examples, 1 failed" in ended.stdout


def test_a_broken_file_is_told_and_the_others_are_tested(folder: Path) -> None:
    (folder / "mine" / "broken.yaml").write_text(
        RULE.format(id="broken", log="x").replace("(?P<what>thing)", "(?P<what>")
    )
    ended = envcheck("rules", "test", "mine", cwd=folder)
    assert ended.returncode == 2
    assert "mine/broken.yaml:7: match.0: no regular expression" in ended.stderr
    assert "1 rules, 2 examples, 0 failed" in ended.stdout


def test_a_rule_is_shown_with_the_logs_of_its_examples(folder: Path) -> None:
    ended = envcheck("rules", "show", "good", "--rules", "mine", cwd=folder)
    assert ended.returncode == 0
    assert "error, failure, cause missing-package" in ended.stdout
    assert "finding    'no such thing'" in ended.stdout
