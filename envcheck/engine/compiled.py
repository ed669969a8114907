"""Rulebooks as nested tuples of plain values, which marshal and Python's own bytecode load in about a millisecond."""

from __future__ import annotations

from envcheck.model.rules import Each, FixTemplate, Lookup, Rule, Rulebook, Table

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from envcheck.engine.prefilter import Prefilter

# Examples are for tests and documentation; judging needs none, so they stay in the YAML.
_RULE_FIELDS = tuple(field for field in Rule.record_fields if field not in ("lookups", "each", "fixes", "examples"))
_MATCH = _RULE_FIELDS.index("match")
# Part of every cache key. The number rises whenever the meaning of the tuples changes but not their fields.
FORMAT = (2, _RULE_FIELDS, Each.record_fields, FixTemplate.record_fields)


def pack(rulebook: Rulebook) -> tuple[Any, ...]:
    """Return a rulebook as tuples, texts, numbers, booleans and None."""
    tables = tuple(
        (
            table.name,
            tuple(table.match.items()),
            table.sources,
            tuple(table.rows[0]),
            tuple(tuple(row.values()) for row in table.rows),
        )
        for table in rulebook.tables.values()
    )
    rules = tuple(
        (
            tuple(getattr(rule, field) for field in _RULE_FIELDS),
            tuple((lookup.name, lookup.table, lookup.by) for lookup in rule.lookups),
            None if rule.each is None else tuple(rule.each.as_dict().values()),
            tuple(tuple(fix.as_dict().values()) for fix in rule.fixes),
        )
        for rule in rulebook.rules
    )
    return tables, rules


def unpack(packed: tuple[Any, ...], prefilter: Prefilter | None = None) -> Rulebook:
    """Return the rulebook that was packed, without its examples; of rules with patterns, those that may match."""
    tables, rules = packed
    if prefilter is not None:
        rules = [parts for parts in rules if not parts[0][_MATCH] or prefilter.may_match_any(parts[0][_MATCH])]
    return Rulebook(
        rules=tuple(_rule(*parts) for parts in rules),
        tables={
            name: Table(
                name=name,
                match=dict(match),
                sources=sources,
                rows=tuple(dict(zip(columns, cells, strict=True)) for cells in rows),
            )
            for name, match, sources, columns, rows in tables
        },
    )


def _rule(values: Any, lookups: Any, each: Any, fixes: Any) -> Rule:
    return Rule(
        **dict(zip(_RULE_FIELDS, values, strict=True)),
        lookups=tuple(Lookup(name=name, table=table, by=by) for name, table, by in lookups),
        each=None if each is None else Each(**dict(zip(Each.record_fields, each, strict=True))),
        fixes=tuple(FixTemplate(**dict(zip(FixTemplate.record_fields, fix, strict=True))) for fix in fixes),
    )


def as_module(rulebook: Rulebook) -> str:
    """Return the source of a Python module that holds the packed rulebook as `RULEBOOK`."""
    heading = '"""Generated from rules/ when the wheel was built; do not edit."""'
    return f"{heading}\n\nFORMAT = {FORMAT!r}\nRULEBOOK = {pack(rulebook)!r}\n"
