"""`envcheck check`: collect, judge, report."""

from __future__ import annotations

import os
import sys
import time

from envcheck import __version__, memory
from envcheck.cli.options import many
from envcheck.cli.output import put, wanted
from envcheck.errors import EnvcheckError
from envcheck.gate import gate
from envcheck.pipeline import collect, evaluate
from envcheck.rulebooks import load, select

TYPE_CHECKING = False
if TYPE_CHECKING:
    from envcheck.cli.options import Values
    from envcheck.model.facts import Snapshot


def run(values: Values) -> int:
    """Check every target and return the exit code."""
    outputs = wanted(many(values, "output"))
    cached = not values["no_cache"]
    recalled = memory.recall() if cached else 0
    rulebook = load(many(values, "rules"), cached=cached)
    rulebook = select(rulebook, only=many(values, "select"), skip=many(values, "skip"))
    snapshots = [see(address, cached=cached) for address in many(values, "targets") or (".",)]
    report = evaluate(snapshots, rulebook, tool=f"envcheck {__version__}")
    put(report, str(values["format"]), outputs)
    if cached:
        memory.keep(recalled)
    return gate(report, str(values["fail_on"]))


def see(address: str, *, cached: bool) -> Snapshot:
    """Collect one target as this process sees it, now."""
    now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    if sys.stderr.isatty() and address.startswith("root:"):
        print(f"reading {address} …", file=sys.stderr)
    try:
        cwd = os.getcwd()
    except OSError as error:
        raise EnvcheckError(f"the current folder: {error.strerror}", hint="cd to a folder that is there") from None
    return collect(address, cwd=cwd, environ=dict(os.environ), now=now, tool=f"envcheck {__version__}", cached=cached)
