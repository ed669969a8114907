"""What one run judges."""

from __future__ import annotations

from envcheck.model.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from envcheck.model.facts import Snapshot


class Case(Record):
    """The environments of one run, in the order in which they were named; their facts are derived."""

    snapshots: tuple[Snapshot, ...]
