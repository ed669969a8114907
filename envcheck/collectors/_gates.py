"""Reads a shell script for envcheck as a gate: whether it runs one, and what keeps the script from failing with it.

Nothing is run. What a shell does with a failing command: https://www.gnu.org/software/bash/manual/bash.html#The-Set-Builtin
"""

from __future__ import annotations

from itertools import pairwise
from shlex import shlex

from envcheck.model.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_JUDGING = ("check", "gate", "drift")
_OPERATORS = ("|", "|&", "&&", "||")
_ASKED = ("if", "elif", "while", "until", "!")  # the exit code is a condition here, and somebody reads it
_OPENING = ("then", "do", "else", "{", "time")
_OTHERWISE = ("else", "elif")
_CLOSING = ("fi", "done", "esac", "}")
_PASSING = (["true"], [":"], ["exit", "0"])
_TELLING = ("echo", "printf")
_READS_THE_CODE = ("$?", "PIPESTATUS", "exit ")
_MOST_STATEMENTS = 1000  # of a script; people write some hundred, and each gate is compared with all that follow it
_BEYOND = ("<<", "trap ", "eval ")  # here-documents, traps and text run as code are not followed


class Gate(Record):
    """What a script runs of envcheck: `command` is check, gate or drift; `defeats` say why its failure is lost.

    `reports` are the files that it writes, which something else may judge; `unclear` says why defeats cannot be told.
    """

    command: str
    defeats: tuple[str, ...] = ()
    reports: tuple[str, ...] = ()
    unclear: str = ""


class _Statement(Record):
    """Commands joined by operators (one fewer than commands), up to a line's end or a semicolon."""

    commands: tuple[list[str], ...]
    operators: tuple[str, ...]
    grouped: bool


def find_gate(script: str, *, errexit: bool = True, pipefail: bool = True) -> Gate | None:
    """Return an envcheck command of a POSIX shell script that may fail, one that is not defeated before others.

    None where there is none. `errexit` and `pipefail` are the options that the shell is started with.
    """
    if "envcheck" not in script:
        return None
    text = _without_expressions(script).replace("\r\n", "\n").replace("\\\n", " ")
    try:
        statements = list(_statements(text))
    except ValueError:
        return Gate(command="check", unclear="the script has an open quote") if _mentions(text) else None
    followed = len(statements) <= _MOST_STATEMENTS and not any(mark in text for mark in _BEYOND)
    found: list[Gate] = []
    for number, statement in enumerate(statements):
        for option, on in _options(statement):
            errexit = on if option == "errexit" else errexit
            pipefail = on if option == "pipefail" else pipefail
        for place, words in enumerate(statement.commands):
            command = _judging(words)
            if not command or _asked(statement, place):
                continue
            rest = statements[number + 1 :]
            clear = followed and not statement.grouped
            defeats = tuple(_defeats(statement, place, rest, errexit=errexit, pipefail=pipefail)) if clear else ()
            unclear = "" if clear else "the script is more than a list of commands"
            found.append(Gate(command=command, defeats=defeats, reports=_reports(words), unclear=unclear))
    return min(found, key=lambda gate: bool(gate.defeats), default=None)


def _mentions(text: str) -> bool:
    return any(f"envcheck {command}" in text for command in _JUDGING)


def _without_expressions(script: str) -> str:
    """Put a word in the place of every `${{ … }}`, which the forge fills in and which may hold `||` of its own."""
    pieces = script.split("${{")
    return pieces[0] + "".join("EXPRESSION" + piece.partition("}}")[2] for piece in pieces[1:])


