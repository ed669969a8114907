"""Imports the libraries of the extra `contracts`, or says how to get them."""

from __future__ import annotations

from importlib import import_module

from envcheck.errors import EnvcheckError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def library(name: str, format_: str) -> Any:
    """Return a module; raises EnvcheckError where it is not installed."""
    try:
        return import_module(name)
    except ImportError:
        raise EnvcheckError(
            f"{format_} needs the library {name.partition('.')[0]}, which is not installed",
            hint="pip install 'envcheck-ml[contracts]'",
        ) from None
