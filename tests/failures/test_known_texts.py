"""What programs are known to say when they fail is explained, and no written-down failure is missing from the table."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.failures.answering import CHECKOUT, causes, rulebook, told

TABLE = yaml.safe_load((Path(__file__).parent / "known-texts.yaml").read_text())
LEFT = yaml.safe_load((CHECKOUT / "rules" / "tables" / "removed-names.yaml").read_text())["rows"]
SEEN = CHECKOUT.parent / "shared"  # what was found out before there were rules; not part of the project

# What makes a quoted text of a description one that a program prints when it fails.
FAILS = re.compile(
    r"Exception|[Ee]rror|[Ff]ail|[Pp]anic|annot |not |[Ii]ncompatible|[Mm]ismatch|nvalid|Unsatisfied|must be|produced"
    r"|denied|throw|Didn't|different version|already|Requested|Needed|unsupported|found (?:module|other)|was compiled"
    r"|llvmpipe|too short|PHYSICAL_DEVICE|but is|previous"
)
COMMAND = re.compile(r"^(?:docker|npm|pip|apt-get|go|openssl|umoci|oras|skopeo) |: true$")


def named(row: dict[str, Any]) -> str:
    return str(row.get("stated", row["text"]))[:80]


@pytest.mark.parametrize("row", TABLE["texts"], ids=named)
def test_a_known_text_is_explained_by_the_right_cause_first(row: dict[str, Any]):
    found = causes(row["text"])
    assert found, "no cause at all"
    assert found[0].finding.cause in row["causes"], told(found)


def test_every_name_that_left_its_package_is_known_to_have_left():
    wrong = []
    for row in LEFT:
        module, _, name = str(row["wanted"]).rpartition(".")
        place = f"/opt/venv/lib/python3.11/site-packages/{module.replace('.', '/')}/__init__.py"
        found = causes(f"ImportError: cannot import name '{name}' from '{module}' ({place})")
        if not found or found[0].finding.cause not in (
            "removed-name",
            "removed-module",
            "dependency-too-old",
            "pydantic-major",
        ):
            wrong.append(f"{row['wanted']}: {told(found)}")
    assert len(LEFT) > 100
    assert not wrong, "\n".join(wrong)


def test_every_cause_of_the_table_has_a_source_and_is_one_of_a_rule():
    of_rules = {rule.cause for rule in rulebook().rules}
    assert {cause for row in TABLE["texts"] for cause in row["causes"]} <= of_rules
    assert all(row["source"].startswith("https://") for row in TABLE["texts"])


@pytest.mark.skipif(not SEEN.is_dir(), reason="what was found out before is not at hand")
def test_no_failure_that_was_written_down_is_missing():
    known = {squeezed(text) for row in TABLE["texts"] for text in (row["text"], row.get("stated", ""))}
    known |= {squeezed(row["stated"]) for row in TABLE["not_failures"]}
    known |= {squeezed(row["wanted"]) for row in LEFT}
    stated = [*_symptoms(SEEN / "knowledge"), *_left(SEEN / "knowledge"), *_quoted(SEEN / "systems.md")]
    assert len(stated) > 400
    missing = [text for text in stated if not any(squeezed(text) in one for one in known)]
    assert not missing, "\n".join(missing)


def squeezed(text: str) -> str:
    """Return a text without its white space, and without the dots that stand for what varies at its ends."""
    return re.sub(r"\s+", "", text).strip("…")


def _symptoms(folder: Path) -> Iterator[str]:
    for path in sorted(folder.glob("*.yaml")):
        yield from _below(yaml.safe_load(path.read_text()))


def _below(node: object) -> Iterator[str]:
    if isinstance(node, list):
        for item in node:
            yield from _below(item)
    elif isinstance(node, dict):
        for key, value in node.items():
            if "symptom" in str(key) or key == "text":
                yield from (value if isinstance(value, list) else [value])
            else:
                yield from _below(value)


def _left(folder: Path) -> Iterator[str]:
    for row in yaml.safe_load((folder / "removed_names.yaml").read_text())["rows"]:
        yield row["module"] if row["name"] == "(module)" else f"{row['module']}.{row['name']}"


def _quoted(path: Path) -> Iterator[str]:
    prose = re.sub(r"```.*?```", "", path.read_text(), flags=re.DOTALL)
    for found in re.finditer(r"``(.+?)``|`([^`\n]+)`", prose):
        text = (found[1] or found[2]).strip()
        if " " in text and FAILS.search(text) and not COMMAND.search(text):
            yield text
