"""Conda's files: environment.yml, conda-lock.yml and explicit lists."""

from __future__ import annotations

from pathlib import Path

import pytest

from envcheck.formats.tree import FormatError
from envcheck.locks import read
from envcheck.locks.conda_packages import channel_of, of_address, spec

FILES = Path(__file__).parent / "files"

ENVIRONMENT = """\
name: ml
channels:
  - pytorch
  - conda-forge
dependencies:
  - python=3.11
  - conda-forge::numpy=1.26.4
  - pytorch==2.4.0
  - pytorch-cuda=12.1
  - scipy>=1.11,<2
  - pandas=2.2.2=py311h320fe9a_1
  - libgcc-ng
  - cudatoolkit=11.8.0
  - pip
  - pip:
      - transformers==4.44.0
      - -r more.txt
      - --bogus
  - [nested]
variables:
  HF_HOME: /data/hf
  N: 3
"""


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("numpy", ("numpy", "", "", "", "")),
        ("numpy=1.26", ("numpy", "", "=1.26", "", "")),
        ("numpy=1.26.4", ("numpy", "1.26.4", "", "", "")),
        ("numpy==1.26", ("numpy", "1.26", "", "", "")),
        ("numpy=1.26.*", ("numpy", "", "=1.26.*", "", "")),
        ("numpy=1.26.4=py311_0", ("numpy", "1.26.4", "", "py311_0", "")),
        ("numpy==1.26.4=py311_0", ("numpy", "1.26.4", "", "py311_0", "")),
        ("pytorch=2.1=*cuda*", ("pytorch", "2.1", "", "", "")),
        ("numpy 1.26.4 py311_0", ("numpy", "1.26.4", "", "py311_0", "")),
        ("numpy >=1.26,<2", ("numpy", "", ">=1.26,<2", "", "")),
        ("numpy>=1.26|1.24.*", ("numpy", "", ">=1.26|1.24.*", "", "")),
        ("conda-forge::NumPy", ("numpy", "", "", "", "conda-forge")),
        ("conda-forge/linux-64::numpy=1.26.4", ("numpy", "1.26.4", "", "", "linux-64")),
        ("numpy[version='1.26.4', build=py311_0, channel=main]", ("numpy", "1.26.4", "", "py311_0", "main")),
        ("_libgcc_mutex=0.1=main", ("_libgcc_mutex", "0.1", "", "main", "")),
        ("no such thing", ("no", "", "such", "thing", "")),
        ("=1.0", ("", "", "", "", "")),
        ("", ("", "", "", "", "")),
    ],
)
def test_a_specification(written: str, told: tuple[str, ...]) -> None:
    assert spec(written) == told


def test_an_address_tells_the_package_and_its_channel() -> None:
    url = "https://u:p@conda.anaconda.org/t/secret-token/conda-forge/linux-64/numpy-1.26.4-py310hb13e2d6_0.conda"
    assert of_address(url) == ("numpy", "1.26.4", "py310hb13e2d6_0")
    assert channel_of(url) == "conda-forge"
    assert of_address("https://x.example/linux-64/numpy.conda") == ("", "", "")
    assert channel_of("numpy.conda") == ""


def test_an_environment() -> None:
    told = read(ENVIRONMENT, "environment.yml")
    assert told.complete == ()
    assert told.python is not None
    assert (told.python.version, told.python.line) == ("3.11", 6)
    assert [(one.line, one.kind, one.name, one.version or one.specifier) for one in told.packages] == [
        (6, "conda", "python", "=3.11"),
        (7, "conda", "numpy", "1.26.4"),
        (7, "package", "numpy", "1.26.4"),
        (8, "conda", "pytorch", "2.4.0"),
        (8, "package", "torch", "2.4.0"),
        (9, "conda", "pytorch-cuda", "=12.1"),
        (10, "conda", "scipy", ">=1.11,<2"),
        (10, "package", "scipy", ">=1.11,<2"),
        (11, "conda", "pandas", "2.2.2"),
        (11, "package", "pandas", "2.2.2"),
        (12, "conda", "libgcc-ng", ""),
        (13, "conda", "cudatoolkit", "11.8.0"),
        (14, "conda", "pip", ""),
        (14, "package", "pip", ""),
        (16, "package", "transformers", "4.44.0"),
    ]
    assert told.packages[1].channel == "conda-forge"
    assert told.packages[9].build == "py311h320fe9a_1"
    assert told.variables == (("HF_HOME", "/data/hf", 21), ("N", "3", 22))
    assert [(one.path, one.line) for one in told.includes] == [("more.txt", 17)]
    assert [(one.name, one.line) for one in told.unread] == [("--bogus", 18), ("dependencies", 19)]


