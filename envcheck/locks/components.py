"""What an SBOM's components are to an environment: Python distributions, conda's and the system's packages, images."""

from __future__ import annotations

from urllib.parse import unquote

from envcheck.locks.conda_packages import add_conda
from envcheck.locks.declaration import Reading, plain_url, sorted_hashes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from envcheck.locks.declaration import Declaration

_SYSTEM = ("deb", "rpm", "apk", "alpm")
_UNTOLD = ("editable", "groups", "markers", "specifier")
_NO_URL = "no package URL"
_IMAGES = ("oci", "docker")


class Components:
    """Takes components one by one, and counts those of which envcheck knows nothing."""

    def __init__(self) -> None:
        self.reading = Reading()
        self.others: dict[str, tuple[int, int]] = {}

    def add(self, name: str, version: str, purl: str, line: int, hashes: Iterable[tuple[str, str]]) -> None:
        """Take one component; `hashes` are (algorithm as the SBOM calls it, value)."""
        kind, path, told, qualifiers = read_purl(purl)
        version = told or version
        found = sorted_hashes(f"{algorithm.lower().replace('-', '')}:{value}" for algorithm, value in hashes if value)
        if kind == "pypi":
            url = plain_url(qualifiers.get("vcs_url") or qualifiers.get("download_url", ""))
            self.reading.add(path or name, line, version=version, hashes=found, direct_url=url)
        elif kind == "conda":
            build, channel = qualifiers.get("build", ""), qualifiers.get("channel", "")
            add_conda(path or name, line, self.reading, version=version, build=build, channel=channel, hashes=found)
            if path == "python":
                self.reading.ask_python(version, line)
        elif kind in _SYSTEM:
            self.reading.add(path.rpartition("/")[2] or name, line, kind="system", version=version)
        elif kind in _IMAGES:
            self.reading.add(path or name, line, kind="image", version=version)
        else:
            ecosystem = kind or _NO_URL
            count, first = self.others.get(ecosystem, (0, line))
            self.others[ecosystem] = (count + 1, first)

    def done(self, *, partial: str) -> Declaration:
        """Return what was read; `partial` says why there may be more than is listed, empty where all is."""
        for ecosystem, (count, line) in sorted(self.others.items()):
            problem = f"{count} {'component' if count == 1 else 'components'} of a kind that is not read"
            self.reading.leave(ecosystem, problem, line, hides=ecosystem == _NO_URL)
        python = [one for one in self.reading.packages if one.kind == "package"]
        if not partial and not python:
            partial = "no Python package"
        elif not partial and not all(one.version for one in python):
            partial = "packages without versions"
        kinds = {one.kind for one in self.reading.packages if one.kind in ("conda", "package")}
        return self.reading.done(complete=() if partial else tuple(sorted(kinds)), only=partial, untold=_UNTOLD)


def read_purl(purl: str) -> tuple[str, str, str, dict[str, str]]:
    """Return type, name, version and qualifiers of a package URL; no type for what is none.

    https://github.com/package-url/purl-spec
    """
    if not purl.startswith("pkg:"):
        return "", "", "", {}
    rest, _, query = purl.removeprefix("pkg:").lstrip("/").partition("#")[0].partition("?")
    kind, _, path = rest.partition("/")
    path, at, version = path.rpartition("@") if "@" in path.rpartition("/")[2] else (path, "", "")
    pairs = (part.partition("=") for part in query.split("&") if part)
    qualifiers = {key: unquote(value) for key, _, value in pairs}
    return kind.lower(), unquote(path), unquote(version) if at else "", qualifiers
