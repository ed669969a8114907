"""`envcheck rules`: list, show and test the rules, and print the schema of their files."""

from __future__ import annotations

import sys

from envcheck import examples
from envcheck.cli.output import complain, say
from envcheck.data import folder
from envcheck.engine.load import load as parse
from envcheck.errors import RuleError, UsageError
from envcheck.model.rules import Rulebook
from envcheck.renderers._printable import printable
from envcheck.rulebooks import load, read_files

TYPE_CHECKING = False
if TYPE_CHECKING:
    from envcheck.model.rules import Rule


def list_rules(folders: tuple[str, ...]) -> int:
    """Print id, severity and summary of every rule."""
    rules = _all(folders).rules
    width = max(len(rule.id) for rule in rules)
    say("".join(f"{rule.id:{width}}  {rule.severity:7}  {printable(rule.summary)}\n" for rule in rules))
    return 0


def show(name: str, folders: tuple[str, ...]) -> int:
    """Print one rule: what it says, why, where it comes from, and its file."""
    rules = {rule.id: rule for rule in _all(folders).rules}
    rule = rules.get(name)
    if rule is None:
        near = [other for other in rules if name in other]
        raise UsageError(
            f"there is no rule {name!r}", hint=f"perhaps {', '.join(near[:3])}" if near else "envcheck rules list"
        )
    lines = [rule.id, f"  {rule.severity}, {rule.scope}" + (f", cause {rule.cause}" if rule.cause else ""), ""]
    lines += [f"  {rule.summary}", f"  {rule.why}", "", "  Sources:", *(f"    {source}" for source in rule.sources)]
    lines += ["", "  Examples:"]
    for example in rule.examples:
        logged = [repr(example.log)] if example.log else []
        given = ", ".join([*logged, *(f"{key} {value}" for key, value in example.facts.items())])
        missing = f"; unknown: {', '.join(example.unknown)}" if example.unknown else ""
        lines.append(f"    {example.expect:9}  {given}{missing}")
    say("\n".join([*map(printable, [*lines, "", f"  {rule.origin}"]), ""]))
    return 0


def test(folders: tuple[str, ...]) -> int:
    """Run every example of some folders or files, of all shipped rules if none is named.

    The exit code is 1 if one does not hold. A file that cannot be read is told, and the others are still tested.
    """
    rulebook, broken = _read_one_by_one(folders) if folders else (_all(()), [])
    failures = list(examples.run(rulebook))
    for error in broken:
        complain(str(error))
    for failure in failures:
        print(f"{failure.rule}: example {failure.number}: wanted {failure.wanted}, got {failure.got}", file=sys.stderr)
    count = sum(len(rule.examples) for rule in rulebook.rules)
    say(f"{len(rulebook.rules)} rules, {count} examples, {len(failures)} failed\n")
    return RuleError.exit_code if broken else 1 if failures else 0


def _read_one_by_one(folders: tuple[str, ...]) -> tuple[Rulebook, list[RuleError]]:
    shipped = load().tables
    files = read_files(folders)
    try:
        rulebook = parse(files, shipped)
        return rulebook.replace(tables={**shipped, **rulebook.tables}), []
    except RuleError as error:
        broken = [error]
    found: list[Rule] = []
    for file in files:
        try:
            found += parse([file], shipped).rules
        except RuleError as error:
            broken = [*(other for other in broken if str(other) != str(error)), error]
    return Rulebook(rules=tuple(found), tables=shipped), broken


def schema() -> int:
    """Print the JSON Schema of rule files."""
    from envcheck.engine.forms import rule_schema

    say(rule_schema())
    return 0


def _all(folders: tuple[str, ...]) -> Rulebook:
    return parse(read_files((folder("rules"), *folders)))
