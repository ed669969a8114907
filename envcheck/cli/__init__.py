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
        _explain(error)
        return error.exit_code
    except KeyboardInterrupt:
        return INTERRUPTED


def _explain(error: EnvcheckError) -> None:
    """Print an error, whatever has become of standard error: the exit code says the same."""
    from envcheck.renderers._printable import printable

    # Messages repeat names from the environment and the command line; only the line break before the hint is ours.
    told = "\n  try: ".join(map(printable, str(error).split("\n  try: ")))
    try:
        print(f"envcheck: {told}", file=sys.stderr, flush=True)
    except (OSError, ValueError):
        return


def _prepare() -> None:
    """Give closed outputs a place to go, and look for own modules where PYTHONPATH does not lead, as far as possible.

    PYTHONPATH and the current folder, which `python -m` searches, belong to the environment under inspection: a
    `json.py` or a `yaml` there must not run here.
    """
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115  as long as the process
    try:
        theirs = {os.path.abspath(entry) for entry in ("", *os.environ.get("PYTHONPATH", "").split(os.pathsep))}
    except OSError:
        return  # the current folder is gone
    sys.path.sort(key=theirs.__contains__)  # stable; an envcheck that itself lies there is still found


def program() -> None:
    """Run as a program: the process ends at once, as freeing every value one by one would cost 5 ms."""
    _prepare()
    code = main()
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:  # a report that nobody got is no success; of a message, the exit code says the same
            code = code or (EnvcheckError.exit_code if stream is sys.stdout else 0)
    os._exit(code)


def _run(words: list[str]) -> int:
    read = read_quickly(words)
    if read is None:
        from envcheck.cli.app import run_app

        return run_app(words)
    name, values = read
    return run_command(name, values)


def run_command(name: str, values: dict[str, str | bool | tuple[str, ...]]) -> int:
    """Run a command of the table with its values and return the exit code."""
    from importlib import import_module

    code: int = import_module(f"envcheck.cli.{name}").run(values)
    return code
