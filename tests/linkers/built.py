"""Environments that are built for the linkers to judge: whole ones, and compiled or generated files alone."""

from __future__ import annotations

import json
import subprocess
import sys
import textwrap
from typing import TYPE_CHECKING, Any

from envcheck import linkers
from envcheck.collectors import Collection, packages
from envcheck.linkers.abi import judge
from envcheck.linkers.finder import Finder
from envcheck.linkers.inventory import take_inventory
from envcheck.linkers.kept import Kept
from envcheck.linkers.misfits import Misfit, Surroundings
from envcheck.linkers.offers import Offers
from envcheck.linkers.sources import Sources
from envcheck.linkers.view import View
from envcheck.pysource.conditions import Python
from envcheck.targets import open_target
from envcheck.targets.files import LocalFiles
from tests.environments import make_venv, site_packages
from tests.modules import elf

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from envcheck.model.facts import Fact
    from envcheck.targets.target import Target

TAG = "cpython-311-x86_64-linux-gnu"
PACKAGES: dict[str, dict[str, str | bytes]] = {
    "a": {"a/__init__.py": "from b import gone\n"},
    "b": {"b/__init__.py": "import c\nc.late = 1\n", "b/inner.py": "import c\nc.gone2\n"},
    "c": {
        "c/__init__.py": "def run():\n    from b import gone3\n",
        "c/lazy.py": "from b import gone4\n",
        f"c/_c.{TAG}.so": elf(),
    },
    "d": {"d/__init__.py": "from c import late\nfrom b.inner import x\n"},
    "e": {"ns/e/__init__.py": "import nothing\n"},
    "f": {"ns/f/__init__.py": "from ns.e import x\n", "ns/f/g.py": ""},
}
KINDS = ("link", "binary", "file", "links")
NEEDS_NUMPY = {"a": ("numpy>=1.20",)}


class Here:
    """An environment in which a judgement is asked for."""

    def __init__(self, site: Path, **versions: str) -> None:
        self.site = site
        self.versions = versions
        self.files: list[tuple[str, str]] = []

    def add(self, owner: str, path: str, content: bytes) -> Here:
        info = self.site / f"{owner}-1.dist-info"
        info.mkdir(exist_ok=True)
        with (info / "RECORD").open("a") as record:
            record.write(f"{path},sha256=x,{len(content)}\n")
        (self.site / path).parent.mkdir(parents=True, exist_ok=True)
        (self.site / path).write_bytes(content)
        self.files.append((owner, f"{self.site}/{path}"))
        return self

    def judge(
        self,
        *,
        requires: dict[str, tuple[str, ...]] | None = None,
        environ: dict[str, str] | None = None,
        kept: Kept | None = None,
    ) -> list[Misfit]:
        view = View(LocalFiles())
        around = Surroundings(
            view=view,
            inventory=take_inventory(view, [str(self.site)]),
            kept=kept or Kept("x", 1, cached=False),
            versions={"a": "1", **self.versions},
            requires=NEEDS_NUMPY if requires is None else requires,
            environ=environ,
        )
        modules = [entry for entry in self.files if not entry[1].endswith(".py")]
        generated = [entry for entry in self.files if entry[1].endswith(".py")]
        return list(judge(around, modules, generated))


def told(misfits: list[Misfit]) -> list[tuple[str, str, bool]]:
    return [(one.word, one.wants, one.proven) for one in misfits]


