"""Settings of configuration files: which files, which names, which lines, and what becomes of broken ones."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from envcheck.collectors import Collection, config
from envcheck.errors import DocumentError
from envcheck.model.facts import NOT_COLLECTED, PARTIAL
from envcheck.secrets import HIDDEN
from envcheck.targets.files import RootedFiles
from envcheck.targets.target import Target


def collected(root: Path, files: dict[str, str | bytes] | None = None, **changes: Any) -> Collection:
    for name, content in (files or {}).items():
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
    config.collect(Target(**(fields | changes)), into)
    return into


def names(into: Collection) -> set[str]:
    return {entity[1] for entity in into.facts.entities("config")}


def test_settings_have_dotted_keys_and_lines(tmp_path: Path) -> None:
    into = collected(tmp_path, {"config.yaml": "python: 3.10\ndatabase:\n  hosts: [a, b]\n"})
    assert into.facts.of(("config", "config")) == {
        "python": ("3.10", "config.yaml:1"),
        "database.hosts.0": ("a", "config.yaml:3"),
        "database.hosts.1": ("b", "config.yaml:3"),
    }
    assert not into.coverage


def test_settings_may_be_called_anything(tmp_path: Path) -> None:
    into = collected(tmp_path, {"config.yaml": "origin: 1\nentity: 2\nself: 3\n'a#b/c': 4\n"})
    assert set(into.facts.of(("config", "config"))) == {"origin", "entity", "self", "a#b/c"}


def test_well_known_names_are_found_and_others_are_not(tmp_path: Path) -> None:
    into = collected(
        tmp_path,
        {
            "settings.toml": "a = 1",
            "application.properties": "a=1",
            "docker-compose.yml": "services: {}",
            "generation_config.json": "{}",
            "tokenizer_config.json": '{"a": 1}',
            ".env": "A=1",
            "prod.env": "A=1",
            "other.yaml": "a: 1",
            "package.json": '{"a": 1}',
            "pyproject.toml": "[tool.x]\na=1",
        },
    )
    assert names(into) == {
        "settings",
        "application",
        "docker-compose",
        "tokenizer_config",
        ".env",
        "prod",
    }


def test_two_files_of_one_stem_keep_apart(tmp_path: Path) -> None:
    assert names(collected(tmp_path, {"config.json": '{"a": 1}', "config.yaml": "a: 2"})) == {"config", "config.yaml"}


def test_secrets_are_hidden_by_name_and_by_shape(tmp_path: Path) -> None:
    text = "database:\n  password: hunter2\n  url: postgres://u:pw@db/x\nmax_tokens: 4096\n"
    facts = collected(tmp_path, {"config.yaml": text}).facts.of(("config", "config"))
    assert {key: value for key, (value, _) in facts.items()} == {
        "database.password": HIDDEN,
        "database.url": HIDDEN,
        "max_tokens": 4096,
    }
    keyed = collected(tmp_path, {".envcheck.key": "k"}).facts
    assert str(keyed.value(("config", "config"), "database.password")).startswith("hmac-sha256:")


def test_the_project_file_names_files_globs_and_logical_names(tmp_path: Path) -> None:
    project = "config:\n- conf/*.yaml\n- {name: app, path: conf/x/prod.json}\n- /etc/app.ini\n"
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc/app.ini").write_text("[s]\na=1\n")
    into = collected(
        tmp_path,
        {
            "envcheck.yaml": project,
            "conf/one.yaml": "a: 1",
            "conf/.two.yaml": "a: 1",
            "conf/x/prod.json": '{"a": 1}',
            "config.yaml": "a: 1",
        },
    )
    assert names(into) == {"one", "app", "app.ini"}


def test_what_the_project_file_names_and_is_not_there_is_told(tmp_path: Path) -> None:
    into = collected(tmp_path, {"envcheck.yaml": "config: [conf/app.yaml, 'x/*.env']"})
    assert "nothing of that name" in str(into.facts.value(("unread", "conf/app.yaml"), "problem"))
    assert ("unread", "x/*.env") in into.facts


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("config: []\nconfigs: []\n", 2, "unknown field `configs`"),
        ("config:\n- a.yaml\n- name: x\n  file: y\n", 4, "unknown field `file`"),
        ("config:\n- name: x\n", 2, "missing required field `path`"),
        ("config:\n- 7\n", 2, "Expected"),
        ("config: a.yaml\n", 1, "Expected `array`"),
        ("- a\n", 1, "Expected `object`"),
        ("a: [\n", 2, "not valid YAML"),
    ],
)
def test_a_broken_project_file_says_where(tmp_path: Path, text: str, line: int, says: str) -> None:
    with pytest.raises(DocumentError) as caught:
        collected(tmp_path, {"envcheck.yaml": text})
    assert says in caught.value.message
    assert caught.value.where == f"/app/envcheck.yaml:{line}"


def test_an_empty_project_file_names_nothing(tmp_path: Path) -> None:
    into = collected(tmp_path, {"envcheck.yaml": "# later\n", "config.yaml": "a: 1"})
    assert not len(into.facts)
    assert not into.coverage


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"a: [", "not valid YAML"),
        (b"\xff\xfe", "line 1: not UTF-8"),
        (b"a: " + b"x" * (1 << 20), "larger than 1 MiB"),
        (b"just words", "no settings"),
        (b"[" * 100_000, "64 levels"),
        (b"- a\n" * 10_001, "first 10000 settings"),
    ],
)
def test_a_broken_file_is_a_fact_and_a_gap_of_its_own(tmp_path: Path, content: bytes, says: str) -> None:
    into = collected(tmp_path, {"config.yaml": content, "settings.yaml": "a: 1"})
    assert says in str(into.facts.value(("unread", "config"), "problem"))
    assert into.facts.value(("unread", "config"), "path") == "/app/config.yaml"
    assert into.coverage["config/config"].status == PARTIAL
    assert list(into.coverage) == ["config/config"]
    assert into.facts.value(("config", "settings"), "a") == 1


def test_a_key_that_stands_twice_is_told_and_leaves_no_gap(tmp_path: Path) -> None:
    into = collected(tmp_path, {"config.json": '{"a": 1,\n "a": 2}'})
    assert into.facts.value(("config", "config"), "a") == 2
    assert "line 2: the key 'a' stands twice" in str(into.facts.value(("unread", "config"), "problem"))
    assert not into.coverage


def test_a_long_value_becomes_its_hash(tmp_path: Path) -> None:
    into = collected(tmp_path, {"tokenizer_config.json": '{"chat_template": "' + "x" * 5000 + '"}'})
    value = str(into.facts.value(("config", "tokenizer_config"), "chat_template"))
    assert value.startswith("5000 characters, sha256:")


def test_a_folder_a_pipe_and_a_loop_are_no_files(tmp_path: Path) -> None:
    (tmp_path / "app/config.yaml").mkdir(parents=True)
    os.mkfifo(tmp_path / "app/settings.yaml")
    (tmp_path / "app/.env").symlink_to(".env")
    into = collected(tmp_path)
    assert {entity[1] for entity in into.facts.entities("unread")} == {"config", "settings", ".env"}
    assert len(into.coverage) == 3


def test_no_folder_is_a_gap_and_an_empty_one_is_none(tmp_path: Path) -> None:
    assert collected(tmp_path, cwd=None).coverage["config"].status == NOT_COLLECTED
    assert collected(tmp_path).coverage["config"].status == NOT_COLLECTED
    (tmp_path / "app").mkdir()
    assert not collected(tmp_path).coverage


def test_a_folder_without_configuration_imports_no_parser(tmp_path: Path) -> None:
    root = str(Path(__file__).parents[2])
    code = f"""
