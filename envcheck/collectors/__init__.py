"""Runs the collectors: each module here without a leading underscore is one, found by its file name.

A collector is a module with

- `COVERS`: the coverage scopes that it answers for (kinds, or `kind#attribute` of a kind that another one covers);
- `PLATFORMS`: the values of sys.platform that it works on, or () for all;
- `collect(target, into)`: reads through `target.files` and writes into the `Collection`.

It never raises for the state of the environment: what cannot be read is a gap. If it fails all the same, its scopes
are marked as not collected, with the reason, and the others go on.
"""

from __future__ import annotations

import os
from importlib import import_module

from envcheck.errors import UsageError
from envcheck.model.facts import COMPLETE, NOT_COLLECTED, PARTIAL, CollectorStatus, Coverage, Facts, Snapshot

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any, Protocol

    from envcheck.model.facts import Entity, Value
    from envcheck.targets.target import Target

    class Collector(Protocol):
        """A module that collects."""

        __name__: str
        COVERS: tuple[str, ...]
        PLATFORMS: tuple[str, ...]

        def collect(self, target: Target, into: Collection) -> None:
            """Read through the target's files and write what was seen."""


_LISTED = ("config", "contracts")  # the collectors of files that a project may list for an environment


class Collection:
    """What collectors write into: facts, and the gaps in them.

    `cached` allows what earlier runs kept; `verify` asks for every installed file and its hash to be compared;
    `progress` is told what is being done where that takes long.
    """

    def __init__(
        self, *, cached: bool = True, verify: bool = False, progress: Callable[[str], None] | None = None
    ) -> None:
        self.facts = Facts()
        self.coverage: dict[str, Coverage] = {}
        self.cached = cached
        self.verify = verify
        self.progress = progress

    def put(self, entity: Entity, origin: str, /, **values: Value | None) -> None:
        """Record attributes of one entity that share an origin (a path, or `command: …`); a None is left out."""
        self.facts.put(entity, origin, **values)

    def gap(self, scope: str, reason: str, *, status: str = PARTIAL) -> None:
        """Say that a scope (kind, `kind#attribute`, entity, `entity#attribute`) was not read whole, and why."""
        self.coverage[scope] = Coverage(scope=scope, status=status, reason=reason)

    def skip(self, scopes: Iterable[str], reason: str) -> None:
        """Say that scopes were not collected at all, and why."""
        for scope in scopes:
            self.gap(scope, reason, status=NOT_COLLECTED)


def collect(
    target: Target,
    *,
    tool: str,
    now: str,
    cached: bool = True,
    verify: bool = False,
    progress: Callable[[str], None] | None = None,
    last: Collector | None = None,
    left_out: str = "",
) -> Snapshot:
    """Run every collector that fits the target and return what they saw; `now` is the time to stamp it with.

    `last` runs when all others have; `left_out` says why it does not, if it is to be left out.
    """
    if target.saved is not None:
        return _beside(target.saved, target, cached=cached)
    into = Collection(cached=cached, verify=verify, progress=progress)
    statuses = [_run(name, _module(name), target, into) for name in names() if _is_wanted(name, target)]
    if last is not None and target.only is None:
        statuses.append(_left_out(last, left_out, into) if left_out else _run(_name(last), last, target, into))
    return Snapshot(
        label=target.label,
        address=target.address,
        chosen=target.chosen,
        collected_at=now,
        tool=tool,
        facts=into.facts,
        derived=Facts(),
        coverage=dict(sorted(into.coverage.items())),
        collectors=tuple(statuses),
    )


def _beside(saved: Snapshot, target: Target, *, cached: bool) -> Snapshot:
    """Return a saved snapshot with the listed files of this target read beside it."""
    labelled = saved.replace(label=target.label)
    into = Collection(cached=cached)
    wanted = [name for name, files in zip(_LISTED, (target.config, target.contracts), strict=True) if files]
    statuses = [_run(name, _module(name), target, into) for name in wanted]
    if not wanted:
        return labelled
    return labelled.replace(
        facts=saved.facts.overlaid(into.facts),
        coverage={**saved.coverage, **into.coverage},
        collectors=(*(status for status in saved.collectors if status.name not in wanted), *statuses),
    )


def names() -> list[str]:
    """Return the names of all collectors, sorted."""
    return sorted(
        name.removesuffix(".py")
        for name in os.listdir(__path__[0])
        if name.endswith(".py") and not name.startswith("_")
    )


def _is_wanted(name: str, target: Target) -> bool:
    return target.only is None or name in target.only


def _module(name: str) -> Collector:
    module: Any = import_module(f"{__name__}.{name}")  # a Collector: the tests hold all modules here to it
    collector: Collector = module
    return collector


def _name(collector: Collector) -> str:
    return collector.__name__.rpartition(".")[2]


def _left_out(collector: Collector, reason: str, into: Collection) -> CollectorStatus:
    into.skip(collector.COVERS, reason)
    return CollectorStatus(name=_name(collector), outcome="skipped", reason=reason)


def _run(name: str, module: Collector, target: Target, into: Collection) -> CollectorStatus:
    if target.project and name in _LISTED:
        from envcheck.targets.files import LocalFiles

        # The files that a project lists for an environment lie with the project, wherever the environment is.
        target = target.replace(files=LocalFiles(), cwd=target.project)
    scopes: tuple[str, ...] = module.COVERS
    if module.PLATFORMS and target.platform not in module.PLATFORMS:
        reason = f"not collected on {target.platform}"
        into.skip(scopes, reason)
        return CollectorStatus(name=name, outcome="skipped", reason=reason)
    before = set(into.coverage)
    try:
        module.collect(target, into)
    except UsageError:
        raise  # the user's own envcheck.yaml is wrong, which is nothing about the environment
    except Exception as error:  # noqa: BLE001  a collector's failure is a status, never the end of the run
        where = f"{error.filename}: {error.strerror}" if isinstance(error, OSError) and error.filename else str(error)
        reason = f"{type(error).__name__}: {where}"
        into.skip(scopes, f"the {name} collector failed: {reason}")
        return CollectorStatus(name=name, outcome="failed", reason=reason)
    gaps = sorted(set(into.coverage) - before)
    for scope in scopes:
        into.coverage.setdefault(scope, Coverage(scope=scope, status=COMPLETE))
    if gaps:
        return CollectorStatus(name=name, outcome="partial", reason=into.coverage[gaps[0]].reason)
    return CollectorStatus(name=name, outcome="ok")