class Venv:
    """A virtual environment made of files alone, beside the standard library of its Python and a project's folder."""

    def __init__(self, folder: Path, python: str = "3.11.7") -> None:
        self.prefix = make_venv(folder / "venv", python=python)
        self.site = site_packages(self.prefix)
        self.stdlib = folder / "venv-base" / "lib" / self.site.parent.name
        write(self.stdlib, "os.py", "import sys\nsys.modules['os.path'] = path\ndef __getattr__(name): return name\n")
        self.project = folder / "project"
        self.project.mkdir()
        self.environ: dict[str, str] = {}

    def install(
        self,
        name: str,
        files: Mapping[str, str | bytes],
        *,
        version: str = "1.0",
        requires: tuple[str, ...] = (),
        entry_points: str = "",
    ) -> Venv:
        """Write the files of a distribution, and a RECORD with the size of each."""
        metadata = "".join(f"Requires-Dist: {line}\n" for line in requires)
        info = f"{name.replace('-', '_')}-{version}.dist-info"
        about = {
            f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{metadata}\n",
            f"{info}/INSTALLER": "pip\n",
            **({f"{info}/entry_points.txt": entry_points} if entry_points else {}),
        }
        rows = [
            f"{path},sha256=x,{len(write(self.site, path, content))}\n" for path, content in {**files, **about}.items()
        ]
        write(self.site, f"{info}/RECORD", "".join(rows) + f"{info}/RECORD,,\n")
        return self

    def module(self, name: str, source: str | bytes, **more: Any) -> Venv:
        """Install a distribution that is one package of one file."""
        return self.install(name, {f"{name}/__init__.py": source}, **more)

    def each(self, files: Mapping[str, str]) -> Venv:
        """Install a distribution for every top-level module of some files."""
        for top in sorted({path.partition("/")[0].partition(".")[0] for path in files}):
            own = {path: source for path, source in files.items() if path.partition("/")[0] in (top, f"{top}.py")}
            self.install(top, own)
        return self

    def target(self) -> Target:
        return open_target(f"python:{self.prefix}", cwd=str(self.project), environ=self.environ)

    def collected(self, target: Target | None = None, *, cached: bool = False) -> Collection:
        """Return what the linkers and the collector before them see of the environment, or of another target."""
        target, into = target or self.target(), Collection(cached=cached)
        packages.collect(target, into)
        linkers.collect(target, into)
        return into

    def links(self, *, cached: bool = False) -> dict[str, dict[str, Any]]:
        """Return the attributes of every `link`, by `importer wanted`."""
        found = self.collected(cached=cached).facts.held("link")
        return {
            " ".join(entity[1:]): {name: known[0] for name, known in held.items()} for entity, held in found.items()
        }

    def told(self, *, cached: bool = False) -> list[str]:
        """Return every `link` as `importer wanted: problem, reach`."""
        return sorted(f"{key}: {one['problem']}, {one['reach']}" for key, one in self.links(cached=cached).items())

    def count(self, name: str) -> int:
        """Return one of the counts over all that was linked."""
        value = self.collected().facts.value(("links",), name)
        assert isinstance(value, int)
        return value


def filled(venv: Venv, order: tuple[str, ...] = tuple(PACKAGES)) -> Venv:
    """Install packages with breaks of all kinds."""
    write(venv.stdlib, f"lib-dynload/_one.{TAG}.so", b"")
    for name in order:
        venv.install(name, PACKAGES[name], requires=("b",) if name == "c" else ())
    return venv


def linked(venv: Venv, *, cached: bool = False) -> list[Fact]:
    """Return the facts of the linkers."""
    return [fact for fact in venv.collected(cached=cached).facts if fact.entity[0] in KINDS]


def offers_of(venv: Venv) -> Offers:
    """Return what the modules of an environment offer, nothing of it kept."""
    target = venv.target()
    assert target.layout is not None
    view, python = View(target.files), Python(version=(3, 11, 7))
    read = Sources(view, python, Kept("x", 1, cached=False), lambda _path, _size: False)
    return Offers(Finder(view, target, target.layout), read, lambda _path, _name: False, {}, {})


def write(folder: Path, path: str, content: str | bytes) -> bytes:
    """Write a file, a text without the indentation of the test; return what was written."""
    data = content if isinstance(content, bytes) else textwrap.dedent(content).encode()
    (folder / path).parent.mkdir(parents=True, exist_ok=True)
    (folder / path).write_bytes(data)
    return data


def imported(folder: Path, cases: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    """Return by name of the case the exception by which a real import of its module `a` fails, or nothing."""
    for name, files in cases.items():
        for path, source in files.items():
            write(folder, f"{name}/{path}", source)
    ran = subprocess.run(
        [sys.executable, "-I", "-S", "-W", "ignore", "-c", _IMPORTING, str(folder)],
        input=json.dumps(list(cases)),
        capture_output=True,
        text=True,
        check=True,
    )
    found: dict[str, str] = json.loads(ran.stdout)
    return found


_IMPORTING = """
import importlib, json, os, sys
found = {}
for name in json.load(sys.stdin):
    folder = f"{sys.argv[1]}/{name}"
    tops = {one.partition(".")[0] for one in os.listdir(folder)}
    sys.path.insert(0, folder)
    importlib.invalidate_caches()
    try:
        importlib.import_module("a")
    except Exception as error:
        found[name] = type(error).__name__
    else:
        found[name] = ""
    sys.path.remove(folder)
    for module in [one for one in sys.modules if one.partition(".")[0] in tops]:
        del sys.modules[module]
print(json.dumps(found))
"""
