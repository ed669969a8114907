"""`envcheck drift`: what differs between environments, what that breaks, and what the policy says of it."""

from __future__ import annotations

import os

from envcheck import __version__, memory, reports, snapshots
from envcheck.cli.check import see
from envcheck.cli.options import many
from envcheck.cli.output import put, wanted
from envcheck.cli.policy import gate_policy, judge, today, waivers_of
from envcheck.cli.report import read
from envcheck.comparison import compare
from envcheck.errors import DocumentError, EnvcheckError, UsageError
from envcheck.merging import free
from envcheck.model.policy import Acceptance
from envcheck.rulebooks import load
from envcheck.secrets import project_key
from envcheck.targets import PROJECT_FILE
from envcheck.targets.files import LocalFiles

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from envcheck.cli.commands import Values
    from envcheck.model.drift import DriftPolicy
    from envcheck.model.facts import Snapshot
    from envcheck.model.policy import GatePolicy
    from envcheck.project import Project


def run(values: Values) -> int:
    """Compare the environments and return the exit code."""
    outputs = wanted(many(values, "output"))
    waivers, malformed = waivers_of()
    gated = gate_policy()
    cached = not values["no_cache"]
    recalled = memory.recall() if cached else 0
    project = _project()
    policy = _policy(str(values["policy"]), project)
    rulebook = load(many(values, "rules"), cached=cached)
    addresses = list(many(values, "targets")) or ([*project.environments] if project else [])
    seen = [see(address, cached=cached) for address in addresses]
    baseline, earlier = str(values["baseline"]), None
    if baseline and len(seen) < 2:  # noqa: PLR2004  its own past is the other one
        seen.insert(0, _past(baseline))
        addresses.insert(0, baseline)
    elif baseline:
        earlier = read(baseline, lambda: rulebook)
    if len(seen) < 2:  # noqa: PLR2004  nothing to compare it with
        hint = f"envcheck drift A B, or --baseline FILE, or name environments in {PROJECT_FILE}"
        named = "1 environment is" if seen else "0 environments are"
        raise UsageError(f"{named} named, two or more can be compared", hint=hint)
    ignored = (*many(values, "ignore_keys"), *(project.drift.ignore_keys if project else ()))
    report = compare(
        list(_labelled(seen, addresses)),
        rulebook,
        policy=policy,
        ignore=ignored,
        key=project_key(os.environ, LocalFiles(), os.getcwd()),
        tool=f"envcheck {__version__}",
        acceptance=Acceptance(waivers=waivers, malformed=malformed, today=today(), baseline=earlier),
    )
    put(report, str(values["format"]), outputs)
    if cached:
        memory.keep(recalled)
    # What is known here is what the environments share; counting that, too, would fail for no difference.
    return judge(report, _of_what_is_new(gated), str(values["fail_on"]))


def _of_what_is_new(policy: GatePolicy) -> GatePolicy:
    inside = tuple((glob, held.replace(new_only=True)) for glob, held in policy.environments)
    return policy.replace(new_only=True, environments=inside)


def _project() -> Project | None:
    try:
        folder = os.getcwd()
    except OSError as error:
        raise EnvcheckError(f"the current folder: {error.strerror}", hint="cd to a folder that is there") from None
    if not os.path.isfile(os.path.join(folder, PROJECT_FILE)):
        return None
    from envcheck import project

    held = project.load(LocalFiles(), folder)
    for name in held.environments:
        if name in ("", ".") or ":" in name:
            problem = f"environments: {name!r} would be taken for the address of an environment"
            raise DocumentError(problem, where=PROJECT_FILE, hint="give it a name such as prod, without a colon")
    return held


def _past(path: str) -> Snapshot:
    """Return the earlier state that a file holds: a snapshot, or a report about one environment."""
    data = snapshots.read(path, "a snapshot or a report")
    try:
        return snapshots.from_json(data, path)
    except DocumentError as error:
        try:
            held = reports.from_json(data, path).snapshots
        except DocumentError:
            raise error from None
    if len(held) != 1:
        problem = f"a report about {len(held)} environments, of which none is the past of the other"
        raise UsageError(problem, where=path, hint="give a snapshot, or a report of envcheck check")
    return held[0]


def _policy(path: str, project: Project | None) -> DriftPolicy | None:
    path = path or (project.drift.policy if project else "")
    if not path:
        return None
    from envcheck.project.drift import read_policy

    data = snapshots.read(path, "a drift policy")
    try:
        return read_policy(data.decode("utf-8-sig"), path)
    except UnicodeDecodeError as error:
        raise UsageError(f"not UTF-8: byte {error.start}", where=path, hint="save the file as UTF-8") from None


def _labelled(seen: Sequence[Snapshot], addresses: Sequence[str]) -> Iterator[Snapshot]:
    """Yield the snapshots under names that differ: their own, else that of the file, else its path, else numbered."""
    own = [snapshot.label for snapshot in seen]
    paths = [address.partition(":")[2] or address for address in addresses]
    files = [os.path.basename(path.rstrip("/")) for path in {*paths}]
    taken: set[str] = set()
    for snapshot, path in zip(seen, paths, strict=True):
        label = snapshot.label
        if own.count(label) > 1 or label in taken:
            name = os.path.basename(path.rstrip("/"))
            label = name if name and files.count(name) == 1 else path
        choice = free(label, taken)
        taken.add(choice)
        yield snapshot.replace(label=choice)
