"""Shell scripts that run envcheck: a real bash, in which envcheck fails, says which of them hide that."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from envcheck.collectors._gates import find_gate

DEFEATED = {
    "envcheck check || true": "|| true",
    "envcheck check . -o a.json||true": "|| true",
    "envcheck check || :": "|| :",
    "envcheck check || exit 0": "|| exit 0",
    "envcheck check > seen.txt || true": "|| true",
    "envcheck check || echo 'there were findings'": "|| echo",
    "envcheck check || printf 'findings\\n' >&2\necho done": "|| printf",
    "envcheck check 2>&1 | tee seen.txt || true": "|| true",
    "envcheck check \\\n  --fail-on warning \\\n  || true": "|| true",
    "envcheck check ||\n  true": "|| true",
    "python -m envcheck check || true": "|| true",
    "uvx --from envcheck-ml envcheck gate a.json || true": "|| true",
    "if true; then envcheck check || true; fi": "|| true",
    "A=1 envcheck check || true\r\necho done": "|| true",
    "envcheck check '$x || y' || true": "|| true",
    "set +e\nenvcheck check\ntrue": "set +e",
    "set +e\nenvcheck check; true": "set +e",
    "set +e -u\nif true; then envcheck check; fi\necho b": "set +e",
    "set +o errexit\nenvcheck check && echo ok\necho done": "set +e",
    "envcheck check && echo ok\necho done": "&& echo",
    "set +o pipefail\nenvcheck check | tee log": "| tee",
}
FAILING = [
    "envcheck check",
    "envcheck check; true",
    "envcheck check || exit 1",
    "envcheck check || { echo bad; exit 1; }",
    "envcheck check && echo ok",
    "echo a && envcheck check\necho b",
    "set +e\nenvcheck check",
    "set\nenvcheck check",
    "set +e\nif true; then\n  envcheck check\nelse\n  echo skipped\nfi",
    "if true; then envcheck check && echo ok; else true; fi",
    'set +e\nenvcheck check\ncode=$?\necho "$code"\nexit $code',
    "set +e; set -e; envcheck check; true",
    "set -o pipefail\nenvcheck check | tee log",
    "# envcheck check || true\nenvcheck check",
    "envcheck check # || true",
    "for place in a b; do\n  envcheck check $place\ndone",
    "envcheck check || true\nenvcheck check python:.venv",
]
NO_GATE = [
    "",
    "pip install envcheck-ml",
    "echo 'envcheck check || true'",
    "envcheck check --fail-on never || true",
    "envcheck check --fail-on=never",
    "envcheck snapshot -o a.json || true",
    "if envcheck check; then echo ok; fi",
    "! envcheck check",
    "until envcheck check; do sleep 1; done",
    "my-envcheck check || true",
]


def code(script: str, folder: Path) -> int:
    """Return the exit code of a script in which `envcheck` ends with 1."""
    (folder / "envcheck").write_text("#!/bin/sh\nexit 1\n")
    (folder / "envcheck").chmod(0o755)
    words = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script.replace("\r\n", "\n")]
    environ = {"PATH": f"{folder}:{os.environ['PATH']}"}
    return subprocess.run(words, cwd=folder, env=environ, capture_output=True, check=False).returncode


@pytest.mark.parametrize("script", DEFEATED)
def test_what_hides_a_failure_is_named(script: str) -> None:
    gate = find_gate(script)
    assert gate is not None
    assert gate.defeats == (DEFEATED[script],)


@pytest.mark.parametrize("script", FAILING)
def test_a_script_that_fails_with_envcheck_is_not_accused(script: str) -> None:
    gate = find_gate(script)
    assert gate is not None
    assert (gate.defeats, gate.unclear) == ((), "")


@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash")
@pytest.mark.parametrize("script", [*DEFEATED, *FAILING])
def test_a_real_bash_agrees(script: str, tmp_path: Path) -> None:
    if "python -m" in script or "uvx" in script:
        script = "envcheck" + script.partition(" envcheck")[2]
    assert (code(script, tmp_path) == 0) is bool(getattr(find_gate(script), "defeats", ()))


@pytest.mark.parametrize("script", NO_GATE)
def test_what_never_fails_or_is_asked_for_its_exit_code_is_no_gate(script: str) -> None:
    assert find_gate(script) is None


@pytest.mark.parametrize(
    "script",
    [
        "(envcheck check) || true",
        "out=$(envcheck check) || true",
        "envcheck check &\nwait",
        "cat <<END\nenvcheck check || true\nEND\nenvcheck check || true",
        "trap 'exit 1' EXIT\nenvcheck check || true",
        "envcheck check || true\necho 'open",
        "envcheck check -o r.json || true\n" * 1001,
    ],
)
def test_what_is_not_followed_is_not_judged(script: str) -> None:
    gate = find_gate(script)
    assert gate is not None
    assert gate.defeats == ()
    assert gate.unclear


@pytest.mark.parametrize(
    ("options", "script", "defeats"),
    [
        ({"pipefail": False}, "envcheck check | tee log", ("| tee",)),
        ({}, "envcheck check | tee log", ()),
        ({"errexit": False}, "envcheck check; true", ("set +e",)),
        ({"errexit": False}, "envcheck check", ()),
    ],
)
def test_the_options_that_a_shell_is_started_with_count(
    options: dict[str, bool], script: str, defeats: tuple[str, ...]
) -> None:
    gate = find_gate(script, **options)
    assert gate is not None
    assert gate.defeats == defeats


def test_a_report_that_something_later_reads_may_be_judged_there() -> None:
    gate = find_gate("envcheck check -o json:out/report.json || true\npython judge.py out/report.json")
    assert gate is not None
    assert (gate.defeats, gate.reports) == ((), ("report.json",))


def test_a_result_that_is_written_down_may_be_judged_elsewhere() -> None:
    gate = find_gate('envcheck check || echo "failed=1" >> "$GITHUB_OUTPUT"')
    assert gate is not None
    assert (gate.defeats, gate.unclear) == ((), "")


def test_an_operator_inside_an_expression_of_the_forge_is_not_the_shells() -> None:
    gate = find_gate("envcheck check ${{ inputs.target || '.' }}")
    assert gate is not None
    assert gate.defeats == ()
