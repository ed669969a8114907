"""Distributions whose wheel was made for another Python, platform or libc.

Source of the tags: https://packaging.python.org/en/latest/specifications/platform-compatibility-tags/
"""

from __future__ import annotations

from envcheck.keys import format_entity, format_key
from envcheck.model.facts import Unknown
from envcheck.model.record import Record
from envcheck.versions import satisfies

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from envcheck.derive import Derivation
    from envcheck.model.facts import Facts, Snapshot
    from envcheck.model.rules import Table

# What may fail to fit, from the most telling to the least: of several tags the one that fits best is reported.
_REASONS = ("platform", "architecture", "libc", "python", "glibc")
_OLD_MANYLINUX = {"manylinux1": "2.5", "manylinux2010": "2.12", "manylinux2014": "2.17"}
_PLATFORMS = (
    ("manylinux", "linux"),
    ("musllinux", "linux"),
    ("linux", "linux"),
    ("macosx", "darwin"),
    ("win", "win32"),
)
_ARCHITECTURES = (
    "x86_64",
    "i686",
    "aarch64",
    "armv7l",
    "armv6l",
    "ppc64le",
    "ppc64",
    "s390x",
    "riscv64",
    "loongarch64",
)
_ALIASES = {"amd64": "x86_64", "arm64": "aarch64"}


class _Here(Record):
    """The interpreter and system that wheels must fit; None for what is not known."""

    minor: tuple[int, int]
    abi: str
    platform: str | None
    machine: str | None
    libc: str | None
    glibc: str | None


def derive(snapshot: Snapshot, tables: Mapping[str, Table], into: Derivation) -> None:
    """Put a misfit for every distribution that was not made for what is here."""
    del tables
    python = snapshot.look(("python",), "version")
    if isinstance(python, Unknown):
        into.gap("misfit", python.reason)
    here = _here(snapshot.facts, str(python[0])) if isinstance(python, tuple) else None
    if here is None:
        return
    seen: dict[str, str] = {}
    compiled = False
    for entity in snapshot.facts.entities("package"):
        tags = snapshot.facts.value(entity, "tags")
        reason = _misfit(tags, here, seen) if isinstance(tags, tuple) else ""
        compiled = compiled or (isinstance(tags, tuple) and not all(tag.endswith("-any") for tag in tags))
        if reason:
            _put(entity[1], reason, here, snapshot.facts, into)
        elif tags is None and isinstance(look := snapshot.look(entity, "tags"), Unknown):
            into.put(("misfit", entity[1]), "", version=snapshot.facts.text(entity, "version"))
            into.gap(format_entity(("misfit", entity[1])), look.reason)
    if compiled:
        _note_unknown(snapshot, here, into)
    if (gap := snapshot.gap("package")) is not None:
        into.gap("misfit", gap)


def _note_unknown(snapshot: Snapshot, here: _Here, into: Derivation) -> None:
    """Say what is not known of this system, so that what needs it is not decided."""
    asked = {"platform": ("python",), "glibc": ("host",), "libc": ("host",)}
    if here.platform not in (None, "linux"):
        return
    for attribute, entity in asked.items():
        look = snapshot.look(entity, attribute)
        if isinstance(look, Unknown) and not (attribute == "glibc" and here.libc == "musl"):
            into.gap("misfit", f"{format_key(entity, attribute)} is not known: {look.reason}")
    machine = snapshot.look(("python",), "machine")
    if here.machine is None and isinstance(machine, Unknown):
        into.gap("misfit", f"the architecture is not known: {machine.reason}")


def _put(name: str, reason: str, here: _Here, facts: Facts, into: Derivation) -> None:
    tags, origin = facts.of(("package", name))["tags"]
    wants = ", ".join(tags) if isinstance(tags, tuple) else str(tags)
    version = facts.text(("package", name), "version")
    into.put(("misfit", name), origin, reason=reason, wants=wants, here=_found(reason, here), version=version)


def _here(facts: Facts, version: str) -> _Here | None:
    """Return what is here, or None where the tags of this implementation are not known to us."""
    parts = version.split(".")
    if facts.text(("python",), "implementation") not in (None, "cpython") or not all(map(_is_number, parts[:2])):
        return None
    machine = facts.text(("python",), "machine") or facts.text(("host",), "arch")
    return _Here(
        minor=(int(parts[0]), int(parts[1]) if len(parts) > 1 else 0),
        abi=facts.text(("python",), "abi") or "cp" + "".join(parts[:2]),
        platform=facts.text(("python",), "platform"),
        machine=_ALIASES.get(machine.lower(), machine) if machine else None,
        libc=facts.text(("host",), "libc"),
        glibc=facts.text(("host",), "glibc"),
    )


def _misfit(tags: tuple[str, ...], here: _Here, seen: dict[str, str]) -> str:
    """Return why no tag fits, empty where one does or none is understood."""
    closest = -1
    for tag in tags:
        reason = seen.get(tag)
        if reason is None:
            reason = seen[tag] = _why_not(tag, here)
        if not reason:
            return ""
        closest = max(closest, _REASONS.index(reason))
    return _REASONS[closest] if closest >= 0 else ""


def _why_not(tag: str, here: _Here) -> str:
    """Return why one tag does not fit, empty where it does or is not understood."""
    interpreters, _, rest = tag.partition("-")
    abi, _, platforms = rest.rpartition("-") if "-" in rest else ("", "", "")
    reasons = [_why_not_platform(platform, here) for platform in platforms.split(".")]
    best = max(reasons, key=lambda reason: _REASONS.index(reason) if reason else len(_REASONS))
    python_fits = not abi or any(_fits_python(one, abi, here) for one in interpreters.split("."))
    return best if python_fits or best not in ("", "glibc") else "python"


def _fits_python(interpreter: str, abi: str, here: _Here) -> bool:
    if abi == "none":
        return True  # pure, or loaded without Python's C interface
    if not interpreter.startswith("cp") or not _is_number(interpreter[2:]) or len(interpreter) < len("cp30"):
        return False
    asked = (int(interpreter[2]), int(interpreter[3:]))
    if "abi3" in abi.split("."):
        return asked <= here.minor
    return here.abi in abi.split(".")


def _is_number(text: str) -> bool:
    return text.isdecimal() and len(text) < len("10000")


def _why_not_platform(platform: str, here: _Here) -> str:
    system = next((name for start, name in _PLATFORMS if platform.startswith(start)), None)
    if system is None or here.platform is None:
        return ""
    if system != here.platform:
        return "platform"
    if system != "linux":
        return ""
    machine = next((name for name in _ARCHITECTURES if platform.endswith(f"_{name}")), None)
    if machine and here.machine in _ARCHITECTURES and machine != here.machine:
        return "architecture"
    kind = platform.partition("_")[0]
    if (here.libc, kind[:9]) in (("musl", "manylinux"), ("glibc", "musllinux")):
        return "libc"
    needed = ".".join(platform.split("_")[1:3]) if kind == "manylinux" else _OLD_MANYLINUX.get(kind)
    return "glibc" if needed and here.glibc and satisfies(here.glibc, f"<{needed}") else ""


def _found(reason: str, here: _Here) -> str:
    found = {"platform": here.platform, "architecture": here.machine, "libc": here.libc, "python": here.abi}
    return f"glibc {here.glibc}" if reason == "glibc" else found[reason] or "unknown"
