"""One look at a text for the literals of all patterns: which of them can match at all, and where."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from envcheck.model.rules import Pattern

_MOST = 40  # places of a literal, the last ones
_RADIUS = 4000  # characters around a literal that a match over several lines may take
GRAM = 4  # characters by which literals are looked up; none is shorter


class Prefilter:
    """The text that patterns are to be found in, indexed by all its runs of four characters."""

    def __init__(self, text: str) -> None:
        self._text = text
        # Lower case, but for the few letters that grow by it: places must be those of the text.
        self._lower = lower if len(lower := text.lower()) == len(text) else "".join(map(_lower, text))
        self._grams = _grams(text)
        self._lower_grams = self._grams if self._lower == text else _grams(self._lower)

    def may_match(self, pattern: Pattern) -> bool:
        """Tell whether the text has one of the literals of which every match has one."""
        _, literals, any_case, _ = pattern
        grams, text = (self._lower_grams, self._lower) if any_case else (self._grams, self._text)
        return any(literal[:GRAM] in grams and literal in text for literal in literals)

    def windows(self, pattern: Pattern) -> list[tuple[int, int]]:
        """Return the stretches of whole lines in which a pattern can match, the last ones, in their order."""
        _, literals, any_case, spans = pattern
        text = self._lower if any_case else self._text
        places: list[int] = []
        for literal in literals:
            end = len(text)
            for _ in range(_MOST):
                place = text.rfind(literal, 0, end)
                if place < 0:
                    break
                places.append(place)
                end = place if spans else text.rfind("\n", 0, place) + 1
        radius = _RADIUS if spans else 0
        found: list[tuple[int, int]] = []
        for place in sorted(places)[-_MOST:]:
            start = text.rfind("\n", 0, max(place - radius, 0)) + 1
            stop = text.find("\n", min(place + radius, len(text)))
            stop = len(text) if stop < 0 else stop
            if found and start <= found[-1][1]:
                start = found.pop()[0]
            found.append((start, stop))
        return found

    def may_match_any(self, patterns: Iterable[Pattern]) -> bool:
        """Tell the same of several patterns, of which one suffices."""
        return any(map(self.may_match, patterns))


def _lower(letter: str) -> str:
    return lower if len(lower := letter.lower()) == 1 else letter


def _grams(text: str) -> set[str]:
    return {text[at : at + GRAM] for at in range(len(text) - GRAM + 1)}
