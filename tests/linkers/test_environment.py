"""Whole environments: what is linked, what is left out, and that no order changes anything."""

from __future__ import annotations

import os
import sys
from itertools import permutations
from typing import TYPE_CHECKING

import pytest

from envcheck import pipeline
from envcheck.linkers import environment
from tests.linkers.built import KINDS, PACKAGES, TAG, Venv, filled, linked, write

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture
def venv(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Venv:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return filled(Venv(tmp_path))


# What is linked


def test_breaks_of_all_kinds_in_one_environment(venv: Venv):
    assert venv.told() == [
        "a b.gone: name, import",
        "b c.gone2: attribute, import",
        "c b.gone3: name, call",
        "c b.gone4: name, guarded",
        "e nothing: module, import",
    ]
    assert venv.links()["e nothing"]["breaks"] == ("ns.e", "ns.f"), "packages in a namespace are at the top, too"


def test_counts(venv: Venv):
    files = sum(map(len, PACKAGES.values())) + 3 * len(PACKAGES)
    assert [venv.count(name) for name in ("binaries", "files")] == [1, files]
    assert venv.count("modules") >= len(PACKAGES)
    assert venv.count("imports") > 0


def test_an_environment_without_anything(tmp_path: Path):
    assert [(fact.attribute, fact.value) for fact in linked(Venv(tmp_path))] == [
        ("binaries", 0),
        ("files", 0),
        ("imports", 0),
        ("modules", 0),
        ("undetermined", 0),
    ]


def test_no_environment_is_a_gap(tmp_path: Path):
    venv = Venv(tmp_path)
    coverage = venv.collected(venv.target().replace(layout=None, layout_problem="there is none")).coverage
    assert {coverage[kind].reason for kind in KINDS} == {"there is none"}


def test_quick_leaves_all_out_and_says_so(venv: Venv, monkeypatch: pytest.MonkeyPatch):
    address, where = f"python:{venv.prefix}", str(venv.project)
    with monkeypatch.context() as patch:
        patch.setattr(environment, "Environment", None)
        snapshot = pipeline.collect(address, cwd=where, environ={}, cached=False, quick=True)
    assert [snapshot.coverage[kind].status for kind in KINDS] == ["not collected"] * 4
    assert {snapshot.coverage[kind].reason for kind in KINDS} == {"left out by --quick"}
    assert not [fact for fact in snapshot.facts if fact.entity[0] in KINDS]
    whole = pipeline.collect(address, cwd=where, environ={}, cached=False)
    assert [fact for fact in whole.facts if fact.entity[0] in KINDS] == linked(venv)
    assert [whole.coverage[kind].status for kind in ("link", "file", "links")] == ["complete"] * 3
    assert [status.outcome for status in whole.collectors if status.name == "linkers"] == ["partial"], (
        "no loader's cache"
    )


def test_a_record_that_cannot_be_read_is_a_gap(venv: Venv):
    (venv.site / "b-1.0.dist-info" / "RECORD").unlink()
    (venv.site / "b-1.0.dist-info" / "RECORD").mkdir()
    into = venv.collected()
    assert into.coverage["link"].status == "partial"
    assert into.coverage["link"].reason.startswith(f"{venv.site}/b-1.0.dist-info/RECORD: ")
    assert "a b.gone" in venv.links()


# Laws


def test_the_order_of_distributions_changes_nothing(tmp_path: Path):
    """Neither the order in which they lie in the folder nor that of their names."""
    found = []
    for number, order in enumerate([tuple(PACKAGES), tuple(reversed(PACKAGES))]):
        (tmp_path / str(number)).mkdir()
        venv = filled(Venv(tmp_path / str(number)), order)
        root = str(tmp_path / str(number))
        found.append([(fact.entity, fact.attribute, repr(fact.value).replace(root, "")) for fact in linked(venv)])
    assert found[0] == found[1]


def test_the_names_of_distributions_change_nothing(tmp_path: Path):
    sources = ["import {1}\n{1}.x = 1\n", "y = 1\n", "from {1} import x, y\nfrom {1} import z\n", "import {2}\n"]
    found = []
    for number, names in enumerate(permutations("abcd")):
        (tmp_path / str(number)).mkdir()
        venv = Venv(tmp_path / str(number))
        for name, source in zip(names, sources, strict=True):
            venv.module(name, source.format(*names))
        roles = dict(zip(names, "0123", strict=True))
        found += [
            (roles[key[0]], roles[key[2]], key[4:], one["reach"], sorted(roles[top] for top in one["breaks"]))
            for key, one in venv.links().items()
        ]
    assert found == [("2", "1", "z", "import", ["2", "3"])] * 24


def test_the_cache_changes_nothing(venv: Venv):
    fresh = linked(venv)
    assert linked(venv, cached=True) == fresh
    assert linked(venv, cached=True) == fresh
    assert linked(venv) == fresh


# What a later run notices


def _truncated(venv: Venv) -> None:
    os.truncate(venv.site / "b/__init__.py", 3)


def _deleted(venv: Venv) -> None:
    (venv.site / "b/__init__.py").unlink()


def _deleted_folder(venv: Venv) -> None:
    (venv.site / "b/__init__.py").unlink()
    (venv.site / "b/inner.py").unlink()
    (venv.site / "b").rmdir()


def _half_upgraded(venv: Venv) -> None:
    write(venv.site, "c/__init__.py", "gone = gone2 = 1\n")


def _same_size(venv: Venv) -> None:
    before = (venv.site / "b/inner.py").read_bytes()
    write(venv.site, "b/inner.py", before.replace(b"gone2", b"gone4"))


def _compiled_truncated(venv: Venv) -> None:
    os.truncate(venv.site / f"c/_c.{TAG}.so", 40)


def _compiled_deleted(venv: Venv) -> None:
    (venv.site / f"c/_c.{TAG}.so").unlink()


def _module_added(venv: Venv) -> None:
    write(venv.site, "nothing.py", "")


def _shadow_added(venv: Venv) -> None:
    write(venv.project, "c.py", "late = gone = gone2 = 1\n")


def _pth_added(venv: Venv) -> None:
    write(venv.site, "x.pth", "import sys; sys.meta_path.append(x)\n")


def _installed(venv: Venv) -> None:
    venv.module("g", "import gone\n")


def _uninstalled(venv: Venv) -> None:
    (venv.site / "a-1.0.dist-info" / "RECORD").unlink()


def _not_imported_by_the_top(venv: Venv) -> None:
    (venv.site / "c/lazy.py").unlink()


def _standard_library_added(venv: Venv) -> None:
    write(venv.stdlib, "nothing.py", "x = 1\n")


@pytest.mark.parametrize(
    "change",
    [
        _truncated,
        _deleted,
        _deleted_folder,
        _half_upgraded,
        _same_size,
        _compiled_truncated,
        _compiled_deleted,
        _module_added,
        _shadow_added,
        _pth_added,
        _installed,
        _uninstalled,
        _not_imported_by_the_top,
        _standard_library_added,
    ],
)
def test_a_change_is_noticed_by_the_next_run(venv: Venv, change: Callable[[Venv], None]):
    """Whatever changes, a run with the cache finds what a run without it does."""
    before = linked(venv, cached=True)
    change(venv)
    after = linked(venv, cached=True)
    assert after == linked(venv)
    assert after != before
    assert linked(venv, cached=True) == after


@pytest.mark.parametrize("variable", ["PYTHONPATH", "PYTHONSAFEPATH"])
def test_variables_that_change_imports_are_noticed(venv: Venv, tmp_path: Path, variable: str):
    write(venv.project, "nothing.py", "x = 1\n")
    write(tmp_path, "more/b.py", "gone = gone3 = 1\n")
    before = linked(venv, cached=True)
    venv.environ = {variable: str(tmp_path / "more")}
    assert linked(venv, cached=True) == linked(venv) != before


def test_another_folder_of_the_program_is_noticed(venv: Venv, tmp_path: Path):
    before = linked(venv, cached=True)
    venv.project = tmp_path / "other"
    write(venv.project, "nothing.py", "x = 1\n")
    assert linked(venv, cached=True) == linked(venv) != before


@pytest.mark.parametrize(
    ("path", "anew"), [("run.log", False), ("result.json", False), ("b.py", True), ("b", True), (f"b.{TAG}.so", True)]
)
def test_what_a_program_writes_into_its_folder_is_no_new_module(
    venv: Venv, monkeypatch: pytest.MonkeyPatch, path: str, *, anew: bool
):
    linked(venv, cached=True)
    (venv.project / path).mkdir() if path == "b" else (venv.project / path).write_text("")
    runs: list[object] = []
    real = environment.Environment.link

    def link(self: environment.Environment) -> object:
        runs.append(self)
        return real(self)

    monkeypatch.setattr(environment.Environment, "link", link)
    assert linked(venv, cached=True) == linked(venv)
    assert len(runs) == 1 + anew


def test_another_python_is_noticed(venv: Venv):
    venv.module("g", "import asyncore\n")
    before = linked(venv, cached=True)
    target = venv.target()
    assert target.layout is not None
    newer = target.replace(layout=target.layout.replace(version="3.12.0"))
    after = [fact for fact in venv.collected(newer, cached=True).facts if fact.entity[0] in KINDS]
    assert after != before
    assert ("g", "asyncore") in {fact.entity[1:] for fact in after if fact.entity[0] == "link"}


# Bad input


def test_records_with_odd_paths(venv: Venv):
    expected = venv.told()
    odd = [
        "../../../x.py",
        "/etc/passwd",
        "g/../g.py",
        "g/\x01.py",
        "g//h.py",
        ".py",
        "g/.py",
        "g\\h.py",
        "x" * 5000 + "/y.py",
    ]
    venv.install("g", {"g/__init__.py": ""})
    with (venv.site / "g-1.0.dist-info" / "RECORD").open("a") as file:
        file.writelines(f"{path},sha256=x,1\n" for path in odd)
    assert venv.told() == expected


def test_a_long_chain_of_imports(tmp_path: Path):
    count = 300
    files = {f"a/m{number}.py": f"from . import m{number + 1}\n" for number in range(count)}
    venv = Venv(tmp_path).install(
        "a", {"a/__init__.py": "from . import m0\n", **files, f"a/m{count}.py": "import gone\n"}
    )
    before = sys.getrecursionlimit()
    assert venv.told() == ["a gone: module, import"]
    assert sys.getrecursionlimit() == before
