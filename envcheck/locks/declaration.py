"""What a file declares: packages with versions or ranges, Python, variables, and what was not understood."""

from __future__ import annotations

from envcheck import versions
from envcheck.model.record import Record
from envcheck.requirements import applies, normalise, parse
from envcheck.secrets import sensitive, strip_credentials

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from envcheck.formats.tree import Node

_LONGEST = 200  # characters of a text that names what was not understood
_SCHEMES = ("git+", "hg+", "svn+", "bzr+")


class Declared(Record):
    """One package (or other entity) that a file declares on one line; what is not said is empty.

    `version` is exact, else `specifier` has what is asked for. `markers` are conditions of which one must hold; None
    where that is not known, then `unclear` says why. `groups` are the extras and groups that alone ask for it, None
    where the file does not tell. `constrains` marks one that limits the version of whatever else asks for it.
    """

    name: str
    line: int
    kind: str = "package"
    version: str = ""
    specifier: str = ""
    markers: tuple[str, ...] | None = ()
    unclear: str = ""
    groups: tuple[str, ...] | None = ()
    hashes: tuple[str, ...] = ()
    direct_url: str = ""
    editable: str = ""
    build: str = ""
    channel: str = ""
    constrains: bool = False


class Unread(Record):
    """What a file says and was not understood; `hides` tells whether a package may be behind it."""

    name: str
    problem: str
    line: int
    hides: bool = True


class Include(Record):
    """Another file that belongs to this one: `kind` is requirements, constraints or project (a folder to install)."""

    kind: str
    path: str
    line: int


class Declaration(Record):
    """Everything that one file declares.

    `complete` names the kinds of which the file lists all there is; `python` is what it says of Python, `variables`
    are (name, value, line). `only` says in a few words what the packages are where they are not all, `untold` which
    attributes the format has no place for. `hashed` means that pip would refuse whatever else is asked for.
    """

    packages: tuple[Declared, ...]
    complete: tuple[str, ...] = ()
    only: str = "only direct requirements"
    untold: tuple[str, ...] = ()
    python: Declared | None = None
    variables: tuple[tuple[str, str, int], ...] = ()
    includes: tuple[Include, ...] = ()
    unread: tuple[Unread, ...] = ()
    hashed: bool = False


class Reading:
    """Takes what a reader meets, line by line."""

    def __init__(self) -> None:
        self.packages: list[Declared] = []
        self.unread: list[Unread] = []
        self.includes: list[Include] = []
        self.variables: list[tuple[str, str, int]] = []
        self.python: Declared | None = None

    def add(self, name: str, line: int, **values: Any) -> None:
        """Take one package; one without a usable name is kept as not understood."""
        if values.get("kind", "package") == "package" and (not is_name(name) or sensitive("", name)):
            self.leave(name, "not the name of a package", line)
            return
        self.packages.append(Declared(name=name, line=line, **values))

    def leave(self, name: str, problem: str, line: int, *, hides: bool = True) -> None:
        """Keep what was not understood."""
        text = " ".join(name.split())
        self.unread.append(Unread(name=text[:_LONGEST] or "nothing", problem=problem, line=line, hides=hides))

    def adopt(self, told: Declaration, line: int) -> None:
        """Take the packages of a text that stands on one line of this file, and what of it was not understood."""
        self.packages += [one.replace(line=line) for one in told.packages]
        self.unread += [one.replace(line=line) for one in told.unread]

    def require(self, text: str, line: int, **values: Any) -> None:
        """Take one requirement as PEP 508 has it; a marker that `values` gives holds besides its own."""
        try:
            name, specifier, _, marker, url = parse(text)
        except ValueError:
            self.leave(text, "not a requirement", line)
            return
        version = pinned(specifier)
        given = {
            "version": version or version_of_url(name, url),
            "specifier": "" if version else specifier,
            "markers": (marker,) if marker else (),
            "direct_url": plain_url(url),
            "hashes": hash_of_url(url),
        }
        self.add(spelled(text) or name, line, **(given | values))

    def ask_python(self, specifier: str, line: int) -> None:
        """Take the Python that is asked for: `==3.11.*` and `3.11` say as much as can be said of a version."""
        if specifier in ("", "*"):
            return
        version = pinned(specifier) or specifier.lstrip("=").removesuffix(".*")
        if "." not in version or not is_version(version):
            version = ""  # of Python 3 alone nothing can be said
        self.python = Declared(
            name="python", line=line, kind="python", version=version, specifier="" if version else specifier
        )

    def done(self, **values: Any) -> Declaration:
        """Return what was read."""
        return Declaration(
            packages=tuple(self.packages),
            unread=tuple(self.unread),
            includes=tuple(self.includes),
            variables=tuple(self.variables),
            python=self.python,
            **values,
        )


