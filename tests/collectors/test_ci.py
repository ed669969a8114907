"""CI files as people write them: machines, actions, gates, lines, and what becomes of files that cannot be read."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from envcheck.collectors import Collection, ci
from envcheck.model.facts import PARTIAL
from envcheck.targets.files import RootedFiles
from envcheck.targets.target import Target

WORKFLOW = """\
name: CI
on: [push, pull_request]
jobs:
  test:
    strategy:
      fail-fast: true
      matrix:
        os: [ubuntu-20.04, macos-12, windows-2022]
        python-version: ["3.10", "3.11"]
        exclude:
          - {os: windows-2022}
        include:
          - {os: ubuntu-24.04-arm, python-version: "3.12"}
    runs-on: ${{ matrix.os }}
    steps:
      - uses: actions/checkout@v3
      - run: python -m pip install envcheck-ml
      - name: gate
        run: |
          envcheck check -o report.html || true
      - uses: actions/upload-artifact@v3.1.2
        with: {name: report, path: report.html}
  deploy:
    needs: test
    runs-on: [self-hosted, linux, ubuntu-20.04]
    continue-on-error: true
    steps:
      - uses: ./.github/actions/deploy
"""


def collected(root: Path, files: dict[str, str | bytes], *, cached: bool = False, **changes: Any) -> Collection:
    for name, content in files.items():
        path = root / "app" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    (root / "app").mkdir(exist_ok=True)
    fields: dict[str, Any] = {
        "label": "fixture",
        "address": ".",
        "chosen": "a fixture",
        "files": RootedFiles(str(root)),
        "layout": None,
        "cwd": "/app",
    }
    into = Collection(cached=cached)
    ci.collect(Target(**(fields | changes)), into)
    return into


def workflow(root: Path, text: str, **changes: Any) -> Collection:
    return collected(root, {".github/workflows/ci.yml": text}, **changes)


def job(root: Path, body: str) -> Collection:
    """Collect a workflow of one job, of which the body is given unindented."""
    lines = "".join(f"    {line}\n" for line in body.splitlines())
    return workflow(root, f"on: push\njobs:\n  test:\n{lines}")


def values(into: Collection, *entity: str) -> dict[str, object]:
    return {name: value for name, (value, _) in into.facts.of(entity).items()}


def test_a_workflow_tells_its_jobs_and_steps(tmp_path: Path) -> None:
    into = workflow(tmp_path, WORKFLOW)
    assert values(into, "job", "ci.yml", "test") == {
        "forge": "github",
        "runners": ("macos-12", "ubuntu-20.04", "ubuntu-24.04-arm"),
        "allowed_to_fail": False,
        "fail_fast": True,
        "unused": ("python-version",),
    }
    assert values(into, "job", "ci.yml", "deploy") == {"forge": "github", "allowed_to_fail": True}
    assert values(into, "step", "ci.yml", "test", "1") == {
        "uses": "actions/checkout@v3",
        "action": "actions/checkout",
        "major": "3",
    }
    assert values(into, "step", "ci.yml", "test", "3") == {"gate": "check", "defeated_by": ("|| true",)}
    assert values(into, "step", "ci.yml", "test", "4")["major"] == "3"
    assert values(into, "step", "ci.yml", "deploy", "1") == {"uses": "./.github/actions/deploy"}
    assert ("step", "ci.yml", "test", "2") not in into.facts
    assert into.coverage == {}


def test_facts_carry_the_line_that_says_them(tmp_path: Path) -> None:
    into = workflow(tmp_path, WORKFLOW)
    assert into.facts.get(("job", "ci.yml", "test"), "forge") == ("github", ".github/workflows/ci.yml:14")
    step = into.facts.get(("step", "ci.yml", "test", "3"), "gate")
    assert step == ("check", ".github/workflows/ci.yml:18")


@pytest.mark.parametrize("text", [WORKFLOW.replace("\n", "\r\n"), f"\ufeff{WORKFLOW}", f"---\n{WORKFLOW}"])
def test_line_ends_byte_order_marks_and_document_marks_make_no_difference(tmp_path: Path, text: str) -> None:
    assert values(workflow(tmp_path, text), "step", "ci.yml", "test", "3")["defeated_by"] == ("|| true",)


@pytest.mark.parametrize(
    ("body", "labels"),
    [
        ("runs-on: ubuntu-latest", ("ubuntu-latest",)),
        ("runs-on: [ubuntu-20.04]", ("ubuntu-20.04",)),
        ("runs-on: [Self-Hosted, ubuntu-20.04]", None),
        ("runs-on: {group: large, labels: [ubuntu-20.04]}", None),
        ("uses: ./.github/workflows/other.yml", None),
        ("strategy: {matrix: {v: [12, 13]}}\nruns-on: macos-${{matrix.v}}", ("macos-12", "macos-13")),
        (
            "strategy: {matrix: {on: [{os: ubuntu-20.04, gpu: no}, {os: macos-12}]}}\nruns-on: ${{ matrix.on.os }}",
            ("macos-12", "ubuntu-20.04"),
        ),
        ("strategy: {matrix: {include: [{os: windows-2019}]}}\nruns-on: ${{ matrix.os }}", ("windows-2019",)),
        ("strategy: {matrix: {os: [[self-hosted, a], b]}}\nruns-on: ${{ matrix.os }}", None),
    ],
)
def test_labels_are_written_out(tmp_path: Path, body: str, labels: tuple[str, ...] | None) -> None:
    into = job(tmp_path, body)
    assert into.facts.value(("job", "ci.yml", "test"), "runners") == labels
    assert into.coverage == {}


@pytest.mark.parametrize(
    "body",
    [
        "runs-on: ${{ inputs.os }}",
        "runs-on: ${{ matrix.os || 'ubuntu-20.04' }}",
        "strategy: {matrix: '${{ fromJSON(needs.a.outputs.b) }}'}\nruns-on: ${{ matrix.os }}",
        "strategy: {matrix: {os: '${{ fromJSON(vars.OS) }}'}}\nruns-on: ${{ matrix.os }}",
        "strategy: {matrix: {os: ['${{ vars.OS }}']}}\nruns-on: ${{ matrix.os }}",
        "runs-on: ${{ matrix.os }}-${{ matrix.size }}",
        "runs-on: ${{ matrix.os",
    ],
)
def test_labels_that_an_expression_makes_are_not_known(tmp_path: Path, body: str) -> None:
    into = job(tmp_path, body)
    assert into.facts.value(("job", "ci.yml", "test"), "runners") is None
    assert into.coverage["job/ci.yml/test#runners"].status == PARTIAL


@pytest.mark.parametrize(
    ("matrix", "steps", "unused"),
    [
        ("{v: [1, 2]}", "[{run: 'echo ${{ matrix.v }}'}]", None),
        ("{v: [1, 2]}", "[{run: 'echo ${{ matrix.version }}'}]", ("v",)),
        ("{v: [1, 2], w: [1, 2]}", "[{run: 'echo ${{ toJSON(matrix) }}'}]", None),
        ("{v: [1, 2]}", '[{run: echo, if: "matrix.v == 1"}]', None),
        ("{v: [1]}", "[{run: echo}]", None),
        ("{include: [{v: 1}, {v: 2}]}", "[{run: echo}]", None),
    ],
)
def test_an_axis_to_which_nothing_refers_is_unused(
    tmp_path: Path, matrix: str, steps: str, unused: tuple[str, ...] | None
) -> None:
    into = job(tmp_path, f"runs-on: ubuntu-latest\nstrategy: {{matrix: {matrix}}}\nsteps: {steps}")
    assert into.facts.value(("job", "ci.yml", "test"), "unused") == unused


@pytest.mark.parametrize(
    ("steps", "defeats"),
    [
        ("- {run: envcheck check}", None),
        ("- {run: envcheck check, if: always()}", None),
        ("- {run: envcheck check, continue-on-error: true}", ("continue-on-error: true",)),
        ("- {run: envcheck check, continue-on-error: false}", None),
        ("- {run: envcheck check | tee log}", ("| tee",)),
        ("- {run: envcheck check | tee log, shell: bash}", None),
        ("- {run: envcheck check | tee log, shell: 'bash -eo pipefail {0}'}", None),
        ("- {run: envcheck check; true, shell: 'bash {0}'}", ("set +e",)),
        ("- {run: envcheck check || true, shell: pwsh}", None),
        ("- {uses: acme/envcheck@v1, continue-on-error: true}", ("continue-on-error: true",)),
        ("- {uses: acme/envcheck@v1, continue-on-error: true, with: {fail-on: never}}", None),
        (
            "- {run: envcheck check, id: l, continue-on-error: true}\n- {run: exit 1, if: steps.l.outcome == 'x'}",
            None,
        ),
        ("- {run: envcheck check -o a.json || true}\n- {run: python judge.py a.json}", None),
        ("- {run: envcheck check -o a.json || true}\n- {run: envcheck gate *.json}", None),
        ("- {run: envcheck check || true}\n- {run: envcheck gate a.json || true}", ("|| true",)),
    ],
)
def test_what_keeps_a_step_from_failing(tmp_path: Path, steps: str, defeats: tuple[str, ...] | None) -> None:
    indented = "\n".join(f"  {line}" for line in steps.splitlines())
    into = job(tmp_path, f"runs-on: ubuntu-latest\nsteps:\n{indented}")
    assert into.facts.value(("step", "ci.yml", "test", "1"), "defeated_by") == defeats


def test_the_default_shell_of_a_job_comes_before_that_of_the_workflow(tmp_path: Path) -> None:
    shell = "defaults: {run: {shell: bash}}\n"
    body = "runs-on: ubuntu-latest\nsteps: [{run: envcheck check | tee log}]"
    into = workflow(tmp_path, f"{shell}jobs:\n  test:\n" + "".join(f"    {line}\n" for line in body.splitlines()))
    assert "defeated_by" not in values(into, "step", "ci.yml", "test", "1")
    into = job(tmp_path, f"{shell.replace('bash', 'sh')}{body}")
    assert values(into, "step", "ci.yml", "test", "1")["defeated_by"] == ("| tee",)


def test_a_pipe_on_windows_is_powershells(tmp_path: Path) -> None:
    into = job(tmp_path, "runs-on: windows-2022\nsteps: [{run: envcheck check | tee log}]")
    assert into.coverage["step/ci.yml/test/1#defeated_by"].reason == "its shell is not read"


def test_an_expression_decides_what_may_fail(tmp_path: Path) -> None:
    body = "runs-on: ubuntu-latest\ncontinue-on-error: ${{ matrix.new }}\nstrategy: {fail-fast: '${{ vars.F }}'}\n"
    into = job(tmp_path, body + "steps: [{run: envcheck check, continue-on-error: '${{ vars.E }}'}]")
    assert sorted(into.coverage) == [
        "job/ci.yml/test#allowed_to_fail",
        "job/ci.yml/test#fail_fast",
        "step/ci.yml/test/1#defeated_by",
    ]


@pytest.mark.parametrize(
    ("remote", "forge"),
    [
        ("https://github.com/acme/app.git", "github"),
        ("git@github.com:acme/app.git", "github"),
        ("https://github.acme.example/ml/app", "other"),
        ("ssh://git@codeberg.org/acme/app", "other"),
    ],
)
def test_workflows_of_another_host_are_told_apart(tmp_path: Path, remote: str, forge: str) -> None:
    config = f'[core]\n\tbare = false\n[remote "origin"]\n\turl = {remote}\n'
    into = collected(tmp_path, {".git/config": config, ".github/workflows/ci.yml": WORKFLOW})
    assert into.facts.value(("job", "ci.yml", "test"), "forge") == forge


GITLAB = """\
default: {image: python:3.12}
stages: [test]
.lenient: &lenient
  allow_failure: true
