"""The public interface: every name is there, is documented, and costs nothing until it is used."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

import pytest

import envcheck

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize("name", envcheck.__all__)
def test_every_public_name_is_there(name: str) -> None:
    assert getattr(envcheck, name) is getattr(envcheck, name)
    assert name in dir(envcheck)


@pytest.mark.parametrize("name", envcheck.__all__)
def test_every_public_name_is_documented(name: str) -> None:
    assert f"`{name}`" in (ROOT / "docs" / "api.md").read_text(encoding="utf-8")


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        envcheck.nonsense  # noqa: B018


def test_functions_are_not_displaced_by_modules_of_their_name() -> None:
    for name in ("envcheck.pipeline", "envcheck.gate", "envcheck.derive"):
        import_module(name)
    assert callable(envcheck.derive)
    assert callable(envcheck.gate)


def test_the_version_is_that_of_the_distribution() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["version"] == envcheck.__version__
    assert project["name"] == "envcheck-ml"


def test_importing_the_package_imports_no_dependency() -> None:
    code = "import sys, envcheck; print(*sys.modules)"
    ended = subprocess.run(
        [sys.executable, "-S", "-c", code],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert not {"msgspec", "yaml", "typer", "jinja2", "packaging", "re", "typing"} & set(ended.stdout.split())


def test_a_description_is_judged_without_the_command_line(tmp_path: Path) -> None:
    description = tmp_path / "described.yaml"
    description.write_text("package/torch: 2.4.0+cu121\npackage/torchvision: 0.14.0\n", encoding="utf-8")
    snapshot = envcheck.collect(f"facts:{description}", cwd=str(tmp_path), environ={})
    report = envcheck.evaluate([snapshot], envcheck.load_rules(cached=False))
    assert envcheck.gate(report) == 1
    assert [finding.rule for finding in report.findings if finding.severity == "error"] == [
        "torchvision-built-for-other-torch"
    ]


@pytest.mark.parametrize("merge", [envcheck.merge_reports, envcheck.merge_snapshots])
def test_nothing_to_merge_is_a_usage_error(merge: Callable[[list[object]], object]) -> None:
    with pytest.raises(envcheck.UsageError, match="to merge"):
        merge([])
