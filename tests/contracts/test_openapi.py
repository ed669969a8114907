"""OpenAPI: what belongs to which operation, and where a change is told."""

from __future__ import annotations

import json
from typing import Any

import pytest

from envcheck.contracts import canonical, compare

OLD = """
openapi: 3.0.3
paths:
  /users/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: string}}]
    get:
      parameters: [{$ref: '#/components/parameters/Page'}]
      responses:
        200:
          description: one user
          headers: {X-Rate: {required: true, schema: {type: integer}}}
          content: {application/json: {schema: {$ref: '#/components/schemas/User'}}}
        404: {description: none}
    put:
      requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/User'}}}}
      responses: {2XX: {description: done}}
components:
  parameters: {Page: {name: pageSize, in: query, schema: {type: integer, maximum: 100}}}
  schemas:
    User:
      type: object
      required: [userId, status]
      properties:
        userId: {type: string}
        status: {type: string, enum: [active, inactive]}
        created: {type: string, readOnly: true}
        password: {type: string, writeOnly: true}
        friends: {type: array, items: {$ref: '#/components/schemas/User'}}
"""


def told(new: str, old: str = OLD) -> list[tuple[str, str, str]]:
    (format_, before), (_, after) = canonical("api.yaml", old.encode()), canonical("api.yaml", new.encode())
    return [(each.change, each.direction, each.place) for each in compare(format_, before, after)]


GET, PUT = "GET /users/{id}", "PUT /users/{id}"


ID = [
    ("required-property-removed", "response", f"{GET} → 200 → $.userId"),
    ("required-added", "response", f"{GET} → 200 → $.user_id"),
    ("required-property-removed", "request", f"{PUT} → body → $.userId"),
    ("required-added", "request", f"{PUT} → body → $.user_id"),
]
STATUS = [
    ("type-changed", "response", f"{GET} → 200 → $.status"),
    ("type-changed", "request", f"{PUT} → body → $.status"),
]
CREATED = ("type-changed", "response", f"{GET} → 200 → $.created")
PASSWORD = ("type-changed", "request", f"{PUT} → body → $.password")
PAGE = f"{GET} → query pageSize"
RATE = f"{GET} → 200 → header X-Rate"
CASES = [
    ("status: {type: string, enum: [active, inactive]}", "status: {type: integer}", STATUS),
    ("userId", "user_id", ID),
    ("created: {type: string", "created: {type: integer", [CREATED]),
    ("password: {type: string", "password: {type: integer", [PASSWORD]),
    ("maximum: 100", "maximum: 50", [("bound-tightened", "request", PAGE)]),
    ("name: pageSize", "name: page_size", [("parameter-removed", "request", PAGE)]),
    ("in: query", "in: query, required: true", [("optional-made-required", "request", PAGE)]),
    ("X-Rate", "X-Limit", [("required-property-removed", "response", RATE)]),
    ("X-Rate: {required: true, ", "X-Rate: {", [("required-made-optional", "response", RATE)]),
    ("2XX", "200", [("status-removed", "response", f"{PUT} → 2XX")]),
    ("        404: {description: none}\n", "", []),
    ("requestBody: {", "requestBody: {required: true, ", [("optional-made-required", "request", f"{PUT} → body")]),
]


@pytest.mark.parametrize(("before", "after", "wanted"), CASES, ids=[case[0] for case in CASES])
def test_a_change_is_told_where_and_in_the_direction_in_which_it_counts(
    before: str, after: str, wanted: list[tuple[str, str, str]]
) -> None:
    new = OLD.replace(before, after)
    assert new != OLD
    assert [each for each in told(new) if each[0] != "property-added"] == wanted


def test_the_name_of_a_path_parameter_is_free() -> None:
    assert told(OLD.replace("{id}", "{userId}").replace("name: id", "name: userId")) == []


def test_a_range_of_statuses_holds_each_of_them() -> None:
    assert told(OLD.replace("        200:", "        2XX:")) == []


def test_a_renamed_parameter_is_told_as_such() -> None:
    (_, before), (_, after) = (
        canonical("api.yaml", text.encode()) for text in (OLD, OLD.replace("name: pageSize", "name: page_size"))
    )
    (difference, *_) = [each for each in compare("openapi", before, after) if each.renamed_to]
    assert (difference.old, difference.renamed_to) == ("query pageSize", "page_size")


def test_a_gone_path_is_told_for_each_of_its_operations() -> None:
    new = OLD.replace("/users/{id}", "/people/{id}")
    assert told(new) == [("endpoint-removed", "both", GET), ("endpoint-removed", "both", PUT)]


def test_security_of_the_whole_api_counts_unless_the_operation_says_otherwise() -> None:
    secured = f"{OLD}\nsecurity: [{{token: []}}]\n"
    assert told(secured) == [("security-added", "request", GET), ("security-added", "request", PUT)]
    assert told(secured.replace("security: [{token: []}]", "security: [{}, {token: []}]")) == []


def test_media_types_that_take_everything_take_the_old_one() -> None:
    def api(*kinds: str) -> str:
        content: dict[str, Any] = {kind: {"schema": {"type": "string"}} for kind in kinds}
        operation = {"post": {"requestBody": {"content": content}, "responses": {}}}
        return json.dumps({"openapi": "3.1.0", "paths": {"/a": operation}})

    assert told(api("*/*"), api("text/plain")) == []
    assert told(api("text/*"), api("text/plain")) == []
    assert told(api("image/png"), api("text/plain")) == [("media-type-removed", "request", "POST /a → body")]
