"""Times how long HTML reports take to open in Chromium, from disk: 300 packages with 500 findings, or much drift.

.venv/bin/python bench/page.py          the check report
.venv/bin/python bench/page.py drift    30 environments x 2,000 keys; also how long a filter takes to be drawn
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
_FILTERED = """async () => {
  const times = [];
  const steps = [["#find", "input", "0017"], ["#find", "input", ""], ["#apart", "change", "8"]];
  for (const [control, kind, value] of steps) {
    const started = performance.now();
    document.querySelector(control).value = value;
    document.querySelector(control).dispatchEvent(new Event(kind));
    await new Promise((done) => requestAnimationFrame(() => setTimeout(done, 0)));
    times.push(performance.now() - started);
  }
  return Math.max(...times);
}"""
_LOADED = "performance.getEntriesByType('navigation')[0].loadEventEnd"


def main() -> None:
    """Render a large report of the tests, open it several times and print the median."""
    sys.path.insert(0, ROOT)
    from envcheck.renderers import html
    from tests.renderers.demanding import large_report
    from tests.renderers.drifting import fleet_report

    drift = sys.argv[1:] == ["drift"]
    what = "30 environments x 2,000 keys" if drift else "500 findings"
    page = html.render(fleet_report() if drift else large_report())
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        path = os.path.join(folder, "report.html")
        with open(path, "w", encoding="utf-8") as file:
            file.write(page)
        program = shutil.which("chromium") or shutil.which("chromium-browser")
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
        rounds = [_open(browser, path, filtered=drift) for _ in range(ROUNDS + 1)][1:]
        browser.close()
    size = len(page.encode()) / 2**20
    times = [opened for opened, _ in rounds]
    print(f"{what}, {size:.1f} MiB: {statistics.median(times):.0f} ms, at most {max(times):.0f}")
    if drift:
        drawn = [took for _, took in rounds]
        print(f"the slowest of three filters: {statistics.median(drawn):.0f} ms, at most {max(drawn):.0f}")


def _open(browser, path: str, *, filtered: bool) -> tuple[float, float]:  # type: ignore[no-untyped-def]  # noqa: ANN001
    """Return the milliseconds until the page had loaded, and until a filter had been drawn."""
    tab = browser.new_page()
    tab.goto(f"file://{path}", wait_until="load")
    tab.wait_for_timeout(50)  # the event's end is written down just after it
    took = float(tab.evaluate(_LOADED))
    drawn = float(tab.evaluate(_FILTERED)) if filtered else 0.0
    tab.close()
    return took, drawn


if __name__ == "__main__":
    main()
