"""A log that is one JSON document, as tools that query logs print it: its records as the lines of a log.

CloudWatch (`aws logs get-log-events`, `filter-log-events`), Google Cloud (`gcloud logging read --format=json`), Loki's
query results, Elasticsearch's hits, Grafana's download, any other list of records.
"""

from __future__ import annotations

import json

from envcheck.failures import lines

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from envcheck.failures.lines import Line

_LISTS = ("events", "entries", "hits", "streams", "result", "results", "logs", "items", "data", "messages")
_DEEPEST = 4  # lists within records
_MOST = 20_000  # records
_PROBE = 40  # bytes of a record by which its line is found


def read(data: bytes) -> list[Line] | None:
    """Return the lines of a document; None where the data is none, or holds no list of what was logged."""
    if data[:64].lstrip()[:1] not in (b"{", b"[") or data[-64:].rstrip()[-1:] not in (b"}", b"]"):
        return None
    try:
        document = json.loads(data)
    except (ValueError, RecursionError):
        return None
    found: list[Line] = []
    at = 0
    number = 1
    for count, (text, probe) in enumerate(_records(document, 0)):
        if count >= _MOST:
            break
        place = data.find(probe.encode("utf-8", "replace"), at)
        if place >= 0:
            number += data.count(b"\n", at, place)
            at = place
        found += lines.of_record(number, text)
    return found or None


def _records(node: Any, depth: int) -> Iterator[tuple[str, str]]:
    """Yield what was logged as lines, each with a piece of it as it is written in the document."""
    if depth > _DEEPEST:
        return
    if isinstance(node, dict):
        for name in _LISTS:
            if isinstance(node.get(name), (list, dict)):
                yield from _records(node[name], depth + 1)
        values = node.get("values")  # Loki: pairs of a time and a line
        for pair in values if isinstance(values, list) else ():
            if isinstance(pair, list) and len(pair) > 1 and isinstance(pair[1], str):
                yield pair[1], _probe(pair[1])
        return
    for one in node if isinstance(node, list) else ():
        if isinstance(one, dict) and not any(isinstance(one.get(name), list) for name in (*_LISTS, "values")):
            text = json.dumps(one)
            said = next((held for held in one.values() if isinstance(held, str) and len(held) > 2), "")  # noqa: PLR2004
            yield text, _probe(said)
        else:
            yield from _records(one, depth + 1)


def _probe(text: str) -> str:
    return json.dumps(text)[1:-1][:_PROBE]
