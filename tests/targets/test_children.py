"""Children: output, exit codes, time limits, output limits, programs that are not there."""

from __future__ import annotations

import os
import sys
import time
from typing import TYPE_CHECKING

import pytest

from envcheck.targets.children import Ended, pass_through, run

if TYPE_CHECKING:
    from pathlib import Path


def python(code: str, *, stdin: bytes = b"", env: dict[str, str] | None = None, limit: int = 1 << 20) -> Ended:
    return run([sys.executable, "-I", "-S", "-c", code], timeout=20, stdin=stdin, env=env, limit=limit)


def test_output_and_exit_code_are_returned() -> None:
    ended = python("import sys; print('out'); print('err', file=sys.stderr); sys.exit(3)")
    assert (ended.code, ended.out, ended.err, ended.cut) == (3, "out\n", "err\n", False)


def test_stdin_is_given_and_env_replaces_the_environment() -> None:
    ended = python("import os, sys; print(sys.stdin.read(), sorted(os.environ))", stdin=b"in", env={"ONLY": "1"})
    assert ended.code == 0
    assert ended.out.startswith("in ")
    assert "'ONLY'" in ended.out
    assert "'PATH'" not in ended.out


def test_output_that_is_not_utf8_is_replaced() -> None:
    assert python("import sys; sys.stdout.buffer.write(b'a\\xffb')").out == "a\ufffdb"


def test_output_beyond_the_limit_is_dropped_and_said() -> None:
    ended = python("print('x' * 500_000)", limit=1000)
    assert (ended.code, len(ended.out), ended.cut) == (0, 1000, True)


def test_output_as_long_as_the_limit_is_not_cut() -> None:
    ended = python("import sys; sys.stdout.write('x' * 1000)", limit=1000)
    assert (len(ended.out), ended.cut) == (1000, False)


def test_a_child_that_ignores_a_long_stdin_ends_all_the_same() -> None:
    assert python("pass", stdin=b"x" * 4_000_000).code == 0


def test_a_missing_program_is_an_answer_not_an_error(tmp_path: Path) -> None:
    ended = run([str(tmp_path / "none")], timeout=5)
    assert ended.code is None
    assert "could not be started" in ended.err


def test_an_argument_with_a_nul_is_an_answer_not_an_error() -> None:
    assert run([sys.executable, "a\0b"], timeout=5).code is None


@pytest.mark.skipif(os.name == "nt", reason="sessions are of POSIX")
def test_the_time_limit_ends_the_child_and_its_own_children(tmp_path: Path) -> None:
    note = tmp_path / "pid"
    code = (
        "import subprocess, sys, time\n"
        "inner = subprocess.Popen([sys.executable, '-S', '-c', 'import time; time.sleep(600)'])\n"
        f"open({str(note)!r}, 'w').write(str(inner.pid))\n"
        "print('begun', flush=True); time.sleep(600)"
    )
    ended = run([sys.executable, "-I", "-S", "-c", code], timeout=2)
    assert ended.code is None
    assert ended.out == "begun\n"
    assert ended.err == "stopped after 2 seconds"
    assert _gone(int(note.read_text()))


@pytest.mark.skipif(os.name == "nt", reason="sessions are of POSIX")
def test_a_grandchild_that_keeps_the_pipe_open_is_stopped_too() -> None:
    code = "import subprocess, sys; subprocess.Popen([sys.executable, '-S', '-c', 'import time; time.sleep(600)'])"
    ended = run([sys.executable, "-I", "-S", "-c", code], timeout=0.5)
    assert ended.code is None
    assert "stopped" in ended.err


def _gone(pid: int) -> bool:
    for _ in range(100):
        try:
            with open(f"/proc/{pid}/stat", encoding="utf-8") as stat:
                if stat.read().rsplit(")", 1)[1].split()[0] == "Z":
                    return True
        except OSError:
            return True
        time.sleep(0.05)
    return False


def passed(code: str, capfd: pytest.CaptureFixture[str], **limits: int) -> tuple[int, bytes, str, str]:
    status, kept = pass_through([sys.executable, "-I", "-S", "-c", code], **limits)
    out, err = capfd.readouterr()
    return status, b"".join(kept), out, err


def test_output_is_passed_on_and_kept(capfd: pytest.CaptureFixture[str]) -> None:
    code = "import sys; print('out', flush=True); print('err', file=sys.stderr); sys.exit(3)"
    status, kept, out, err = passed(code, capfd)
    assert (status, out, err) == (3, "out\n", "err\n")
    assert sorted(kept.split()) == [b"err", b"out"]


def test_a_signal_is_a_negative_code(capfd: pytest.CaptureFixture[str]) -> None:
    assert passed("import os; os.kill(os.getpid(), 9)", capfd)[0] == -9


def test_of_much_output_the_beginning_and_the_end_are_kept(capfd: pytest.CaptureFixture[str]) -> None:
    code = "import sys; sys.stdout.write('begin' + 'x' * 3_000_000 + 'end')"
    status, kept, out, _ = passed(code, capfd, head=1000, tail=200_000)
    assert (status, len(out)) == (0, 3_000_008)
    assert kept.startswith(b"begin")
    assert kept.endswith(b"end")
    assert len(kept) < 400_000


def test_a_program_that_cannot_be_started_raises(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        pass_through([str(tmp_path / "none")])
