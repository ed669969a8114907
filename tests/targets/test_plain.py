"""Plain paths: what a file or a folder is, is told by its name and content."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest

from envcheck import snapshots
from envcheck.errors import DocumentError, UsageError
from envcheck.model.facts import Facts, Snapshot
from envcheck.model.reports import Report
from envcheck.reports import to_json
from envcheck.targets import open_target
from envcheck.targets.plain import recognise

FILES = Path(__file__).parents[1] / "locks" / "files"
SAVED = snapshots.to_json(Snapshot(label="laptop", address=".", facts=Facts(), derived=Facts(), coverage={}))


@pytest.mark.parametrize(
    ("name", "text", "kind"),
    [
        ("env.json", SAVED, "snapshot"),
        ("requirements.txt", "six==1\n", "lock"),
        ("environment.yml", "dependencies: [python]\n", "lock"),
        ("env.yaml", "python: 3.11\npackages: {torch: 2.4.0}\n", "facts"),
        ("env.yaml", "GPU: RTX 4090\n", "facts"),
        ("env.json", '{"packages": {"torch": "2.4.0"}}', "facts"),
        ("env.yml", "package/torch#version: 2.4.0\n", "facts"),
        ("bom.json", '{"bomFormat": "CycloneDX", "components": []}', "lock"),
        ("Dockerfile", "FROM python:3.11\n", "lock"),
    ],
)
def test_a_file_is_what_it_holds(tmp_path: Path, name: str, text: str, kind: str) -> None:
    (tmp_path / name).write_text(text)
    assert recognise(name, str(tmp_path)) == kind
    target = open_target(name, cwd=str(tmp_path), environ={})
    assert target.saved is not None
    assert target.address.startswith(f"{kind}:")


def test_a_snapshot_is_known_by_its_beginning_however_it_is_laid_out(tmp_path: Path) -> None:
    saved = json.loads(SAVED) | {"tool": "envcheck 0.1.0"}
    for number, text in enumerate((json.dumps(saved), json.dumps(saved, indent=4), json.dumps(saved)[:-1])):
        (tmp_path / f"{number}.json").write_text(text)
        assert recognise(f"{number}.json", str(tmp_path)) == "snapshot"
    with pytest.raises(DocumentError, match="not JSON"):  # what is damaged is said by whoever reads it
        open_target("2.json", cwd=str(tmp_path), environ={})


@pytest.mark.parametrize("name", sorted(os.listdir(FILES)))
def test_every_genuine_lock_is_one(name: str) -> None:
    assert recognise(name, str(FILES)) == "lock"


@pytest.mark.parametrize("inside", ["pyvenv.cfg", "conda-meta/history", "bin/python"])
def test_a_folder_with_python_in_it_is_an_environment(tmp_path: Path, inside: str) -> None:
    (tmp_path / "env" / inside).parent.mkdir(parents=True)
    (tmp_path / "env" / inside).write_text("")
    assert recognise("env", str(tmp_path)) == "python"
    assert recognise(f"{tmp_path}/env", "/") == "python"


def test_a_path_in_the_home_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    shutil.copy(FILES / "uv.lock", tmp_path)
    saved = open_target("~/uv.lock", cwd="/", environ={}).saved
    assert saved is not None
    assert saved.label == "uv.lock"


def test_a_name_with_a_colon_is_a_path_where_there_is_such_a_file(tmp_path: Path) -> None:
    (tmp_path / "a:requirements.txt").write_text("six==1\n")
    assert open_target("a:requirements.txt", cwd=str(tmp_path), environ={}).address == "lock:a:requirements.txt"


@pytest.mark.parametrize(
    ("name", "data", "says", "hint"),
    [
        ("notes.txt", b"hello world\n", "its content is not known", "snapshot:notes.txt, facts:notes.txt"),
        ("empty", b"", "its content is not known", "lock:empty"),
        ("compose.yml", b"services: {}\n", "its content is not known", "facts:compose.yml"),
        ("list.json", b"[1]", "its content is not known", "snapshot:list.json"),
        ("broken.json", b'{"a"', "its content is not known", "snapshot:broken.json"),
        ("deep.json", b'{"a":' * 5000, "its content is not known", "snapshot:deep.json"),
        ("python3", b"\x7fELF\x00\x01", "a binary file", "python:python3"),
        ("latin", b"caf\xe9\n", "not UTF-8 text", "facts:latin"),
        (
            "environment.yml",
            b"dependencies: [python]\npackages: {torch: 2}\n",
            "may be a description or an environment.yml",
            "facts:environment.yml or lock:environment.yml",
        ),
    ],
)
def test_what_is_not_clear_is_no_target(tmp_path: Path, name: str, data: bytes, says: str, hint: str) -> None:
    (tmp_path / name).write_bytes(data)
    with pytest.raises(UsageError) as caught:
        open_target(name, cwd=str(tmp_path), environ={})
    assert says in caught.value.message
    assert hint in caught.value.hint


def test_a_report_is_no_environment(tmp_path: Path) -> None:
    report = Report(tool="envcheck", verdict="ok", findings=(), undecided=(), rules=0, snapshots=())
    (tmp_path / "report.json").write_text(to_json(report))
    with pytest.raises(UsageError) as caught:
        open_target("report.json", cwd=str(tmp_path), environ={})
    assert caught.value.hint == "envcheck report report.json"


def test_a_plain_folder_and_what_is_not_there_are_no_targets(tmp_path: Path) -> None:
    (tmp_path / "src").mkdir()
    with pytest.raises(UsageError) as caught:
        open_target("src", cwd=str(tmp_path), environ={})
    assert caught.value.hint == "python:src for a Python environment, root:src for an unpacked root file system"
    for address in ("gone.txt", "nowhere:x", "python:", ":", "\0"):
        with pytest.raises(UsageError, match="is no target") as caught:
            open_target(address, cwd=str(tmp_path), environ={})
        assert "lock:…" in caught.value.hint
