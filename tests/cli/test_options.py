"""Both readers of the command line must agree: whatever the quick one accepts, typer reads the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from envcheck.cli import app as typer_app
from envcheck.cli.commands import COMMANDS
from envcheck.cli.options import QUICK, read_quickly

if TYPE_CHECKING:
    from collections.abc import Iterator

    from envcheck.cli.commands import Values

ACCEPTED = [
    ["check"],
    ["check", "."],
    ["check", "python:/opt/venv", "root:/mnt"],
    ["check", "--quick"],
    ["check", "--no-cache", "."],
    ["check", ".", "--no-cache", "--quick"],
    ["check", "--format", "json"],
    ["check", "--format=json"],
    ["check", "--format", "json", "--format", "text"],
    ["check", "-o", "a.html", "-o", "b.json", "."],
    ["check", "--output", "a.html", "--output=b.json"],
    ["check", "--output=a=b.html"],
    ["check", "--fail-on", "warning"],
    ["check", "--rules", "mine", "--rules=others"],
    ["check", "--select", "a,b", "--select", "c"],
    ["check", "--skip", " a , ,b,"],
    ["check", ""],
    ["check", "two words"],
    ["check", "--output="],
    ["snapshot"],
    ["snapshot", "."],
    ["snapshot", "python:x", "-o", "s.json", "--no-cache"],
    ["check", "--", "-odd-name"],
    ["explain"],
    ["explain", "-"],
    ["explain", "a.log", "--target", "facts:f.yaml", "--format", "json"],
    ["run", "--", "python", "train.py", "--target", "--", "-o"],
    ["run", "--target", ".", "--", "true"],
]
LEFT_TO_TYPER = [
    [],
    ["--help"],
    ["--version"],
    ["unknown"],
    ["check", "--help"],
    ["check", "-h"],
    ["check", "--format", "pdf"],
    ["check", "--format"],
    ["check", "--fail-on="],
    ["check", "--no-cache=1"],
    ["check", "--nonsense"],
    ["check", "-x"],
    ["check", "-oa.html"],
    ["check", "-o", "--quick"],
    ["explain", "--format", "sarif"],
    ["explain", "a.log", "b.log"],
    ["run", "--nonsense", "--", "python"],
    ["snapshot", "a", "b"],
    ["snapshot", "--format", "json"],
    ["report"],
    ["report", "file.json"],
    ["rules"],
]


class Calls:
    """Stands in for the commands and keeps what they were called with."""

    def __init__(self) -> None:
        self.held: list[tuple[str, Values]] = []

    def __call__(self, name: str, values: Values) -> int:
        self.held.append((name, values))
        return 0


@pytest.fixture(scope="module")
def calls() -> Calls:
    return Calls()


@pytest.fixture(autouse=True, scope="module")
def _no_command_runs(calls: Calls) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(typer_app, "run_command", calls)
        yield


def by_typer(words: list[str], calls: Calls) -> tuple[int, tuple[str, Values] | None]:
    calls.held.clear()
    code = typer_app.run_app(words)
    return code, calls.held[0] if calls.held else None


@pytest.mark.parametrize("words", ACCEPTED, ids=" ".join)
def test_an_accepted_spelling_means_the_same_to_both(words: list[str], calls: Calls) -> None:
    read = read_quickly(words)
    assert read is not None
    assert by_typer(words, calls) == (0, read)


@pytest.mark.parametrize("words", LEFT_TO_TYPER, ids=" ".join)
def test_everything_else_goes_to_typer_and_ends_in_an_orderly_way(words: list[str], calls: Calls) -> None:
    assert read_quickly(words) is None
    code, _ = by_typer(words, calls)
    assert code in (0, 2)


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_a_call_without_options_gives_the_defaults(name: str, calls: Calls) -> None:
    command = COMMANDS[name]
    assert command.argument is not None
    words = [name, *(["file"] if command.argument[2] == "1" else [])]
    _, read = by_typer(words, calls)
    assert read is not None
    given_values = {key: value for key, value in read[1].items() if value != "file"}
    assert given_values == {key: value for key, value in command.defaults().items() if key in given_values}
    assert read[1].keys() == command.defaults().keys()


_SPELLINGS = sorted(
    {spelling for name in QUICK for option in COMMANDS[name].options for spelling in option.spellings}
    | {choice for name in QUICK for option in COMMANDS[name].options for choice in option.choices}
)
_WORDS = st.one_of(
    st.sampled_from(_SPELLINGS),
    st.sampled_from([".", "a", "a,b", "-", "--", "-h", "", "=", "-o=a", "python:x", "a.html"]),
    st.builds("{}={}".format, st.sampled_from(_SPELLINGS), st.sampled_from(["", "json", "error", "a,b", "x=y"])),
    st.text(max_size=4),
)


@settings(max_examples=75)
@given(words=st.lists(_WORDS, max_size=6), name=st.sampled_from(QUICK))
def test_no_spelling_is_read_in_two_ways(words: list[str], name: str, calls: Calls) -> None:
    spelled = [name, *words]
    code, read = by_typer(spelled, calls)
    quickly = read_quickly(spelled)
    if quickly is not None:
        assert (code, read) == (0, quickly)
    else:
        assert code in (0, 2)
