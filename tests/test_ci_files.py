"""What is ready to use for CI: the action, the hook, the template, completion, and every block of docs/ci.md."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from envcheck import pytest_plugin
from envcheck.cli import app as typer_app
from envcheck.cli.options import read_quickly
from envcheck.collectors._gitlab import read_pipeline
from envcheck.plainyaml import read
from tests.environments import link_installed, make_venv

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "ci.md").read_text(encoding="utf-8")
BROKEN = {"torch": "2.4.0", "torchvision": "0.14.0"}
QUICKLY = {"PIP_NO_COMPILE": "0"}  # 0 is what switches pip's options off that have a no in their name
NEEDS_BASH = pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash")


def yaml_of(text: str) -> Any:
    (document,) = read(text, "text")
    return document.data


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


def yaml_block(key: str) -> Any:
    (found,) = [data for data in map(yaml_of, blocks("yaml")) if key in data]
    return found


ACTION = yaml_of((ROOT / "action.yml").read_text(encoding="utf-8"))
INSTALL, CHECK = ACTION["runs"]["steps"]


# The action


def test_no_input_reaches_a_script_but_through_its_environment() -> None:
    for step in (INSTALL, CHECK):
        assert "${{" not in step["run"]
        assert step["shell"] == "bash"
    given = " ".join(CHECK["env"].values())
    assert {f"inputs.{name}" for name in ACTION["inputs"]} == set(re.findall(r"inputs\.[a-z-]+", given))
    assert all(text["description"] for text in ACTION["inputs"].values())


def run_step(script: str, folder: Path, **environ: str) -> tuple[subprocess.CompletedProcess[str], dict[str, str]]:
    """Run a step's script as a runner does; return how it ended, and its outputs."""
    for name in ("temp", "work"):
        (folder / name).mkdir(exist_ok=True)
    (folder / "script.sh").write_text(script)
    (folder / "outputs").write_text("")
    base = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "XDG_CACHE_HOME": os.environ["XDG_CACHE_HOME"],
        "RUNNER_TEMP": str(folder / "temp"),
        "GITHUB_ACTION_PATH": str(ROOT),
        "GITHUB_OUTPUT": str(folder / "outputs"),
        "GITHUB_STEP_SUMMARY": str(folder / "summary.md"),
    }
    ended = subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", str(folder / "script.sh")],
        cwd=folder / "work",
        env=base | environ,
        capture_output=True,
        text=True,
        check=False,
    )
    return ended, dict(line.partition("=")[::2] for line in (folder / "outputs").read_text().splitlines())


def check_step(folder: Path, **inputs: str) -> tuple[subprocess.CompletedProcess[str], dict[str, str]]:
    """Run the action's check with this checkout's envcheck in the place of the installed one."""
    program = folder / "envcheck"
    program.write_text(f'#!/bin/sh\nPYTHONPATH={shlex.quote(str(ROOT))} exec {sys.executable} -m envcheck "$@"\n')
    program.chmod(0o755)
    names = {"TARGET": ".", "FAIL_ON": "", "BASELINE": "", "SARIF": "", "ARGS": "", "PROGRAM": str(program)}
    return run_step(CHECK["run"], folder, **(names | inputs))


@NEEDS_BASH
def test_the_action_annotates_sums_up_and_fails_for_a_broken_environment(tmp_path: Path) -> None:
    (tmp_path / "summary.md").write_text("# of an earlier step\n")
    prefix = make_venv(tmp_path / "venv", BROKEN)
    ended, outputs = check_step(tmp_path, TARGET=f"python:{prefix}\n", SARIF="out.sarif")
    assert ended.returncode == 1, ended.stderr
    assert outputs == {"exit-code": "1"}
    assert any(line.startswith("::error") and "torchvision" in line for line in ended.stdout.splitlines())
    summary = (tmp_path / "summary.md").read_text(encoding="utf-8")
    assert summary.startswith("# of an earlier step\n")
    assert "torchvision-built-for-other-torch" in summary
    assert json.loads((tmp_path / "work" / "out.sarif").read_text(encoding="utf-8"))["version"] == "2.1.0"


