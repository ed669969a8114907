"""One line on a terminal's standard error that says what takes long; nothing anywhere else."""

from __future__ import annotations

import sys
import time

_PATIENCE = 1.0  # seconds before anything is said
_WIDTH = 78


class Progress:
    """Shows what is being done, once it has taken longer than a moment."""

    def __init__(self) -> None:
        self._since = time.monotonic()
        self._shown = False

    def __call__(self, what: str) -> None:
        """Show what is being done now in the place of what was shown before."""
        if sys.stderr.isatty() and time.monotonic() - self._since > _PATIENCE:
            self._shown = True
            print(f"\r\x1b[K{what[:_WIDTH]}", end="", file=sys.stderr, flush=True)

    def end(self) -> None:
        """Take the line away."""
        if self._shown:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)
