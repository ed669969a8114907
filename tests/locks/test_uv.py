"""uv.lock: a genuine one, and each part of the form."""

from __future__ import annotations

from pathlib import Path

import pytest

from envcheck.formats.tree import FormatError
from envcheck.locks import read
from envcheck.locks.declaration import Declaration

FILES = Path(__file__).parent / "files"
OLD = "python_full_version < '3.11'"


def lock(*packages: str, head: str = "") -> Declaration:
    text = "version = 1\n" + head + "".join(f"\n[[package]]\n{package}\n" for package in packages)
    return read(text, "uv.lock")


def needed(told: Declaration) -> dict[str, tuple[object, object]]:
    return {package.name: (package.markers, package.groups) for package in told.packages}


def test_a_genuine_lock() -> None:
    told = read((FILES / "uv.lock").read_text(), "uv.lock")
    assert told.complete == ("package",)
    assert told.unread == ()
    assert told.python is not None
    assert (told.python.specifier, told.python.line) == (">=3.10", 3)
    found = [(one.line, one.name, one.version, one.markers, one.groups) for one in told.packages]
    assert found == [
        (10, "colorama", "0.4.6", ("sys_platform == 'win32'",), ()),
        (55, "exceptiongroup", "1.3.1", (OLD,), ("dev",)),
        (67, "importlib-metadata", "9.0.1", (OLD,), ()),
        (79, "iniconfig", "2.3.1", (), ("dev",)),
        (88, "markdown-it-py", "4.3.0", (), ("color",)),
        (100, "mdurl", "0.1.2", (), ("color",)),
        (109, "numpy", "2.2.6", (OLD,), ()),
        (122, "numpy", "2.4.6", ("python_full_version == '3.11.*'",), ()),
        (135, "numpy", "2.5.5", ("python_full_version >= '3.12'",), ()),
        (148, "packaging", "26.3", (), ("dev",)),
        (157, "pluggy", "1.7.0", (), ("dev",)),
        (166, "pygments", "2.21.0", (), ("color", "dev")),
        (175, "pytest", "9.2.0", (), ("dev",)),
        (193, "rich", "15.0.0", (), ("color",)),
        (206, "tomli", "2.5.0", (OLD,), ("dev",)),
        (216, "tqdm", "4.70.1", (), ()),
        (228, "typing-extensions", "4.16.0", (OLD,), ("dev",)),
        (237, "zipp", "4.1.2", (OLD,), ()),
    ]
    lines = (FILES / "uv.lock").read_text().splitlines()
    assert all(lines[one.line - 1] == "[[package]]" for one in told.packages)
    assert all(lines[one.line] == f'name = "{one.name}"' for one in told.packages)
    colorama = told.packages[0]
    assert colorama.hashes == (
        "sha256:08695f5cb7ed6e0531a20572697297273c47b8cae5a63ffc6d6ed5c201be6e44",
        "sha256:4f1d9991f5acc0ca119f9d443620b77f9d6b33703e51011c16baf57afb285fc6",
    )


@pytest.mark.parametrize(
    ("source", "direct_url", "editable"),
    [
        ('{ registry = "https://index.example/simple" }', "", ""),
        ('{ git = "https://u:p@git.example/x.git?rev=main#0123abc" }', "https://git.example/x.git@0123abc", ""),
        ('{ url = "https://files.example/x-1.0.tar.gz" }', "https://files.example/x-1.0.tar.gz", ""),
        ('{ path = "wheels/x-1.0-py3-none-any.whl" }', "wheels/x-1.0-py3-none-any.whl", ""),
        ('{ directory = "libs/x" }', "libs/x", ""),
        ('{ editable = "libs/x" }', "libs/x", "libs/x"),
    ],
)
def test_where_a_package_comes_from(source: str, direct_url: str, editable: str) -> None:
    [package] = lock(f'name = "x"\nversion = "1.0"\nsource = {source}').packages
    assert (package.direct_url, package.editable) == (direct_url, editable)


