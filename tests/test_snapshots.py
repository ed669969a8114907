"""The saved form of a snapshot: what goes in comes out, and nothing malformed gets in."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from envcheck import forms, snapshots
from envcheck.errors import DocumentError, TargetError
from envcheck.model.facts import CollectorStatus, Coverage, Facts, Snapshot

DOCS = Path(__file__).parents[1] / "docs"

# What os.fsdecode makes of arbitrary file names: any text, and lone low surrogates for bytes that are no UTF-8.
texts = st.text(
    st.one_of(st.characters(exclude_categories=["Cs"]), st.characters(min_codepoint=0xDC80, max_codepoint=0xDCFF))
)
values = st.one_of(
    texts,
    st.booleans(),
    st.integers(),
    st.integers().map(lambda n: n << 80),
    st.floats(allow_nan=False),
    st.lists(texts).map(tuple),
)


@st.composite
def snapshots_of_anything(draw: st.DrawFn) -> Snapshot:
    facts = Facts()
    for entity, origin, held in draw(
        st.lists(
            st.tuples(st.lists(texts, min_size=1, max_size=3), texts, st.dictionaries(texts, values, max_size=3)),
            max_size=5,
        )
    ):
        facts.put(tuple(entity), origin, **held)
    scopes = draw(st.dictionaries(texts, st.tuples(texts, texts), max_size=3))
    return Snapshot(
        label=draw(texts),
        address=draw(texts),
        collected_at=draw(texts),
        facts=facts,
        derived=Facts(),
        coverage={scope: Coverage(scope=scope, status=status, reason=why) for scope, (status, why) in scopes.items()},
        collectors=(CollectorStatus(name="python", outcome="ok"),),
    )


def small(**changes: Any) -> Snapshot:
    facts = Facts()
    facts.put(("package", "torch"), "/site/torch.dist-info/METADATA", version="2.4.0", requires=("numpy", "sympy"))
    facts.put(("package", "torch"), "/site/torch/version.py", cuda="12.1", debug=False)
    facts.put(("host",), "/proc/meminfo", memory=1 << 40)
    fields: dict[str, Any] = {
        "label": "here",
        "address": ".",
        "facts": facts,
        "derived": Facts(),
        "coverage": {"package": Coverage(scope="package", status="complete")},
    }
    return Snapshot(**(fields | changes))


@given(snapshots_of_anything())
def test_a_loaded_snapshot_equals_the_saved_one(snapshot: Snapshot) -> None:
    text = snapshots.to_json(snapshot)
    assert snapshots.from_json(text.encode("ascii"), "x") == snapshot
    assert snapshots.to_json(snapshots.from_json(text.encode(), "x")) == text


def test_not_a_number_survives() -> None:
    facts = Facts()
    facts.put(("host",), "x", cpus=math.nan, memory=math.inf)
    loaded = snapshots.from_json(snapshots.to_json(small(facts=facts)).encode(), "x").facts
    assert math.isnan(float(str(loaded.value(("host",), "cpus"))))
    assert loaded.value(("host",), "memory") == math.inf


def test_one_record_for_an_entity_and_origin_on_a_line_of_its_own() -> None:
    text = snapshots.to_json(small())
    records = json.loads(text)["facts"]
    assert [(record["entity"], record["origin"]) for record in records] == [
        ("host", "/proc/meminfo"),
        ("package/torch", "/site/torch.dist-info/METADATA"),
        ("package/torch", "/site/torch/version.py"),
    ]
    assert sum('"entity"' in line for line in text.splitlines()) == 3
    assert all(line.count('"entity"') <= 1 for line in text.splitlines())


def test_the_order_of_collection_leaves_no_trace() -> None:
    other = Facts()
    other.put(("host",), "/proc/meminfo", memory=1 << 40)
    other.put(("package", "torch"), "/site/torch/version.py", debug=False, cuda="12.1")
    other.put(("package", "torch"), "/site/torch.dist-info/METADATA", requires=("numpy", "sympy"), version="2.4.0")
    assert snapshots.to_json(small(facts=other)) == snapshots.to_json(small())


def test_derived_facts_are_not_saved() -> None:
    derived = Facts()
    derived.put(("gpu", "0"), "derived", torch_code="none")
    loaded = snapshots.from_json(snapshots.to_json(small(derived=derived)).encode(), "x")
    assert loaded == small()


def test_what_a_newer_minor_version_added_is_kept() -> None:
    document = snapshots.dump(small())
    document["mood"] = "sunny"
    document["facts"].append({"entity": "npu/0", "origin": "/dev/npu0", "facts": {"flux": "1.21"}, "certainty": 1})
    loaded = snapshots.from_json(json.dumps(document).encode(), "x")
    assert loaded.facts.get(("npu", "0"), "flux") == ("1.21", "/dev/npu0")


def test_a_newer_schema_is_refused_with_what_to_try() -> None:
    document = snapshots.dump(small()) | {"schema": 3}
    with pytest.raises(DocumentError) as caught:
        snapshots.from_json(json.dumps(document).encode(), "old.json")
    assert caught.value.message == "schema 3 is newer than this envcheck understands (1)"
    assert caught.value.where == "old.json"
    assert "update envcheck" in caught.value.hint


@pytest.mark.parametrize(
    ("data", "where", "says"),
    [
        (b"", "f:1", "not JSON"),
        (b'{"schema": 1,\n "facts": [', "f:2", "not JSON"),
        (b"\xff\xfe\x00", "f", "not UTF-8: byte 0"),
        (b"[1]", "f", "names no schema"),
        (b'{"label": "x"}', "f", "names no schema"),
        (b'{"schema": true}', "f", "schema True does not exist"),
        (b'{"schema": "1"}', "f", "schema '1' does not exist"),
        (b'{"schema": 0}', "f", "schema 0 does not exist"),
        (b'{"schema": 1}', "f", "missing required field `facts`"),
        (b'{"schema": NaN}', "f", "NaN is not a JSON number"),
        (b'{"schema": ' + b"9" * 5000 + b"}", "f", "not usable JSON"),
        (b"[" * 200_000, "f", "not usable JSON"),
    ],
)
def test_malformed_bytes_say_where_and_what(data: bytes, where: str, says: str) -> None:
    with pytest.raises(DocumentError) as caught:
        snapshots.from_json(data, "f")
    assert caught.value.where == where
    assert says in caught.value.message
    assert caught.value.hint


@pytest.mark.parametrize(
    ("value", "field"),
    [
        (None, "$.facts[0].facts[...]"),
        ({"number": "7"}, "$.facts[0].facts[...].number"),
        ([1], "$.facts[0].facts[...][0]"),
    ],
)
def test_a_malformed_value_names_its_field(value: object, field: str) -> None:
    document = snapshots.dump(small())
    document["facts"][0]["facts"]["memory"] = value
    with pytest.raises(DocumentError) as caught:
        snapshots.from_json(json.dumps(document).encode(), "f")
    assert field in caught.value.message


def test_a_file_loads_and_a_missing_one_says_so(tmp_path: Path) -> None:
    path = tmp_path / "s.json"
    path.write_text("\ufeff" + snapshots.to_json(small()), encoding="utf-8")
    assert snapshots.load(str(path)) == small()
    with pytest.raises(TargetError, match="cannot be read"):
        snapshots.load(str(tmp_path / "none.json"))
    with pytest.raises(TargetError, match="cannot be read"):
        snapshots.load(str(tmp_path))


def test_the_published_schema_is_current_and_accepts_a_snapshot() -> None:
    published = (DOCS / "snapshot.schema.json").read_text("utf-8")
    assert published == forms.snapshot_schema()
    schema = json.loads(published)
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(json.loads(snapshots.to_json(small())), schema)


@pytest.mark.parametrize("entity", ["package", "requires/a", "gpu"])
def test_an_entity_that_lacks_a_part_is_refused(entity: str) -> None:
    document = snapshots.dump(small())
    document["facts"][0]["entity"] = entity
    with pytest.raises(DocumentError, match="is no entity"):
        snapshots.from_json(json.dumps(document).encode(), "f")


@pytest.mark.parametrize("value", [10**4000, {"number": "0x" + "f" * 5000}])
def test_a_number_that_no_float_holds_is_refused(value: object) -> None:
    document = snapshots.dump(small())
    document["facts"][0]["facts"]["memory"] = value
    with pytest.raises(DocumentError, match="malformed snapshot"):
        snapshots.from_json(json.dumps(document).encode(), "f")


def test_a_file_without_an_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshots, "_MOST_BYTES", 1 << 16)
    with pytest.raises(TargetError, match="larger than"):
        snapshots.load("/dev/zero")