@NEEDS_BASH
def test_the_inputs_of_the_action_are_words_of_the_command_line(tmp_path: Path) -> None:
    broken, healthy = make_venv(tmp_path / "a", BROKEN), make_venv(tmp_path / "b", {"requests": "2.32.0"})
    targets = f"python:{broken}\npython:{healthy}"
    assert check_step(tmp_path, TARGET=targets, FAIL_ON="never")[1] == {"exit-code": "0"}
    skipped = "--skip\ntorchvision-built-for-other-torch\n"
    assert check_step(tmp_path, TARGET=targets, ARGS=skipped)[0].returncode == 0
    ended, _ = check_step(tmp_path, TARGET=targets, ARGS="--format\njson")
    assert [snapshot["address"] for snapshot in json.loads(ended.stdout)["snapshots"]] == targets.splitlines()
    (tmp_path / "work" / "before.json").write_text(ended.stdout)
    assert check_step(tmp_path, TARGET=targets, BASELINE="before.json")[0].returncode == 0


@NEEDS_BASH
@pytest.mark.parametrize(
    "inputs",
    [
        {"TARGET": "$(touch pwned)"},
        {"TARGET": "`touch pwned`; touch pwned"},
        {"ARGS": "'; touch pwned; '"},
        {"FAIL_ON": "error; touch pwned"},
        {"BASELINE": "a b && touch pwned"},
        {"TARGET": "--format=json"},
    ],
)
def test_no_input_is_run_or_becomes_an_option(tmp_path: Path, inputs: dict[str, str]) -> None:
    ended, outputs = check_step(tmp_path, **inputs)
    assert outputs["exit-code"] in ("2", "3")
    assert not (tmp_path / "work" / "pwned").exists()
    assert not ended.stdout.startswith("{")


@NEEDS_BASH
@pytest.mark.parametrize("tool", ["uv", "python"])
def test_the_action_installs_its_own_checkout_into_a_place_of_its_own(tmp_path: Path, tool: str) -> None:
    (tmp_path / "bin").mkdir()
    inner = '#!/bin/sh\necho "$0 $*" >> "$LOG"\n'
    makes = f'for home in "$@"; do :; done\nmkdir -p "$home/bin"\ncp {tmp_path}/inner "$home/bin/python"\n'
    outer = f'#!/bin/sh\necho "{tool} $*" >> "$LOG"\ncase "$*" in venv*|"-m venv"*) {makes} ;; esac\n'
    for path, text in ((tmp_path / "inner", inner), (tmp_path / "bin" / tool, outer)):
        path.write_text(text)
        path.chmod(0o755)
    # A PATH of links to what the script needs: whichever uv this machine has must not be found.
    for name in ("bash", "sh", "mkdir", "cp"):
        (tmp_path / "bin" / name).symlink_to(str(shutil.which(name)))
    log = tmp_path / "log"
    ended, outputs = run_step(INSTALL["run"], tmp_path, PATH=str(tmp_path / "bin"), LOG=str(log))
    assert ended.returncode == 0, ended.stderr
    home = tmp_path / "temp" / "envcheck"
    assert outputs == {"program": f"{home}/bin/envcheck"}
    installer = f"uv pip install --quiet --python {home}/bin/python" if tool == "uv" else None
    assert log.read_text().splitlines()[1] == (f"{installer or f'{home}/bin/python -m pip install --quiet'} {ROOT}")


@NEEDS_BASH
@pytest.mark.network
def test_the_action_installs_for_real(tmp_path: Path) -> None:
    pip = {name: value for name, value in os.environ.items() if name.startswith(("PIP_", "UV_", "SSL_"))}
    ended, outputs = run_step(INSTALL["run"], tmp_path, **pip, **QUICKLY)
    assert ended.returncode == 0, ended.stderr
    said = subprocess.run([outputs["program"], "--version"], capture_output=True, text=True, check=True).stdout
    assert said.startswith("envcheck ")


# The hook


