"""Distributions as pip, uv, conda, setuptools and interrupted installations leave them."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import pytest

from envcheck.collectors import Collection, packages
from envcheck.model.facts import Coverage
from envcheck.targets.files import LocalFiles
from envcheck.targets.layout import find
from envcheck.targets.target import Target
from tests.environments import add_package, make_venv, site_packages

if TYPE_CHECKING:
    from pathlib import Path


def target_of(prefix: Path, **environ: str) -> Target:
    layout = find(LocalFiles(), str(prefix), environ=environ, platform="linux")
    return Target(label="x", address="x", chosen="x", files=LocalFiles(), layout=layout)


def collected(prefix: Path, *, cached: bool = False, **environ: str) -> Collection:
    into = Collection(cached=cached)
    packages.collect(target_of(prefix, **environ), into)
    return into


def write_metadata(prefix: Path, folder: str, text: bytes) -> Path:
    info = site_packages(prefix) / folder
    info.mkdir()
    (info / "METADATA").write_bytes(text)
    return info


def value(into: Collection, name: str, attribute: str) -> object:
    return into.facts.value(("package", name), attribute)


def test_a_distribution_tells_what_its_files_say(tmp_path: Path):
    prefix = make_venv(tmp_path / "env")
    info = add_package(
        prefix,
        "Torch-Vision",
        "0.19.0+cpu",
        requires=("numpy", "torch==2.4.0"),
        python=">=3.8",
        files={
            "torchvision/__init__.py": "",
            "torchvision/_C.so": "",
            "space/part/__init__.py": "",
            "one.py": "",
            "ext.cpython-311-x86_64-linux-gnu.so": "",
        },
        tag="cp311-cp311-linux_x86_64",
    )
    (info / "entry_points.txt").write_text("[console_scripts]\n# none\nrun = one:main\n")
    into = collected(prefix)
    facts = {name: known[0] for name, known in into.facts.of(("package", "torch-vision")).items()}
    assert facts == {
        "name": "Torch-Vision",
        "version": "0.19.0+cpu",
        "requires": ("numpy", "torch==2.4.0"),
        "requires_python": ">=3.8",
        "tags": ("cp311-cp311-linux_x86_64",),
        "installer": "pip",
        "location": str(site_packages(prefix)),
        "modules": ("ext", "one", "torchvision"),
        "entry_points": ("console_scripts:run = one:main",),
        "record": True,
    }
    assert into.facts.get(("package", "torch-vision"), "tags") == (("cp311-cp311-linux_x86_64",), f"{info}/WHEEL")
    assert into.facts.value(("python",), "distributions") == 1
    assert into.coverage == {}


def test_header_names_have_no_case_and_values_may_be_folded_crlf_or_latin_1(tmp_path: Path):
    prefix = make_venv(tmp_path / "env")
    text = (
        b"\xef\xbb\xbfmetadata-version: 2.1\r\nNAME: Odd\r\nversion: 1.0\r\nAuthor: M\xfcller\r\n"
        b"REQUIRES-DIST: a\r\n  >=1\r\nProvides-Extra: dev\r\n\r\nName: not me\r\nRequires-Dist: nor me\r\n"
    )
    write_metadata(prefix, "Odd-1.0.dist-info", text)
    into = collected(prefix)
    assert value(into, "odd", "name") == "Odd"
    assert value(into, "odd", "requires") == ("a >=1",)
    assert value(into, "odd", "extras") == ("dev",)
    assert value(into, "odd", "record") is False


def test_headers_may_be_longer_than_the_first_read(tmp_path: Path):
    prefix = make_venv(tmp_path / "env")
    lines = [f"Requires-Dist: dependency-{number} >=1.0" for number in range(5000)]
    write_metadata(prefix, "long-1.0.dist-info", "\n".join(["Name: long", "Version: 1.0", *lines, "", "Text"]).encode())
    requires = value(collected(prefix), "long", "requires")
    assert isinstance(requires, tuple)
    assert len(requires) == 5000


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (None, "METADATA is missing"),
        (b"", "has no Name: empty or cut off"),
        (b"Metadata-Version: 2.1\nName: broken\nVers", "has no Version: empty or cut off"),
        (b"\x00\xff\xfe" * 9000, "has no Name: empty or cut off"),
    ],
)
def test_broken_metadata_is_damage_and_its_requirements_are_unknown(tmp_path: Path, text: bytes | None, problem: str):
    prefix = make_venv(tmp_path / "env", {"healthy": "1.0"})
    info = write_metadata(prefix, "broken-2.0.dist-info", text or b"")
    if text is None:
        (info / "METADATA").unlink()
    into = collected(prefix)
    assert into.facts.value(("damaged", "broken-2.0.dist-info"), "problem") == problem
    assert value(into, "broken", "version") == "2.0"
    assert value(into, "broken", "requires") is None
    assert list(into.coverage) == ["package/broken"]


@pytest.mark.parametrize(
    ("folder", "version", "problem"),
    [
        ("sofa-7.36.dist-info", "7.36.", "version 7.36. is not PEP 440"),
        ("sofa-2.0_custom.dist-info", "2.0-custom", "version 2.0-custom is not PEP 440"),
        ("sofa-1.0.dist-info", "1.1", "the folder says 1.0, its metadata 1.1"),
    ],
)
def test_an_odd_version_keeps_its_text_and_is_noted(tmp_path: Path, folder: str, version: str, problem: str):
    prefix = make_venv(tmp_path / "env")
    write_metadata(prefix, folder, f"Name: sofa\nVersion: {version}\n\n".encode())
    into = collected(prefix)
    assert value(into, "sofa", "version") == version
    assert into.facts.value(("damaged", folder), "problem") == problem
    assert into.coverage == {}


def test_a_folder_spelt_otherwise_is_no_damage(tmp_path: Path):
    prefix = make_venv(tmp_path / "env")
    write_metadata(prefix, "a-1.0.0rc1.dist-info", b"Name: a\nVersion: 1.0.0-RC.1\n\n")
    assert collected(prefix).facts.entities("damaged") == []


def test_what_an_interrupted_installation_left_is_no_distribution(tmp_path: Path):
    prefix = make_venv(tmp_path / "env")
    (site_packages(prefix) / "~orch").mkdir()
    write_metadata(prefix, "~orch-2.4.0.dist-info", b"Name: torch\nVersion: 2.4.0\n\n")
    into = collected(prefix)
    assert into.facts.entities("package") == []
    assert into.facts.entities("damaged") == [("damaged", "~orch"), ("damaged", "~orch-2.4.0.dist-info")]


def test_of_two_in_one_folder_the_newer_counts_and_the_other_is_a_copy(tmp_path: Path):
    prefix = make_venv(tmp_path / "env", {"torch": "2.9.0"})
    write_metadata(prefix, "torch-2.10.0.dist-info", b"Name: torch\nVersion: 2.10.0\n\n")
    into = collected(prefix)
    assert value(into, "torch", "version") == "2.10.0"
    assert into.facts.value(("copy", "torch", "1"), "version") == "2.9.0"
    assert into.facts.value(("copy", "torch", "1"), "same_directory") is True


def test_python_path_comes_before_site_packages(tmp_path: Path):
    prefix = make_venv(tmp_path / "env", {"numpy": "1.26.4"})
    other = make_venv(tmp_path / "other", {"numpy": "2.1.0"})
    into = collected(prefix, PYTHONPATH=str(site_packages(other)))
    assert value(into, "numpy", "version") == "2.1.0"
    assert into.facts.value(("copy", "numpy", "1"), "version") == "1.26.4"
    assert into.facts.value(("copy", "numpy", "1"), "same_directory") is False


def test_direct_url_loses_its_credentials(tmp_path: Path):
    prefix = make_venv(tmp_path / "env", {"a": "1.0", "b": "1.0", "c": "1.0"})
    origin = {
        "url": "https://user:secret@example.org/a.git?token=secret",
        "vcs_info": {"vcs": "git", "commit_id": "abc"},
    }
    (site_packages(prefix) / "a-1.0.dist-info" / "direct_url.json").write_text(json.dumps(origin))
    (site_packages(prefix) / "b-1.0.dist-info" / "direct_url.json").write_text(
        json.dumps({"url": "file:///work/my%20b", "dir_info": {"editable": True}})
    )
    (site_packages(prefix) / "c-1.0.dist-info" / "direct_url.json").write_text("[1")
    into = collected(prefix)
    assert value(into, "a", "direct_url") == "https://example.org/a.git@abc"
    assert value(into, "a", "editable") is None
    assert value(into, "b", "editable") == "/work/my b"
    assert value(into, "c", "direct_url") is None


def test_an_editable_installation_is_no_copy_of_itself(tmp_path: Path):
    prefix = make_venv(tmp_path / "env", {"app": "1.0"})
    source = tmp_path / "source"
    (source / "app.egg-info").mkdir(parents=True)
    (source / "app.egg-info" / "PKG-INFO").write_text("Name: app\nVersion: 1.0\n\n")
    (site_packages(prefix) / "__editable__.app.pth").write_text(f"{source}\n")
    info = site_packages(prefix) / "app-1.0.dist-info"
    (info / "direct_url.json").write_text(json.dumps({"url": f"file://{source}", "dir_info": {"editable": True}}))
    into = collected(prefix)
    assert into.facts.entities("copy") == []
    assert value(into, "app", "location") == str(site_packages(prefix))


def test_egg_infos_are_read_as_folder_file_and_link(tmp_path: Path):
    prefix = make_venv(tmp_path / "env")
    site = site_packages(prefix)
    (site / "old-1.0-py3.11.egg-info").mkdir()
    (site / "old-1.0-py3.11.egg-info" / "PKG-INFO").write_text("Name: old\nVersion: 1.0\n")
    (site / "old-1.0-py3.11.egg-info" / "requires.txt").write_text(
        'six\n\n[dev]\npytest\n\n[:python_version < "3"]\nenum34\n'
    )
    (site / "old-1.0-py3.11.egg-info" / "top_level.txt").write_text("old_module\n")
    (site / "older-0.1.egg-info").write_text("Name: older\nVersion: 0.1\n")
    source = tmp_path / "develop"
    (source / "dev.egg-info").mkdir(parents=True)
    (source / "dev.egg-info" / "PKG-INFO").write_text("Name: dev\nVersion: 3.0\n")
    (site / "dev.egg-link").write_text(f"{source}\n.")
    (site / "easy-install.pth").write_text(f"{source}\n")
    into = collected(prefix)
    assert value(into, "old", "requires") == ("six", 'pytest ; extra == "dev"', 'enum34 ; (python_version < "3")')
    assert value(into, "old", "modules") == ("old_module",)
    assert value(into, "older", "version") == "0.1"
    assert value(into, "dev", "editable") == str(source)
    assert into.facts.entities("damaged") == []


def test_a_folder_that_cannot_be_read_is_a_gap(tmp_path: Path):
    class Refusing(LocalFiles):
        def names(self, path: str) -> list[str]:
            if path.endswith("site-packages"):
                raise PermissionError(13, "Permission denied", path)
            return super().names(path)

    prefix = make_venv(tmp_path / "env", {"numpy": "1.0"})
    target = target_of(prefix).replace(files=Refusing())
    into = Collection(cached=False)
    packages.collect(target, into)
    assert into.coverage["package"] == Coverage(
        scope="package", status="partial", reason=f"{site_packages(prefix)} cannot be read: Permission denied"
    )


def test_without_a_python_nothing_was_collected():
    target = Target(label="x", address="x", chosen="x", files=LocalFiles(), layout=None, layout_problem="no python")
    into = Collection(cached=False)
    packages.collect(target, into)
    assert {entry.reason for entry in into.coverage.values()} == {"no python"}
    assert set(into.coverage) == set(packages.COVERS)


def test_conda_records_are_joined_and_replaced_files_are_seen(tmp_path: Path):
    prefix = make_venv(tmp_path / "env", {"numpy": "1.26.4", "torch": "2.4.0", "six": "1.16.0"})
    (prefix / "pyvenv.cfg").unlink()
    (prefix / "lib/python3.11/os.py").write_text("")
    for name in ("numpy-1.26.4", "six-1.16.0"):
        (site_packages(prefix) / f"{name}.dist-info" / "INSTALLER").write_text("conda\n")
    meta = prefix / "conda-meta"
    meta.mkdir()
    channel = "https://conda.anaconda.org/t/secret-token/conda-forge/linux-64"
    (meta / "numpy-1.26.4-py311_0.json").write_text(json.dumps({"build": "py311_0", "channel": channel}))
    (meta / "pytorch-2.3.0-cuda_1.json").write_text(json.dumps({"files": ["x" * 9000], "channel": "pytorch"}))
    (meta / "six-1.16.0-pyh_0.json").write_text("{broken")
    (meta / "history").write_text("")
    into = collected(prefix)
    assert (value(into, "numpy", "channel"), value(into, "numpy", "build")) == ("conda-forge", "py311_0")
    assert value(into, "torch", "replaced_conda") == "2.3.0"
    assert into.facts.value(("conda", "pytorch"), "channel") == "pytorch"
    assert into.facts.entities("conda") == [("conda", "numpy"), ("conda", "pytorch"), ("conda", "six")]
    assert list(into.coverage) == ["conda/six"]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache"


def test_the_cache_answers_the_same_and_notices_every_change(tmp_path: Path, home: Path):
    prefix = make_venv(tmp_path / "env", {"a": "1.0", "b": "1.0"})
    first = collected(prefix, cached=True)
    assert len(os.listdir(home / "envcheck")) == 1
    assert collected(prefix, cached=True).facts == first.facts == collected(prefix).facts
    metadata = site_packages(prefix) / "a-1.0.dist-info" / "METADATA"
    metadata.write_text("Name: a\nVersion: 1.0\nRequires-Dist: b>=2\n\n")
    assert value(collected(prefix, cached=True), "a", "requires") == ("b>=2",)
    add_package(prefix, "c", "1.0")
    assert value(collected(prefix, cached=True), "c", "version") == "1.0"
    metadata.unlink()
    assert collected(prefix, cached=True).facts == collected(prefix).facts
    assert ("damaged", "a-1.0.dist-info") in collected(prefix, cached=True).facts


def test_without_caching_no_cache_is_written(tmp_path: Path, home: Path):
    collected(make_venv(tmp_path / "env", {"a": "1.0"}))
    assert not home.exists()


@pytest.mark.parametrize("folder", ["a-1.0.dist-info", "a.egg-info"])
def test_a_requirement_loses_the_credentials_of_its_address(tmp_path: Path, folder: str):
    prefix = make_venv(tmp_path / "env")
    lines = [
        'b @ https://user:hunter2@example.org/b.whl?token=hunter2#hunter2 ; os_name == "posix"',
        "c@git+https://hunter2@github.com/o/c.git@main",
        "d>=1",
    ]
    egg = folder.endswith(".egg-info")
    asked = "" if egg else "".join(f"Requires-Dist: {line}\n" for line in lines)
    source = "PKG-INFO" if egg else "METADATA"
    info = write_metadata(prefix, folder, b"")
    (info / source).write_text(f"Name: a\nVersion: 1.0\n{asked}")
    (info / "requires.txt").write_text("\n".join(lines))
    assert value(collected(prefix), "a", "requires") == (
        'b @ https://example.org/b.whl ; os_name == "posix"',
        "c @ git+https://github.com/o/c.git@main",
        "d>=1",
    )


def test_only_a_folder_is_an_editable_source(tmp_path: Path):
    prefix = make_venv(tmp_path / "env", {"a": "1.0"})
    (site_packages(prefix) / "a-1.0.dist-info" / "direct_url.json").write_text(
        json.dumps({"url": "https://user:hunter2@example.org/a#hunter2", "dir_info": {"editable": True}})
    )
    into = collected(prefix)
    assert value(into, "a", "direct_url") == "https://example.org/a"
    assert value(into, "a", "editable") is None


def test_a_damaged_conda_record_is_a_gap_of_its_own(tmp_path: Path):
    prefix = make_venv(tmp_path / "env", {"a": "1.0"})
    (prefix / "pyvenv.cfg").unlink()
    (prefix / "lib" / "python3.11" / "os.py").write_text("")
    (prefix / "conda-meta").mkdir()
    (prefix / "conda-meta" / "b-1.0-py_0.json").write_text("[" * 100_000)
    into = collected(prefix)
    assert value(into, "a", "version") == "1.0"
    assert "recursion" in into.coverage["conda/b"].reason
