"""Opens reports in a real browser and asks it what a person would see."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from envcheck.model.reports import Report
from envcheck.renderers.html import render

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, ViewportSize

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--headless=new",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SCREEN: ViewportSize = {"width": 1280, "height": 720}


class Opener:
    """Opens reports from disk, as a user would, and keeps what the console complains about.

    One page serves all tests, as a fresh one takes longer than most of them; what a page cannot change afterwards,
    such as permissions, gets one of its own.
    """

    def __init__(self, browser: Browser) -> None:
        self.browser = browser
        self.folder = Path()
        self.complaints: list[str] = []
        self.page = self.fresh()

    def __call__(self, report: Report, **options: Any) -> Page:
        path = self.folder / "report.html"
        path.write_text(render(report), encoding="utf-8")
        screen, scheme = options.pop("viewport", SCREEN), options.pop("color_scheme", "light")
        page = self.fresh(**options) if options else self.page
        page.set_viewport_size(screen)
        page.emulate_media(media="screen", color_scheme=scheme)
        page.goto(path.as_uri())
        return page

    def fresh(self, **options: Any) -> Page:
        page = self.browser.new_context(reduced_motion="reduce", **options).new_page()
        page.on("console", lambda message: self.complaints.append(message.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("dialog", lambda dialog: self.complaints.append(f"dialog: {dialog.message}"))
        page.on("request", lambda request: self.watch(request.url))
        return page

    def forget(self) -> None:
        """Leave nothing to the next test: no page but one, and in that neither the report nor what it kept."""
        if self.page.url != "about:blank":
            self.page.evaluate("localStorage.clear()")
            self.page.goto("about:blank")
        for context in self.browser.contexts:
            if context != self.page.context:
                context.close()
        self.complaints.clear()

    def watch(self, address: str) -> None:
        if not address.startswith("file:"):
            self.complaints.append(f"asked for {address}")


# WCAG 2.2, 1.4.3: 4.5 to 1 for text. Every text against the nearest background that is not transparent.
POOR_CONTRAST = """() => {
  const channel = (c) => { c /= 255; return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4; };
  const light = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
  const numbers = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const behind = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const colour = numbers(getComputedStyle(at).backgroundColor);
      if (colour.length < 4 || colour[3] > 0) return colour;
    }
    return [255, 255, 255];
  };
  const poor = [];
  for (const element of document.querySelectorAll("body *")) {
    const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
    if (!own || !element.checkVisibility() || element.closest("script")) continue;
    const pair = [light(numbers(getComputedStyle(element).color)), light(behind(element))].sort((a, b) => b - a);
    const ratio = (pair[0] + 0.05) / (pair[1] + 0.05);
    if (ratio < 4.5) poor.push([element.className || element.tagName, ratio.toFixed(2)]);
  }
  return poor;
}"""
