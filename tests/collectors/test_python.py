"""The layout of an environment as facts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from envcheck.collectors import Collection, python
from envcheck.targets.files import LocalFiles
from envcheck.targets.layout import find
from envcheck.targets.target import Target
from tests.environments import make_venv, site_packages

if TYPE_CHECKING:
    from pathlib import Path


def collected(prefix: Path) -> Collection:
    layout = find(LocalFiles(), str(prefix), environ={}, platform="linux")
    into = Collection(cached=False)
    python.collect(Target(label="x", address="x", chosen="x", files=LocalFiles(), layout=layout), into)
    return into


def test_what_the_files_tell_is_a_fact_and_the_rest_is_a_gap(tmp_path: Path):
    prefix = make_venv(tmp_path / "env")
    into = collected(prefix)
    assert into.facts.value(("python",), "version") == "3.11.7"
    assert into.facts.value(("python",), "kind") == "venv"
    assert into.facts.value(("python",), "site_directories") == (str(site_packages(prefix)),)
    assert into.facts.value(("python",), "soabi") is None
    assert set(into.coverage) == {"python#soabi", "python#machine"}


def test_the_architecture_comes_from_the_extension_modules(tmp_path: Path):
    prefix = make_venv(tmp_path / "env")
    dynload = tmp_path / "env-base" / "lib" / "python3.11" / "lib-dynload"
    dynload.mkdir()
    (dynload / "_x.cpython-311-aarch64-linux-gnu.so").write_bytes(b"")
    into = collected(prefix)
    assert into.facts.value(("python",), "machine") == "aarch64"
    assert into.coverage == {}


def test_pth_files_are_facts_with_what_they_add_and_run(tmp_path: Path):
    prefix = make_venv(tmp_path / "env")
    (tmp_path / "added").mkdir()
    (site_packages(prefix) / "a.pth").write_text(f"import sys\n{tmp_path}/added\n../gone\n")
    into = collected(prefix)
    facts = {name: known[0] for name, known in into.facts.of(("pth", "a.pth")).items()}
    assert facts == {
        "path": str(site_packages(prefix) / "a.pth"),
        "adds": (str(tmp_path / "added"),),
        "missing": (str(site_packages(prefix).parent / "gone"),),
        "imports": 1,
    }


def test_a_pth_file_that_cannot_be_read_is_a_gap(tmp_path: Path):
    prefix = make_venv(tmp_path / "env")
    (site_packages(prefix) / "folder.pth").mkdir()
    into = collected(prefix)
    assert into.coverage["pth/folder.pth"].reason == "Is a directory"
    assert ("pth", "folder.pth") in into.facts


def test_a_base_that_is_gone_is_a_fact(tmp_path: Path):
    prefix = make_venv(tmp_path / "env")
    (tmp_path / "env-base" / "lib" / "python3.11" / "os.py").unlink()
    assert collected(prefix).facts.value(("python",), "base_present") is False


def test_without_a_python_nothing_was_collected():
    target = Target(label="x", address="x", chosen="x", files=LocalFiles(), layout=None, layout_problem="a shim")
    into = Collection(cached=False)
    python.collect(target, into)
    assert [entry.reason for entry in into.coverage.values()] == ["a shim", "a shim"]


def test_a_base_that_cannot_be_read_is_a_gap(tmp_path: Path):
    problem = (str(tmp_path / "env-base"), "cannot be read: Permission denied")
    layout = find(LocalFiles(), str(make_venv(tmp_path / "env")), environ={}, platform="linux")
    layout = layout.replace(base_present=None, problems=(problem,))
    into = Collection(cached=False)
    python.collect(Target(label="x", address="x", chosen="x", files=LocalFiles(), layout=layout), into)
    assert into.facts.value(("python",), "base_present") is None
    assert into.coverage["python#base_present"].reason == " ".join(problem)
