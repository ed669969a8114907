"""Runs and tests envcheck from a checkout: `python3 make.py run|test|bench|docs`.

Needs Python 3.11 or newer and the package index, nothing else; every command that it runs is printed first.
"""

from __future__ import annotations

import os
import subprocess
import sys

ROOT = os.path.dirname(os.path.abspath(__file__))
VENV = os.path.join(ROOT, ".venv")
PYTHON = os.path.join(VENV, "Scripts", "python.exe") if os.name == "nt" else os.path.join(VENV, "bin", "python")
REPORT = "envcheck-report.html"


def run() -> int:
    """Check the Python that started this script, and this machine; not the `.venv` that is made here for envcheck."""
    install(())
    code = call(PYTHON, "-m", "envcheck", "check", f"python:{sys.executable}", "--fail-on", "never", "-o", REPORT)
    if os.path.isfile(REPORT):
        print(f"\nthe same as a page: {os.path.abspath(REPORT)}\nevery other use: {PYTHON} -m envcheck --help")
    return code


def test() -> int:
    """Run every check of the repository and tell at the end which failed."""
    install(development())
    steps = {
        "lint": ("ruff", "check", "."),
        "format": ("ruff", "format", "--check", "."),
        "types": ("mypy",),
        "rules": ("envcheck", "rules", "test"),
        "docs": ("docs", "--check"),
        "tests": ("pytest",),
    }
    failed = [name for name, words in steps.items() if call(PYTHON, *_module(*words), cwd=ROOT) != 0]
    print(f"\nfailed: {', '.join(failed)}" if failed else "\neverything passed")
    return 1 if failed else 0


def bench() -> int:
    """Time envcheck beside its peers; the environments to time are made once and kept in the user's cache folder."""
    install(development())
    return call(PYTHON, os.path.join("bench", "bench.py"), cwd=ROOT)


def docs() -> int:
    """Write the generated pages of docs/ anew."""
    install(development())
    return call(PYTHON, *_module("docs"), cwd=ROOT)


def _module(name: str, *words: str) -> tuple[str, ...]:
    return (os.path.join("docs", "build.py"), *words) if name == "docs" else ("-m", name, *words)


def development() -> tuple[str, ...]:
    """Return the requirements of the `dev` group; read here because pip knows groups only since 25.1."""
    import tomllib

    with open(os.path.join(ROOT, "pyproject.toml"), "rb") as file:
        return tuple(tomllib.load(file)["dependency-groups"]["dev"])


def install(more: tuple[str, ...]) -> None:
    """Have `.venv` hold this checkout and more requirements; does nothing when it already does."""
    with open(os.path.join(ROOT, "pyproject.toml"), encoding="utf-8") as file:
        project = file.read()
    note = os.path.join(VENV, "installed-by-make.txt")
    if _text(note) in (f"{project}{more}", f"{project}{development()}"):  # what `test` needs serves `run` as well
        return
    if not os.path.isfile(PYTHON):
        require(sys.executable, "-m", "venv", VENV)
    if subprocess.run([PYTHON, "-m", "pip", "--version"], capture_output=True, check=False).returncode != 0:
        require(PYTHON, "-m", "ensurepip")
    require(PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--editable", ROOT, *more)
    with open(note, "w", encoding="utf-8") as file:
        file.write(f"{project}{more}")


def _text(path: str) -> str:
    try:
        with open(path, encoding="utf-8") as file:
            return file.read()
    except OSError:
        return ""


def require(*words: str) -> None:
    """Run a command without which nothing else makes sense."""
    if call(*words) != 0:
        sys.exit("make.py: that failed, see above; Debian and Ubuntu need `apt-get install python3-venv` for it")


def call(*words: str, cwd: str | None = None) -> int:
    """Print a command, run it and return its exit code."""
    print(f"\n$ {' '.join(words)}", flush=True)
    return subprocess.run(words, cwd=cwd, check=False).returncode


def main() -> int:
    """Run what the one argument names."""
    wanted = {"run": run, "test": test, "bench": bench, "docs": docs}
    if sys.version_info < (3, 11):
        sys.exit(f"make.py: Python 3.11 or newer is needed, this is {sys.version.split()[0]}")
    if len(sys.argv) != 2 or sys.argv[1] not in wanted:  # noqa: PLR2004  the script and one word
        print(__doc__, *(f"  {name:6} {work.__doc__}" for name, work in wanted.items()), sep="\n")
        return 2
    return wanted[sys.argv[1]]()


if __name__ == "__main__":
    sys.exit(main())
