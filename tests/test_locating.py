"""Findings point into the repository where one of its files declares the distribution."""

from __future__ import annotations

from pathlib import Path

import pytest

from envcheck.locating import locate
from envcheck.model.reports import Evidence, Finding, Report
from envcheck.renderers import github
from tests.drift.seeing import seen

UV = """version = 1
requires-python = ">=3.11"

[[package]]
name = "torch"
version = "2.4.0"
source = { registry = "https://pypi.org/simple" }
"""


def report(address: str = ".", *subjects: str) -> Report:
    finding = Finding(
        rule="r",
        severity="error",
        cause="",
        subjects=subjects or ("torchvision", "torch"),
        summary="",
        message="it breaks",
        why="",
        evidence=(Evidence(key="package/torch#version", value="2.4.0", origin="/venv/torch/METADATA"),),
        fixes=(),
        sources=(),
        fingerprint="f",
        target="here",
    )
    snapshot = seen("here").replace(address=address)
    return Report(verdict="broken", findings=(finding,), undecided=(), snapshots=(snapshot,), rules=1, tool="envcheck")


def added(folder: Path, told: Report) -> list[tuple[str, str, str]]:
    (finding,) = locate(told, str(folder), {}).findings
    return [(entry.key, entry.value, entry.origin) for entry in finding.evidence[1:]]


@pytest.mark.parametrize(
    ("files", "lines"),
    [
        ({}, []),
        ({"requirements.txt": "numpy\ntorch==2.4.0\n"}, [("declared package/torch", "2.4.0", "requirements.txt:2")]),
        ({"requirements.txt": "torch>=2\n"}, [("declared package/torch", ">=2", "requirements.txt:1")]),
        (
            {"requirements.txt": "torch>=2\n", "uv.lock": UV},
            [("declared package/torch", "2.4.0", "uv.lock:4")],
        ),
        # The first subject that any file declares is where the mistake is mended.
        (
            {"requirements.txt": "torch==2.4.0\ntorchvision==0.14.0\n"},
            [("declared package/torchvision", "0.14.0", "requirements.txt:2")],
        ),
        ({"requirements.txt": "numpy\n"}, []),
        ({"uv.lock": "[", "requirements.txt": "torch\n"}, [("declared package/torch", ">=0", "requirements.txt:1")]),
    ],
)
def test_the_line_that_declares_a_distribution(
    tmp_path: Path, files: dict[str, str], lines: list[tuple[str, str, str]]
) -> None:
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    assert added(tmp_path, report()) == lines


def test_an_environment_elsewhere_is_not_what_the_folder_declares(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("torch==2.4.0\n")
    assert added(tmp_path, report("python:/srv/app")) == []


def test_a_forge_shows_it_there(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("torch==2.4.0\n")
    assert "file=requirements.txt,line=1" in github.render(locate(report(), str(tmp_path), {}))
