"""Which Python environment is at hand."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import pytest

from envcheck.targets.local import open_here
from tests.environments import make_venv

if TYPE_CHECKING:
    from pathlib import Path


def program(prefix: Path) -> str:
    """Make the interpreter one that PATH finds; return its folder."""
    python = prefix / "bin" / "python3"
    python.unlink(missing_ok=True)
    python.write_text("")
    python.chmod(0o755)
    return str(python.parent)


def first_on_path(*prefixes: Path, cwd: Path) -> tuple[str, str]:
    target = open_here(str(cwd), {"PATH": os.pathsep.join(map(program, prefixes))})
    return (target.layout.prefix if target.layout else ""), target.chosen


@pytest.mark.parametrize("mark", ["tool/pipx_metadata.json", "tool/uv-receipt.toml", "../CACHEDIR.TAG"])
def test_the_environment_made_for_envcheck_alone_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mark: str
) -> None:
    folder = tmp_path / "cache" / "archive"
    tool, other = make_venv(folder / "tool"), make_venv(tmp_path / "other")
    (folder / mark).write_text("")
    monkeypatch.setattr(sys, "prefix", str(tool))
    prefix, chosen = first_on_path(tool, other, cwd=tmp_path)
    assert prefix == str(other)
    assert "after envcheck's own" in chosen
    assert open_here(str(tmp_path), {"PATH": program(tool)}).layout is None
    active = open_here(str(tmp_path), {"VIRTUAL_ENV": str(tool)}).layout
    assert active is not None
    assert active.prefix == str(tool)


def test_the_environment_of_a_pre_commit_hook_is_passed_over_although_it_is_active(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hook, project = make_venv(tmp_path / "hooks" / "py_env"), make_venv(tmp_path / "project" / ".venv")
    (hook / ".install_state_v2").write_text("")
    environ = {"VIRTUAL_ENV": str(hook), "PATH": program(hook)}
    monkeypatch.setattr(sys, "prefix", str(hook))
    layout = open_here(str(project.parent), environ).layout
    assert layout is not None
    assert layout.prefix == str(project)
    assert open_here(str(tmp_path), environ).layout is None
    monkeypatch.setattr(sys, "prefix", str(project))
    assert open_here(str(tmp_path), environ).chosen.endswith("(active: VIRTUAL_ENV is set)")


def test_an_environment_that_holds_envcheck_among_others_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shared, other = make_venv(tmp_path / "shared"), make_venv(tmp_path / "other")
    monkeypatch.setattr(sys, "prefix", str(shared))
    assert first_on_path(shared, other, cwd=tmp_path)[0] == str(shared)
