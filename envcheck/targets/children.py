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


def pass_through(argv: Sequence[str], *, head: int = _MIB, tail: int = 8 * _MIB) -> tuple[int, list[bytes]]:
    """Run a program whose input and outputs are this process's; return its exit code and what it printed.

    Both outputs are passed on as they come, and kept in that order: the first `head` and the last `tail` bytes. The
    code is negative for a signal. Raises OSError where it cannot be started.
    """
    import signal
    import subprocess

    child = subprocess.Popen(list(argv), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert child.stdout is not None
    assert child.stderr is not None
    kept = _Ends(head, tail)
    # Ctrl-C reaches the child as well, and how it ends is its own affair; what only this process gets is passed on.
    before = {signal.SIGINT: signal.signal(signal.SIGINT, signal.SIG_IGN)}
    before[signal.SIGTERM] = signal.signal(signal.SIGTERM, lambda number, _: child.send_signal(number))
    try:
        workers = [_thread(lambda: kept.copy(child.stdout, 1)), _thread(lambda: kept.copy(child.stderr, 2))]
        code = child.wait()
        for worker in workers:
            worker.join(_GRACE)  # a grandchild may hold the pipes open
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    return code, [*kept.head, *kept.tail]


class _Ends:
    """The beginning and the end of several streams, in the order in which their pieces came."""

    def __init__(self, head: int, tail: int) -> None:
        from threading import Lock

        self.head: list[bytes] = []
        self.tail: list[bytes] = []
        self._head_left = head
        self._tail_left = tail
        self._lock = Lock()

    def copy(self, stream: IO[bytes] | None, to: int) -> None:
        """Pass a stream on to a descriptor, to its end; what nobody reads any more is kept all the same."""
        assert stream is not None
        heard = True
        while piece := os.read(stream.fileno(), 65536):
            try:
                rest = piece if heard else b""
                while rest:
                    rest = rest[os.write(to, rest) :]
            except OSError:
                heard = False
            self._keep(piece)
        stream.close()

    def _keep(self, piece: bytes) -> None:
        with self._lock:
            if self._head_left > 0:
                self.head.append(piece)
                self._head_left -= len(piece)
                return
            self.tail.append(piece)
            self._tail_left -= len(piece)
            while self._tail_left < 0:
                self._tail_left += len(self.tail.pop(0))


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
