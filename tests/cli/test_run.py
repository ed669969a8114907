"""`envcheck run`: what a command is given and gives, on a terminal and off it, is as without anything in between."""

from __future__ import annotations

import fcntl
import os
import signal
import struct
import subprocess
import sys
import termios
import time
from pathlib import Path

import pytest

from tests.program import CHECKOUT

# Makes standard input the controlling terminal, as a shell's is, and becomes envcheck.
START = (
    "import fcntl, os, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0);"
    "os.execv(sys.executable, [sys.executable, '-m', 'envcheck', 'run', '--', *sys.argv[1:]])"
)
PYTHON = (sys.executable, "-I", "-S", "-c")


ENVIRON = {"PATH": "/usr/bin:/bin", "PYTHONPATH": CHECKOUT, "LANG": "C.UTF-8", "TERM": "xterm"}


@pytest.fixture(scope="module", autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Give all commands one home, so that the rules are compiled once."""
    ENVIRON["HOME"] = str(tmp_path_factory.mktemp("home"))


class Terminal:
    """A person's terminal in which `envcheck run` runs."""

    def __init__(self, folder: Path, *command: str, columns: int = 97, err: int | None = None) -> None:
        self.ours, theirs = os.openpty()
        self.resize(columns)
        self.child = subprocess.Popen(
            [sys.executable, "-c", START, *command],
            stdin=theirs,
            stdout=theirs,
            stderr=theirs if err is None else err,
            cwd=folder,
            env=ENVIRON,
            start_new_session=True,
        )
        os.close(theirs)
        self.seen = b""

    def resize(self, columns: int) -> None:
        fcntl.ioctl(self.ours, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))

    def until(self, said: bytes) -> None:
        while said not in self.seen:
            piece = os.read(self.ours, 65536)
            assert piece
            self.seen += piece

    def ended(self) -> tuple[int, bytes]:
        try:
            while piece := os.read(self.ours, 65536):
                self.seen += piece
        except OSError:
            pass
        os.close(self.ours)
        return self.child.wait(60), self.seen


def run(folder: Path, *command: str, given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    words = [sys.executable, "-m", "envcheck", "run", "--", *command]
    return subprocess.run(words, input=given, cwd=folder, env=ENVIRON, capture_output=True, timeout=60, check=False)


def test_on_a_terminal_a_command_sees_one_of_the_same_size(tmp_path: Path) -> None:
    code = (
        "import os, sys; print(sys.stdin.isatty(), sys.stdout.isatty(), sys.stderr.isatty(), os.get_terminal_size(2))"
    )
    status, seen = Terminal(tmp_path, *PYTHON, code).ended()
    assert status == 0
    assert seen == b"True True True os.terminal_size(columns=97, lines=24)\r\n"


def test_off_a_terminal_a_command_sees_none(tmp_path: Path) -> None:
    ended = run(tmp_path, *PYTHON, "import sys; print(sys.stdout.isatty(), sys.stderr.isatty())")
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, b"False False\n", b"")


def test_where_only_one_output_is_a_terminal_only_that_one_is(tmp_path: Path) -> None:
    with (tmp_path / "err").open("wb") as err:
        code = "import sys; print(sys.stdout.isatty()); print(sys.stderr.isatty(), file=sys.stderr)"
        status, seen = Terminal(tmp_path, *PYTHON, code, err=err.fileno()).ended()
    assert (status, seen) == (0, b"True\r\n")
    assert (tmp_path / "err").read_bytes() == b"False\n"


def test_a_failure_on_a_terminal_is_explained_beneath(tmp_path: Path) -> None:
    code = "print('\\33[31mred\\33[0m', flush=True); import module_that_is_not_there"
    status, seen = Terminal(tmp_path, *PYTHON, code).ended()
    assert status == 1
    assert seen.startswith(b"\x1b[31mred\x1b[0m\r\nTraceback")
    assert seen.count(b"module_that_is_not_there") > 2


def test_what_is_typed_reaches_the_command(tmp_path: Path) -> None:
    terminal = Terminal(tmp_path, *PYTHON, "print('got', input('name? ').upper())")
    terminal.until(b"name? ")
    os.write(terminal.ours, b"hammer\n")
    status, seen = terminal.ended()
    assert status == 0
    assert b"got HAMMER" in seen


