"""What a project decided for itself: which findings it accepts."""

from __future__ import annotations

from envcheck.model.record import Record


class Waiver(Record):
    """The acceptance of one rule's findings, within a scope; every part of the scope that is not empty must fit.

    `package` is a name with an optional version range (`torch >=2.4,<2.5`), `key` a glob over fact keys, `path` one
    over the files of the evidence, `environment` one over the target's label or host name, `finding` a fingerprint.
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
