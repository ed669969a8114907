"""A log into failure facts: what failed, told by any program, and what the log says of the environment. Pure."""

from __future__ import annotations

from envcheck.failures import pasted
from envcheck.failures.events import find, places
from envcheck.failures.reading import read as read_lines
from envcheck.model.failures import Failure

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable


def read(log: bytes | Iterable[bytes], origin: str) -> Failure:
    """Return what a log tells, given whole or in chunks; any bytes will do."""
    seen = read_lines((log,) if isinstance(log, bytes) else log)
    text = "\n".join(line[1] for line in seen.lines)
    events = find(seen.lines, seen.times)
    return Failure(
        text=text,
        events=events,
        about=pasted.about(seen, origin),
        environment=pasted.environment(seen, origin),
        origin=origin,
        lines=tuple(line[0] for line in seen.lines),
        levels=tuple(line[2] for line in seen.lines),
        places=tuple(places(seen.lines)),
    )
