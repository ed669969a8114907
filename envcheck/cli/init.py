"""`envcheck init`: a commented envcheck.yaml and a CI file for the forge at hand; nothing that exists is changed."""

from __future__ import annotations

import json
import os

from envcheck.cli.output import say
from envcheck.collectors.config import well_known
from envcheck.data import read
from envcheck.errors import EnvcheckError, UsageError
from envcheck.renderers._printable import printable
from envcheck.targets import PROJECT_FILE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from envcheck.cli.commands import Values

_WORKFLOW = ".github/workflows/envcheck.yml"
_PIPELINE = ".gitlab-ci.yml"
_INCLUDED = ".gitlab/envcheck.yml"
_EXAMPLE = """\
# config:
#   - conf/*.yaml
#   - {name: app, path: settings/prod.json}"""
# What a project of that file is installed with, the surest first.
_INSTALLED_BY = {
    "requirements.txt": "python -m pip install -r requirements.txt",
    "pyproject.toml": "python -m pip install .",
    "setup.py": "python -m pip install .",
}
_NOT_KNOWN = "python -m pip list"


def run(values: Values) -> int:
    """Write what is missing and say what was written, and what was left as it is."""
    folder = str(values["folder"]) or "."
    try:
        names = sorted(os.listdir(folder))
    except OSError as error:
        raise UsageError(f"cannot be listed: {error.strerror}", where=folder, hint="name a folder") from None
    wanted = {PROJECT_FILE: _project(names)}
    forges = _forges(folder, names)
    install = next((command for name, command in _INSTALLED_BY.items() if name in names), _NOT_KNOWN)
    if "github" in forges:
        wanted[_WORKFLOW] = _template("github.yml").replace("{install}", install)
    pipeline = _text(os.path.join(folder, _PIPELINE))
    # A pipeline that runs envcheck itself, such as one from here, needs no second job; it is left as it is.
    includes = "gitlab" in forges and _PIPELINE in names and "envcheck check" not in pipeline
    if "gitlab" in forges:
        wanted[_INCLUDED if includes else _PIPELINE] = _template("gitlab.yml").replace("{install}", install)
    for name, text in wanted.items():
        say(f"{_write(folder, name, text)}\n")  # at once: the next one may fail
    lines = []
    if includes and _INCLUDED not in pipeline:
        lines.append(f"{_PIPELINE} is left as it is; add to it:\n  include: [{{local: {_INCLUDED}}}]")
    if not forges:
        lines.append("no CI file: neither GitHub nor GitLab was recognised, see docs/ci.md")
    say("".join(f"{line}\n" for line in lines))
    return 0


def _project(names: list[str]) -> str:
    """Return the text of envcheck.yaml; the files that are read without one are listed, as it ends that search."""
    found = [name for name in names if well_known(name)]
    listed = "\n".join(["config:", *(f"  - {json.dumps(name)}" for name in found)]) if found else _EXAMPLE
    return _template(PROJECT_FILE).replace("{config}", listed)


def _forges(folder: str, names: list[str]) -> set[str]:
    """Return the forges whose files are there, else those that the git remotes name."""
    there = {"github": ".github" in names, "gitlab": _PIPELINE in names or ".gitlab" in names}
    found = {forge for forge, is_there in there.items() if is_there}
    if found:
        return found
    config = _text(os.path.join(folder, ".git", "config"))
    remotes = [line for line in config.splitlines() if line.strip().startswith("url")]
    return {forge for forge in there if any(forge in line for line in remotes)}


def _text(path: str) -> str:
    """Return a file's text, nothing where there is none to read."""
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read()
    except OSError:
        return ""


def _write(folder: str, name: str, text: str) -> str:
    """Write one file and return what became of it; raises EnvcheckError where it cannot be written."""
    path = os.path.join(folder, *name.split("/"))
    if os.path.lexists(path):
        return f"left {printable(path)} as it is"
    try:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "x", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except OSError as error:
        raise EnvcheckError(f"cannot be written: {error.strerror}", where=path, hint="name another folder") from None
    return f"wrote {printable(path)}"


def _template(name: str) -> str:
    return read("reports", "templates", "init", name)
