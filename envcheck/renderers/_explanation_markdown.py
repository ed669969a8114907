"""An explanation for an issue or a chat: the cause and its fix, the others folded away."""

from __future__ import annotations

from envcheck.renderers import _explanation_wording as wording
from envcheck.renderers._printable import printable
from envcheck.renderers.markdown import code, escape, link

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from envcheck.model.explanation import Explanation
    from envcheck.renderers._explanation_wording import Told


def render(explanation: Explanation, *, width: int = 80, colour: bool = False) -> str:
    """Return the explanation as GitHub-flavoured Markdown; width and colour do not matter."""
    del width, colour
    return "\n".join(_lines(explanation)) + "\n"


def _lines(explanation: Explanation) -> Iterator[str]:
    causes = [wording.tell(suspect) for suspect in explanation.causes]
    open_ = [told for told in causes if not told.suspect.against]
    if open_:
        yield from (f"## {escape(open_[0].suspect.finding.message)}", "")
        yield from _cause(open_[0])
    else:
        yield from ("## No known cause fits", "")
        yield from (f"- {escape(place)}: {escape(said)}" for place, said in wording.understood(explanation))
        yield ""
    for told in causes:
        if told not in open_[:1]:
            yield from (f"<details><summary>{escape(_head(told))}</summary>", "", *_cause(told), "</details>", "")
    if explanation.ask:
        yield from (f"To decide: {code(explanation.ask)}", "")
    yield from (escape(f"{wording.headline(explanation)}. {wording.consulted(explanation)}"), "")
    yield f"<sub>{escape(explanation.tool)}</sub>"


def _head(told: Told) -> str:
    return f"{told.sure}: {told.suspect.finding.message}"


def _cause(told: Told) -> Iterator[str]:
    finding = told.suspect.finding
    yield from (escape(finding.why), "")
    for text, commands, state in told.fixes:
        yield f"**Fix**{f' ({escape(state)})' if state else ''}{f': {escape(text)}' if text else ''}"
        yield ""
        if commands:
            held = "\n".join(map(printable, commands))
            fence = "`" * max(3, max(map(len, _runs(held)), default=0) + 1)
            yield from (f"{fence}sh", held, fence, "")
    if told.quote:
        yield f"- {told.place}: " + " ".join(code(printable(line)) for line in told.quote)
    for entry in finding.evidence:
        yield f"- {code(entry.key)} is {code(entry.value)}{f', from {code(entry.origin)}' if entry.origin else ''}"
    yield from (f"- {escape(note)}" for note in told.notes)
    yield ""
    sources = [f"source: {link(source)}" for source in finding.sources]
    yield from (" · ".join([told.sure, code(finding.cause), f"rule {code(finding.rule)}", *sources]), "")


def _runs(text: str) -> list[str]:
    """Return the runs of backticks in a text."""
    return [run for run in "".join(letter if letter == "`" else " " for letter in text).split() if run]