def test_a_virtual_project_is_not_installed_and_an_editable_one_is() -> None:
    wants = 'dependencies = [{ name = "b" }]'
    virtual = lock(f'name = "app"\nsource = {{ virtual = "." }}\n{wants}', 'name = "b"\nversion = "1"')
    assert needed(virtual) == {"b": ((), ())}
    editable = lock(f'name = "app"\nsource = {{ editable = "." }}\n{wants}', 'name = "b"\nversion = "1"')
    assert needed(editable) == {"app": ((), ()), "b": ((), ())}


def test_an_extra_of_a_dependency_brings_what_it_asks_for() -> None:
    told = lock(
        'name = "app"\nsource = { virtual = "." }\n'
        'dependencies = [{ name = "requests", extra = ["socks"], marker = "os_name == \'nt\'" }]',
        'name = "requests"\nversion = "2"\ndependencies = [{ name = "idna" }]\n'
        '[package.optional-dependencies]\nsocks = [{ name = "pysocks" }]\nuse = [{ name = "chardet" }]',
        'name = "idna"\nversion = "3"',
        'name = "pysocks"\nversion = "1"',
        'name = "chardet"\nversion = "5"',
    )
    nt = ("os_name == 'nt'",)
    assert needed(told) == {"requests": (nt, ()), "idna": (nt, ()), "pysocks": (nt, ()), "chardet": (None, None)}
    assert told.packages[3].unclear == "nothing in the lock asks for it"


def test_the_members_of_a_workspace_are_its_roots() -> None:
    told = lock(
        'name = "a"\nversion = "1"\nsource = { editable = "packages/a" }\ndependencies = [{ name = "x" }]',
        'name = "b"\nversion = "1"\nsource = { editable = "packages/b" }\ndependencies = [{ name = "y" }]',
        'name = "x"\nversion = "1"',
        'name = "y"\nversion = "1"',
        head='[manifest]\nmembers = ["a", "b"]\n',
    )
    assert set(needed(told).values()) == {((), ())}


def test_a_script_and_the_groups_of_a_workspace_without_a_project_are_roots() -> None:
    head = (
        '[manifest]\nrequirements = [{ name = "x", specifier = ">=1" }]\n'
        '[manifest.dependency-groups]\nlint = [{ name = "y" }]\n'
    )
    told = lock('name = "x"\nversion = "1"', 'name = "y"\nversion = "1"', head=head)
    assert needed(told) == {"x": ((), ()), "y": ((), ("lint",))}


def test_a_group_that_asks_without_a_condition_leaves_none() -> None:
    told = lock(
        'name = "app"\nsource = { virtual = "." }\n'
        "[package.dev-dependencies]\n"
        'one = [{ name = "x", marker = "os_name == \'nt\'" }]\ntwo = [{ name = "x" }]\n',
        'name = "x"\nversion = "1"',
    )
    assert needed(told) == {"x": ((), ("one", "two"))}


def test_more_conditions_than_are_kept_are_said_to_be_unknown() -> None:
    wants = ", ".join(f'{{ name = "x", marker = "python_version == \'3.{number}\'" }}' for number in range(9))
    told = lock(f'name = "app"\nsource = {{ virtual = "." }}\ndependencies = [{wants}]', 'name = "x"\nversion = "1"')
    assert (told.packages[0].markers, told.packages[0].unclear) == (None, "more than 8 alternatives")


@pytest.mark.parametrize(
    ("text", "line", "problem"),
    [
        ("", 1, "a uv.lock has a version"),
        ("version = 1\n[[package]\n", 0, "not valid TOML"),
        ("a = " + "[" * 3000, 0, "not usable TOML"),
    ],
)
def test_what_is_no_uv_lock(text: str, line: int, problem: str) -> None:
    with pytest.raises(FormatError, match=problem) as caught:
        read(text, "uv.lock")
    assert caught.value.line == line


def test_wrong_types_are_no_packages() -> None:
    told = read('version = 1\npackage = [1, "x", {name = 3}, {name = "../x"}, {version = "1"}, []]\n', "uv.lock")
    assert [package.name for package in told.packages] == ["3"]
    assert {unread.problem for unread in told.unread} == {"a package without a name", "not the name of a package"}
