"""The typer application: everything that the quick reader leaves, made from the same table of options."""

from __future__ import annotations

import inspect
from typing import Annotated, Any, Literal

import typer

from envcheck import __version__
from envcheck.cli import run_command
from envcheck.cli.commands import COMMANDS, Command, Option
from envcheck.cli.options import split_names

app = typer.Typer(
    name="envcheck",
    help="Tells before anything is loaded whether a deployment will load, and what mends it.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
rules_app = typer.Typer(help="List, show and test the rules.", no_args_is_help=True)
app.add_typer(rules_app, name="rules")

_Folders = Annotated[list[str] | None, typer.Option("--rules", metavar="DIR", help="Include the rules of DIR.")]


def run_app(words: list[str]) -> int:
    """Read the words with typer, run the command and return the exit code."""
    command = typer.main.get_command(app)
    try:
        code = command.main(args=words, prog_name="envcheck", standalone_mode=True)
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    return int(code or 0)


def _annotation(option: Option) -> tuple[Any, Any]:
    """Return annotation and default of an option as typer wants them."""
    given: dict[str, Any] = {"help": option.help}
    if option.metavar:
        given["metavar"] = option.metavar
    kind: Any = str
    default: Any = option.default
    if option.kind == "flag":
        kind = bool
    elif option.kind == "choice":
        kind = Literal[option.choices]
        if not option.default:
            kind, default = kind | None, None
    elif option.kind in ("list", "names"):
        kind, default = list[str] | None, None
    return Annotated[kind, typer.Option(*option.spellings, **given)], default


def _register(command: Command) -> None:
    def call(**values: Any) -> None:
        raise typer.Exit(run_command(command.name, as_values(command, values)))

    parameters = []
    if command.argument is not None:
        name, text, count = command.argument
        kind: Any = list[str] | None if count == "*" else str
        default: Any = inspect.Parameter.empty if count == "1" else None if count == "*" else ""
        annotation = Annotated[kind, typer.Argument(help=text, show_default=False)]
        parameters.append(
            inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)
        )
    for option in command.options:
        annotation, default = _annotation(option)
        kind = inspect.Parameter.KEYWORD_ONLY
        parameters.append(inspect.Parameter(option.name, kind, default=default, annotation=annotation))
    call.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    call.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    call.__doc__ = command.help
    app.command(command.name, help=command.help)(call)


def as_values(command: Command, given: dict[str, Any]) -> dict[str, str | bool | tuple[str, ...]]:
    """Return typer's values in the form that the quick reader gives."""
    values = command.defaults()
    for name, value in given.items():
        kind = next((option.kind for option in command.options if option.name == name), "list")
        if value is None:
            continue
        if kind == "names":
            values[name] = tuple(each for item in value for each in split_names(item))
        else:
            values[name] = tuple(value) if isinstance(value, list) else value
    return values


for _command in COMMANDS.values():
    _register(_command)


@app.callback(invoke_without_command=True)
def _root(version: Annotated[bool, typer.Option("--version", help="Print the version and exit.")] = False) -> None:  # noqa: FBT002  as typer wants it
    if version:
        from envcheck.cli.output import say

        say(f"envcheck {__version__}\n")
        raise typer.Exit


@rules_app.command("list")
def _list(rules: _Folders = None) -> None:
    """List every rule with severity and summary."""
    from envcheck.cli.rules import list_rules

    raise typer.Exit(list_rules(tuple(rules or ())))


@rules_app.command("show")
def _show(name: Annotated[str, typer.Argument(metavar="ID", help="The id of a rule.")], rules: _Folders = None) -> None:
    """Show one rule: why, sources, examples."""
    from envcheck.cli.rules import show

    raise typer.Exit(show(name, tuple(rules or ())))


@rules_app.command("test")
def _test(
    folders: Annotated[list[str] | None, typer.Argument(metavar="[DIR]", help="Folders of your own rules.")] = None,
) -> None:
    """Run the examples of every rule."""
    from envcheck.cli.rules import test

    raise typer.Exit(test(tuple(folders or ())))


@rules_app.command("schema")
def _schema() -> None:
    """Print the JSON Schema of rule files."""
    from envcheck.cli.rules import schema

    raise typer.Exit(schema())
