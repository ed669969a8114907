"""Builds targets over fixture trees: an unpacked root file system, never this machine."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Protocol

import pytest

from envcheck.collectors import Collection
from envcheck.model.facts import COMPLETE, Coverage, Facts, Snapshot
from envcheck.targets.files import RootedFiles
from envcheck.targets.target import Target

if TYPE_CHECKING:
    from types import ModuleType

HOSTS = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "hosts")


class MakeTarget(Protocol):
    """A function from a root folder (and changed fields) to a target."""

    def __call__(self, root: str | os.PathLike[str], **changes: Any) -> Target:
        """Return a target that reads below `root`; not live, Linux, without a Python."""


class Collect(Protocol):
    """A function from a collector and a target to what it saw."""

    def __call__(self, collector: ModuleType, target: Target) -> Snapshot:
        """Return a snapshot with the coverage that the runner would give it; a failure stays a failure."""


def build_target(root: str | os.PathLike[str], **changes: Any) -> Target:
    """Return a target that reads below `root`; not live, Linux, without a Python."""
    path = os.fspath(root)
    fields: dict[str, Any] = {
        "label": "fixture",
        "address": f"root:{path}",
        "chosen": "a fixture tree",
        "files": RootedFiles(path),
        "layout": None,
        "environ": None,
        "live": False,
        "platform": "linux",
    }
    return Target(**(fields | changes))


def run_collector(collector: ModuleType, target: Target) -> Snapshot:
    """Return a snapshot with the coverage that the runner would give it; a failure stays a failure."""
    into = Collection(cached=False)
    collector.collect(target, into)
    complete = {scope: Coverage(scope=scope, status=COMPLETE) for scope in collector.COVERS}
    return Snapshot(
        label=target.label,
        address=target.address,
        facts=into.facts,
        derived=Facts(),
        coverage=complete | into.coverage,
    )


@pytest.fixture
def make_target() -> MakeTarget:
    """Give tests the builder."""
    return build_target


@pytest.fixture
def collect() -> Collect:
    """Give tests one collector's run."""
    return run_collector


@pytest.fixture
def host_target() -> MakeTarget:
    """Give tests a target over one of the recorded hosts, by name."""

    def build(root: str | os.PathLike[str], **changes: Any) -> Target:
        return build_target(os.path.join(HOSTS, root), **changes)

    return build
