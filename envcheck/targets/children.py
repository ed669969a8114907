"""Runs a child process with a time limit and bounded output; the only place that starts processes."""

from __future__ import annotations

import os
import time
from functools import partial

from envcheck.model.record import Record
from envcheck.targets import terminals

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

    Both outputs are passed on as they come, and kept in that order: the first `head` and the last `tail` bytes. An
    output that is a terminal here is one for the program, too. The code is negative for a signal. Raises OSError where
    it cannot be started.
    """
    import subprocess

    kept = _Ends(head, tail)
    shown = [to for to in (1, 2) if os.isatty(to)]
    ours, its = (terminals.like(shown[0]) if shown else None) or (-1, subprocess.PIPE)
    outputs = [its if to in shown else subprocess.PIPE for to in (1, 2)]
    relay = _Relay(partial(terminals.resize, shown[0], ours) if ours >= 0 else None)
    try:
        child = relay.child = subprocess.Popen(list(argv), stdout=outputs[0], stderr=outputs[1])
    except BaseException:
        relay.end()
        if ours >= 0:
            os.close(ours)
        raise
    finally:
        if ours >= 0:
            os.close(its)
    streams = [(stream, to) for stream, to in ((child.stdout, 1), (child.stderr, 2)) if stream is not None]
    if ours >= 0:
        streams.append((open(ours, "rb", buffering=0), shown[0]))  # noqa: SIM115  closed at its end
    workers = [_thread(partial(kept.copy, stream, to)) for stream, to in streams]
    try:
        code = child.wait()
        for worker in workers:
            worker.join(_GRACE)  # a grandchild may hold the pipes open
    finally:
        relay.end()
    return code, [*kept.head, *kept.tail]


class _Relay:
    """Takes this process's signals while a child runs: those that it alone gets are passed on.

    Ctrl-C and the like reach the child as well, and how it ends is its own affair. They are taken before it is started,
    and not ignored, which it would inherit. `resize` is called when the terminal has another size.
    """

    def __init__(self, resize: Callable[[], None] | None) -> None:
        import signal

        self.child: Popen[bytes] | None = None
        self._resize = resize
        alone = [signal.SIGTERM, *([signal.SIGHUP] if os.name != "nt" else ())]
        both = [signal.SIGINT, *([signal.SIGQUIT] if os.name != "nt" else ())]
        handlers = {**dict.fromkeys(alone, self._pass_on), **dict.fromkeys(both, _leave)}
        if resize is not None:
            handlers[signal.SIGWINCH] = self._resized
        # What this process was told to ignore (nohup), the child ignores, too.
        wanted = {number: handler for number, handler in handlers.items() if signal.getsignal(number) != signal.SIG_IGN}
        self._before = {number: signal.signal(number, handler) for number, handler in wanted.items()}

    def end(self) -> None:
        """Handle signals as before."""
        import signal

        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _pass_on(self, number: int, _: object) -> None:
        if self.child is not None:
            self.child.send_signal(number)

    def _resized(self, number: int, _: object) -> None:
        if self._resize is not None:
            self._resize()
        self._pass_on(number, None)  # it may have looked at the size too early


def _leave(_: int, __: object) -> None:
    pass


class _Ends:
    """The beginning and the end of several streams, in the order in which their pieces came."""

    def __init__(self, head: int, tail: int) -> None:
        from threading import Lock

        self.head: list[bytes] = []
        self.tail: list[bytes] = []
        self._head_left = head
        self._tail_left = tail
        self._lock = Lock()

    def copy(self, stream: IO[bytes], to: int) -> None:
        """Pass a stream on to a descriptor, to its end; what nobody reads any more is kept all the same."""
        heard = True
        while piece := _read(stream):
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


def _read(stream: IO[bytes]) -> bytes:
    """Return what a stream gives next, nothing at its end; a terminal whose other end is closed has an error there."""
    try:
        return os.read(stream.fileno(), 65536)
    except OSError:
        return b""


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
