"""Field maps: read, checked, applied, reversed, proposed, followed when their file changes."""

from __future__ import annotations

import io
import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envcheck.adapters import Adapter, FieldMap, load
from envcheck.adapters.proposing import propose
from envcheck.adapters.reading import read, transformed
from envcheck.cli import main
from envcheck.contracts import canonical
from envcheck.errors import DocumentError

STATUS = "{from: status, to: status, values: {active: 1, inactive: 0}}"


def made(text: str) -> FieldMap:
    return FieldMap(where="map.yaml", **read(text, "map.yaml"))


def of(*fields: str, more: str = "") -> FieldMap:
    return made("fields:\n" + "".join(f"  - {field}\n" for field in fields) + more)


TRANSLATED: list[tuple[list[str], Any, Any]] = [
    (["{from: userId, to: user_id}"], {"userId": "1", "other": 2}, {"user_id": "1", "other": 2}),
    (["{source: userId, target: user_id, transform: snake_case}"], {"userId": "1"}, {"user_id": "1"}),
    (["{source: createTime, transform: snake_case}"], {"createTime": 1}, {"create_time": 1}),
    (["{from: userId, to: user_id}"], {"nothing": 1}, {"nothing": 1}),
    (["{from: userId, to: user_id}"], {"userId": None}, {"user_id": None}),
    (["{from: a.b.cD, to: a.b.c_d}"], {"a": {"b": {"cD": "1"}}}, {"a": {"b": {"c_d": "1"}}}),
    (["{from: a.zip, to: b.zip}"], {"a": {"zip": 1, "c": 2}}, {"a": {"c": 2}, "b": {"zip": 1}}),
    (['{from: "a[].bC", to: "a[].b"}'], {"a": [{"bC": 1}, {}, 7, {"bC": 2}]}, {"a": [{"b": 1}, {}, 7, {"b": 2}]}),
    (['{from: "a[].b[].cD", to: "a[].b[].c"}'], {"a": [{"b": [{"cD": 1}]}, {}]}, {"a": [{"b": [{"c": 1}]}, {}]}),
    (["{from: a, to: b}", '{from: "a[].cD", to: "b[].c"}'], {"a": [{"cD": 1}]}, {"b": [{"c": 1}]}),
    (['{from: "grid[][].x", to: "grid[][].y"}'], {"grid": [[{"x": 1}]]}, {"grid": [[{"y": 1}]]}),
    (["{from: a, to: b}", "{from: b, to: a}"], {"a": 1, "b": 2}, {"a": 2, "b": 1}),
    ([STATUS], {"status": "active"}, {"status": 1}),
    (["{from: s, to: s, values: {1: active, true: on, null: none}}"], {"s": True}, {"s": "on"}),
    (["{from: s, to: s, values: [{from: '1', to: one}]}"], {"s": "1"}, {"s": "one"}),
    (["{from: n, to: n, convert: text}"], {"n": 1}, {"n": "1"}),
    (["{from: n, to: n, convert: number}"], {"n": "1.5"}, {"n": 1.5}),
    (["{drop: a}", '{drop: "b[].a"}'], {"a": 1, "b": [{"a": 1, "c": 2}]}, {"b": [{"c": 2}]}),
    (["{from: userId, to: user_id}"], [{"userId": 1}, {"userId": 2}], [{"user_id": 1}, {"user_id": 2}]),
]


@pytest.mark.parametrize(("fields", "document", "wanted"), TRANSLATED)
def test_a_document_is_translated(fields: list[str], document: Any, wanted: Any) -> None:
    before = json.dumps(document)
    assert of(*fields).apply(document) == wanted
    assert json.dumps(document) == before


def test_fields_that_are_not_named_may_be_dropped() -> None:
    map_ = of("{from: user.id, to: user_id}", more="others: drop\n")
    assert map_.apply({"user": {"id": 1, "name": "x"}, "other": 2}) == {"user_id": 1}


