"""`envcheck check`: collect, judge, report."""

from __future__ import annotations

import os
import sys
import time

from envcheck import __version__, memory
from envcheck.cli.options import many
from envcheck.cli.output import complain, put, wanted
from envcheck.cli.policy import gate_policy, judge, today, waivers_of
from envcheck.cli.progress import Progress
from envcheck.errors import EnvcheckError
from envcheck.merging import free
from envcheck.model.policy import Acceptance
from envcheck.pipeline import collect, evaluate
from envcheck.rulebooks import load, select

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from envcheck.cli.commands import Values
    from envcheck.model.facts import Snapshot
    from envcheck.model.reports import Report
    from envcheck.model.rules import Rulebook
    from envcheck.notify import Receiver


def run(values: Values) -> int:
    """Check every target and return the exit code."""
    outputs = wanted(many(values, "output"))
    to = _receiver(str(values["notify"]))
    waivers, malformed = waivers_of()
    policy = gate_policy()
    cached = not values["no_cache"]
    recalled = memory.recall() if cached else 0
    rulebook = load(many(values, "rules"), cached=cached)
    rulebook = select(rulebook, only=many(values, "select"), skip=many(values, "skip"))
    baseline = _baseline(str(values["baseline"]), rulebook)
    addresses = many(values, "targets") or (".",)
    snapshots = list(
        labelled(
            [
                see(address, cached=cached, quick=bool(values["quick"]), verify=bool(values["verify"]))
                for address in addresses
            ],
            addresses,
        )
    )
    report = evaluate(
        snapshots,
        rulebook,
        tool=f"envcheck {__version__}",
        acceptance=Acceptance(waivers=waivers, malformed=malformed, today=today(), baseline=baseline),
    )
    put(report, str(values["format"]), outputs)
    if cached:
        memory.keep(recalled)
    if to is not None:
        _notify(report, addresses, to)
    return judge(report, policy, str(values["fail_on"]))


def labelled(seen: Sequence[Snapshot], addresses: Sequence[str]) -> Iterator[Snapshot]:
    """Yield the snapshots under labels that differ, as findings, waivers and gates tell environments by them.

    A label that several have gives way to the file's or folder's name, to the address, to a number.
    """
    own = [snapshot.label for snapshot in seen]
    names = [os.path.basename((address.partition(":")[2] or address).rstrip("/")) for address in addresses]
    taken: set[str] = set()
    for place, snapshot in enumerate(seen):
        label = next((held[place] for held in (own, names) if held.count(held[place]) == 1), addresses[place])
        choice = free(label, taken)
        taken.add(choice)
        yield snapshot if choice == snapshot.label else snapshot.replace(label=choice)


def _baseline(path: str, rulebook: Rulebook) -> Report | None:
    if not path:
        return None
    from envcheck.cli.report import read

    return read(path, lambda: rulebook)


def _receiver(text: str) -> Receiver | None:
    if not text:
        return None
    from envcheck.notify import receiver

    return receiver(text)


def _notify(report: Report, addresses: Sequence[str], to: Receiver) -> None:
    """Notify where the verdict has changed; whether that succeeds changes no exit code."""
    from envcheck.notify import notify

    try:
        notify(report, (os.getcwd(), *addresses), to)
    except EnvcheckError as error:
        complain(error.message)


def see(address: str, *, cached: bool, quick: bool = False, verify: bool = False) -> Snapshot:
    """Collect one target as this process sees it, now."""
    now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    if sys.stderr.isatty() and address.startswith("root:"):
        print(f"reading {address} …", file=sys.stderr)
    try:
        cwd = os.getcwd()
    except OSError as error:
        raise EnvcheckError(f"the current folder: {error.strerror}", hint="cd to a folder that is there") from None
    progress = Progress()
    try:
        return collect(
            address,
            cwd=cwd,
            environ=dict(os.environ),
            now=now,
            tool=f"envcheck {__version__}",
            cached=cached,
            quick=quick,
            verify=verify,
            progress=progress,
        )
    finally:
        progress.end()
