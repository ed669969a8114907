"""Times how long the HTML report of 300 packages and 500 findings takes to open in Chromium, from disk.

.venv/bin/python bench/page.py
"""

from __future__ import annotations

import os
import shutil
import statistics
import sys
import tempfile

from playwright.sync_api import sync_playwright

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
ROUNDS = 9
_LOADED = "performance.getEntriesByType('navigation')[0].loadEventEnd"


def main() -> None:
    """Render the large report of the tests, open it several times and print the median."""
    sys.path.insert(0, ROOT)
    from envcheck.renderers import html
    from tests.renderers.demanding import large_report

    report = large_report()
    page = html.render(report)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        path = os.path.join(folder, "report.html")
        with open(path, "w", encoding="utf-8") as file:
            file.write(page)
        program = shutil.which("chromium") or shutil.which("chromium-browser")
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
        times = [_open(browser, path) for _ in range(ROUNDS + 1)][1:]
        browser.close()
    size = len(page.encode()) / 2**20
    print(
        f"{len(report.findings)} findings, {size:.1f} MiB: {statistics.median(times):.0f} ms, at most {max(times):.0f}"
    )


def _open(browser, path: str) -> float:  # type: ignore[no-untyped-def]  # noqa: ANN001
    """Return the milliseconds until the page had loaded."""
    tab = browser.new_page()
    tab.goto(f"file://{path}", wait_until="load")
    tab.wait_for_timeout(50)  # the event's end is written down just after it
    took = float(tab.evaluate(_LOADED))
    tab.close()
    return took


if __name__ == "__main__":
    main()
