"""The one table of commands and options: the quick reader and the typer application are both made from it."""

from __future__ import annotations

from envcheck.model.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
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


def _text(name: str, metavar: str, help: str, default: str = "") -> Option:  # noqa: A002  typer's word for it
    """Return an option that takes one text."""
    return Option(name=name, kind="text", help=help, spellings=(f"--{name}",), default=default, metavar=metavar)


_FORMATS = ("text", "json", "html", "markdown", "sarif", "junit", "github", "gitlab")
_TARGET = (
    "An environment: . (this machine), python:PREFIX_OR_INTERPRETER, root:DIR, snapshot:FILE, lock:FILE, facts:FILE,"
    " config:FILE, contract:FILE, a name from envcheck.yaml, or a path that tells what it is."
)
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
_FAIL_ON = Option(
    name="fail_on",
    kind="choice",
    help="The least severity that makes the exit code 1, whatever the project's gate says; without a gate, error.",
    spellings=("--fail-on",),
    choices=("error", "warning", "info", "never"),
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
_QUICK = Option(
    name="quick",
    kind="flag",
    help="Leave out what reads whole libraries and source trees.",
    spellings=("--quick",),
    default=False,
)

CHECK = Command(
    name="check",
    help="Check environments and report findings with fixes.",
    argument=("targets", _TARGET, "*"),
    options=(
        _FORMAT,
        _OUTPUT,
        _FAIL_ON,
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
        _QUICK,
        Option(
            name="verify",
            kind="flag",
            help="Compare every installed file with the hash that was recorded of it.",
            spellings=("--verify",),
            default=False,
        ),
        _text("baseline", "FILE", "Count only findings that this snapshot or report does not have, too."),
        _text(
            "notify",
            "URL|COMMAND",
            "Send a summary (JSON) to this URL, or to this command's input, when the verdict changes.",
        ),
        _NO_CACHE,
    ),
)
_WRITE = _OUTPUT.replace(help="Write FILE instead of standard output. May be repeated.")
SNAPSHOT = Command(
    name="snapshot",
    help="Write what was seen of an environment, as versioned JSON.",
    argument=("target", _TARGET, "?"),
    options=(
        _WRITE,
        _text("writer", "NAME", "Who writes, for the version vector; the host's name if not given."),
        _text("after", "FILE", "The snapshot that this one comes after, if it is not the FILE that is replaced."),
        _NO_CACHE,
    ),
)
DRIFT = Command(
    name="drift",
    help="Compare environments: what differs, what that breaks, and what the policy says of it.",
    argument=("targets", f"{_TARGET} All named environments if none is given.", "*"),
    options=(
        _FORMAT,
        _OUTPUT,
        _text(
            "baseline", "FILE", "A snapshot to compare a single environment with, or a report whose findings are known."
        ),
        _text("policy", "FILE", "Which keys must be the same, or have a value, or may differ."),
        Option(
            name="ignore_keys",
            kind="names",
            help="Leave these keys out of this run.",
            spellings=("--ignore-keys",),
            default=(),
            metavar="GLOB,GLOB",
        ),
        _FAIL_ON,
        _RULES,
        _NO_CACHE,
    ),
)
MERGE = Command(
    name="merge",
    help="Merge partial snapshots of one environment; conflicts are told and make the exit code 1.",
    argument=("files", "Snapshots of one environment, by several writers.", "*"),
    options=(_WRITE,),
)
REPORT = Command(
    name="report",
    help="Render a saved report, or check a saved snapshot and render that.",
    argument=("file", "A report or a snapshot, as JSON.", "1"),
    options=(_FORMAT, _OUTPUT, _RULES),
)
GATE = Command(
    name="gate",
    help="Merge the reports of several runs into one, with one verdict.",
    argument=("reports", "Reports as JSON, and JUnit XML files of test results.", "*"),
    options=(
        _FORMAT,
        _OUTPUT,
        _FAIL_ON,
        _text("policy", "FILE", "The file whose section `gate` decides, if not the envcheck.yaml of this folder."),
    ),
)
WAIVE = Command(
    name="waive",
    help="Accept a finding for some time: write a waiver.",
    argument=("finding", "A finding's fingerprint (its beginning suffices), or a rule that has only one finding.", "1"),
    options=(
        _text("until", "YYYY-MM-DD", "The last day on which it holds. Required."),
        _text("reason", "TEXT", "Why it is accepted. Required."),
        _text("owner", "NAME", "Who answers for it. Required."),
        _text("ticket", "TICKET", "Where it is followed up."),
        _text("package", '"NAME >=1,<2"', "Accept it for these versions, if not for the installed one alone."),
        _text("report", "FILE", "The report that has the finding, if not a check of this environment."),
        _text("file", "FILE", "Where to write it.", ".envcheck-waivers.yaml"),
        _RULES,
    ),
)
INIT = Command(
    name="init",
    help="Write a commented envcheck.yaml, and a CI file for the forge at hand; change nothing that exists.",
    argument=("folder", "The folder of the project, if not this one.", "?"),
    options=(),
)
ADAPT = Command(
    name="adapt",
    help="Translate JSON from standard input by a field map, check such a map, or propose one.",
    argument=("files", "A field map; with --propose the old and the new version of a contract.", "*"),
    options=(
        Option(name="reverse", kind="flag", help="Translate the other way.", spellings=("--reverse",), default=False),
        Option(name="check", kind="flag", help="Only check the map.", spellings=("--check",), default=False),
        Option(
            name="propose",
            kind="flag",
            help="Print a map from what was renamed between two versions of a contract.",
            spellings=("--propose",),
            default=False,
        ),
    ),
)
_EXPLAINED_FOR = _text("target", "TARGET", f"{_TARGET} If not given, this machine, where the log names files of it.")
EXPLAIN = Command(
    name="explain",
    help="Explain a failure: the cause, the evidence and the fix, from what a program printed.",
    argument=("log", "The log, or - for standard input; without one, what is pasted.", "?"),
    options=(
        _EXPLAINED_FOR,
        _FORMAT.replace(choices=("text", "json", "html", "markdown")),
        _OUTPUT,
        _QUICK,
        _RULES,
        _NO_CACHE,
    ),
)
RUN = Command(
    name="run",
    help="Run a command, pass on its output and exit code, and explain on standard error why it failed.",
    argument=("command", "The command with its arguments, after --.", "*"),
    options=(_EXPLAINED_FOR, _OUTPUT, _QUICK, _RULES, _NO_CACHE),
)
COMMANDS = {
    command.name: command for command in (CHECK, SNAPSHOT, DRIFT, MERGE, REPORT, GATE, WAIVE, INIT, ADAPT, EXPLAIN, RUN)
}
