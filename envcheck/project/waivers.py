"""Reads a project's waivers: those of `envcheck.yaml` and of `.envcheck-waivers.yaml` beside it."""

from __future__ import annotations

from calendar import monthrange
from typing import TYPE_CHECKING

from envcheck.errors import DocumentError
from envcheck.model.facts import Facts
from envcheck.model.policy import SHORTEST, Waiver
from envcheck.project import FILE as PROJECT_FILE
from envcheck.project import load_file, nearest, read_document
from envcheck.requirements import parse

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from envcheck.plainyaml import Document
    from envcheck.targets.files import Files

FILE = ".envcheck-waivers.yaml"
_WHOLE = 16
WORDS = tuple(field for field in Waiver.record_fields if field != "origin")
_KEYS = (*WORDS, "host")  # another word for `environment`
_RULE_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyz0123456789-")
_HEX = frozenset("0123456789abcdef")
_MONTHS = 12


def load(files: Files, folder: str = "") -> tuple[tuple[Waiver, ...], Facts]:
    """Return the waivers of a project folder and, as facts, the malformed ones, which accept nothing.

    The folder is the current one where it is empty. Raises DocumentError for a file that holds no list of waivers and
    for a key that does not exist, OSError for a file that cannot be read.
    """
    waivers: list[Waiver] = []
    malformed = Facts()
    for name in (PROJECT_FILE, FILE):
        path = f"{folder.rstrip('/')}/{name}" if folder else name
        if not files.exists(path):
            continue
        document, steps, entries = _entries(files, path)
        for number, given in enumerate(entries):
            where = (*steps, number)
            origin = f"{name}:{document.line(where)}"
            if isinstance(given, dict):
                _refuse_unknown(given, document, where, path)
            waiver = from_entry(given, origin)
            if isinstance(waiver, Waiver):
                waivers.append(waiver)
            else:
                entity = ("waiver", origin)
                if entity in malformed:  # several on one line
                    entity = ("waiver", f"{origin}, number {number + 1}")
                malformed.put(entity, origin, state="malformed", problem=waiver, **_told(given))
    return tuple(waivers), malformed


def _entries(files: Files, path: str) -> tuple[Document, tuple[str, ...], Sequence[object]]:
    """Return a file's document, the path of its list of waivers, and that list."""
    if path.rpartition("/")[2] == PROJECT_FILE:
        project, document = load_file(files, path)
        return document, ("waivers",), project.waivers
    document = read_document(files, path)
    steps: tuple[str, ...] = ()
    held = document.data
    if isinstance(held, dict):
        for key in held:
            if key != "waivers":
                line = f"{path}:{document.line((key,))}"
                raise DocumentError(
                    f"there is no {key!r} here", where=line, hint="waivers: [{rule: …}] or a list alone"
                )
        steps, held = ("waivers",), held.get("waivers")
    if held is None:
        held = []
    if not isinstance(held, list):
        line = f"{path}:{document.line(steps)}"
        raise DocumentError("no list of waivers", where=line, hint="- {rule: ID, reason: …, owner: …}, one for each")
    return document, steps, held


def _refuse_unknown(given: Mapping[str, object], document: Document, where: tuple[object, ...], path: str) -> None:
    for key in given:
        if key not in _KEYS:
            line = f"{path}:{document.line((*where, key))}"
            raise DocumentError(f"a waiver has no {key!r}", where=line, hint=nearest(key, _KEYS))


def from_entry(given: object, origin: str) -> Waiver | str:
    """Return the waiver that one item of a list says, or what is wrong with it."""
    if not isinstance(given, dict):
        return "it is no mapping of rule, reason and owner"
    told: dict[str, str] = {}
    for key, value in given.items():
        if value is None or value == "":
            return f"{key} is empty"
        if isinstance(value, bool) or not isinstance(value, (str, int)):
            return f"{key} is no text"
        told["environment" if key == "host" else key] = str(value).strip()
    return _problem(given, told) or Waiver(**{"rule": "", **told, "origin": origin})


def _problem(given: Mapping[str, object], told: Mapping[str, str]) -> str:
    """Return what is wrong with a waiver whose values are texts, nothing where it is right."""
    return _missing(given, told) or _wrong_value(told)


def _missing(given: Mapping[str, object], told: Mapping[str, str]) -> str:
    if "host" in given and "environment" in given:
        return "environment and host mean the same: say one"
    missing = [key for key in ("reason", "owner") if not told.get(key)]
    if missing:
        return f"it has no {' and no '.join(missing)}"
    empty = next((key for key, value in told.items() if not value), "")
    if empty:
        return f"{empty} is empty"
    return "" if "rule" in told or "finding" in told else "it names neither rule nor finding"


def _wrong_value(told: Mapping[str, str]) -> str:
    if set(told.get("rule", "")) - _RULE_LETTERS:
        return f"{told['rule']!r} is no rule"
    if "package" in told and not is_package(told["package"]):
        return f"{told['package']!r} is no package with versions, such as torch >=2.4,<2.5"
    fingerprint = told.get("finding")
    if fingerprint is not None and (set(fingerprint) - _HEX or not SHORTEST <= len(fingerprint) <= _WHOLE):
        return f"{fingerprint!r} is no fingerprint, of which {SHORTEST} characters suffice"
    if "until" in told and not is_date(told["until"]):
        return f"{told['until']!r} is no date (YYYY-MM-DD)"
    return ""


def is_package(text: str) -> bool:
    """Tell whether a text is a package, with or without PEP 440 specifiers."""
    try:
        _, _, extras, marker, url = parse(text)
    except ValueError:
        return False
    return not (extras or marker or url)


def is_date(text: str) -> bool:
    """Tell whether a text is a day of the calendar, YYYY-MM-DD."""
    year, month, day = text[:4], text[5:7], text[8:]
    shape = text[4:5] == text[7:8] == "-" and len(day) == 2 and text.isascii()  # noqa: PLR2004  two digits
    if not shape or not (year + month + day).isdigit() or year == "0000" or not 1 <= int(month) <= _MONTHS:
        return False
    return 1 <= int(day) <= monthrange(int(year), int(month))[1]


def _told(given: object) -> dict[str, str]:
    """Return what a malformed waiver says of itself, as far as it is text."""
    said = given if isinstance(given, dict) else {}
    return {key: value for key in ("rule", "owner", "until") if isinstance(value := said.get(key), str) and value}
