"""An explanation as one self-contained page: the cause and its fix first, then the others, what was read, the log."""

from __future__ import annotations

from envcheck.renderers import _explanation_wording as wording
from envcheck.renderers.html import page

TYPE_CHECKING = False
if TYPE_CHECKING:
    from envcheck.model.explanation import Explanation


def render(explanation: Explanation, *, width: int = 80, colour: bool = False) -> str:
    """Return the page; width and colour do not matter. Raises EnvcheckError where the templates are missing."""
    del width, colour
    causes = [wording.tell(suspect) for suspect in explanation.causes]
    contents = {
        "explanation": explanation,
        "causes": [told for told in causes if not told.suspect.against],
        "ruled_out": [told for told in causes if told.suspect.against],
        "understood": list(wording.understood(explanation)),
        "headline": wording.headline(explanation),
        "consulted": wording.consulted(explanation),
    }
    return page("explanation", ["report.css", "explanation.css"], ["page.js"], contents)
