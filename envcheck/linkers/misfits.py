"""What was built for something else than what is installed, and what it is judged against."""

from __future__ import annotations

from envcheck.model.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from envcheck.linkers.inventory import Inventory
    from envcheck.linkers.kept import Kept
    from envcheck.linkers.view import View


class Misfit(Record):
    """A file that was built for something else than what is here.

    `word` is numpy, pybind11, protobuf, grpc, torch-abi or openmp. `wants` and `here` are versions, or words where none
    is known; `provider` is the distribution that gives what is here. `proven` means that importing the file fails.
    """

    owner: str
    version: str
    path: str
    word: str
    wants: str
    here: str
    provider: str
    provider_version: str
    proven: bool
    reason: str


class Surroundings(Record):
    """What modules and generated code are judged against.

    `versions` and `requires`, requirements as written, are by normalised name; `environ` is None where it is not known.
    """

    view: View
    inventory: Inventory
    kept: Kept
    versions: Mapping[str, str]
    requires: Mapping[str, tuple[str, ...]]
    environ: Mapping[str, str] | None = None


def misfit(around: Surroundings, owner: str, path: str, provider: str, **fields: Any) -> Misfit:
    """Make a misfit with the versions of both distributions."""
    versions = around.versions
    return Misfit(
        owner=owner,
        version=versions.get(owner, ""),
        path=path,
        provider=provider,
        provider_version=versions.get(provider, ""),
        **fields,
    )


def paths_named(inventory: Inventory, name: str, owner: str = "") -> list[str]:
    """Return the installed files of a name, those of one distribution where it is given."""
    end = f"/{name}"
    return [
        f"{site}/{path}"
        for site in inventory.sites
        for path, claim in inventory.files[site].items()
        if path.endswith(end) and (not owner or inventory.owners[claim[0]].name == owner)
    ]


def release(version: str) -> tuple[int, ...]:
    """Return the numbers that a version begins with, at most three; nothing where it begins with none."""
    numbers = []
    for part in version.partition("+")[0].split(".")[:3]:
        digits = part[: len(part) - len(part.lstrip("0123456789"))]
        if not digits or len(digits) > 9:  # noqa: PLR2004  no release has a number of so many digits
            break
        numbers.append(int(digits))
        if digits != part:
            break
    return tuple(numbers)


def is_set(environ: Mapping[str, str] | None, name: str, values: tuple[str, ...]) -> bool:
    """Tell whether a variable has one of some values, in any case."""
    return (environ or {}).get(name, "").strip().lower() in values
