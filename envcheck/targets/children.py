"""Runs a child process with a time limit and bounded output; the only place that starts processes."""

from __future__ import annotations

from envcheck.model.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence


class Ended(Record):
    """How a child ended: `code` is its exit code, negative for a signal, None when the time limit stopped it."""

    code: int | None
    out: str
    err: str
