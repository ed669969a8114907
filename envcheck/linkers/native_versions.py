"""Compares the symbol versions that a file needs with those that a library defines or a host is known to have."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

# The facts of the host that name the newest version of each family.
_FAMILIES = {"GLIBC_": "glibc", "GLIBCXX_": "glibcxx", "CXXABI_": "cxxabi"}


def missing_versions(wanted: Iterable[tuple[str, bool]], offered: Sequence[str]) -> tuple[str, str]:
    """Return the newest version that is needed and not defined, and the newest that is; both may be empty.

    A library that defines none serves every need: the loader only warns.
    """
    if not offered:
        return "", ""
    missing = [version for version, weak in wanted if not weak and version not in offered]
    if not missing:
        return "", ""
    newest = max(missing, key=_rank)
    family = _family(newest)
    alike = [version for version in offered if _family(version) == family and _rank(version)]
    return newest, max(alike, key=_rank, default=offered[-1])


def stated_versions(wanted: Iterable[tuple[str, bool]], host: Mapping[str, object]) -> tuple[str, str]:
    """Return the same for a library that cannot be read, by what is known of the host."""
    missing = [version for version, weak in wanted if not weak and _rank(version) > _known(_family(version), host) > ()]
    if not missing:
        return "", ""
    newest = max(missing, key=_rank)
    return newest, f"{_family(newest)}{host[_FAMILIES[_family(newest)]]}"


def _known(family: str, host: Mapping[str, object]) -> tuple[int, ...]:
    version = host.get(_FAMILIES.get(family, ""))
    return _rank(f"{family}{version}") if isinstance(version, str) else ()


def _family(version: str) -> str:
    return version[: version.find("_") + 1]


def _rank(version: str) -> tuple[int, ...]:
    """Return the numbers of `GLIBC_2.34`, nothing for those that have none, such as `GLIBC_PRIVATE`."""
    parts = version.partition("_")[2].split(".")
    return tuple(int(part) for part in parts) if all(part.isdecimal() and len(part) < 10 for part in parts) else ()  # noqa: PLR2004
