"""Rules of scope `failure`: what a log tells, laid over what is known of the environment, as one subject."""

from __future__ import annotations

from envcheck.model.facts import COMPLETE, Coverage, Facts, Snapshot

TYPE_CHECKING = False
if TYPE_CHECKING:
    from envcheck.model.failures import Failure

_SEEN = {kind: Coverage(scope=kind, status=COMPLETE) for kind in ("failure", "log")}


def subject(failure: Failure, environment: Snapshot | None) -> Snapshot:
    """Return the facts that rules about failures judge; without an environment nothing is known of one.

    The events are numbered from the last one, 0. What the log says of the environment counts where nothing else does.
    """
    facts = Facts()
    for number, event in enumerate(reversed(failure.events)):
        facts.put(("failure", str(number)), failure.origin, **event.facts)
    told = failure.environment.overlaid(failure.about).overlaid(facts)
    if environment is None:
        return Snapshot(label=failure.origin, address="", facts=told, derived=Facts(), coverage=_SEEN)
    return environment.replace(facts=told.overlaid(environment.facts), coverage={**environment.coverage, **_SEEN})
