"""`envcheck gate`: the reports of a CI matrix as one, and the gate of a project in a check."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.environments import make_venv
from tests.program import envcheck

JUNIT = '<testsuite name="unit"><testcase name="a"/><testcase name="b">{}</testcase></testsuite>'


@pytest.fixture(scope="module")
def jobs(tmp_path_factory):
    """Return a folder with the reports of three jobs: one in order, one broken, one of which nothing is known."""
    made = tmp_path_factory.mktemp("jobs")
    make_venv(made / "one", {"torch": "2.4.0", "torchvision": "0.19.0"})
    make_venv(made / "two", {"torch": "2.4.0", "torchvision": "0.14.0"})
    (made / "nothing.yaml").write_text("{}\n")
    for name in ("one", "two"):
        envcheck("check", f"python:{made / name}", "-o", f"{name}.json", cwd=made)
    envcheck("check", "facts:nothing.yaml", "-o", "nothing.json", cwd=made)
    envcheck("snapshot", f"python:{made / 'one'}", "-o", "snapshot.json", cwd=made)
    (made / "passed.xml").write_text(JUNIT.format(""))
    (made / "failed.xml").write_text(JUNIT.format("<failure/>"))
    return made


@pytest.fixture
def folder(jobs, tmp_path):
    """Return a copy of what the jobs left, to write into."""
    shutil.copytree(jobs, tmp_path, symlinks=True, dirs_exist_ok=True)
    return tmp_path


def test_one_verdict_one_report_and_one_page(folder):
    ended = envcheck("gate", "one.json", "two.json", "-o", "all.html", "--format", "json", cwd=folder)
    report = json.loads(ended.stdout)
    assert (ended.returncode, report["verdict"]) == (1, "broken")
    assert len(report["snapshots"]) == 2
    assert ended.stderr == "envcheck: 1 error; the gate fails at 1: torchvision-built-for-other-torch\n"
    page = (folder / "all.html").read_text()
    assert "By environment" in page
    assert '<span class="sr">error</span>' in page


@pytest.mark.parametrize(
    ("files", "policy", "words", "code"),
    [
        ("one.json", "", (), 0),
        ("one.json two.json", "", ("--fail-on", "never"), 0),
        ("one.json two.json", "{error: 2}", (), 0),
        ("one.json two.json", "{error: 2}", ("--fail-on", "error"), 1),
        ("one.json two.json", "{error: 50%}", (), 0),
        ("one.json two.json", "{environments: {'*two': {fail_on: never}}}", (), 0),
        ("one.json", "{coverage: [package]}", (), 0),
        ("one.json nothing.json", "{coverage: [package]}", (), 3),
        ("one.json nothing.json", "", (), 3),
        ("two.json nothing.json", "{coverage: [package]}", (), 1),
        ("one.json passed.xml", "", (), 0),
        ("one.json failed.xml", "", (), 1),
        ("one.json failed.xml", "{tests: 51%}", (), 0),
        ("one.json failed.xml passed.xml", "{tests: 25%}", (), 1),
        ("one.json", "{tests: 5%}", (), 3),
    ],
)
def test_the_policy_of_the_project_decides(folder, files, policy, words, code):
    if policy:
        (folder / "envcheck.yaml").write_text(f"gate: {policy}\n")
    ended = envcheck("gate", *files.split(), *words, cwd=folder)
    assert ended.returncode == code
    assert bool(ended.stderr) is (code != 0)


def test_another_file_may_hold_the_policy(folder):
    (folder / "envcheck.yaml").write_text("gate: {fail_on: never}\n")
    (folder / "strict.yaml").write_text("gate: {fail_on: info}\n")
    assert envcheck("gate", "two.json", cwd=folder).returncode == 0
    assert envcheck("gate", "two.json", "--policy", "strict.yaml", cwd=folder).returncode == 1


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        ((), 2, "no report was given"),
        (("passed.xml",), 2, "no report was given"),
        (("missing.json",), 3, "missing.json: cannot be read"),
        (("one.json", "./one.json"), 2, "is given twice"),
        (("one.json", "--policy", "missing.yaml"), 3, "missing.yaml: cannot be read"),
        (
            ("one.json", "--policy", "bad.yaml"),
            2,
            "bad.yaml:2: gate.eror: there is no such setting\n  try: perhaps error",
        ),
        (("empty.json",), 2, "empty.json"),
        (("binary.json",), 2, "binary.json"),
        (("snapshot.json",), 2, "snapshot.json: this is a snapshot, not a report"),
        (("severity.json",), 2, "severity.json: malformed report: Invalid enum value 'fatal'"),
        (("status.json",), 2, "status.json: malformed report: Invalid enum value 'fine'"),
        (("one.json", "doctype.xml"), 2, "doctype.xml:1: it has a DOCTYPE"),
        (("one.json", "page.xml"), 2, "begins with <html>"),
        (("one.json", "--fail-on", "sometimes"), 2, "sometimes"),
    ],
)
def test_bad_input_is_one_clear_message(folder, words, code, said):
    (folder / "bad.yaml").write_text("gate:\n  eror: 1\n")
    (folder / "empty.json").write_text("")
    broken = (folder / "two.json").read_text()
    (folder / "severity.json").write_text(broken.replace('"severity": "error"', '"severity": "fatal"'))
    (folder / "status.json").write_text(broken.replace('"status": "new"', '"status": "fine"'))
    (folder / "binary.json").write_bytes(bytes(range(256)))
    (folder / "doctype.xml").write_text("<!DOCTYPE testsuite [<!ENTITY a 'a'>]><testsuite name='&a;'/>")
    (folder / "page.xml").write_text("<html/>")
    ended = envcheck("gate", *words, cwd=folder)
    assert (ended.returncode, ended.stdout) == (code, "")
    assert said in ended.stderr


def test_a_check_is_held_to_the_gate_of_its_project(folder):
    (folder / "envcheck.yaml").write_text("gate: {error: 2}\n")
    check = ("check", f"python:{folder / 'two'}")
    assert envcheck(*check, cwd=folder).returncode == 0
    assert envcheck(*check, "--fail-on", "error", cwd=folder).returncode == 1
    (folder / "envcheck.yaml").write_text("gate: {coverage: [config, package]}\n")
    assert envcheck(*check, "--fail-on", "never", cwd=folder).returncode == 0
    described = envcheck("check", "facts:nothing.yaml", "--fail-on", "never", cwd=folder)
    assert described.returncode == 3
    assert "package must be read whole, and in nothing.yaml it is not" in described.stderr


def test_reasons_that_nobody_can_read_change_no_exit_code(folder):
    script = f"{sys.executable} -m envcheck gate two.json >out 2>/dev/full"
    environ = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    ended = subprocess.run(["/bin/sh", "-c", script], cwd=folder, env=environ, check=False)
    assert ended.returncode == 1
