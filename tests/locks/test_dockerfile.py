"""Dockerfiles: stages, variables, and what their commands install."""

from __future__ import annotations

import pytest

from envcheck.formats.tree import FormatError
from envcheck.locks import read
from envcheck.locks.declaration import Declaration
from envcheck.locks.shell import commands, words

REAL = """\
# syntax=docker/dockerfile:1
ARG CUDA=12.1.1
FROM --platform=linux/amd64 nvidia/cuda:${CUDA}-cudnn8-devel-ubuntu22.04@sha256:abc AS base
ENV DEBIAN_FRONTEND=noninteractive \\
    # a comment does not end it
    CUDA_HOME=/usr/local/cuda

RUN apt-get update && apt-get install -y --no-install-recommends \\
      git=1:2.34.1-1ubuntu1 \\
      # about this one
      libnccl2=2.18.3-1+cuda12.1 && \\
    rm -rf /var/lib/apt/lists/*

FROM python:3.11.7-slim AS builder
RUN pip install black==23.1.0

FROM base
ARG TORCH=2.1.2
ENV GREETING hello  world
RUN --mount=type=cache,target=/root/.cache pip3 install --no-cache-dir "torch==${TORCH}+cu121" \\
    'torchvision==0.16.2' transformers>=4 \\
    --index-url https://u:p@download.example/whl \\
    -r requirements.txt
RUN ["python", "-m", "pip", "install", "numpy==1.26.4", "scipy"]
RUN <<EOF
set -e
uv pip install --system accelerate==0.25.0
conda install -y -c pytorch faiss-gpu=1.7.4=py311h1 python=3.11
EOF
RUN pip install "flash-attn==$FLASH" && pip install torch
CMD ["python"]
"""


def told(declaration: Declaration) -> list[tuple[int, str, str, str]]:
    return [(one.line, one.kind, one.name, one.version) for one in declaration.packages]


def installed(run: str, head: str = "") -> list[tuple[str, str, str]]:
    found = read(f"FROM scratch\n{head}RUN {run}\n", "Dockerfile").packages
    return [(one.kind, one.name, one.version or one.specifier) for one in found]


def test_a_file_of_three_stages() -> None:
    declaration = read(REAL, "Dockerfile")
    assert told(declaration) == [
        (3, "image", "nvidia/cuda", "12.1.1-cudnn8-devel-ubuntu22.04"),
        (9, "system", "git", "1:2.34.1-1ubuntu1"),
        (11, "system", "libnccl2", "2.18.3-1+cuda12.1"),
        (14, "image", "python", "3.11.7-slim"),
        (20, "package", "torch", "2.1.2+cu121"),
        (21, "package", "torchvision", "0.16.2"),
        (21, "package", "transformers", ""),
        (24, "package", "numpy", "1.26.4"),
        (24, "package", "scipy", ""),
        (27, "package", "accelerate", "0.25.0"),
        (28, "conda", "faiss-gpu", "1.7.4"),
        (28, "package", "faiss-gpu", "1.7.4"),
        (28, "conda", "python", ""),
    ]
    base = declaration.packages[0]
    assert (base.hashes, base.build) == (("sha256:abc",), "linux/amd64")
    assert declaration.variables == (
        ("CUDA_HOME", "/usr/local/cuda", 6),
        ("DEBIAN_FRONTEND", "noninteractive", 4),
        ("GREETING", "hello world", 19),
    )
    assert declaration.python is not None
    assert (declaration.python.version, declaration.python.line) == ("3.11", 28)
    assert [(one.name, one.line) for one in declaration.unread] == [
        ("requirements.txt", 23),
        ("flash-attn==$FLASH", 30),
    ]


def test_a_stage_that_files_are_taken_from_counts() -> None:
    text = (
        "FROM python:3.11.7 AS builder\nRUN pip install torch==2.4.0\nFROM python:3.12-slim AS unused\n"
        "RUN pip install six==1\nFROM python:3.11-slim\nCOPY --from=builder /venv /venv\n"
    )
    declaration = read(text, "Dockerfile")
    assert [one.name for one in declaration.packages if one.kind == "package"] == ["torch"]
    assert declaration.python is not None
    assert (declaration.python.version, declaration.python.line) == ("3.11", 5)
    by_number = read(text.replace("--from=builder", "--chown=1 --from=0"), "Dockerfile")
    assert [one.name for one in by_number.packages if one.kind == "package"] == ["torch"]


@pytest.mark.parametrize(
    ("image", "version", "specifier"),
    [
        ("python:3.11.7-slim-bookworm", "3.11.7", ""),
        ("docker.io/library/python:3.12", "3.12", ""),
        ("python:3", "", "==3.*"),
        ("python:3.13.0rc2", "3.13.0rc2", ""),
    ],
)
def test_the_official_image_tells_python(image: str, version: str, specifier: str) -> None:
    python = read(f"FROM {image}\n", "Dockerfile").python
    assert python is not None
    assert (python.version, python.specifier) == (version, specifier)


@pytest.mark.parametrize("image", ["python", "python:latest", "registry.example/python:3.11", "ubuntu:22.04"])
def test_other_images_do_not(image: str) -> None:
    python = read(f"FROM {image}\n", "Dockerfile").python
    assert python is None or not python.version


@pytest.mark.parametrize(
    ("image", "name", "tag"),
    [
        ("registry.example:5000/team/app", "registry.example:5000/team/app", ""),
        ("registry.example:5000/team/app:1.0", "registry.example:5000/team/app", "1.0"),
        ("app@sha256:ab", "app", ""),
    ],
)
def test_an_image(image: str, name: str, tag: str) -> None:
    assert told(read(f"from {image} as x\n", "Dockerfile")) == [(1, "image", name, tag)]


