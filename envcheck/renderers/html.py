"""A report as one self-contained page: opened from disk, it loads nothing and runs only its own script."""

from __future__ import annotations

from envcheck.data import read
from envcheck.keys import KINDS, format_entity
from envcheck.model.record import Record
from envcheck.model.rules import ERROR, INFO, WARNING
from envcheck.renderers import _outline as outline
from envcheck.renderers import _targets as targets
from envcheck.renderers._printable import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from envcheck.model.facts import Coverage, Snapshot
    from envcheck.model.reports import Report
    from envcheck.renderers._outline import Group

SUFFIX = ".html"

_OPEN = 3  # so many findings of one cause stand open; more are a list to choose from
_NEAR = 10  # so many of the rules that are nearly decided are not folded away


class Row(Record):
    """One fact, ready to show."""

    subject: str
    attribute: str
    value: str
    origin: str


class Package(Record):
    """One line of the table of packages; `finding` is the number of the worst finding about it."""

    name: str
    version: str
    installer: str
    location: str
    severity: str
    finding: int


class Environment(Record):
    """One snapshot, ready to show: the few facts everybody asks for, then all of them by kind."""

    snapshot: Snapshot
    overview: tuple[tuple[str, str], ...]
    packages: tuple[Package, ...]
    facts: tuple[tuple[str, str, tuple[Row, ...]], ...]
    gaps: tuple[Coverage, ...]
    read: int


def render(report: Report, *, width: int = 80, colour: bool = False) -> str:
    """Return the page; width and colour do not matter.

    Raises EnvcheckError where the shipped templates are missing.
    """
    del width, colour
    if report.drift is None:
        return page("report", ["report.css"], ["page.js", "report.js"], _contents(report))
    from envcheck.renderers import _drift_page

    contents = _drift_page.contents(report, report.drift)
    return page("drift", ["report.css", "drift.css"], ["page.js", "drift.js"], contents)


