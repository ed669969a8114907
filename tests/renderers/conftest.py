"""The sample reports as fixtures."""

from __future__ import annotations

import pytest

from envcheck.model.reports import Report
from tests.renderers.broken_host import sample_report
from tests.renderers.demanding import healthy_report, hostile_report, large_report


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
