"""Finds the keys on which snapshots do not agree: only here, changed, changed in type, or not known on one side."""

from __future__ import annotations

from envcheck.derive.requirements import marker_environments
from envcheck.drift.values import Range, asked, compare, places
from envcheck.keys import KINDS, OF_A_RUN, format_entity, format_key
from envcheck.model.drift import ABSENT, EXEMPT, ONLY, PRESENT, TYPE, UNDETERMINED, UNKNOWN, VALUE, Change, Side
from envcheck.model.facts import COMPLETE, plain
from envcheck.requirements import applies
from envcheck.secrets import HIDDEN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import TypeAlias

    from envcheck.model.facts import Entity, Known, Snapshot, Value

    Held: TypeAlias = Mapping[str, Known]  # the attributes of one entity in one environment

# What is no property of an environment: what a run says, and how reading went.
LEFT_OUT = OF_A_RUN | {"unread"}
_LEFT_OUT_FLAGS = frozenset("vdl")
# What only a file that declares an environment can say: part of how its version is compared. Its hashes are compared
# with those of another such file.
_SAID_WITH_VERSION = frozenset(("specifier", "markers", "groups"))
_HASHES = "hashes"
_CONTRACT = ("contract", "document")  # whole files: that they differ is told, and how they do elsewhere
_PEP440 = ("package", "copy", "python")  # the kinds whose versions follow it
# Attributes that say no more than another of the same entity: the ABI tag follows from Python's version.
_FOLLOWERS = {
    ("python", "abi"): "version",
    ("python", "soabi"): "version",
    ("python", "base_present"): "kind",
    ("python", "manager"): "kind",
    ("python", "system_site"): "kind",
}
_OF_CONDA = ("build", "channel", "replaced_conda")  # of a distribution; where conda is not, nothing is missing
_ORDER = {kind: number for number, kind in enumerate(KINDS)}


