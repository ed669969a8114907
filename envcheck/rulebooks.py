"""Finds the rules in force: the compiled ones of the wheel, or folders of YAML through the cache."""

from __future__ import annotations

import os
from importlib import import_module

from envcheck.data import folder as shipped_folder
from envcheck.engine.compiled import FORMAT, pack, unpack
from envcheck.errors import RuleError, UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from envcheck.model.rules import Rulebook


def load(folders: Sequence[str] = (), *, cached: bool = True) -> Rulebook:
    """Return the shipped rules, with those of other folders beside them; raises RuleError.

    A folder's own tables come with it; its rules may use the shipped tables as well.
    """
    if not folders:
        return _shipped(cached=cached)
    return _from_folders((shipped_folder("rules"), *folders), cached=cached)


def select(rulebook: Rulebook, *, only: Collection[str] = (), skip: Collection[str] = ()) -> Rulebook:
    """Return the rulebook with only, or without, the rules of some ids; raises UsageError for an unknown id."""
    known = {rule.id for rule in rulebook.rules}
    for name in (*only, *skip):
        if name not in known:
            near = [other for other in sorted(known) if name in other or other in name]
            hint = f"perhaps {', '.join(near[:3])}" if near else "envcheck rules list shows them all"
            raise UsageError(f"there is no rule {name!r}", hint=hint)
    rules = tuple(rule for rule in rulebook.rules if (not only or rule.id in only) and rule.id not in skip)
    chosen = {rule.id for rule in rules}
    return rulebook.replace(rules=rules, left_out=tuple(sorted(known - chosen)))


def read_files(folders: Sequence[str]) -> list[tuple[str, str]]:
    """Return (path, text) of every YAML file below some folders, each folder once, sorted; raises RuleError."""
    found: list[tuple[str, str]] = []
    once: dict[str, str] = {}
    for place in folders:
        once.setdefault(os.path.realpath(place), place)
    for place in once.values():
        if not os.path.isdir(place):
            raise RuleError(
                "there is no such folder of rules", where=place, hint="give the folder that holds the *.yaml files"
            )
        for current, inside, names in os.walk(place):
            inside.sort()
            paths = [os.path.join(current, name) for name in sorted(names) if name.endswith((".yaml", ".yml"))]
            found += [(path, _text(path)) for path in paths]
    return found


def _text(path: str) -> str:
    if os.path.exists(path) and not os.path.isfile(path):
        raise RuleError("cannot be read: not a regular file", where=path, hint="mend or remove the file")
    try:
        with open(path, encoding="utf-8") as file:
            return file.read()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or error
        raise RuleError(f"cannot be read: {reason}", where=path, hint="mend or remove the file") from None


def _shipped(*, cached: bool) -> Rulebook:
    try:
        compiled = import_module("envcheck._rulebook")  # made when the wheel is built
    except ImportError:
        return _from_folders((shipped_folder("rules"),), cached=cached)
    if compiled.FORMAT != FORMAT:
        return _from_folders((shipped_folder("rules"),), cached=cached)
    return unpack(compiled.RULEBOOK)


def _from_folders(folders: Sequence[str], *, cached: bool) -> Rulebook:
    from hashlib import blake2b

    from envcheck import cache

    files = read_files(folders)
    key = (FORMAT, blake2b(repr(files).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest())
    packed = cache.load("rules", key) if cached else None
    if isinstance(packed, tuple):
        return unpack(packed)
    from envcheck.engine.load import load as parse

    rulebook = parse(files)
    if cached:
        cache.store("rules", key, pack(rulebook))
    return rulebook
