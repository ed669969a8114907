"""Modules that more than one distribution installs."""

from __future__ import annotations

from envcheck.derive import Derivation, modules
from envcheck.model.facts import COMPLETE, PARTIAL, Coverage, Facts, Snapshot
from envcheck.model.rules import Table

FAMILY = Table(
    name="module-families", match={}, sources=("x",), rows=({"module": "m", "distributions": ("m", "m-skinny")},)
)


def derived(owners: dict[str, tuple[str, ...]], status: str = COMPLETE) -> Derivation:
    facts = Facts()
    for name, own in owners.items():
        facts.put(("package", name), "RECORD", modules=own)
    coverage = {"package": Coverage(scope="package", status=status, reason="unreadable")}
    into = Derivation()
    snapshot = Snapshot(label="x", address="x", facts=facts, derived=Facts(), coverage=coverage)
    modules.derive(snapshot, {"module-families": FAMILY}, into)
    return into


def test_a_module_of_two_distributions_names_both():
    into = derived({"opencv-python": ("cv2",), "opencv-python-headless": ("cv2",), "numpy": ("numpy",)})
    assert into.facts.entities("module") == [("module", "cv2")]
    assert into.facts.value(("module", "cv2"), "owners") == ("opencv-python", "opencv-python-headless")


def test_folders_that_wheels_carry_by_accident_are_left_out():
    assert len(derived({"a": ("tests",), "b": ("tests",)}).facts) == 0


def test_a_family_shares_its_module_by_design():
    assert len(derived({"m": ("m",), "m-skinny": ("m",)}).facts) == 0
    assert derived({"m": ("m",), "stranger": ("m",)}).facts.entities("module") == [("module", "m")]


def test_where_packages_are_not_known_modules_are_not_either():
    assert derived({}, PARTIAL).coverage["module"].reason == "unreadable"
    assert derived({}).coverage["module"].status == COMPLETE