@pytest.mark.parametrize(
    ("fields", "document", "said"),
    [
        (["{from: userId, to: user_id}"], {"userId": 1, "user_id": 2}, "user_id is already there"),
        (["{from: a, to: b.c}"], {"a": 1, "b": "text"}, "b.c is already there"),
        ([STATUS], {"status": "banned"}, 'the value of status is none of "active", "inactive"'),
        (["{from: n, to: n, convert: number}"], {"n": "many"}, "the value of n is no number"),
        (["{from: n, to: n, convert: number}"], {"n": "1e999"}, "the value of n is no number"),
        (["{from: n, to: n, convert: number}"], {"n": "true"}, "the value of n is no number"),
        (["{from: a, to: b}"], 7, "needs a mapping"),
        (["{from: a, to: b}"], None, "needs a mapping"),
    ],
)
def test_what_cannot_be_translated_is_said_and_no_value_is_shown(fields: list[str], document: Any, said: str) -> None:
    with pytest.raises(DocumentError) as raised:
        of(*fields).apply(document)
    assert said in str(raised.value)
    assert "banned" not in str(raised.value)


def test_the_same_value_at_both_places_is_no_conflict() -> None:
    assert of("{from: userId, to: user_id}").apply({"userId": 1, "user_id": 1}) == {"user_id": 1}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "a list `fields`"),
        ("fields: 7", "a list `fields`"),
        ("- a", "a list `fields`"),
        ("fields: []\nfield: []", "map.yaml:2: field: is not known"),
        ("fields:\n  - {from: a, to: b}\n  - {from: a, too: b}", "map.yaml:3: fields.1.too: is not known"),
        ("fields: [7]", "fields.0: must be a mapping"),
        ("fields: [{to: b}]", "needs one source"),
        ("fields: [{from: a, source: a, to: b}]", "needs one source"),
        ("fields: [{from: a, drop: b}]", "needs one source"),
        ("fields: [{from: a..b, to: c}]", "'a..b' is no path"),
        ("fields: [{from: '[]', to: c}]", "'[]' is no path"),
        ("fields: [{from: 'a[', to: c}]", "'a[' is no path"),
        ("fields: [{from: 'a[]', to: c}]", "'a[]' is no path"),
        ("fields: [{from: [a], to: c}]", "is no path"),
        ("fields: [{from: 'a[].b', to: c}]", "as many lists"),
        ("fields: [{from: userId, transform: SHOUT}]", "'SHOUT' is not known"),
        ("fields: [{from: userId, to: uid, transform: snake_case}]", "as snake_case it would be user_id"),
        ("fields: [{from: a, to: a, convert: date}]", "'date' is not known"),
        ("fields: [{from: a, to: a, convert: text, values: {a: b}}]", "cannot stand beside `values`"),
        ("fields: [{from: a, to: a, values: []}]", "must be texts, numbers"),
        ("fields: [{from: a, to: a, values: 7}]", "which value becomes which"),
        ("fields: [{from: a, to: a, values: {a: [1]}}]", "must be texts, numbers"),
        ("fields: [{from: a, to: a, values: [{from: 1, to: a}, {from: 1, to: b}]}]", "one value stands twice"),
        ("fields: []\nothers: maybe", "'maybe' is not known"),
        ("fields: []\nschema: [a]", "schema: must be the path"),
        ("fields: [", "not valid YAML"),
    ],
)
def test_a_malformed_map_is_refused_with_its_line(text: str, said: str) -> None:
    with pytest.raises(DocumentError) as raised:
        made(text)
    assert said in str(raised.value)
    assert "map.yaml" in str(raised.value)


