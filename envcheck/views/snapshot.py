"""Rules of scope `snapshot`: every environment of the case is a subject of its own."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from envcheck.model.cases import Case
    from envcheck.model.facts import Snapshot


def subjects(case: Case) -> Iterator[Snapshot]:
    """Yield the snapshots of a case."""
    yield from case.snapshots
