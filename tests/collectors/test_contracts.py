"""Contract files of a target: which are read, under which names, and what becomes of those that cannot be."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from envcheck.collectors import Collection, contracts
from envcheck.errors import DocumentError, EnvcheckError
from envcheck.targets.files import RootedFiles
from envcheck.targets.target import Target

USER = '{"userId": "123", "status": "active"}'


def collected(root: Path, files: dict[str, str | bytes], **changes: Any) -> Collection:
    for name, content in files.items():
        path = root / "app" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    fields: dict[str, Any] = {
        "label": "fixture",
        "address": "root:x",
        "chosen": "a fixture",
        "files": RootedFiles(str(root)),
        "layout": None,
        "cwd": "/app",
    }
    into = Collection()
    contracts.collect(Target(**(fields | changes)), into)
    return into


def names(into: Collection) -> list[str]:
    return [entity[1] for entity in into.facts.entities("contract")]


def test_a_contract_is_kept_with_format_text_and_path(tmp_path: Path) -> None:
    into = collected(tmp_path, {"user.json": USER}, contracts=(("users", "/app/user.json"),))
    held = {name: value for name, (value, _) in into.facts.of(("contract", "users")).items()}
    document = held.pop("document")
    assert held == {"format": "payload", "path": "/app/user.json"}
    assert json.loads(str(document))["properties"] == {"userId": {"type": "string"}, "status": {"type": "string"}}
    assert not into.coverage


def test_the_files_that_the_project_names_are_read(tmp_path: Path) -> None:
    project = "contracts: [api/*.proto, {name: users, path: user.json}]\n"
    files = {"envcheck.yaml": project, "user.json": USER, "api/a.proto": "message A {}", "api/b.proto": "message B {}"}
    assert names(collected(tmp_path, {**files, "other.proto": "message C {}"})) == ["a", "b", "users"]


def test_no_name_is_given_twice(tmp_path: Path) -> None:
    files = {"v1/user.json": USER, "v2/user.json": USER, "user.proto": "message A {}", "x/users.json": USER}
    paths = ("/app/v1/user.json", "/app/v2/user.json", "/app/user.proto")
    listed = (*(("", path) for path in paths), ("users", "/app/x/users.json"))
    assert names(collected(tmp_path, dict(files), contracts=listed)) == ["user", "user.json", "user.proto", "users"]


@pytest.mark.parametrize("listed", [None, ()])
def test_without_contracts_nothing_is_read_or_missing(tmp_path: Path, listed: tuple[()] | None) -> None:
    into = collected(tmp_path, {"user.json": USER}, contracts=listed)
    assert names(into) == []
    assert not into.coverage
    assert names(collected(tmp_path, {}, contracts=None, cwd=None)) == []


@pytest.mark.parametrize(
    ("name", "content", "problem"),
    [
        ("user.json", b"\xff\xfe", "user.json:1: not UTF-8 text"),
        ("user.json", '{"a": ', "user.json:1: not valid JSON"),
        ("user.json", "", "is empty"),
        ("api.yaml", "swagger: '2.0'", "Swagger 2.0"),
        ("user.proto", "message User {", "user.proto:1: a name was expected"),
        ("user.txt", "x", "tells no format of contracts"),
        ("gone.json", None, "cannot be read: No such file or directory"),
    ],
)
def test_what_cannot_be_read_is_told_and_leaves_a_gap(
    tmp_path: Path, name: str, content: str | bytes | None, problem: str
) -> None:
    into = collected(tmp_path, {} if content is None else {name: content}, contracts=(("users", f"/app/{name}"),))
    assert problem in str(into.facts.value(("unread", "users"), "problem"))
    assert problem in into.coverage["contract/users"].reason
    assert names(into) == []


def test_a_file_that_the_project_names_in_vain_is_a_gap(tmp_path: Path) -> None:
    into = collected(tmp_path, {"envcheck.yaml": "contracts: [api/*.proto]\n"})
    assert "api/*.proto" in str(into.facts.value(("unread", "api/*.proto"), "problem"))
    assert "contract" in into.coverage


def test_a_wrong_project_file_is_the_users_error(tmp_path: Path) -> None:
    with pytest.raises(DocumentError):
        collected(tmp_path, {"envcheck.yaml": "contracts: 7\n"})


def test_without_a_library_the_contract_is_not_collected(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(*_arguments: object) -> None:
        raise EnvcheckError("Avro needs the library avro", hint="pip install 'envcheck-ml[contracts]'")

    monkeypatch.setattr("envcheck.contracts.canonical", missing)
    into = collected(tmp_path, {"user.avsc": "{}"}, contracts=(("users", "/app/user.avsc"),))
    assert into.coverage["contract/users"].reason.endswith("pip install 'envcheck-ml[contracts]'")


@pytest.mark.parametrize(
    ("reference", "found"), [("common/id.json", True), ("../common/id.json", True), ("../../secret.json", False)]
)
def test_only_files_of_the_project_are_read_into_a_contract(tmp_path: Path, reference: str, found: bool) -> None:  # noqa: FBT001
    schema = f'{{"properties": {{"id": {{"$ref": "{reference}"}}}}}}'
    identifier = '{"type": "string"}'
    files = {"api/user.json": schema, "api/common/id.json": identifier, "common/id.json": identifier}
    (tmp_path / "secret.json").write_text('{"password": "hunter2"}', encoding="utf-8")
    into = collected(tmp_path, dict(files), contracts=(("users", "/app/api/user.json"),))
    assert names(into) == (["users"] if found else [])
    if not found:
        assert "lies outside of the project" in into.coverage["contract/users"].reason


def test_no_link_leads_out_of_the_project(tmp_path: Path) -> None:
    files = {"api/user.json": '{"properties": {"id": {"$ref": "id.json"}}}', "common/id.json": '{"type": "string"}'}
    (tmp_path / "secret.json").write_text('{"password": "hunter2"}', encoding="utf-8")
    link = tmp_path / "app" / "api" / "id.json"
    link.parent.mkdir(parents=True)
    for to, found in (("../../secret.json", []), ("../common/id.json", ["users"])):
        link.unlink(missing_ok=True)
        link.symlink_to(to)
        into = collected(tmp_path, dict(files), contracts=(("users", "/app/api/user.json"),))
        assert names(into) == found
        assert found or "lies outside of the project" in into.coverage["contract/users"].reason


def test_a_contract_that_is_a_link_may_refer_to_what_lies_beside_its_file(tmp_path: Path) -> None:
    store = tmp_path / "store"
    store.mkdir()
    (store / "user.json").write_text('{"properties": {"id": {"$ref": "id.json"}}}', encoding="utf-8")
    (store / "id.json").write_text('{"type": "string"}', encoding="utf-8")
    (tmp_path / "app").mkdir()
    for name in ("user.json", "id.json"):
        (tmp_path / "app" / name).symlink_to(f"/store/{name}")
    assert names(collected(tmp_path, {}, contracts=(("users", "/app/user.json"),))) == ["users"]


def test_a_contract_beyond_the_limit_is_a_gap(tmp_path: Path) -> None:
    into = collected(tmp_path, {"user.json": b" " * (16 << 20) + b"{}"}, contracts=(("users", "/app/user.json"),))
    assert "larger than 16 MiB" in into.coverage["contract/users"].reason
    other: dict[str, str | bytes] = {"user.json": '{"$ref": "big.json"}', "big.json": b" " * (16 << 20) + b"{}"}
    into = collected(tmp_path, other, contracts=(("users", "/app/user.json"),))
    assert "refers to the file big.json: larger than 16 MiB" in into.coverage["contract/users"].reason


def test_without_contracts_the_collector_imports_nothing(tmp_path: Path) -> None:
    program = (
        "import sys; from envcheck.collectors import Collection, contracts;"
        "from envcheck.targets.files import RootedFiles; from envcheck.targets.target import Target;"
        f"t = Target(label='', address='', chosen='', files=RootedFiles({str(tmp_path)!r}), layout=None, cwd='/');"
        "before = set(sys.modules); contracts.collect(t, Collection()); print(sorted(set(sys.modules) - before))"
    )
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ended.stdout.strip() == "[]"
