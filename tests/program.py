"""Runs envcheck as its users do: quickly, in this process, or as a child where the process itself is what is tested."""

from __future__ import annotations

import gc
import io
import os
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from functools import cache
from pathlib import Path
from types import ModuleType

import pytest

from envcheck import rulebooks
from envcheck.cli import main
from envcheck.engine.compiled import FORMAT, pack

CHECKOUT = str(Path(__file__).parents[1])


def envcheck(*words: str, cwd: Path, **environ: str) -> subprocess.CompletedProcess[str]:
    """Run the command line in this process, with a home of its own, nothing active and compiled rules as in a wheel."""
    out, err = _stream(), _stream()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
        patch.setitem(sys.modules, "envcheck._rulebook", _compiled_rules())
        patch.setitem(sys.modules, "envcheck._failures", _compiled_failures())
        patch.chdir(cwd)
        for name in os.environ:
            patch.delenv(name)
        for name, value in _environ(cwd, environ).items():
            patch.setenv(name, value)
        try:
            code = main(words)
        finally:
            gc.enable()  # which main turns off, as it expects the process to end
    return subprocess.CompletedProcess(words, code, _text(out), _text(err))


def program(*words: str, cwd: Path, **environ: str) -> subprocess.CompletedProcess[str]:
    """Do the same in a child process, with the rules of the checkout; a traceback is a failure of any test."""
    ended = subprocess.run(
        [sys.executable, "-m", "envcheck", *words],
        cwd=cwd,
        env=_environ(cwd, environ),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert "Traceback" not in ended.stderr, ended.stderr
    return ended


def _environ(cwd: Path, more: dict[str, str]) -> dict[str, str]:
    home = cwd / "home"
    home.mkdir(exist_ok=True)
    return {"PATH": "/usr/bin:/bin", "HOME": str(home), "LANG": "C.UTF-8", "PYTHONPATH": CHECKOUT, **more}


@cache
def _compiled_rules() -> ModuleType:
    module = ModuleType("envcheck._rulebook")
    module.__dict__.update(FORMAT=FORMAT, RULEBOOK=pack(rulebooks.load(cached=False)))
    return module


@cache
def _compiled_failures() -> ModuleType:
    module = ModuleType("envcheck._failures")
    rulebook = rulebooks.load_failures(cached=False)
    module.__dict__.update(FORMAT=FORMAT, RULEBOOK=pack(rulebook.replace(tables={})))
    return module


def _stream() -> io.TextIOWrapper:
    return io.TextIOWrapper(io.BytesIO(), encoding="utf-8", errors="surrogateescape", write_through=True)


def _text(stream: io.TextIOWrapper) -> str:
    stream.flush()
    stream.seek(0)
    return stream.read()
