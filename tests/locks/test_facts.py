"""Declarations as facts and coverage."""

from __future__ import annotations

import pytest

from envcheck import snapshots
from envcheck.locks import read
from envcheck.locks.facts import Source, facts_of
from envcheck.model.facts import ABSENT, Facts, Snapshot, Unknown

LINUX, OLD = "sys_platform == 'linux'", "python_version < '3.11'"


def snapshot(text: str, *constraints: str, format_: str = "requirements", key: bytes | None = None) -> Snapshot:
    sources = [Source(path="f", declaration=read(text, format_))]
    sources += [Source(path="c", declaration=read(more, "constraints"), constrains=True) for more in constraints]
    facts, coverage = facts_of(sources, key)
    made = Snapshot(label="x", address="x", facts=facts, derived=Facts(), coverage=coverage)
    assert snapshots.from_json(snapshots.to_json(made).encode(), "x") == made
    return made


def why(made: Snapshot, name: str, attribute: str = "version") -> str:
    known = made.look(("package", name), attribute)
    assert isinstance(known, Unknown)
    return known.reason


@pytest.mark.parametrize(
    ("text", "constraints", "version", "origin"),
    [
        ("torch==2.4.0", "", "2.4.0", "f:1"),
        ("torch==2.4.0\ntorch>=2", "", "2.4.0", "f:1"),
        ("torch>=2\ntorch==2.4.0", "", "2.4.0", "f:2"),
        ("torch==2.4\ntorch==2.4.0", "", "2.4", "f:1"),
        (f"torch==2.4.0; {LINUX}\ntorch==2.4.0; {OLD}", "", "2.4.0", "f:1"),
        ("torch", "torch==2.4.0", "2.4.0", "c:1"),
        ("torch>=2", "six==1\ntorch==2.4.0", "2.4.0", "c:2"),
    ],
)
def test_one_exact_version_is_known(text: str, constraints: str, version: str, origin: str) -> None:
    assert snapshot(text, constraints).look(("package", "torch"), "version") == (version, origin)


@pytest.mark.parametrize(
    ("text", "constraints", "reason"),
    [
        ("torch", "", "declared without a version"),
        ("torch>=2,<3", "", "declared as >=2,<3"),
        ("torch>=2", "torch<2.5", "declared as >=2,<2.5"),
        (f"torch==2.4.0; {LINUX}\ntorch==2.2.0", "", f"2.4.0 where {LINUX}, 2.2.0 elsewhere"),
        (f"torch==2.4.0; {LINUX}\ntorch>=2.5", "", f"2.4.0 where {LINUX}, >=2.5 elsewhere"),
        (f"torch==2.4.0; {LINUX}\ntorch; {OLD}", "", f"2.4.0 where {LINUX}, any where {OLD}"),
        (f"torch>=2; {LINUX}\ntorch<2; {OLD}", "", f"declared as >=2 where {LINUX}, <2 where {OLD}"),
        ("torch==2.4.0\ntorch==2.2.0", "", "2.4.0 in f:1, 2.2.0 in f:2"),
        ("torch==2.4.0", "torch==2.2.0", "2.4.0 in f:1, 2.2.0 in c:1"),
        ("torch==2.4.0\ntorch<2", "", "2.4.0 in f:1, <2 in f:2"),
    ],
)
def test_otherwise_the_version_is_unknown_with_the_reason(text: str, constraints: str, reason: str) -> None:
    made = snapshot(text, constraints)
    assert ("package", "torch") in made.facts
    assert why(made, "torch") == reason


def test_many_versions_are_counted() -> None:
    text = "".join(f"six==1.{number}; python_version == '3.{number}'\n" for number in range(10))
    made = snapshot(text)
    assert why(made, "six").endswith("1.7 where python_version == '3.7' and 2 more")
    assert why(made, "six", "markers") == "more than 8 alternatives"


def test_one_name_in_several_spellings_is_one_package() -> None:
    made = snapshot("Typing_Extensions==4.1 --hash=sha256:bb\ntyping.extensions==4.1 --hash=sha256:aa\n")
    assert made.entities("package") == [("package", "typing-extensions")]
    assert made.facts.value(("package", "typing-extensions"), "hashes") == ("sha256:aa", "sha256:bb")
    assert made.facts.get(("package", "typing-extensions"), "name") == ("Typing_Extensions", "f:1")


def test_markers_are_alternatives_and_none_where_one_line_always_holds() -> None:
    entity = ("package", "six")
    assert snapshot(f"six==1; {OLD}\nsix==1; {LINUX}").facts.value(entity, "markers") == (OLD, LINUX)
    assert snapshot(f"six==1; {OLD}\nsix==1").look(entity, "markers") is ABSENT


def test_groups_stand_only_where_nothing_else_asks() -> None:
    text = (
        '[project]\nname = "x"\ndependencies = ["a; os_name == \'nt\'"]\n'
        '[dependency-groups]\ndev = ["a", "b"]\nt = ["b"]\n'
    )
    made = snapshot(text, format_="pyproject.toml")
    assert made.look(("package", "a"), "groups") is ABSENT
    assert made.facts.value(("package", "a"), "markers") == ("os_name == 'nt'",)
    assert made.facts.value(("package", "b"), "groups") == ("dev", "t")


