"""Compiles the rules into two modules inside the wheel, those about failures apart; the checkout stays as it is."""

from __future__ import annotations

import os
import sys
import tempfile
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CompiledRules(BuildHookInterface):  # type: ignore[type-arg]  # hatchling's generic says nothing here
    """Adds the compiled rulebook to a wheel, so that no installation ever parses YAML to check something."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Write the modules to a folder and have them included; an editable wheel reads the YAML instead."""
        if version == "editable":
            return
        self._folder = tempfile.TemporaryDirectory()
        for name, source in _compiled(self.root).items():
            path = os.path.join(self._folder.name, name)
            with open(path, "w", encoding="utf-8") as file:
                file.write(source)
            build_data["force_include"][path] = f"envcheck/{name}"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:  # noqa: ARG002  hatchling's signature
        """Remove that folder."""
        if version != "editable":
            self._folder.cleanup()


def _compiled(root: str) -> dict[str, str]:
    """Return the source of each module; the paths in it are relative, so that two builds give the same wheel."""
    sys.path.insert(0, root)
    try:
        from envcheck.engine.compiled import as_module
        from envcheck.engine.load import load
        from envcheck.model.rules import FAILURE
        from envcheck.rulebooks import read_files
    finally:
        sys.path.remove(root)
    files = read_files([os.path.join(root, "rules")])
    rulebook = load((os.path.relpath(path, root).replace(os.sep, "/"), text) for path, text in files)
    about_failures = tuple(rule for rule in rulebook.rules if rule.scope == FAILURE)
    others = tuple(rule for rule in rulebook.rules if rule.scope != FAILURE)
    return {
        "_rulebook.py": as_module(rulebook.replace(rules=others)),
        "_failures.py": as_module(rulebook.replace(rules=about_failures, tables={})),
    }
