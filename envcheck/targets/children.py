"""Runs a child process with a time limit and bounded output; the only place that starts processes."""

from __future__ import annotations

import os
import time

from envcheck.model.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from subprocess import Popen
    from threading import Thread
    from typing import IO

_MIB = 1 << 20
_GRACE = 1.0  # seconds that a killed child gets to close its pipes


class Ended(Record):
    """How a child ended: `code` is its exit code, negative for a signal, None when it did not come to an end itself.

    That is when the time limit stopped it, or when it could not be started; the last line of `err`
    then says which. `cut` tells that output beyond the limit was dropped, `seconds` how long it took.
    """

    code: int | None
    out: str
    err: str
    cut: bool = False
    seconds: float = 0.0


def run(
    argv: Sequence[str],
    *,
    timeout: float,
    env: Mapping[str, str] | None = None,
    stdin: bytes = b"",
    limit: int = _MIB,
) -> Ended:
    """Run a program, never through a shell, and return how it ended; raises nothing for what the child does.

    `timeout` is in seconds; when it is over, the child and all that it started in its session are killed. `limit` is
    in bytes, for each of the two outputs; what comes after it is read and dropped. `env` replaces the environment.
    """
    import subprocess

    begun = time.monotonic()
    deadline = begun + timeout
    try:
        child = subprocess.Popen(
            list(argv),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=None if env is None else dict(env),
            start_new_session=True,
        )
    except (OSError, ValueError) as error:
        return Ended(code=None, out="", err=f"could not be started: {getattr(error, 'strerror', None) or error}")
    assert child.stdin is not None
    assert child.stdout is not None
    assert child.stderr is not None
    source = child.stdin
    out, err = _Output(child.stdout, limit), _Output(child.stderr, limit)
    workers = [_thread(out.drain), _thread(err.drain), _thread(lambda: _feed(source, stdin))]
    finished = _wait(child, workers, deadline)
    if not finished:
        _kill(child)
        _wait(child, workers, time.monotonic() + _GRACE)
    errors = err.text()
    if not finished:
        errors = f"{errors.rstrip()}\nstopped after {timeout:g} seconds".lstrip("\n")
    return Ended(
        code=child.returncode if finished else None,
        out=out.text(),
        err=errors,
        cut=out.cut or err.cut,
        seconds=round(time.monotonic() - begun, 3),
    )


class _Output:
    """One output of a child, read to its end and kept up to a limit."""

    def __init__(self, stream: IO[bytes], limit: int) -> None:
        self.stream = stream
        self.left = limit
        self.pieces: list[bytes] = []
        self.cut = False

    def drain(self) -> None:
        while piece := os.read(self.stream.fileno(), 65536):
            self.cut = self.cut or len(piece) > self.left
            if self.left:
                self.pieces.append(piece[: self.left])
                self.left -= len(self.pieces[-1])
        self.stream.close()

    def text(self) -> str:
        return b"".join(self.pieces).decode("utf-8", "replace")


def _thread(work: Callable[[], None]) -> Thread:
    from threading import Thread

    worker = Thread(target=work, daemon=True)
    worker.start()
    return worker


def _feed(stream: IO[bytes], data: bytes) -> None:
    try:
        with stream:
            stream.write(data)
    except OSError:
        pass  # a child may end without reading all that it was given


def _wait(child: Popen[bytes], workers: list[Thread], deadline: float) -> bool:
    """Wait until the child has ended and its pipes are closed; tell whether that was in time."""
    import subprocess

    for worker in workers:
        worker.join(max(0.0, deadline - time.monotonic()))
    try:
        child.wait(max(0.0, deadline - time.monotonic()))
    except subprocess.TimeoutExpired:
        return False
    return not any(worker.is_alive() for worker in workers)


def _kill(child: Popen[bytes]) -> None:
    if os.name == "nt":
        child.kill()
        return
    import signal

    try:
        os.killpg(child.pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        child.kill()
