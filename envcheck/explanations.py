"""The shape of an explanation as JSON, from which its published JSON Schema is made."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

from envcheck.forms import EvidenceForm, MissingForm, schema_of

_Value = bool | int | float | str | list[str]


class FixForm(Struct):
    """A way to mend a cause."""

    title: str
    text: str
    safety: Annotated[Literal["safe", "unsafe", "show"], Meta(description="show: outside of the environment")]
    tried: Annotated[
        Literal["resolves", "remains", "not tried"],
        Meta(description="on the facts of the environment: whether the cause is ruled out after it"),
    ]
    commands: Annotated[list[str], Meta(description="ready to paste, with the Python of the environment")]
    raises: Annotated[list[str], Meta(description="ids of rules of a check that would find something new")]


class CheckedForm(Struct):
    """A finding of a check of the environment."""

    rule: str
    severity: Literal["error", "warning", "info"]
    cause: str
    message: str
    fingerprint: str


class CauseForm(Struct):
    """One cause, and what speaks for and against it."""

    cause: Annotated[str, Meta(description="a word of docs/causes.md")]
    confidence: Literal["confirmed", "likely", "suspected"]
    rule: str
    subjects: Annotated[list[str], Meta(description="names of packages and components that are to blame")]
    summary: str
    message: str
    why: str
    evidence: Annotated[list[EvidenceForm], Meta(description="key log: what the log says, and in which line")]
    ruled_out: bool
    against: Annotated[str, Meta(description="what rules it out, or empty")]
    missing: Annotated[list[MissingForm], Meta(description="facts that would settle it")]
    fixes: list[FixForm]
    checked: Annotated[list[CheckedForm], Meta(description="what a check says about the same")]
    sources: list[str]


class EventForm(Struct):
    """Something that failed, as the log tells it; docs/facts.md describes the fields."""

    at: Annotated[int, Meta(ge=1, description="line of the log")]
    kind: Literal["exception", "loader", "native", "panic", "build", "exit", "line"]
    text: str
    survived: bool
    exception: str = ""
    message: str = ""
    file: str = ""
    line: int = 0
    function: str = ""
    source: str = ""
    library: str = ""
    distribution: str = ""
    caller: str = ""
    program: str = ""
    level: str = ""
    role: str = ""
    repeated: int = 0


class ToldForm(Struct):
    """A fact of the environment that the log itself tells."""

    key: str
    value: _Value
    origin: str


class UnderstoodForm(Struct):
    """What was read of the log."""

    lines: Annotated[int, Meta(ge=0)]
    truncated: Annotated[bool, Meta(description="whether only what surrounds the failures was read")]
    failures: Annotated[list[EventForm], Meta(description="the last ones, in their order")]
    environment: list[ToldForm]
    exit_code: int = 0
    signal: str = ""
    platform: str = ""


class ExplanationForm(Struct):
    """The causes of a failure, best first, and what they rest on."""

    schema: Literal[1]
    tool: str
    log: str
    environment: Annotated[str, Meta(description="address of the environment that was consulted, or empty")]
    chosen: Annotated[str, Meta(description="why that one")]
    causes: Annotated[list[CauseForm], Meta(description="best first, those that are ruled out last")]
    understood: UnderstoodForm
    ask: Annotated[str, Meta(description="the command that would decide, or empty")]
    checked: Annotated[list[CheckedForm], Meta(description="findings of the check that belong to no cause")]


def explanation_schema() -> str:
    """Return the JSON Schema of an explanation, docs/explanation.schema.json."""
    return schema_of(ExplanationForm, "An explanation of envcheck")
