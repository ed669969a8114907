"""What explaining a failure gives: causes, best first, what was understood, and what to ask where facts are missing."""

from __future__ import annotations

from envcheck.model.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from envcheck.model.facts import Fact
    from envcheck.model.failures import Failure
    from envcheck.model.reports import Finding


class Suspect(Record):
    """What one rule says of one place of a log.

    `against` says why the environment rules it out, empty where it does not. `start` and `end` are the place in the
    text, `event` the number of the event that it ends in (from the last, 0), -1 for none. `missing` are the facts that
    would settle it, with the reason why they are not known; `line` is that of the log and `quote` what stands there.
    What the program went on after is `survived`.
    `checked` are findings of a check of the environment that are about the same.
    """

    finding: Finding
    start: int
    end: int
    event: int
    general: bool
    against: str = ""
    missing: tuple[tuple[str, str], ...] = ()
    line: int = 0
    quote: str = ""
    survived: bool = False
    checked: tuple[Finding, ...] = ()


class Explanation(Record):
    """The answer: `causes` best first, the ruled out ones last.

    `told` is what the log says of the environment, `environment` the address of the one that was consulted, and
    `chosen` why that one. `ask` is the command or file that would decide. `checked` are the findings of a check of the
    environment that belong to no cause.
    """

    causes: tuple[Suspect, ...]
    failure: Failure
    told: tuple[Fact, ...]
    ask: str
    environment: str
    chosen: str
    tool: str
    checked: tuple[Finding, ...] = ()
