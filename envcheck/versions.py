"""PEP 440 versions and specifiers, quickly: the usual spellings here, all others by `packaging`.

Reading one version costs `packaging` little, but its import costs more than checking 480 distributions.
Source of every rule: https://packaging.python.org/en/latest/specifications/version-specifiers/
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, TypeAlias

    # Epoch, release without trailing zeros, pre-release, post, dev, local; sorts as PEP 440 does.
    Key: TypeAlias = tuple[int, tuple[int, ...], tuple[str, int], int, float, tuple[tuple[int, str], ...]]
    # Operator, version as written, its key; the operator "packaging" has a packaging.specifiers.Specifier instead.
    Clause: TypeAlias = tuple[str, str, Any]

_NO_PRE, _NO_POST, _NO_DEV = ("z", 0), -1, float("inf")
_BEFORE_ANY_PRE = ("", 0)  # 1.0.dev1 sorts below 1.0a1
_FINAL = (_NO_PRE, _NO_POST, _NO_DEV)
# What a suffix is, and under which letter a pre-release sorts.
_SUFFIXES = {
    **dict.fromkeys(("a", "alpha"), ("pre", "a")),
    **dict.fromkeys(("b", "beta"), ("pre", "b")),
    **dict.fromkeys(("c", "rc", "pre", "preview"), ("pre", "rc")),
    **dict.fromkeys(("post", "rev", "r"), ("post", "")),
    "dev": ("dev", ""),
}

_keys: dict[str, Key] = {}
_clauses: dict[str, tuple[Clause, ...] | None] = {}
# Version and specifiers to whether they are met; public because it is kept from one run to the next.
VERDICTS: dict[Any, Any] = {}


def key(version: str) -> Key:
    """Return what a version sorts by; raises ValueError for what is not PEP 440."""
    known = _keys.get(version)
    if known is None:
        known = _keys[version] = _usual_key(version) or _unusual_key(version)
    return known


def satisfies(version: str, specifiers: str, *, prereleases: bool = True) -> bool | None:
    """Tell whether a version meets comma-separated specifiers; None where either is not PEP 440.

    With `prereleases=False` a pre-release or development release meets none.
    """
    if not prereleases and _is_prerelease(version):
        return False
    asked = (version, specifiers)
    if asked not in VERDICTS:
        VERDICTS[asked] = _judge(version, specifiers)
    verdict: bool | None = VERDICTS[asked]
    return verdict


def are_specifiers(text: str) -> bool:
    """Tell whether a text is a set of PEP 440 specifiers; the empty set is one."""
    return _read_clauses(text) is not None


def _judge(version: str, specifiers: str) -> bool | None:
    clauses = _read_clauses(specifiers)
    if clauses is None:
        return None
    try:
        return all(_meets(version, *clause) for clause in clauses)
    except ValueError:
        return None


def _is_prerelease(version: str) -> bool:
    try:
        _, _, pre, _, dev, _ = key(version)
    except ValueError:
        return False
    return pre != _NO_PRE or dev != _NO_DEV


def _usual_key(text: str) -> Key | None:
    """Return the key of anything without an epoch, a `v` or white space; None for those and what is no version."""
    if not text.isascii() or not text[:1].isdigit():
        return None
    if text.replace(".", "").isdigit() and ".." not in text and text[-1] != ".":  # nearly all are plain releases
        release = [int(part) for part in text.split(".")]
        while len(release) > 1 and not release[-1]:
            release.pop()
        return 0, tuple(release), _NO_PRE, _NO_POST, _NO_DEV, ()
    public, plus, local = text.lower().partition("+")
    pieces = local.replace("-", ".").replace("_", ".").split(".") if plus else []
    if not all(piece.isalnum() for piece in pieces):
        return None
    end, size = 1, len(public)
    while end < size and (public[end].isdigit() or (public[end] == "." and public[end + 1 : end + 2].isdigit())):
        end += 1
    suffixes = _read_suffixes(public[end:]) if end < size else _FINAL
    if suffixes is None:
        return None
    return _assemble(0, [int(part) for part in public[:end].split(".")], *suffixes, pieces)


def _read_suffixes(rest: str) -> tuple[tuple[str, int], int, float] | None:
    """Return what `rc1`, `.post2` and `.dev3` say, in this order, or None where there is anything else."""
    found = {"pre": _NO_PRE, "post": _NO_POST, "dev": _NO_DEV}
    left = ["pre", "post", "dev"]
    while rest:
        body = rest[1:] if rest[0] in "-_." else rest
        tail = body.lstrip("abcdefghijklmnopqrstuvwxyz")
        word = body[: len(body) - len(tail)]
        number = tail[1:] if word and tail[:1] in ("-", "_", ".") else tail
        rest = number.lstrip("0123456789")
        digits = number[: len(number) - len(rest)]
        part, letter = _SUFFIXES.get(word) or ("", "")
        if part not in left or not digits:
            return None  # among others 1.0-1, 1.0rc and 1.0a., which are versions all the same
        found[part] = (letter, int(digits)) if letter else int(digits)
        left = left[left.index(part) + 1 :]
    return found["pre"], found["post"], found["dev"]  # type: ignore[return-value]


def _unusual_key(text: str) -> Key:
    from packaging.version import Version

    version = Version(text)
    return _assemble(
        version.epoch,
        list(version.release),
        version.pre or _NO_PRE,
        _NO_POST if version.post is None else version.post,
        _NO_DEV if version.dev is None else version.dev,
        version.local.split(".") if version.local else [],
    )


def _assemble(epoch: int, release: list[int], pre: tuple[str, int], post: int, dev: float, local: list[str]) -> Key:
    while len(release) > 1 and not release[-1]:
        release.pop()
    if (pre, post) == (_NO_PRE, _NO_POST) and dev != _NO_DEV:
        pre = _BEFORE_ANY_PRE
    # In a local part numbers sort above words.
    sortable = tuple((int(piece), "") if piece.isdigit() else (-1, piece) for piece in local)
    return epoch, tuple(release), pre, post, dev, sortable


def _read_clauses(specifiers: str) -> tuple[Clause, ...] | None:
    if specifiers not in _clauses:
        try:
            _clauses[specifiers] = tuple(
                _read_clause(piece) for piece in map(str.strip, specifiers.split(",")) if piece
            )
        except ValueError:
            _clauses[specifiers] = None
    return _clauses[specifiers]


def _read_clause(text: str) -> Clause:
    """Return one specifier; raises ValueError for what is none."""
    operator = text[:2] if text[1:2] == "=" else text[:1]
    wanted = text[len(operator) :].strip()
    if operator in ("==", "!=") and wanted.endswith(".*"):
        if wanted[:-2].isascii() and wanted[:-2].replace(".", "").isdigit() and (found := _usual_key(wanted[:-2])):
            return operator + "*", wanted, (found[0], tuple(int(part) for part in wanted[:-2].split(".")))
    elif operator == "~=":
        if wanted.isascii() and "." in wanted and wanted.replace(".", "").isdigit() and (found := _usual_key(wanted)):
            return operator, wanted, (found, tuple(int(part) for part in wanted.split(".")[:-1]))
    elif operator in ("==", "!=", ">=", "<=", "<", ">"):
        found = _keys.get(wanted) or _usual_key(wanted)
        if found and (not found[5] or operator in ("==", "!=")):
            return operator, wanted, found
    from packaging.specifiers import Specifier

    return "packaging", text, Specifier(text)


def _meets(version: str, operator: str, wanted: str, asked: Any) -> bool:  # noqa: PLR0911  one line an operator
    """Tell whether a version meets one clause; raises ValueError where it is not PEP 440."""
    if operator == "packaging":
        return _meets_by_packaging(version, asked)
    have = key(version)
    if operator == "==":
        return bool(have == asked if asked[5] else have[:5] == asked[:5])
    if operator == "!=":
        return bool(have != asked if asked[5] else have[:5] != asked[:5])
    if operator == ">=":
        return bool(have[:5] >= asked[:5])
    if operator == "<=":
        return bool(have[:5] <= asked[:5])
    if operator == "~=":
        return bool(have[:5] >= asked[0][:5]) and _begins(have, 0, asked[1])
    if operator in ("==*", "!=*"):
        return _begins(have, *asked) is (operator == "==*")
    if have[:2] == asked[:2] and not have[2:5] == asked[2:5] == _FINAL:
        # `<2.0` leaves out 2.0rc1, `>2.0` leaves out 2.0.post1, and there is more: rare enough to ask.
        from packaging.specifiers import Specifier

        return _meets_by_packaging(version, Specifier(operator + wanted))
    return bool(have[:5] < asked[:5] if operator == "<" else have[:5] > asked[:5])


def _meets_by_packaging(version: str, specifier: Any) -> bool:
    if specifier.operator != "===":
        key(version)  # raises for what packaging would call not contained
    elif not version.isascii() or " " in version:
        raise ValueError(version)
    return bool(specifier.contains(version, prereleases=True))


def _begins(have: Key, epoch: int, release: tuple[int, ...]) -> bool:
    """Tell whether a version belongs to a release series; 2 belongs to 2.0."""
    padded = have[1] + (0,) * (len(release) - len(have[1]))
    return have[0] == epoch and padded[: len(release)] == release
