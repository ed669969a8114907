"""Names that a module is known to refuse although its code may make any."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from envcheck.linkers.refused import is_refused
from tests.linkers.built import TAG, Venv, write

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("module", "name", "version", "refused"),
    [
        ("pydantic", "BaseSettings", "2.8.2", True),
        ("pydantic", "BaseSettings", "1.10.15", False),
        ("pydantic", "BaseModel", "2.8.2", False),
        ("pydantic.v1", "BaseSettings", "2.8.2", False),
        ("pydantic", "BaseSettings", "", False),
        ("other", "BaseSettings", "2.0", False),
    ],
)
def test_names_and_releases(module: str, name: str, version: str, *, refused: bool):
    assert is_refused(module, name, version) is refused


def test_what_is_refused_breaks_who_imports_it(tmp_path: Path):
    venv = Venv(tmp_path)
    write(venv.stdlib, f"lib-dynload/_one.{TAG}.so", b"")
    venv.module("pydantic", "def __getattr__(name): return made(name)\n", version="2.8.2")
    venv.module("a", "from pydantic import BaseSettings\n").module("b", "from pydantic import anything\n")
    venv.module("c", "try:\n    from pydantic import BaseSettings\nexcept ImportError:\n    pass\n")
    assert venv.told() == ["a pydantic.BaseSettings: name, import"]
