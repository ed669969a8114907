"""Finds the rules in force: the compiled ones of the wheel, or folders of YAML through the cache."""

from __future__ import annotations

import os
from importlib import import_module

from envcheck.data import folder as shipped_folder
from envcheck.engine.compiled import FORMAT, pack, unpack
from envcheck.engine.prefilter import Prefilter
from envcheck.errors import RuleError, UsageError
from envcheck.model.rules import FAILURE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
    from typing import Any

    from envcheck.model.rules import Rule, Rulebook, Table

_OF_FAILURES = "failures"  # the shipped folder of the rules that only a log can meet


def load(folders: Sequence[str] = (), *, cached: bool = True) -> Rulebook:
    """Return the shipped rules but those about failures, with those of other folders beside them; raises RuleError.

    A folder's own tables come with it; its rules may use the shipped tables as well.
    """
    if not folders:
        return _shipped(cached=cached)
    return _from_folders((shipped_folder("rules"), *folders), cached=cached)


def load_failures(
    folders: Sequence[str] = (),
    *,
    text: str | None = None,
    cached: bool = True,
    complain: Callable[[RuleError], None] | None = None,
) -> Rulebook:
    """Return the rules about failures, those that may match a text if one is given, and all tables; raises RuleError.

    Where `complain` is given, a shipped file that cannot be read is told to it and left out.
    """
    others = load(folders, cached=cached)
    own = tuple(rule for rule in others.rules if rule.scope == FAILURE)
    prefilter = None if text is None else Prefilter(text)
    try:
        compiled = import_module("envcheck._failures")  # made when the wheel is built
    except ImportError:
        compiled = None
    if compiled is not None and compiled.FORMAT == FORMAT:
        shipped: Sequence[Rule] = unpack(compiled.RULEBOOK, prefilter).rules
    else:
        shipped = list(_from_files(others.tables, prefilter, complain, cached=cached))
    return others.replace(rules=(*shipped, *own))


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


def read_files(folders: Sequence[str], *, without: str = "") -> list[tuple[str, str]]:
    """Return (path, text) of every YAML file below some folders, each folder once, sorted; raises RuleError.

    A folder may also be a single file; `without` is a folder below them that is left out.
    """
    found: list[tuple[str, str]] = []
    once: dict[str, str] = {}
    for place in folders:
        once.setdefault(os.path.realpath(place), place)
    for place in once.values():
        if place.endswith((".yaml", ".yml")) and os.path.isfile(place):
            found.append((place, _text(place)))
            continue
        if not os.path.isdir(place):
            raise RuleError(
                "there is no such folder of rules", where=place, hint="give the folder that holds the *.yaml files"
            )
        for current, inside, names in os.walk(place):
            inside[:] = sorted(name for name in inside if os.path.join(current, name) != without)
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

    files = read_files(folders, without=os.path.join(shipped_folder("rules"), _OF_FAILURES))
    key = (FORMAT, blake2b(repr(files).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest())
    packed = cache.load("rules", key) if cached else None
    if isinstance(packed, tuple):
        return unpack(packed)
    from envcheck.engine.load import load as parse

    rulebook = parse(files)
    if cached:
        cache.store("rules", key, pack(rulebook))
    return rulebook


def _from_files(
    tables: Mapping[str, Table],
    prefilter: Prefilter | None,
    complain: Callable[[RuleError], None] | None,
    *,
    cached: bool,
) -> Iterator[Rule]:
    """Yield the shipped rules about failures from their files, each of which is cached by itself."""
    columns = {name: tuple(table.rows[0]) for name, table in tables.items()}
    for path, text in read_files([os.path.join(shipped_folder("rules"), _OF_FAILURES)]):
        try:
            packed = _of_file(path, text, columns, tables, cached=cached)
        except RuleError as error:
            if complain is None:
                raise
            complain(error)
            continue
        yield from unpack(packed, prefilter).rules


def _of_file(
    path: str, text: str, columns: Mapping[str, tuple[str, ...]], tables: Mapping[str, Table], *, cached: bool
) -> tuple[Any, ...]:
    """Return the packed rules of one file, from the cache where neither it nor a table's columns have changed."""
    from hashlib import blake2b

    from envcheck import cache

    name = f"rules-{blake2b(path.encode(errors='surrogateescape'), digest_size=8).hexdigest()}"
    key = (FORMAT, blake2b(repr((text, columns)).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest())
    known = cache.load(name, key) if cached else None
    if isinstance(known, tuple):
        return known
    from envcheck.engine.load import load as parse

    packed = pack(parse([(path, text)], tables).replace(tables={}))
    if cached:
        cache.store(name, key, packed)
    return packed
