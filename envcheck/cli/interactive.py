"""`envcheck explain` in conversation: takes a paste, tells the cause, and offers what else there is to see or to do."""

from __future__ import annotations

import os
import sys

from envcheck.cli.explain import explained, put
from envcheck.cli.output import colours, say, width
from envcheck.failures import read
from envcheck.renderers import _explanation_text as text
from envcheck.renderers import _explanation_wording as wording
from envcheck.renderers._explanations import render
from envcheck.renderers.text import Page

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from envcheck.cli.commands import Values
    from envcheck.model.explanation import Explanation

_LINE = 1 << 16  # bytes
_CHOICES = (
    ("e", "evidence"),
    ("a", "alternatives"),
    ("f", "fixes"),
    ("c", "check again, after a change"),
    ("q", "quit"),
)


def converse(values: Values, outputs: Sequence[tuple[str, str]]) -> int:
    """Take a paste until the end of input, explain it, and answer until the person has seen enough."""
    say("Paste what was printed, then press Ctrl-D on a line of its own.\n")
    failure = read(_pasted(), "the paste")
    explanation = explained(failure, values)
    put(explanation, outputs)
    page = Page(max(width(sys.stdout), text.NARROWEST), colour=colours(sys.stdout), several=False)
    say("\n" + render(explanation, str(values["format"]), width=page.width, colour=page.colour))
    while (asked := _asked()) != "q":
        if asked == "c":
            again = explained(failure, values)
            say(_compared(explanation, again))
            explanation = again
        else:
            say("\n".join(_answer(asked, explanation, page)) + "\n")
    return 0


def _pasted() -> Iterator[bytes]:
    """Yield what is typed until the end of input, which a terminal tells only once."""
    while piece := os.read(sys.stdin.fileno(), _LINE):
        yield piece


def _asked() -> str:
    """Return the letter of what the person wants to see; at the end of input, that is enough."""
    say("\n" + "  ".join(f"[{letter}] {what}" for letter, what in _CHOICES) + "\n> ")
    try:
        line = sys.stdin.readline()
    except (OSError, KeyboardInterrupt):
        return "q"
    return line.strip().lower()[:1] if line else "q"


def _answer(asked: str, explanation: Explanation, page: Page) -> Iterator[str]:
    causes = [wording.tell(suspect) for suspect in explanation.causes]
    open_ = [told for told in causes if not told.suspect.against]
    if asked == "e" and open_:
        yield from text.evidence(open_[0], page)
        yield from page.under([f"source: {source}" for source in open_[0].suspect.finding.sources], "dim")
    elif asked == "a":
        yield from text.others(open_[1:], page) if open_[1:] else ("There is no other cause.",)
        yield from text.ruled_out([told for told in causes if told.suspect.against], page)
    elif asked == "f" and open_:
        yield from text.fixes(open_[0], page, len(open_[0].fixes))
    else:
        yield from text.nothing(explanation, page) if not open_ else ("One of the letters above.",)


def _compared(before: Explanation, after: Explanation) -> str:
    """Say what a change of the environment has changed of the answer."""
    if not after.environment:
        return "No environment was consulted; name it with --target to see whether a change helped.\n"
    was = {cause.finding.rule: cause for cause in before.causes if not cause.against}
    now = {cause.finding.rule: cause for cause in after.causes if not cause.against}
    gone = [cause.finding.message for rule, cause in was.items() if rule not in now]
    lines = [f"no longer: {message}" for message in gone]
    lines += [f"still {cause.finding.confidence}: {cause.finding.message}" for cause in now.values()]
    return "\n".join(lines or ["Nothing speaks for any cause any more; run the program again."]) + "\n"
