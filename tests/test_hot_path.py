"""Start-up is most of a check's time: what the usual calls import is part of what they promise."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.environments import make_venv

ROOT = Path(__file__).parents[1]
HEAVY = (
    *("typer", "click", "rich", "pydantic", "msgspec", "yaml", "packaging", "jinja2"),
    *("asyncio", "collections", "concurrent", "contextlib", "csv", "dataclasses", "datetime", "email", "enum"),
    *("functools", "importlib.metadata", "inspect", "json", "logging", "pathlib", "re", "shutil", "ssl"),
    *("subprocess", "tempfile", "threading", "typing", "urllib", "zipfile"),
)
# As an installed console script does it, but for the `import re` that pip writes into its own.
PROGRAM = """
import sys
before = set(sys.modules)
from envcheck.cli import main
code = main(sys.argv[1:])
print("\\n".join(sorted(set(sys.modules) - before)), file=sys.stderr)
sys.exit(code)
"""


def imported_by(*words: str, home: Path) -> set[str]:
    """Return the modules that a call imports once the rules are cached."""
    home.mkdir(exist_ok=True)
    environ = {"HOME": str(home), "PATH": os.defpath, "PYTHONPATH": str(ROOT), "XDG_CACHE_HOME": str(home / "cache")}
    for _ in range(2):
        ended = subprocess.run(
            [sys.executable, "-c", PROGRAM, *words], env=environ, cwd=home, capture_output=True, text=True, check=False
        )
        assert ended.returncode in (0, 1, 3), ended.stderr
        assert "Traceback" not in ended.stderr, ended.stderr
    return set(ended.stderr.split())


@pytest.mark.parametrize("words", [(), ("--quick",), ("--fail-on", "never"), ("--format=text",)], ids=" ".join)
def test_a_check_of_an_environment_imports_nothing_heavy(tmp_path: Path, words: tuple[str, ...]) -> None:
    packages = {"torch": "2.4.0", "torchvision": "0.19.0", "numpy": "2.0.1"}
    prefix = make_venv(tmp_path / "venv", packages)
    imported = imported_by("check", f"python:{prefix}", *words, home=tmp_path / "home")
    assert "envcheck.pipeline" in imported
    assert imported & set(HEAVY) == set()


def test_a_snapshot_imports_no_more_than_what_writes_json(tmp_path: Path) -> None:
    prefix = make_venv(tmp_path / "venv", {"requests": "2.32.0"})
    imported = imported_by("snapshot", f"python:{prefix}", "-o", "seen.json", home=tmp_path / "home")
    assert imported & {"typer", "click", "rich", "yaml", "jinja2", "subprocess", "importlib.metadata"} == set()


def test_the_command_line_alone_imports_next_to_nothing(tmp_path: Path) -> None:
    tmp_path.joinpath("described.yaml").write_text("package/torch: 2.4.0\n", encoding="utf-8")
    imported = imported_by("check", f"facts:{tmp_path / 'described.yaml'}", home=tmp_path / "home")
    assert imported & {"typer", "click", "rich", "jinja2", "subprocess", "importlib.metadata", "asyncio"} == set()


def test_an_explanation_imports_nothing_that_its_answer_does_not_need(tmp_path: Path) -> None:
    log = tmp_path / "a.log"
    log.write_text("ModuleNotFoundError: No module named 'cv2'\n", encoding="utf-8")
    imported = imported_by("explain", str(log), home=tmp_path / "home")
    heavy = {"typer", "click", "rich", "yaml", "msgspec", "jinja2", "packaging", "subprocess", "importlib.metadata"}
    assert "envcheck.engine.failures" in imported
    assert (
        imported & (heavy | {"asyncio", "email", "ssl", "pathlib", "dataclasses", "envcheck.engine.patterns"}) == set()
    )


def test_a_check_knows_nothing_of_failures(tmp_path: Path) -> None:
    prefix = make_venv(tmp_path / "venv", {"torch": "2.4.0"})
    imported = imported_by("check", f"python:{prefix}", home=tmp_path / "home")
    assert not [name for name in imported if name.startswith(("envcheck.failures", "envcheck.explanation"))]
    assert "envcheck.engine.failures" not in imported
