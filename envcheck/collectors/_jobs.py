"""What the readers of CI files give: facts with lines, gaps, and the steps of which some run envcheck as a gate."""

from __future__ import annotations

from envcheck.keys import format_entity
from envcheck.model.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from typing import TypeAlias

    from envcheck.model.facts import Entity, Value

    # An entity, the line that speaks of it, and what is known of it.
    Found: TypeAlias = tuple[Entity, int, dict[str, Value]]


class Reading:
    """What was found in one CI file: facts, and the gaps as scope to reason."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.found: list[Found] = []
        self.gaps: dict[str, str] = {}

    def put(self, entity: Entity, line: int, values: Mapping[str, Value | None]) -> None:
        """Keep what is known of an entity; a None or an empty value is left out."""
        self.found.append(
            (entity, line, {name: value for name, value in values.items() if value not in (None, (), "")})
        )

    def gap(self, entity: Entity, attribute: str, reason: str) -> None:
        """Say that an attribute is not known, and why."""
        self.gaps[f"{format_entity(entity)}#{attribute}"] = reason


class Step(Record):
    """A step: the action that it uses, what it runs of envcheck (`gate`), and what keeps that from failing it.

    `unclear` says why the latter cannot be told, nothing where it can.
    """

    entity: Entity
    line: int
    uses: str = ""
    gate: str = ""
    defeats: tuple[str, ...] = ()
    unclear: str = ""


def put_steps(steps: Iterable[Step], into: Reading) -> None:
    """Keep the steps of a file that use an action or run envcheck.

    Where an `envcheck gate` that can fail judges the reports of the others, those need not fail themselves.
    """
    steps = list(steps)
    judged = any(step.gate == "gate" and not step.defeats for step in steps)
    for step in steps:
        if not step.uses and not step.gate:
            continue
        action, major = _action(step.uses)
        values: dict[str, Value | None] = {
            "uses": step.uses,
            "action": action,
            "major": major,
            "gate": step.gate,
            "defeated_by": () if judged else step.defeats,
        }
        into.put(step.entity, step.line, values)
        if step.unclear and not judged:
            into.gap(step.entity, "defeated_by", step.unclear)


def _action(uses: str) -> tuple[str, str]:
    """Return owner/name and major version of an action; nothing for a local one, an image, a branch or a commit."""
    path, _, version = uses.partition("@")
    parts = path.split("/")
    if path.startswith((".", "docker:")) or len(parts) < 2:  # noqa: PLR2004  an owner and a name
        return "", ""
    major = version.removeprefix("v").partition(".")[0]
    return "/".join(parts[:2]).lower(), major if major.isascii() and major.isdigit() and len(major) < 4 else ""  # noqa: PLR2004  longer is no version


def texts(data: object) -> Iterator[str]:
    """Yield every text of a tree, keys left out."""
    if isinstance(data, str):
        yield data
    elif isinstance(data, (dict, list)):
        for item in data.values() if isinstance(data, dict) else data:
            yield from texts(item)