@pytest.mark.parametrize(
    ("fields", "serious", "said"),
    [
        (["{from: a, to: c}", "{from: b, to: c}"], True, "c is the target of two fields"),
        (["{from: a, to: c}", "{from: a, to: d}"], True, "a stands twice"),
        (["{from: a, to: c}", "{from: b, to: c.d}"], True, "c.d lies inside of c, which is another field's target"),
        (["{from: s, to: s, values: {a: 1, b: 1}}"], False, "several values of s become 1"),
        (["{drop: debug}"], False, "debug is dropped"),
        (["{from: n, to: n, convert: text}"], False, "n is made a text"),
    ],
)
def test_a_map_that_would_do_damage_or_cannot_be_reversed_is_told(
    fields: list[str], serious: bool, said: str  # noqa: FBT001
) -> None:  # fmt: skip
    problems = of(*fields).check()
    assert [problem for problem in problems if said in problem.text and problem.serious == serious], problems
    if not serious:
        with pytest.raises(DocumentError, match="cannot be reversed"):
            of(*fields).invert()


def test_targets_are_looked_for_in_the_schema() -> None:
    schema = canonical("user.json", b'{"user_id": "1", "items": [{"item_id": 1}], "map": {"4711": {"a": 1}}}')[1]
    map_ = of(
        "{from: userId, to: user_id}",
        '{from: "items[].itemId", to: "items[].item_id"}',
        "{from: x, to: map.any.a}",
        "{from: y, to: userid}",
        '{from: "items[].z", to: "items[].zz"}',
    )
    assert [(problem.text, problem.line) for problem in map_.check(schema)] == [
        ("userid is not in the target schema", 5),
        ("items[].zz is not in the target schema", 6),
    ]


def test_the_schema_that_the_map_names_lies_beside_it(tmp_path: Path) -> None:
    (tmp_path / "new.json").write_text('{"user_id": "1"}', encoding="utf-8")
    (tmp_path / "map.yaml").write_text("schema: new.json\nfields: [{from: userId, to: uid}]\n", encoding="utf-8")
    assert [problem.text for problem in load(str(tmp_path / "map.yaml")).check()] == ["uid is not in the target schema"]
    (tmp_path / "new.json").unlink()
    (problem,) = load(str(tmp_path / "map.yaml")).check()
    assert "the schema cannot be used" in problem.text


@pytest.mark.parametrize(
    ("schema", "data", "said"),
    [
        ("new.json", b" " * (16 << 20) + b"{}", "new.json: larger than 16 MiB"),
        ("new.proto", b"message A {}", "new.proto: is protobuf, and neither a JSON schema nor a sample"),
        ("gone.json", None, "gone.json: cannot be read: No such file or directory"),
        ("new.schema.json", b'{"$ref": "../outside.json"}', "refers to the file ../outside.json: lies outside of"),
    ],
)
def test_a_schema_that_cannot_be_used_says_why(tmp_path: Path, schema: str, data: bytes | None, said: str) -> None:
    folder = tmp_path / "maps"
    folder.mkdir()
    (tmp_path / "outside.json").write_text("{}", encoding="utf-8")
    if data is not None:
        (folder / schema).write_bytes(data)
    (folder / "map.yaml").write_text(f"schema: {schema}\nfields: [{{from: userId, to: uid}}]\n", encoding="utf-8")
    (problem,) = load(str(folder / "map.yaml")).check()
    assert problem.serious
    assert said in problem.text


_NAMES = ["userId", "createTime", "zipCode", "plain", "nested"]
_VALUES = st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=5), st.floats(allow_nan=False))
_DOCUMENTS = st.recursive(
    st.dictionaries(st.sampled_from(_NAMES), _VALUES, max_size=5),
    lambda inner: st.dictionaries(
        st.sampled_from(_NAMES), st.one_of(_VALUES, inner, st.lists(st.one_of(inner, _VALUES), max_size=3)), max_size=5
    ),
    max_leaves=8,
)
_FIELDS = [
    "{from: userId, transform: snake_case}",
    "{from: createTime, transform: kebab-case}",
    "{from: nested.zipCode, to: nested.zip_code}",
    '{from: "plain[].userId", to: "plain[].user_id"}',
    '{from: "zipCode[].nested[].plain", to: "zipCode[].nested[].PLAIN"}',
    "{from: nested.userId, to: nested.owner}",
]


