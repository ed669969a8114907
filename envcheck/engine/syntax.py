"""The small language inside rules: references, templates and conditions, parsed into plain tuples."""

from __future__ import annotations

from envcheck.engine.values import FORMATS
from envcheck.errors import RuleError
from envcheck.keys import KINDS, parse_key
from envcheck.model.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from envcheck.model.rules import Node, Reference, Template

_COMPARISONS = ("lt", "le", "gt", "ge")
_OPERATORS = ("is", "not", "in", "version", "contains", "starts", "ends", *_COMPARISONS)
_SPECIFIER_STARTS = ("==", ">=", "<=", "!=", "~=", "<", ">")
_UNITS = {"KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30, "TiB": 1 << 40}


class Scope(Record):
    """The names that a rule's references may use.

    `columns` holds those of each lookup, and the captures of a pattern under `m`; `variable` is that of `each`, and
    `kind` what it runs over (empty: the rows of a table, whose columns then stand in `columns`, too).
    """

    columns: Mapping[str, Sequence[str]]
    variable: str = ""
    kind: str = ""


def parse_reference(text: str, scope: Scope) -> Reference:
    """Parse a fact key, `variable#attribute`, `variable.1` or `lookup.column`; raises RuleError."""
    head, dot, tail = text.partition(".")
    if dot and head in scope.columns:
        if tail not in scope.columns[head]:
            raise RuleError(f"{text!r}: {head} has no column {tail!r}", hint=f"one of {', '.join(scope.columns[head])}")
        return ("row", head, tail)
    variable = scope.variable
    if variable and scope.kind:
        if head == variable and dot and tail.isdigit():
            if not 1 <= int(tail) <= len(KINDS[scope.kind][2]):
                raise RuleError(f"{text!r}: {scope.kind} has {len(KINDS[scope.kind][2])} parts")
            return ("part", variable, int(tail))
        name, hash_, attribute = text.partition("#")
        if name == variable:
            known = KINDS[scope.kind]
            attribute = attribute if hash_ else known[0]
            if attribute not in known[3] and "*" not in known[3]:
                raise RuleError(f"{text!r}: {scope.kind} has no {attribute!r}", hint=f"one of {', '.join(known[3])}")
            return ("own", variable, attribute)
    return _fact_reference(text, scope)


def _fact_reference(text: str, scope: Scope) -> Reference:
    name, hash_, attribute = text.partition("#") if "{" not in text else _split_outside_braces(text, "#")
    if "{" not in name:
        entity, attribute = parse_key(text)
        return ("fact", entity, attribute)
    parts: list[object] = []
    for part in _split_parts(name):
        template = parse_template(part, scope)
        if len(template) != 1:
            raise RuleError(f"{text!r}: a part of a key is either a text or one reference in braces")
        parts.append(template[0])
    placeholder = "/".join(part if isinstance(part, str) else "x" for part in parts)
    entity, attribute = parse_key(placeholder + hash_ + attribute)
    return ("fact", tuple(parts), attribute)


def _split_outside_braces(text: str, sign: str) -> tuple[str, str, str]:
    depth = 0
    for index, char in enumerate(text):
        depth += (char == "{") - (char == "}")
        if char == sign and not depth:
            return text[:index], sign, text[index + 1 :]
    return text, "", ""


def _split_parts(text: str) -> list[str]:
    parts, depth, start = [], 0, 0
    for index, char in enumerate(text):
        depth += (char == "{") - (char == "}")
        if char == "/" and not depth:
            parts.append(text[start:index])
            start = index + 1
    return [*parts, text[start:]]


def parse_template(text: str, scope: Scope) -> Template:
    """Parse a text with references in braces; `{{` stands for a brace; raises RuleError."""
    found: list[str | Reference] = []
    literal = ""
    index = 0
    while index < len(text):
        char = text[index]
        if char in "{}" and text[index : index + 2] in ("{{", "}}"):
            literal += char
            index += 2
        elif char == "{":
            end = _closing(text, index)
            if literal:
                found.append(literal)
                literal = ""
            found.append(_formatted(text[index + 1 : end], scope))
            index = end + 1
        else:
            literal += char
            index += 1
    if literal or not found:
        found.append(literal)
    return tuple(found)


def _closing(text: str, start: int) -> int:
    depth = 0
    for index in range(start, len(text)):
        depth += (text[index] == "{") - (text[index] == "}")
        if not depth:
            return index
    raise RuleError(f"{text!r}: a brace is not closed", hint="write {{ for a brace that is meant as one")


def _formatted(text: str, scope: Scope) -> Reference:
    key, bar, name = _split_outside_braces(text, "|")
    reference = parse_reference(key, scope)
    if not bar:
        return reference
    if name not in FORMATS:
        raise RuleError(f"{text!r}: there is no format {name!r}", hint=f"one of {', '.join(FORMATS)}")
    return ("format", name, reference)


def parse_conditions(given: Mapping[str, object], scope: Scope) -> tuple[Node, ...]:
    """Parse a mapping of conditions, all of which must hold; raises RuleError."""
    nodes: list[Node] = []
    for key, wanted in given.items():
        if key in ("any", "all"):
            if not isinstance(wanted, list) or not wanted or not all(isinstance(item, dict) for item in wanted):
                raise RuleError(f"{key}: wants a list of condition mappings")
            inside = tuple(("all", parse_conditions(item, scope)) for item in wanted)
            nodes.append((key, inside))
        else:
            nodes.append(("test", _formatted(key, scope), parse_condition(key, wanted, scope)))
    return tuple(nodes)


def parse_condition(key: str, wanted: object, scope: Scope) -> tuple[tuple[str, object], ...]:
    """Parse what stands right of a condition's key into (operator, operand) pairs; raises RuleError."""
    if isinstance(wanted, dict):
        if not wanted:
            raise RuleError(f"{key}: an empty condition")
        return tuple(_operation(key, str(name), operand, scope) for name, operand in wanted.items())
    if wanted in ("present", "absent") and isinstance(wanted, str):
        return ((wanted, True),)
    if isinstance(wanted, str) and wanted.startswith(_SPECIFIER_STARTS):
        return (("version", parse_template(wanted, scope)),)
    if isinstance(wanted, str):
        return (("is", parse_template(wanted, scope)),)
    if isinstance(wanted, (bool, int)):
        return (("is", wanted),)
    raise RuleError(f"{key}: {wanted!r} is no condition", hint="see docs/writing-rules.md")


def _operation(key: str, name: str, operand: object, scope: Scope) -> tuple[str, object]:
    if name not in _OPERATORS:
        raise RuleError(f"{key}: there is no operator {name!r}", hint=f"one of {', '.join(_OPERATORS)}")
    if name == "not":
        return (name, parse_condition(key, operand, scope))
    if name == "in" and isinstance(operand, list):
        return (name, tuple(parse_template(str(item), scope) for item in operand))
    if name in _COMPARISONS and not (isinstance(operand, str) and "{" in operand):
        number = as_number(operand)
        if number is None:
            raise RuleError(f"{key}: {name} wants a number, not {operand!r}")
        return (name, number)
    if isinstance(operand, (bool, int)) and name == "is":
        return (name, operand)
    if isinstance(operand, (str, int)):
        template = parse_template(str(operand), scope)
        return (name, (template,) if name == "in" else template)
    raise RuleError(f"{key}: {name} cannot compare with {operand!r}")


def as_number(value: object) -> float | int | None:
    """Return a number, also from texts such as `64MiB` and `0.5`, or None."""
    if isinstance(value, bool):
        return None
    if isinstance(value, (int, float)):
        return value
    if not isinstance(value, str):
        return None
    for unit, factor in _UNITS.items():
        if value.endswith(unit):
            scaled = as_number(value.removesuffix(unit).strip())
            return None if scaled is None else scaled * factor
    try:
        return float(value) if "." in value else int(value)
    except ValueError:
        return None
