"""Collects the installed distributions: what their metadata says, further copies, and metadata that is damaged."""

from __future__ import annotations

from envcheck import cache
from envcheck.collectors._conda import collect_conda
from envcheck.collectors._distribution import Distribution, is_information, read_distribution, stamp
from envcheck.requirements import normalise
from envcheck.versions import key

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeAlias

    from envcheck.collectors import Collection
    from envcheck.targets.files import Files
    from envcheck.targets.target import Target

    # A distribution and the site directory that holds it.
    Placed: TypeAlias = tuple[str, Distribution]

COVERS = ("package", "copy", "damaged", "conda")
PLATFORMS: tuple[str, ...] = ()

_FORMAT = 4  # of what the cache holds; raise it with every change of Distribution


def collect(target: Target, into: Collection) -> None:
    """Read every distribution of every site directory, in import order."""
    if target.layout is None:
        into.skip(COVERS, target.layout_problem)
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
        for distribution in _newest_first(_distributions(target.files, site, names, into)):
            found.setdefault(distribution.name, []).append((site, distribution))
    for name, copies in found.items():
        _put(name, copies, links.get(name), into)
    into.put(("python",), target.layout.prefix, distributions=len(found))
    first = {name: copies[0][1] for name, copies in found.items()}
    collect_conda(target, into, {name: (one.version, _installer(one)) for name, one in first.items()})


def _distributions(files: Files, site: str, names: list[str], into: Collection) -> list[Distribution]:
    """Return the distributions of a site directory, from the cache where nothing has changed."""
    folders = [name for name in names if is_information(name)]
    if not into.cached:
        return [read_distribution(files, site, name) for name in folders]
    cache_name = "packages" + (files.root + site).replace("/", "-").replace(":", "")[-150:]
    cache_key = (_FORMAT, files.root, site)
    known = cache.load(cache_name, cache_key) or {}
    found, kept, fresh = [], {}, False
    for name in folders:
        now = stamp(files, site, name)
        then, values = known.get(name, (None, ()))
        if now is not None and then == now:
            distribution = Distribution(**dict(zip(Distribution.record_fields, values, strict=True)))
        else:
            distribution, fresh = read_distribution(files, site, name), True
        found.append(distribution)
        if now is not None and not distribution.incomplete:
            kept[name] = (now, tuple(distribution.as_dict().values()))
    if (fresh or len(known) != len(kept)) and kept:
        cache.store(cache_name, cache_key, kept)
    return found


def _newest_first(distributions: list[Distribution]) -> list[Distribution]:
    """Sort where one name occurs twice: the older one is what an interrupted upgrade left behind."""
    if len({distribution.name for distribution in distributions}) == len(distributions):
        return distributions
    return sorted(distributions, key=_age, reverse=True)


def _age(distribution: Distribution) -> tuple[int, object]:
    try:
        return 1, key(distribution.version)
    except ValueError:
        return 0, distribution.version


def _put(name: str, copies: list[Placed], link: str | None, into: Collection) -> None:
    site, first = copies[0]
    entity = ("package", name)
    into.facts.hold(entity, first.attributes)
    editable = first.attributes["editable"][0] if "editable" in first.attributes else link
    into.put(entity, site, location=site, editable=link)
    number = 0
    for place, distribution in copies:
        path = f"{place}/{distribution.folder}"
        if distribution.problem:
            into.put(("damaged", distribution.folder), path, problem=distribution.problem, path=path, name=name)
        if distribution is first or (editable and f"{place}/".startswith(f"{editable}/")):
            continue  # the egg-info in the source folder of an editable installation is no other copy
        number += 1
        into.put(
            ("copy", name, str(number)),
            path,
            version=distribution.version or None,
            location=place,
            same_directory=place == site,
        )
    if first.incomplete:
        into.gap(f"package/{name}", f"{site}/{first.folder}: {first.problem}")


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


def _installer(distribution: Distribution) -> str:
    return str(distribution.attributes.get("installer", ("", ""))[0])
