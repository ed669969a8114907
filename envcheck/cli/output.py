"""Where a report goes: standard output in one format, and any number of files in theirs."""

from __future__ import annotations

import os
import sys

from envcheck.errors import EnvcheckError, UsageError
from envcheck.renderers import get, names

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import TextIO

    from envcheck.model.reports import Report

# How files of a format are named, besides the suffix of its own; of several endings that fit, the longest counts.
_ENDINGS = {".htm": "html", ".log": "text", ".sarif.json": "sarif", "gl-code-quality-report.json": "gitlab"}
_WIDTH, _WIDEST = 100, 120
_OF_FORGES = ("github", "gitlab", "sarif")


def wanted(outputs: Sequence[str], formats: Sequence[str] = ()) -> list[tuple[str, str]]:
    """Return (format, path) of every `-o`, of some formats if not of all; raises UsageError before any work is done."""
    named = [_format_of(output) for output in outputs]
    for name, path in named:
        if formats and name not in formats:
            raise UsageError(f"{path!r}: there is no {name} of this", hint=f"one of {', '.join(formats)}")
    places = [os.path.realpath(path) for _, path in named]
    for (name, path), place in zip(named, places, strict=True):
        if path in ("", "-"):
            raise UsageError(f"-o {name}:{path} names no file", hint=f"--format {name} for standard output")
        if places.count(place) > 1:
            raise UsageError(f"{path!r} is named twice", hint=f"write {name} to a file of its own")
    return named


def _format_of(output: str) -> tuple[str, str]:
    known = names()
    said, colon, path = output.partition(":")
    if colon and said in known:
        return said, path
    endings = _ENDINGS | {get(name).SUFFIX: name for name in known}
    fitting = [ending for ending in endings if output.lower().endswith(ending)]
    if fitting:
        return endings[max(fitting, key=len)], output
    raise UsageError(f"no format is known for {output!r}", hint=f"say it: -o html:{output} (one of {', '.join(known)})")


def put(report: Report, name: str, outputs: Sequence[tuple[str, str]]) -> None:
    """Write the report to its files, then to standard output in one format."""
    for format_name, path in outputs:
        write(path, get(format_name).render(_located(report, format_name), width=_WIDTH))
    say(get(name).render(_located(report, name), width=width(sys.stdout), colour=colours(sys.stdout)))


def colours(stream: TextIO) -> bool:
    """Tell whether a stream is a terminal that shows colours, and nobody asked for none."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def width(stream: TextIO) -> int:
    """Return how many columns of a stream are used."""
    return (min(os.get_terminal_size(stream.fileno()).columns, _WIDEST) if stream.isatty() else 0) or _WIDTH


def _located(report: Report, name: str) -> Report:
    """Return the report with the project's own lines, for the formats by which a forge shows findings beside code."""
    if name not in _OF_FORGES or not report.findings:
        return report
    from envcheck.locating import locate

    return locate(report, os.getcwd(), os.environ)


def say(text: str) -> None:
    """Print a text whatever the encoding of standard output is; raises EnvcheckError where that is not possible."""
    try:
        try:
            sys.stdout.write(text)
        except UnicodeEncodeError:
            encoding = sys.stdout.encoding or "ascii"
            sys.stdout.write(text.encode(encoding, "replace").decode(encoding))
        sys.stdout.flush()
    except OSError as error:
        # What is left in the buffer must not raise again at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if not isinstance(error, BrokenPipeError):  # there the reader has seen enough (`| head`)
            raise EnvcheckError(f"standard output cannot be written: {error.strerror}") from None


def write(path: str, text: str) -> None:
    """Write a file; raises EnvcheckError where that is not possible."""
    try:
        with open(path, "w", encoding="utf-8", errors="replace", newline="\n") as file:
            file.write(text)
    except OSError as error:
        raise EnvcheckError(f"cannot be written: {error.strerror}", where=path, hint="name another file") from None


def complain(text: str) -> None:
    """Print a line to standard error, whatever has become of that; what comes from an environment cannot steer it."""
    from envcheck.renderers._printable import printable

    try:
        print(f"envcheck: {printable(text)}", file=sys.stderr, flush=True)
    except (OSError, ValueError):
        return  # nobody reads it, and the exit code says the same
