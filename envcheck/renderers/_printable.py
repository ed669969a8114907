"""Makes text from an environment safe to show, and measures and wraps it by the columns that it takes."""

from __future__ import annotations

_ENOUGH = 8  # columns of a path that say something


def printable(text: str) -> str:
    r"""Return the text on one line with nothing in it that steers a terminal or the reading direction.

    White space becomes spaces; control, format and unassigned characters and lone surrogates become escapes (`\x1b`).
    """
    if text.isprintable():
        return text
    return "".join(
        letter if letter.isprintable() else " " if letter.isspace() else letter.encode("unicode_escape").decode()
        for letter in text
    )


def display_width(text: str) -> int:
    """Return how many columns of a terminal the text takes (Unicode TR 11: wide and full-width take two)."""
    if text.isascii():
        return len(text)
    from unicodedata import combining, east_asian_width

    return sum(0 if combining(letter) else 2 if east_asian_width(letter) in ("W", "F") else 1 for letter in text)


def wrap(text: str, width: int, limit: int = 0) -> list[str]:
    """Return the text as lines of at most `width` columns; with a `limit`, the last of so many ends in `…`.

    A word that is wider than a line is broken.
    """
    lines: list[str] = []
    line = ""
    used = 0
    waiting = printable(text).split()[::-1]
    while waiting:
        word = waiting.pop()
        columns = display_width(word)
        if line and used + 1 + columns <= width:
            line += f" {word}"
            used += 1 + columns
            continue
        if line:
            lines.append(line)
        if columns > width:
            word, rest = _split(word, width)
            waiting.append(rest)
            columns = display_width(word)
        line, used = word, columns
    lines.append(line)
    if limit and len(lines) > limit:
        kept = lines[limit - 1]
        while display_width(kept) > width - 2:
            kept = kept[:-1]
        lines = [*lines[: limit - 1], f"{kept.rstrip()} …"]
    return lines


def cut(text: str, width: int) -> str:
    """Return the text on one line of at most `width` columns, its end replaced by `…` where it is longer."""
    text = printable(text)
    if display_width(text) <= width:
        return text
    return _split(text, max(width - 1, 1))[0] + "…"


def cut_path(text: str, width: int) -> str:
    """Return a path of at most `width` columns, its beginning replaced by `…`, since its end says more."""
    text = printable(text)
    if display_width(text) <= width:
        return text
    return "…" + _split(text[::-1], max(width - 1, 1))[0][::-1]


def cut_address(text: str, width: int) -> str:
    """Return a URL of at most `width` columns, cut after the host's name, or a path, cut at its beginning."""
    text = printable(text)
    scheme, separator, rest = text.partition("://")
    host = f"{scheme}{separator}{rest.partition('/')[0]}/"
    if not separator or display_width(text) <= width:
        return cut_path(text, width)
    text = text.partition("; ")[0]  # of several, the first alone: one's host with another's path would be neither
    if display_width(text) <= width:
        return text
    room = width - display_width(host)
    return cut(text, width) if room < _ENOUGH else host + cut_path(text.removeprefix(host), room)


def _split(word: str, width: int) -> tuple[str, str]:
    """Split after the last letter that still fits, at least one."""
    if word.isascii():
        return word[:width], word[width:]
    used = 0
    for position, letter in enumerate(word):
        used += display_width(letter)
        if used > width and position:
            return word[:position], word[position:]
    return word, ""
