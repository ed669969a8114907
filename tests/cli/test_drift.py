"""`envcheck drift`, `snapshot` and `merge` as people call them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from envcheck import snapshots
from envcheck.cli import main
from tests.drift.seeing import seen
from tests.drift.test_policy import FOUNDING
from tests.environments import make_venv

FITTING = {"torch": "2.4.0", "torchvision": "0.19.0"}
BROKEN = {"torch": "2.9.1", "torchvision": "0.19.0"}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv("ENVCHECK_KEY", raising=False)
    for name, packages in (("prod", FITTING), ("new", BROKEN), ("third", FITTING)):
        (tmp_path / f"{name}.json").write_text(snapshots.to_json(seen(".", packages=packages)))
    return tmp_path


def drift(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, dict[str, Any]]:
    code = main(["drift", *words, "--format", "json"])
    return code, json.loads(capsys.readouterr().out)


def test_two_saved_snapshots_of_one_label_get_the_names_of_their_files(folder, capsys):
    code, report = drift(capsys, "snapshot:prod.json", "snapshot:new.json")
    assert code == 1
    assert report["comparison"]["environments"] == ["prod.json", "new.json"]
    assert report["changes"][0]["key"] == "package/torch#version"
    assert report["findings"][0]["target"] == "new.json"


def test_files_of_one_name_in_two_folders_are_called_by_their_paths(folder, capsys):
    for name in ("a", "b"):
        (folder / name).mkdir()
        (folder / name / "env.json").write_text((folder / "prod.json").read_text())
    code, report = drift(capsys, "snapshot:a/env.json", "b/env.json", "b/env.json", "prod.json")
    assert code == 0
    assert report["comparison"]["environments"] == ["a/env.json", "b/env.json", "b/env.json (2)", "prod.json"]


def test_the_same_file_twice_is_two_environments_without_drift(folder, capsys):
    code, report = drift(capsys, "snapshot:prod.json", "snapshot:prod.json")
    assert (code, report["changes"]) == (0, [])
    assert report["comparison"]["environments"] == ["prod.json", "prod.json (2)"]


def test_one_environment_is_compared_with_its_own_past(folder, capsys):
    code, report = drift(capsys, "snapshot:new.json", "--baseline", "prod.json")
    assert code == 1
    assert report["comparison"]["environments"] == ["prod.json", "new.json"]


@pytest.mark.parametrize("name", ["eu:prod", ".", ""])
def test_a_name_that_is_an_address_is_refused(folder, capsys, name):
    (folder / "envcheck.yaml").write_text(f'environments: {{"{name}": {{target: prod.json}}, b: {{target: new.json}}}}')
    assert main(["drift"]) == 2
    assert f"envcheck.yaml: environments: {name!r} would be taken for the address" in capsys.readouterr().err


def test_the_past_of_an_environment_may_be_a_report_about_it(folder, capsys):
    assert main(["check", "snapshot:prod.json", "-o", "last.json"]) == 0
    capsys.readouterr()
    code, report = drift(capsys, "snapshot:new.json", "--baseline", "last.json")
    assert code == 1
    assert report["comparison"]["environments"] == ["last.json", "new.json"]
    main(["drift", "snapshot:prod.json", "snapshot:new.json", "-o", "both.json"])
    (folder / "broken.json").write_text("{}")
    for name, says in (("both.json", "a report about 2 environments"), ("broken.json", "no snapshot")):
        assert main(["drift", "snapshot:new.json", "--baseline", name]) == 2
        assert says in capsys.readouterr().err


def test_the_founding_policy_just_works(folder, capsys):
    (folder / "config-drift-detection.yaml").write_text(FOUNDING)
    (folder / "envcheck.yaml").write_text(
        "environments:\n" + "".join(f"  {name}: {{config: [{name}/app.yaml]}}\n" for name in ("dev", "staging", "prod"))
    )
    for name, url in (("dev", "a"), ("staging", "a"), ("prod", "b")):
        (folder / name).mkdir()
        (folder / name / "app.yaml").write_text(f"database: {{url: {url}}}\nfeature: {{flag: {{beta: {name}}}}}\n")
    code, report = drift(capsys, "dev", "staging", "prod", "--policy", "config-drift-detection.yaml")
    assert code == 1
    assert [(finding["rule"], finding["message"]) for finding in report["findings"]] == [
        ("configuration-drift", "config/app#database.url differs: dev = a, staging = a, prod = b")
    ]
    assert [(change["key"], change["judged_by"]) for change in report["changes"]] == [
        ("config/app#database.url", "config-drift-detection.yaml:3")
    ]
    assert report["comparison"]["ignored"] == 1
    # Without names all of them are compared, and the project may say which policy holds.
    with (folder / "envcheck.yaml").open("a") as file:
        file.write("drift: {policy: config-drift-detection.yaml, ignore_keys: [database.url]}\n")
    code, report = drift(capsys)
    assert (code, report["findings"], report["comparison"]["ignored"]) == (0, [], 2)


@pytest.mark.parametrize("rule", ["check_consistency: true", "expect: 7654321"])
@pytest.mark.parametrize("other", ["pin: 7654321", "pine: 1"])
@pytest.mark.parametrize("key", ["", "k"])
def test_a_secret_of_the_policy_is_in_no_format(folder, capsys, monkeypatch, rule, other, key):
    monkeypatch.setenv("ENVCHECK_KEY", key)
    (folder / "drift.yaml").write_text(f"rules: [{{key: pin, secret: true, {rule}}}]")
    for name, text in (("a.yaml", "pin: 1234567"), ("b.yaml", other)):
        (folder / name).write_text(text)
    outputs = [word for end in ("html", "md", "txt", "json", "sarif") for word in ("-o", f"r.{end}")]
    main(["drift", "config:a.yaml", "config:b.yaml", "--policy", "drift.yaml", *outputs])
    written = [path.read_text() for path in folder.glob("r.*")] + [capsys.readouterr().out]
    assert len(written) == 6
    assert not any(pin in text for text in written for pin in ("1234567", "7654321"))


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["snapshot:prod.json"], "1 environment is named"),
        ([], "0 environments are named"),
        (["snapshot:prod.json", "snapshot:none.json"], "cannot be read"),
        (["snapshot:prod.json", "snapshot:new.json", "--policy", "none.yaml"], "give the path of a drift policy"),
        (["snapshot:prod.json", "nonsense"], "'nonsense' is no target"),
    ],
)
def test_what_cannot_be_compared_is_said(folder, capsys, words, says):
    assert main(["drift", *words]) in (2, 3)
    assert says in capsys.readouterr().err


def test_a_snapshot_continues_the_one_that_it_replaces(folder, capsys):
    prefix = make_venv(folder / "venv", {"numpy": "1.26.4"})
    call = ["snapshot", f"python:{prefix}", "--writer", "ci", "-o", "state.json"]
    vectors = []
    for change in (None, None, {"numpy": "2.0.0"}):
        if change:
            prefix = make_venv(folder / "venv2", change)
            call[1] = f"python:{prefix}"
        assert main(call) == 0
        vectors.append(snapshots.load("state.json").vector)
    assert vectors == [{"ci": 1}, {"ci": 1}, {"ci": 2}]
    assert (
        main(["snapshot", f"python:{prefix}", "--writer", "laptop", "--after", "state.json", "-o", "other.json"]) == 0
    )
    (folder / "broken.json").write_text("{")
    assert main(["snapshot", f"python:{prefix}", "--writer", "ci", "-o", "broken.json"]) == 0
    assert snapshots.load("broken.json").vector == {"ci": 1}
    capsys.readouterr()


def test_partial_snapshots_are_merged_and_conflicts_told(folder, capsys):
    one = seen(packages={"a": "1"}, vector={"ci": 1})
    other = seen(packages={"a": "2"}, vector={"laptop": 1})
    for name, snapshot in (("one", one), ("other", other)):
        (folder / f"{name}.json").write_text(snapshots.to_json(snapshot))
    assert main(["merge", "one.json", "other.json", "-o", "merged.json"]) == 1
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err == "envcheck: conflict: package/a#version: ci says 1; laptop says 2\n"
    assert snapshots.load("merged.json").vector == {"ci": 1, "laptop": 1}
    assert main(["merge", "one.json", "one.json"]) == 0
    assert json.loads(capsys.readouterr().out)["vector"] == {"ci": 1}
    assert main(["merge", "one.json"]) == 2
    assert main(["merge", "one.json", "other.json", "-o", "merged.html"]) == 2
    assert not (folder / "merged.html").exists()
