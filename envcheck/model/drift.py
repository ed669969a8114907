"""What comparing environments gives: the keys on which they do not agree, and what that breaks."""

from __future__ import annotations

from envcheck.model.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from envcheck.model.facts import Value

# What one environment has for a key. `exempt`: declared for other environments only, such as by a marker.
PRESENT, ABSENT, UNKNOWN, EXEMPT = "present", "absent", "unknown", "exempt"
# How environments disagree: some do not have it, the values differ, only their types do, or nobody can tell.
ONLY, VALUE, TYPE, UNDETERMINED = "only", "value", "type", "undetermined"
# How two states of one environment relate by their version vectors; `unrelated` where one has none.
NEWER, OLDER, SAME, CONCURRENT, UNRELATED = "newer", "older", "same", "concurrent", "unrelated"


# Stands between the labels of environments where a finding is about all that were compared.
BETWEEN = " ↔ "


class Side(Record):
    """What one environment has for a key: `value` and `origin` where present, `reason` where unknown or exempt."""

    state: str
    value: Value | None = None
    origin: str = ""
    reason: str = ""


class Effect(Record):
    """A finding that rests on a change: the label of the environment that has it, its rule and fingerprint."""

    target: str
    rule: str
    fingerprint: str


class Change(Record):
    """One key on which environments do not agree.

    `sides` are in the order of the environments. `groups` are the numbers (from 0) of environments that have the same,
    the largest group first; those whose side is unknown or exempt are in none. Where the first group is larger than
    every other, it is the majority, and all that are in another group are outliers. `follows` is the key of the change
    that this one comes along with (the requirements of a package whose version differs), empty for one of its own.
    `effects` are the findings that only some environments have and that rest on it. `judged_by` is the rule of the
    policy that decides about the key, as `file:line`, and `verdict` what that says: `consistent`, `inconsistent`,
    `missing`, `type`, `unlisted`, `undetermined` or, of values that are as expected, `allowed`; both are empty where no
    policy speaks of the key.
    """

    key: str
    form: str
    sides: tuple[Side, ...]
    groups: tuple[tuple[int, ...], ...] = ()
    follows: str = ""
    effects: tuple[Effect, ...] = ()
    judged_by: str = ""
    verdict: str = ""


class Kinship(Record):
    """How an environment's state (`one`, a label) relates to another's: newer, older, same, concurrent or unrelated."""

    one: str
    other: str
    relation: str


class Drift(Record):
    """All differences of the compared environments: the worst first, then by kind.

    `compared` counts the keys that are known of at least two of them, `ignored` those that were left out by a policy
    or on request.
    """

    environments: tuple[str, ...]
    changes: tuple[Change, ...]
    compared: int
    ignored: int = 0
    history: tuple[Kinship, ...] = ()


class KeyRule(Record):
    """What a drift policy says of the keys that a glob matches.

    `environments` are labels or globs, none for all that are compared. `check` is `consistency` (one value everywhere),
    `ignore`, or empty where only `expect` counts: the value that an environment (a label or a glob) must have.
    `secret` compares values by their keyed hash; `across_files` also asks that all files of one environment agree.
    """

    pattern: str
    origin: str
    environments: tuple[str, ...] = ()
    check: str = ""
    expect: tuple[tuple[str, str], ...] = ()
    secret: bool = False
    across_files: bool = False
    severity: str = "error"


class DriftPolicy(Record):
    """A drift policy: its rules, and what a key is that differs and that no rule matches: ignore, info or warning."""

    rules: tuple[KeyRule, ...] = ()
    unlisted: str = "ignore"
    origin: str = ""
