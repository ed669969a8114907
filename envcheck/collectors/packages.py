"""Collects the installed distributions: what their metadata says, further copies, and metadata that is damaged."""

from __future__ import annotations

from envcheck import cache
from envcheck.collectors._conda import collect_conda
from envcheck.collectors._distribution import is_information, read_distribution, stamp
from envcheck.model.facts import NOT_COLLECTED
from envcheck.requirements import normalise
from envcheck.versions import key

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeAlias

    from envcheck.collectors import Collection
    from envcheck.collectors._distribution import Entry
    from envcheck.targets.files import Files
    from envcheck.targets.target import Target

    # A distribution and the site directory that holds it.
    Placed: TypeAlias = tuple[str, Entry]

COVERS = ("package", "copy", "damaged", "conda")
PLATFORMS: tuple[str, ...] = ()

_ENTRY_FORMAT = 1  # of what the cache holds; raise it with every change of Entry


def collect(target: Target, into: Collection) -> None:
    """Read every distribution of every site directory, in import order."""
    if target.layout is None:
        for scope in COVERS:
            into.gap(scope, target.layout_problem or "there is no Python environment", status=NOT_COLLECTED)
        return
    found: dict[str, list[Placed]] = {}
    links: dict[str, str] = {}
    for site in target.layout.site_directories:
        try:
            names = target.files.names(site)
        except OSError as error:
            for scope in ("package", "copy", "damaged"):
                into.gap(scope, f"{site} cannot be read: {error.strerror}")
            continue
        _note_leftovers(site, names, into)
        links |= _egg_links(target.files, site, names)
        for entry in _newest_first(_entries(target.files, site, names, into)):
            found.setdefault(entry[0], []).append((site, entry))
    for name, copies in found.items():
        _put(name, copies, links.get(name), into)
    into.put(("python",), target.layout.prefix, distributions=len(found))
    collect_conda(target, into, {name: (copies[0][1][1], _installer(copies[0][1])) for name, copies in found.items()})


def _entries(files: Files, site: str, names: list[str], into: Collection) -> list[Entry]:
    """Return what each distribution of a site directory says, from the cache where nothing has changed."""
    folders = [name for name in names if is_information(name)]
    if not into.cached:
        return [read_distribution(files, site, name) for name in folders]
    cache_name = "packages" + (files.root + site).replace("/", "-").replace(":", "")[-150:]
    cache_key = (_ENTRY_FORMAT, files.root, site)
    known = cache.load(cache_name, cache_key) or {}
    current, entries, fresh = {}, [], False
    for name in folders:
        now = stamp(files, site, name)
        held = known.get(name)
        if held is None or held[0] != now or now is None:
            held = (now, read_distribution(files, site, name))
            fresh = True
        entries.append(held[1])
        if now is not None and not held[1][5]:
            current[name] = held
    if (fresh or len(known) != len(current)) and current:
        cache.store(cache_name, cache_key, current)
    return entries


def _newest_first(entries: list[Entry]) -> list[Entry]:
    """Sort where one name occurs twice: the older one is what an interrupted upgrade left behind."""
    if len({entry[0] for entry in entries}) == len(entries):
        return entries
    return sorted(entries, key=_age, reverse=True)


def _age(entry: Entry) -> tuple[int, object]:
    try:
        return 1, key(entry[1])
    except ValueError:
        return 0, entry[1]


def _put(name: str, copies: list[Placed], link: str | None, into: Collection) -> None:
    site, (_, _, _, groups, _, _) = copies[0]
    entity = ("package", name)
    editable = link
    for origin, attributes in groups:
        into.put(entity, origin, **attributes)
        editable = attributes.get("editable", editable)
    into.put(entity, site, location=site, editable=link)
    number = 0
    for place, entry in copies:
        _note_damage(name, place, entry, into)
        if entry is copies[0][1] or (editable and f"{place}/".startswith(f"{editable}/")):
            continue  # the egg-info in the source folder of an editable installation is no other copy
        number += 1
        into.put(
            ("copy", name, str(number)),
            f"{place}/{entry[2]}",
            version=entry[1] or None,
            location=place,
            same_directory=place == site,
        )
    if copies[0][1][5]:
        into.gap(f"package/{name}", f"{site}/{copies[0][1][2]}: {copies[0][1][4]}")


def _note_damage(name: str, site: str, entry: Entry, into: Collection) -> None:
    if entry[4]:
        path = f"{site}/{entry[2]}"
        into.put(("damaged", entry[2]), path, problem=entry[4], path=path, name=name)


def _note_leftovers(site: str, names: list[str], into: Collection) -> None:
    """Record what pip renamed in order to delete it, and then did not: ~orch, ~orch-2.4.0.dist-info."""
    for name in names:
        if name[0] in "~-" and len(name) > 1:
            into.put(
                ("damaged", name),
                f"{site}/{name}",
                problem="left behind by an interrupted installation",
                path=f"{site}/{name}",
                name=name.removesuffix(".dist-info").partition("-")[0] or name,  # its first letter is lost
            )


def _egg_links(files: Files, site: str, names: list[str]) -> dict[str, str]:
    """Return the source folders that `setup.py develop` linked, by distribution."""
    links = {}
    for name in names:
        if name.endswith(".egg-link"):
            try:
                lines = (files.text(f"{site}/{name}") or "").splitlines()
            except OSError:
                continue
            if lines and lines[0].strip():
                links[normalise(name.removesuffix(".egg-link"))] = lines[0].strip()
    return links


def _installer(entry: Entry) -> str:
    for _, attributes in entry[3]:
        if "installer" in attributes:
            return str(attributes["installer"])
    return ""
