"""Holds for every test: no clock binds hypothesis, no variable colours messages, the user's cache is left alone."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from collections.abc import Iterator

for _name in ("FORCE_COLOR", "GITHUB_ACTIONS", "PY_COLORS", "PYTHONUNBUFFERED", "TERMINAL_WIDTH"):
    os.environ.pop(_name, None)  # typer reads them when it is imported, for all calls in this process

settings.register_profile(
    "envcheck",
    deadline=None,
    derandomize=os.environ.get("CI") == "true",  # there, a failure must be one of the change at hand
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)
settings.load_profile("envcheck")


@pytest.fixture(scope="session", autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    folder = str(tmp_path_factory.mktemp("cache"))
    with pytest.MonkeyPatch.context() as patch:
        for name in ("XDG_CACHE_HOME", "LOCALAPPDATA"):
            patch.setenv(name, folder)
        yield
