"""`envcheck run`: a command, its output and its exit code as they are, and why it failed."""

from __future__ import annotations

import os
import shutil
import signal
import sys

from envcheck.cli.explain import explained, put, wanted
from envcheck.cli.options import many
from envcheck.cli.output import colours, complain, width
from envcheck.errors import EnvcheckError, UsageError
from envcheck.failures import read
from envcheck.renderers._explanations import render
from envcheck.targets.children import pass_through

TYPE_CHECKING = False
if TYPE_CHECKING:
    from envcheck.cli.commands import Values

_NOT_FOUND, _NOT_EXECUTABLE = 127, 126  # as shells say it
_OF_A_SIGNAL = 128


def run(values: Values) -> int:
    """Run the command and return its exit code, 128 and the number for a signal, however the explanation goes."""
    command = many(values, "command")
    if not command:
        raise UsageError("there is no command", hint="envcheck run -- python train.py")
    outputs = wanted(many(values, "output"))
    try:
        code, printed = pass_through(command)
    except OSError as error:
        complain(f"{command[0]}: {error.strerror}")
        return _NOT_FOUND if isinstance(error, FileNotFoundError) else _NOT_EXECUTABLE
    if code == 0:
        return 0
    status = code if code > 0 else _OF_A_SIGNAL - code
    try:
        failure = read([*printed, f"\n{_ended(code, status)}\n".encode()], "the output of the command")
        explanation = explained(failure, values, here=_environment(command[0]))
        put(explanation, outputs)
        told = render(explanation, "text", width=width(sys.stderr), colour=colours(sys.stderr))
        print(f"\n{told}", end="", file=sys.stderr, flush=True)
    except EnvcheckError as error:
        complain(str(error))
    except (OSError, ValueError):
        pass  # nobody reads it; the exit code is the command's all the same
    return status


def _ended(code: int, status: int) -> str:
    """Say how the command ended, in the words by which logs say it."""
    if code > 0:
        return f"exit code {code}"
    name = signal.Signals(-code).name if -code in signal.Signals._value2member_map_ else f"signal {-code}"
    words = {
        "SIGKILL": "Killed",
        "SIGSEGV": "Segmentation fault",
        "SIGILL": "Illegal instruction",
        "SIGBUS": "Bus error",
    }
    said = {**words, "SIGABRT": "Aborted", "SIGFPE": "Floating point exception"}.get(name, name)
    return f"{said}\nexit code {status} ({name})"


def _environment(program: str) -> str:
    """Return the address of the environment whose `bin` has the program, else of this machine."""
    path = shutil.which(program) or ""
    folder = os.path.dirname(os.path.abspath(path)) if path else ""
    inside = os.path.join(os.path.dirname(folder), "pyvenv.cfg"), os.path.join(os.path.dirname(folder), "conda-meta")
    return f"python:{os.path.dirname(folder)}" if folder and any(map(os.path.exists, inside)) else "."
