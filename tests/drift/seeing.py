"""Snapshots written down in a line: `seen(packages={"torch": "2.4.0"}, config={"app": {"pool": 5}})`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from envcheck.model.facts import COMPLETE, PARTIAL, Coverage, Facts, Snapshot

if TYPE_CHECKING:
    from envcheck.model.facts import Value

KINDS = ("python", "package", "gpu", "cuda", "host", "config", "env", "disk", "conda")


def seen(
    label: str = "here",
    *,
    packages: Mapping[str, str | Mapping[str, Value]] | None = None,
    config: Mapping[str, Mapping[str, Value]] | None = None,
    env: Mapping[str, str] | None = None,
    facts: Mapping[tuple[str, ...], Mapping[str, Value]] | None = None,
    unknown: Mapping[str, str] | None = None,
    vector: Mapping[str, int] | None = None,
    collected_at: str = "",
) -> Snapshot:
    """Return a snapshot of which all kinds were read, but for the scopes in `unknown`."""
    store = Facts()
    for name, told in (packages or {}).items():
        values: Mapping[str, Value] = {"version": told} if isinstance(told, str) else told
        store.put(("package", name), f"{name}/METADATA", **values)
    for name, settings in (config or {}).items():
        for number, (setting, value) in enumerate(settings.items(), 1):
            store.put(("config", name), f"{label}/{name}.yaml:{number}", **{setting: value})
    for name, text in (env or {}).items():
        store.put(("env", name), "environment", value=text)
    for entity, attributes in (facts or {}).items():
        store.put(entity, "somewhere", **attributes)
    coverage = {kind: Coverage(scope=kind, status=COMPLETE) for kind in KINDS}
    for scope, reason in (unknown or {}).items():
        coverage[scope] = Coverage(scope=scope, status=PARTIAL, reason=reason)
    return Snapshot(
        label=label,
        address=label,
        facts=store,
        derived=Facts(),
        coverage=coverage,
        vector=vector or {},
        collected_at=collected_at,
    )
