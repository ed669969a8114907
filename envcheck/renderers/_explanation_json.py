"""An explanation as JSON: every cause, what was read of the log, and which command would decide."""

from __future__ import annotations

import json

from envcheck.keys import format_key
from envcheck.model.facts import plain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from envcheck.model.explanation import Explanation, Suspect
    from envcheck.model.failures import Event, Failure
    from envcheck.model.reports import Finding, Fix

SCHEMA = 1
_EVENTS = 20  # so many of the last events are told
_LONGEST = 1000  # characters of what one of them says


def render(explanation: Explanation, *, width: int = 80, colour: bool = False) -> str:
    """Return the explanation as a JSON document; width and colour do not matter."""
    del width, colour
    document = {
        "schema": SCHEMA,
        "tool": explanation.tool,
        "log": explanation.failure.origin,
        "environment": explanation.environment,
        "chosen": explanation.chosen,
        "causes": [_cause(suspect) for suspect in explanation.causes],
        "understood": _understood(explanation),
        "ask": explanation.ask,
        "checked": [_checked(finding) for finding in explanation.checked],
    }
    return json.dumps(document, indent=1) + "\n"


def _cause(suspect: Suspect) -> dict[str, Any]:
    finding = suspect.finding
    quote = [{"key": "log", "value": suspect.quote, "origin": f"line {suspect.line}"}] if suspect.quote else []
    return {
        "cause": finding.cause,
        "confidence": finding.confidence,
        "rule": finding.rule,
        "subjects": list(finding.subjects),
        "summary": finding.summary,
        "message": finding.message,
        "why": finding.why,
        "evidence": [*quote, *(evidence.as_dict() for evidence in finding.evidence)],
        "ruled_out": bool(suspect.against),
        "against": suspect.against,
        "missing": [{"key": key, "reason": reason} for key, reason in suspect.missing],
        "fixes": [_fix(fix) for fix in finding.fixes],
        "checked": [_checked(found) for found in suspect.checked],
        "sources": list(finding.sources),
    }


def _fix(fix: Fix) -> dict[str, Any]:
    told = {name: getattr(fix, name) for name in ("title", "text", "safety", "tried")}
    return {**told, "commands": list(fix.commands), "raises": list(fix.raises)}


def _checked(finding: Finding) -> dict[str, Any]:
    return {name: getattr(finding, name) for name in ("rule", "severity", "cause", "message", "fingerprint")}


def _understood(explanation: Explanation) -> dict[str, Any]:
    failure = explanation.failure
    told = failure.about.of(("log",))
    return {
        **{name: value for name, (value, _) in told.items()},
        "failures": [_event(event, failure) for event in failure.events[-_EVENTS:]],
        "environment": [
            {"key": format_key(fact.entity, fact.attribute), "value": plain(fact.value), "origin": fact.origin}
            for fact in explanation.told
        ],
    }


def _event(event: Event, failure: Failure) -> dict[str, Any]:
    line = failure.text.count("\n", 0, event.start)
    facts = {name: value[:_LONGEST] if isinstance(value, str) else value for name, value in event.facts.items()}
    return {"at": failure.lines[line], **facts}
