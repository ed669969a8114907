"""Requirements files: what pip understands, and pip-api as the oracle where it is right."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from envcheck.locks import read
from envcheck.locks.declaration import Declared, Include

FILES = Path(__file__).parent / "files"


def one(text: str) -> Declared:
    told = read(text, "requirements")
    assert told.unread == ()
    assert len(told.packages) == 1
    return told.packages[0]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("torch==2.4.0", {"name": "torch", "version": "2.4.0"}),
        ("torch == 2.4.0+cu121  # about it", {"version": "2.4.0+cu121"}),
        ("torch===2.4.0", {"version": "2.4.0"}),
        ("numpy>=1.26,<3", {"version": "", "specifier": ">=1.26,<3"}),
        ("numpy==1.26.*", {"version": "", "specifier": "==1.26.*"}),
        ("numpy>=1.26,==1.26.4", {"version": "1.26.4", "specifier": ""}),
        ("Typing_Extensions", {"name": "Typing_Extensions", "version": "", "specifier": ""}),
        ("requests [security] >= 2.8.1, == 2.8.* ; python_version < '2.7'", {"markers": ("python_version < '2.7'",)}),
        (
            'torch==2.4.0; sys_platform == "linux" and python_version >= "3.9"',
            {"version": "2.4.0", "markers": ('sys_platform == "linux" and python_version >= "3.9"',)},
        ),
        (
            'demo @ https://files.example/demo-1.2.tar.gz#sha256=ab ; os_name == "posix"',
            {
                "version": "1.2",
                "direct_url": "https://files.example/demo-1.2.tar.gz",
                "hashes": ("sha256:ab",),
                "markers": ('os_name == "posix"',),
            },
        ),
        ("demo @ git+https://git.example/demo@v1", {"version": "", "direct_url": "https://git.example/demo@v1"}),
        ("./wheels/numpy-1.9.2-cp34-none-win32.whl", {"name": "numpy", "version": "1.9.2"}),
        ("numpy-1.9.2-cp34-none-win32.whl", {"name": "numpy", "version": "1.9.2"}),
        ("https://u:p@files.example/a_b-1.0-py3-none-any.whl", {"name": "a_b", "version": "1.0"}),
        ("https://files.example/archive/main.zip#egg=demo", {"name": "demo", "version": ""}),
        (
            "-e git+https://t0ken@git.example/x/y.git@abc#egg=y",
            {"name": "y", "direct_url": "https://git.example/x/y.git@abc"},
        ),
        ("\N{ZERO WIDTH NO-BREAK SPACE}six==1".removeprefix("\ufeff"), {"version": "1"}),
    ],
)
def test_a_line(line: str, told: dict[str, object]) -> None:
    declared = one(line + "\n").as_dict()
    assert {key: declared[key] for key in told} == told


@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
def test_lines_go_on_and_keep_the_number_of_the_first(ends: str) -> None:
    text = ends.join(
        [
            "# head",
            "click==8.1.7 \\",
            "    --hash=sha256:bb \\",
            "    --hash sha256:aa",
            "    # via app",
            "six==1.16.0 \\",
            "# a comment ends a line that was to go on",
            "attrs \\",
            "  >= 23",
            "last==1 \\",
        ]
    )
    told = read(text, "requirements")
    assert [(package.name, package.line, package.hashes) for package in told.packages] == [
        ("click", 2, ("sha256:aa", "sha256:bb")),
        ("six", 6, ()),
        ("attrs", 8, ()),
        ("last", 10, ()),
    ]
    assert told.packages[2].specifier == ">= 23"


def test_other_files_and_folders_are_named_with_their_lines() -> None:
    text = (
        "-r base.txt\n--requirement=more.txt\n-cpins.txt\n--constraint pins2.txt\n"
        "-e .[gpu]\n./lib\nfile:///srv/x\n-e file:///srv/y\n"
    )
    told = read(text, "requirements")
    assert told.includes == (
        Include(kind="requirements", path="base.txt", line=1),
        Include(kind="requirements", path="more.txt", line=2),
        Include(kind="constraints", path="pins.txt", line=3),
        Include(kind="constraints", path="pins2.txt", line=4),
        Include(kind="editable", path=".", line=5),
        Include(kind="project", path="./lib", line=6),
        Include(kind="editable", path="/srv/y", line=8),
    )
    assert [unread.line for unread in told.unread] == [7], "an address of a folder that does not tell a name"


def test_where_pip_looks_is_no_package() -> None:
    text = (
        "--index-url https://u:p@index.example/simple\n-i https://index.example\n--extra-index-url=https://x.example\n"
        "-f wheels\n--no-index\n--pre\n--prefer-binary\n--trusted-host x.example\n--only-binary :all:\n--no-binary=x\n"
    )
    told = read(text, "requirements")
    assert (told.packages, told.unread, told.includes) == ((), (), ())


@pytest.mark.parametrize(
    ("line", "name", "problem"),
    [
        ("what is this", "what is this", "not a requirement"),
        ("torch=2.4.0", "torch=2.4.0", "not a requirement"),
        ("torch==${TORCH}", "torch==${TORCH}", "not a requirement"),
        ("--bogus x", "--bogus x", "not an option of requirements files"),
        ("six==1 --hash", "six==1 --hash", "an option without its value"),
        ("six --hash='sha256:a", "six --hash='sha256:a", "No closing quotation"),
        ("-r", "-r", "an option without its value"),
        (
            "git+https://t0ken@git.example/x",
            "https://git.example/x",
            "an address that does not tell the name of the package",
        ),
        ("- torch==1", "- torch==1", "not an option of requirements files"),
        ("torch" + "\N{LATIN SMALL LETTER E WITH ACUTE}==1", "torché==1", "not a requirement"),
    ],
)
def test_what_is_not_understood_is_kept(line: str, name: str, problem: str) -> None:
    told = read(f"six\n{line}\n", "requirements")
    assert [package.name for package in told.packages] == ["six"]
    assert [(unread.name, unread.problem, unread.line) for unread in told.unread] == [(name, problem, 2)]


@pytest.mark.parametrize(
    ("text", "hashed"),
    [
        ("six==1 --hash=sha256:aa\nclick==8 --hash=sha256:bb\n", True),
        ("six==1 --hash=sha256:aa\nclick==8\n", False),
        ("--require-hashes\nsix==1\n", True),
        ("", False),
        ("-r more.txt\n", False),
        ("six==1 --hash=sha256:aa\n-e .\n", False),
    ],
)
def test_pip_refuses_everything_else_where_all_lines_are_hashed(text: str, hashed: bool) -> None:  # noqa: FBT001
    assert read(text, "requirements").hashed is hashed


def test_a_genuine_export_is_read_whole() -> None:
    told = read((FILES / "compiled.txt").read_text(), "requirements")
    assert told.hashed
    assert told.unread == ()
    numpy = [package for package in told.packages if package.name == "numpy"]
    assert [(package.line, package.version, package.markers) for package in numpy] == [
        (30, "2.2.6", ("python_full_version < '3.11'",)),
        (34, "2.4.6", ("python_full_version == '3.11.*'",)),
        (38, "2.5.5", ("python_full_version >= '3.12'",)),
    ]


# What pip-api 0.0.35 reads as pip does. It is not used to read users' files: its import runs `python -m pip` in the
# current folder, it leaves out lines whose marker does not hold where it runs, refuses a name that stands twice, takes
# `-c` for a package and two conditions joined by `and` for no requirement.
def test_pip_api_reads_the_same(tmp_path: Path) -> None:
    pip_api: Any = import_module("pip_api")
    text = """\
# comment
six==1.16.0
numpy>=1.26,<3
requests[socks] == 2.31.0
torch==2.4.0; python_version >= "3"
click==8.1.7 --hash=sha256:bb --hash=sha512:aa
--index-url https://index.example/simple
https://files.example/attrs-23.1.0-py3-none-any.whl
-r more.txt
"""
    (tmp_path / "requirements.txt").write_text(text)
    (tmp_path / "more.txt").write_text("idna==3.7\n")
    theirs = {}
    parsed = pip_api.parse_requirements(tmp_path / "requirements.txt")
    for name, found in parsed.items():
        specifiers = {str(specifier) for specifier in found.specifier}
        hashes = sorted(f"{kind}:{value}" for kind, values in (found.hashes or {}).items() for value in values)
        theirs[name] = (specifiers, hashes, str(found.marker or ""))
    ours = {}
    for package in (*read(text, "requirements").packages, *read("idna==3.7\n", "requirements").packages):
        specifier = f"=={package.version}" if package.version else package.specifier
        ours[package.name] = (set(specifier.split(",")), list(package.hashes), "".join(package.markers or ()))
    assert ours == theirs
