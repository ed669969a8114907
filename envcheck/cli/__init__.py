"""The command line: one module a command; the only place that prints, exits, or reads the clock and the environment."""

from __future__ import annotations

import gc
import os
import sys

from envcheck.cli.options import read_quickly
from envcheck.errors import EnvcheckError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code: 0, 1 for findings, 2 for usage, 3 could not, 130 interrupted."""
    gc.disable()  # a run makes many values and frees few: collecting costs a tenth of it and finds nothing
    words = list(sys.argv[1:] if arguments is None else arguments)
    try:
        return _run(words)
    except EnvcheckError as error:
        print(f"envcheck: {error}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # The reader has seen enough (`| head`); what is left in the buffer must not raise again at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def program() -> None:
    """Run as a program: the process ends at once, as freeing every value one by one would cost 5 ms."""
    code = main()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def _run(words: list[str]) -> int:
    read = read_quickly(words)
    if read is None:
        from envcheck.cli.app import run_app

        return run_app(words)
    name, values = read
    code = run_command(name, values)
    sys.stdout.flush()
    return code


def run_command(name: str, values: dict[str, str | bool | tuple[str, ...]]) -> int:
    """Run a command of the table with its values and return the exit code."""
    from importlib import import_module

    code: int = import_module(f"envcheck.cli.{name}").run(values)
    return code