@pytest.mark.parametrize(
    ("run", "found"),
    [
        ("pip install six==1", [("package", "six", "1")]),
        ("/opt/venv/bin/pip3.11 --no-cache-dir install six==1", [("package", "six", "1")]),
        ("python3.11 -m pip install -U pip==24.0", [("package", "pip", "24.0")]),
        ("PIP_NO_CACHE=1 sudo -H pip install six==1", []),
        ("PIP_NO_CACHE=1 sudo pip install six==1", [("package", "six", "1")]),
        ("set -ex; pip install six==1 || true", [("package", "six", "1")]),
        ("if true; then pip install six==1; fi", [("package", "six", "1")]),
        ("pip install 'numpy<2' \"scipy~=1.11\"", [("package", "numpy", "<2"), ("package", "scipy", "~=1.11")]),
        ("pip install numpy 2>/dev/null >log", [("package", "numpy", "")]),
        ("pip install numpy<2", [("package", "numpy", "")]),
        ("pip install --target /x -i https://x.example six==1 # and more==2", [("package", "six", "1")]),
        ("pip install https://x.example/six-1.0-py3-none-any.whl", [("package", "six", "1.0")]),
        ("pip download six==1 && pip uninstall click", []),
        ("echo pip install six==1", []),
        ("uv pip install --system six==1", [("package", "six", "1")]),
        ("mamba install -n base -c conda-forge libblas=3.9.0", [("conda", "libblas", "3.9.0")]),
        ("conda create -y -n x openssl=3.1.4", [("conda", "openssl", "3.1.4")]),
        ("apt install -y -t stable libc6:amd64=2.36-9", [("system", "libc6", "2.36-9")]),
        ("apt-get install -y curl cuda-toolkit=12.*", [("system", "curl", ""), ("system", "cuda-toolkit", "12.*")]),
        (
            "apk add --no-cache -t deps gcc=13.2.1_git-r1 'musl-dev>1.2'",
            [("system", "gcc", "13.2.1_git-r1"), ("system", "musl-dev", ">1.2")],
        ),
        ("pip install six==1 && pip install six==2", [("package", "six", "2")]),
        ("pip install six==1 && pip install six", [("package", "six", "1")]),
        ("pip install six==1 && pip install 'six>=2'", [("package", "six", ">=2")]),
        ("$(which pip) install six==1", []),
        ('pip install "six==1', [("package", "six", "1")]),
    ],
)
def test_what_a_command_installs(run: str, found: list[tuple[str, str, str]]) -> None:
    assert installed(run) == found


@pytest.mark.parametrize(
    ("run", "head", "found"),
    [
        ("pip install six==$V", "ARG V=1\n", "1"),
        ("pip install six==${V}", "ARG V=1\nENV V=2\n", "2"),
        ("pip install six==${V:-3}", "", "3"),
        ("pip install six==${V:-3}", "ENV V=4\n", "4"),
        ("pip install six${V:+==5}", "ENV V=4\n", "5"),
        ("pip install six==$V", "ENV W=6 V=$W\n", ""),
        ("pip install six==$V", "ENV W=6\nENV V=$W\n", "6"),
    ],
)
def test_variables(run: str, head: str, found: str) -> None:
    assert [version for _, _, version in installed(run, head)] == ([found] if found else [])


def test_an_argument_before_the_first_stage_must_be_repeated() -> None:
    head = "ARG V=1\nFROM scratch\n"
    assert read(head + "RUN pip install six==$V\n", "Dockerfile").packages == ()
    assert read(head + "ARG V\nRUN pip install six==$V\n", "Dockerfile").packages[0].version == "1"


def test_what_depends_on_a_build_argument_is_kept() -> None:
    declaration = read(
        "ARG TAG\nFROM app:$TAG\nARG V\nRUN pip install six==$V $(cat extra)\nWHAT is this\n", "Dockerfile"
    )
    assert [(one.name, one.problem, one.line) for one in declaration.unread] == [
        ("app:$TAG", "depends on an argument that has no default", 2),
        ("WHAT", "not an instruction of Dockerfiles", 5),
        ("six==$V", "depends on a variable or a command whose value is not in the file", 4),
        ("$(cat extra)", "depends on a variable or a command whose value is not in the file", 4),
    ]


def test_another_escape_and_windows_lines() -> None:
    text = "# escape=`\r\nFROM scratch\r\nRUN pip install `\r\n  six==1 `\r\n  click==8\r\n"
    assert told(read(text, "Dockerfile")) == [(4, "package", "six", "1"), (5, "package", "click", "8")]


@pytest.mark.parametrize("text", ["", "# only a comment\n", "RUN pip install six\n", "services: {}\n", "\\\n\\\n"])
def test_without_a_base_it_is_no_dockerfile(text: str) -> None:
    with pytest.raises(FormatError, match="has a FROM"):
        read(text, "Dockerfile")


def test_words_and_commands() -> None:
    assert [word for word, _ in words("a=1 'b c' \"d $e\" f\\ g", {"e": "E"})] == ["a=1", "b c", "d E", "f g"]
    text = "a 'b;c' && d > out.txt 2>&1 | e \"f#g\" h#i # j\nk"
    assert [[word for word, _ in found] for found in commands(text, {})] == [
        ["a", "b;c"],
        ["d"],
        ["e", "f#g", "h#i"],
        ["k"],
    ]
    assert commands("a  bc", {}) == [[("a", 0), ("bc", 3)]]
