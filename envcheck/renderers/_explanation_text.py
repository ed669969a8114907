"""An explanation for a terminal: the cause, what the log and the environment say, the fix to paste; others after it."""

from __future__ import annotations

from envcheck.model.reports import CONFIRMED
from envcheck.renderers import _explanation_wording as wording
from envcheck.renderers._printable import cut, printable, wrap
from envcheck.renderers.text import Page

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from envcheck.model.explanation import Explanation
    from envcheck.renderers._explanation_wording import Told

NARROWEST = 40
_OTHERS = 4  # causes that are told after the first
_FIXES = 3


def render(explanation: Explanation, *, width: int = 80, colour: bool = False) -> str:
    """Return the explanation as lines of at most `width` columns; only commands to paste are never broken."""
    page = Page(max(width, NARROWEST), colour=colour, several=False)
    causes = [wording.tell(suspect) for suspect in explanation.causes]
    open_ = [told for told in causes if not told.suspect.against]
    lines = [cut(wording.headline(explanation), page.width), ""]
    if open_:
        lines += [*cause(open_[0], page), *others(open_[1:], page)]
    else:
        lines += nothing(explanation, page)
    lines += [*ruled_out([told for told in causes if told.suspect.against], page), *closing(explanation, page)]
    return "\n".join(lines) + "\n"


def cause(told: Told, page: Page) -> Iterator[str]:
    """Tell the first cause: what, why, where the log says it, the fix."""
    yield from page.marked("cause", wrap(told.suspect.finding.message, page.room))
    yield from page.under(wrap(told.suspect.finding.why, page.room), "dim")
    yield from fixes(told, page, _FIXES)
    yield from evidence(told, page)


def evidence(told: Told, page: Page) -> Iterator[str]:
    """Tell what a cause rests on."""
    finding = told.suspect.finding
    for number, line in enumerate(told.quote):
        mark = f"{told.place}: " if number == 0 else " " * (len(told.place) + 2)
        yield from page.under([cut(mark + line, page.room)], "")
    yield from page.under(page.evidence(finding.evidence), "")
    for note in told.notes:
        yield from page.under(wrap(note, page.room), "")
    sure = f"{told.sure} · {finding.cause or finding.rule} · rule: {finding.rule}"
    yield from page.under([cut(sure, page.room)], "good" if finding.confidence == CONFIRMED else "dim")


def fixes(told: Told, page: Page, most: int) -> Iterator[str]:
    """Tell the first ways to mend it, the least invasive first."""
    for number, (text, commands, state) in enumerate(told.fixes[:most]):
        mark = "fix: " if number == 0 else "or:  "
        for command in commands:
            yield " " * (page.width - page.room) + mark + page.paint(printable(command), "good")
            mark = "     "
        said = f"{text} ({state})" if text and state else text or state
        for line in wrap(said, page.room - 5) if said else ():
            yield from page.under([mark + line], "dim" if commands else "")
            mark = "     "


def others(causes: list[Told], page: Page) -> Iterator[str]:
    """Tell the other causes in brief."""
    for told in causes[:_OTHERS]:
        yield ""
        yield from page.marked("or", wrap(told.suspect.finding.message, page.room, 3))
        yield from fixes(told, page, 1)
        sure = f"{told.sure} · {told.suspect.finding.cause or told.suspect.finding.rule}"
        yield from page.under([cut(f"{sure} · {told.place}" if told.place else sure, page.room)], "dim")
    if len(causes) > _OTHERS:
        yield from ("", cut(f"… {len(causes) - _OTHERS} more, the JSON and HTML forms have all", page.width))


def ruled_out(causes: Iterable[Told], page: Page) -> Iterator[str]:
    """Name the causes that the environment contradicts, and by what."""
    for told in causes:
        yield ""
        yield from page.marked("not", wrap(told.suspect.finding.summary, page.room, 2))
        yield from page.under(wrap(told.suspect.against, page.room, 2), "dim")


def nothing(explanation: Explanation, page: Page) -> Iterator[str]:
    """Say that no cause is known, and what was understood."""
    yield page.paint("No known cause fits.", "strong")
    told = list(wording.understood(explanation))
    for place, said in told:
        yield from wrap(f"{place}: {said}", page.width, 3)
    if not told:
        yield "Nothing in it tells of a failure."


def closing(explanation: Explanation, page: Page) -> Iterator[str]:
    """Say what would decide, and which environment was consulted."""
    yield ""
    if explanation.ask:
        where = "" if explanation.environment else " (where it failed)"
        yield f"To decide{where}: {page.paint(printable(explanation.ask), 'strong')}"
    if explanation.checked:
        yield from wrap(f"A check of the environment finds {len(explanation.checked)} more: envcheck check", page.width)
    yield from wrap(wording.consulted(explanation), page.width)