import sys
sys.path.insert(0, {root!r})
from envcheck.collectors import Collection, config
from envcheck.errors import DocumentError
from envcheck.targets.files import LocalFiles
from envcheck.targets.target import Target
target = Target(label="", address="", chosen="", files=LocalFiles(), layout=None, cwd={str(tmp_path)!r})
config.collect(target, Collection())
print(*sys.modules)"""
    out = subprocess.run([sys.executable, "-S", "-I", "-c", code], capture_output=True, text=True, check=True).stdout
    light = {"re", "json", "yaml", "tomllib", "hashlib", "envcheck.formats", "envcheck.project", "envcheck.secrets"}
    assert not light & set(out.split())


def test_secrets_that_something_else_names_are_hidden(tmp_path: Path) -> None:
    text = "env: [{name: DB_PASSWORD, value: x}, {key: MODE, value: y}]\ncommand: [serve, --password, x, --port, 80]\n"
    facts = collected(tmp_path, {"config.yaml": text}).facts.of(("config", "config"))
    assert {key: value for key, (value, _) in facts.items() if value == HIDDEN} == {
        "env.0.value": HIDDEN,
        "command.2": HIDDEN,
    }
    assert facts["env.1.value"][0] == "y"


def test_a_setting_whose_name_is_a_secret_is_not_called_so(tmp_path: Path) -> None:
    text = '[url "https://u:hunter2@example.org/"]\nx = 1\n'
    assert "hunter2" not in repr(collected(tmp_path, {"config.ini": text}).facts.of(("config", "config")))


def test_an_unquoted_password_is_in_no_error_message(tmp_path: Path) -> None:
    into = collected(tmp_path, {"config.yaml": "password: *hunter2\n"})
    assert "hunter2" not in repr((list(into.facts), into.coverage))
