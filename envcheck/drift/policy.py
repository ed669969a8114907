"""Judges keys by a drift policy: those that must be the same, those that must have a value, those that may differ."""

from __future__ import annotations

from fnmatch import fnmatchcase

from envcheck.drift.differences import LEFT_OUT
from envcheck.drift.globs import any_matches, matches, specificity
from envcheck.drift.values import compare, places
from envcheck.keys import format_key, parse_entity
from envcheck.model.drift import ABSENT, EXEMPT, PRESENT, UNKNOWN, KeyRule, Side
from envcheck.model.facts import Facts, plain
from envcheck.model.record import Record
from envcheck.secrets import HIDDEN, hashed_under, hide

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from envcheck.model.drift import Change, DriftPolicy
    from envcheck.model.facts import Snapshot, Value

# What is judged: the policy's words for a key.
CONSISTENT, INCONSISTENT, MISSING, DIFFERENT_TYPE = "consistent", "inconsistent", "missing", "type"
UNLISTED, UNDETERMINED = "unlisted", "undetermined"
_SETTINGS = ("config", "env")  # what `unlisted` is about


class Judgement(Record):
    """What the policy says of one key.

    `sides` maps the labels of the environments that it compares to what they have; `verdict` is empty where only values
    are expected; `unexpected` are the labels whose value is another than the one they must have, `unsure` why it could
    not be told.
    """

    key: str
    rule: KeyRule
    sides: tuple[tuple[str, Side], ...]
    verdict: str = ""
    unexpected: tuple[tuple[str, str], ...] = ()
    unsure: str = ""


class Policy:
    """A drift policy over some environments, by their labels; `ignore` are globs that it leaves out this time."""

    def __init__(self, policy: DriftPolicy, snapshots: Sequence[Snapshot], ignore: Sequence[str] = ()) -> None:
        self.ignore = ignore
        self.policy = policy
        self.snapshots = snapshots
        self.labels = [snapshot.label for snapshot in snapshots]
        self._rules = sorted(policy.rules, key=lambda rule: (specificity(rule.pattern), rule.check == "ignore"))
        self._own = tuple(map(places, snapshots))

    def rule_of(self, key: str) -> KeyRule | None:
        """Return the most specific rule that matches a key; where two are equally so, one that ignores wins."""
        return next((rule for rule in reversed(self._rules) if matches(rule.pattern, key)), None)

    def ignores(self, key: str) -> bool:
        """Tell whether a key is left out, by the policy or this time."""
        if any_matches(self.ignore, key):
            return True
        rule = self.rule_of(key)
        return rule is not None and rule.check == "ignore"

    def judge(self, changes: Mapping[str, Change]) -> list[Judgement]:
        """Judge every key that a rule speaks of, and, if asked for, those that differ and that none speaks of."""
        judged = []
        for key in sorted(self._keys()):
            if self.ignores(key):
                continue
            rule = self.rule_of(key)
            change = changes.get(key)
            if rule is None:
                listed = self.policy.unlisted == "ignore" or key.partition("/")[0] not in _SETTINGS
                if change is not None and change.form != UNDETERMINED and not listed:
                    judged.append(self._unlisted(key, change))
            elif rule.check or rule.expect:
                judged += self._by_rule(key, rule, change)
        return judged + list(self._across_files())

    def idle(self) -> list[tuple[KeyRule, str]]:
        """Return the rules that decide nothing here, and why."""
        keys = self._keys()
        found = []
        for rule in self.policy.rules:
            chosen = self._chosen(rule)
            if not any(matches(rule.pattern, key) for key in keys):
                found.append((rule, "no environment has such a key"))
            elif rule.check == "consistency" and len(chosen) < 2:  # noqa: PLR2004  nothing to compare it with
                named = ", ".join(rule.environments)
                found.append((rule, f"of {named} only {', '.join(chosen.values()) or 'none'} is compared"))
        return found

    def _keys(self) -> set[str]:
        return {
            format_key(entity, attribute)
            for snapshot in self.snapshots
            for kind in snapshot.facts.kinds()
            if kind not in LEFT_OUT
            for entity, held in snapshot.facts.held(kind).items()
            for attribute in held
        }

    def _chosen(self, rule: KeyRule) -> dict[int, str]:
        """Return number and label of the environments that a rule compares."""
        return {
            number: label
            for number, label in enumerate(self.labels)
            if not rule.environments or any(fnmatchcase(label, wanted) for wanted in rule.environments)
        }

    def _by_rule(self, key: str, rule: KeyRule, change: Change | None) -> Iterator[Judgement]:
        chosen = self._chosen(rule)
        sides = tuple((label, self._side(number, key, change)) for number, label in chosen.items())
        compared = rule.check == "consistency" and len(chosen) > 1
        verdict, unsure = _verdict(change, chosen) if compared else ("", "")
        unexpected = []
        for number, label in enumerate(self.labels):
            wanted = _expected(rule, label)
            if wanted is None:
                continue
            side = self._side(number, key, change)
            if side.state in (UNKNOWN, EXEMPT) or (isinstance(side.value, str) and _is_hidden(side.value)):
                unsure = unsure or f"{label}: {side.reason or 'its value is hidden'}"
            elif side.state == ABSENT or plain(side.value) != wanted:
                unexpected.append((label, wanted))
        if verdict or rule.expect:
            if not compared:
                sides = tuple((label, self._side(number, key, change)) for number, label in enumerate(self.labels))
            yield Judgement(
                key=key, rule=rule, sides=sides, verdict=verdict, unexpected=tuple(unexpected), unsure=unsure
            )

    def _side(self, number: int, key: str, change: Change | None) -> Side:
        if change is not None:
            return change.sides[number]
        return self._values(key)[number]

    def _values(self, key: str) -> list[Side]:
        """Return the sides of a key on which all agree, from the facts."""
        name, _, attribute = key.partition("#")
        entity = parse_entity(name)
        found = [snapshot.facts.get(entity, attribute) for snapshot in self.snapshots]
        return [
            Side(state=EXEMPT, reason="not known")
            if known is None
            else Side(state=PRESENT, value=known[0], origin=known[1])
            for known in found
        ]

    def _unlisted(self, key: str, change: Change) -> Judgement:
        rule = KeyRule(pattern=key, origin=self.policy.origin, severity=self.policy.unlisted)
        return Judgement(key=key, rule=rule, sides=tuple(zip(self.labels, change.sides, strict=True)), verdict=UNLISTED)

    def _across_files(self) -> Iterator[Judgement]:
        """Judge the settings that must be the same in all files of all environments."""
        for rule in self.policy.rules:
            if not rule.across_files or rule.check != "consistency":
                continue
            held: dict[str, list[tuple[int, str, Side]]] = {}
            for number, label in self._chosen(rule).items():
                for entity, settings in sorted(self.snapshots[number].facts.held("config").items()):
                    for setting, (value, origin) in settings.items():
                        if matches(rule.pattern, format_key(entity, setting)):
                            side = Side(state=PRESENT, value=value, origin=origin)
                            held.setdefault(setting, []).append((number, f"{label}/{entity[1]}", side))
            for setting, found in sorted(held.items()):
                if any_matches(self.ignore, setting):
                    continue
                values: dict[int, Value] = {
                    at: side.value for at, (_, _, side) in enumerate(found) if side.value is not None
                }
                agreement = compare(values, [self._own[number] for number, _, _ in found])
                if agreement.differ:
                    sides = tuple((name, side) for _, name, side in found)
                    verdict = DIFFERENT_TYPE if agreement.typed else INCONSISTENT
                    yield Judgement(key=setting, rule=rule, sides=sides, verdict=verdict)


