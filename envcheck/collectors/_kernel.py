"""Reads the kernel's small files below /proc and /sys; one that cannot be read becomes a gap, never an exception."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeAlias

    from envcheck.collectors import Collection
    from envcheck.targets.target import Target

    # Root inside of the mounted file system, mount point, mount options, type, options of the file system.
    Mount: TypeAlias = tuple[str, str, str, str, str]

# What is there whenever the tree is: an unpacked image has an empty /proc, and absence in it means nothing.
_PROOFS = {"/proc": "/proc/self", "/sys": "/sys/kernel"}
_MOUNTS = "/proc/self/mountinfo"
# What 64 bits with sign hold, and so every saved form; the kernel writes nothing larger.
_LARGEST = (1 << 63) - 1
_MOST_DIGITS = 19
# Linux is built for 8192 processors at most (CONFIG_NR_CPUS).
_MOST_MEMBERS = 1 << 16
_ESCAPES = ((r"\040", " "), (r"\011", "\t"), (r"\012", "\n"), (r"\134", "\\"))


def read(target: Target, into: Collection, path: str, *scopes: str, limit: int = 65536) -> str | None:
    """Return the text of a file that every Linux system has; None, and a gap in the scopes, where it cannot be had."""
    try:
        text = target.files.text(path, limit)
    except (OSError, ValueError) as error:
        gap(into, scopes, unreadable(path, error))
        return None
    if text is None:
        gap(into, scopes, f"{path} is not there")
    return text


def read_optional(target: Target, into: Collection, path: str, *scopes: str) -> str | None:
    """Return the text of a file that a system may well lack: None is a gap only where its tree is missing as well."""
    try:
        text = target.files.text(path)
    except (OSError, ValueError) as error:
        gap(into, scopes, unreadable(path, error))
        return None
    if text is None:
        gap_without_tree(target, into, path, *scopes)
    return text


def read_count(target: Target, into: Collection, path: str, attribute: str) -> None:
    """Record the number that a file holds as an attribute of the host."""
    text = read(target, into, path, f"host#{attribute}")
    if text is None:
        return
    number = count(text)
    if number is None:
        into.gap(f"host#{attribute}", f"{path} holds no number")
    into.put(("host",), path, **{attribute: number})


def names(target: Target, into: Collection, path: str, *scopes: str) -> list[str] | None:
    """Return the names in a folder that a system may lack, or None; see `read_optional` for the gap."""
    try:
        return [printable(name) for name in target.files.names(path)]
    except (FileNotFoundError, NotADirectoryError):
        gap_without_tree(target, into, path, *scopes)
    except (OSError, ValueError) as error:
        gap(into, scopes, unreadable(path, error))
    return None


def gap_without_tree(target: Target, into: Collection, path: str, *scopes: str) -> None:
    """Say of the scopes that they were not read if the path is of /proc or /sys and that is missing or empty."""
    tree = f"/{path.split('/')[1]}"
    if tree in _PROOFS and not target.files.exists(_PROOFS[tree]):
        gap(into, scopes, f"{tree} of this environment is not there")


def mounts(target: Target, into: Collection, only: str, *scopes: str) -> list[Mount]:
    """Return the mounts whose line of /proc/self/mountinfo holds a text, in mount order.

    The format is described in https://docs.kernel.org/filesystems/proc.html, section 3.5.
    """
    text = read(target, into, _MOUNTS, *scopes, limit=1 << 22)
    if text is None:
        return []
    found = []
    for line in text.splitlines():
        if only not in line:
            continue
        before, separator, after = line.partition(" - ")
        mount, system = before.split(" "), after.split(" ")
        if separator and len(mount) >= 6 and len(system) >= 3:  # noqa: PLR2004  the fields before " - ", and after
            found.append((_plain(mount[3]), _plain(mount[4]), mount[5], system[0], system[-1]))
    if not found and "/ " not in text:  # every real table has at least a root
        gap(into, scopes, f"{_MOUNTS} is damaged")
    return found


def count(text: str, unit: int = 1) -> int | None:
    """Return a decimal number without sign, times a unit; None for anything else, and beyond 64 bits."""
    text = text.strip()
    if not (text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS):
        return None
    number = int(text) * unit
    return number if number <= _LARGEST else None


def count_ranges(text: str) -> int | None:
    """Return how many members a list such as `0-3,8` has, None for anything else."""
    total = 0
    for part in text.strip().split(","):
        first, dash, last = part.partition("-")
        low = count(first)
        high = count(last) if dash else low
        if low is None or high is None or not low <= high < _MOST_MEMBERS:
            return None
        total += high - low + 1
    return total


def gap(into: Collection, scopes: tuple[str, ...], reason: str) -> None:
    """Say of several scopes that they were not read, for one reason."""
    for scope in scopes:
        into.gap(scope, reason)


def unreadable(path: str, error: Exception) -> str:
    """Return the reason for a gap from the error that reading a path raised."""
    return f"{path}: {getattr(error, 'strerror', None) or error}"


def printable(text: str) -> str:
    """Return a text that UTF-8 can write: undecodable bytes of names and variables become `?`."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def _plain(field: str) -> str:
    if "\\" in field:
        for escaped, plain in _ESCAPES:
            field = field.replace(escaped, plain)
    return field
