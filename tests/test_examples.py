"""The finished examples in `reports/examples`: a recorded host, judged and rendered as `envcheck report` would.

ENVCHECK_UPDATE=1 writes them anew.
"""

from __future__ import annotations

import os

import pytest

from envcheck import data, rulebooks, snapshots
from envcheck.pipeline import evaluate
from envcheck.renderers import get, names

LINKING = os.path.join(os.path.dirname(__file__), os.pardir, "docs", "examples", "linking")
EXAMPLES = os.path.join(data.folder("reports"), "examples")


@pytest.fixture(scope="module")
def report():
    snapshot = snapshots.load(os.path.join(EXAMPLES, "training-host.snapshot.json"))
    return evaluate([snapshot], rulebooks.load(cached=False), tool=snapshot.tool)


@pytest.mark.parametrize("name", names())
def test_example_is_up_to_date(name, report):
    renderer = get(name)
    made = renderer.render(report, width=100)
    path = os.path.join(EXAMPLES, f"training-host{renderer.SUFFIX}")
    if os.environ.get("ENVCHECK_UPDATE"):
        with open(path, "w", encoding="utf-8", newline="\n") as file:
            file.write(made)
    with open(path, encoding="utf-8", newline="") as file:
        assert file.read() == made


def test_the_example_shows_what_it_is_for(report):
    """Errors and warnings, a fix that resolves, and rules that stay undecided."""
    assert report.verdict == "broken"
    assert {finding.severity for finding in report.findings} == {"error", "warning"}
    assert any(fix.tried == "resolves" for finding in report.findings for fix in finding.fixes)
    assert report.undecided


@pytest.mark.parametrize("name", ["file", "library", "name", "shadow"])
def test_page_of_a_linking_case_is_up_to_date(name):
    snapshot = snapshots.load(os.path.join(LINKING, f"{name}.json"))
    made = get("html").render(evaluate([snapshot], rulebooks.load(cached=False), tool=snapshot.tool), width=100)
    path = os.path.join(LINKING, f"{name}.html")
    if os.environ.get("ENVCHECK_UPDATE"):
        with open(path, "w", encoding="utf-8", newline="\n") as file:
            file.write(made)
    with open(path, encoding="utf-8", newline="") as file:
        assert file.read() == made
