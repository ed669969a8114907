"""Environments that hold compiled modules and generated code, for judging them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from envcheck.linkers.abi import judge
from envcheck.linkers.inventory import take_inventory
from envcheck.linkers.kept import Kept
from envcheck.linkers.misfits import Misfit, Surroundings
from envcheck.linkers.view import View
from envcheck.targets.files import LocalFiles

if TYPE_CHECKING:
    from pathlib import Path

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