def page(name: str, styles: Iterable[str], scripts: Iterable[str], contents: Mapping[str, object]) -> str:
    """Return a page from its template, with its styles and scripts inside; raises EnvcheckError like render."""
    from jinja2 import Environment as Templates
    from jinja2 import FunctionLoader, StrictUndefined
    from markupsafe import Markup

    def shown(value: object) -> object:
        return printable(value) if isinstance(value, str) and not isinstance(value, Markup) else value

    style = "".join(map(_template, styles))
    script = "".join(map(_template, scripts))
    templates = Templates(
        loader=FunctionLoader(_template),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=shown,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    templates.filters.update(
        state=outline.fix_state,
        words=outline.fix_words,
        confidence=outline.confidence,
        standing=outline.standing,
        reasons=outline.missing_reasons,
    )
    templates.tests["link"] = _is_link
    text = templates.get_template(f"{name}.html.j2").render(
        **contents,
        shown=_NEAR,
        policy=f"default-src 'none'; style-src '{_digest(style)}'; script-src '{_digest(script)}'; "
        "base-uri 'none'; form-action 'none'",
        style=Markup(style),  # noqa: S704  shipped with the code, never from an environment
        script=Markup(script),  # noqa: S704
    )
    return text if text.endswith("\n") else f"{text}\n"


def _contents(report: Report) -> dict[str, object]:
    groups = outline.by_cause(report)
    numbers = {id(finding): number for number, finding in enumerate(report.findings, 1)}
    held = outline.counts(report)
    return {
        "report": report,
        "verdict": outline.verdict(report),
        "count_line": outline.count_line(report),
        "worst": {"broken": ERROR, "warnings": WARNING}.get(report.verdict, INFO if held[INFO] else "ok"),
        "counts": [(severity, number) for severity, number in held.items() if number],
        "groups": groups,
        "lines": targets.lines(report),
        "causes": _causes(groups),
        "number_of": lambda finding: numbers[id(finding)],
        "opens": lambda group, finding: not group.waived and finding.severity == ERROR and len(group.findings) <= _OPEN,
        "rules": sorted({finding.rule for finding in report.findings}),
        "statuses": sorted({finding.status for finding in report.findings}),
        "undecided": outline.undecided(report),
        "open_rules": outline.open_rules(report),
        "environments": [_environment(snapshot, report) for snapshot in report.snapshots],
    }


def _causes(groups: Iterable[Group]) -> list[tuple[int, Group, str]]:
    """Return each cause once, with the number of its first group and how many findings it has."""
    held: dict[str, tuple[int, Group, str]] = {}
    for number, group in enumerate(groups, 1):
        many = f"{len(group.findings)} waived" if group.waived else str(len(group.findings))
        if group.cause in held:  # the waived ones come after the others
            first, worst, before = held[group.cause]
            held[group.cause] = (first, worst, f"{before}, {many}")
        else:
            held[group.cause] = (number, group, many)
    return list(held.values())


def _environment(snapshot: Snapshot, report: Report) -> Environment:
    gaps = tuple(outline.gaps(snapshot))
    return Environment(
        snapshot=snapshot,
        overview=tuple((name, text) for name, text in _overview(snapshot) if text),
        packages=tuple(_packages(snapshot, report)),
        facts=tuple(_facts(snapshot)),
        gaps=gaps,
        read=len(snapshot.coverage) - len(gaps),
    )


def _overview(snapshot: Snapshot) -> list[tuple[str, str]]:
    def fact(kind: str, attribute: str, *parts: str) -> str:
        entity = (kind, *parts)
        known = snapshot.facts.get(entity, attribute) or snapshot.derived.get(entity, attribute)
        return "" if known is None else outline.value_words(known[0], kind, attribute)

    def joined(first: str, before: str, second: str) -> str:
        return first + (before + second if first and second else "")

    gpus: dict[str, int] = {}
    for entity in snapshot.facts.entities("gpu"):
        name = fact("gpu", "name", *entity[1:]) or "unknown"
        gpus[name] = gpus.get(name, 0) + 1
    return [
        ("Python", joined(fact("python", "version"), ", ", fact("python", "kind"))),
        ("torch", joined(fact("package", "version", "torch"), ", CUDA ", fact("package", "cuda", "torch"))),
        ("Driver", joined(fact("cuda", "driver"), ", CUDA up to ", fact("cuda", "driver_cuda"))),
        ("GPU", ", ".join(f"{number} × {name}" for name, number in gpus.items())),  # noqa: RUF001  the sign is meant
        ("System", joined(fact("host", "os_name") or fact("host", "os"), ", ", fact("host", "container"))),
        ("glibc", fact("host", "glibc")),
        ("Memory", fact("host", "memory")),
        ("Packages", str(len(snapshot.facts.entities("package")) or "")),
    ]


def _packages(snapshot: Snapshot, report: Report) -> list[Package]:
    about: dict[str, tuple[str, int]] = {}
    here = [(finding, number) for number, finding in enumerate(report.findings, 1) if finding.target == snapshot.label]
    for finding, number in sorted(here, key=lambda item: outline.severity_order(item[0].severity)):
        for subject in finding.subjects:
            about.setdefault(subject, (finding.severity, number))
    rows = []
    for entity in snapshot.facts.entities("package"):
        held = snapshot.facts.of(entity)
        severity, number = about.get(entity[-1], ("", 0))
        fields = ("version", "installer", "location")
        values = {field: outline.value_words(held[field][0]) if field in held else "" for field in fields}
        rows.append(Package(name=entity[-1], severity=severity, finding=number, **values))
    return rows


def _facts(snapshot: Snapshot) -> list[tuple[str, str, tuple[Row, ...]]]:
    kinds: dict[str, list[Row]] = {}
    for fact in (*snapshot.facts, *snapshot.derived):
        kind = fact.entity[0]
        kinds.setdefault(kind, []).append(
            Row(
                subject=format_entity(fact.entity),
                attribute=fact.attribute,
                value=outline.value_words(fact.value, kind, fact.attribute),
                origin=fact.origin,
            )
        )
    return [(kind, KINDS[kind][1] if kind in KINDS else "", tuple(rows)) for kind, rows in sorted(kinds.items())]


def _is_link(source: str) -> bool:
    return source.startswith(("https://", "http://")) and source.isprintable() and " " not in source


def _template(name: str) -> str:
    return read("reports", "templates", name)


def _digest(text: str) -> str:
    from base64 import b64encode
    from hashlib import sha256

    return f"sha256-{b64encode(sha256(text.encode()).digest()).decode()}"
