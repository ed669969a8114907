"""Files beside the program that hide modules, and those that only look so."""

from __future__ import annotations

from typing import TYPE_CHECKING

from envcheck.collectors import Collection, packages, shadows
from envcheck.targets.files import LocalFiles
from envcheck.targets.layout import find
from envcheck.targets.target import Target
from tests.environments import make_venv

if TYPE_CHECKING:
    from pathlib import Path


def hidden(tmp_path: Path, files: dict[str, str], *, python: str = "3.11.7") -> dict[str, object]:
    prefix = make_venv(tmp_path / "env", {"torch": "2.4.0", "numpy": "2.0.0"}, python=python)
    for path, text in files.items():
        (tmp_path / "work" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "work" / path).write_text(text)
    layout = find(LocalFiles(), str(prefix), environ={}, platform="linux")
    target = Target(label="x", address="x", chosen="x", files=LocalFiles(), layout=layout, cwd=str(tmp_path / "work"))
    into = Collection(cached=False)
    packages.collect(target, into)
    shadows.collect(target, into)
    assert "shadow" not in into.coverage
    return {entity[1]: into.facts.value(entity, "hides") for entity in into.facts.entities("shadow")}


def test_modules_and_regular_packages_hide(tmp_path: Path):
    files = {"random.py": "", "torch/__init__.py": "", "numpy.py": "", "mine.py": ""}
    assert hidden(tmp_path, files) == {"random": "stdlib", "torch": "torch", "numpy": "numpy"}


def test_what_import_does_not_prefer_does_not_hide(tmp_path: Path):
    files = {
        "torch/notes.txt": "",
        "numpy.txt": "",
        ".random.py": "",
        "test/__init__.py": "",
        "sys.py": "",
        "two words.py": "",
    }
    assert hidden(tmp_path, files) == {}


def test_a_project_does_not_hide_itself(tmp_path: Path):
    files = {"torch/__init__.py": "", "pyproject.toml": '[project]\nname = "Torch"\n'}
    assert hidden(tmp_path, files) == {}
    files = {"numpy/__init__.py": "", "setup.py": "from setuptools import setup\nsetup(\n    name='numpy',\n)\n"}
    assert hidden(tmp_path / "second", files) == {}


def test_a_broken_project_file_is_no_excuse(tmp_path: Path):
    assert hidden(tmp_path, {"torch.py": "", "pyproject.toml": "[project\nname="}) == {"torch": "torch"}


def test_the_standard_library_is_that_of_the_target(tmp_path: Path):
    files = {"imp.py": "", "cgi.py": ""}
    assert hidden(tmp_path, files, python="3.11.7")["imp"] == "stdlib"


def test_a_folder_that_is_not_known_is_a_gap(tmp_path: Path):
    layout = find(LocalFiles(), str(make_venv(tmp_path / "env")), environ={}, platform="linux")
    for cwd in (None, str(tmp_path / "gone")):
        into = Collection(cached=False)
        target = Target(label="x", address="x", chosen="x", files=LocalFiles(), layout=layout, cwd=cwd)
        shadows.collect(target, into)
        assert "shadow" in into.coverage
