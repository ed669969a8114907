"""The published JSON Schemas, made from the forms that validate the documents."""

from __future__ import annotations

import json

import msgspec

from envcheck.engine.load import RuleForm, TableForm


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
