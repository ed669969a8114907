"""Rules of scope `policy`: what a project decided, each of its files a subject of its own."""

from __future__ import annotations

from envcheck.model.facts import COMPLETE, Coverage, Facts, Snapshot

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

_COVERAGE = {"waiver": Coverage(scope="waiver", status=COMPLETE)}


def subjects(waivers: Facts) -> Iterator[Snapshot]:
    """Yield the waivers of each file under the file's name, sorted by it; their origins are `file:line`."""
    files: dict[str, Facts] = {}
    for entity in waivers.entities("waiver"):
        known = waivers.of(entity)
        file = next(iter(known.values()))[1].rpartition(":")[0]
        files.setdefault(file, Facts()).hold(entity, known)
    for file, facts in sorted(files.items()):
        yield Snapshot(label=file, address=file, facts=facts, derived=Facts(), coverage=_COVERAGE)
