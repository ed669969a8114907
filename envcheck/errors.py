"""Every error that envcheck raises on purpose: what happened, where, and what to try."""

from __future__ import annotations


class EnvcheckError(Exception):
    """The root of all of them; `exit_code` is what the command line ends with."""

    exit_code = 3

    def __init__(self, message: str, *, where: str = "", hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.where = where
        self.hint = hint

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        advice = f"\n  try: {self.hint}" if self.hint else ""
        return f"{place}{self.message}{advice}"


class UsageError(EnvcheckError):
    """The command line or the configuration cannot be understood."""

    exit_code = 2


class RuleError(UsageError):
    """A rule, a table or a pack is malformed; `where` is file, line and field."""


class DocumentError(UsageError):
    """A snapshot, report or description is malformed or of an unknown schema."""


class TargetError(EnvcheckError):
    """An environment cannot be reached or read at all."""
