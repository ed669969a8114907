"""Tells which values of one key are the same: versions by PEP 440, paths without the environment's own prefix."""

from __future__ import annotations

from envcheck.model.record import Record
from envcheck.requirements import applies
from envcheck.secrets import HIDDEN, hashed_under
from envcheck.versions import key as version_key
from envcheck.versions import satisfies

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Mapping, Sequence
    from typing import TypeAlias

    from envcheck.model.facts import Snapshot, Value

    # (text, what stands for it in every environment)
    Places: TypeAlias = tuple[tuple[str, str], ...]


class Range(Record):
    """Versions that a file asks for without pinning one."""

    specifier: str


def asked(text: str, environments: Sequence[Mapping[str, str]]) -> str | Range | None:
    """Return the version or range that a file asks for, None where the marker environments do not tell which one.

    Alternatives read `==2.32.5; python_version < '3.10' | >=2.34; python_version >= '3.10'`.
    """
    if ";" not in text:
        return Range(specifier=text)
    chosen = set()
    for alternative in text.split(" | "):
        specifier, _, marker = alternative.partition("; ")
        holds = {applies(marker, environment) for environment in environments}
        if len(holds) != 1 or None in holds:
            return None
        if True in holds:
            chosen.add(specifier)
    if len(chosen) != 1:
        return None
    specifier = chosen.pop()
    exact = specifier.startswith("==") and "*" not in specifier and "," not in specifier
    return specifier.removeprefix("==") if exact else Range(specifier=specifier)


class Agreement(Record):
    """What comparing the values of one key gave.

    `differ`: some two are certainly not the same; `typed`: some two differ in nothing but their type; `unsure`: some
    two cannot be compared. `groups` are the numbers of the environments that have the same, the largest group first;
    those that cannot be compared with the others are in none: hidden values, and hashes under a less frequent key.
    """

    differ: bool
    typed: bool
    unsure: bool
    groups: tuple[tuple[int, ...], ...]


def places(snapshot: Snapshot) -> Places:
    """Return what differs between any two environments and means the same: the prefix, the name of Python's folder."""
    held = snapshot.facts.of(("python",))
    texts = {name: str(held[name][0]) for name in ("prefix", "base_prefix", "version") if name in held}
    version = ".".join(texts.get("version", "").split(".")[:2])
    found = (texts.get("prefix", ""), "{prefix}"), (texts.get("base_prefix", ""), "{base}")
    named = ((f"python{version}", "{python}"),) if version else ()
    return tuple((text, name) for text, name in found if len(text) > 1) + named


def compare(
    values: Mapping[int, Value | Range],
    own: Sequence[Places],
    states: Callable[[Sequence[int]], int] = len,
    *,
    versions: bool = False,
) -> Agreement:
    """Compare the values of one key by the number of their environment; `versions` are equal by PEP 440.

    `states` says in how many different states some environments are, as the same state has the same hidden values.
    """
    buckets: dict[Hashable, list[int]] = {}
    ranges = {}
    hidden: list[int] = []
    for number, value in values.items():
        if isinstance(value, Range):
            ranges[number] = value.specifier
        elif value == HIDDEN:
            hidden.append(number)
        else:
            buckets.setdefault(_token(value, own[number], versions=versions), []).append(number)
    keys: dict[str, list[Hashable]] = {}
    for token in buckets:
        if isinstance(token, str) and hashed_under(token):
            keys.setdefault(hashed_under(token), []).append(token)
    plain = len(buckets) - sum(map(len, keys.values()))
    # A value is hidden for what it is, so that a hidden and a plain one are never the same.
    differ = plain + bool(keys or hidden) > 1 or any(len(tokens) > 1 for tokens in keys.values())
    for tokens in sorted(keys.values(), key=lambda tokens: -sum(len(buckets[token]) for token in tokens))[1:]:
        for token in tokens:
            del buckets[token]
    if ranges:
        differ = _add_ranges(ranges, buckets, values) or differ
    groups = sorted((sorted(held) for held in buckets.values()), key=lambda held: (-len(held), held))
    groups, typed = _divided_by_type(groups, values)
    return Agreement(
        differ=differ or typed,
        typed=typed,
        unsure=len(keys) + (states(hidden) if len(hidden) > 1 else len(hidden)) > 1,
        groups=tuple(map(tuple, groups)),
    )


def _token(value: Value, own: Places, *, versions: bool) -> Hashable:
    """Return what values share exactly when they are the same, whatever their type."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return tuple(_without_places(item, own) for item in value)
    if not isinstance(value, str):
        return str(value)
    if versions:
        try:
            return version_key(value)
        except ValueError:
            return value
    return _without_places(value, own)


def _without_places(text: str, own: Places) -> str:
    if "/" not in text:
        return text
    text += ":"  # so that every path ends before a slash or a colon
    for place, name in own:
        for end in "/:":
            text = text.replace(place + end, name + end)
    return text


def _divided_by_type(groups: list[list[int]], values: Mapping[int, Value | Range]) -> tuple[list[list[int]], bool]:
    """Divide groups whose members are written alike, but are a text here and a number or a boolean there."""
    divided = []
    for group in groups:
        texts = [number for number in group if isinstance(values[number], (str, Range))]
        others = [number for number in group if number not in texts]
        divided += [part for part in (texts, others) if part]
    divided.sort(key=lambda held: (-len(held), held))
    return divided, len(divided) > len(groups)


def _add_ranges(
    ranges: Mapping[int, str], buckets: dict[Hashable, list[int]], values: Mapping[int, Value | Range]
) -> bool:
    """Put every range to the largest group that it allows; tell whether it rules out a version, or two are not one."""
    outside = len({"".join(specifier.split()) for specifier in ranges.values()}) > 1
    versions = [(str(values[held[0]]), held) for held in buckets.values()]
    for number, specifier in ranges.items():
        allowed = [held for version, held in versions if satisfies(version, specifier) is not False]
        outside = outside or len(allowed) < len(versions)
        if allowed:
            max(allowed, key=len).append(number)
        else:
            buckets.setdefault(Range(specifier="".join(specifier.split())), []).append(number)
    return outside
