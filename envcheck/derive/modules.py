"""Derives which top-level modules more than one distribution installs, so that one overwrites the other's files."""

from __future__ import annotations

from envcheck.model.facts import Unknown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from envcheck.derive import Derivation
    from envcheck.model.facts import Snapshot
    from envcheck.model.rules import Table

# Folders that wheels carry by accident; nobody imports them by that name.
_ACCIDENTAL = frozenset(
    ("test", "tests", "testing", "doc", "docs", "example", "examples", "benchmark", "benchmarks", "scripts", "tools")
)


def derive(snapshot: Snapshot, tables: Mapping[str, Table], into: Derivation) -> None:
    """Compare the top-level modules of all distributions.

    Namespace packages, which have no `__init__` file, are not among them (see the packages collector), nor are
    families that share a module by design.
    """
    gap = snapshot.gap("package")
    if gap is not None:
        into.gap("module", gap)
    families = tables.get("module-families")
    shared = {row["module"]: row["distributions"] for row in families.rows} if families is not None else {}
    owners: dict[str, list[str]] = {}
    for entity in snapshot.facts.entities("package"):
        modules = snapshot.facts.value(entity, "modules")
        if modules is None and isinstance(look := snapshot.look(entity, "modules"), Unknown):
            into.gap("module", look.reason)
        for module in modules if isinstance(modules, tuple) else ():
            owners.setdefault(module, []).append(entity[1])
    for module, names in owners.items():
        family = shared.get(module)
        by_design = isinstance(family, tuple) and set(names) <= set(family)
        if len(names) > 1 and module not in _ACCIDENTAL and not by_design:
            into.put(("module", module), "the RECORD files of its owners", owners=tuple(names))
