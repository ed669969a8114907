"""What is shipped: the wheel holds everything, works in a folder elsewhere, and leaves the checkout alone."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

from tests.environments import link_installed

ROOT = Path(__file__).parents[1]
DESCRIPTION = "package/torch: 2.4.0+cu121\npackage/torchvision: 0.14.0\n"


def run(*words: str | Path, cwd: Path, **environ: str) -> subprocess.CompletedProcess[str]:
    kept = {"PATH": os.environ.get("PATH", os.defpath), "HOME": str(cwd), "XDG_CACHE_HOME": str(cwd / "cache")}
    return subprocess.run(words, cwd=cwd, env={**kept, **environ}, capture_output=True, text=True, check=False)


def build(source: Path, into: Path, *kinds: str) -> list[Path]:
    """Build with the hatchling of this environment, so that no index is needed."""
    ended = run(sys.executable, "-m", "build", "--no-isolation", *kinds, "--outdir", into, source, cwd=into)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return sorted(into.iterdir())


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build a wheel from the checkout."""
    (built,) = build(ROOT, tmp_path_factory.mktemp("wheel"), "--wheel")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Unpack the wheel into an environment that has the dependencies but not the checkout; return its python."""
    folder = tmp_path_factory.mktemp("elsewhere") / "venv"
    venv.create(folder)
    base = {"base": str(folder), "platbase": str(folder)}
    site = Path(sysconfig.get_path("purelib", "venv", base))
    link_installed(site)
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    return Path(sysconfig.get_path("scripts", "venv", base)) / "python"


def test_the_wheel_puts_one_package_into_site_packages(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    assert {name.split("/")[0] for name in names} == {"envcheck", "envcheck_ml-0.1.0.dist-info"}
    assert len(names) == len(set(names))
    assert not [name for name in names if name.endswith((".pyc", ".orig")) or "/tests/" in name]


@pytest.mark.parametrize("source", ["envcheck", "rules", "reports/templates"])
def test_the_wheel_holds_every_file(wheel: Path, source: str) -> None:
    place = {"envcheck": "envcheck", "rules": "envcheck/_rules", "reports/templates": "envcheck/_reports/templates"}
    with zipfile.ZipFile(wheel) as archive:
        shipped = {name for name in archive.namelist() if name.startswith(f"{place[source]}/")}
    here = {
        f"{place[source]}/{path.relative_to(ROOT / source).as_posix()}"
        for path in (ROOT / source).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert here <= shipped
    assert here


def test_the_rules_are_compiled_in_the_wheel_and_only_there(wheel: Path) -> None:
    for name in ("_rulebook.py", "_failures.py"):
        with zipfile.ZipFile(wheel) as archive:
            source = archive.read(f"envcheck/{name}").decode()
        assert "RULEBOOK = " in source
        assert str(ROOT) not in source
        assert not (ROOT / "envcheck" / name).exists()


def test_the_source_distribution_builds_the_same_wheel(wheel: Path, tmp_path: Path) -> None:
    (again,) = (path for path in build(ROOT, tmp_path) if path.suffix == ".whl")
    contents = []
    for path in (wheel, again):
        with zipfile.ZipFile(path) as archive:
            contents.append({name: archive.read(name) for name in archive.namelist()})
    assert contents[0] == contents[1]


def test_the_installed_program_works_in_another_folder(installed: Path, tmp_path: Path) -> None:
    (tmp_path / "described.yaml").write_text(DESCRIPTION, encoding="utf-8")
    words = ("-m", "envcheck", "check", "facts:described.yaml", "-o", "report.html", "-o", "report.json")
    ended = run(installed, *words, cwd=tmp_path)
    assert ended.returncode == 1, ended.stdout + ended.stderr
    assert ended.stderr == ""
    assert "torchvision 0.14.0" in ended.stdout
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert page.lower().startswith("<!doctype html>")
    assert "torchvision" in page


def test_the_installed_program_uses_the_compiled_rules(installed: Path, tmp_path: Path) -> None:
    code = """
import sys
from envcheck import load_rules
rules = load_rules()
assert "envcheck._rulebook" in sys.modules and "yaml" not in sys.modules, sorted(sys.modules)
from envcheck.data import folder
from envcheck.engine.load import load
from envcheck.rulebooks import load_failures, read_files
slow = load(read_files([folder("rules")]))
assert "envcheck._failures" not in sys.modules
both = (*rules.rules, *load_failures().rules)
assert "envcheck._failures" in sys.modules
assert sorted(rule.id for rule in both) == [rule.id for rule in slow.rules]
assert dict(rules.tables) == dict(slow.tables)
"""
    ended = run(installed, "-c", code, cwd=tmp_path)
    assert ended.returncode == 0, ended.stderr


def test_the_installed_rules_hold_their_own_examples(installed: Path, tmp_path: Path) -> None:
    ended = run(installed, "-m", "envcheck", "rules", "test", cwd=tmp_path)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert ended.stdout.rstrip().endswith("0 failed")
