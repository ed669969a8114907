"""The format of a file by its name or its content."""

from __future__ import annotations

from pathlib import Path

import pytest

from envcheck.locks import FORMATS
from envcheck.locks.recognition import format_of

FILES = Path(__file__).parent / "files"


@pytest.mark.parametrize(
    ("file", "known", "also_by_content"),
    [
        ("uv.lock", "uv.lock", True),
        ("pylock.toml", "pylock.toml", True),
        ("poetry.lock", "poetry.lock", True),
        ("Pipfile.lock", "Pipfile.lock", True),
        ("conda-lock.yml", "conda-lock.yml", True),
        ("conda-linux-64.lock", "conda explicit list", True),
        ("bom.json", "CycloneDX JSON", True),
        ("bom.xml", "CycloneDX XML", True),
        ("click.spdx.json", "SPDX JSON", True),
        ("click.spdx", "SPDX tag-value", True),
        ("compiled.txt", "requirements", True),
    ],
)
def test_a_genuine_file_is_known_under_any_name(file: str, known: str, also_by_content: bool) -> None:  # noqa: FBT001
    text = (FILES / file).read_text()
    assert known in FORMATS
    assert format_of(file, text) == known
    assert (format_of("other" + Path(file).suffix, text) == known) is also_by_content


@pytest.mark.parametrize(
    ("name", "text", "known"),
    [
        ("pylock.gpu.toml", "", "pylock.toml"),
        ("uv.lock", "broken [", "uv.lock"),
        ("requirements.txt", "", "requirements"),
        ("requirements-dev.txt", "six", "requirements"),
        ("dev-requirements.in", "what is this", "requirements"),
        ("constraints.txt", "six==1", "constraints"),
        ("frozen.txt", "six==1.16.0\ntorch==2.4.0\n", "requirements"),
        ("frozen", "-e .\n", "requirements"),
        ("notes.txt", "six==1.16.0 is what we use\n", ""),
        ("notes.txt", "hello\nworld\n", ""),
        ("script.py", "a==1\n", ""),
        ("Dockerfile", "", "Dockerfile"),
        ("Dockerfile.gpu", "x", "Dockerfile"),
        ("gpu.Dockerfile", "x", "Dockerfile"),
        ("Containerfile", "x", "Dockerfile"),
        ("build", "# syntax=x\nARG A\nFROM python:3.11 AS base\nRUN x\n", "Dockerfile"),
        ("letter", "From me to you\n", ""),
        ("environment.yml", "name: x\ndependencies: [python]\n", "environment.yml"),
        ("env.yaml", "dependencies: [python]\n", "environment.yml"),
        ("docker-compose.yml", "services: {}\n", ""),
        ("pyproject.toml", "", "pyproject.toml"),
        ("other.toml", '[project]\nname = "x"\n', "pyproject.toml"),
        ("Cargo.toml", '[package]\nname = "x"\n', ""),
        ("Cargo.lock", 'version = 3\n[[package]]\nname = "x"\n', ""),
        ("package.json", '{"name": "x", "dependencies": {"a": "1"}}', ""),
        ("composer.json", '{"dependencies": []}', ""),
        ("x.json", '{"broken', ""),
        ("x.xml", '<project xmlns="http://maven.apache.org/POM/4.0.0"/>', ""),
        ("x", "", ""),
    ],
)
def test_a_name_and_a_content(name: str, text: str, known: str) -> None:
    assert format_of(name, text) == known
