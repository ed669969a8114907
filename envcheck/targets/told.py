"""Which environment of this machine a log is about: the one whose files it names and shows as they are."""

from __future__ import annotations

import os
import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from envcheck.model.failures import Place

_PREFIX = re.compile(
    r"(?P<prefix>.{0,900}?)[/\\][Ll]ib(?:64)?[/\\](?:python\d[\d.]*t?[/\\])?(?:site|dist)-packages[/\\]"
)
_LARGEST = 4 << 20  # bytes of a source file that is compared
_MOST = 40  # places that are looked at


def environment_of(places: Iterable[Place]) -> tuple[str, str]:
    """Return the address of the environment that a log names, and why it is that one; two empty texts for none.

    A line that reads otherwise here than in the log says that the log comes from elsewhere.
    """
    shown: dict[str, str] = {}
    named: dict[str, str] = {}
    own = ""
    for path, line, source in list(dict.fromkeys(places))[-_MOST:]:
        if not os.path.isabs(path) or not os.path.isfile(path):
            continue
        match = _PREFIX.match(path)
        same = _reads_alike(path, line, source) if source else None
        if same is False:
            return "", ""
        if match is None:
            own = path if same else own
        elif same:
            shown[match["prefix"]] = path
        else:
            named[match["prefix"]] = path
    for held, why in ((shown, "{0} reads here as in the log"), (named, "the log names {0}, which is here")):
        if len(held) == 1:
            prefix, path = next(iter(held.items()))
            return f"python:{prefix}", why.replace("{0}", path)
    return (".", f"{own} reads here as in the log") if own and not shown and not named else ("", "")


def _reads_alike(path: str, line: int, source: str) -> bool | None:
    """Tell whether a line of a file is what a log shows of it; None where the file cannot be read."""
    try:
        if os.path.getsize(path) > _LARGEST:
            return None
        with open(path, encoding="utf-8", errors="replace") as file:
            lines = file.read().split("\n")
    except OSError:
        return None
    return 0 < line <= len(lines) and lines[line - 1].strip() == source
