"""GraphQL: SDL read and compared by `graphql-core`, whose breaking and dangerous changes get the words of the table."""

from __future__ import annotations

import re

from envcheck.contracts.difference import ABSENT, BOTH, REQUEST, RESPONSE, Difference, renames
from envcheck.contracts.documents import secret, shown
from envcheck.contracts.optional import library
from envcheck.errors import DocumentError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# https://github.com/graphql/graphql-js/blob/16.x.x/src/utilities/findBreakingChanges.ts
_WORDS = {
    "TYPE_REMOVED": ("type-removed", BOTH),
    "TYPE_CHANGED_KIND": ("type-changed", BOTH),
    "TYPE_REMOVED_FROM_UNION": ("member-removed", BOTH),
    "IMPLEMENTED_INTERFACE_REMOVED": ("member-removed", BOTH),
    "VALUE_REMOVED_FROM_ENUM": ("enum-value-removed", REQUEST),
    "VALUE_ADDED_TO_ENUM": ("enum-value-added", RESPONSE),
    "REQUIRED_INPUT_FIELD_ADDED": ("required-added", REQUEST),
    "REQUIRED_ARG_ADDED": ("required-added", REQUEST),
    "OPTIONAL_INPUT_FIELD_ADDED": ("property-added", REQUEST),
    "OPTIONAL_ARG_ADDED": ("property-added", REQUEST),
    "FIELD_REMOVED": ("field-removed", BOTH),
    "FIELD_CHANGED_KIND": ("type-changed", BOTH),
    "ARG_REMOVED": ("field-removed", BOTH),
    "ARG_CHANGED_KIND": ("type-changed", REQUEST),
    "TYPE_ADDED_TO_UNION": ("variant-added", RESPONSE),
    "IMPLEMENTED_INTERFACE_ADDED": ("variant-added", RESPONSE),
    "ARG_DEFAULT_VALUE_CHANGE": ("default-changed", REQUEST),
    "INPUT_FIELD_DEFAULT_VALUE_CHANGE": ("default-changed", REQUEST),
}  # what concerns directives, and what a later release of the library tells, is a directive-changed
_COORDINATE = re.compile(r"@?\w+\.\w+(?:\(\w+:\))?|@\w+(?:\(\w+:\))?")
_FROM_TO = re.compile(r" from (.+) to (.+)\.$")
_QUOTED = re.compile(r"""String ['"].*['"]""", re.DOTALL)
_KNOWN = ("deprecated", "specifiedBy", "oneOf")  # directives of the specification


def read(text: str, where: str) -> str:
    """Return the sorted SDL without descriptions, reasons and secrets.

    Raises DocumentError, and EnvcheckError without the library.
    """
    core = library("graphql", "GraphQL")
    try:
        document = core.parse(text.removeprefix("\ufeff"), no_location=True)
        schema = core.lexicographic_sort_schema(core.build_ast_schema(core.visit(document, _bare(core)())))
        _forget_descriptions(schema, core)
        printed: str = core.print_schema(schema)
    except core.GraphQLSyntaxError as error:
        line = f":{error.locations[0].line}" if error.locations else ""
        problem = _QUOTED.sub("a text", error.message)
        raise DocumentError(f"not valid SDL: {problem}", where=f"{where}{line}", hint="mend the schema") from None
    except (core.GraphQLError, TypeError) as error:
        problem = str(shown("", " ".join(str(error).split())))
        raise DocumentError(f"not a valid schema: {problem[:300]}", where=where, hint="mend the schema") from None
    except RecursionError:
        raise DocumentError("nested too deeply", where=where, hint="flatten the schema") from None
    if not printed.strip():
        raise DocumentError("defines no type", where=where, hint="name a .graphql file with a schema") from None
    return printed