def test_a_constraint_alone_asks_for_nothing() -> None:
    made = snapshot("torch", "six==1.16.0\nidna\n")
    assert made.entities("package") == [("package", "torch")]
    assert why(made, "six") == "constrained to 1.16.0 (c:1), not asked for"
    assert not made.lacks(("package", "six"))


def test_direct_requirements_are_not_all_and_a_lock_is() -> None:
    made = snapshot("torch==2.4.0\n")
    assert made.gap("package") == "f declares only direct requirements"
    assert isinstance(made.look(("package", "numpy"), "version"), Unknown)
    hashed = snapshot("torch==2.4.0 --hash=sha256:aa\n")
    assert hashed.gap("package") is None
    assert hashed.look(("package", "numpy"), "version") is ABSENT
    assert why(hashed, "torch", "requires") == "f does not say"
    assert hashed.look(("package", "torch"), "build") is ABSENT


def test_what_is_not_understood_may_hide_a_package() -> None:
    made = snapshot("torch==2.4.0 --hash=sha256:aa\nwhat is this\nwhat is this\n--hash=sha256:bb --x\n")
    assert made.gap("package") == "f has entries that were not understood"
    assert [entity[1] for entity in made.entities("unread")] == [
        "--hash=sha256:bb --x",
        "what is this",
        "what is this (line 3)",
    ]
    locked = snapshot('version = 1\npackage = [{}, {name = "a", version = "1"}]\n', format_="uv.lock")
    assert locked.gap("package") == "f has entries that were not understood"


def test_secrets_are_hidden() -> None:
    text = "FROM scratch\nENV HF_TOKEN=hf_abcdefghijk1234567890 MODE=fast\n"
    made = snapshot(text, format_="Dockerfile")
    assert made.facts.value(("env", "HF_TOKEN"), "value") == "hidden (no project key)"
    assert made.facts.get(("env", "MODE"), "value") == ("fast", "f:2")
    keyed = snapshot(text, format_="Dockerfile", key=b"k")
    assert str(keyed.facts.value(("env", "HF_TOKEN"), "value")).startswith("hmac-sha256:")
    leaking = snapshot("git+https://user:hunter2@git.example/x\nsix @ https://user:hunter2@x.example/six.zip\n")
    assert "hunter2" not in snapshots.to_json(leaking)


@pytest.mark.parametrize(
    ("text", "format_", "version", "reason"),
    [
        ("FROM python:3.11.7\n", "Dockerfile", "3.11.7", ""),
        ('version = 1\nrequires-python = "==3.11.*"\n', "uv.lock", "3.11", ""),
        ('version = 1\nrequires-python = ">=3.10"\n', "uv.lock", "", "declared as >=3.10"),
        ("dependencies: [python=3.10]\n", "environment.yml", "3.10", ""),
        ("dependencies: [python]\n", "environment.yml", "", "f does not say"),
    ],
)
def test_python(text: str, format_: str, version: str, reason: str) -> None:
    made = snapshot(text, format_=format_)
    known = made.look(("python",), "version")
    assert known.reason == reason if isinstance(known, Unknown) else known[0] == version  # type: ignore[index]


def test_an_image_and_a_system_package() -> None:
    made = snapshot("FROM --platform=linux/arm64 a/b:1@sha256:ff\nRUN apt-get install git\n", format_="Dockerfile")
    told = {fact.attribute: fact.value for fact in made.facts if fact.entity[0] == "image"}
    assert told == {"tag": "1", "digest": "sha256:ff", "platform": "linux/arm64"}
    assert ("system", "git") in made.facts
    assert made.gap("image") is None
    assert made.coverage["system/git#version"].reason == "declared without a version"


def test_conda_and_python_packages_of_one_lock() -> None:
    text = """\
version: 1
metadata: {platforms: [linux-64]}
package:
- {name: numpy, version: 1.26.4, manager: conda, platform: linux-64, dependencies: {python: ''}, category: main,
   url: https://conda.anaconda.org/main/linux-64/numpy-1.26.4-py311h1_0.conda, hash: {md5: aa}}
"""
    made = snapshot(text, format_="conda-lock.yml")
    assert made.facts.value(("conda", "numpy"), "build") == "py311h1_0"
    assert made.facts.value(("package", "numpy"), "channel") == "main"
    assert made.look(("package", "numpy"), "markers") is ABSENT
    assert (made.gap("conda"), made.gap("package")) == (None, None)


def test_an_sbom_does_not_tell_who_asks() -> None:
    text = '{"bomFormat": "CycloneDX", "components": [{"name": "x", "version": "1", "purl": "pkg:pypi/x@1"}]}'
    made = snapshot(text, format_="CycloneDX JSON")
    assert made.gap("package") is None
    assert why(made, "x", "markers") == "f does not say"