@given(st.sets(st.sampled_from(_FIELDS)), _DOCUMENTS)
def test_applied_and_reversed_a_document_is_itself(fields: set[str], document: dict[str, Any]) -> None:
    map_ = of(*sorted(fields)) if fields else made("fields: []")
    assert map_.invert().apply(map_.apply(document)) == document
    assert map_.invert().invert() == map_


@given(st.sampled_from(["active", "inactive"]))
def test_values_come_back_as_they_were(value: str) -> None:
    map_ = of(STATUS)
    assert map_.invert().apply(map_.apply({"status": value})) == {"status": value}


@pytest.mark.parametrize(
    ("name", "style", "wanted"),
    [
        ("userId", "snake_case", "user_id"),
        ("createTime", "snake_case", "create_time"),
        ("HTTPServer2", "snake_case", "http_server2"),
        ("user_id", "camelCase", "userId"),
        ("user-id", "PascalCase", "UserId"),
        ("userID", "kebab-case", "user-id"),
        ("__", "snake_case", "__"),
    ],
)
def test_names_change_their_case_style(name: str, style: str, wanted: str) -> None:
    assert transformed(name, style) == wanted


def test_an_adapter_follows_its_file_and_keeps_the_last_valid_map(tmp_path: Path) -> None:
    path = tmp_path / "map.yaml"
    path.write_text("fields: [{from: a, to: b}]", encoding="utf-8")
    adapter = Adapter(str(path))
    assert adapter.apply({"a": 1}) == {"b": 1}
    path.write_text("fields: [{from: a, to: ccc}]", encoding="utf-8")
    assert adapter.apply({"a": 1}) == {"ccc": 1}
    path.write_text("fields: [{from: a", encoding="utf-8")
    assert adapter.apply({"a": 1}) == {"ccc": 1}
    assert "not valid YAML" in adapter.problem
    path.unlink()
    assert adapter.apply({"a": 1}) == {"ccc": 1}
    assert "cannot be read" in adapter.problem
    path.write_text("fields: [{from: a, to: d}]", encoding="utf-8")
    assert adapter.apply({"a": 1}) == {"d": 1}
    assert adapter.problem == ""


def proposed(name: str, old: Any, new: Any) -> str:
    (format_, before), (_, after) = (
        canonical(name, (each if isinstance(each, str) else json.dumps(each)).encode()) for each in (old, new)
    )
    return propose(format_, before, after)


def test_a_map_is_proposed_from_what_was_renamed() -> None:
    old = {
        "userId": "1",
        "createTime": "x",
        "status": "active",
        "homeAddress": {"zipCode": "1"},
        "items": [{"itemId": 1}],
    }
    new = {
        "user_id": "1",
        "create_time": "x",
        "status": 1,
        "home_address": {"zip_code": "1"},
        "items": [{"item_id": 1}],
    }
    text = proposed("user.json", old, new)
    map_ = made(text)
    assert map_.apply(old) == {**new, "status": "active"}
    assert map_.check() == ()
    assert "# - {from: status, to: status, values: {OLD: NEW}}  # string became number" in text


def test_the_only_two_of_one_type_are_proposed_with_a_question() -> None:
    text = proposed("user.json", {"mail": "a", "x": 1}, {"email": "a", "x": 1})
    assert "{from: mail, to: email}  # the only two of one type here" in text
    assert made(proposed("user.json", {"mail": "a", "x": 1}, {"email": 2, "x": 1})).fields == ()
    assert made(proposed("user.json", {"a": "a", "b": "b"}, {"c": "a", "d": "b"})).fields == ()


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("user.proto", "message User { string userId = 1; }", "message User { string user_id = 1; }"),
        (
            "user.avsc",
            {"type": "record", "name": "User", "fields": [{"name": "userId", "type": "int"}]},
            {"type": "record", "name": "User", "fields": [{"name": "user_id", "type": "int"}]},
        ),
        ("user.graphql", "type Query { userId: ID }", "type Query { user_id: ID }"),
        ("user.schema.json", {"properties": {"userId": {}}}, {"properties": {"user_id": {}}}),
    ],
)
def test_every_format_gives_a_proposal(name: str, old: Any, new: Any) -> None:
    assert made(proposed(name, old, new)).apply({"userId": 1}) == {"user_id": 1}


