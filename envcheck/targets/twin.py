"""A copy of this process that does a share of pure work on the second processor."""

from __future__ import annotations

import marshal
import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

_LENGTH = 8  # bytes ahead of every message


class Twin:
    """Answers requests of plain values (those that marshal takes) by a function; one request at a time."""

    def __init__(self, work: Callable[[Any], Any]) -> None:
        mine, its = os.pipe(), os.pipe()
        try:
            self._child = os.fork()
        except OSError:
            for handle in (*mine, *its):
                os.close(handle)
            raise
        if self._child == 0:
            os.close(mine[1])
            os.close(its[0])
            _serve(work, mine[0], its[1])
        os.close(mine[0])
        os.close(its[1])
        self._to, self._from = mine[1], its[0]

    def ask(self, request: Any) -> None:
        """Send a request; raises OSError where the copy is gone."""
        _send(self._to, request)

    def answer(self) -> Any:
        """Wait for the answer to the last request; raises OSError where the copy is gone."""
        return _receive(self._from)

    def end(self) -> None:
        """Let the copy end and wait for it."""
        os.close(self._to)
        os.close(self._from)
        try:
            os.waitpid(self._child, 0)
        except ChildProcessError:
            return


def twin(work: Callable[[Any], Any]) -> Twin | None:
    """Return a copy of this process, or None where there is no second processor or none can be made safely."""
    threads = sys.modules.get("threading")
    if not hasattr(os, "fork") or sys.platform == "darwin" or (threads is not None and threads.active_count() > 1):
        return None
    if len(os.sched_getaffinity(0)) < 2:  # noqa: PLR2004  itself and another
        return None
    try:
        return Twin(work)
    except OSError:
        return None


def _serve(work: Callable[[Any], Any], requests: int, answers: int) -> None:
    """Answer until the other side closes, then end without any of the parent's exit handlers."""
    try:
        while True:
            _send(answers, work(_receive(requests)))
    except BaseException:  # noqa: BLE001  whatever happens, this copy must not go on as the program
        os._exit(0)


def _send(handle: int, value: Any) -> None:
    data = marshal.dumps(value)
    view = memoryview(len(data).to_bytes(_LENGTH, "little") + data)
    while view:
        view = view[os.write(handle, view) :]


def _receive(handle: int) -> Any:
    size = int.from_bytes(_exactly(handle, _LENGTH), "little")
    return marshal.loads(_exactly(handle, size))  # noqa: S302  from a copy of this very process


def _exactly(handle: int, size: int) -> bytes:
    pieces = []
    while size:
        piece = os.read(handle, min(size, 1 << 20))
        if not piece:
            raise OSError("the other process is gone")
        pieces.append(piece)
        size -= len(piece)
    return b"".join(pieces)
