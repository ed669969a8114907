"""What calls and signatures look like in the text of a file: the arguments that are given, and those that are taken."""

from __future__ import annotations

import re

from envcheck.pysource.straight import REST

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeAlias

    from envcheck.pysource.straight import Call

    # The names of parameters where no others are taken; those that must be given; how many have a place.
    Shape: TypeAlias = tuple[frozenset[bytes], frozenset[bytes], int]

_LONGEST = 4_000  # bytes of a call's arguments, or of a signature
_MANY = 1 << 30
_TOKEN = re.compile(
    rb"[()\[\]{},]|#[^\n]*"
    rb"|\"\"\"(?:[^\"\\]|\\.|\"(?!\"\"))*\"\"\"|'''(?:[^'\\]|\\.|'(?!''))*'''"
    rb"|\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*'",
    re.DOTALL,
)
_KEYWORD = re.compile(rb"(\w+)[ \t]*=(?!=)")
_DEFAULT = re.compile(rb"(?<![=!<>])=(?!=)")
_LEFT = re.compile(rb"^[^\s#)]", re.MULTILINE)
_CLASS_NAMES = re.compile(rb"\nclass (\w+)")
_CLASS = re.compile(rb"\nclass (\w+)[ \t]*\(([^()\n]{1,300})\)")
_SUPER = re.compile(rb"\bsuper\([^()\n]{0,100}\)\.__init__\(")


def shape_in(source: bytes, name: bytes) -> Shape | None:
    """Return the shape of a function or a class that a text defines once, and that nothing decorates."""
    start = b"\ndef %b(" % name
    at = source.find(start)
    if at >= 0:
        before = source[source.rfind(b"\n", 0, at) + 1 : at]
        plain = not before.startswith((b"@", b")")) and source.find(b"def %b(" % name, at + len(start)) < 0
        return _shape_of(source, at + len(start), 0) if plain else None
    at = max(source.find(b"\nclass %b(" % name), source.find(b"\nclass %b:" % name))
    if at < 0:
        return None
    made = source.find(b"\n    def __init__(", at)
    end = _LEFT.search(source, source.find(b"\n", at + 1) + 1)
    plain = not source[source.rfind(b"\n", 0, made) + 1 : made].lstrip().startswith(b"@")
    return _shape_of(source, made + 18, 1) if plain and 0 <= made < (end.start() if end else _MANY) else None


def _shape_of(source: bytes, start: int, bound: int) -> Shape | None:
    """Return the shape of the signature that begins somewhere; None where it takes any keyword, or does not end."""
    names: list[bytes] = []
    required: list[bytes] = []
    places, placed = -bound, True
    for part in _parts(source, start) or (b"**",):
        if part.startswith(b"**"):
            return None
        if part.startswith(b"*"):
            placed, places = False, places if part == b"*" else _MANY
        elif part != b"/":
            names.append(part.partition(b":")[0].partition(b"=")[0].strip())
            places += placed
            required += [] if _DEFAULT.search(part) else names[-1:]
    return frozenset(names[bound:]), frozenset(required).difference(names[:bound]), places


def is_called_rightly(shape: Shape, call: Call) -> bool:
    """Tell whether the arguments of a call seem to fit a shape."""
    names, required, places = shape
    exact, placed, keywords = call
    if any(word.encode() not in names for word, _ in keywords if word != REST):
        return False
    lacking = required.difference(word.encode() for word, _ in keywords)
    return not exact or len(lacking) <= len(placed) <= places


def is_called_wrongly(source: bytes, name: bytes, shape: Shape) -> bool:
    """Tell whether a call by that name seems not to fit the shape."""
    call = name + b"("
    at = source.find(call)
    while at >= 0:
        if not (source[at - 1 : at].isalnum() or source[at - 1 : at] in (b"_", b".")) and _is_wrong(
            source, at + len(call), shape
        ):
            return True
        at = source.find(call, at + len(call))
    return False


def _has_other_words(source: bytes, start: int, shape: Shape) -> bool:
    """Tell whether a call that begins somewhere has a keyword that is no parameter."""
    found = (_KEYWORD.match(part) for part in _parts(source, start) or ())
    return any(word is not None and word[1] not in shape[0] for word in found)


def _is_wrong(source: bytes, start: int, shape: Shape) -> bool:
    names, required, places = shape
    parts = _parts(source, start)
    if parts is None:
        return False
    words = [found[1] for part in parts if (found := _KEYWORD.match(part))]
    count = len(parts) - len(words)
    if any(word not in names for word in words):
        return True
    return not any(part.startswith(b"*") for part in parts) and not len(required.difference(words)) <= count <= places


def inherits_wrongly(source: bytes, shapes: dict[bytes, Shape]) -> bool:
    """Tell whether a class that is made of one of a known shape seems to be made in another way."""
    heirs = []
    for found in _CLASS.finditer(source):
        shape = next((shapes[base] for base in re.split(rb"[,\s]+", found[2]) if base in shapes), None)
        if shape is not None:
            heirs.append(shape)
    if not heirs:
        return False
    calls = [found.end() for found in _SUPER.finditer(source)]
    for name in _CLASS_NAMES.findall(source):
        calls += [found.end() for found in re.finditer(rb"%b\(" % name, source)]
    return any(_has_other_words(source, at, shape) for shape in heirs for at in calls)


def _parts(source: bytes, start: int) -> list[bytes] | None:
    """Return the parts between the commas up to the closing bracket; None where there is none nearby."""
    parts: list[bytes] = []
    depth, at = 0, start
    for found in _TOKEN.finditer(source, start, start + _LONGEST):
        token = found[0]
        if token in b"([{":
            depth += 1
        elif token in b")]}":
            if not depth:
                last = source[at : found.start()].strip()
                return [*parts, last] if last else parts
            depth -= 1
        elif token == b"," and not depth:
            parts.append(source[at : found.start()].strip())
            at = found.end()
    return None
