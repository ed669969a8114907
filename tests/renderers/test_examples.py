"""The finished examples in `reports/examples` are what the renderers make; ENVCHECK_UPDATE=1 writes them anew."""

from __future__ import annotations

import os

import pytest

from envcheck import data
from envcheck.renderers import get, names
from tests.renderers.broken_host import sample_report


@pytest.mark.parametrize("name", names())
def test_example_is_up_to_date(name):
    renderer = get(name)
    made = renderer.render(sample_report(), width=100)
    path = os.path.join(data.folder("reports"), "examples", f"torch-newer-than-driver{renderer.SUFFIX}")
    if os.environ.get("ENVCHECK_UPDATE"):
        with open(path, "w", encoding="utf-8", newline="\n") as file:
            file.write(made)
    with open(path, encoding="utf-8", newline="") as file:
        assert file.read() == made