def test_nothing_renamed_gives_an_empty_map_that_can_be_read() -> None:
    assert made(proposed("user.json", {"a": 1}, {"a": 1, "b": 2})).fields == ()


def test_names_of_any_kind_are_quoted() -> None:
    text = proposed("a.schema.json", {"properties": {"trUe": {}, "ä-b": {}}}, {"properties": {"true": {}, "äB": {}}})
    assert sorted(field.target for field in made(text).fields) == [("true",), ("äB",)]


def test_the_map_of_the_guide_can_be_read() -> None:
    page = (Path(__file__).parents[2] / "docs" / "contracts.md").read_text(encoding="utf-8")
    map_ = made(page.split("```yaml")[2].partition("```")[0])
    document = {
        "userId": 1,
        "createTime": 2,
        "zipCode": 3,
        "status": "active",
        "price": 1.5,
        "debug": True,
        "code": "1",
    }
    wanted = {"user_id": 1, "create_time": 2, "zip_code": 3, "status": 1, "price": "1.5", "code": "one"}
    assert map_.apply(document) == wanted


def told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *words: str, given: bytes = b""
) -> tuple[int, str, str]:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(given)))
    code = main(["adapt", *words])
    said = capsys.readouterr()
    return code, said.out, said.err


MAP = f"fields:\n  - {{from: userId, to: user_id}}\n  - {STATUS}\n"


@pytest.mark.parametrize(
    ("given", "words", "wanted"),
    [
        (b'{"userId": "1", "status": "active"}', [], '{\n  "user_id": "1",\n  "status": 1\n}\n'),
        (b'\xef\xbb\xbf{"status": "active"}', [], '{\n  "status": 1\n}\n'),
        (b'{"userId": 1}\r\n\r\n{"userId": 2}\r\n', [], '{"user_id": 1}\n{"user_id": 2}\n'),
        (b'{"user_id": "1", "status": 0}', ["--reverse"], '{\n  "userId": "1",\n  "status": "inactive"\n}\n'),
        (b'[{"userId": 1}]', [], '[\n  {\n    "user_id": 1\n  }\n]\n'),
        (b'{"userId": "\xe2\x80\xa8"}\n{"userId": 1.10}', [], '{"user_id": "\u2028"}\n{"user_id": 1.1}\n'),
        (b'{"userId": "\\ud800"}', [], '{\n  "user_id": "\\ud800"\n}\n'),
    ],
)
def test_standard_input_is_translated(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    given: bytes,
    words: list[str],
    wanted: str,
) -> None:
    path = tmp_path / "map.yaml"
    path.write_text(MAP, encoding="utf-8")
    code, out, err = told(monkeypatch, capsys, str(path), *words, given=given)
    assert (code, out, err) == (0, wanted, "")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (b"", "standard input: is empty"),
        (b"\xff", "standard input: not UTF-8"),
        (b'{"a": 1,\n "b": x}', "standard input:2: not JSON"),
        (b'{"a": 1}\n{"a": }', "standard input:2: not JSON"),
        (b"[" * 100_000, "standard input: nested too deeply"),
        (b'{"a": NaN}', "not a number of JSON"),
        (b'{"a": 12345678901234567890.1}', "12345678901234567890.1 is a number that cannot be kept"),
        (b'{"a": 1e999}', "1e999 is a number that cannot be kept"),
        (b'{"a": 1}\n{"b": 1, "b": 2}', "b stands twice in one mapping"),
        (b'{"status": "banned"}', "standard input: the value of status is none of"),
        (b'{"status": "active"}\n{"status": "banned"}', "standard input:2: the value of status is none of"),
    ],
)
def test_bad_input_ends_with_two_and_says_where(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], given: bytes, said: str
) -> None:
    path = tmp_path / "map.yaml"
    path.write_text(MAP, encoding="utf-8")
    code, out, err = told(monkeypatch, capsys, str(path), given=given)
    assert (code, out) == (2, "")
    assert said in err


