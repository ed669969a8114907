"""One difference between two versions of a contract, and which removed name is an added one under another spelling."""

from __future__ import annotations

from envcheck.model.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

# Who is hurt: what was written by the old contract and is read by the new one (a request that an old client sends),
# the reverse (a response that an old client gets), or either, where the contract does not say who writes.
REQUEST, RESPONSE, BOTH = "request", "response", "both"
ABSENT = "absent"
_LONGEST = 200  # characters of a shown value


class Difference(Record):
    """What changed at one place of a contract; `change` is a word of the table contract-changes.

    `place` reads `GET /users → 200 → $.status`; `renamed_to` is the new name of what is evidently a rename.
    """

    change: str
    direction: str
    place: str
    old: str = ABSENT
    new: str = ABSENT
    renamed_to: str = ""


def shortened(text: str) -> str:
    """Return a text short enough to be shown in one line."""
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def listed(values: Iterable[str]) -> str:
    """Return values as one short text, sorted."""
    return shortened(", ".join(sorted(values)))


def renames(removed: Iterable[str], added: Iterable[str]) -> dict[str, str]:
    """Return old name → new name where only the spelling differs: `userId` and `user_id`, nothing else fitting."""
    spellings: dict[str, tuple[list[str], list[str]]] = {}
    for place, names in enumerate((removed, added)):
        for name in names:
            spellings.setdefault(plain_name(name), ([], []))[place].append(name)
    return {old[0]: new[0] for old, new in spellings.values() if len(old) == len(new) == 1}


def plain_name(name: str) -> str:
    """Return a name without what its case style adds."""
    return "".join(letter for letter in name if letter.isalnum()).casefold()
