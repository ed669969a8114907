"""Adds a waiver to the end of a file's text, so that all that stands there stays as it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from envcheck.errors import DocumentError
from envcheck.plainyaml import Document, read
from envcheck.project import FILE as PROJECT_FILE
from envcheck.project.waivers import WORDS, from_entry

if TYPE_CHECKING:
    from envcheck.model.policy import Waiver

_INSIDE = 2  # spaces before a list below `waivers:`
_PLAIN = ("rule", "until")


def addition(text: str, waiver: Waiver, where: str) -> str:
    """Return what to write behind a text; raises DocumentError where a block at its end is no waiver of its list.

    `where` is the file's path: in an envcheck.yaml the list stands below `waivers:`, which is written if it is missing.
    """
    before = _document(text, where)
    if before.data is None and where.endswith(PROJECT_FILE):
        before = before.replace(data={})
    block = written(waiver, _indent(text, before))
    if isinstance(before.data, dict) and "waivers" not in before.data:
        block = f"waivers:\n{block}"
    if text and not text.endswith("\n"):
        block = f"\n{block}"
    if "\r\n" in text:
        block = block.replace("\n", "\r\n")
    problem = DocumentError(
        "no waiver can be added to its end",
        where=where,
        hint="make its waivers a list of blocks (- rule: …) that ends the file",
    )
    try:
        after = _document(text + block, where)
    except DocumentError:
        raise problem from None
    held, rest = _divided(before.data)
    now, rest_now = _divided(after.data)
    if now[:-1] != held or rest_now != rest or not now or from_entry(now[-1], waiver.origin) != waiver:
        raise problem
    return block


def written(waiver: Waiver, indent: int = 0) -> str:
    """Return a waiver as the item of a block list."""
    said = [(word, getattr(waiver, word)) for word in WORDS if getattr(waiver, word)]
    starts = [" " * indent + "- ", *[" " * indent + "  "] * len(said)]
    return "".join(f"{start}{word}: {_quoted(word, text)}\n" for start, (word, text) in zip(starts, said, strict=False))


def _quoted(word: str, text: str) -> str:
    """Return a printable text as YAML, in quotes unless it is sure to be read as it stands."""
    return text if word in _PLAIN else '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _document(text: str, where: str) -> Document:
    documents = read(text.removeprefix("\ufeff"), where)
    if len(documents) > 1:
        raise DocumentError("more than one document", where=where, hint="remove the line ---")
    return documents[0] if documents else Document(data=None, lines={})


def _divided(data: object) -> tuple[list[object], object]:
    """Return the waivers of a file and all else that it says."""
    if isinstance(data, dict):
        held = data.get("waivers")
        return held if isinstance(held, list) else [], {key: value for key, value in data.items() if key != "waivers"}
    return data if isinstance(data, list) else [], None


def _indent(text: str, document: Document) -> int:
    """Return how far the dashes of the list are indented."""
    steps: tuple[object, ...] = ("waivers",) if isinstance(document.data, dict) else ()
    if not _divided(document.data)[0]:
        return _INSIDE if steps else 0
    lines = text.splitlines()[: document.line((*steps, 0))]
    dashes = (line for line in reversed(lines) if line.lstrip(" ").startswith("-"))
    return next((len(line) - len(line.lstrip(" ")) for line in dashes), 0)