class Differences:
    """Compares snapshots key by key; `changes` are sorted by kind and key.

    `compared` counts the keys that are known of at least two, `ignored` those that `leaves_out` (key) took away, and
    what comes along with them.
    """

    def __init__(self, snapshots: Sequence[Snapshot], leaves_out: Callable[[str], bool] | None = None) -> None:
        self.snapshots = snapshots
        self.changes: list[Change] = []
        self.compared = 0
        self._own = tuple(map(places, snapshots))
        self._all = range(len(snapshots))
        # Scope of a gap (`gpu`, `package#requires`) to the reason of each environment that has it, and to its keys.
        self._gaps: dict[str, tuple[dict[int, str], set[str]]] = {}
        self._markers: list[dict[str, str]] | None = None  # marker environments of those whose Python is known
        self._unsure = False  # whether the key at hand is not known in an environment for a reason of its own
        kinds = {kind for snapshot in snapshots for kind in snapshot.facts.kinds()}
        for kind in sorted(kinds - {*LEFT_OUT}, key=lambda kind: (_ORDER.get(kind, len(_ORDER)), kind)):
            self._compare_kind(kind)
        self._tell_gaps()
        left_out = {change.key for change in self.changes if leaves_out is not None and leaves_out(change.key)}
        kept = [change for change in self.changes if left_out.isdisjoint((change.key, change.follows))]
        self.ignored = len(self.changes) - len(kept)
        heads = {change.key for change in kept}
        self.changes = [
            change if change.follows in heads or not change.follows else change.replace(follows="") for change in kept
        ]

    def _compare_kind(self, kind: str) -> None:
        primary, _, parts, attributes = KINDS.get(kind, ("", "", ("name",), {}))
        left_out = {name for name, (_, _, flags) in attributes.items() if not _LEFT_OUT_FLAGS.isdisjoint(flags)}
        tables = [snapshot.facts.held(kind) for snapshot in self.snapshots]
        for entity in sorted(set().union(*tables)):
            held = [table.get(entity) for table in tables]
            wanted = set().union(*filter(None, held)) - left_out - _SAID_WITH_VERSION
            if parts and primary:
                head = self._compare_presence(entity, held, valued=primary not in left_out)
                wanted -= {primary}
            else:  # of the host, of Python or of a configuration nothing but its attributes may be missing
                head = ""
                held = [item or {} for item in held]
            for attribute in sorted(wanted):
                self._compare_attribute(entity, attribute, held, head)

    # -- one key

    def _compare_presence(self, entity: Entity, held: Sequence[Held | None], *, valued: bool) -> str:
        """Compare what may be there and what not; return its key where that, or its primary attribute, differs.

        Without `valued`, the primary attribute says nothing that two environments could share.
        """
        primary = KINDS[entity[0]][0]
        key, name = format_key(entity, primary), format_entity(entity)
        values: dict[int, Value | Range] = {}
        sides: list[Side] = []
        self._unsure = False
        for number in self._all:
            item = held[number]
            if item is None:
                sides.append(self._missing(number, (name, name, entity[0]), key))
                continue
            value, origin = item[primary] if primary in item else self._asked(item)
            if value is None:
                self._unsure = valued
                sides.append(Side(state=PRESENT, reason=self._why(number, key, name)))
            else:
                shown = value.specifier if isinstance(value, Range) else value
                sides.append(Side(state=PRESENT, value=shown, origin=origin))
                values[number] = value
            if not valued:
                values[number] = True
        if any(side.state == ABSENT for side in sides):
            sides = self._with_exemptions(sides, held)
        return self._put(key, tuple(sides), values)

    def _compare_attribute(self, entity: Entity, attribute: str, held: Sequence[Held | None], head: str) -> None:
        if _is_same(attribute, held):
            self.compared += 1
            return
        key, name, kind = format_key(entity, attribute), format_entity(entity), entity[0]
        self._unsure = False
        sides = []
        values: dict[int, Value | Range] = {}
        for number in self._all:
            item = held[number]
            if item is None or (attribute not in item and self._cannot_have(number, kind, attribute)):
                sides.append(Side(state=EXEMPT))  # of what is not there, or not locked, nothing is missing
            elif attribute in item:
                value, origin = item[attribute]
                shown = _digest(value) if (kind, attribute) == _CONTRACT else value
                sides.append(Side(state=PRESENT, value=shown, origin=origin))
                values[number] = value
            else:
                sides.append(self._missing(number, (f"{name}#{attribute}", name, f"{kind}#{attribute}", kind), key))
        leader = _FOLLOWERS.get((kind, attribute))
        self._put(key, tuple(sides), values, head or (format_key(entity, leader) if leader else ""))

    def _put(self, key: str, sides: tuple[Side, ...], values: Mapping[int, Value | Range], follows: str = "") -> str:
        """Record the change of one key, if it is one, and return its key."""
        self.compared += sum(side.state in (PRESENT, ABSENT) for side in sides) > 1
        kind, _, attribute = key.partition("#")
        versions = attribute == "version" and kind.partition("/")[0] in _PEP440
        agreement = compare(values, self._own, self._twins, versions=versions)
        absent = tuple(number for number, side in enumerate(sides) if side.state == ABSENT)
        if agreement.differ:
            only_types = agreement.typed and len(set(map(plain, values.values()))) == 1
            form = TYPE if only_types else VALUE
        elif absent and any(side.state == PRESENT for side in sides):
            form = ONLY
        elif values and (agreement.unsure or self._unsure):
            form = UNDETERMINED
        else:
            return ""
        groups = sorted((*agreement.groups, *((absent,) if absent else ())), key=lambda held: (-len(held), held))
        self.changes.append(Change(key=key, form=form, sides=sides, groups=tuple(groups), follows=follows))
        return key

    def _why(self, number: int, *scopes: str) -> str:
        coverage = self.snapshots[number].coverage
        said = next((coverage[scope].reason for scope in scopes if scope in coverage), "")
        return said or f"{scopes[0].partition('#')[2]} not known"

    def _twins(self, numbers: Sequence[int]) -> int:
        """Return how many different states the environments of these numbers are in: one given twice is one."""
        kept: list[Snapshot] = []
        for number in numbers:
            snapshot = self.snapshots[number]
            if not any(snapshot.facts == other.facts for other in kept):
                kept.append(snapshot)
        return len(kept)

    def _asked(self, item: Held) -> tuple[Value | Range | None, str]:
        """Return what a file that pins no version asks for, as the Pythons of the other environments have it."""
        text, origin = item.get("specifier", ("", ""))
        if not text:
            return None, origin
        if self._markers is None:
            known = [held for held in self.snapshots if held.facts.get(("python",), "version")]
            self._markers = [each for snapshot in known for each in marker_environments(snapshot)]
        return asked(str(text), self._markers), origin

    # -- what is not there

    def _missing(self, number: int, scopes: Sequence[str], key: str) -> Side:
        """Return the side of an environment that lacks a key: absent, or unknown with the reason.

        `scopes` are those of the coverage that speak of it, the most specific first, the kind last.
        """
        coverage, kind = self.snapshots[number].coverage, scopes[-1]
        scope = next((scope for scope in scopes if scope in coverage), kind)
        entry = coverage.get(scope)
        if entry is not None and entry.status == COMPLETE:
            foreign = kind == "conda" and not self.snapshots[number].facts.held(kind)
            return Side(state=EXEMPT, reason="no conda environment") if foreign else Side(state=ABSENT)
        reason = f"{kind} was not collected" if entry is None else entry.reason or entry.status
        if scope in scopes[:2] and scope != kind:
            self._unsure = True
        else:  # a gap in all entities of a kind is told once, not for each of them
            reasons, keys = self._gaps.setdefault(scope, ({}, set()))
            reasons[number] = reason
            keys.add(key)
        return Side(state=UNKNOWN, reason=reason)

    def _cannot_have(self, number: int, kind: str, attribute: str) -> bool:
        """Tell whether an attribute is only of locked files, or of conda's packages, and this environment has none."""
        if kind != "package":
            return False
        return attribute == _HASHES or (attribute in _OF_CONDA and not self.snapshots[number].facts.held("conda"))

    def _tell_gaps(self) -> None:
        for scope, (reasons, keys) in sorted(self._gaps.items()):
            sides = tuple(
                Side(state=UNKNOWN, reason=reasons[number])
                if number in reasons
                else Side(state=PRESENT, value=len(keys))
                for number in self._all
            )
            self.changes.append(Change(key=scope, form=UNDETERMINED, sides=sides))

    def _with_exemptions(self, sides: Sequence[Side], held: Sequence[Held | None]) -> list[Side]:
        """Exempt the environments for which nothing asks for a distribution, by its markers, extras and groups."""
        there = [item for item in held if item is not None]
        return [
            self._exempt(number, there) or side if side.state == ABSENT else side for number, side in enumerate(sides)
        ]

    def _exempt(self, number: int, there: Sequence[Held]) -> Side | None:
        reasons = []
        for item in there:
            groups, markers = item.get("groups"), item.get("markers")
            if groups is not None and isinstance(groups[0], tuple):
                reasons.append(f"only asked for by {', '.join(groups[0])}")
            elif markers is not None and isinstance(markers[0], tuple) and not self._applies(number, markers[0]):
                reasons.append(f"only where {' or '.join(markers[0])}")
            else:
                return None
        return Side(state=EXEMPT, reason=reasons[0])

    def _applies(self, number: int, markers: tuple[str, ...]) -> bool:
        """Tell whether one of the markers may hold in an environment."""
        environments = marker_environments(self.snapshots[number])
        return any(applies(marker, environment) is not False for marker in markers for environment in environments)


def _digest(value: Value) -> str:
    from hashlib import sha256

    return f"sha256:{sha256(plain(value).encode('utf-8', 'surrogatepass')).hexdigest()[:12]}"


def _is_same(attribute: str, held: Sequence[Held | None]) -> bool:
    """Tell at a glance whether all have the same value of an attribute, as is so of nearly all."""
    first = held[0]
    if first is None or attribute not in first:
        return False
    value = first[attribute][0]
    return (
        all(
            item is not None
            and attribute in item
            and item[attribute][0] == value
            and type(item[attribute][0]) is type(value)
            for item in held
        )
        and value != HIDDEN
    )
