"""The whole program, in a child process on environments that would break whoever imports from them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.environments import add_package, make_venv, site_packages
from tests.program import envcheck, program

MURDEROUS = {
    "aborts": "import os; os.abort()",
    "raises": "raise ImportError('libnvJitLink.so.12: undefined symbol')",
    "hangs": "while True: pass",
    "exits": "import os; os._exit(0)",
}


def findings(ended: subprocess.CompletedProcess[str]) -> dict[str, str]:
    """Return rule to severity of a JSON report."""
    return {finding["rule"]: finding["severity"] for finding in json.loads(ended.stdout)["findings"]}


@pytest.mark.parametrize("kind", MURDEROUS)
@pytest.mark.parametrize("command", ["check", "snapshot"])
def test_a_torch_that_kills_its_importer_changes_nothing(tmp_path, kind, command):
    prefix = make_venv(tmp_path / "venv", {"torchvision": "0.14.0"})
    version = "__version__ = '2.4.0+cu121'\ncuda: str | None = '12.1'\n"
    add_package(prefix, "torch", "2.4.0", files={"torch/__init__.py": MURDEROUS[kind], "torch/version.py": version})
    for pth in ("sitecustomize.py", "usercustomize.py"):
        (site_packages(prefix) / pth).write_text(MURDEROUS[kind])
    (site_packages(prefix) / "evil.pth").write_text(f"import os; {MURDEROUS['aborts']}\n")
    where = f"python:{prefix}"
    ended = program(command, where, *(("--format", "json") if command == "check" else ()), cwd=tmp_path)
    if command == "check":
        assert ended.returncode == 1
        assert findings(ended)["torchvision-built-for-other-torch"] == "error"
        facts = json.loads(ended.stdout)["snapshots"][0]["facts"]
    else:
        assert ended.returncode == 0
        facts = json.loads(ended.stdout)["facts"]
    assert {"cuda": "12.1"} in [
        {key: value for key, value in record["facts"].items() if key == "cuda"}
        for record in facts
        if record["entity"] == "package/torch"
    ]


def test_a_healthy_environment_passes(tmp_path):
    prefix = make_venv(tmp_path / "venv", {"requests": "2.32.0"})
    ended = envcheck("check", f"python:{prefix}", cwd=tmp_path)
    assert ended.returncode == 0
    assert str(prefix) in ended.stdout.split("\n")[0], "the first line says which environment"


def test_the_environment_at_hand_is_found_and_told(tmp_path):
    make_venv(tmp_path / ".venv")
    assert "the .venv of this folder" in " ".join(envcheck("check", cwd=tmp_path).stdout.split())
    active = make_venv(tmp_path / "active")
    told = " ".join(envcheck("check", ".", cwd=tmp_path, VIRTUAL_ENV=str(active)).stdout.split())
    assert "VIRTUAL_ENV is set" in told


def test_an_unmet_requirement_is_a_warning_with_a_fix_for_this_environment(tmp_path):
    prefix = make_venv(tmp_path / "venv", {"b": "1.0"}, uv=True)
    add_package(prefix, "a", "1.0", requires=("b>=2",))
    ended = envcheck("check", f"python:{prefix}", "--format", "json", cwd=tmp_path)
    assert ended.returncode == 0
    (finding,) = [one for one in json.loads(ended.stdout)["findings"] if "b" in one["subjects"]]
    assert finding["severity"] == "warning"
    assert "b>=2" in finding["message"]
    assert any(command.startswith("uv pip install") for fix in finding["fixes"] for command in fix["commands"])
    assert envcheck("check", f"python:{prefix}", "--fail-on", "warning", cwd=tmp_path).returncode == 1


def test_outputs_are_written_in_the_format_of_their_ending(tmp_path):
    prefix = make_venv(tmp_path / "venv")
    words = ("-o", "r.html", "-o", "r.json", "--output", "markdown:summary")
    ended = envcheck("check", f"python:{prefix}", *words, cwd=tmp_path)
    assert ended.returncode == 0
    assert (tmp_path / "r.html").read_text().lstrip().lower().startswith("<!doctype html>")
    assert json.loads((tmp_path / "r.json").read_text())["schema"] == 1
    assert (tmp_path / "summary").read_text()


def test_a_saved_snapshot_gives_the_same_findings(tmp_path):
    prefix = make_venv(tmp_path / "venv", {"torch": "2.4.0", "torchvision": "0.14.0"})
    assert envcheck("snapshot", f"python:{prefix}", "-o", "s.json", cwd=tmp_path).returncode == 0
    live = envcheck("check", f"python:{prefix}", "--format", "json", cwd=tmp_path)
    saved = envcheck("check", "snapshot:s.json", "--format", "json", cwd=tmp_path)
    assert findings(live) == findings(saved)
    rendered = envcheck("report", "s.json", "-o", "r.html", cwd=tmp_path)
    assert rendered.returncode == 0
    assert "torchvision" in (tmp_path / "r.html").read_text()


def test_several_targets_make_one_report(tmp_path):
    one, two = make_venv(tmp_path / "one"), make_venv(tmp_path / "two")
    ended = envcheck("check", f"python:{one}", f"python:{two}", "--format", "json", cwd=tmp_path)
    assert [item["address"] for item in json.loads(ended.stdout)["snapshots"]] == [f"python:{one}", f"python:{two}"]


def test_select_and_skip(tmp_path):
    prefix = make_venv(tmp_path / "venv", {"torch": "2.4.0", "torchvision": "0.14.0"})
    rule = "torchvision-built-for-other-torch"
    words = ("check", f"python:{prefix}", "--format", "json")
    assert findings(envcheck(*words, "--select", rule, cwd=tmp_path)) == {rule: "error"}
    assert rule not in findings(envcheck(*words, "--skip", rule, cwd=tmp_path))


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("check", "nowhere:x"), 2, "'nowhere:x' is no target"),
        (("check", "empty"), 2, "python:empty for a Python environment"),
        (("check", "python:"), 2, "is no target"),
        (("check", "python:missing"), 3, "missing"),
        (("check", "python:empty"), 3, "empty"),
        (("check", "root:missing"), 3, "no such folder"),
        (("check", "snapshot:missing.json"), 3, "missing.json"),
        (("check", "snapshot:broken.json"), 2, "broken.json"),
        (("check", "snapshot:future.json"), 2, "newer"),
        (("check", "facts:broken.yaml"), 2, "broken.yaml:2"),
        (("check", "--rules", "missing"), 2, "no such folder of rules"),
        (("check", "--rules", "bad-rules"), 2, "bad-rules/rule.yaml:2"),
        (("check", "--select", "no-such-rule"), 2, "there is no rule 'no-such-rule'"),
        (("check", "-o", "report.xyz"), 2, "no format is known for 'report.xyz'"),
        (("check", "python:venv", "-o", "missing/r.html"), 3, "cannot be written"),
        (("report", "broken.json"), 2, "broken.json"),
        (("check", "--fail-on", "sometimes"), 2, "sometimes"),
        (("check", "--colour"), 2, "--colour"),
        (("nonsense",), 2, "nonsense"),
        (("check", "-o", "json:r", "-o", "html:r"), 2, "'r' is named twice"),
        (("check", "-o", "r.json", "-o", "./r.json"), 2, "is named twice"),
        (("check", "-o", "json:-"), 2, "-o json:- names no file"),
        (("check", "-o", "json:"), 2, "-o json: names no file"),
        (("snapshot", "python:venv", "-o", "s.html"), 2, "a snapshot is JSON"),
        (("check", "--rules", "same-id"), 2, "same-id/rule.yaml"),
        (("report", "missing.json"), 3, "missing.json"),
        (("rules", "show", "nope"), 2, "there is no rule 'nope'"),
    ],
)
def test_bad_input_is_one_clear_message(tmp_path, words, code, said):
    make_venv(tmp_path / "venv")
    (tmp_path / "empty").mkdir()
    (tmp_path / "broken.json").write_text("{")
    (tmp_path / "future.json").write_text('{"schema": 99, "facts": []}')
    (tmp_path / "broken.yaml").write_text("python: [")
    (tmp_path / "bad-rules").mkdir()
    (tmp_path / "bad-rules" / "rule.yaml").write_text("id: x\ncolour: red\n")
    (tmp_path / "same-id").mkdir()
    shipped = Path(__file__).parents[2] / "rules" / "torch" / "companions.yaml"
    (tmp_path / "same-id" / "rule.yaml").write_text(shipped.read_text().split("\n---\n")[0])
    ended = envcheck(*words, cwd=tmp_path)
    assert (ended.returncode, ended.stdout) == (code, "")
    assert said in ended.stderr.replace("\n", " ")


def test_machine_formats_put_nothing_else_on_stdout(tmp_path):
    prefix = make_venv(tmp_path / "venv")
    ended = envcheck("check", f"python:{prefix}", "--format", "json", cwd=tmp_path)
    json.loads(ended.stdout)
    assert ended.stderr == ""


def test_a_reader_that_leaves_early_is_no_crash(tmp_path):
    make_venv(tmp_path / ".venv")
    script = f"{sys.executable} -m envcheck check --format json | head -c 10"
    environ = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    ended = subprocess.run(
        ["/bin/sh", "-c", script], cwd=tmp_path, env=environ, capture_output=True, text=True, check=False
    )
    assert ended.stderr == ""


def test_damage_everywhere_is_a_finding_never_a_traceback(tmp_path):
    prefix = make_venv(tmp_path / "venv", {"fine": "1.0"})
    site = site_packages(prefix)
    add_package(prefix, "odd", "7.36.")
    (add_package(prefix, "truncated", "1.0") / "METADATA").write_bytes(b"Metadata-Version: 2.1\nNam")
    (add_package(prefix, "binary", "1.0") / "METADATA").write_bytes(bytes(range(256)) * 20)
    (add_package(prefix, "gone", "1.0") / "METADATA").unlink()
    (site / "~orch-2.0.dist-info").mkdir()
    (site / "file-1.0.dist-info").write_text("a file where a folder should be")
    (site / "loop-1.0.dist-info").symlink_to("loop-1.0.dist-info")
    (site / "bad.pth").write_bytes(b"\xff\xfe/nowhere\n../..\n" + b"x" * 10000)
    (site / "direct-1.0.dist-info").mkdir()
    (site / "direct-1.0.dist-info" / "METADATA").write_text("Name: direct\nVersion: 1.0\n\n")
    (site / "direct-1.0.dist-info" / "direct_url.json").write_text("{not json")
    (prefix.parent / "venv-base" / "bin" / "python3.11").unlink()
    ended = envcheck("check", f"python:{prefix}", "--format", "json", cwd=tmp_path)
    assert ended.returncode in (0, 1)
    report = json.loads(ended.stdout)
    assert {"odd", "truncated", "gone"} <= {subject for one in report["findings"] for subject in one["subjects"]}
    assert any(record["entity"] == "package/fine" for record in report["snapshots"][0]["facts"])


def test_the_output_is_the_same_twice(tmp_path):
    prefix = make_venv(tmp_path / "venv", {"torch": "2.4.0", "torchvision": "0.14.0"})
    first, second = (envcheck("check", f"python:{prefix}", cwd=tmp_path).stdout for _ in range(2))
    assert first == second


def test_names_in_a_message_do_not_steer_the_terminal(tmp_path):
    ended = envcheck("check", "python:/x\x1b[31m\u202e", cwd=tmp_path)
    assert (ended.returncode, "\x1b" in ended.stderr, "\u202e" in ended.stderr) == (3, False, False)
    assert "\n  try: " in ended.stderr


@pytest.mark.parametrize(
    ("words", "redirected", "code"),
    [
        ("check python:venv", ">/dev/full", 3),
        ("snapshot python:venv", ">/dev/full", 3),
        ("rules list", ">/dev/full", 3),
        ("--version", ">/dev/full", 3),
        ("check nonsense", "2>/dev/full", 2),
        ("check python:venv", ">&-", 0),
        ("check python:missing", ">out 2>&-", 3),
        ("check python:venv", ">&- 2>&-", 0),
        ("rules list", "| head -c 0", 0),
        ("report deep.json", "", 2),
        ("check snapshot:/dev/null", "", 2),
    ],
)
def test_whatever_becomes_of_the_output_the_exit_code_says_it(tmp_path, words, redirected, code):
    make_venv(tmp_path / "venv")
    (tmp_path / "deep.json").write_text("[" * 100_000)
    script = f"set -o pipefail; {sys.executable} -m envcheck {words} {redirected}"
    environ = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    ended = subprocess.run(
        ["bash", "-c", script], cwd=tmp_path, env=environ, capture_output=True, text=True, check=False
    )
    assert (ended.returncode, "Traceback" in ended.stderr) == (code, False), ended.stderr
    assert not (tmp_path / "out").exists() or (tmp_path / "out").read_text() == ""


def test_a_folder_that_is_gone_is_told(tmp_path):
    script = f"mkdir gone && cd gone && rmdir ../gone && {sys.executable} -m envcheck check"
    environ = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    ended = subprocess.run(
        ["bash", "-c", script], cwd=tmp_path, env=environ, capture_output=True, text=True, check=False
    )
    assert (ended.returncode, "Traceback" in ended.stderr) == (3, False), ended.stderr
    assert "the current folder" in ended.stderr


@pytest.mark.parametrize("listed", [True, False])
def test_modules_of_the_environment_stand_behind_those_of_envcheck(tmp_path, listed):
    (tmp_path / "theirs").mkdir()
    for name in ("jinja2", "msgspec", "yaml", "tomllib", "subprocess"):
        (tmp_path / "theirs" / f"{name}.py").write_text("import os; os._exit(77)\n")
    checkout = str(Path(__file__).parents[2])
    path = os.pathsep.join([str(tmp_path / "theirs"), checkout]) if listed else checkout
    cwd = tmp_path if listed else tmp_path / "theirs"
    ended = program("check", "--format", "html", cwd=cwd, PYTHONPATH=path)
    assert ended.returncode in (0, 1), ended.stderr


def test_a_rule_file_that_is_a_pipe_is_refused(tmp_path):
    (tmp_path / "rules").mkdir()
    os.mkfifo(tmp_path / "rules" / "a.yaml")
    ended = envcheck("check", "--rules", "rules", cwd=tmp_path)
    assert (ended.returncode, "not a regular file" in ended.stderr) == (2, True)


@pytest.mark.parametrize(
    ("files", "labels"),
    [
        (("linux.yaml", "windows.yaml"), ["linux.yaml", "windows.yaml"]),
        (("linux/env.yaml", "windows/env.yaml"), ["facts:linux/env.yaml", "facts:windows/env.yaml"]),
        (("env.yaml", "env.yaml"), ["facts:env.yaml", "facts:env.yaml (2)"]),
        (("a/env.yaml", "b/env.yaml", "other.yaml"), ["facts:a/env.yaml", "facts:b/env.yaml", "other.yaml"]),
    ],
)
def test_environments_of_one_name_are_told_apart(tmp_path, files, labels):
    for name, version in zip(files, ("0.14.0", "0.19.0", "0.19.0"), strict=False):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(f"package/torch: 2.4.0\npackage/torchvision: {version}\n")
    ended = envcheck("check", *(f"facts:{name}" for name in files), "--format", "json", cwd=tmp_path)
    report = json.loads(ended.stdout)
    assert [snapshot["label"] for snapshot in report["snapshots"]] == labels
    broken = [] if files[0] == files[-1] else labels[:1]  # the last version that was written there fits
    assert [one["target"] for one in report["findings"] if one["severity"] == "error"] == broken


def test_saved_snapshots_of_several_machines_are_named_by_their_files(tmp_path):
    for name in ("here", "there"):
        assert envcheck("snapshot", "-o", f"{name}.json", cwd=tmp_path).returncode == 0
    ended = envcheck("check", "snapshot:here.json", "snapshot:there.json", "--format", "json", cwd=tmp_path)
    assert [one["label"] for one in json.loads(ended.stdout)["snapshots"]] == ["here.json", "there.json"]


def test_a_finding_about_a_ci_file_is_shown_at_its_line_in_the_repository(tmp_path):
    workflow = "jobs:\n  test:\n    runs-on: ubuntu-20.04\n    steps: [{run: make}]\n"
    (tmp_path / ".github" / "workflows").mkdir(parents=True)
    (tmp_path / ".github" / "workflows" / "ci.yml").write_text(workflow)
    ended = envcheck(
        "check", "--select", "retired-runner-label", "--format", "sarif", "-o", "a.github.txt", cwd=tmp_path
    )
    (result,) = json.loads(ended.stdout)["runs"][0]["results"]
    place = result["locations"][0]["physicalLocation"]
    assert (place["artifactLocation"]["uri"], place["region"]) == (".github/workflows/ci.yml", {"startLine": 3})
    assert "::error file=.github/workflows/ci.yml,line=3," in (tmp_path / "a.github.txt").read_text()
