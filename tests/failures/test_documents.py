"""A log that is one JSON document is read as the lines that were logged; any other document stays as it is."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envcheck.failures import documents, read

LINES = (
    "Traceback (most recent call last):",
    '  File "/srv/a.py", line 3, in <module>',
    "    import yaml",
    "ModuleNotFoundError: No module named 'yaml'",
)
TEXT = "\n".join(LINES)
DOCUMENTS = {
    "CloudWatch, an event a line": {"events": [{"timestamp": 1, "message": line} for line in LINES]},
    "CloudWatch, one event": {"events": [{"timestamp": 1, "message": TEXT}], "searchedLogStreams": []},
    "Google Cloud, text": [{"insertId": "a", "severity": "ERROR", "textPayload": TEXT}],
    "Google Cloud, fields": [{"insertId": "a", "severity": "ERROR", "jsonPayload": {"message": TEXT}}],
    "Loki": {
        "data": {"result": [{"stream": {"app": "x"}, "values": [[str(at), line] for at, line in enumerate(LINES)]}]}
    },
    "Elasticsearch": {"hits": {"total": 1, "hits": [{"_id": "a", "_source": {"@timestamp": "x", "message": TEXT}}]}},
    "Grafana": [{"line": line, "timestamp": "1", "fields": {"app": "x"}} for line in LINES],
}


@pytest.mark.parametrize("indent", [None, 1, 4])
@pytest.mark.parametrize("document", DOCUMENTS.values(), ids=DOCUMENTS)
def test_the_records_of_a_document_are_a_log(document: object, indent: int | None) -> None:
    failure = read(json.dumps(document, indent=indent).encode(), "log")
    assert failure.text == TEXT
    assert failure.events[-1].facts["exception"] == "ModuleNotFoundError"


def test_records_know_their_line_in_the_document() -> None:
    data = json.dumps(DOCUMENTS["CloudWatch, an event a line"], indent=1)
    failure = read(data.encode(), "log")
    where = [number for number, line in enumerate(data.split("\n"), 1) if '"message"' in line]
    assert list(failure.lines) == where


@pytest.mark.parametrize(
    "text", ['{"model_type": "llama", "architectures": ["x"]}', "[1, 2, 3]", '{"events": []}', "[]", "{", '["a", "b"]']
)
def test_any_other_document_stays_as_it_is(text: str) -> None:
    assert documents.read(text.encode()) is None
    assert read(text.encode(), "log").text == text


@given(
    st.recursive(
        st.none() | st.integers() | st.text(max_size=9),
        lambda inner: (
            st.lists(inner) | st.dictionaries(st.sampled_from(["events", "message", "values", "data", "hits"]), inner)
        ),
        max_leaves=30,
    )
)
def test_any_document_is_read(document: object) -> None:
    assert isinstance(read(json.dumps(document).encode(), "log").text, str)


@pytest.mark.parametrize("data", [b"[" * 100_000 + b"]", b'{"events":' * 20_000 + b"}", b'{"events": [{}' * 9 + b"]}"])
def test_documents_made_to_harm_are_read(data: bytes) -> None:
    assert documents.read(data) is None