def hidden(snapshot: Snapshot, policy: DriftPolicy, key: bytes | None) -> Snapshot:
    """Return a snapshot whose values that the policy calls secret are hashed, or hidden where there is no key."""
    patterns = [rule.pattern for rule in policy.rules if rule.secret]
    if not patterns:
        return snapshot
    over = Facts()
    for fact in snapshot.facts:
        if fact.entity[0] not in LEFT_OUT and any(
            matches(pattern, format_key(fact.entity, fact.attribute)) for pattern in patterns
        ):
            over.put(fact.entity, fact.origin, **{fact.attribute: hide(plain(fact.value), key)})
    return snapshot.replace(facts=snapshot.facts.overlaid(over))


def _verdict(change: Change | None, chosen: Mapping[int, str]) -> tuple[str, str]:
    """Return what a change says of the chosen environments alone, and why that is not known."""
    if change is None:
        return CONSISTENT, ""
    groups = [[number for number in group if number in chosen] for group in change.groups]
    present = [group for group in groups if group and change.sides[group[0]].state == PRESENT]
    absent = any(group and change.sides[group[0]].state == ABSENT for group in groups)
    if len(present) > 1:
        written = {plain(change.sides[group[0]].value) for group in present}
        return (DIFFERENT_TYPE if len(written) == 1 else INCONSISTENT), ""
    if present and absent:
        return MISSING, ""
    grouped = {number for group in change.groups for number in group}
    for number, label in chosen.items():
        if number not in grouped and change.sides[number].state != EXEMPT:
            return UNDETERMINED, f"{label}: {change.sides[number].reason or 'its value is hidden'}"
    return CONSISTENT, ""


def _expected(rule: KeyRule, label: str) -> str | None:
    """Return the value that an environment must have; its own label goes before a glob."""
    wanted = dict(rule.expect)
    if label in wanted:
        return wanted[label]
    return next((value for name, value in rule.expect if fnmatchcase(label, name)), None)


def _is_hidden(value: str) -> bool:
    return value == HIDDEN or bool(hashed_under(value))
