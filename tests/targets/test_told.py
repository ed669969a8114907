"""Which environment a log is about: one whose files are here and read as the log shows them, else none."""

from __future__ import annotations

from pathlib import Path

import pytest

from envcheck.targets.told import environment_of


@pytest.fixture
def module(tmp_path: Path) -> Path:
    folder = tmp_path / "venv" / "lib" / "python3.11" / "site-packages" / "mine"
    folder.mkdir(parents=True)
    path = folder / "__init__.py"
    path.write_text("import os\nimport torch\n")
    return path


def test_files_that_read_alike_name_their_environment(module: Path, tmp_path: Path) -> None:
    address, why = environment_of([("/elsewhere/a.py", 1, "x"), (str(module), 2, "import torch")])
    assert address == f"python:{tmp_path}/venv"
    assert why == f"{module} reads here as in the log"


def test_a_line_that_reads_otherwise_comes_from_elsewhere(module: Path) -> None:
    assert environment_of([(str(module), 1, "import torch"), (str(module), 2, "import torch")]) == ("", "")
    assert environment_of([(str(module), 99, "import torch")]) == ("", "")


def test_a_file_that_is_only_named_is_a_weaker_sign(module: Path, tmp_path: Path) -> None:
    library = module.parent / "x.so"
    library.write_bytes(b"\x7fELF")
    assert environment_of([(str(library), 0, "")])[0] == f"python:{tmp_path}/venv"


def test_what_is_not_here_names_nothing(tmp_path: Path) -> None:
    assert environment_of([("/nowhere/lib/python3.11/site-packages/a.py", 1, "x"), ("a.py", 1, "x")]) == ("", "")
    assert environment_of([(str(tmp_path), 1, "x")]) == ("", "")


def test_the_program_s_own_file_names_this_machine(tmp_path: Path) -> None:
    path = tmp_path / "main.py"
    path.write_text("run()\n")
    assert environment_of([(str(path), 1, "run()")])[0] == "."
    assert environment_of([(str(path), 0, "")]) == ("", "")


def test_two_environments_are_none(module: Path, tmp_path: Path) -> None:
    other = tmp_path / "other" / "lib" / "python3.11" / "site-packages" / "mine.py"
    other.parent.mkdir(parents=True)
    other.write_text("import os\n")
    assert environment_of([(str(module), 1, "import os"), (str(other), 1, "import os")]) == ("", "")
