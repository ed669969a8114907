"""Targets that are declared: lock files, requirements, SBOMs and Dockerfiles as snapshots of what they ask for."""

from __future__ import annotations

import os

from envcheck.errors import DocumentError, TargetError
from envcheck.formats.tree import FormatError
from envcheck.locks import FORMATS, declaration, read
from envcheck.locks.declaration import Declared, Unread
from envcheck.locks.facts import Source, facts_of
from envcheck.locks.recognition import format_of
from envcheck.model.facts import Facts, Snapshot
from envcheck.requirements import normalise
from envcheck.secrets import project_key
from envcheck.targets import wording
from envcheck.targets.files import LocalFiles
from envcheck.targets.target import Target

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from envcheck.locks.declaration import Include

MOST_BYTES = 64 << 20
_MOST_FILES = 100  # that include each other
_ANY = ">=0"
_ALTERNATIVELY = " | "  # between versions asked for under different markers


def open_lock(path: str, cwd: str, environ: Mapping[str, str]) -> Target:
    """Return the target of a file that declares an environment; raises DocumentError, TargetError."""
    files = _Files(cwd)
    text = files.text(path)
    name = os.path.basename(path)
    format_ = format_of(name, text)
    if not format_:
        hint = "one of " + ", ".join(sorted(FORMATS))
        raise DocumentError("not a file that declares an environment", where=path, hint=hint)
    files.take(path, text, format_)
    facts, coverage = facts_of(files.sources, project_key(environ, LocalFiles(), cwd))
    _tell_builds(facts)
    _tell_alternatives(facts, files.sources)
    address, chosen = f"lock:{path}", f"what {path} declares ({format_})"
    saved = Snapshot(label=name, address=address, chosen=chosen, facts=facts, derived=Facts(), coverage=coverage)
    return Target(
        label=name,
        address=address,
        chosen=chosen,
        files=LocalFiles(),
        layout=None,
        layout_problem="nothing is collected from a file",
        saved=saved,
    )


def read_text(where: str) -> str:
    """Return a text file of this machine; raises TargetError, and DocumentError for what is no text."""
    hint = "give the path of a file such as requirements.txt, uv.lock, environment.yml"
    try:
        data = LocalFiles().read(where, MOST_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise TargetError(f"cannot be read: {reason}", where=where, hint=hint) from None
    if len(data) > MOST_BYTES:
        raise DocumentError("larger than 64 MiB", where=where, hint=hint)
    try:
        if data[:2] in (b"\xff\xfe", b"\xfe\xff"):  # what PowerShell makes of `pip freeze > requirements.txt`
            return data.decode("utf-16")
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise DocumentError("not UTF-8 text", where=f"{where}:{line}", hint=hint) from None
    if "\0" in text:
        raise DocumentError("a binary file", where=where, hint=hint)
    return text


class _Files:
    """A file and those that it includes, each read once."""

    def __init__(self, cwd: str) -> None:
        self.cwd = cwd
        self.sources: list[Source] = []
        self.seen: set[tuple[str, bool]] = set()

    def text(self, path: str) -> str:
        return read_text(os.path.normpath(os.path.join(self.cwd, path)))

    def take(self, path: str, text: str, format_: str, *, constrains: bool = False) -> None:
        """Read one file and all that it includes; raises DocumentError where it is not in its format."""
        self.seen.add((os.path.realpath(os.path.join(self.cwd, path)), constrains))
        try:
            told = read(text, format_)
        except FormatError as error:
            where = f"{path}:{error.line}" if error.line else path
            raise DocumentError(error.problem, where=where, hint=f"mend the file, or make {path} anew") from None
        place = len(self.sources)
        self.sources.append(Source(path=path, declaration=told, constrains=constrains))
        packages: list[Declared] = []
        unread: list[Unread] = []
        for include in told.includes:
            try:
                self.include(include, os.path.dirname(path), packages, constrains=constrains)
            except (TargetError, DocumentError) as error:
                unread.append(Unread(name=include.path, problem=error.message, line=include.line))
        told = told.replace(packages=(*told.packages, *packages), unread=(*told.unread, *unread))
        self.sources[place] = Source(path=path, declaration=told, constrains=constrains)

    def include(self, include: Include, folder: str, packages: list[Declared], *, constrains: bool) -> None:
        """Follow what a file includes; raises DocumentError, TargetError."""
        if "://" in include.path:
            raise DocumentError("an address, which is not fetched")
        path = os.path.normpath(os.path.join(folder, include.path))
        if include.kind in ("project", "editable"):
            packages.append(self.project(include, path))
            return
        constrains = constrains or include.kind == "constraints"
        if (os.path.realpath(os.path.join(self.cwd, path)), constrains) in self.seen:
            return
        if len(self.seen) >= _MOST_FILES:
            raise DocumentError(f"more than {_MOST_FILES} files include each other")
        text = self.text(path)
        told = read(text, "requirements")
        # A line with a slash may mean a folder, and says nothing of what the file is.
        if told.unread and not told.packages and all(one.kind == "project" for one in told.includes):
            raise DocumentError("is not a requirements file")  # whatever else it is, nothing of it is repeated
        self.take(path, text, "requirements", constrains=constrains)

    def project(self, include: Include, folder: str) -> Declared:
        """Return the project of a folder, by the name in its pyproject.toml; raises DocumentError, TargetError."""
        text = self.text(os.path.join(folder, "pyproject.toml"))
        name, version = _project(text)
        if not declaration.is_name(name):
            raise DocumentError("its pyproject.toml does not tell its name")
        editable = include.path if include.kind == "editable" else ""
        return Declared(name=name, line=include.line, version=version, direct_url=include.path, editable=editable)


def _project(text: str) -> tuple[str, str]:
    """Return name and version that a pyproject.toml states, empty texts for what it does not."""
    from envcheck.formats import toml_text

    try:
        root = declaration.mapping(toml_text.read(text).root)
    except FormatError:
        return "", ""
    poetry = declaration.mapping(declaration.mapping(root.get("tool")).get("poetry"))
    about = declaration.mapping(root.get("project")) or poetry
    return declaration.text(about.get("name")), declaration.text(about.get("version"))


def _tell_alternatives(facts: Facts, sources: Sequence[Source]) -> None:
    """Record the versions asked for where no single one or range is: any, or another one under each marker."""
    asked: dict[str, list[Declared]] = {}
    limited = set()  # by constraints under other markers, so that not any version will do
    for source in sources:
        for one in source.declaration.packages:
            asked.setdefault(normalise(one.name), []).append(one)
            if one.kind != "package" or one.direct_url or one.constrains or source.constrains:
                limited.add(normalise(one.name))
    for name, several in asked.items():
        entity = ("package", name)
        if name in limited or facts.of(entity).keys() & {"version", "specifier"}:
            continue
        if not any(one.version or one.specifier for one in several):
            facts.put(entity, facts.of(entity)["name"][1], specifier=_ANY)
        elif all(one.markers for one in several):
            alternatives = (
                f"{f'=={one.version}' if one.version else one.specifier or _ANY}; {' or '.join(one.markers or ())}"
                for one in several
            )
            facts.put(entity, facts.of(entity)["name"][1], specifier=_ALTERNATIVELY.join(dict.fromkeys(alternatives)))


def _tell_builds(facts: Facts) -> None:
    """Record what versions such as 2.4.0+cu121 tell of the build."""
    for entity in facts.entities("package"):
        known = facts.get(entity, "version")
        if known is not None and "+" in str(known[0]):
            facts.put(entity, known[1], **wording.build(str(known[0])))