def test_ctrl_c_is_the_commands_own_affair(tmp_path: Path) -> None:
    code = (
        "import time\nprint('ready', flush=True)\ntry: time.sleep(60)\n"
        "except KeyboardInterrupt: print('caught'); raise SystemExit(7)"
    )
    terminal = Terminal(tmp_path, *PYTHON, code)
    terminal.until(b"ready")
    os.write(terminal.ours, b"\x03")
    status, seen = terminal.ended()
    assert status == 7
    assert b"caught" in seen


def test_a_terminal_that_changes_its_size_is_followed(tmp_path: Path) -> None:
    code = (
        "import os, signal, time\n"
        "signal.signal(signal.SIGWINCH, lambda *_: os.write(1, b'now %d\\n' % os.get_terminal_size(1).columns))\n"
        "print('ready', flush=True)\nend = time.time() + 60\n"
        "while time.time() < end and os.get_terminal_size(1).columns != 61: time.sleep(0.05)\ntime.sleep(0.2)"
    )
    terminal = Terminal(tmp_path, *PYTHON, code)
    terminal.until(b"ready")
    terminal.resize(61)
    status, seen = terminal.ended()
    assert status == 0
    assert b"now 61" in seen


@pytest.mark.parametrize(("number", "status"), [(9, 137), (11, 139), (15, 143)])
def test_the_exit_code_of_a_signal_is_that_of_a_shell(tmp_path: Path, number: int, status: int) -> None:
    code = f"import os; os.kill(os.getpid(), {number})"
    assert run(tmp_path, *PYTHON, code).returncode == status
    assert Terminal(tmp_path, *PYTHON, code).ended()[0] == status


def test_a_signal_for_envcheck_is_passed_on(tmp_path: Path) -> None:
    code = (
        "import signal, sys, time\nsignal.signal(signal.SIGTERM, lambda *_: sys.exit(5))\n"
        "print('ready', flush=True)\ntime.sleep(60)"
    )
    terminal = Terminal(tmp_path, *PYTHON, code)
    terminal.until(b"ready")
    terminal.child.send_signal(signal.SIGTERM)
    assert terminal.ended()[0] == 5


def test_much_output_comes_through_whole(tmp_path: Path) -> None:
    code = "import sys\nfor n in range(60_000): sys.stdout.write(f'line {n} of it {\"x\" * 60}\\n')"
    said = b"".join(b"line %d of it %s\n" % (number, b"x" * 60) for number in range(60_000))
    assert run(tmp_path, *PYTHON, code).stdout == said
    assert Terminal(tmp_path, *PYTHON, code).ended()[1] == said.replace(b"\n", b"\r\n")


def test_binary_output_comes_through_unchanged(tmp_path: Path) -> None:
    data = bytes(range(256)) * 500
    (tmp_path / "data").write_bytes(data)
    assert run(tmp_path, "cat", "data").stdout == data
    # The real terminal makes of each line feed what it does without anything in between.
    assert Terminal(tmp_path, "cat", "data").ended()[1] == data.replace(b"\n", b"\r\n")


def test_what_is_given_is_read_by_the_command_alone(tmp_path: Path) -> None:
    assert run(tmp_path, "cat", given=b"one\ntwo\0\n").stdout == b"one\ntwo\0\n"


@pytest.mark.parametrize("on_terminal", [False, True])
def test_who_stays_behind_and_holds_everything_open_is_not_waited_for(tmp_path: Path, *, on_terminal: bool) -> None:
    code = (
        "import subprocess, sys\n"
        "subprocess.Popen([sys.executable, '-S', '-c', 'import time; time.sleep(20)'])\nprint('done', flush=True)"
    )
    begun = time.monotonic()
    status = Terminal(tmp_path, *PYTHON, code).child.wait(60) if on_terminal else run_to_file(tmp_path, code)
    assert status == 0
    assert time.monotonic() - begun < 15


def run_to_file(folder: Path, code: str) -> int:
    with (folder / "out").open("wb") as out:
        words = [sys.executable, "-m", "envcheck", "run", "--", *PYTHON, code]
        return subprocess.run(
            words, stdout=out, stderr=out, cwd=folder, env=ENVIRON, timeout=60, check=False
        ).returncode
