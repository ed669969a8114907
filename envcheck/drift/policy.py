"""Judges keys by a drift policy: those that must be the same, those that must have a value, those that may differ."""

from __future__ import annotations

from fnmatch import fnmatchcase

from envcheck.drift.differences import LEFT_OUT
from envcheck.drift.globs import any_matches, matches, specificity
from envcheck.drift.values import compare, places
from envcheck.keys import format_key, parse_entity
from envcheck.model.drift import ABSENT, EXEMPT, PRESENT, UNDETERMINED, UNKNOWN, KeyRule, Side
from envcheck.model.facts import Absent, Facts, Unknown, plain
from envcheck.model.record import Record
from envcheck.secrets import HIDDEN, hashed_under, hide, protect

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from envcheck.model.drift import Change, DriftPolicy
    from envcheck.model.facts import Known, Snapshot, Value

# What is judged: the policy's words for a key.
CONSISTENT, INCONSISTENT, MISSING, DIFFERENT_TYPE = "consistent", "inconsistent", "missing", "type"
UNLISTED = "unlisted"
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
    """A drift policy over some environments, by their labels.

    `ignore` are globs that it leaves out this time. Expected values that are secret are compared by their hashes under
    the project's `key`, as those of the environments are (see `hidden`).
    """

    def __init__(
        self,
        policy: DriftPolicy,
        snapshots: Sequence[Snapshot],
        ignore: Sequence[str] = (),
        key: bytes | None = None,
    ) -> None:
        self.ignore = ignore
        self.policy = policy
        self._secret = _secret(policy)
        self._key = key
        self.snapshots = snapshots
        self.labels = [snapshot.label for snapshot in snapshots]
        judging = [rule for rule in policy.rules if rule.check or rule.expect]
        self._rules = sorted(judging, key=lambda rule: (specificity(rule.pattern), rule.check == "ignore"))
        self._own = tuple(map(places, snapshots))
        self._found: dict[str, KeyRule | None] = {}

    def rule_of(self, key: str) -> KeyRule | None:
        """Return the most specific rule that judges a key; where two are equally so, one that ignores wins."""
        if key not in self._found:
            self._found[key] = next((rule for rule in reversed(self._rules) if matches(rule.pattern, key)), None)
        return self._found[key]

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
                if change is not None and change.form != UNDETERMINED and self._is_unlisted(key):
                    judged.append(self._unlisted(key, change))
            else:
                judged += self._by_rule(key, rule, change)
        return judged + list(self._across_files())

    def idle(self) -> list[tuple[KeyRule, str]]:
        """Return the rules that decide nothing here, and why."""
        keys = self._keys()
        return [(rule, why) for rule in self.policy.rules for why in self._idle(rule, keys)]

    def _idle(self, rule: KeyRule, keys: Collection[str]) -> Iterator[str]:
        """Yield what a rule cannot decide, and why."""
        held = [key for key in keys if matches(rule.pattern, key)]
        if not held:
            yield "no environment has such a key"
            return
        chosen = self._chosen(rule)
        deciding = [self.rule_of(key) or rule for key in held] if rule.check or rule.expect else [rule]
        if rule not in deciding:
            yield f"every such key is decided by {', '.join(sorted({each.origin for each in deciding}))}"
        if rule.check == "consistency" and len(chosen) < 2:  # noqa: PLR2004  nothing to compare it with
            yield f"of {', '.join(rule.environments)} only {', '.join(chosen.values()) or 'none'} is compared"
        strangers = [name for name, _ in rule.expect if not any(fnmatchcase(label, name) for label in chosen.values())]
        if strangers:
            yield f"a value is expected in {', '.join(strangers)}, which is not compared"

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
        everywhere = change.sides if change is not None else self._values(key)
        sides = tuple((label, everywhere[number]) for number, label in chosen.items())
        compared = rule.check == "consistency" and len(chosen) > 1
        verdict, unsure = ("", "") if not compared else _verdict(change, chosen) if change else _unread(sides)
        unexpected = []
        told = [(label, side, self._expected(rule, label, key)) for label, side in sides]
        expected = [(label, side, wanted) for label, side, wanted in told if wanted is not None]
        for label, side, wanted in expected:
            why = _incomparable(side, wanted)
            if why:
                unsure = unsure or f"{label}: {why}"
            elif side.state == ABSENT or plain(side.value) != wanted:
                unexpected.append((label, wanted))
        if verdict or expected:
            yield Judgement(
                key=key, rule=rule, sides=sides, verdict=verdict, unexpected=tuple(unexpected), unsure=unsure
            )

    def _values(self, key: str) -> list[Side]:
        """Return the sides of a key on which all agree that have it."""
        name, _, attribute = key.partition("#")
        entity = parse_entity(name)
        return [_seen(snapshot.look(entity, attribute)) for snapshot in self.snapshots]

    def _expected(self, rule: KeyRule, label: str, key: str) -> str | None:
        """Return the value that an environment must have, a secret one hidden; its own label goes before a glob."""
        globbed = (value for name, value in rule.expect if fnmatchcase(label, name))
        wanted = dict(rule.expect).get(label, next(globbed, None))
        if wanted is None:
            return None
        return hide(wanted, self._key) if any_matches(self._secret, key) else protect(key, wanted, self._key)

    def _is_unlisted(self, key: str) -> bool:
        """Tell whether a key is a setting of which no rule speaks, not even to call it secret, where that matters."""
        if self.policy.unlisted == "ignore" or key.partition("/")[0] not in _SETTINGS:
            return False
        return not any_matches([rule.pattern for rule in self.policy.rules], key)

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
                        key = format_key(entity, setting)
                        if self.rule_of(key) is rule and not any_matches(self.ignore, key):
                            side = Side(state=PRESENT, value=value, origin=origin)
                            held.setdefault(setting, []).append((number, f"{label}/{entity[1]}", side))
            for setting, found in sorted(held.items()):
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
    patterns = _secret(policy)
    if not patterns:
        return snapshot
    over = Facts()
    for fact in snapshot.facts:
        if fact.entity[0] not in LEFT_OUT and any_matches(patterns, format_key(fact.entity, fact.attribute)):
            over.put(fact.entity, fact.origin, **{fact.attribute: hide(plain(fact.value), key)})
    return snapshot.replace(facts=snapshot.facts.overlaid(over))


def _secret(policy: DriftPolicy) -> list[str]:
    """Return the globs of the keys that a policy calls secret."""
    return [rule.pattern for rule in policy.rules if rule.secret]


def _seen(look: Known | Absent | Unknown) -> Side:
    if isinstance(look, Unknown):
        return Side(state=UNKNOWN, reason=look.reason)
    return Side(state=ABSENT) if isinstance(look, Absent) else Side(state=PRESENT, value=look[0], origin=look[1])


def _unread(sides: Iterable[tuple[str, Side]]) -> tuple[str, str]:
    """Return what a key is on which all agree that have it: an environment that was not read may have another value."""
    for label, side in sides:
        if side.state == UNKNOWN:
            return UNDETERMINED, f"{label}: {side.reason}"
    return CONSISTENT, ""


def _verdict(change: Change, chosen: Mapping[int, str]) -> tuple[str, str]:
    """Return what a change says of the chosen environments alone, and why that is not known."""
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


def _incomparable(side: Side, wanted: str) -> str:
    """Return why it cannot be told whether an environment has the value that it must have."""
    if side.state in (UNKNOWN, EXEMPT):
        return side.reason
    value = side.value if isinstance(side.value, str) else ""
    under = hashed_under(value)
    return "its value is hidden" if value == HIDDEN or (under and under != hashed_under(wanted)) else ""
