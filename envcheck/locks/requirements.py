"""Requirements and constraints files of pip: requirements, hashes, `-r`, `-c`, `-e`, files and addresses.

The form is https://pip.pypa.io/en/stable/reference/requirements-file-format/; docs/architecture.md says why this is not
left to pip-api.
"""

from __future__ import annotations

import re
import shlex

from envcheck.locks.declaration import (
    Include,
    Reading,
    file_of_url,
    hash_of_url,
    plain_url,
    sorted_hashes,
    version_of_url,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from envcheck.locks.declaration import Declaration

_ADDRESS = re.compile(r"(?:(?:git|hg|svn|bzr)\+\w+:|(?:https?|file|ftp)://|(?:git|ssh)://)", re.IGNORECASE)
_NAMED = re.compile(r"[A-Za-z0-9][\w.-]*\s*(\[[^\]]*\])?\s*@")
_EXTRAS = re.compile(r"\s*\[[^\[\]]*\]$")
_LONGEST = 4000  # characters, options not counted
_ARCHIVES = (".whl", ".tar.gz", ".zip", ".tar.bz2", ".tgz", ".tar.xz", ".tar")
_INCLUDES = {"-r": "requirements", "--requirement": "requirements", "-c": "constraints", "--constraint": "constraints"}
_EDITABLE = ("-e", "--editable")
# What says where pip looks and how it builds, not what is installed.
_FLAGS = ("--no-index", "--prefer-binary", "--require-hashes", "--pre", "--no-deps")
_WITH_VALUE = (
    *("-i", "--index-url", "--extra-index-url", "-f", "--find-links", "--no-binary", "--only-binary", "--trusted-host"),
    *("--use-feature", "--global-option", "--config-settings", "--config-setting", "-C", "--hash"),
)


def read(text: str) -> Declaration:
    """Return what a requirements file declares; it raises nothing."""
    reading = Reading()
    required = False
    for number, line in _lines(text):
        wanted, options = _parts(line)
        try:
            given = _options(options)
        except ValueError as error:
            reading.leave(line, str(error), number)
            continue
        required = required or ("--require-hashes", "") in given
        hashes = sorted_hashes(value for option, value in given if option == "--hash")
        if wanted:
            _require(wanted, number, hashes, reading)
            continue
        for option, value in given:
            if option in _INCLUDES:
                reading.includes.append(Include(kind=_INCLUDES[option], path=value, line=number))
            elif option in _EDITABLE:
                _edit(value, number, reading)
    names = reading.packages
    projects = any(include.kind not in _INCLUDES.values() for include in reading.includes)
    hashed = required or (bool(names) and not projects and all(one.hashes for one in names))
    return reading.done(hashed=hashed)


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """Yield each logical line without comments, and the number of the first line of it."""
    pieces: list[str] = []
    start = 0
    for number, line in enumerate(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"), 1):
        start = start if pieces else number
        comment = line.lstrip().startswith("#")
        if line.endswith("\\") and not comment:
            pieces.append(line.rstrip("\\"))
            continue
        # A comment ends a line that was to go on.
        whole = _without_comment("".join([*pieces, " " + line if comment else line]))
        if whole:
            yield start, whole
        pieces = []
    whole = _without_comment("".join(pieces))
    if whole:
        yield start, whole


def _without_comment(line: str) -> str:
    """Return a line up to the first `#` that begins a word."""
    at = line.find("#")
    while at > 0 and not line[at - 1].isspace():
        at = line.find("#", at + 1)
    return (line if at < 0 else line[:at]).strip()


def _parts(line: str) -> tuple[str, str]:
    """Return what a line asks for, and its options: from the first word on that begins with a hyphen."""
    found = re.search(r"(?:^|\s)-", line)
    return (line[: found.start()].strip(), line[found.start() :].strip()) if found else (line, "")


def _options(words: str) -> list[tuple[str, str]]:
    """Return (option, value) of every option; raises ValueError for one that is none of pip's."""
    waiting = shlex.split(words)[::-1]
    given = []
    while waiting:
        word = waiting.pop()
        option, equals, value = word.partition("=")
        if not word.startswith("--"):
            option, value = word[:2], word[2:].removeprefix("=")
            equals = value
        if option in _FLAGS:
            given.append((option, ""))
        elif option in _WITH_VALUE or option in _INCLUDES or option in _EDITABLE:
            if not equals and not waiting:
                raise ValueError("an option without its value")
            given.append((option, value if equals else waiting.pop()))
        else:
            raise ValueError("not an option of requirements files")
    return given


def _require(wanted: str, line: int, hashes: tuple[str, ...], reading: Reading) -> None:
    """Take a requirement, an address or a file."""
    if len(wanted) > _LONGEST:
        reading.leave(wanted, "too long for a requirement", line)
        return
    bare = wanted.partition(";")[0].strip()
    path = _EXTRAS.sub("", bare)
    if _ADDRESS.match(wanted):
        _address(wanted, line, hashes, reading)
    elif _NAMED.match(wanted):
        reading.require(wanted, line, **({"hashes": hashes} if hashes else {}))
    elif path.lower().endswith(_ARCHIVES):
        _address(wanted, line, hashes, reading)
    elif path.startswith(".") or "/" in path or "\\" in path:
        reading.includes.append(Include(kind="project", path=path, line=line))
    else:
        reading.require(wanted, line, **({"hashes": hashes} if hashes else {}))


def _address(wanted: str, line: int, hashes: tuple[str, ...], reading: Reading) -> None:
    """Take an address or the path of an archive, named by its `egg` or by the file's name."""
    url, _, marker = wanted.replace(" ;", "; ").partition("; ")
    url = url.strip()
    egg = re.search(r"[#&]egg=([^&\[]*)", url)
    name, version = file_of_url(_EXTRAS.sub("", url))
    if egg:
        name, version = egg[1], version_of_url(egg[1], url)
    if not name:
        reading.leave(plain_url(url), "an address that does not tell the name of the package", line)
        return
    marker = marker.strip()
    reading.add(
        name,
        line,
        version=version,
        markers=(marker,) if marker else (),
        direct_url=plain_url(url),
        hashes=hashes or hash_of_url(url),
    )


def _edit(value: str, line: int, reading: Reading) -> None:
    """Take an editable installation: a folder, or an address."""
    if _ADDRESS.match(value) and not value.startswith("file:"):
        _address(value, line, (), reading)
    else:
        folder = _EXTRAS.sub("", value.removeprefix("file://").removeprefix("file:").partition("#")[0])
        reading.includes.append(Include(kind="editable", path=folder, line=line))
