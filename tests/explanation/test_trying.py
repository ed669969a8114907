"""The fixes of a cause are tried on the environment: what they would break is told, and never called safe."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.environments import add_package, make_venv
from tests.program import envcheck

RULES = """
id: hammer-too-old
scope: failure
severity: error
summary: The hammer is too old.
why: Heads came with 2.0.
match: 'hammer (?P<has>[.\\d]+) has no head'
confirm: {package/hammer: "<2"}
message: "hammer {m.has} has no head"
cause: dependency-too-old
subjects: [hammer]
fixes:
  - {install: "hammer==2.0", safety: safe}
  - {run: "pip install nails", safety: safe}
sources: ["https://example.org/hammers"]
examples:
  - {log: "Error: hammer 1.0 has no head", expect: finding}
  - {log: "hammer 2.0 has a head", expect: none}
"""
LOG = "Error: hammer 1.0 has no head\n"


def told(folder: Path, *words: str) -> dict[str, Any]:
    (folder / "mine").mkdir(exist_ok=True)
    (folder / "mine" / "hammer.yaml").write_text(RULES)
    (folder / "a.log").write_text(LOG)
    ended = envcheck("explain", "a.log", "--rules", "mine", "--format", "json", *words, cwd=folder)
    assert ended.returncode == 0, ended.stderr
    causes: list[dict[str, Any]] = json.loads(ended.stdout)["causes"]
    (cause,) = (one for one in causes if one["rule"] == "hammer-too-old")
    return cause


def fix(cause: dict[str, Any], title: str) -> dict[str, Any]:
    (found,) = (one for one in cause["fixes"] if one["title"] == title)
    return dict(found)


@pytest.fixture
def prefix(tmp_path: Path) -> Path:
    return make_venv(tmp_path / "venv", {"hammer": "1.0"})


def test_a_fix_that_settles_the_cause_says_so(tmp_path: Path, prefix: Path) -> None:
    cause = told(tmp_path, "--target", f"python:{prefix}")
    assert cause["confidence"] == "confirmed"
    found = fix(cause, "install hammer 2.0")
    assert (found["safety"], found["tried"], found["raises"]) == ("safe", "resolves", [])
    assert found["commands"] == [f"{prefix}/bin/python3.11 -m pip install hammer==2.0"] or found["commands"] == [
        f"{prefix}/bin/python -m pip install hammer==2.0"
    ]


def test_a_fix_that_breaks_what_another_package_requires_is_not_safe(tmp_path: Path, prefix: Path) -> None:
    add_package(prefix, "toolbox", "1.0", requires=("hammer<2",))
    cause = told(tmp_path, "--target", f"python:{prefix}")
    found = fix(cause, "install hammer 2.0")
    assert found["safety"] == "unsafe"
    assert found["raises"]
    assert cause["fixes"][0]["title"] == "run", "what breaks nothing comes first"
    page = envcheck("explain", "a.log", "--rules", "mine", "--target", f"python:{prefix}", cwd=tmp_path).stdout
    assert f"would raise {found['raises'][0]}" in " ".join(page.split())


def test_commands_are_those_of_the_environment(tmp_path: Path, prefix: Path) -> None:
    (command,) = fix(told(tmp_path, "--target", f"python:{prefix}"), "run")["commands"]
    assert command.startswith(f"{prefix}/bin/python")
    assert command.endswith(" -m pip install nails")


def test_without_an_environment_nothing_is_tried(tmp_path: Path) -> None:
    found = fix(told(tmp_path), "install hammer 2.0")
    assert (found["safety"], found["tried"], found["raises"]) == ("safe", "not tried", [])
    assert found["commands"] == ["python -m pip install hammer==2.0"]
