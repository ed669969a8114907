"""PEP 508 requirements and markers, quickly: the usual spellings here, all others by `packaging`.

Source of every rule: https://packaging.python.org/en/latest/specifications/dependency-specifiers/
"""

from __future__ import annotations

from envcheck.versions import are_specifiers, satisfies

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, TypeAlias

    # Normalised name, specifiers, normalised extras, marker, URL; what is not given is empty.
    Requirement: TypeAlias = tuple[str, str, tuple[str, ...], str, str]
    # ("and", node, node), ("or", node, node), ("test", left, operator, right), ("variable", name), ("text", value).
    Node: TypeAlias = tuple[Any, ...]

_VERSIONS = ("python_version", "python_full_version", "implementation_version", "platform_release")
_LEGACY_NAMES = {
    "os.name": "os_name",
    "sys.platform": "sys_platform",
    "platform.version": "platform_version",
    "platform.machine": "platform_machine",
    "platform.python_implementation": "platform_python_implementation",
    "python_implementation": "platform_python_implementation",
}
_OR = (" or ", ")or", "'or", '"or')  # wherever a marker may have the word
_DEEPEST = 50  # nested parentheses; real markers have two
_MOST_TOKENS = 2000  # each `or` nests one level deeper; real markers have some dozen

_names: dict[str, str] = {}
_requirements: dict[str, Requirement] = {}
_markers: dict[str, Node | None] = {}
# What is worth keeping from one run to the next (see envcheck.memory).
MEMORIES: tuple[dict[Any, Any], ...] = (_requirements, _markers)


def normalise(name: str) -> str:
    """Return a distribution's name as names are compared: lower case, one hyphen for any run of `-_.`."""
    known = _names.get(name)
    if known is None:
        known = name.lower().replace("_", "-").replace(".", "-")
        while "--" in known:
            known = known.replace("--", "-")
        _names[name] = known
    return known


def parse(text: str) -> Requirement:
    """Return a requirement's parts; raises ValueError for what is no requirement."""
    known = _requirements.get(text)
    if known is None:
        known = _requirements[text] = _usual(text) or _unusual(text)
    return known


def marker_of(text: str) -> str:
    """Return the marker of a requirement without reading the rest, or an empty text."""
    head, _, marker = text.partition(";")
    if "@" in head:  # a URL may hold semicolons; its marker follows white space
        marker = text.replace("\t;", " ;").partition(" ;")[2]
    return marker.strip()


def name_of(text: str) -> str:
    """Return the normalised name that a requirement asks for, empty for what is no requirement."""
    try:
        return parse(text)[0]
    except ValueError:
        return ""


def needs_extra(text: str) -> bool:
    """Tell at a glance whether a requirement certainly holds with an extra only; most do, and are not worth reading."""
    return ("extra ==" in text or "extra==" in text) and " or " not in text


def applies(marker: str, environment: Mapping[str, str], extra: str = "") -> bool | None:
    """Tell whether a marker holds; None where it is malformed or a variable that decides it is not in the environment.

    Variables that the marker does not need may be missing.
    """
    if not marker:
        return True
    if not extra and ("extra ==" in marker or "extra==" in marker) and not any(sign in marker for sign in _OR):
        return False  # most markers, and not worth reading
    if marker not in _markers:
        try:
            _markers[marker] = _Reader(marker).read()
        except (ValueError, IndexError):
            _markers[marker] = None
    node = _markers[marker]
    return None if node is None else _holds(node, environment, extra)


def _usual(text: str) -> Requirement | None:
    head, semicolon, marker = text.partition(";")
    if "@" in head or (semicolon and not marker.strip()):
        return None
    head = head.strip(" \t")
    end = 0
    for end, letter in enumerate(head):  # noqa: B007  the index is what is wanted
        if letter in " \t[(<>=!~":
            break
    else:
        end = len(head)
    name, rest = head[:end], head[end:].strip()
    if not _is_name(name):
        return None
    extras: tuple[str, ...] = ()
    if rest[:1] == "[":
        inside, closed, rest = rest[1:].partition("]")
        extras = tuple(normalise(extra.strip()) for extra in inside.split(",") if inside.strip())
        if not closed or not all(map(_is_name, extras)):
            return None
        rest = rest.strip()
    if rest[:1] == "(" and rest[-1:] == ")":
        rest = rest[1:-1].strip()
    if rest and (rest[0] not in "<>=!~" or not are_specifiers(rest)):
        return None
    return normalise(name), rest, extras, marker.strip(), ""


