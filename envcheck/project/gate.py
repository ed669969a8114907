"""Reads when a project's gate fails: the section `gate` of `envcheck.yaml`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from envcheck.errors import DocumentError
from envcheck.keys import KINDS, parse_entity
from envcheck.model.policy import THRESHOLDS, GatePolicy, Limit
from envcheck.model.rules import SEVERITIES
from envcheck.project import load_file, nearest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from envcheck.plainyaml import Document
    from envcheck.targets.files import Files

_EVERYWHERE = ("tests", "environments")
_KEYS = ("fail_on", *SEVERITIES, "coverage", "new_only")
_HUNDRED = 100
_MOST_DIGITS = 9


def load(files: Files, path: str) -> GatePolicy:
    """Return what a file of the form of `envcheck.yaml` says of the gate; raises DocumentError, OSError."""
    project, document = load_file(files, path)
    return _Section(document, path).read(project.gate)


class _Section:
    """Turns the section into a policy, naming the line of whatever is wrong."""

    def __init__(self, document: Document, path: str) -> None:
        self.document = document
        self.path = path

    def fail(self, steps: tuple[object, ...], message: str, hint: str) -> DocumentError:
        where = f"{self.path}:{self.document.line(('gate', *steps))}"
        return DocumentError(".".join(map(str, ("gate", *steps))) + f": {message}", where=where, hint=hint)

    def read(self, given: Mapping[str, object]) -> GatePolicy:
        base = self.part({key: value for key, value in given.items() if key not in _EVERYWHERE}, (), GatePolicy())
        if "tests" in given:
            base = base.replace(tests=self.limit(given["tests"], ("tests",)))
        environments = given.get("environments", {})
        if not isinstance(environments, dict):
            raise self.fail(("environments",), "is no mapping", "{prod: {fail_on: warning}}")
        held = []
        for glob, inside in environments.items():
            if not isinstance(inside, dict):
                raise self.fail(("environments", glob), "is no mapping", f"{{{glob}: {{fail_on: warning}}}}")
            held.append((glob, self.part(inside, ("environments", glob), base)))
        return base.replace(environments=tuple(held))

    def part(self, given: Mapping[str, object], steps: tuple[object, ...], base: GatePolicy) -> GatePolicy:
        """Return the policy of one mapping, which says only where it differs from the base.

        A threshold of its own sets the base's limits aside: they were made for another one.
        """
        for key in given:
            if key not in _KEYS:
                known = _KEYS if steps else (*_KEYS, *_EVERYWHERE)
                raise self.fail((*steps, key), "there is no such setting", nearest(key, known))
        limits = {} if "fail_on" in given else dict(base.limits)
        limits |= {name: self.limit(given[name], (*steps, name)) for name in SEVERITIES if name in given}
        policy = base.replace(limits=limits)
        if "fail_on" in given:
            policy = policy.replace(fail_on=self.threshold(given["fail_on"], (*steps, "fail_on")))
        if "new_only" in given:
            if not isinstance(given["new_only"], bool):
                raise self.fail((*steps, "new_only"), "is neither true nor false", "new_only: true")
            policy = policy.replace(new_only=given["new_only"])
        if "coverage" in given:
            policy = policy.replace(coverage=self.coverage(given["coverage"], (*steps, "coverage")))
        return policy

    def threshold(self, given: object, steps: tuple[object, ...]) -> str:
        if not isinstance(given, str) or given not in THRESHOLDS:
            raise self.fail(steps, f"{given!r} is no threshold", f"one of {', '.join(THRESHOLDS)}")
        return given

    def limit(self, given: object, steps: tuple[object, ...]) -> Limit:
        """Return a count such as 3, or a share such as 2.5%; neither may be 0, at which everything would fail."""
        hint = "how many fail the gate (1, 20), or which share (5%, 0.5%)"
        if isinstance(given, int) and not isinstance(given, bool) and given > 0:
            return Limit(amount=given, text=str(given))
        if isinstance(given, str) and given.endswith("%"):
            whole, dot, part = given[:-1].strip().partition(".")
            digits = whole + part
            if digits.isascii() and digits.isdigit() and whole and len(digits) <= _MOST_DIGITS and (part or not dot):
                amount, per = int(digits), _HUNDRED * 10 ** len(part)
                if 0 < amount <= per:
                    return Limit(amount=amount, per=per, text=given)
        raise self.fail(steps, f"{given!r} is no limit", hint)

    def coverage(self, given: object, steps: tuple[object, ...]) -> tuple[str, ...]:
        scopes = given if isinstance(given, list) else [given]
        for number, scope in enumerate(scopes):
            place = (*steps, number) if isinstance(given, list) else steps
            problem, hint = _no_scope(scope)
            if problem:
                raise self.fail(place, problem, hint)
        return tuple(map(str, scopes))


def _no_scope(scope: object) -> tuple[str, str]:
    """Return what is wrong with a scope that is to be covered, and what to try; nothing where it is right."""
    if not isinstance(scope, str) or not scope:
        return f"{scope!r} is no kind of fact and no key", "coverage: [package, gpu, cuda#driver]"
    name, hash_, attribute = scope.partition("#")
    entity = parse_entity(name)
    kind = KINDS.get(entity[0])
    if kind is None:
        return f"there is no kind of fact {entity[0]!r}", nearest(entity[0], KINDS)
    if hash_ and attribute not in kind[3] and "*" not in kind[3]:
        return f"{entity[0]} has no {attribute!r}", nearest(attribute, kind[3])
    if len(entity) not in (1, 1 + len(kind[2])):
        return (
            f"{entity[0]} is written {'/'.join((entity[0], *(f'<{part}>' for part in kind[2])))}",
            "see docs/facts.md",
        )
    asked = [kind[3].get(attribute) or kind[3]["*"]] if hash_ else [*kind[3].values()]
    if all("d" in flags for _, _, flags in asked):
        return f"{scope} is derived from other facts", "name what is read, such as package or gpu"
    return "", ""