def _bare(core: Any) -> Any:
    """Return a visitor that takes away reasons, secrets, and the directives that only a gateway knows."""
    naming = (core.InputValueDefinitionNode, core.ObjectFieldNode, core.ArgumentNode)

    class Bare(core.Visitor):  # type: ignore[misc]  # the library is optional
        def enter_directive(self, node: Any, *_place: Any) -> Any:
            if node.name.value not in _KNOWN:
                return core.REMOVE
            return type(node)(name=node.name, arguments=()) if node.name.value == "deprecated" else None

        def enter_string_value(self, node: Any, _key: Any, parent: Any, _path: Any, ancestors: Any) -> Any:
            value = shown(self.name_of(parent, ancestors), node.value)
            return None if value == node.value else type(node)(value=value)

        def enter_int_value(self, node: Any, _key: Any, parent: Any, _path: Any, ancestors: Any) -> Any:
            return type(node)(value="0") if secret(self.name_of(parent, ancestors), node.value) else None

        enter_float_value = enter_int_value

        def name_of(self, parent: Any, ancestors: Any) -> str:
            return ".".join(each.name.value for each in (*ancestors, parent) if isinstance(each, naming))

    return Bare


def _forget_descriptions(schema: Any, core: Any) -> None:
    own = [kind for kind in schema.type_map.values() if not core.is_introspection_type(kind)]
    waiting = [schema, *(kind for kind in own if not core.is_specified_scalar_type(kind))]
    waiting += [directive for directive in schema.directives if not core.is_specified_directive(directive)]
    while waiting:
        element = waiting.pop()
        element.description = None
        for inside in ("fields", "args", "values"):
            held = getattr(element, inside, None)
            waiting += held.values() if isinstance(held, dict) else ()


def compare(old: str, new: str) -> list[Difference]:
    """Return the differences of two SDL texts."""
    core = library("graphql", "GraphQL")
    before, after = _built(old, core), _built(new, core)
    changes = [*core.find_breaking_changes(before, after), *core.find_dangerous_changes(before, after)]
    return [_difference(change.type.name, change.description, before, after) for change in changes]


def _built(text: str, core: Any) -> Any:
    try:
        return core.build_schema(text)
    except core.GraphQLError as error:
        raise DocumentError(f"not valid SDL: {error.message}", hint="collect the contract again") from None


def _difference(kind: str, description: str, old: Any, new: Any) -> Difference:
    change, direction = _WORDS.get(kind, ("directive-changed", BOTH))
    found = _COORDINATE.search(description)
    values = _FROM_TO.search(description)
    known = [word for word in description.rstrip(".").split() if word in old.type_map or word in new.type_map]
    if found:
        place = found[0]
    else:  # "Post was removed from union type Feed", "Post no longer implements interface Node"
        place = (known[0] if "_FROM_UNION" not in kind and "_ADDED" not in kind else known[-1]) if known else "schema"
    before, after = (values[1], values[2]) if values else (_said(place, old), _said(place, new))
    if before == after:  # nothing that has a type: a member of a union, an interface, a flag of a directive
        before, after = (ABSENT, description) if "_ADDED" in kind else (description, ABSENT)
    renamed = _renamed(place, old, new) if kind == "FIELD_REMOVED" else ""
    return Difference(change=change, direction=direction, place=place, old=before, new=after, renamed_to=renamed)


def _said(place: str, schema: Any) -> str:
    """Return what stands at a coordinate such as `User.status` or `Query.user(id:)`: a type in most cases."""
    name, _, rest = place.partition(".")
    field, _, argument = rest.partition("(")
    element = schema.type_map.get(name)
    if field and element is not None:
        element = {**getattr(element, "fields", {}), **getattr(element, "values", {})}.get(field)
    if argument and element is not None:
        element = element.args.get(argument.rstrip(":)"))
    if element is None:
        return ABSENT
    return str(getattr(element, "type", field or name))


def _renamed(place: str, old: Any, new: Any) -> str:
    """Return the new name of a removed field where only its spelling changed."""
    type_name, _, field = place.partition(".")
    one, other = (getattr(schema.type_map.get(type_name), "fields", {}) for schema in (old, new))
    return renames(one.keys() - other.keys(), other.keys() - one.keys()).get(field, "")