def _is_name(text: str) -> bool:
    plain = text.replace("-", "").replace("_", "").replace(".", "")
    return plain.isalnum() and text.isascii() and text[0].isalnum() and text[-1].isalnum()


def _unusual(text: str) -> Requirement:
    from packaging.requirements import Requirement as Parsed

    try:
        parsed = Parsed(text)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    extras = tuple(normalise(extra) for extra in sorted(parsed.extras))
    marker = str(parsed.marker) if parsed.marker else ""
    return normalise(parsed.name), str(parsed.specifier), extras, marker, parsed.url or ""


class _Reader:
    """Reads one marker by recursive descent; raises ValueError or IndexError where it is malformed."""

    def __init__(self, marker: str) -> None:
        self.tokens = _tokens(marker)
        if len(self.tokens) > _MOST_TOKENS:
            raise ValueError("too long")
        self.at = 0
        self.depth = 0

    def read(self) -> Node:
        node = self.either()
        if self.at != len(self.tokens):
            raise ValueError(self.tokens[self.at])
        return node

    def either(self) -> Node:
        node = self.both()
        while self.take("or"):
            node = ("or", node, self.both())
        return node

    def both(self) -> Node:
        node = self.single()
        while self.take("and"):
            node = ("and", node, self.single())
        return node

    def single(self) -> Node:
        if self.take("("):
            self.depth += 1
            if self.depth > _DEEPEST:
                raise ValueError("nested too deeply")
            node = self.either()
            if not self.take(")"):
                raise ValueError("unbalanced parentheses")
            self.depth -= 1
            return node
        left = self.side()
        operator = self.next()[1]
        if operator == "not" and self.take("in"):
            operator = "not in"
        if operator not in ("==", "!=", "<=", ">=", "<", ">", "~=", "===", "in", "not in"):
            raise ValueError(operator)
        return ("test", left, operator, self.side())

    def side(self) -> Node:
        kind, text = self.next()
        if kind == "word":
            return ("variable", _LEGACY_NAMES.get(text, text))
        if kind == "text":
            return ("text", text)
        raise ValueError(text)

    def next(self) -> tuple[str, str]:
        self.at += 1
        return self.tokens[self.at - 1]

    def take(self, text: str) -> bool:
        if self.at < len(self.tokens) and self.tokens[self.at][1] == text and self.tokens[self.at][0] != "text":
            self.at += 1
            return True
        return False


def _tokens(marker: str) -> list[tuple[str, str]]:
    found = []
    at, size = 0, len(marker)
    while at < size:
        letter = marker[at]
        end = at + 1
        if letter in " \t\n\r":
            pass
        elif letter in "()":
            found.append(("sign", letter))
        elif letter in "\"'":
            close = marker.index(letter, end)
            found.append(("text", marker[end:close]))
            end = close + 1
        elif letter in "<>=!~":
            while end < size and marker[end] in "<>=!~":
                end += 1
            found.append(("sign", marker[at:end]))
        elif letter.isalpha():
            while end < size and (marker[end].isalnum() or marker[end] in "_."):
                end += 1
            found.append(("word", marker[at:end]))
        else:
            raise ValueError(letter)
        at = end
    return found


def _holds(node: Node, environment: Mapping[str, str], extra: str) -> bool | None:
    if node[0] == "test":
        return _compare(node, environment, extra)
    first = _holds(node[1], environment, extra)
    settles: bool = node[0] == "or"
    if first is settles:
        return first
    second = _holds(node[2], environment, extra)
    if second is settles or first is not None:
        return second
    return None


def _compare(node: Node, environment: Mapping[str, str], extra: str) -> bool | None:
    _, left, operator, right = node
    variable = left[1] if left[0] == "variable" else right[1] if right[0] == "variable" else ""
    first, second = _value(left, environment, extra), _value(right, environment, extra)
    if first is None or second is None:
        return None
    if variable in _VERSIONS and operator not in ("in", "not in") and are_specifiers(f"{operator}{second}"):
        return satisfies(first, f"{operator}{second}") is True
    if variable == "extra":
        first, second = normalise(first), normalise(second)
    # Texts have no order: `<=` and `>=` hold for equal ones alone.
    tests: dict[str, bool] = {
        "==": first == second,
        "!=": first != second,
        "<=": first == second,
        ">=": first == second,
    }
    tests |= {"<": False, ">": False, "in": first in second, "not in": first not in second}
    return tests.get(str(operator))


def _value(side: Node, environment: Mapping[str, str], extra: str) -> str | None:
    kind, text = side
    if kind == "text":
        return str(text)
    return extra if text == "extra" else environment.get(text)