def test_a_lock_of_two_platforms() -> None:
    text = (FILES / "conda-lock.yml").read_text()
    told = read(text, "conda-lock.yml")
    linux = ("sys_platform == 'linux' and platform_machine == 'x86_64'",)
    assert told.complete == ("conda", "package")
    assert told.python is not None
    assert told.python.version == "3.10.13"
    assert [(one.line, one.kind, one.name, one.version, one.markers, one.groups) for one in told.packages] == [
        (16, "conda", "bzip2", "1.0.8", (), ()),
        (28, "conda", "bzip2", "1.0.8", (), ()),
        (39, "conda", "python", "3.10.13", (), ()),
        (51, "conda", "python", "3.10.13", (), ()),
        (63, "conda", "numpy", "1.26.4", linux, ()),
        (63, "package", "numpy", "1.26.4", linux, ()),
        (76, "conda", "libgcc-ng", "13.2.0", linux, ()),
        (87, "conda", "tomli", "2.0.1", linux, ("dev",)),
        (87, "package", "tomli", "2.0.1", linux, ("dev",)),
        (99, "package", "requests", "2.31.0", (), ()),
        (109, "package", "requests", "2.31.0", (), ()),
    ]
    lines = text.splitlines()
    assert all(lines[one.line - 1].startswith("- name: ") for one in told.packages)
    numpy = told.packages[5]
    assert (numpy.build, numpy.channel) == ("py310hb13e2d6_0", "conda-forge")
    assert numpy.hashes == (
        "md5:6593de64c935768b6bad3e19b3e978be",
        "sha256:028fe2ea8e915a0a032b75165f11747770326f3d767e642880540c60a3256425",
    )


def test_a_genuine_explicit_list() -> None:
    told = read((FILES / "conda-linux-64.lock").read_text(), "conda explicit list")
    assert told.complete == ("conda", "package")
    assert told.python is not None
    assert (told.python.version, told.python.line) == ("3.10.13", 7)
    assert [(one.line, one.kind, one.name, one.version, one.build) for one in told.packages] == [
        (5, "conda", "libgcc-ng", "13.2.0", "h807b86a_3"),
        (6, "conda", "bzip2", "1.0.8", "hd590300_5"),
        (7, "conda", "python", "3.10.13", "hd12c33a_0_cpython"),
        (8, "conda", "numpy", "1.26.4", "py310hb13e2d6_0"),
        (8, "package", "numpy", "1.26.4", "py310hb13e2d6_0"),
        (9, "conda", "tomli", "2.0.1", "pyhd8ed1ab_0"),
        (9, "package", "tomli", "2.0.1", "pyhd8ed1ab_0"),
        (10, "package", "requests", "2.31.0", ""),
    ]
    assert told.packages[0].hashes == ("md5:23fdf1fef05baeb7eadc2aed5fb0011f",)
    assert told.packages[-1].hashes[0].startswith("sha256:58cd2187")


def test_what_an_explicit_list_says_and_is_no_address_is_kept_without_credentials() -> None:
    told = read("@EXPLICIT\nhttps://u:p@x.example/y.zip\n", "conda explicit list")
    assert [(one.name, one.problem, one.line) for one in told.unread] == [
        ("https://x.example/y.zip", "not the address of a conda package", 2)
    ]


@pytest.mark.parametrize("format_", ["environment.yml", "conda-lock.yml", "conda explicit list"])
@pytest.mark.parametrize("text", ["", "a: [", "- x\n", "a: *b\n", "[" * 5000, "a: 1\n---\nb: 2\n"])
def test_what_is_in_no_such_form(format_: str, text: str) -> None:
    with pytest.raises(FormatError):
        read(text, format_)


def test_wrong_types_are_kept() -> None:
    told = read("package: [1, [], {name: x}, {name: {}}, {version: 1}]\n", "conda-lock.yml")
    assert [one.name for one in told.packages] == ["x", "x"]
    assert len(told.unread) == 4
    told = read("dependencies: [{pip: x}, {npm: [y]}, '=', {}]\nvariables: [A=1]\n", "environment.yml")
    assert told.packages == ()
    assert len(told.unread) == 3
