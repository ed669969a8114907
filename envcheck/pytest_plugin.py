"""The pytest plugin: `pytest --envcheck` checks the environment of the tests before it collects any of them."""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    import pytest

_SLOWEST = 600.0  # seconds; a check takes less than one
_FINDINGS, _USAGE = 1, 2
_PYTEST_USAGE, _PYTEST_FAILED = 4, 3  # pytest.ExitCode


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options."""
    group = parser.getgroup("envcheck", "check of the environment")
    group.addoption("--envcheck", action="store_true", help="check the environment first, and stop where it is broken")
    group.addoption(
        "--envcheck-target", metavar="TARGET", help="what to check (default: the Python that runs the tests)"
    )
    group.addoption(
        "--envcheck-fail-on",
        choices=("error", "warning", "info", "never"),
        help="the least severity that stops the session (default: the project's gate, else error)",
    )


def pytest_sessionstart(session: pytest.Session) -> None:
    """Check in a child process, which leaves the modules of the tests alone, and end the session if it fails."""
    config = session.config
    if not config.getoption("--envcheck") or hasattr(config, "workerinput"):  # the workers of pytest-xdist
        return
    import pytest

    from envcheck.targets.children import run

    threshold = config.getoption("--envcheck-fail-on")
    # --: a target that looks like an option, such as --help, must not end as a passed check.
    words = ["check", *(("--fail-on", threshold) if threshold else ()), "--"]
    words.append(config.getoption("--envcheck-target") or f"python:{sys.prefix}")
    # -P: a json.py of the tests' folder must not take part.
    ended = run([sys.executable, "-P", "-m", "envcheck", *words], timeout=_SLOWEST)
    if ended.code == 0:
        return
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    if reporter is not None:
        reporter.write_line(f"{ended.out}{ended.err}".rstrip())
    reason = "envcheck found what will not work" if ended.code == _FINDINGS else "envcheck could not check"
    codes = {_FINDINGS: _FINDINGS, _USAGE: _PYTEST_USAGE}
    pytest.exit(reason, returncode=codes.get(ended.code or 0, _PYTEST_FAILED))