def test_the_hook_file_is_valid() -> None:
    words = [sys.executable, "-m", "pre_commit", "validate-manifest", str(ROOT / ".pre-commit-hooks.yaml")]
    ended = subprocess.run(words, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr


@pytest.mark.parametrize(
    ("path", "runs"),
    [
        ("requirements.txt", True),
        ("deploy/requirements-gpu.txt", True),
        ("constraints.txt", True),
        ("requirements/base.in", True),
        ("services/api/requirements/prod.txt", True),
        ("pyproject.toml", True),
        ("services/api/uv.lock", True),
        ("pylock.prod.toml", True),
        ("environment.yml", True),
        ("docker/Dockerfile.cuda", True),
        ("envcheck.yaml", True),
        (".github/workflows/ci.yml", True),
        (".gitlab-ci.yml", True),
        ("src/app.py", False),
        ("docs/requirements.md", False),
        ("requirements/README.md", False),
        (".github/dependabot.yml", False),
        ("my-envcheck.yaml", False),
    ],
)
def test_the_hook_runs_for_what_can_change_the_answer(path: str, runs: bool) -> None:  # noqa: FBT001  a column of a table
    (hook,) = yaml_of((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    assert bool(re.search(hook["files"], path)) is runs


def _git(folder: Path, *words: str) -> None:
    identity = ("-c", "user.name=Tester", "-c", "user.email=tester@example.com")
    subprocess.run(["git", *identity, *words], cwd=folder, check=True, capture_output=True)


def test_pre_commit_runs_the_hook_in_a_repository(tmp_path: Path) -> None:
    """Make a repository of what a wheel is built from and one of a project, and let pre-commit run the hook.

    What pip would fetch from the index, it finds installed here.
    """
    ours, project = tmp_path / "envcheck", tmp_path / "project"
    for name in ("envcheck", "rules", "reports/templates"):
        shutil.copytree(ROOT / name, ours / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "hatch_build.py", "README.md", "LICENSE", ".pre-commit-hooks.yaml"):
        shutil.copy(ROOT / name, ours / name)
    project.mkdir()
    make_venv(project / ".venv", BROKEN)
    (project / ".gitignore").write_text(".venv*\n")
    (project / "requirements.txt").write_text("torch==2.4.0\n")
    for folder in (ours, project):
        _git(folder, "init", "--quiet")
        _git(folder, "add", "--all")
        _git(folder, "commit", "--quiet", "--no-verify", "--message", "all")
    installed = link_installed(tmp_path / "installed")
    pip = {"PIP_NO_INDEX": "1", "PIP_NO_BUILD_ISOLATION": "0", **QUICKLY}
    environ = {**os.environ, **pip, "PYTHONPATH": str(installed), "PRE_COMMIT_HOME": str(tmp_path / "home")}
    environ.pop("VIRTUAL_ENV", None)
    words = [sys.executable, "-m", "pre_commit", "try-repo", str(ours), "envcheck", "--all-files", "--verbose"]
    ended = subprocess.run(words, cwd=project, env=environ, capture_output=True, text=True, check=False)
    assert ended.returncode == 1, ended.stdout + ended.stderr
    assert f"{project}/.venv" in ended.stdout
    assert "torchvision 0.14.0 is built for" in ended.stdout
    _git(project, "rm", "--quiet", "requirements.txt")
    ended = subprocess.run(words, cwd=project, env=environ, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "no files to check" in ended.stdout


# The template for GitLab


@pytest.mark.parametrize("path", ["ci/gitlab/envcheck.gitlab-ci.yml", "reports/templates/init/gitlab.yml"])
def test_the_template_for_gitlab_is_a_gate_with_a_report(path: str) -> None:
    (document,) = read((ROOT / path).read_text(encoding="utf-8"), path)
    facts = {entity[0]: values for entity, _, values in read_pipeline(document, path).found}
    assert facts == {"job": {"forge": "gitlab", "allowed_to_fail": False}, "step": {"gate": "check"}}
    job = yaml_of((ROOT / path).read_text(encoding="utf-8"))["envcheck"]
    written = job["artifacts"]["reports"]["codequality"]
    assert job["artifacts"]["when"] == "always"
    assert f"-o gitlab:{written}" in job["script"][-1]


def test_the_two_templates_for_gitlab_differ_in_what_they_install_alone() -> None:
    texts = [ROOT / "ci/gitlab/envcheck.gitlab-ci.yml", ROOT / "reports/templates/init/gitlab.yml"]
    shipped, written = (path.read_text(encoding="utf-8").splitlines() for path in texts)
    differ = [number for number, (one, other) in enumerate(zip(shipped, written, strict=True)) if one != other]
    assert differ == [shipped.index("  before_script:") + 1, shipped.index("  before_script:") + 2]


# Completion


def completed(shell: str, **environ: str) -> str:
    base = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "HOME": "/nonexistent"}
    ended = subprocess.run(
        [sys.executable, "-m", "envcheck"],
        env=base | {"_ENVCHECK_COMPLETE": f"complete_{shell}", **environ},
        capture_output=True,
        text=True,
        check=False,
    )
    return ended.stdout


@pytest.mark.parametrize(
    ("line", "wanted"),
    [("envcheck che", "check"), ("envcheck check --fail", "--fail-on"), ("envcheck rules sh", "show")],
)
def test_a_word_is_completed(line: str, wanted: str) -> None:
    count = str(len(line.split()) - 1)
    assert wanted in completed("bash", COMP_WORDS=line, COMP_CWORD=count).split()


def test_the_other_shells_complete_as_well() -> None:
    line = "envcheck check --fail"
    assert "--fail-on" in completed("zsh", _TYPER_COMPLETE_ARGS=line)
    environ = {"_TYPER_COMPLETE_ARGS": line, "_TYPER_COMPLETE_WORD_TO_COMPLETE": "--fail"}
    assert "--fail-on" in completed("fish", _TYPER_COMPLETE_FISH_ACTION="get-args", **environ)


@pytest.mark.parametrize(("shell", "file"), [("bash", ".bashrc"), ("zsh", ".zshrc"), ("fish", ".config/fish")])
def test_completion_installs_itself_and_shows_what_it_is(tmp_path: Path, shell: str, file: str) -> None:
    environ = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
        "HOME": str(tmp_path),
        "_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "1",
    }
    for option in ("--show-completion", "--install-completion"):
        words = [sys.executable, "-m", "envcheck", option, shell]
        ended = subprocess.run(words, env=environ, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert ended.returncode == 0, ended.stderr
        assert "_ENVCHECK_COMPLETE" in ended.stdout or "installed" in ended.stdout
    assert (tmp_path / file).exists()


# The page


def console_words() -> Iterator[list[str]]:
    for block in blocks("console"):
        for line in block.splitlines():
            assert line.startswith("$ "), line
            yield shlex.split(line)[1:]


@pytest.mark.parametrize("words", list(console_words()), ids=" ".join)
def test_a_call_on_the_page_is_understood(words: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    if words[0] == "pytest":
        parser = pytest.Parser(_ispytest=True)
        pytest_plugin.pytest_addoption(parser)
        parser.optparser.parse_args(words[1:])
    elif words[1].endswith("-completion"):
        assert words[1] in ("--install-completion", "--show-completion")
    else:
        monkeypatch.setattr(typer_app, "run_command", lambda _name, _values: 0)
        assert words[0] == "envcheck"
        assert typer_app.run_app(words[1:]) == 0


def test_the_workflow_on_the_page_uses_the_inputs_of_the_action() -> None:
    (step,) = [step for step in yaml_block("steps")["steps"] if "/envcheck@" in step.get("uses", "")]
    assert set(step["with"]) == set(ACTION["inputs"])
    words = [*step["with"]["args"].splitlines(), "--baseline", "x", "--fail-on", step["with"]["fail-on"]]
    assert read_quickly(["check", *words, *step["with"]["target"].splitlines()]) is not None


def test_the_hook_on_the_page_is_the_hook() -> None:
    (repository,) = yaml_block("repos")["repos"]
    (hook,) = repository["hooks"]
    (ours,) = yaml_of((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    assert hook["id"] == ours["id"]
    assert ours["entry"].split() == ["envcheck", "check"]
    assert read_quickly(["check", *hook["args"]]) is not None


def test_the_pipeline_on_the_page_changes_what_the_template_has() -> None:
    ours = yaml_of((ROOT / "ci/gitlab/envcheck.gitlab-ci.yml").read_text(encoding="utf-8"))["envcheck"]
    given = yaml_block("include")["envcheck"]
    assert set(given) <= set(ours)
    assert set(given["variables"]) <= set(ours["variables"])


def units() -> dict[str, str]:
    return dict(
        re.findall(r"^`/etc/systemd/system/(envcheck\.\w+)`:\n\n```ini\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    )


def test_the_service_calls_envcheck_as_it_can_be_called() -> None:
    held = units()
    assert set(held) == {"envcheck.service", "envcheck.timer"}
    (line,) = [line for line in held["envcheck.service"].splitlines() if line.startswith("ExecStart=")]
    words = shlex.split(line.removeprefix("ExecStart="))
    assert words[0].endswith("/envcheck")
    read_words = read_quickly(words[1:])
    assert read_words is not None
    assert read_words[1]["notify"] == "${ENVCHECK_NOTIFY}"
    assert "CacheDirectory=envcheck" in held["envcheck.service"]
    assert "XDG_CACHE_HOME=%C/envcheck" in held["envcheck.service"]
    assert "OnCalendar=" in held["envcheck.timer"]
    assert "WantedBy=timers.target" in held["envcheck.timer"]


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="there is no systemd")
def test_systemd_accepts_the_units(tmp_path: Path) -> None:
    for name, text in units().items():
        (tmp_path / name).write_text(text.replace("/usr/local/bin/envcheck", sys.executable), encoding="utf-8")
    words = ["systemd-analyze", "verify", "--man=no", *(str(tmp_path / name) for name in units())]
    ended = subprocess.run(words, capture_output=True, text=True, check=False)
    ours = [line for line in ended.stderr.splitlines() if "envcheck" in line]
    assert (ended.returncode, ours) == (0, [])
    (when,) = re.findall(r"^OnCalendar=(.*)$", units()["envcheck.timer"], re.MULTILINE)
    subprocess.run(["systemd-analyze", "calendar", when], check=True, capture_output=True)


def test_the_cron_line_has_five_fields_and_a_call_that_is_understood() -> None:
    (line,) = "".join(blocks("cron")).splitlines()
    *fields, command = line.split(maxsplit=5)
    assert all(re.fullmatch(r"\*|\d+", field) for field in fields)
    assert "%" not in command, "cron would make it a line break"
    words = shlex.split(command.partition("&& ")[2].partition(" >")[0])
    read_words = read_quickly(words[1:])
    assert read_words is not None
    assert shlex.split(str(read_words[1]["notify"]))[0] == "/usr/bin/mail"


def test_the_cronjob_calls_envcheck_and_keeps_what_it_was_told() -> None:
    job = yaml_block("kind")
    assert (job["apiVersion"], job["kind"]) == ("batch/v1", "CronJob")
    assert set(job) == {"apiVersion", "kind", "metadata", "spec"}
    assert len(job["spec"]["schedule"].split()) == 5
    pod = job["spec"]["jobTemplate"]["spec"]["template"]["spec"]
    assert pod["restartPolicy"] == "Never"
    (container,) = pod["containers"]
    read_words = read_quickly(container["command"][1:])
    assert read_words is not None
    environ = {entry["name"]: entry for entry in container["env"]}
    assert read_words[1]["notify"] == "$(ENVCHECK_NOTIFY)"
    assert "ENVCHECK_NOTIFY" in environ
    (mount,) = container["volumeMounts"]
    assert mount["mountPath"] == environ["XDG_CACHE_HOME"]["value"]
    assert [volume["name"] for volume in pod["volumes"]] == [mount["name"]]
