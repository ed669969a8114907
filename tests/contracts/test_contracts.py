"""Reading contracts: which format, what is kept of it, and what becomes of files that are no contracts."""

from __future__ import annotations

import builtins
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from envcheck.contracts import FORMATS, canonical, compare
from envcheck.errors import DocumentError, EnvcheckError

AVRO_PASSWORD = {
    "type": "record",
    "name": "A",
    "fields": [{"name": "password", "type": "string", "default": "hunter2"}],
}
SCHEMA = {"type": "object", "properties": {"status": {"type": "string"}}}


def changes(name: str, old: Any, new: Any) -> list[tuple[str, str, str]]:
    (format_, before), (_, after) = (
        canonical(name, (each if isinstance(each, str) else json.dumps(each)).encode()) for each in (old, new)
    )
    return [(each.change, each.direction, each.place) for each in compare(format_, before, after)]


@pytest.mark.parametrize(
    ("path", "text", "format_"),
    [
        ("a/user.proto", "message A {}", "protobuf"),
        ("user.avsc", '{"type": "int"}', "avro"),
        ("schema.graphql", "type Query { a: Int }", "graphql"),
        ("schema.GQL", "type Query { a: Int }", "graphql"),
        ("events.jsonl", '{"a": 1}', "payload"),
        ("api.yaml", "openapi: 3.0.3\npaths: {}", "openapi"),
        ("api.json", '{"openapi": "3.1.0"}', "openapi"),
        ("user.json", '{"$schema": "https://json-schema.org/draft/2020-12/schema"}', "jsonschema"),
        ("user.json", json.dumps(SCHEMA), "jsonschema"),
        ("user.yaml", "type: object\nproperties: {id: {type: string}}", "jsonschema"),
        ("user.json", '{"properties": {"id": {"type": "string"}}}', "jsonschema"),
        ("user.schema.json", "{}", "jsonschema"),
        ("user.json", '{"type": "record", "name": "User", "fields": []}', "avro"),
        ("user.json", '{"userId": "123", "status": "active"}', "payload"),
        ("user.json", '{"type": "admin", "properties": 7}', "payload"),
        ("point.json", '{"type": "Point", "coordinates": [1, 2]}', "payload"),
        ("users.json", "[1, 2]", "payload"),
        ("events.json", '{"a": 1}\n{"a": 2}', "payload"),
    ],
)
def test_the_format_is_told_by_name_and_content(path: str, text: str, format_: str) -> None:
    assert canonical(path, text.encode())[0] == format_


@pytest.mark.parametrize(
    ("path", "data", "said"),
    [
        ("user.json", b"", "user.json: is empty"),
        ("user.json", b" \n ", "user.json: is empty"),
        ("user.json", b"\xff\xfe\x00", "user.json:1: not UTF-8 text"),
        ("user.json", b'{"a": 1,\n "b": }', "user.json:2: not valid JSON"),
        ("user.json", b'{"a": 1}\n{"a": }', "user.json:2: not valid JSON"),
        ("user.json", b"[" * 200 + b"]" * 200, "nested more than 100 levels deep"),
        ("user.json", b"[" * 100_000 + b"]" * 100_000, "nested too deeply"),
        ("user.json", b'{"a\\u0000": "\0"}', "a binary file"),
        ("api.yaml", b"openapi: 3.0.0\npaths: [", "api.yaml:"),
        ("api.yaml", b"openapi: 3.0.0\npaths: []", "`paths` is not a mapping"),
        ("api.yaml", b"swagger: '2.0'\npaths: {}", "Swagger 2.0"),
        ("api.yaml", b"a: 1\n---\nb: 2", "2 documents instead of one"),
        ("user.txt", b"x", "tells no format of contracts"),
        ("user", b"x", "tells no format of contracts"),
        ("user.avsc", b'"string"', "a mapping or a list"),
        ("user.avsc", b'{"type": "record", "name": "U"}', "not a valid Avro schema"),
        (
            "user.avsc",
            b'{"type": "record", "name": "U", "fields": [{"name": "a", "type": "No"}]}',
            "not a valid Avro",
        ),
        ("user.avsc", b'{"type": {"type": {"type": "nothing"}}}', "not a valid Avro schema"),
        ("user.graphql", b"type User {\n id: \n}", "user.graphql:3: not valid SDL"),
        ("user.graphql", b"type User { id: Nope }", "not a valid schema"),
        ("user.graphql", b"{ user { id } }", "defines no type"),
        ("user.graphql", b"type A { a: " + b"[" * 5000 + b"Int" + b"]" * 5000 + b" }", "nested too deeply"),
        ("user.schema.json", b'{"$ref": "#/$defs/Gone"}', "#/$defs/Gone leads nowhere"),
        ("user.schema.json", b'{"$ref": "gone.json"}', "refers to the file gone.json"),
        ("user.schema.json", b'"text"', "a JSON schema is a mapping"),
    ],
)
def test_what_is_no_contract_is_refused_with_the_place(path: str, data: bytes, said: str) -> None:
    with pytest.raises(DocumentError) as raised:
        canonical(path, data)
    assert said in str(raised.value)
    assert path in str(raised.value)