def pinned(specifiers: str) -> str:
    """Return the one version that specifiers allow, empty where they allow several."""
    for clause in map(str.strip, specifiers.split(",")):
        version = clause.lstrip("=").strip()
        if clause.startswith("==") and "*" not in version and is_version(version):
            return version
    return ""


def is_name(text: str) -> bool:
    """Tell whether a text may be the name of a distribution."""
    plain = text.replace("-", "").replace("_", "").replace(".", "")
    return plain.isalnum() and text.isascii() and text[0].isalnum() and text[-1].isalnum()


def is_version(text: str) -> bool:
    """Tell whether a text is one version as PEP 440 has it."""
    if not text[:1].isdigit() and text[:1] != "v":
        return False  # at a glance: what is not usual costs the import of `packaging`
    try:
        return bool(versions.key(text))
    except ValueError:
        return False


def spelled(requirement: str) -> str:
    """Return the name of a requirement as it is written."""
    end = next((place for place, letter in enumerate(requirement) if letter in " \t[(<>=!~;@"), len(requirement))
    return requirement[:end]


def plain_url(url: str) -> str:
    """Return where something comes from, as an environment records it: without scheme prefix, query, credentials."""
    address = next((url.removeprefix(scheme) for scheme in _SCHEMES if url.startswith(scheme)), url)
    return strip_credentials(address).partition("#")[0].partition("?")[0]


def hash_of_url(url: str) -> tuple[str, ...]:
    """Return the hash that an address carries, `…#sha256=…`, as a list of one or none."""
    for part in url.partition("#")[2].split("&"):
        name, equals, value = part.partition("=")
        if equals and name in ("sha256", "sha384", "sha512"):
            return (f"{name}:{value}",)
    return ()


def file_of_url(url: str) -> tuple[str, str]:
    """Return name and version that a wheel's or source distribution's file name tells, empty texts where it does not.

    https://packaging.python.org/en/latest/specifications/binary-distribution-format/#file-name-convention
    """
    file = url.partition("#")[0].partition("?")[0].replace("%2B", "+").rpartition("/")[2]
    if file.endswith(".whl") and file.count("-") in (4, 5):
        name, version = file.split("-")[:2]
    else:
        stem = next((file.removesuffix(end) for end in (".tar.gz", ".zip", ".tar.bz2") if file.endswith(end)), "")
        name, _, version = stem.rpartition("-")
    return (name, version) if name and is_version(version) else ("", "")


def version_of_url(name: str, url: str) -> str:
    """Return the version of a file's name if it is a file of that distribution."""
    file, version = file_of_url(url)
    return version if file and normalise(file) == normalise(name) else ""


def needs_choice(marker: str, groups: str = "") -> bool:
    """Tell whether a marker can hold only where an extra or a group that is not among `groups` was chosen."""
    return applies(marker, {"extras": "", "dependency_groups": groups}) is False


def text(node: Node | None) -> str:
    """Return a node's text, empty for anything else."""
    return node.held if node is not None and isinstance(node.held, str) else ""


def mapping(node: Node | None) -> dict[str, Node]:
    """Return what a mapping holds, empty for anything else."""
    return node.held if node is not None and isinstance(node.held, dict) else {}


def items(node: Node | None) -> list[Node]:
    """Return the items of a list, empty for anything else."""
    return node.held if node is not None and isinstance(node.held, list) else []


def texts(node: Node | None) -> list[str]:
    """Return the texts of a list, what is none left out."""
    return [item.held for item in items(node) if isinstance(item.held, str)]


def sorted_hashes(found: Iterable[str]) -> tuple[str, ...]:
    """Return hashes sorted, each once, what is none left out."""
    return tuple(sorted({one for one in found if ":" in one}))
