"""Reads one distribution's metadata from raw bytes: METADATA or PKG-INFO, WHEEL, RECORD, requires.txt, direct_url.json.

Sources: https://packaging.python.org/en/latest/specifications/core-metadata/,
https://packaging.python.org/en/latest/specifications/recording-installed-packages/,
https://setuptools.pypa.io/en/latest/deprecated/python_eggs.html
"""

from __future__ import annotations

from envcheck.errors import UsageError
from envcheck.secrets import strip_credentials

TYPE_CHECKING = False
if TYPE_CHECKING:
    from envcheck.targets.files import Files

_FIRST_READ = 16384  # bytes; the headers of 97 in 100 distributions fit
_HEADER_LIMIT = 4 << 20
_RECORD_PIECE = 1 << 20  # bytes held at a time; the RECORD of torch has 1.4 MiB
_RECORD_LIMIT = 64 << 20
_SINGLE = (("name", b"\nname:"), ("version", b"\nversion:"), ("requires_python", b"\nrequires-python:"))
_FOLDED = (b" ", b"\t")
_EXTENSIONS = (b".py", b".so", b".pyd")


def read_headers(files: Files, path: str) -> bytes:
    """Return the header part of a METADATA file with plain line ends, beginning with one; raises OSError."""
    limit = _FIRST_READ
    data = files.read(path, limit)
    while len(data) == limit < _HEADER_LIMIT and b"\n\n" not in data and b"\r\n\r\n" not in data:
        limit *= 8
        data = files.read(path, limit)
    data = b"\n" + data.removeprefix(b"\xef\xbb\xbf")
    if b"\r" in data:
        data = data.replace(b"\r\n", b"\n")
    return data.partition(b"\n\n")[0] if b"\n\n" in data else data


def parse_headers(headers: bytes) -> dict[str, str | tuple[str, ...]]:
    """Return name, version, requires, requires_python and extras, as far as they are there."""
    lowered = headers.lower()  # header names are case-insensitive; offsets stay the same
    found: dict[str, str | tuple[str, ...]] = {}
    for attribute, header in _SINGLE:
        at = lowered.find(header)
        if at >= 0 and (value := _value(headers, at + len(header))[0]):
            found[attribute] = value
    found["requires"] = tuple(map(_without_secrets, _values(headers, lowered, b"\nrequires-dist:")))
    extras = _values(headers, lowered, b"\nprovides-extra:")
    if extras:
        found["extras"] = extras
    return found


def _values(headers: bytes, lowered: bytes, header: bytes) -> tuple[str, ...]:
    values = []
    at = lowered.find(header)
    while at >= 0:
        value, end = _value(headers, at + len(header))
        values.append(value)
        at = lowered.find(header, end)
    return tuple(values)


def _value(headers: bytes, start: int) -> tuple[str, int]:
    """Return the value of a header, unfolded, and where its line ends."""
    end = headers.find(b"\n", start)
    while end >= 0 and headers[end + 1 : end + 2] in _FOLDED:
        end = headers.find(b"\n", end + 1)
    if end < 0:
        end = len(headers)
    value = decoded(headers[start:end]).strip()
    return " ".join(value.split()) if "\n" in value else value, end


def decoded(data: bytes) -> str:
    """Return text that ought to be UTF-8; old tools wrote Latin-1."""
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data.decode("latin-1")


def read_record(files: Files, path: str) -> tuple[str, ...]:
    """Return the top-level modules that a RECORD lists, sorted; raises OSError.

    A folder without a file `__init__` (a namespace package, which several distributions may share) is no module here.
    """
    modules: set[bytes] = set()
    rest, offset = b"\n", 0
    while offset < _RECORD_LIMIT:
        piece = files.read_at(path, offset, _RECORD_PIECE) if offset else files.read(path, _RECORD_PIECE)
        offset += len(piece)
        last = len(piece) < _RECORD_PIECE
        piece = rest + piece
        cut = len(piece) if last else piece.rfind(b"\n")
        _find_modules(piece[:cut], modules)
        if last:
            break
        rest = piece[cut:]
    return tuple(sorted(decoded(module) for module in modules))


def _find_modules(lines: bytes, modules: set[bytes]) -> None:
    """Add the top-level modules in lines of a RECORD, which begin with a line end."""
    top, folders = b"\n", set()
    for line in lines.split(b"\n"):
        if line.startswith(top):
            continue  # RECORD is mostly sorted, so most lines end here
        name, slash, _ = line.partition(b"/")
        if slash:
            top = name + slash
            folders.add(name)
            continue
        name = line.partition(b",")[0]
        module = name.partition(b".")[0]
        if name.endswith(_EXTENSIONS) and _is_identifier(module):
            modules.add(module)
    for name in folders - modules:
        if _is_identifier(name) and b"\n" + name + b"/__init__." in lines:
            modules.add(name)


def _is_identifier(name: bytes) -> bool:
    return name.isascii() and name.decode().isidentifier()


def wheel_tags(data: bytes) -> tuple[str, ...]:
    """Return the Tag lines of a WHEEL file."""
    return tuple(decoded(line[4:]).strip() for line in data.splitlines() if line[:4].lower() == b"tag:")


def entry_points(data: bytes) -> tuple[str, ...]:
    """Return what entry_points.txt declares, as `group:name = target`."""
    found, group = [], ""
    for raw in decoded(data).splitlines():
        line = raw.strip()
        if line[:1] == "[" and line[-1:] == "]":
            group = line[1:-1].strip()
        elif "=" in line and group and line[0] not in "#;":
            name, _, target = line.partition("=")
            found.append(f"{group}:{name.strip()} = {target.strip()}")
    return tuple(found)


def egg_requires(data: bytes) -> tuple[str, ...]:
    """Return the requirements of a requires.txt in the form of Requires-Dist; `[extra:marker]` begins a section."""
    found, conditions = [], ""
    for raw in decoded(data).splitlines():
        line = raw.strip()
        if not line or line.startswith("#"):
            continue
        if line[0] == "[" and line[-1] == "]":
            extra, _, marker = line[1:-1].partition(":")
            parts = ([f"({marker})"] if marker else []) + ([f'extra == "{extra}"'] if extra else [])
            conditions = " ; " + " and ".join(parts) if parts else ""
        else:
            found.append(_without_secrets(line) + conditions)
    return tuple(found)


def read_direct_url(data: bytes) -> tuple[str, str]:
    """Return where a distribution came from, without credentials, and the folder of an editable installation.

    Raises UsageError where it is not the JSON that it should be.
    """
    import json
    from urllib.parse import unquote

    try:
        document = json.loads(data)
        url = document["url"]
        editable = bool(document.get("dir_info", {}).get("editable"))
        revision = document.get("vcs_info", {}).get("commit_id", "")
        plain = _plain_address(url) + (f"@{revision}" if revision else "")
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise UsageError(f"direct_url.json is not as PEP 610 says: {error}") from None
    local = editable and url.startswith("file://")
    folder = unquote(url.removeprefix("file://").removeprefix("localhost")) if local else ""
    return plain, folder


def _without_secrets(requirement: str) -> str:
    """Return a requirement whose URL, if it names one, has nothing that may be a secret."""
    name, at, rest = requirement.partition("@")
    if not at or "://" not in rest:
        return requirement
    url, space, marker = rest.strip().partition(" ")
    return f"{name.strip()} @ {_plain_address(url)}{space}{marker}"


def _plain_address(url: str) -> str:
    """Return an address without credentials, query and fragment."""
    return strip_credentials(url).partition("?")[0].partition("#")[0]