@pytest.mark.parametrize("ending", ["json", "yaml", "proto", "avsc", "graphql", "jsonl"])
@given(data=st.one_of(st.binary(max_size=60), st.text(max_size=60).map(lambda text: text.encode())))
@settings(max_examples=60)
def test_whatever_the_bytes_nothing_else_is_raised(ending: str, data: bytes) -> None:
    try:
        format_, text = canonical(f"x.{ending}", data)
    except DocumentError:
        return
    assert compare(format_, text, f"{text} ") == ()


def test_prose_examples_and_order_are_no_part_of_a_contract() -> None:
    plain = {"openapi": "3.0.3", "paths": {"/a": {"get": {"responses": {"200": {"content": {}}}}}}}
    rich = {
        "openapi": "3.0.3",
        "info": {"title": "x", "version": "2"},
        "servers": [{"url": "https://user:pass@example.org"}],
        "x-owner": "team",
        "paths": {"/a": {"get": {"summary": "s", "responses": {"200": {"description": "d", "content": {}}}}}},
    }
    assert canonical("a.json", json.dumps(plain).encode()) == canonical("b.json", json.dumps(rich).encode())


def test_a_property_may_be_called_as_a_keyword() -> None:
    names = {
        name: {"type": "string"} for name in ("description", "example", "title", "x-id", "$ref", "enum", "default")
    }
    (_, text) = canonical("a.schema.json", json.dumps({"properties": names}).encode())
    assert set(json.loads(text)["properties"]) == set(names)
    assert ("type-changed", "both", "$.title") in changes(
        "a.schema.json", {"properties": names}, {"properties": {**names, "title": {"type": "number"}}}
    )


@pytest.mark.parametrize(
    ("name", "text", "secret"),
    [
        ("a.schema.json", {"properties": {"password": {"type": "string", "default": "hunter2hunter2"}}}, "hunter2"),
        ("a.schema.json", {"properties": {"token": {"const": "ghp_0123456789abcdefghij0123456789abcdef"}}}, "ghp_"),
        (
            "a.avsc",
            {"type": "record", "name": "A", "fields": [{"name": "password", "type": "string", "default": "hunter2"}]},
            "hunter2",
        ),
        ("a.json", {"password": "hunter2", "list": ["hunter2", {"deep": "hunter2"}]}, "hunter2"),
        ("a.json", {"by_mail": {"alice@example.org": 1}, "by_id": {"4711": 1}}, "alice"),
        ("a.json", {"ghp_0123456789abcdefghij0123456789abcdef": 1}, "ghp_"),
        ("a.graphql", '"""hunter2""" type Query { "hunter2" a("hunter2" b: Int): Int }', "hunter2"),
        ("a.proto", 'message A { // hunter2\n string a = 1 [default = "hunter2"]; }', "hunter2"),
        ("a.proto", 'message A { option (o) = "hunter2"; reserved "sk_live_4eC39HqLyjWDarjt"; }', "4eC39"),
        ("a.graphql", 'type Query { a(apiKey: String = "sk_live_4eC39HqLyjWDarjt"): Int }', "4eC39"),
        ("a.graphql", 'type Query { a: Int } input A { password: String = "hunter2" }', "hunter2"),
        ("a.graphql", "type Query { a: Int } input A { password: Int = 47114711 }", "4711"),
        ("a.graphql", 'type Query { a(b: B = {deep: [{token: "hunter2"}]}): Int } scalar B', "hunter2"),
        ("a.graphql", 'directive @a(token: String = "hunter2") on FIELD_DEFINITION', "hunter2"),
        ("a.graphql", 'type Query { a: Int @deprecated(reason: "hunter2") }', "hunter2"),
        ("a.graphql", 'scalar A @specifiedBy(url: "https://me:hunter2@example.org/a")', "hunter2"),
        (
            "a.avsc",
            {
                "type": "record",
                "name": "A",
                "fields": [
                    {"name": "password", "type": {"type": "map", "values": "string"}, "default": {"v": "hunter2"}},
                    {"name": "b", "type": {"type": "bytes", "logicalType": "https://me:hunter2@example.org"}},
                ],
            },
            "hunter2",
        ),
        ("a.schema.json", {"properties": {"password": {"default": {"value": "hunter2"}}}}, "hunter2"),
        ("a.schema.json", {"default": {"ghp_0123456789abcdefghij0123456789abcdef": 1}}, "ghp_"),
        ("a.schema.json", {"properties": {"a": {"password": "hunter2", "token": ["hunter2"]}}}, "hunter2"),
        ("a.schema.json", {"$ref": "https://me:hunter2@example.org/a.json#/b"}, "hunter2"),
        ("a.schema.json", {"$ref": "https://example.org/a.json?token=hunter2#/b"}, "hunter2"),
    ],
)
def test_nothing_secret_is_kept(name: str, text: Any, secret: str) -> None:
    assert secret not in canonical(name, (text if isinstance(text, str) else json.dumps(text)).encode())[1]


