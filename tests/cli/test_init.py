"""`envcheck init` in projects of each kind: what it writes is valid and raises no finding, and nothing is changed."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from envcheck import project, rulebooks
from envcheck.cli.init import run
from envcheck.collectors import Collection, ci
from envcheck.derive import derive
from envcheck.engine.judge import evaluate
from envcheck.errors import EnvcheckError, UsageError
from envcheck.model.facts import COMPLETE, Coverage, Facts, Snapshot
from envcheck.plainyaml import read
from envcheck.project import gate, waivers
from envcheck.targets.files import LocalFiles
from envcheck.targets.target import Target
from tests.program import envcheck


def make(folder: Path, *names: str) -> Path:
    """Make a project of empty files and, where a name ends with a slash, folders."""
    folder.mkdir(exist_ok=True)
    for name in names:
        path = folder / name
        if name.endswith("/"):
            path.mkdir(parents=True)
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("")
    return folder


def written(folder: Path) -> set[str]:
    return {
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_file() and path.stat().st_size and ".git/" not in path.as_posix()
    }


@pytest.mark.parametrize(
    ("there", "files"),
    [
        ((), {"envcheck.yaml"}),
        ((".github/",), {"envcheck.yaml", ".github/workflows/envcheck.yml"}),
        ((".gitlab-ci.yml",), {"envcheck.yaml", ".gitlab/envcheck.yml"}),
        ((".gitlab/",), {"envcheck.yaml", ".gitlab-ci.yml"}),
        (
            (".github/workflows/", ".gitlab-ci.yml"),
            {"envcheck.yaml", ".github/workflows/envcheck.yml", ".gitlab/envcheck.yml"},
        ),
    ],
)
def test_the_files_of_the_forge_at_hand_are_written(tmp_path: Path, there: tuple[str, ...], files: set[str]) -> None:
    folder = make(tmp_path / "app", *there)
    assert run({"folder": str(folder)}) == 0
    assert written(folder) == files


@pytest.mark.parametrize(
    ("remote", "file"),
    [
        ("git@github.com:acme/app.git", ".github/workflows/envcheck.yml"),
        ("https://gitlab.acme.example/ml/app.git", ".gitlab-ci.yml"),
        ("https://codeberg.org/acme/app", None),
    ],
)
def test_without_ci_files_the_remote_tells_the_forge(tmp_path: Path, remote: str, file: str | None) -> None:
    folder = make(tmp_path / "app")
    subprocess.run(["git", "init", "--quiet", str(folder)], check=True)
    subprocess.run(["git", "-C", str(folder), "remote", "add", "origin", remote], check=True)
    run({"folder": str(folder)})
    assert written(folder) - {"envcheck.yaml"} == ({file} if file else set())


def test_nothing_that_exists_is_changed_and_that_is_said(tmp_path: Path) -> None:
    folder = make(tmp_path / "app", ".github/", ".gitlab-ci.yml")
    first = envcheck("init", cwd=folder)
    assert first.returncode == 0
    assert first.stdout.splitlines() == [
        "wrote ./envcheck.yaml",
        "wrote ./.github/workflows/envcheck.yml",
        "wrote ./.gitlab/envcheck.yml",
        ".gitlab-ci.yml is left as it is; add to it:",
        "  include: [{local: .gitlab/envcheck.yml}]",
    ]
    (folder / "envcheck.yaml").write_text("config: [mine.yaml]\n")
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    again = envcheck("init", cwd=folder)
    assert again.stdout.splitlines()[:3] == [
        "left ./envcheck.yaml as it is",
        "left ./.github/workflows/envcheck.yml as it is",
        "left ./.gitlab/envcheck.yml as it is",
    ]
    assert {path: path.read_bytes() for path in before} == before


def test_a_pipeline_that_runs_envcheck_gets_no_second_job(tmp_path: Path) -> None:
    folder = make(tmp_path / "app", ".gitlab/")
    assert envcheck("init", cwd=folder).stdout.splitlines() == ["wrote ./envcheck.yaml", "wrote ./.gitlab-ci.yml"]
    before = written(folder)
    assert envcheck("init", cwd=folder).stdout.splitlines() == [
        "left ./envcheck.yaml as it is",
        "left ./.gitlab-ci.yml as it is",
    ]
    assert written(folder) == before


def test_a_pipeline_that_includes_the_file_needs_no_more(tmp_path: Path) -> None:
    folder = make(tmp_path / "app")
    (folder / ".gitlab-ci.yml").write_text("include: [{local: .gitlab/envcheck.yml}]\n")
    assert envcheck("init", cwd=folder).stdout.splitlines() == [
        "wrote ./envcheck.yaml",
        "wrote ./.gitlab/envcheck.yml",
    ]


def test_what_was_written_before_another_file_failed_is_said(tmp_path: Path) -> None:
    folder = make(tmp_path / "app")
    (folder / ".github").write_text("no folder")
    ended = envcheck("init", cwd=folder)
    assert (ended.returncode, ended.stdout) == (3, "wrote ./envcheck.yaml\n")
    assert ".github/workflows/envcheck.yml: cannot be written" in ended.stderr


def test_a_dangling_link_is_not_followed(tmp_path: Path) -> None:
    folder = make(tmp_path / "app")
    (folder / "envcheck.yaml").symlink_to(tmp_path / "elsewhere")
    run({"folder": str(folder)})
    assert not (tmp_path / "elsewhere").exists()


@pytest.mark.parametrize("there", [(), ("settings.json", "app.env", "it's.env", "main.py")])
def test_the_written_project_file_is_valid_with_and_without_its_examples(
    tmp_path: Path, there: tuple[str, ...]
) -> None:
    folder = make(tmp_path / "app", *there)
    run({"folder": str(folder)})
    path = folder / "envcheck.yaml"
    held = project.load(LocalFiles(), str(folder))
    assert held.config == [name for name in sorted(there) if name != "main.py"]
    assert (held.waivers, held.gate) == ([], {})
    lines = path.read_text(encoding="utf-8").splitlines()
    path.write_text("".join(f"{line.removeprefix('# ')}\n" for line in lines), encoding="utf-8")
    held = project.load(LocalFiles(), str(folder))
    assert held.config
    assert held.contracts
    assert set(held.environments) == {"dev", "prod"}
    assert held.drift.policy
    policy = gate.load(LocalFiles(), str(path))
    assert (policy.fail_on, policy.coverage) == ("error", ("package",))
    assert policy.tests is not None
    accepted, malformed = waivers.load(LocalFiles(), str(folder))
    assert [waiver.rule for waiver in accepted] == ["requirement-not-met"]
    assert len(malformed) == 0


@pytest.mark.parametrize(
    ("there", "command"),
    [
        ("requirements.txt", "python -m pip install -r requirements.txt"),
        ("pyproject.toml", "python -m pip install ."),
        ("README", "python -m pip list"),
    ],
)
def test_the_written_ci_files_install_the_project_and_raise_no_finding(
    tmp_path: Path, there: str, command: str
) -> None:
    folder = make(tmp_path / "app", ".github/", ".gitlab/", there)
    run({"folder": str(folder)})
    for name in (".github/workflows/envcheck.yml", ".gitlab-ci.yml"):
        text = (folder / name).read_text(encoding="utf-8")
        assert f"- run: {command}" in text or f"    - {command}" in text
        assert "{install}" not in text
        assert read(text, name)
    into = Collection(cached=False)
    ci.collect(Target(label=".", address=".", chosen="x", files=LocalFiles(), layout=None, cwd=str(folder)), into)
    gates = [entity[1] for entity in into.facts.entities("step") if into.facts.value(entity, "gate")]
    assert gates == [".gitlab-ci.yml", "envcheck.yml"]
    book = rulebooks.select(
        rulebooks.load(), only=[rule.id for rule in rulebooks.load().rules if "/ci/" in rule.origin]
    )
    snapshot = Snapshot(
        label="x",
        address="x",
        collected_at="2026-11-21T00:00:00Z",
        facts=into.facts,
        derived=Facts(),
        coverage={scope: Coverage(scope=scope, status=COMPLETE) for scope in ci.COVERS} | into.coverage,
    )
    assert book.rules
    assert evaluate(derive(snapshot, book.tables), book) == ([], [])


def test_a_folder_that_is_not_there_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="No such file"):
        run({"folder": str(tmp_path / "nowhere")})


def test_what_cannot_be_written_is_said(tmp_path: Path) -> None:
    folder = make(tmp_path / "app", ".gitlab", ".gitlab-ci.yml")
    with pytest.raises(EnvcheckError, match="cannot be written"):
        run({"folder": str(folder)})
