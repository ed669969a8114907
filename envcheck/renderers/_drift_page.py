"""What the page about drift shows: its causes, and the matrix of keys and environments, row by row."""

from __future__ import annotations

from envcheck.model.drift import ABSENT, EXEMPT, ONLY, PRESENT, TYPE, UNDETERMINED, UNKNOWN, VALUE
from envcheck.model.record import Record
from envcheck.renderers import _drift_outline as told_of
from envcheck.renderers import _drift_values as values
from envcheck.renderers import _drift_wording as wording
from envcheck.renderers import _outline as outline

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from envcheck.model.drift import Change, Drift
    from envcheck.model.facts import Coverage, Snapshot
    from envcheck.model.reports import Report
    from envcheck.renderers._drift_outline import Told
    from envcheck.renderers._drift_values import Held

_WIDE = 6  # up to so many environments have a column with the value; more have one sign each
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_COLOURS = 5
_SIGNS = {ABSENT: "-", UNKNOWN: "?", EXEMPT: "o"}
_NAMED = 4  # so many environments are named beside a value
_VALUES = 4  # so many values of a key are shown in a row beside its strip
_CLAMPED = 90  # characters of a value that a row certainly shows
# The sign and the heading of each conclusion's rows.
_SECTIONS = {
    told_of.BREAKS: ("×", "Breaks"),  # noqa: RUF001  the sign is meant
    told_of.MAY_BREAK: ("!", "May break"),
    told_of.POLICY: ("§", "Against the policy"),
    told_of.MENDS: ("+", "Mends"),
    told_of.NOTED: ("i", "Noted"),
    told_of.ACCEPTED: ("~", "Accepted by a waiver"),
    told_of.ALLOWED: ("✓", "Allowed by the policy"),
    told_of.HARMLESS: ("≠", "Harmless as far as known"),
    told_of.OPEN: ("?", "Not known"),
}
_CAUSES = (
    ("What it breaks", (told_of.BREAKS, told_of.MAY_BREAK)),
    ("What is against the policy", (told_of.POLICY,)),
    ("What it mends", (told_of.MENDS,)),
    ("What else comes of it", (told_of.NOTED, told_of.ACCEPTED)),
)
FORMS = {ONLY: "only in some", VALUE: "other value", TYPE: "other type", UNDETERMINED: "not known"}


class Entry(Record):
    """What some environments have alike, ready to show: its sign and class, the value in pieces, who has it.

    `full` is the value without anything left out, `origins` where it was read and by whom.
    """

    sign: str
    name: str
    pieces: tuple[tuple[str, str], ...]
    members: tuple[int, ...]
    who: str
    full: str
    reason: str
    origins: tuple[tuple[str, str], ...]
    shortened: bool


class Row(Record):
    """One change of the matrix; `cells` are the entries by environment, `strip` their signs in runs of one class.

    `apart` are the numbers of the environments that do not have what the majority has; `problems` link to findings;
    what is `shortened` is whole only when it is unfolded.
    """

    number: int
    kind: str
    name: str
    form: str
    sign: str
    entries: tuple[Entry, ...]
    cells: tuple[Entry, ...]
    strip: tuple[tuple[str, str], ...]
    apart: str
    majority: bool
    shortened: bool
    judged_by: str
    verdict: str
    problems: tuple[tuple[int, str], ...] = ()
    followers: tuple[Row, ...] = ()


class Section(Record):
    """The rows of one conclusion."""

    sign: str
    name: str
    conclusion: str
    rows: tuple[Row, ...]


class Covered(Record):
    """How far one environment was read."""

    snapshot: Snapshot
    gaps: tuple[Coverage, ...]
    read: int


def contents(report: Report, drift: Drift) -> dict[str, object]:
    """Return what the template shows."""
    told = told_of.tell(report, drift)
    worst, sentence = wording.verdict(told, drift, report.snapshots)
    shown = [problem.finding for cause in told.causes for problem in cause.problems]
    shown += [problem.finding for problem in told.rest]
    places = {id(finding): number for number, finding in enumerate(shown, 1)}
    rows = {change.key: number for number, change in enumerate(drift.changes, 1)}
    links = {(finding.rule, finding.fingerprint): places[id(finding)] for finding in reversed(shown)}
    environments = [_covered(snapshot) for snapshot in report.snapshots]
    return {
        "report": report,
        "drift": drift,
        "told": told,
        "verdict": sentence,
        "worst": worst,
        "counts": wording.count_line(told, drift),
        "compared": wording.compared(drift),
        "caused": [
            (title, [cause for cause in told.causes if cause.conclusion in wanted]) for title, wanted in _CAUSES
        ],
        "entries": lambda change: _entries(change, drift),
        "consequence": lambda cause: wording.consequence(cause, drift),
        "short_key": values.short_key,
        "row_of": lambda change: rows[change.key],
        "number_of": lambda finding: places[id(finding)],
        "place": lambda problem: wording.place(problem.targets, drift) if any(problem.targets) else "",
        "wide": len(drift.environments) <= _WIDE,
        "shown_values": _VALUES,
        "sections": _sections(told, drift, rows, links),
        "forms": [(form, FORMS.get(form, form)) for form in sorted({change.form for change in drift.changes})],
        "kinds": sorted({values.kind_of(change.key) for change in drift.changes}),
        "history": wording.history(drift),
        "undecided": outline.undecided(report),
        "open_rules": outline.open_rules(report),
        "environments": environments,
        "unread": sum(len(each.gaps) for each in environments),
    }