OAUTH = {
    "authorizationUrl": "https://me:hunter2@example.org/a",
    "tokenUrl": "https://example.org/t?client_secret=hunter2",
    "scopes": {"read": "as hunter2 does"},
}


@pytest.mark.parametrize(
    "inside",
    [
        {"components": {"securitySchemes": {"a": {"type": "oauth2", "flows": {"implicit": OAUTH}}}}},
        {"components": {"links": {"A": {"parameters": {"token": "hunter2"}}}}},
        {"components": {"parameters": {"A": {"name": "api_key", "in": "query", "schema": {"default": "hunter2"}}}}},
        {"components": {"parameters": {"A": {"name": "api_key", "in": "query", "schema": {"enum": ["hunter2"]}}}}},
        {
            "components": {
                "parameters": {
                    "A": {"name": "token", "in": "query", "content": {"text/plain": {"schema": {"const": "hunter2"}}}}
                }
            }
        },
        {"components": {"headers": {"X-Api-Key": {"schema": {"default": "hunter2"}}}}},
        {"paths": {"/a": {"get": {"callbacks": {"on": {"https://me:hunter2@example.org": {"post": {}}}}}}}},
        {"paths": {"/a": {"get": {"responses": {"200": {"links": {"b": {"parameters": {"token": "hunter2"}}}}}}}}},
        {"paths": {"/a": {"$ref": "https://me:hunter2@example.org/a.json"}}},
    ],
)
def test_nothing_secret_of_an_api_is_kept(inside: dict[str, Any]) -> None:
    assert "hunter2" not in canonical("a.json", json.dumps({"openapi": "3.1.0", **inside}).encode())[1]


def test_what_only_sounds_like_a_secret_is_kept() -> None:
    schema = {
        "type": "object",
        "required": ["password", "token"],
        "properties": {"password": {"type": "string", "format": "password", "pattern": "^[!-~]{12,}$"}},
        "dependentRequired": {"password": ["username"]},
        "dependencies": {"token": ["username"]},
        "discriminator": {"propertyName": "token", "mapping": {"token": "#/properties/password"}},
    }
    assert json.loads(canonical("a.schema.json", json.dumps(schema).encode())[1]) == schema
    api = {
        "openapi": "3.1.0",
        "security": [{"api_key": ["admin"]}],
        "components": {"securitySchemes": {"api_key": {"type": "apiKey", "name": "X-API-Key", "in": "header"}}},
    }
    assert json.loads(canonical("a.json", json.dumps(api).encode())[1]) == api


def test_a_reference_by_an_identifier_with_a_secret_still_leads_there() -> None:
    address = "https://me:hunter2@example.org/a.json?token=hunter2"
    old = {
        "$defs": {"A": {"$id": address, "$defs": {"B": {"type": "string"}}}},
        "properties": {"a": {"$ref": f"{address}#/$defs/B"}},
    }
    new = json.loads(json.dumps(old).replace("string", "integer"))
    assert changes("a.schema.json", old, new) == [("type-changed", "both", "$.a")]


@pytest.mark.parametrize(
    ("name", "text"), [("a.graphql", 'type Query { a: "hunter2" }'), ("a.proto", 'message A { string a = "hunter2"; }')]
)
def test_no_problem_repeats_a_text_of_the_contract(name: str, text: str) -> None:
    with pytest.raises(DocumentError) as raised:
        canonical(name, text.encode())
    assert "a text" in str(raised.value)
    assert "hunter2" not in str(raised.value)