def _statements(text: str) -> Iterator[_Statement]:
    """Yield the statements in order; raises ValueError for an open quote."""
    lexer = shlex(text, posix=True, punctuation_chars="();<>|&\n")
    lexer.whitespace, lexer.whitespace_split, lexer.commenters = " \t\r", True, ""
    commands: list[list[str]] = [[]]
    operators: list[str] = []
    grouped = comment = False
    for token in [*lexer, "\n"]:
        mark = token.strip("\n") if token and not token.strip("();<>|&\n") else None
        comment = (comment and "\n" not in token) or (mark is None and token.startswith("#"))
        if comment:
            continue
        if mark is None or (mark and not mark.strip("<>&") and mark.strip("&")):
            commands[-1].append(token)  # a word or a redirection
        elif mark in _OPERATORS:
            operators.append(mark)
            commands.append([])
        else:
            grouped = grouped or "(" in mark or ")" in mark or mark == "&"
            if "\n" in token or ";" in mark or mark == "&":
                if any(commands):
                    yield _Statement(commands=tuple(commands), operators=tuple(operators), grouped=grouped)
                commands, operators, grouped = [[]], [], False


def _judging(words: Sequence[str]) -> str:
    """Return what an envcheck command does that may fail; nothing for another command, or where it never fails."""
    for place, word in enumerate(words[:-1]):
        if word.rpartition("/")[2] == "envcheck" and words[place + 1] in _JUDGING:
            given = " ".join(words)
            lenient = "--fail-on never" in given or "--fail-on=never" in given
            return "" if lenient or words[0] in ("echo", "printf", "#") else words[place + 1]
    return ""


def _reports(words: Sequence[str]) -> tuple[str, ...]:
    """Return the names of the files that a command writes by `-o` or a redirection, without their folders."""
    return tuple(
        following.rpartition(":")[2].rpartition("/")[2]
        for word, following in pairwise(words)
        if word in ("-o", "--output", ">", ">>", "&>")
    )


def _asked(statement: _Statement, place: int) -> bool:
    first = statement.commands[0]
    return bool(first and first[0] in _ASKED) or statement.commands[place][0] in _ASKED


def _options(statement: _Statement) -> Iterator[tuple[str, bool]]:
    """Yield the shell options that `set` switches in a statement of its own."""
    words = [word for word in statement.commands[0] if word not in _OPENING]
    if len(statement.commands) > 1 or not words or words[0] != "set":
        return
    for word, following in pairwise([*words[1:], ""]):
        on = word.startswith("-")
        if word[:1] in ("-", "+"):
            if "e" in word:
                yield "errexit", on
            if word.endswith("o") and following in ("errexit", "pipefail"):
                yield following, on


def _defeats(
    statement: _Statement, place: int, rest: Sequence[_Statement], *, errexit: bool, pipefail: bool
) -> Iterator[str]:
    following = list(zip(statement.operators[place:], statement.commands[place + 1 :], strict=True))
    judged_later = any(name in _text(one) for name in _reports(statement.commands[place]) for one in rest)
    if judged_later or any(word in command for _, command in following for word in ("$?", "return")):
        return
    while following and following[0][0].startswith("|") and following[0][0] != "||":
        if not pipefail:
            yield f"| {following[0][1][0] if following[0][1] else '…'}"
            return
        following.pop(0)
    if len(following) == 1 and following[0][0] == "||" and _passes(following[0][1]):
        yield f"|| {following[0][1][0] if following[0][1][0] in _TELLING else ' '.join(following[0][1])}"
        return
    more = [one for one in rest if one.commands[0][:1] and one.commands[0][0] not in _CLOSING]
    if any(one.commands[0][0] in _OTHERWISE for one in more):
        return  # what follows may be the other branch, so that this one is the last that runs
    last_counts = bool(more) and not any(mark in f"{_text(one)} " for one in more for mark in _READS_THE_CODE)
    if last_counts and not errexit:
        yield "set +e"
    elif last_counts and following and all(operator == "&&" for operator, _ in following):
        yield f"&& {' '.join(following[0][1][:1])}"


def _passes(words: Sequence[str]) -> bool:
    """Tell whether a command never fails and leaves nothing, such as a file, by which another one could judge."""
    return words in _PASSING or (bool(words) and words[0] in _TELLING and not {">", ">>", "&>"} & {*words})


def _text(statement: _Statement) -> str:
    return " ".join(" ".join(command) for command in statement.commands)