def test_a_map_that_would_do_damage_is_not_applied(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "map.yaml"
    path.write_text("fields:\n  - {from: a, to: c}\n  - {from: b, to: c}\n", encoding="utf-8")
    code, out, err = told(monkeypatch, capsys, str(path), given=b'{"a": 1}')
    assert (code, out) == (2, "")
    assert "c is the target of two fields" in err
    assert told(monkeypatch, capsys, str(path), "--check")[0] == 1
    path.write_text("fields: [{drop: a}]\n", encoding="utf-8")
    code, _, err = told(monkeypatch, capsys, str(path), "--check")
    assert code == 0
    assert "a is dropped" in err


def test_two_contracts_give_a_map(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "old.json").write_text('{"userId": "1"}', encoding="utf-8")
    (tmp_path / "new.json").write_text('{"user_id": "1"}', encoding="utf-8")
    names = [str(tmp_path / name) for name in ("old.json", "new.json")]
    code, out, _ = told(monkeypatch, capsys, "--propose", *names)
    assert code == 0
    assert made(out).apply({"userId": 1}) == {"user_id": 1}
    assert told(monkeypatch, capsys, "--propose", names[0])[0] == 2
    assert told(monkeypatch, capsys, "--propose", names[0], os.devnull)[0] == 2
    assert told(monkeypatch, capsys, "--propose", names[0], str(tmp_path / "gone.json"))[0] == 2
    assert told(monkeypatch, capsys)[0] == 2
    assert told(monkeypatch, capsys, *names)[0] == 2


def test_only_files_of_the_project_are_read_into_a_contract(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    project = tmp_path / "project"
    (project / "api").mkdir(parents=True)
    (project / "id.json").write_text('{"type": "string"}', encoding="utf-8")
    (tmp_path / "outside.json").write_text('{"password": "hunter2"}', encoding="utf-8")
    for name, reference in (("old", "../id.json"), ("new", "../../outside.json")):
        schema = f'{{"properties": {{"id": {{"$ref": "{reference}"}}}}}}'
        (project / "api" / f"{name}.schema.json").write_text(schema, encoding="utf-8")
    monkeypatch.chdir(project)
    inside, outside = "api/old.schema.json", "api/new.schema.json"
    assert told(monkeypatch, capsys, "--propose", inside, inside)[0] == 0
    code, out, err = told(monkeypatch, capsys, "--propose", inside, outside)
    assert (code, out) == (2, "")
    assert f"{outside}: refers to the file ../../outside.json: lies outside of the project" in " ".join(err.split())


@pytest.mark.skipif(os.name == "nt", reason="a pipe has a name on POSIX alone")
def test_a_pipe_is_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("pipe.json", "map.yaml"):
        os.mkfifo(tmp_path / name)
    (tmp_path / "user.schema.json").write_text('{"$ref": "pipe.json"}', encoding="utf-8")
    (tmp_path / "named.yaml").write_text("schema: pipe.json\nfields: [{from: a, to: b}]\n", encoding="utf-8")
    pipe, map_, schema, named = (
        str(tmp_path / name) for name in ("pipe.json", "map.yaml", "user.schema.json", "named.yaml")
    )
    for words in ((map_,), ("--propose", pipe, pipe), ("--propose", schema, schema)):
        code, out, err = told(monkeypatch, capsys, *words)
        assert (code, out) == (2, "")
        assert "not a regular file" in err
    assert "not a regular file" in told(monkeypatch, capsys, "--check", named)[2]
