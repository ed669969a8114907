"""What a log tells of a failure: the text that matters, what failed in it, and the environment that it describes."""

from __future__ import annotations

from envcheck.model.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeAlias

    from envcheck.model.facts import Facts

    # A file that a log names, the line, and what it shows of that line; 0 and nothing where it does not.
    Place: TypeAlias = tuple[str, int, str]


class Event(Record):
    """One thing that failed: a stretch of the text, from `start` to `end`, and its facts (see the kind `failure`)."""

    start: int
    end: int
    facts: dict[str, str | int | bool]


class Failure(Record):
    """What was read of a log.

    `text` is what was kept of it, normalised; `events` are in its order. `about` is what it tells of itself (the kind
    `log`), `environment` what it tells of the environment: pasted reports, versions in paths. `origin` names the log.
    `lines` are the lines of the log (from 1) at which each line of `text` stands, `levels` what each is logged as
    (debug, info, warning, error or nothing), `places` the files that the text names.
    """

    text: str
    events: tuple[Event, ...]
    about: Facts
    environment: Facts
    origin: str
    lines: tuple[int, ...] = ()
    levels: tuple[str, ...] = ()
    places: tuple[Place, ...] = ()
