"""The reader of .proto files: everything that the language has, and the line of everything that it has not."""

from __future__ import annotations

import json

import pytest

from envcheck.contracts import canonical, compare
from envcheck.contracts.protobuf import read
from envcheck.errors import DocumentError

EVERYTHING = """
edition = "2023"; // a comment
/* another
   one */
package shop.v1;
import public "google/protobuf/timestamp.proto";
option java_package = "org.shop";
option (my.option) = { a: 1, b { c: "}" } };
extend google.protobuf.FieldOptions { optional string tag = 50000; };
message User {
  option deprecated = true;
  reserved 4, 10 to 12, 1000 to max;
  reserved "old", 'older';
  extensions 100 to 199 [declaration = { number: 126 }];
  enum Role { ROLE_UNKNOWN = 0; ROLE_ADMIN = 0x1 [deprecated = true]; reserved -1; };
  message Address { string zip = 1; Role role = 2; }
  string id = 1 [json_name = "ID", (x) = { list: [1, [2]] }];
  repeated .shop.v1.User.Address addresses = 2;
  map<string, Role> roles = 3;
  oneof contact { option (y) = 1; string mail = 5; google.protobuf.Timestamp at = 0x6; }
  optional group Extra = 7 { optional int32 a = 1; }
  User parent = 010;
};
service Users {
  option (z) = 1;
  rpc Get (User) returns (stream User) { option deprecated = true; option (google.api.http) = { get: "/v1/{id}" }; }
  rpc Put (stream User) returns (stream.Reply);
}
"""


def test_everything_that_the_language_has_is_read() -> None:
    found = read(EVERYTHING, "shop.proto")
    user = found["messages"]["shop.v1.User"]
    types = {field["name"]: (number, field["type"], field["label"]) for number, field in user["fields"].items()}
    assert types == {
        "id": ("1", "string", ""),
        "addresses": ("2", "shop.v1.User.Address", "repeated"),
        "roles": ("3", "map<string>", "repeated"),
        "mail": ("5", "string", ""),
        "at": ("6", "google.protobuf.Timestamp", ""),
        "Extra": ("7", "shop.v1.User.Extra", "optional"),
        "parent": ("8", "shop.v1.User", ""),
    }
    assert user["reserved"] == ["10-12", "1000-536870911", "4-4", "old", "older"]
    assert found["messages"]["shop.v1.User.Address"]["fields"]["2"]["type"] == "shop.v1.User.Role"
    assert found["enums"]["shop.v1.User.Role"]["values"] == {"ROLE_UNKNOWN": 0, "ROLE_ADMIN": 1}
    assert found["services"]["shop.v1.Users"]["methods"] == {
        "Get": {"request": "shop.v1.User", "response": "shop.v1.User", "streams": ["responses"], "deprecated": True},
        "Put": {"request": "shop.v1.User", "response": "stream.Reply", "streams": ["requests"]},
    }


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "defines no message"),
        ("syntax = 'proto3';", "defines no message"),
        ("hello", "x.proto:1: a definition was expected, here is 'hello'"),
        ("message A {\n string a = 1;", "x.proto:2: a name was expected, here is the end of the file"),
        ("message A {\n string a = ; }", "x.proto:2: a number was expected"),
        ("message A {\n string a = 1 }", "x.proto:2: ';' was expected"),
        ("message A { int32 a = 1; int32 b = 1; }", "a number other than 1"),
        ("message A { map<string> m = 1; }", "',' was expected"),
        ("enum A { B = x; }", "a number was expected"),
        ("service A { rpc B (C) (D); }", "'returns' was expected"),
        ("/* never closed", "defines no message"),
        ("option a = " + "/* " * 100_000, "was expected"),
        ("message A { reserved 1 to ; }", "a number was expected"),
        ("option a = {", "was expected"),
        ("message A {" * 100 + "}" * 100, "nested more than 60 levels deep"),
        ("message \0 {}", "a name was expected"),
    ],
)
def test_what_is_malformed_is_refused_with_its_line(text: str, said: str) -> None:
    with pytest.raises(DocumentError) as raised:
        read(text, "x.proto")
    assert said in str(raised.value)


def test_a_message_that_moved_to_another_package_is_told_once() -> None:
    texts = [
        canonical("a.proto", f"package {name}; message User {{ string id = 1; User next = 2; }}".encode())[1]
        for name in ("v1", "v2")
    ]
    (difference,) = compare("protobuf", *texts)
    assert (difference.change, difference.place, difference.renamed_to) == ("message-removed", "v1.User", "v2.User")


def test_a_deprecated_method_may_go() -> None:
    new = EVERYTHING.replace("rpc Get", "rpc GetAll")
    found = compare("protobuf", *(json.dumps(read(text, "x")) for text in (EVERYTHING, new)))
    assert [(each.change, each.place) for each in found] == [("deprecated-endpoint-removed", "shop.v1.Users.Get")]
