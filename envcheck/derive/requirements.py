"""Derives which declared requirements are not met, or cannot be decided, as installed; the others are only counted.

Sources: https://packaging.python.org/en/latest/specifications/core-metadata/#requires-dist-multiple-use and
https://packaging.python.org/en/latest/specifications/dependency-specifiers/#environment-markers
"""

from __future__ import annotations

from envcheck.keys import format_entity, format_key
from envcheck.model.facts import Unknown
from envcheck.requirements import applies, marker_of, name_of, needs_extra, parse
from envcheck.versions import satisfies

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from envcheck.derive import Derivation
    from envcheck.model.facts import Snapshot
    from envcheck.model.rules import Table

_SYSTEMS = {"linux": "Linux", "darwin": "Darwin", "win32": "Windows"}  # platform.system() by sys.platform
_IMPLEMENTATIONS = {"cpython": "CPython", "pypy": "PyPy"}
_LAST_PATCH = ".99"  # no release of Python came near: of 3.7 the last was 3.7.17


def derive(snapshot: Snapshot, tables: Mapping[str, Table], into: Derivation) -> None:  # noqa: ARG001  as every module here
    """Judge every requirement that applies, those of the extras that are asked for as well."""
    gap = snapshot.gap("package")
    if gap is not None:  # a package that was not seen may require anything
        into.gap("requires", gap)
        into.gap("requirements", gap)
        if not snapshot.entities("package"):
            return
    _Check(snapshot, into).run(into.anew if into.before else None)


