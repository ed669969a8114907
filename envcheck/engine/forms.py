"""What the documents of a rule file look like: the forms that they are validated against, and their JSON Schema."""

from __future__ import annotations

import json

import msgspec

Conditions = dict[str, object]


class LookupForm(msgspec.Struct, forbid_unknown_fields=True):
    """A lookup as written."""

    table: str
    by: dict[str, str]


class FixForm(msgspec.Struct, forbid_unknown_fields=True):
    """A fix as written: exactly one of the actions."""

    safety: str
    install: str | None = None
    uninstall: str | None = None
    run: str | None = None
    edit: str | None = None
    do: str | None = None
    note: str | None = None
    index: str | None = None


class ExampleForm(msgspec.Struct, forbid_unknown_fields=True):
    """An example as written."""

    expect: str
    facts: dict[str, object] = {}
    unknown: list[str] = []
    after: dict[str, object] | None = None
    log: str | None = None


class RuleForm(msgspec.Struct, forbid_unknown_fields=True):
    """A rule as written."""

    id: str
    severity: str
    summary: str
    why: str
    message: str
    sources: list[str]
    examples: list[ExampleForm]
    scope: str = "snapshot"
    lookup: dict[str, LookupForm] = {}
    each: dict[str, str | dict[str, str]] = {}
    when: Conditions = {}
    require: Conditions = {}
    confirm: Conditions = {}
    cause: str = ""
    general: bool | int = False
    match: str | list[str] = []
    sure: str = "likely"
    subjects: list[str] = []
    fixes: list[FixForm] = []


class TableForm(msgspec.Struct, forbid_unknown_fields=True):
    """A table as written."""

    table: str
    about: str
    sources: list[str]
    rows: list[dict[str, str | int | bool | list[str | int] | None]]
    match: dict[str, str] = {}


def rule_schema() -> str:
    """Return the JSON Schema of one document of a rule file: a rule or a table."""
    schemas, components = msgspec.json.schema_components(
        (RuleForm, TableForm), schema_hook=_any_value, ref_template="#/$defs/{name}"
    )
    made = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A rule or a table of envcheck",
        "anyOf": list(schemas),
        "$defs": components,
    }
    return json.dumps(made, indent=1, sort_keys=True) + "\n"


def _any_value(kind: type) -> dict[str, object]:
    """Return the schema of `object`, which stands where the loader checks a value by hand."""
    if kind is object:
        return {"description": "A condition or a value, see docs/writing-rules.md."}  # an empty schema is refused
    raise NotImplementedError
