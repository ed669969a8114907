"""The saved form of a report: versioned JSON with the findings first and the judged snapshots last."""

from __future__ import annotations

from envcheck import snapshots
from envcheck.errors import DocumentError
from envcheck.model.drift import Change, Drift, Effect, Kinship, Side
from envcheck.model.policy import Waiver
from envcheck.model.record import Record
from envcheck.model.reports import Evidence, Finding, Fix, Report, Undecided

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from envcheck.forms import ChangeForm, FindingForm, FixForm, MissingForm, ReportForm, SideForm, WaiverForm

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
        **({} if report.drift is None else _drift(report.drift)),
        "snapshots": [snapshots.dump(snapshot) for snapshot in report.snapshots],
    }


def to_json(report: Report) -> str:
    """Return the report as ASCII JSON text: the same bytes for the same report."""
    from json import dumps

    document = dump(report)
    judged = document.pop("snapshots")
    changes = document.pop("changes", None)
    # Findings are for reading, so they are indented; changes and snapshots have one record a line.
    head = dumps(document, indent=1, allow_nan=False).removesuffix("\n}")
    tail = ",\n".join(map(snapshots.layout, judged))
    told = "" if changes is None else ' "changes": [\n  ' + ",\n  ".join(map(dumps, changes)) + "\n ],\n"
    return f'{head},\n{told} "snapshots": [{tail}]\n}}\n'


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
        drift=_restored_drift(form, where),
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


def _drift(drift: Drift) -> dict[str, Any]:
    comparison = {name: _plain(value) for name, value in drift.as_dict().items() if name != "changes"}
    return {"comparison": comparison, "changes": [_change(change) for change in drift.changes]}


def _change(change: Change) -> dict[str, Any]:
    """Return a change; its sides say only what there is to say, as a matrix has thousands of them."""
    return {**_plain(change), "sides": [_side(side) for side in change.sides]}


def _side(side: Side) -> dict[str, Any]:
    said: dict[str, Any] = {"state": side.state}
    if side.value is not None:
        said["value"] = snapshots.plain(side.value)
    return said | {name: text for name, text in (("origin", side.origin), ("reason", side.reason)) if text}


def _restored_drift(form: ReportForm, where: str) -> Drift | None:
    comparison = form.comparison
    if comparison is None:
        return None
    count = len(comparison.environments)
    for change in form.changes:
        if len(change.sides) != count or any(not 0 <= at < count for group in change.groups for at in group):
            problem = f"malformed report: the change of {change.key} does not fit the {count} environments compared"
            raise DocumentError(problem, where=where, hint="make the report again")
    return Drift(
        environments=tuple(comparison.environments),
        changes=tuple(map(_restored_change, form.changes)),
        compared=comparison.compared,
        ignored=comparison.ignored,
        history=tuple(Kinship(one=kin.one, other=kin.other, relation=kin.relation) for kin in comparison.history),
    )


def _restored_change(form: ChangeForm) -> Change:
    return Change(
        key=form.key,
        form=form.form,
        sides=tuple(map(_restored_side, form.sides)),
        groups=tuple(map(tuple, form.groups)),
        follows=form.follows,
        effects=tuple(
            Effect(target=effect.target, rule=effect.rule, fingerprint=effect.fingerprint) for effect in form.effects
        ),
        judged_by=form.judged_by,
        verdict=form.verdict,
    )


def _restored_side(form: SideForm) -> Side:
    value = None if form.value is None else snapshots.value_of(form.value)
    return Side(state=form.state, value=value, origin=form.origin, reason=form.reason)


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
        waiver=None if form.waiver is None else _waiver(form.waiver),
    )


def _waiver(form: WaiverForm) -> Waiver:
    return Waiver(**{name: getattr(form, name) for name in Waiver.record_fields})


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
