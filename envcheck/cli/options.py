"""The one table of commands and options: the quick reader below and the typer application are both made from it."""

from __future__ import annotations

from envcheck.model.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import TypeAlias

    Values: TypeAlias = dict[str, str | bool | tuple[str, ...]]


class Option(Record):
    """One option: `kind` is text, choice, list (may be repeated), names (comma-separated, may be repeated) or flag."""

    name: str
    kind: str
    help: str
    spellings: tuple[str, ...]
    choices: tuple[str, ...] = ()
    default: str | bool | tuple[str, ...] = ""
    metavar: str = ""


class Command(Record):
    """One command: its options, and what its positional arguments are: (name, help, how many), `?`, `1` or `*`."""

    name: str
    help: str
    argument: tuple[str, str, str] | None
    options: tuple[Option, ...]

    def defaults(self) -> Values:
        """Return the values of a call that gives nothing."""
        values: Values = {option.name: option.default for option in self.options}
        if self.argument is not None:
            values[self.argument[0]] = () if self.argument[2] == "*" else ""
        return values


_FORMATS = ("text", "json", "html", "markdown")
_TARGET = "An environment: . (this machine), python:PREFIX_OR_INTERPRETER, root:DIR, snapshot:FILE or facts:FILE."
_FORMAT = Option(
    name="format",
    kind="choice",
    help="What goes to standard output.",
    spellings=("--format",),
    choices=_FORMATS,
    default="text",
)
_OUTPUT = Option(
    name="output",
    kind="list",
    help="Also write FILE; the format follows its ending, or is said: html:FILE. May be repeated.",
    spellings=("-o", "--output"),
    default=(),
    metavar="FILE",
)
_NO_CACHE = Option(
    name="no_cache", kind="flag", help="Neither read nor write the cache.", spellings=("--no-cache",), default=False
)
_RULES = Option(
    name="rules",
    kind="list",
    help="Use the rules of DIR, too. May be repeated.",
    spellings=("--rules",),
    default=(),
    metavar="DIR",
)

CHECK = Command(
    name="check",
    help="Check environments and report findings with fixes.",
    argument=("targets", _TARGET, "*"),
    options=(
        _FORMAT,
        _OUTPUT,
        Option(
            name="fail_on",
            kind="choice",
            help="The least severity that makes the exit code 1.",
            spellings=("--fail-on",),
            choices=("error", "warning", "info", "never"),
            default="error",
        ),
        _RULES,
        Option(
            name="select",
            kind="names",
            help="Use only these rules.",
            spellings=("--select",),
            default=(),
            metavar="ID,ID",
        ),
        Option(
            name="skip", kind="names", help="Leave these rules out.", spellings=("--skip",), default=(), metavar="ID,ID"
        ),
        Option(
            name="quick",
            kind="flag",
            help="Leave out what reads whole libraries and source trees.",
            spellings=("--quick",),
            default=False,
        ),
        _NO_CACHE,
    ),
)
SNAPSHOT = Command(
    name="snapshot",
    help="Write what was seen of an environment, as versioned JSON.",
    argument=("target", _TARGET, "?"),
    options=(_OUTPUT.replace(help="Write FILE instead of standard output. May be repeated."), _NO_CACHE),
)
REPORT = Command(
    name="report",
    help="Render a saved report, or check a saved snapshot and render that.",
    argument=("file", "A report or a snapshot, as JSON.", "1"),
    options=(_FORMAT, _OUTPUT, _RULES),
)
COMMANDS = {command.name: command for command in (CHECK, SNAPSHOT, REPORT)}
# The commands whose usual spellings are read without typer, which alone costs 200 ms of every start.
QUICK = ("check", "snapshot")


def read_quickly(arguments: Sequence[str]) -> tuple[str, Values] | None:
    """Return command and values of a common, exact spelling; None for all others, which typer reads."""
    if not arguments or arguments[0] not in QUICK:
        return None
    command = COMMANDS[arguments[0]]
    spelled = {spelling: option for option in command.options for spelling in option.spellings}
    values = command.defaults()
    positional: list[str] = []
    waiting = list(reversed(arguments[1:]))
    while waiting:
        word = waiting.pop()
        if not word.startswith("-") or word == "-":
            positional.append(word)
            continue
        name, equals, given = word.partition("=") if word.startswith("--") else (word, "", "")
        option = spelled.get(name)
        if option is None or (option.kind == "flag" and equals):
            return None
        if option.kind == "flag":
            values[option.name] = True
            continue
        if not equals:
            if not waiting or waiting[-1].startswith("-"):
                return None
            given = waiting.pop()
        if not _take(option, given, values):
            return None
    return (command.name, values) if _place(command, positional, values) else None


def _take(option: Option, given: str, values: Values) -> bool:
    if option.kind == "choice" and given not in option.choices:
        return False
    if option.kind in ("list", "names"):
        values[option.name] = (
            *many(values, option.name),
            *(split_names(given) if option.kind == "names" else (given,)),
        )
    else:
        values[option.name] = given
    return True


def many(values: Values, name: str) -> tuple[str, ...]:
    """Return the values of an option or argument that may be repeated."""
    held = values[name]
    assert isinstance(held, tuple)
    return held


def split_names(text: str) -> tuple[str, ...]:
    """Return the names of a comma-separated list."""
    return tuple(name.strip() for name in text.split(",") if name.strip())


def _place(command: Command, positional: Sequence[str], values: Values) -> bool:
    assert command.argument is not None
    name, _, count = command.argument
    if count == "*":
        values[name] = tuple(positional)
    elif positional:
        values[name] = positional[0]
    return count == "*" or len(positional) == 1 or (count == "?" and not positional)
