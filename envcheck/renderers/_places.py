"""Where a forge shows a finding: the file and the line that the origins of its evidence name.

An origin is `path`, `path:line`, a URL, or words for what is no file (`command: nvidia-smi`, `environment`). A relative
path is taken to lie in the working tree, every other outside of it: nothing is looked up.
"""

from __future__ import annotations

from envcheck.model.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from envcheck.model.facts import Snapshot
    from envcheck.model.reports import Finding

_LONGEST = 9  # digits of a line number; more are part of a name
_ADDRESSES = ("config:", "contract:", "facts:", "lock:", "python:", "root:", "snapshot:")  # of targets, before a path
_NOWHERE = "envcheck"


class Place(Record):
    """A file as its origin names it; `line` counts from 1 and is 0 where none is known."""

    path: str
    line: int
    inside: bool


def place(finding: Finding) -> Place | None:
    """Return the best file that the evidence names: one with a line in the working tree, one in it, any; the first."""
    found = [where for entry in finding.evidence if (where := read(entry.origin)) is not None]
    return min(found, key=_rank, default=None)


def somewhere(finding: Finding, snapshots: Iterable[Snapshot]) -> Place:
    """Return the place of a finding, for formats that insist on one: the file of its target, or the word `envcheck`."""
    found = place(finding)
    if found is not None:
        return found
    address = next((snapshot.address for snapshot in snapshots if snapshot.label == finding.target), "")
    kind = next((kind for kind in _ADDRESSES if address.startswith(kind)), "")
    told = read(address.removeprefix(kind))
    return told or Place(path=_NOWHERE, line=0, inside=True)


def read(origin: str) -> Place | None:
    """Return the file that an origin names, None for what is no file.

    Without a line, a relative path is told from other words by having no space, and a slash or a dot.
    """
    if "://" in origin or origin.startswith("command: "):
        return None
    path, line = _divided(origin)
    if path.startswith(("/", "\\\\")) or path[1:3] in (":/", ":\\"):
        # Of /proc and /sys an origin may say more after the name: `/proc/self/mountinfo at /`.
        kept = path.partition(" ")[0] if path.startswith(("/proc/", "/sys/")) else path
        return Place(path=kept, line=line, inside=False)
    if not path or not (line or _is_name(path)):
        return None
    path = path.removeprefix("./")
    return Place(path=path, line=line, inside=".." not in path.split("/"))


def uri(where: Place) -> str:
    """Return a relative or a `file:` URI of a place, percent-encoded."""
    from urllib.parse import quote

    path = where.path
    if path.startswith("/"):
        return f"file://{quote(path, errors='replace')}"
    if path[1:3] in (":/", ":\\"):
        return f"file:///{path[0]}:{quote(path[2:].replace(chr(92), '/'), errors='replace')}"
    if path.startswith("\\\\"):
        return f"file:{quote(path.replace(chr(92), '/'), errors='replace')}"
    return quote(path, errors="replace")


def _divided(origin: str) -> tuple[str, int]:
    path, colon, digits = origin.rpartition(":")
    if colon and digits.isascii() and digits.isdigit() and len(digits) <= _LONGEST:
        return path, int(digits)
    return origin, 0


def _is_name(path: str) -> bool:
    return ("/" in path or "." in path.strip(".")) and not any(letter.isspace() for letter in path)


def _rank(where: Place) -> int:
    if where.inside:
        return 0 if where.line else 1
    return 2
