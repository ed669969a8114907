"""`envcheck check --baseline`: only what is new counts."""

from __future__ import annotations

import json

import pytest

from tests.environments import add_package, make_venv
from tests.program import envcheck

RULE = "torchvision-built-for-other-torch"


@pytest.fixture
def folder(tmp_path):
    """Return a folder with a broken environment, its snapshot and its report."""
    make_venv(tmp_path / ".venv", {"torch": "2.4.0", "torchvision": "0.14.0"})
    envcheck("snapshot", "-o", "snapshot.json", cwd=tmp_path)
    envcheck("check", "-o", "report.json", cwd=tmp_path)
    return tmp_path


def statuses(folder, baseline: str) -> dict[str, str]:
    ended = envcheck("check", "--baseline", baseline, "--format", "json", cwd=folder)
    return {finding["rule"]: finding["status"] for finding in json.loads(ended.stdout)["findings"]}


@pytest.mark.parametrize("baseline", ["snapshot.json", "report.json"])
def test_what_the_baseline_has_is_known_and_does_not_fail(folder, baseline):
    ended = envcheck("check", "--baseline", baseline, cwd=folder)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert statuses(folder, baseline)[RULE] == "known"


@pytest.mark.parametrize("baseline", ["snapshot.json", "report.json"])
def test_what_is_new_fails(folder, baseline):
    add_package(folder / ".venv", "torchaudio", "2.1.0")
    ended = envcheck("check", "--baseline", baseline, cwd=folder)
    assert ended.returncode == 1
    held = statuses(folder, baseline)
    assert (held[RULE], held["torchaudio-built-for-other-torch"]) == ("known", "new")


def test_another_version_makes_it_new(folder):
    report = (folder / "report.json").read_text()
    (folder / "older.json").write_text(report.replace('"0.14.0"', '"0.13.0"'))
    assert statuses(folder, "older.json")[RULE] == "new"


def test_the_policy_may_count_what_is_known(folder):
    (folder / "envcheck.yaml").write_text("gate: {new_only: false}\n")
    assert envcheck("check", "--baseline", "report.json", cwd=folder).returncode == 1


@pytest.mark.parametrize(
    ("name", "code"), [("missing.json", 3), ("broken.json", 2), ("empty.json", 2), ("list.json", 2)]
)
def test_a_baseline_that_cannot_be_used_ends_the_check(folder, name, code):
    (folder / "broken.json").write_text("{")
    (folder / "empty.json").write_text("")
    (folder / "list.json").write_text("[1]")
    ended = envcheck("check", "--baseline", name, cwd=folder)
    assert (ended.returncode, ended.stdout) == (code, "")
    assert name in ended.stderr
