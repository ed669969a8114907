"""Facts from facts and tables: pure, run after collection and after every overlay.

Each module here without a leading underscore has `derive(snapshot, tables, into)` and is found by its file name. It
writes with `into.put(...)` and says with `into.gap(scope, reason)` what could not be decided.
"""

from __future__ import annotations

import os
from importlib import import_module

from envcheck.keys import KINDS
from envcheck.model.facts import COMPLETE, PARTIAL, Coverage, Facts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from envcheck.model.facts import Entity, Snapshot, Value
    from envcheck.model.rules import Table


class Derivation:
    """What the deriving modules write into.

    After a small change, `before` is the snapshot as it was, derived, and `anew` the packages that changed since or
    that require one that did: a module that reads much may take over what it derived from the others.
    """

    def __init__(self, before: Snapshot | None = None, anew: Collection[str] = ()) -> None:
        self.before = before
        self.anew = anew
        self.facts = Facts()
        self.coverage: dict[str, Coverage] = {
            kind: Coverage(scope=kind, status=COMPLETE)
            for kind, (_, _, _, attributes) in KINDS.items()
            if all("d" in flags for _, _, flags in attributes.values())
        }

    def put(self, entity: Entity, origin: str, **values: Value | None) -> None:
        """Record derived attributes of one entity; a None is left out."""
        self.facts.put(entity, origin, **values)

    def gap(self, scope: str, reason: str) -> None:
        """Say that a derived fact could not be decided, and why."""
        self.coverage[scope] = Coverage(scope=scope, status=PARTIAL, reason=reason)


def derive(
    snapshot: Snapshot,
    tables: Mapping[str, Table],
    *,
    before: Snapshot | None = None,
    anew: Collection[str] = (),
) -> Snapshot:
    """Return the snapshot with its derived facts, made anew; see Derivation for what the last two save."""
    into = Derivation(before, anew)
    for name in sorted(os.listdir(__path__[0])):
        if name.endswith(".py") and not name.startswith("_"):
            import_module(f"{__name__}.{name.removesuffix('.py')}").derive(snapshot, tables, into)
    return snapshot.replace(derived=into.facts, derived_coverage=into.coverage)
