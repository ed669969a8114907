"""The saved form of a report: versioned JSON with the findings first and the judged snapshots last."""

from __future__ import annotations

from envcheck import snapshots
from envcheck.model.record import Record
from envcheck.model.reports import Evidence, Finding, Fix, Report, Undecided

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from envcheck.forms import FindingForm, FixForm, MissingForm

_SCHEMA = 1


def dump(report: Report) -> dict[str, Any]:
    """Return the report as plain data that JSON can hold; this shape is what other programs rely on."""
    return {
        "schema": _SCHEMA,
        "tool": report.tool,
        "verdict": report.verdict,
        "findings": [_with_missing(finding) for finding in report.findings],
        "undecided": [_with_missing(open_) for open_ in report.undecided],
        "coverage": [
            {"target": snapshot.label, **snapshot.coverage[scope].as_dict()}
            for snapshot in report.snapshots
            for scope in sorted(snapshot.coverage)
        ],
        "rules": report.rules,
        "snapshots": [snapshots.dump(snapshot) for snapshot in report.snapshots],
    }


def to_json(report: Report) -> str:
    """Return the report as ASCII JSON text: the same bytes for the same report."""
    from json import dumps

    document = dump(report)
    judged = document.pop("snapshots")
    # Findings are for reading, so they are indented; snapshots have one record a line.
    head = dumps(document, indent=1, allow_nan=False).removesuffix("\n}")
    tail = ",\n".join(map(snapshots.layout, judged))
    return f'{head},\n "snapshots": [{tail}]\n}}\n'


def from_json(data: bytes, where: str) -> Report:
    """Return a saved report; raises DocumentError, naming `where`."""
    from envcheck.forms import report_form

    form = report_form(data, where)
    return Report(
        verdict=form.verdict,
        findings=tuple(_restored(finding) for finding in form.findings),
        undecided=tuple(
            Undecided(
                rule=entry.rule,
                summary=entry.summary,
                target=entry.target,
                subject=entry.subject,
                missing=_missing(entry.missing),
                known=tuple(entry.known),
            )
            for entry in form.undecided
        ),
        snapshots=tuple(snapshots.from_form(snapshot, where) for snapshot in form.snapshots),
        rules=form.rules,
        tool=form.tool,
    )


def load(path: str) -> Report:
    """Return the report in a file; raises DocumentError when it is malformed, TargetError when unreadable."""
    return from_json(snapshots.read(path, "a saved report"), path)


def _plain(value: object) -> Any:
    if isinstance(value, Record):
        return {field: _plain(held) for field, held in value.as_dict().items()}
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value


def _with_missing(judged: Finding | Undecided) -> dict[str, Any]:
    return {**_plain(judged), "missing": [{"key": key, "reason": reason} for key, reason in judged.missing]}


def _missing(forms: Iterable[MissingForm]) -> tuple[tuple[str, str], ...]:
    return tuple((form.key, form.reason) for form in forms)


def _restored(form: FindingForm) -> Finding:
    return Finding(
        rule=form.rule,
        severity=form.severity,
        cause=form.cause,
        subjects=tuple(form.subjects),
        summary=form.summary,
        message=form.message,
        why=form.why,
        evidence=tuple(Evidence(key=entry.key, value=entry.value, origin=entry.origin) for entry in form.evidence),
        fixes=tuple(map(_fix, form.fixes)),
        sources=tuple(form.sources),
        fingerprint=form.fingerprint,
        target=form.target,
        confidence=form.confidence,
        missing=_missing(form.missing),
        status=form.status,
    )


def _fix(form: FixForm) -> Fix:
    return Fix(
        title=form.title,
        commands=tuple(form.commands),
        text=form.text,
        safety=form.safety,
        action=form.action,
        argument=form.argument,
        index=form.index,
        tried=form.tried,
        raises=tuple(form.raises),
        also=form.also,
        verified=form.verified,
    )