def test_a_reason_for_a_deprecation_is_no_part_of_the_contract() -> None:
    plain, reasoned = (
        f"type Query {{ a: Int @deprecated{reason} }} enum A {{ B @deprecated{reason} }}".encode()
        for reason in ("", '(reason: "use b")')
    )
    assert canonical("a.graphql", plain) == canonical("a.graphql", reasoned)


def test_of_a_sample_only_the_shape_is_kept() -> None:
    (_, text) = canonical("a.json", b'[{"id": 1, "tags": []}, {"id": "x", "tags": ["a"], "at": null}]')
    assert json.loads(text) == {
        "type": "array",
        "items": {
            "type": "object",
            "properties": {
                "id": {"type": ["number", "string"]},
                "tags": {"type": "array", "items": {"type": "string"}},
                "at": {"type": "null"},
            },
        },
    }


def test_what_a_sample_does_not_show_is_no_change() -> None:
    assert changes("a.json", {"a": [], "b": None}, {"a": [{"c": 1}], "b": 1}) == []
    assert changes("a.json", {"b": 1}, {"b": None}) == [("nullable-added", "both", "$.b")]


def test_files_beside_are_read_into_the_contract() -> None:
    files = {"common/types.json": b'{"definitions": {"Id": {"$ref": "id.json#/$defs/Id", "description": "x"}}}'}
    files["common/id.json"] = b'{"$defs": {"Id": {"type": "string", "examples": ["secret"]}}}'
    main = b'{"properties": {"id": {"$ref": "common/types.json#/definitions/Id"}}}'
    (_, old) = canonical("user.json", main, files.__getitem__)
    files["common/id.json"] = files["common/id.json"].replace(b"string", b"integer")
    (_, new) = canonical("user.json", main, files.__getitem__)
    assert "secret" not in old
    assert [(each.change, each.place) for each in compare("jsonschema", old, new)] == [("type-changed", "$.id")]


def test_a_reference_to_another_host_is_not_followed_and_its_change_is_not_decided() -> None:
    def refuse(_path: str) -> bytes:
        raise AssertionError

    texts = [
        canonical("a.schema.json", f'{{"$ref": "https://example.org/{name}.json"}}'.encode(), refuse)[1]
        for name in "ab"
    ]
    assert [each.change for each in compare("jsonschema", *texts)] == ["keyword-changed"]


def test_schemas_that_contain_themselves_are_compared_once() -> None:
    node = {
        "$defs": {
            "Node": {"type": "object", "properties": {"next": {"$ref": "#/$defs/Node"}, "value": {"type": "string"}}}
        }
    }
    old = {**node, "$ref": "#/$defs/Node"}
    new = json.loads(json.dumps(old).replace("string", "integer"))
    assert changes("a.schema.json", old, new) == [("type-changed", "both", "$.value")]


def test_all_of_that_grows_into_itself_ends() -> None:
    node = {"properties": {"next": {"$ref": "#/$defs/A"}, "value": {"type": "string"}}}
    defs = {"A": {"allOf": [{"$ref": "#/$defs/B"}, node]}, "B": {"allOf": [{"$ref": "#/$defs/A"}, node]}}
    old = {"$defs": defs, "$ref": "#/$defs/A"}
    new = json.loads(json.dumps(old).replace("string", "integer"))
    assert ("type-changed", "both", "$.value") in changes("a.schema.json", old, new)


def test_a_long_chain_of_references_is_followed() -> None:
    count = 5000
    defs = {f"T{n}": {"type": "object", "properties": {"next": {"$ref": f"#/$defs/T{n + 1}"}}} for n in range(count)}
    old = {"$defs": {**defs, f"T{count}": {"type": "string"}}, "$ref": "#/$defs/T0"}
    new = {"$defs": {**defs, f"T{count}": {"type": "number"}}, "$ref": "#/$defs/T0"}
    assert [change for change, *_ in changes("a.schema.json", old, new)] == ["type-changed"]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ({"type": "string", "nullable": True}, {"type": ["string", "null"]}),
        ({"type": ["string", "null"]}, {"oneOf": [{"type": "null"}, {"type": "string"}]}),
        ({"minimum": 5, "exclusiveMinimum": True}, {"exclusiveMinimum": 5}),
        ({"type": "string", "minLength": 0}, {"type": "string"}),
        ({"const": "a"}, {"enum": ["a"]}),
        ({"properties": {"a": {}}}, {"type": "object", "properties": {"a": {}}}),
        (
            {"allOf": [{"type": "object", "required": ["a"]}, {"properties": {"a": {}}}]},
            {"type": "object", "properties": {"a": {}}, "required": ["a"]},
        ),
        ({"enum": [1, 2]}, {"type": "integer", "enum": [1, 2]}),
        ({"oneOf": [{"type": "string"}, {"type": "number"}]}, {"oneOf": [{"type": "number"}, {"type": "string"}]}),
        ({"$defs": {"A": {"type": "string"}}, "$ref": "#/$defs/A"}, {"type": "string"}),
    ],
)
def test_two_ways_to_say_the_same_do_not_differ(old: Any, new: Any) -> None:
    assert changes("a.schema.json", old, new) == []
    assert changes("a.schema.json", new, old) == []


