"""`envcheck check --notify`: who is told changes neither the report nor the exit code."""

from __future__ import annotations

import json
import sys

import pytest

from tests.environments import add_package, make_venv
from tests.program import envcheck


@pytest.fixture
def folder(tmp_path):
    make_venv(tmp_path / ".venv", {"torch": "2.4.0"})
    (tmp_path / "tell.py").write_text("import sys; open('told', 'a').write(sys.stdin.read() + '\\n')\n")
    return tmp_path


def test_a_command_is_told_once_of_every_change(folder):
    words = ("check", "--notify", f"{sys.executable} tell.py")
    assert envcheck(*words, cwd=folder).returncode == 0
    add_package(folder / ".venv", "torchvision", "0.14.0")
    assert [envcheck(*words, "--no-cache", cwd=folder).returncode for _ in range(2)] == [1, 1]
    (told,) = map(json.loads, (folder / "told").read_text().splitlines())
    assert (told["before"], told["verdict"], told["counts"]["error"]) == ("ok", "broken", 1)


@pytest.mark.parametrize(("packages", "code"), [({}, 0), ({"torchvision": "0.14.0"}, 1)])
def test_a_failure_to_notify_is_a_message_and_no_other_exit_code(folder, packages, code):
    for name, version in packages.items():
        add_package(folder / ".venv", name, version)
    ended = envcheck("check", "--notify", "false", cwd=folder)
    assert ended.returncode == code
    assert ("nobody was notified: false: it ended with 1" in ended.stderr) is bool(code)


@pytest.mark.parametrize("who", ["ftp://example.org/x", "'unclosed"])
def test_nobody_can_be_notified_that_way(folder, who):
    ended = envcheck("check", "--notify", who, cwd=folder)
    assert (ended.returncode, ended.stdout) == (2, "")
