"""The pytest plugin in sessions of its own: what stops one, with which code, and that it costs nothing unasked."""

from __future__ import annotations

import sys
import tomllib
from importlib import import_module
from pathlib import Path

import pytest

from tests.environments import make_venv

ROOT = Path(__file__).parents[1]
pytest_plugins = ["pytester"]

BROKEN = {"torch": "2.4.0", "torchvision": "0.14.0"}
DECLARED = {"requests": "2.32.0"}


@pytest.fixture(autouse=True)
def _own_session(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")  # whether or not this checkout is installed
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    pytester.makepyfile("def test_it():\n    print('it ran')\n")
    pytester.makeini("[pytest]\nfilterwarnings = error\n")


def session(pytester: pytest.Pytester, *words: str) -> pytest.RunResult:
    return pytester.runpytest_subprocess("-p", "envcheck.pytest_plugin", *words)


def test_a_broken_environment_ends_the_session_before_any_test(pytester: pytest.Pytester, tmp_path: Path) -> None:
    prefix = make_venv(tmp_path / "venv", BROKEN)
    ended = session(pytester, "--envcheck", f"--envcheck-target=python:{prefix}")
    assert ended.ret == pytest.ExitCode.TESTS_FAILED
    ended.stdout.fnmatch_lines(["*torchvision 0.14.0 is built for*", "*envcheck found what will not work*"])
    ended.stdout.no_fnmatch_line("*test_it*")
    ended.stdout.no_fnmatch_line("*collected*")


def test_a_healthy_environment_changes_nothing(pytester: pytest.Pytester, tmp_path: Path) -> None:
    prefix = make_venv(tmp_path / "venv", DECLARED)
    session(pytester, "--envcheck", f"--envcheck-target=python:{prefix}").assert_outcomes(passed=1)


def test_the_threshold_can_be_raised(pytester: pytest.Pytester, tmp_path: Path) -> None:
    words = ("--envcheck", f"--envcheck-target=python:{make_venv(tmp_path / 'venv', BROKEN)}")
    session(pytester, *words, "--envcheck-fail-on=never").assert_outcomes(passed=1)


def test_the_python_of_the_tests_is_checked_unless_another_is_named(pytester: pytest.Pytester) -> None:
    waiver = "- {rule: torchvision-built-for-other-torch, reason: it was so once, owner: me}\n"
    (pytester.path / ".envcheck-waivers.yaml").write_text(waiver)
    ended = session(pytester, "--envcheck", "--envcheck-fail-on=info")
    assert ended.ret == pytest.ExitCode.TESTS_FAILED
    ended.stdout.fnmatch_lines([f"*{sys.prefix}*", "*waiver-unused*"])


@pytest.mark.parametrize(
    ("target", "code"),
    [
        ("nonsense:here", pytest.ExitCode.USAGE_ERROR),
        ("--help", pytest.ExitCode.USAGE_ERROR),
        ("python:/does/not/exist", pytest.ExitCode.INTERNAL_ERROR),
    ],
)
def test_what_cannot_be_checked_is_no_success(pytester: pytest.Pytester, target: str, code: pytest.ExitCode) -> None:
    ended = session(pytester, "--envcheck", f"--envcheck-target={target}")
    assert ended.ret == code
    ended.stdout.fnmatch_lines(["*envcheck could not check*"])


def test_a_wrong_threshold_is_a_usage_error(pytester: pytest.Pytester) -> None:
    assert session(pytester, "--envcheck", "--envcheck-fail-on=fatal").ret == pytest.ExitCode.USAGE_ERROR


def test_a_session_that_does_not_ask_starts_and_imports_nothing(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        "import sys\n"
        "def test_it():\n"
        "    held = {name for name in sys.modules if name.startswith('envcheck.')}\n"
        "    assert not held & {'envcheck.pipeline', 'envcheck.cli', 'envcheck.collectors', 'envcheck.targets'}\n"
    )
    session(pytester).assert_outcomes(passed=1)


def test_workers_leave_the_check_to_the_main_process(pytester: pytest.Pytester, tmp_path: Path) -> None:
    pytester.makeconftest("def pytest_configure(config):\n    config.workerinput = {}\n")
    words = ("--envcheck", f"--envcheck-target=python:{make_venv(tmp_path / 'venv', BROKEN)}")
    session(pytester, *words).assert_outcomes(passed=1)


def test_pytest_finds_the_plugin_by_the_entry_point() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    (name,) = project["entry-points"]["pytest11"].values()
    assert hasattr(import_module(name), "pytest_sessionstart")