def test_a_wrong_form_of_yaml_numbers_makes_no_difference() -> None:
    assert changes("a.schema.yaml", "type: number\nmaximum: 0.5\n", "type: number\nmaximum: 0.50\n") == []
    assert changes("a.schema.yaml", "type: number\nmaximum: 0.5\n", "type: number\nmaximum: 0.4\n") == [
        ("bound-tightened", "both", "$")
    ]


def test_windows_line_ends_and_byte_order_marks_make_no_difference() -> None:
    for name, text in (
        ("a.json", '{"a": 1}\n'),
        ("a.proto", "message A {\n int32 a = 1;\n}\n"),
        ("a.graphql", "type Query {\n a: Int\n}\n"),
    ):
        assert canonical(name, b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode()) == canonical(name, text.encode())


@pytest.mark.parametrize(
    ("name", "text", "library"),
    [("a.avsc", '{"type": "int"}', "avro"), ("a.graphql", "type Query { a: Int }", "graphql")],
)
def test_without_the_library_it_is_said_how_to_get_it(
    monkeypatch: pytest.MonkeyPatch, name: str, text: str, library: str
) -> None:
    import sys

    for module in [module for module in sys.modules if module.partition(".")[0] == library]:
        monkeypatch.delitem(sys.modules, module)
    real = builtins.__import__

    def refuse(wanted: str, *rest: Any, **more: Any) -> Any:
        if wanted.partition(".")[0] == library:
            raise ImportError(wanted)
        return real(wanted, *rest, **more)

    monkeypatch.setattr("envcheck.contracts.optional.import_module", refuse)
    with pytest.raises(EnvcheckError, match="is not installed") as raised:
        canonical(name, text.encode())
    assert raised.value.hint == "pip install 'envcheck-ml[contracts]'"


def test_an_unknown_format_and_a_foreign_text_are_refused() -> None:
    with pytest.raises(DocumentError, match="no format of contracts"):
        compare("soap", "{}", "[]")
    with pytest.raises(DocumentError, match="not a canonical text"):
        compare("openapi", "{", "{}")


@pytest.mark.parametrize("format_", FORMATS)
@pytest.mark.parametrize(
    "text", ["7", "[]", '{"messages": 1}', '{"paths": {"/a": 1}, "type": 7}', "[[[", "nonsense", ""]
)
def test_a_text_that_somebody_edited_never_ends_in_a_traceback(format_: str, text: str) -> None:
    for pair in ((text, "{}"), ("{}", text)):
        try:
            found = compare(format_, *pair)
        except DocumentError:
            continue
        assert isinstance(found, tuple)


_SCHEMAS = st.recursive(
    st.sampled_from([{}, {"type": "string"}, {"type": "integer", "maximum": 3}, {"enum": ["a", None]}, True, False]),
    lambda inner: st.one_of(
        st.dictionaries(st.sampled_from(["a", "b", "userId", "user_id"]), inner, max_size=3).map(
            lambda held: {"type": "object", "properties": held, "required": sorted(held)[:1]}
        ),
        inner.map(lambda items: {"type": "array", "items": items}),
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: {"anyOf": parts}),
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: {"allOf": parts}),
    ),
    max_leaves=8,
)


@given(_SCHEMAS, _SCHEMAS)
@settings(max_examples=150)
def test_a_schema_differs_from_others_only_and_both_ways(old: Any, new: Any) -> None:
    (_, before), (_, after) = (canonical("a.schema.json", json.dumps(each).encode()) for each in (old, new))
    assert compare("jsonschema", before, f"{before} ") == ()
    assert bool(compare("jsonschema", before, after)) == bool(compare("jsonschema", after, before))
