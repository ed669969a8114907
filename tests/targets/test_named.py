"""Environments by the names that the project gives them."""

from __future__ import annotations

from pathlib import Path

import pytest

from envcheck import snapshots
from envcheck.errors import DocumentError, UsageError
from envcheck.model.facts import NOT_COLLECTED
from envcheck.pipeline import collect
from envcheck.secrets import hashed_under
from envcheck.targets.named import logical_name
from tests.drift.seeing import seen


def project(folder: Path, text: str, **files: str) -> str:
    (folder / "envcheck.yaml").write_text(text)
    for name, content in files.items():
        path = folder / name.replace("__", "/")
        path.parent.mkdir(exist_ok=True)
        path.with_suffix(".yaml").write_text(content)
    return str(folder)


@pytest.mark.parametrize(
    ("path", "environment", "name"),
    [
        ("prod/app.yaml", "prod", "app"),
        ("conf/app-prod.yaml", "prod", "app"),
        ("conf/app.prod.yaml", "prod", "app"),
        ("conf/prod_app.yaml", "prod", "app"),
        ("conf/web-app.prod.yaml", "prod", "web-app"),
        ("conf/prod.yaml", "prod", "conf"),
        ("prod/prod.env", "prod", "config"),
        ("conf/production.yaml", "prod", "production"),
    ],
)
def test_a_file_has_one_name_in_all_environments(path: str, environment: str, name: str) -> None:
    assert logical_name(path, environment) == name


def test_an_environment_of_files_alone(tmp_path: Path) -> None:
    cwd = project(tmp_path, "environments: {dev: {config: ['dev/*.yaml']}}", dev__app="pool: 5")
    snapshot = collect("dev", cwd=cwd, environ={})
    assert snapshot.label == "dev"
    assert snapshot.facts.get(("config", "app"), "pool") == (5, "dev/app.yaml:1")
    assert {status.name for status in snapshot.collectors} <= {"config", "contracts"}
    assert snapshot.gap("package") == "package was not collected"
    assert snapshot.gap("host") == "host was not collected"


def test_configuration_beside_a_saved_snapshot(tmp_path: Path) -> None:
    (tmp_path / "prod.json").write_text(snapshots.to_json(seen("host-7", packages={"torch": "2.4.0"})))
    text = "environments: {prod: {target: 'snapshot:prod.json', config: [prod/app.yaml]}}"
    snapshot = collect("prod", cwd=project(tmp_path, text, prod__app="pool: 30"), environ={})
    assert snapshot.label == "prod"
    assert snapshot.facts.value(("package", "torch"), "version") == "2.4.0"
    assert snapshot.facts.value(("config", "app"), "pool") == 30


def test_more_variables_are_read_on_request(tmp_path: Path) -> None:
    cwd = project(tmp_path, "environments: {dev: {target: ., env: ['APP_*']}}")
    snapshot = collect("dev", cwd=cwd, environ={"APP_MODE": "debug", "APP_TOKEN": "abc", "OTHER": "x", "PATH": ""})
    assert snapshot.facts.value(("env", "APP_MODE"), "value") == "debug"
    assert snapshot.facts.value(("env", "APP_TOKEN"), "value") == "hidden (no project key)"
    assert ("env", "OTHER") not in snapshot.facts


def test_single_files_of_other_names_meet(tmp_path: Path) -> None:
    text = "environments: {dev: {config: [development.yaml]}, prod: {config: [settings.yaml]}}"
    cwd = project(tmp_path, text, development="pool: 5", settings="pool: 30")
    assert [
        collect(name, cwd=cwd, environ={}).facts.value(("config", "config"), "pool") for name in ("dev", "prod")
    ] == [
        5,
        30,
    ]


def test_a_listed_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    cwd = project(tmp_path, "environments: {dev: {config: [dev/app.yaml]}}")
    snapshot = collect("dev", cwd=cwd, environ={})
    assert "No such file" in str(snapshot.facts.value(("unread", "app"), "problem"))
    assert snapshot.coverage["config/app"].status != "complete"


@pytest.mark.parametrize(
    ("text", "address", "says"),
    [
        ("environments: {dev: {target: prod}, prod: {}}", "dev", "prod is an environment itself"),
        ("environments: {dev: {conf: [a]}}", "dev", "unknown field `conf`"),
        ("environments: {dev: {}}", "staging", "'staging' is no target"),
    ],
)
def test_a_wrong_name_or_section_is_refused(tmp_path: Path, text: str, address: str, says: str) -> None:
    with pytest.raises((DocumentError, UsageError)) as error:
        collect(address, cwd=project(tmp_path, text), environ={})
    assert says in str(error.value)


def test_kinds_of_an_environment_without_a_target_were_not_collected(tmp_path: Path) -> None:
    cwd = project(tmp_path, "environments: {dev: {config: []}}")
    snapshot = collect("dev", cwd=cwd, environ={})
    assert all(entry.status != NOT_COLLECTED or entry.reason for entry in snapshot.coverage.values())
    assert snapshot.look(("package", "torch"), "version")


def test_secrets_of_an_environment_of_files_alone_are_hashed_under_the_key_of_the_caller(tmp_path: Path) -> None:
    cwd = project(tmp_path, "environments: {dev: {config: [app.yaml]}}", app="password: hunter2")
    snapshot = collect("dev", cwd=cwd, environ={"ENVCHECK_KEY": "k"})
    assert hashed_under(str(snapshot.facts.value(("config", "app"), "password")))


def test_a_file_that_is_listed_twice_is_read_once_under_the_name_that_is_given(tmp_path: Path) -> None:
    text = "environments: {dev: {config: ['*.yaml', app.yaml, {name: main, path: app.yaml}]}}"
    snapshot = collect("dev", cwd=project(tmp_path, text, app="pool: 5", more="a: 1"), environ={})
    assert [entity[1] for entity in snapshot.facts.entities("config") if "envcheck" not in entity[1]] == [
        "main",
        "more",
    ]