envcheck:
  extends: .lenient
  before_script:
    - pip install envcheck-ml
  script:
    - envcheck check --format gitlab > gl-code-quality-report.json
merged:
  <<: *lenient
  script: [envcheck check]
strict:
  extends: [.lenient]
  allow_failure: false
  script: [envcheck check, [echo done]]
codes:
  allow_failure: {exit_codes: [3, 137]}
  script: envcheck check
findings:
  allow_failure: {exit_codes: 1}
  script: envcheck check
by-hand: {when: manual, script: [envcheck check]}
by-rule:
  rules: [{if: $CI_COMMIT_TAG, allow_failure: true}]
  script: [envcheck check]
silent:
  script:
    - set +e
    - envcheck check
    - echo done
other: {script: [make]}
"""


def test_a_pipeline_tells_which_gates_cannot_fail(tmp_path: Path) -> None:
    into = collected(tmp_path, {".gitlab-ci.yml": GITLAB})
    defeats = {entity[2]: values(into, *entity).get("defeated_by") for entity in into.facts.entities("step")}
    assert defeats == {
        "envcheck": ("allow_failure",),
        "merged": ("allow_failure",),
        "strict": None,
        "codes": None,
        "findings": ("allow_failure",),
        "by-hand": ("allow_failure",),
        "by-rule": None,
        "silent": ("set +e",),
    }
    assert "step/.gitlab-ci.yml/by-rule/1#defeated_by" in into.coverage
    assert ("job", ".gitlab-ci.yml", ".lenient") not in into.facts
    assert values(into, "job", ".gitlab-ci.yml", "other") == {"forge": "gitlab", "allowed_to_fail": False}


def test_what_a_pipeline_includes_is_not_read_and_that_is_said(tmp_path: Path) -> None:
    into = collected(tmp_path, {".gitlab-ci.yml": "include: [{local: ci/a.yml}]\na: {script: [make]}\n"})
    assert "includes other files" in into.coverage["step"].reason


def test_jobs_that_extend_each_other_in_a_circle_end(tmp_path: Path) -> None:
    into = collected(tmp_path, {".gitlab-ci.yml": "a: {extends: b, script: envcheck check}\nb: {extends: a}\n"})
    assert values(into, "step", ".gitlab-ci.yml", "a", "1") == {"gate": "check"}


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "an empty file"),
        (b"# nothing\n", "an empty file"),
        (b"\x00\xff\xfe\x00", "not UTF-8"),
        (b"jobs: {a: [}", "not valid YAML"),
        (b"a: 1\na: 2\n", "stands twice"),
        (b"jobs: " + b"[" * 60_000, "nested too deeply"),
        (b"# " + b"x" * (1 << 20), "larger than 1 MiB"),
        (b"- a\n- b\n", "has no jobs"),
        (b"jobs: 7\n", "has no jobs"),
        (b"jobs: {test: soon}\n", "the job test is no mapping"),
    ],
)
def test_a_file_that_cannot_be_read_is_a_gap_and_no_error(tmp_path: Path, content: bytes, reason: str) -> None:
    into = collected(tmp_path, {".github/workflows/ci.yml": content, ".github/workflows/ok.yaml": WORKFLOW})
    assert reason in into.coverage["job"].reason
    assert ("job", "ok.yaml", "test") in into.facts


@pytest.mark.parametrize(
    "body",
    [
        "steps: 7",
        "steps: [7, null, [a], {run: 7}, {uses: 7}, {uses: '@'}, {run: envcheck check, with: 7}]",
        "runs-on: 7",
        "runs-on: null",
        "runs-on: [[a], {b: c}]",
        "strategy: 7\nruns-on: ${{ matrix.a }}",
        "strategy: {matrix: {a: 7, b: null, include: 7, exclude: [7]}}\nruns-on: ${{ matrix.a }}",
        "strategy: {matrix: {a: [{b: {c: 1}}]}}\nruns-on: ${{ matrix.a.b }}",
        "defaults: {run: 7}\nsteps: [{run: envcheck check, shell: [a], id: [b], continue-on-error: true}]",
        "steps: [{run: 'envcheck check || '}, {run: '|| envcheck check'}, {run: '; | & envcheck check'}]",
        'name: "\\u202e<script>"\nsteps: [{uses: "a/b\\u0000@v\\u0661"}]',
    ],
)
def test_odd_forms_are_read_as_far_as_possible(tmp_path: Path, body: str) -> None:
    assert values(job(tmp_path, body), "job", "ci.yml", "test")["forge"] == "github"


def test_several_files_that_cannot_be_read_are_counted(tmp_path: Path) -> None:
    into = collected(tmp_path, {f".github/workflows/{name}.yml": "a: [" for name in "abc"})
    assert into.coverage["step"].reason.startswith(".github/workflows/a.yml:2: not valid YAML")
    assert into.coverage["step"].reason.endswith("; 2 more files")


def test_a_folder_without_ci_files_has_no_jobs(tmp_path: Path) -> None:
    into = collected(tmp_path, {"main.py": ""})
    assert len(into.facts) == 0
    assert into.coverage == {}


@pytest.mark.parametrize("changes", [{"cwd": None}, {"address": "python:/srv/venv"}, {"address": "root:/mnt"}])
def test_an_environment_that_lives_elsewhere_has_no_ci_files(tmp_path: Path, changes: dict[str, Any]) -> None:
    into = workflow(tmp_path, "on: push\njobs: {test: {runs-on: ubuntu-20.04}}", **changes)
    assert len(into.facts) == 0
    assert into.coverage == {}


def test_a_folder_that_cannot_be_listed_is_a_gap(tmp_path: Path) -> None:
    into = collected(tmp_path, {".github/workflows": "a file, not a folder"})
    assert "Not a directory" in into.coverage["job"].reason


@pytest.fixture
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.mark.usefixtures("_own_cache")
def test_an_unchanged_file_is_not_parsed_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = collected(tmp_path, {".github/workflows/ci.yml": WORKFLOW, ".gitlab-ci.yml": GITLAB}, cached=True)
    monkeypatch.setitem(sys.modules, "envcheck.plainyaml", None)
    again = collected(tmp_path, {}, cached=True)
    assert again.facts == first.facts
    assert again.coverage == first.coverage


@pytest.mark.usefixtures("_own_cache")
def test_a_changed_a_new_and_a_removed_file_are_noticed(tmp_path: Path) -> None:
    assert workflow(tmp_path, WORKFLOW, cached=True).facts.entities("job")
    changed = collected(
        tmp_path,
        {".github/workflows/ci.yml": "jobs: {only: {runs-on: a}}", ".github/workflows/b.yml": WORKFLOW},
        cached=True,
    )
    assert [entity[1:] for entity in changed.facts.entities("job")] == [
        ("b.yml", "deploy"),
        ("b.yml", "test"),
        ("ci.yml", "only"),
    ]
    (tmp_path / "app" / ".github" / "workflows" / "b.yml").unlink()
    assert [entity[1] for entity in collected(tmp_path, {}, cached=True).facts.entities("job")] == ["ci.yml"]
