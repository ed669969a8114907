"""What a project decided for itself: which findings it accepts, and when its gate fails."""

from __future__ import annotations

from envcheck.model.record import Record
from envcheck.model.rules import SEVERITIES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from envcheck.model.facts import Facts
    from envcheck.model.reports import Report


THRESHOLDS = (*SEVERITIES, "never")  # from which severity on a gate fails
SHORTEST = 8  # characters of a fingerprint that name a finding; fewer name too many


class Waiver(Record):
    """The acceptance of one rule's findings, within a scope; every part of the scope that is not empty must fit.

    `package` is a name with an optional version range (`torch >=2.4,<2.5`), `key` a glob over fact keys, `path` one
    over the files of the evidence, `environment` one over the target's label or address, `finding` a fingerprint.
    `until` is the last day on which it holds (YYYY-MM-DD), empty for ever; `origin` is file and line.
    """

    rule: str
    reason: str
    owner: str
    origin: str
    package: str = ""
    key: str = ""
    path: str = ""
    environment: str = ""
    finding: str = ""
    until: str = ""
    ticket: str = ""
    evidence: str = ""


class Acceptance(Record):
    """What is accepted: by waivers, and because an earlier state, the report `baseline`, has it, too.

    `malformed` are facts of waivers that cannot be used; `today` is YYYY-MM-DD, for those that end.
    """

    waivers: Sequence[Waiver] = ()
    malformed: Facts | None = None
    today: str = ""
    baseline: Report | None = None


class Limit(Record):
    """How much fails a gate: `amount` of a thing, or, where `per` is not 0, the share amount/per; `text` as written."""

    amount: int
    per: int = 0
    text: str


class GatePolicy(Record):
    """When a gate fails.

    `limits` are by severity; a severity without one fails at the first finding if it is at or above `fail_on`. `tests`
    is the limit of failed tests. `coverage` are scopes that must be read whole: a kind, `kind#attribute`, an entity or
    `entity#attribute`. With `new_only` what the baseline has does not count. `environments` are globs over labels, in
    the order in which they are tried, each with all that holds there.
    """

    fail_on: str = "error"
    limits: Mapping[str, Limit] = {}
    tests: Limit | None = None
    coverage: tuple[str, ...] = ()
    new_only: bool = True
    environments: tuple[tuple[str, GatePolicy], ...] = ()


class UnitTests(Record):
    """How many tests ran, skipped ones left out, and the names of those that failed."""

    ran: int
    failed: tuple[str, ...]


class Decision(Record):
    """What a gate decided: the exit code, and why, one sentence each."""

    code: int
    reasons: tuple[str, ...]
