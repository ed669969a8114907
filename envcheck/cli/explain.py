"""`envcheck explain`: from a log to the cause and the fix."""

from __future__ import annotations

import os
import stat
import sys

from envcheck import __version__
from envcheck.cli.check import see
from envcheck.cli.options import many
from envcheck.cli.output import colours, complain, say, width, write
from envcheck.cli.output import wanted as wanted_files
from envcheck.errors import DocumentError, EnvcheckError
from envcheck.explanation import explain
from envcheck.failures import read
from envcheck.failures.unpacking import can_unpack, packing
from envcheck.pipeline import evaluate
from envcheck.renderers._explanations import FORMATS, render
from envcheck.rulebooks import load, load_failures
from envcheck.targets.told import environment_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import BinaryIO

    from envcheck.cli.commands import Values
    from envcheck.model.explanation import Explanation
    from envcheck.model.failures import Failure
    from envcheck.model.reports import Finding

_CHUNK = 1 << 20
_STDIN = ("", "-")


def run(values: Values) -> int:
    """Explain one log, pasted if none is named and a person is there, and return the exit code."""
    outputs = wanted(many(values, "output"))
    path = str(values["log"])
    if path == "" and sys.stdin.isatty():
        from envcheck.cli.interactive import converse

        return converse(values, outputs)
    failure = read(_chunks(path), "standard input" if path in _STDIN else path)
    explanation = explained(failure, values)
    put(explanation, outputs)
    say(render(explanation, str(values["format"]), width=width(sys.stdout), colour=colours(sys.stdout)))
    return 0


def wanted(outputs: Sequence[str]) -> list[tuple[str, str]]:
    """Return (format, path) of every `-o`; raises UsageError for a format that explanations do not have."""
    return wanted_files(outputs, FORMATS)


def put(explanation: Explanation, outputs: Sequence[tuple[str, str]]) -> None:
    """Write an explanation to its files."""
    for name, path in outputs:
        write(path, render(explanation, name, width=100))


def explained(failure: Failure, values: Values, *, here: str = "") -> Explanation:
    """Return the explanation of a failure with the environment that was named, or that the log is about.

    `here` is the address of the environment where the failure is known to have happened.
    """
    cached = not values["no_cache"]
    folders = many(values, "rules")
    rulebook = load_failures(folders, text=failure.text, cached=cached, complain=lambda error: complain(str(error)))
    address, chosen = str(values["target"]), "named by --target"
    if not address:
        address, chosen = environment_of(failure.places)
        if not address and here:
            address, chosen = here, "where the command ran"
    checked: Sequence[Finding] = ()
    environment = checks = None
    if address:
        try:
            environment = see(address, cached=cached, quick=bool(values["quick"]))
            checks = load(folders, cached=cached)
            checked = evaluate([environment], checks).findings
        except EnvcheckError as error:
            if values["target"]:
                raise
            complain(f"not used: {error.message}")
    tool = f"envcheck {__version__}"
    return explain(failure, environment, rulebook, checked=checked, checks=checks, chosen=chosen, tool=tool)


def _chunks(path: str) -> Iterator[bytes]:
    """Yield a log's bytes; raises DocumentError where it cannot be read."""
    if path in _STDIN:
        yield from _pieces(sys.stdin.buffer)
        return
    try:
        with open(path, "rb") as file:
            kind = os.fstat(file.fileno()).st_mode
            if not stat.S_ISREG(kind) and not stat.S_ISFIFO(kind):
                raise DocumentError("is no file to read", where=path, hint="name a log, or - for standard input")
            yield from _pieces(file)
    except OSError as error:
        raise DocumentError(f"cannot be read: {error.strerror}", where=path, hint="name a log file") from None


def _pieces(file: BinaryIO) -> Iterator[bytes]:
    first = file.read(_CHUNK)
    packed = packing(first)
    if packed and not can_unpack(packed):
        hint = f"unpack it first: {packed} -dc LOG | envcheck explain -"
        raise DocumentError(f"is packed with {packed}, which this Python cannot unpack", where="the log", hint=hint)
    yield first
    while piece := file.read(_CHUNK):
        yield piece