def _covered(snapshot: Snapshot) -> Covered:
    gaps = tuple(outline.gaps(snapshot))
    return Covered(snapshot=snapshot, gaps=gaps, read=len(snapshot.coverage) - len(gaps))


def _sections(
    told: Told, drift: Drift, numbers: Mapping[str, int], links: Mapping[tuple[str, str], int]
) -> list[Section]:
    held: dict[str, list[Row]] = {}
    for each in told.differences:
        found = {links[finding.rule, finding.fingerprint]: finding.rule for finding in each.findings}
        row = _row(each.change, each.conclusion, drift, numbers[each.change.key])
        followers = (_row(change, told_of.HARMLESS, drift, numbers[change.key]) for change in each.followers)
        row = row.replace(problems=tuple(found.items()), followers=tuple(followers))
        held.setdefault(each.conclusion, []).append(row)
    return [
        Section(sign=_SECTIONS[conclusion][0], name=_SECTIONS[conclusion][1], conclusion=conclusion, rows=tuple(rows))
        for conclusion, rows in held.items()
    ]


def _row(change: Change, conclusion: str, drift: Drift, number: int) -> Row:
    entries = _entries(change, drift)
    cells = [entry for _, entry in sorted((place, entry) for entry in entries for place in entry.members)]
    kind = values.kind_of(change.key)
    return Row(
        number=number,
        kind=kind,
        name=values.short_key(change.key).removeprefix(kind),
        form=change.form,
        sign=_SECTIONS[conclusion][0],
        entries=tuple(entries),
        cells=tuple(cells),
        strip=tuple(_strip(cells)) if len(cells) > _WIDE else (),
        apart=" ".join(str(place) for place, entry in enumerate(cells) if entry.name != "most"),
        majority=any(entry.name == "most" for entry in entries),
        shortened=any(entry.shortened for entry in entries) or (len(cells) > _WIDE and len(entries) > _VALUES),
        judged_by=change.judged_by,
        verdict=change.verdict,
    )


def _strip(cells: Iterable[Entry]) -> Iterator[tuple[str, str]]:
    """Return the signs of a row in runs of one class."""
    name, run = "", ""
    for cell in cells:
        if cell.name != name and run:
            yield name, run
            run = ""
        name, run = cell.name, run + cell.sign
    yield name, run


def _entries(change: Change, drift: Drift) -> list[Entry]:
    held = values.held(change)
    present = [each for each in held if each.state == PRESENT]
    entries = []
    # Of two environments every value is another one, which needs no sign.
    letters = iter(_LETTERS if len(drift.environments) > told_of.PAIR else ("", ""))
    for number, each in enumerate(held):
        # The first is compared with the second, all others with the first.
        other = next((one for one in present if one is not each), each)
        if each.majority and len(drift.environments) > told_of.PAIR:
            sign, name, pieces = "·", "most", [(values.SAME, each.words)]
        elif each.state in _SIGNS:
            sign, name, pieces = _SIGNS[each.state], each.state, [(values.SAME, each.words)]
        else:
            sign, name, pieces = next(letters, "*"), f"g{number % _COLOURS}", values.parts(each, other)
        entries.append(_entry(each, change, drift, (sign, name), pieces))
    return entries


def _entry(
    held: Held, change: Change, drift: Drift, shown: tuple[str, str], pieces: Sequence[tuple[str, str]]
) -> Entry:
    origins: dict[str, list[int]] = {}
    for number in held.members:
        if change.sides[number].origin:
            origins.setdefault(change.sides[number].origin, []).append(number)
    return Entry(
        sign=shown[0],
        name=shown[1],
        pieces=tuple(pieces),
        members=held.members,
        who=_who(held, held.members, drift, _NAMED),
        full=held.words,
        reason=held.side.reason,
        origins=tuple((origin, _who(held, members, drift, len(members))) for origin, members in origins.items()),
        shortened=len(held.words) > _CLAMPED or "".join(text for _, text in pieces) != held.words,
    )


def _who(held: Held, members: Sequence[int], drift: Drift, limit: int) -> str:
    """Return the names of environments; of a majority that is not small, how many it has."""
    if held.majority and len(members) > _NAMED:
        return f"{len(members)} of {len(drift.environments)}"
    return wording.names(members, drift, limit)
