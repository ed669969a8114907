"""Turns the fixes that rules propose into commands of the environment's own installer; pure."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from envcheck.model.facts import Snapshot
    from envcheck.model.reports import Finding, Fix

_PYTHON = ("python",)
# Where a command calls pip or Python: at its beginning, behind what sets variables, behind `&&`, `;` and `|`.
_CALLS = (
    r"(?P<before>(?:^|&& |; |\| )(?:[A-Z_]+=(?:\"[^\"]*\"|'[^']*'|[^\s\"']*) )*)"
    r"(?:(?:python3? -m )?pip3? (?P<action>[a-z]+)|python3?(?= ))"
)
_PLAIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789@%+=:,./-_")


def plan(finding: Finding, snapshot: Snapshot) -> Finding:
    """Return the finding with titles and commands for its fixes, in the rule's order: least invasive first."""
    return finding.replace(fixes=tuple(_planned(fix, snapshot) for fix in finding.fixes))


def _planned(fix: Fix, snapshot: Snapshot) -> Fix:
    if fix.action == "install":
        wanted = fix.argument.split()
        title = "install " + " and ".join(item.replace("==", " ") for item in wanted)
        return fix.replace(
            title=title, commands=(_install(wanted, fix.index, snapshot),), text=_with_caution(fix.text, snapshot)
        )
    if fix.action == "uninstall":
        names = fix.argument.split()
        title = "uninstall " + " and ".join(names)
        return fix.replace(title=title, commands=(_uninstall(names, snapshot),), text=_with_caution(fix.text, snapshot))
    if fix.action == "run":
        return fix.replace(title="run", commands=(_of_environment(fix.argument, snapshot),))
    title = "change the configuration" if fix.action == "edit" else "do"
    return fix.replace(title=title, text=f"{fix.argument} {fix.text}".strip())


def _of_environment(command: str, snapshot: Snapshot) -> str:
    """Return a command with the pip and the Python of the environment in the place of those that happen to be found."""
    python = snapshot.facts.text(_PYTHON, "executable")
    if not python:
        return command
    import re

    python = _command(python)
    uv = _manager(snapshot) == "uv"

    def called(match: re.Match[str]) -> str:
        action = match["action"]
        if not action:
            return f"{match['before']}{python}"
        if uv and action in ("install", "uninstall", "list", "show", "freeze", "check"):
            action += f" --python {python}"
            return f"{match['before']}uv pip {action}"
        return f"{match['before']}{python} -m pip {action}"

    found = re.sub(_CALLS, called, command)
    return re.sub(r"(uv pip uninstall --python \S+) -y\b", r"\1", found) if uv else found


def _install(wanted: list[str], index: str, snapshot: Snapshot) -> str:
    names = [item.partition("==")[0] for item in wanted]
    if _manager(snapshot) == "conda" and not index and all(("conda", name) in snapshot.facts for name in names):
        return _command("conda", "install", "-p", _prefix(snapshot), *(item.replace("==", "=") for item in wanted))
    source = ("--index-url", index) if index else ()
    return _command(*_pip(snapshot), "install", *_interpreter_option(snapshot), *wanted, *source)


def _uninstall(names: list[str], snapshot: Snapshot) -> str:
    if _manager(snapshot) == "conda" and all(("conda", name) in snapshot.facts for name in names):
        return _command("conda", "remove", "-p", _prefix(snapshot), *names)
    yes = () if _manager(snapshot) == "uv" else ("-y",)
    return _command(*_pip(snapshot), "uninstall", *_interpreter_option(snapshot), *yes, *names)


def _manager(snapshot: Snapshot) -> str:
    return snapshot.facts.text(_PYTHON, "manager") or "pip"


def _prefix(snapshot: Snapshot) -> str:
    return snapshot.facts.text(_PYTHON, "prefix") or "PREFIX"


def _pip(snapshot: Snapshot) -> tuple[str, ...]:
    if _manager(snapshot) == "uv":
        return ("uv", "pip")
    return (snapshot.facts.text(_PYTHON, "executable") or "python", "-m", "pip")


def _interpreter_option(snapshot: Snapshot) -> tuple[str, ...]:
    if _manager(snapshot) != "uv":
        return ()
    return ("--python", snapshot.facts.text(_PYTHON, "executable") or "python")


def _with_caution(text: str, snapshot: Snapshot) -> str:
    if snapshot.facts.value(_PYTHON, "externally_managed") is not True:
        return text
    return f"{text} This Python is managed by the system; do it in a virtual environment.".strip()


def _command(*words: str) -> str:
    """Return words as one POSIX shell command."""
    return " ".join(
        word if word and set(word) <= _PLAIN else "'" + word.replace("'", "'\"'\"'") + "'" for word in words
    )