class _Check:
    """One pass over all requirements of one snapshot."""

    def __init__(self, snapshot: Snapshot, into: Derivation) -> None:
        self.snapshot = snapshot
        self.into = into
        self.environments = marker_environments(snapshot)
        self.absence = snapshot.gap("package")  # why a package that is not there may be there all the same
        self.verdicts: dict[tuple[str, str], bool | None] = {}
        self.versions: dict[str, str | None] = {}
        self.requires: dict[str, tuple[str, ...]] = {}
        self.extras: list[tuple[str, str]] = []
        self.checked = self.unmet = self.undecided = 0

    def run(self, only: Collection[str] | None) -> None:
        """Check every package, or `only` some and take the others' verdicts over."""
        facts = self.snapshot.facts
        for entity in facts.entities("package"):
            name = entity[1]
            self.versions[name] = facts.text(entity, "version")
            lines = facts.value(entity, "requires")
            self.requires[name] = lines if isinstance(lines, tuple) else ()
        for name, lines in self.requires.items():
            if not lines:
                self.note_unread(name)
            if only is not None and name not in only:
                self.note_extras(lines)
                continue
            self.check_python(name)
            for number, line in enumerate(lines):
                if needs_extra(line):
                    continue
                marker = marker_of(line)
                holds = self.holds(marker, "") if marker else True
                if holds is not False:
                    self.check(name, number, line, "", holds=holds)
        self.follow_extras()
        if only is not None:
            self.take_over(only)
        self.into.put(
            ("requirements",),
            "derived from the distributions' metadata",
            checked=self.checked,
            unmet=self.unmet,
            undecided=self.undecided,
        )

    def note_unread(self, name: str) -> None:
        """Say of a package whose own requirements could not be read that they are not decided."""
        if self.absence is None:
            look = self.snapshot.look(("package", name), "requires")
            if isinstance(look, Unknown):
                self.into.put(("requires", name, "unread"), "", asker=f"{name} {self.versions[name] or ''}".rstrip())
                self.into.gap(format_entity(("requires", name, "unread")), look.reason)

    def note_extras(self, lines: tuple[str, ...]) -> None:
        """Remember the extras that a package asks for whose own verdicts are taken over."""
        for line in lines:
            if "[" in line and not needs_extra(line) and self.holds(marker_of(line), "") is not False:
                name = name_of(line)
                if name in self.versions:
                    _, _, extras, _, _ = parse(line)
                    self.extras += [(name, wanted) for wanted in extras]

    def take_over(self, anew: Collection[str]) -> None:
        """Keep the verdicts of the packages that were not checked anew, but for those that extras ask for."""
        before = self.into.before
        assert before is not None
        for entity in before.derived.entities("requires"):
            held = before.derived.of(entity)
            if entity[1] not in anew and entity[1] in self.requires and "extra" not in held:
                for attribute, (value, origin) in held.items():
                    self.into.put(entity, origin, **{attribute: value})
                gap = before.derived_coverage.get(format_key(entity, "satisfied"))
                if gap is not None:
                    self.into.gap(gap.scope, gap.reason)

    def follow_extras(self) -> None:
        """Check what the extras that dependents ask for require, until no further extra is asked for."""
        done = set()
        while self.extras:
            asked = self.extras.pop()
            if asked in done:
                continue
            done.add(asked)
            name, extra = asked
            for number, line in enumerate(self.requires.get(name, ())):
                marker = marker_of(line)
                if "extra" in marker and self.holds(marker, "") is False:
                    holds = self.holds(marker, extra)
                    if holds is not False:
                        self.check(name, number, line, extra, holds=holds)

    def holds(self, marker: str, extra: str) -> bool | None:
        """Tell whether a marker holds in every environment that this one may be."""
        asked = (marker, extra)
        if asked not in self.verdicts:
            answers = {applies(marker, environment, extra) for environment in self.environments}
            self.verdicts[asked] = answers.pop() if len(answers) == 1 else None
        return self.verdicts[asked]

    def check(self, asker: str, number: int, line: str, extra: str, *, holds: bool | None) -> None:
        """Judge one requirement that applies, or may apply."""
        self.checked += 1
        try:
            name, specifiers, extras, _, _ = parse(line)
        except ValueError:
            reason = f"{line!r} is not a requirement as PEP 508 defines it"
            self.emit(("requires", asker, str(number)), reason, text=line, satisfied=None)
            return
        there = name in self.versions
        installed = self.versions.get(name)
        if there:
            self.extras += [(name, wanted) for wanted in extras]
            met = True if not specifiers else None if installed is None else satisfies(installed, specifiers)
        else:
            met = False if self.snapshot.lacks(("package", name)) else None
        if met:
            return  # whether or not it applies
        if holds is None:
            met, reason = None, f"whether {marker_of(line)} holds is not known"
        elif there:
            reason = f"{installed or 'a version that cannot be read'} cannot be compared with {specifiers}"
        else:
            reason = f"whether {name} is installed is not known: {self.why_unknown(name)}"
        self.emit(
            ("requires", asker, str(number)),
            reason,
            text=line,
            name=name,
            specifier=specifiers,
            installed=installed,
            missing=not there if there or met is False else None,
            extra=extra or None,
            satisfied=met,
        )

    def why_unknown(self, name: str) -> str:
        """Return why it is not known whether a package is installed."""
        look = self.snapshot.look(("package", name), "version")
        return look.reason if isinstance(look, Unknown) else ""

    def check_python(self, name: str) -> None:
        """Judge a distribution's Requires-Python."""
        wanted = self.snapshot.facts.text(("package", name), "requires_python")
        if not wanted:
            look = self.snapshot.look(("package", name), "requires_python")
            if self.absence is None and isinstance(look, Unknown):
                self.into.put(("requires", name, "python"), "", asker=f"{name} {self.versions[name] or ''}".rstrip())
                self.into.gap(format_entity(("requires", name, "python")), look.reason)
            return
        self.checked += 1
        answers = {
            satisfies(environment["python_full_version"], wanted) if "python_full_version" in environment else None
            for environment in self.environments
        }
        met = answers.pop() if len(answers) == 1 else None
        if met is not True:
            installed = self.snapshot.facts.text(("python",), "version")
            reason = f"Python {installed or 'of unknown version'} cannot be compared with {wanted}"
            self.emit(
                ("requires", name, "python"),
                reason,
                text=f"Requires-Python: {wanted}",
                name="python",
                specifier=wanted,
                installed=installed,
                missing=False,
                satisfied=met,
            )

    def emit(self, entity: tuple[str, ...], reason: str, **values: str | bool | None) -> None:
        """Put one requirement that is not met or, for a reason, not decided."""
        _, asker, number = entity
        known = self.snapshot.facts.get(("package", asker), "requires_python" if number == "python" else "requires")
        self.into.put(
            entity,
            known[1] if known else "",
            asker=f"{asker} {self.versions[asker] or ''}".rstrip(),
            **values,
        )
        if values["satisfied"] is None:
            self.undecided += 1
            self.into.gap(format_key(entity, "satisfied"), reason)
            if values.get("installed") is None:
                self.into.gap(format_key(entity, "installed"), reason)
        else:
            self.unmet += 1


def marker_environments(snapshot: Snapshot) -> list[dict[str, str]]:
    """Return the marker environments that are possible: one, or two where the patch version of Python is not known.

    A marker that holds in 3.11.0 as in 3.11.99 holds in every 3.11. Variables that are not known are left out.
    """
    python = {
        attribute: snapshot.facts.text(("python",), attribute) or ""
        for attribute in ("version", "platform", "machine", "implementation")
    }
    platform, implementation, version = python["platform"], python["implementation"], python["version"]
    known = {
        "sys_platform": platform,
        "os_name": ("nt" if platform == "win32" else "posix") if platform else "",
        "platform_system": _SYSTEMS.get(platform, ""),
        "platform_machine": python["machine"] or snapshot.facts.text(("host",), "arch") or "",
        "platform_release": snapshot.facts.text(("host",), "kernel") or "",
        "implementation_name": implementation,
        "platform_python_implementation": _IMPLEMENTATIONS.get(implementation, ""),
        "python_version": ".".join(version.split(".")[:2]),
    }
    known = {name: value for name, value in known.items() if value}
    if not version:
        return [known]
    full = [version] if version.count(".") > 1 else [f"{version}.0", f"{version}{_LAST_PATCH}"]
    own = implementation == "cpython"  # PyPy's own version is another than that of the language
    return [
        {**known, "python_full_version": value, **({"implementation_version": value} if own else {})} for value in full
    ]
