"""The shapes of saved snapshots and reports: what validates them on loading, and their published JSON Schemas."""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeVar

from msgspec import Meta, Struct, ValidationError, convert, json

from envcheck.errors import DocumentError

SCHEMA = 1
_Form = TypeVar("_Form", bound=Struct)


class NumberForm(Struct):
    """A number that JSON cannot hold safely."""

    number: Annotated[
        str,
        Meta(
            pattern="^(nan|-?inf|-?0x[0-9a-f]{1,255})$",  # as many as a float holds
            description="nan, inf, -inf, or an integer beyond 64 bits in hexadecimal",
        ),
    ]


class FactsForm(Struct):
    """What one origin says of one entity."""

    entity: Annotated[str, Meta(description="kind/part/part; %, / and # inside a part are percent-escaped")]
    origin: Annotated[str, Meta(description="the file or the command that it was read from")]
    facts: Annotated[
        dict[str, bool | Annotated[int, Meta(ge=-(1 << 63), le=(1 << 63) - 1)] | float | str | list[str] | NumberForm],
        Meta(description="attribute to value; docs/facts.md lists them, unknown ones are kept"),
    ]


class CoverageForm(Struct):
    """How far one scope was read."""

    scope: Annotated[str, Meta(description="kind, kind#attribute, an entity, or entity#attribute")]
    status: Annotated[str, Meta(description="complete, partial or not collected")]
    reason: str = ""


class CollectorForm(Struct):
    """What became of one collector."""

    name: str
    outcome: Annotated[str, Meta(description="ok, partial, skipped or failed")]
    reason: str = ""


class SnapshotForm(Struct):
    """One environment as it was seen, without derived facts."""

    schema: Literal[1]
    facts: list[FactsForm]
    coverage: list[CoverageForm]
    label: str
    address: str
    chosen: str = ""
    collected_at: Annotated[str, Meta(description="RFC 3339, or empty")] = ""
    tool: str = ""
    collectors: list[CollectorForm] = []
    vector: Annotated[dict[str, int], Meta(description="version vector: changes seen, by writer")] = {}


class EvidenceForm(Struct):
    """One thing that was read: a fact with its origin, or a row of a table with its source."""

    key: str
    value: str
    origin: str


class FixForm(Struct):
    """A way to mend a finding."""

    title: str
    commands: list[str]
    text: str
    safety: Annotated[str, Meta(description="safe, unsafe or show")]
    action: Annotated[str, Meta(description="install, uninstall, run, edit or do")] = "do"
    argument: str = ""
    index: Annotated[str, Meta(description="where to install from, empty for the usual index")] = ""
    tried: Annotated[str, Meta(description="on the facts: resolves, remains or not tried")] = "not tried"
    raises: Annotated[list[str], Meta(description="ids of rules that would find something new")] = []
    also: Annotated[int, Meta(description="how many other findings it resolves")] = 0
    verified: Annotated[bool, Meta(description="whether the new version's own requirements are known")] = False


class MissingForm(Struct):
    """A fact that would have settled a rule."""

    key: str
    reason: str


class WaiverForm(Struct):
    """The acceptance of a finding."""

    rule: str
    reason: str
    owner: str
    origin: Annotated[str, Meta(description="file and line")]
    package: str = ""
    key: str = ""
    path: str = ""
    environment: str = ""
    finding: str = ""
    until: Annotated[str, Meta(description="the last day on which it holds, YYYY-MM-DD, or empty")] = ""
    ticket: str = ""
    evidence: str = ""


class FindingForm(Struct):
    """One rule's verdict on one subject."""

    rule: str
    severity: Literal["error", "warning", "info"]
    cause: str
    subjects: list[str]
    summary: str
    message: str
    why: str
    evidence: list[EvidenceForm]
    fixes: list[FixForm]
    sources: list[str]
    fingerprint: Annotated[str, Meta(description="the same for the same problem in another run")]
    target: str
    confidence: Annotated[str, Meta(description="confirmed, likely or suspected")] = "confirmed"
    missing: Annotated[list[MissingForm], Meta(description="what would settle a suspicion")] = []
    status: Annotated[Literal["new", "known", "waived"], Meta(description="only what is new counts")] = "new"
    waiver: Annotated[WaiverForm | None, Meta(description="what accepts it, where it is waived")] = None


class UndecidedForm(Struct):
    """A rule that could not be judged."""

    rule: str
    summary: str
    target: str
    subject: str
    missing: list[MissingForm]
    known: Annotated[list[str], Meta(description="keys of the facts that the rule asks for and that are known")] = []


class ReportCoverageForm(Struct):
    """How far one scope of one target was read; the same as in its snapshot, for readers of the report alone."""

    target: str
    scope: str
    status: str
    reason: str


class SideForm(Struct):
    """What one environment has for a key; a field that says nothing is left out."""

    state: Annotated[str, Meta(description="present, absent, unknown or exempt")]
    value: Annotated[
        bool | Annotated[int, Meta(ge=-(1 << 63), le=(1 << 63) - 1)] | float | str | list[str] | NumberForm | None,
        Meta(description="where present"),
    ] = None
    origin: str = ""
    reason: Annotated[str, Meta(description="where unknown or exempt")] = ""


