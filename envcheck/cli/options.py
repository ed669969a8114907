"""Reads the usual spellings of the usual commands at once, and leaves all others to typer."""

from __future__ import annotations

from envcheck.cli.commands import COMMANDS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from envcheck.cli.commands import Command, Option, Values

# The commands whose usual spellings are read without typer, which alone costs 200 ms of every start.
QUICK = ("check", "snapshot", "drift", "explain", "run")


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
        if word == "--":
            positional += reversed(waiting)
            break
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
