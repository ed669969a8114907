"""The sample reports as fixtures, and the finished forms of one of them in `golden` (ENVCHECK_UPDATE=1 writes them)."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from types import CodeType
from typing import TYPE_CHECKING

import pytest
from jinja2 import Environment

from envcheck.model.reports import Report
from tests.renderers.broken_host import sample_report
from tests.renderers.browsing import ARGUMENTS, Opener
from tests.renderers.demanding import healthy_report, hostile_report, large_report

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@pytest.fixture(scope="session", autouse=True)
def _templates_compiled_once() -> Iterator[None]:
    """Compiling its templates is nine tenths of rendering a page of a few findings."""
    compile_anew, held = Environment.compile, {}

    def compile_once(self: Environment, source: str, name: str, filename: str | None) -> CodeType:
        if (name, source) not in held:
            held[name, source] = compile_anew(self, source, name, filename)
        return held[name, source]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Environment, "compile", compile_once)
        yield


@pytest.fixture
def sample() -> Report:
    return sample_report()


@pytest.fixture
def healthy() -> Report:
    return healthy_report()


@pytest.fixture
def hostile() -> Report:
    return hostile_report()


@pytest.fixture
def large() -> Report:
    return large_report()


@pytest.fixture
def golden() -> Callable[..., None]:
    def compare(suffix: str, made: str, name: str = "broken-host") -> None:
        path = Path(__file__).parent / "golden" / f"{name}{suffix}"
        if os.environ.get("ENVCHECK_UPDATE"):
            path.write_text(made, encoding="utf-8", newline="\n")
        assert path.read_text(encoding="utf-8") == made

    return compare


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The distribution's own Chromium; without one the tests are skipped, but in CI that is a failure."""
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        missing = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
        missing("there is no Chromium here")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        yield running
        running.close()


@pytest.fixture(scope="session")
def opener(browser) -> Opener:
    return Opener(browser)


@pytest.fixture
def opened(opener, tmp_path) -> Iterator[Opener]:
    opener.folder = tmp_path
    yield opener
    opener.forget()
