"""Compiles the rules into `envcheck/_rulebook.py` inside the wheel; the checkout stays as it is."""

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
        """Write the module to a folder of its own and have it included; an editable wheel reads the YAML instead."""
        if version == "editable":
            return
        self._folder = tempfile.TemporaryDirectory()
        path = os.path.join(self._folder.name, "_rulebook.py")
        with open(path, "w", encoding="utf-8") as file:
            file.write(_compiled(self.root))
        build_data["force_include"][path] = "envcheck/_rulebook.py"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:  # noqa: ARG002  hatchling's signature
        """Remove that folder."""
        if version != "editable":
            self._folder.cleanup()


def _compiled(root: str) -> str:
    """Return the source of the module; the paths in it are relative, so that two builds give the same wheel."""
    sys.path.insert(0, root)
    try:
        from envcheck.engine.compiled import as_module
        from envcheck.engine.load import load
        from envcheck.rulebooks import read_files
    finally:
        sys.path.remove(root)
    files = read_files([os.path.join(root, "rules")])
    return as_module(load((os.path.relpath(path, root).replace(os.sep, "/"), text) for path, text in files))
