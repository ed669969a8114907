"""The documentation is true: generated pages are current, commands and code in it are run, links lead somewhere."""

from __future__ import annotations

import contextlib
import io
import os
import re
import runpy
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGES = sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "README.md", *(ROOT / "docs").rglob("*.md")))
_FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\]\(([^)\s]+)\)|src=\"([^\"]+)\"")


def text(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


def fences(language: str, *pages: str) -> list[tuple[str, str]]:
    return [(page, body) for page in pages for found, body in _FENCE.findall(text(page)) if found == language]


@pytest.mark.parametrize("name", ["facts.md", "cli.md", "rules.md", "rule.schema.json"])
def test_a_generated_page_is_current(name: str, generated: dict[str, str]) -> None:
    assert (ROOT / "docs" / name).read_text(encoding="utf-8") == generated[name], "run `python3 make.py docs`"


def test_every_pack_has_its_page_and_no_page_is_left_over(generated: dict[str, str]) -> None:
    held = {f"rules/{path.name}": path.read_text(encoding="utf-8") for path in (ROOT / "docs" / "rules").iterdir()}
    assert held == {name: page for name, page in generated.items() if name.startswith("rules/")}


@pytest.fixture(scope="module")
def generated() -> dict[str, str]:
    pages: dict[str, str] = runpy.run_path(str(ROOT / "docs" / "build.py"))["pages"]()
    return pages


def console_calls() -> list[tuple[str, str, str]]:
    """Return (page, command, output) of every call with its output; a last line `…` stands for the rest of it."""
    found = []
    for page, body in fences("console", "README.md", "docs/api.md"):
        for part in re.split(r"^\$ ", body, flags=re.MULTILINE)[1:]:
            command, _, output = part.partition("\n")
            if output.strip():
                found.append((page, command, output))
    return found


@pytest.mark.parametrize(("page", "command", "output"), console_calls(), ids=[call[1] for call in console_calls()])
def test_a_command_prints_what_the_page_says(page: str, command: str, output: str, tmp_path: Path) -> None:
    program, *words = shlex.split(command)
    assert program == "envcheck", f"{page}: only envcheck is run here"
    ended = subprocess.run(
        [sys.executable, "-m", "envcheck", *words],
        cwd=ROOT,
        env={"PATH": os.defpath, "HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path), "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Traceback" not in ended.stderr, ended.stderr
    said, wanted = _lines(ended.stdout), _lines(output)
    if wanted[-1] == "…":
        said, wanted = said[: len(wanted) - 1], wanted[:-1]
    assert said == wanted


def _lines(output: str) -> list[str]:
    return [line.rstrip() for line in output.strip("\n").splitlines()]


def python_blocks() -> list[tuple[str, str]]:
    return fences("python", "README.md", "docs/api.md")


@pytest.mark.parametrize(("page", "code"), python_blocks(), ids=[page for page, _ in python_blocks()])
def test_code_in_a_page_runs_and_prints_what_its_comments_say(
    page: str, code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(code, page, "exec"), {"__name__": "example"})  # noqa: S102  our own documentation
    said = [line.partition("  # ")[2] for line in code.splitlines() if "print(" in line]
    assert printed.getvalue().splitlines() == said


@pytest.mark.parametrize("page", PAGES)
def test_links_within_the_repository_lead_somewhere(page: str) -> None:
    targets = [one or other for one, other in _LINK.findall(_FENCE.sub("", text(page)))]
    inside = [target.partition("#")[0] for target in targets if "://" not in target and not target.startswith("#")]
    missing = [target for target in inside if not (ROOT / page).parent.joinpath(target).exists()]
    assert missing == []


def test_nobody_is_told_to_install_the_unrelated_distribution() -> None:
    wrong = re.compile(r"(?:install|uvx|run|add|inject)\s+(?:--\S+\s+)*envcheck(?![-_\w./])")
    assert [page for page in PAGES if wrong.search(text(page))] == []