class EffectForm(Struct):
    """A finding that rests on a change."""

    target: str
    rule: str
    fingerprint: str


class ChangeForm(Struct):
    """One key on which environments do not agree."""

    key: str
    form: Annotated[str, Meta(description="only, value, type or undetermined")]
    sides: Annotated[list[SideForm], Meta(description="in the order of comparison.environments")]
    groups: Annotated[
        list[list[int]], Meta(description="environments that have the same, by number, the largest group first")
    ] = []
    follows: Annotated[str, Meta(description="key of the change that this one comes along with")] = ""
    effects: list[EffectForm] = []
    judged_by: Annotated[str, Meta(description="the rule of the policy, as file:line")] = ""
    verdict: Annotated[
        str, Meta(description="consistent, inconsistent, missing, type, unlisted, undetermined, allowed, or empty")
    ] = ""


class KinshipForm(Struct):
    """How the state of one environment relates to another's."""

    one: str
    other: str
    relation: Annotated[str, Meta(description="newer, older, same, concurrent or unrelated")]


class ComparisonForm(Struct):
    """What was compared."""

    environments: Annotated[list[str], Meta(description="labels of the snapshots")]
    compared: Annotated[int, Meta(description="keys that are known of at least two environments")]
    ignored: Annotated[int, Meta(description="keys left out by a policy or on request")] = 0
    history: list[KinshipForm] = []


class ReportForm(Struct):
    """Findings, what was not decided, and the snapshots that were judged."""

    schema: Literal[1]
    tool: str
    verdict: Literal["ok", "warnings", "broken", "undecided"]
    findings: list[FindingForm]
    undecided: list[UndecidedForm]
    coverage: list[ReportCoverageForm]
    rules: Annotated[int, Meta(description="how many rules were in force")]
    snapshots: list[SnapshotForm]
    changes: Annotated[list[ChangeForm], Meta(description="of a report of drift: every difference")] = []
    comparison: Annotated[ComparisonForm | None, Meta(description="of a report of drift: what was compared")] = None


def snapshot_schema() -> str:
    """Return the JSON Schema of a saved snapshot, docs/snapshot.schema.json."""
    return schema_of(SnapshotForm, "A snapshot of envcheck")


def report_schema() -> str:
    """Return the JSON Schema of a saved report, docs/report.schema.json."""
    return schema_of(ReportForm, "A report of envcheck")


def snapshot_form(data: bytes, where: str) -> SnapshotForm:
    """Return a validated snapshot; raises DocumentError with file and line or field."""
    return _validated(data, where, SnapshotForm, "snapshot")


def report_form(data: bytes, where: str) -> ReportForm:
    """Return a validated report; raises DocumentError with file and line or field."""
    return _validated(data, where, ReportForm, "report")


def schema_of(form: type[Struct], title: str) -> str:
    """Return the JSON Schema of a form as text."""
    (schema,), components = json.schema_components((form,), ref_template="#/$defs/{name}")
    made = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": title,
        **schema,
        "$defs": components,
    }
    return json.format(json.encode(made, order="deterministic"), indent=1).decode() + "\n"


def _validated(data: bytes, where: str, form: type[_Form], noun: str) -> _Form:
    document = _parsed(data, where)
    if not isinstance(document, dict) or "schema" not in document:
        raise DocumentError(
            f"this is no {noun}: it names no schema", where=where, hint=f"give a file that envcheck wrote as a {noun}"
        )
    if noun == "report" and "findings" not in document and "facts" in document:
        raise DocumentError(
            "this is a snapshot, not a report", where=where, hint=f"envcheck report {where} --format json"
        )
    schema = document["schema"]
    if not isinstance(schema, int) or isinstance(schema, bool) or schema < 1:
        raise DocumentError(f"schema {schema!r:.40} does not exist", where=where, hint=f"make the {noun} again")
    if schema > SCHEMA:
        raise DocumentError(
            f"schema {schema} is newer than this envcheck understands ({SCHEMA})",
            where=where,
            hint="update envcheck, or make the file with this version",
        )
    try:
        return convert(document, form)
    except (ValidationError, UnicodeEncodeError) as error:  # the latter for a lone surrogate where a word must stand
        raise DocumentError(f"malformed {noun}: {error}", where=where, hint=f"make the {noun} again") from None


def _parsed(data: bytes, where: str) -> Any:
    # The standard parser, as msgspec's refuses the lone surrogates that stand for undecodable bytes of file names.
    from json import JSONDecodeError, loads

    try:
        return loads(data.decode("utf-8-sig"), parse_constant=_refuse)
    except JSONDecodeError as error:
        line, problem = f"{where}:{error.lineno}", f"not JSON: {error.msg} (column {error.colno})"
    except UnicodeDecodeError as error:
        line, problem = where, f"not UTF-8: byte {error.start} is {data[error.start]:#04x}"
    except (ValueError, RecursionError) as error:
        line, problem = where, f"not usable JSON: {error}"
    raise DocumentError(problem, where=line, hint="give a file that envcheck wrote")


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not a JSON number")
