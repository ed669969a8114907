"""`envcheck waive`: writes a waiver for a finding, no wider than that finding and its version."""

from __future__ import annotations

import os

from envcheck import __version__
from envcheck.cli.check import see
from envcheck.cli.options import many
from envcheck.cli.output import say
from envcheck.cli.policy import today, waivers_of
from envcheck.cli.report import read
from envcheck.engine.waivers import exact, fits
from envcheck.errors import DocumentError, EnvcheckError, UsageError
from envcheck.model.policy import SHORTEST, Waiver
from envcheck.pipeline import evaluate
from envcheck.project import FILE as PROJECT_FILE
from envcheck.project.waiver_text import addition
from envcheck.project.waivers import FILE, is_date, is_package
from envcheck.rulebooks import load

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from envcheck.cli.commands import Values
    from envcheck.model.reports import Finding, Report

_REQUIRED = ("until", "reason", "owner")
_OFFERED = 5  # findings in one message


def run(values: Values) -> int:
    """Find the finding, write its waiver and print what was written."""
    path = str(values["file"])
    if os.path.basename(path) not in (FILE, PROJECT_FILE):
        raise UsageError(f"no check reads waivers from {path!r}", hint=f"--file {FILE} or {PROJECT_FILE}")
    said = _said(values)
    report = _report(str(values["report"]), many(values, "rules"))
    finding = _chosen(report, str(values["finding"]))
    waiver = _narrow(Waiver(rule=finding.rule, origin=path, **said), finding, report)
    _refuse_accepted(finding, report, os.path.dirname(path))
    text = _text(path)
    block = addition(text, waiver, path)
    try:
        with open(path, "ab") as file:
            file.write(block.encode())
    except OSError as error:
        raise EnvcheckError(f"cannot be written: {error.strerror}", where=path, hint="name another file") from None
    say(f"{path}:{text.count(chr(10)) + 1 + block.startswith(chr(10))}\n{block.strip(chr(10))}\n")
    return 0


def _said(values: Values) -> dict[str, str]:
    """Return what the waiver is to say as given; raises UsageError for what is missing or cannot be."""
    said = {name: str(values[name]).strip() for name in (*_REQUIRED, "ticket", "package")}
    for name, text in said.items():
        if not text and name in _REQUIRED:
            raise UsageError(f"a waiver needs --{name}", hint="--until 2026-12-31 --reason TEXT --owner NAME")
        if not text.isprintable():
            raise UsageError(
                f"--{name} holds signs that are no text", hint="letters, digits and punctuation on one line"
            )
    if not is_date(said["until"]):
        raise UsageError(f"{said['until']!r} is no date", hint="--until YYYY-MM-DD")
    if said["until"] < today():
        raise UsageError(f"{said['until']} is over, so that it would accept nothing", hint="a day to come")
    if said["package"] and not is_package(said["package"]):
        raise UsageError(f"{said['package']!r} is no package with versions", hint='--package "torch >=2.4,<2.5"')
    return said


def _report(path: str, folders: tuple[str, ...]) -> Report:
    if path:
        return read(path, lambda: load(folders))
    return evaluate([see(".", cached=True)], load(folders), tool=f"envcheck {__version__}")


def _chosen(report: Report, name: str) -> Finding:
    """Return the finding of a fingerprint or of a rule; raises UsageError where there is none, or more than one."""
    findings = [finding for finding in report.findings if finding.target not in (FILE, PROJECT_FILE)]
    found = [finding for finding in findings if finding.rule == name]
    if not found and len(name) >= SHORTEST:
        found = [finding for finding in findings if finding.fingerprint.startswith(name)]
    if not found:
        hint = _offer(findings) if findings else "envcheck check says what there is"
        raise UsageError(f"there is no finding {name!r}", hint=hint)
    if len({finding.fingerprint for finding in found}) > 1:
        raise UsageError(f"{name!r} is more than one finding", hint=_offer(found))
    return found[0]


def _offer(findings: Sequence[Finding]) -> str:
    once = {finding.fingerprint: finding for finding in findings}
    lines = [f"{fingerprint} ({one.rule}: {one.message})" for fingerprint, one in list(once.items())[:_OFFERED]]
    more = f" and {len(once) - _OFFERED} more" if len(once) > _OFFERED else ""
    return "one of " + "; ".join(lines) + more


def _narrow(waiver: Waiver, finding: Finding, report: Report) -> Waiver:
    """Return the waiver for this finding alone: of the version that is there, unless versions were given."""
    snapshot = next((one for one in report.snapshots if one.label == finding.target), None)
    if not waiver.package:
        return exact(waiver, finding, snapshot)
    narrowed = waiver.replace(finding=finding.fingerprint)
    if not fits(narrowed, finding, snapshot):
        raise UsageError(
            f"{waiver.package!r} is not what this finding is about", hint=f"one of {', '.join(finding.subjects)}"
        )
    return narrowed


def _refuse_accepted(finding: Finding, report: Report, folder: str) -> None:
    """Raise UsageError where a waiver for the finding is there already, even if it has ended."""
    snapshot = next((one for one in report.snapshots if one.label == finding.target), None)
    held, _ = waivers_of(folder)
    for waiver in held:
        if fits(waiver, finding, snapshot):
            where = os.path.join(folder, waiver.origin)
            raise UsageError(
                f"it is accepted there already, {'until ' + waiver.until if waiver.until else 'without an end'}",
                where=where,
                hint="change that waiver",
            )


def _text(path: str) -> str:
    """Return the text of a file, none where there is no such file."""
    try:
        with open(path, encoding="utf-8", newline="") as file:
            return file.read()
    except FileNotFoundError:
        return ""
    except UnicodeDecodeError as error:
        raise DocumentError(f"not UTF-8: byte {error.start}", where=path, hint="save the file as UTF-8") from None
    except OSError as error:
        raise EnvcheckError(f"cannot be read: {error.strerror}", where=path, hint="name another file") from None
