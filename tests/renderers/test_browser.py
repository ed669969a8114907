"""The page in a real browser: filters, copying, the policy, hostile names, no script, keyboard, many findings."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.renderers.broken_host import PIP, sample_report
from tests.renderers.browsing import POOR_CONTRAST
from tests.renderers.demanding import hostile_report, large_report

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser


def visible(page: Page) -> int:
    return page.locator(".finding:visible").count()


@pytest.mark.parametrize("make", [sample_report, hostile_report, large_report])
def test_it_opens_without_a_complaint_and_fits_the_screen(opened, make):
    page = opened(make(), viewport={"width": 390, "height": 844})
    assert page.locator("h1").inner_text() == "This will not work as installed."
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.set_viewport_size({"width": 1280, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") <= 1280
    assert opened.complaints == []


def test_findings_are_filtered_by_severity_rule_status_and_text(opened):
    page = opened(sample_report())
    assert visible(page) == 8
    page.get_by_label("warning 4").uncheck()
    assert visible(page) == 3
    assert page.locator("#shown").inner_text() == "3 of 8 findings"
    page.get_by_label("warning 4").check()
    page.locator("#rule").select_option("requirement-unsatisfied")
    assert visible(page) == 4
    page.locator("#status").select_option("known")
    assert visible(page) == 1
    page.locator("#query").fill("nothing like this")
    assert visible(page) == 0
    assert page.locator(".cause:visible").count() == 0
    page.get_by_role("button", name="Clear them").click()
    assert visible(page) == 8
    page.locator("#query").fill("TOKENIZERS 0.22")
    assert visible(page) == 1


def test_the_environment_is_searched_and_closes_again(opened):
    page = opened(sample_report())
    page.locator("#lookup").fill("glibc")
    assert page.get_by_text("host#glibc", exact=True).is_visible()
    assert not page.get_by_text("python#version", exact=True).is_visible()
    assert page.locator("#found").inner_text().endswith(" rows")
    page.locator("#lookup").fill("")
    assert not page.get_by_text("host#glibc", exact=True).is_visible()
    assert page.locator(".packages tbody tr:visible").count() == 50


def test_a_command_is_copied(opened):
    page = opened(sample_report(), permissions=["clipboard-read", "clipboard-write"])
    page.locator("#finding-2 .copy").first.click()
    page.locator("#finding-2 .copy").first.get_by_text("Copied").wait_for()
    assert page.evaluate("navigator.clipboard.readText()") == f"{PIP} torchvision==0.26.0"


def test_without_a_clipboard_the_command_is_selected(opened):
    page = opened(sample_report())
    page.evaluate("Object.defineProperty(navigator, 'clipboard', {value: undefined})")
    page.locator("#finding-2 .copy").first.click()
    page.locator("#finding-2 .copy").first.get_by_text("Selected").wait_for()
    assert page.evaluate("getSelection().toString()") == f"{PIP} torchvision==0.26.0"


def test_the_policy_stops_an_injected_script_style_and_image(opened):
    page = opened(sample_report())
    page.evaluate(
        """() => {
          const script = document.createElement("script");
          script.textContent = "window.hacked = 1";
          document.body.append(script);
          const box = document.createElement("div");
          box.innerHTML = '<img src="https://example.org/x.png" onerror="window.hacked = 2">';
          document.body.append(box);
        }"""
    )
    page.wait_for_timeout(100)
    assert page.evaluate("window.hacked") is None
    assert any("Content Security Policy" in complaint for complaint in opened.complaints)


def test_hostile_names_do_nothing(opened):
    page = opened(hostile_report())
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    page.locator("#query").fill("<script>")
    assert visible(page) >= 1
    assert page.evaluate("window.hacked") is None
    assert page.locator(".sources a").count() == 0
    assert opened.complaints == []


def test_everything_is_readable_without_a_script(opened):
    page = opened(sample_report(), java_script_enabled=False)
    assert visible(page) == 8
    assert page.locator("#query").count() == 1
    assert not page.locator("#query").is_visible()
    assert not page.locator(".copy").first.is_visible()
    assert not page.locator("#theme").is_visible()
    page.locator("#finding-3 > summary").click()
    assert page.locator("#finding-3 .why").is_visible()


def test_the_keyboard_reaches_everything(opened):
    page = opened(sample_report())
    page.keyboard.press("Tab")
    assert page.locator(":focus").inner_text() == "Skip to the findings"
    page.keyboard.press("/")
    assert page.locator(":focus").get_attribute("id") == "query"
    page.keyboard.type("numba")
    assert visible(page) == 1
    page.keyboard.press("Escape")
    assert visible(page) == 8
    page.locator("#finding-3 > summary").focus()
    page.keyboard.press("Enter")
    assert page.locator("#finding-3").get_attribute("open") is not None
    page.keyboard.press("Tab")
    assert page.locator(":focus").inner_text() == "Copy"


def test_a_link_to_a_finding_opens_it_even_when_it_is_filtered_away(opened):
    page = opened(sample_report())
    page.locator("#query").fill("torchvision")
    page.locator(".packages a[href='#finding-3']").first.click()
    page.locator("#finding-3[open]").wait_for()
    assert page.locator("#finding-3 .why").is_visible()


def test_the_theme_follows_the_system_and_can_be_changed(opened):
    page = opened(sample_report(), color_scheme="dark")
    paper = "getComputedStyle(document.body).backgroundColor"
    dark = page.evaluate(paper)
    page.get_by_role("button", name="Light theme").click()
    light = page.evaluate(paper)
    assert (dark, light) == ("rgb(20, 22, 24)", "rgb(250, 249, 246)")
    page.reload()
    assert page.evaluate(paper) == light


def test_contrast_is_enough_everywhere(opened):
    page = opened(sample_report(), color_scheme="light")
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    assert page.evaluate(POOR_CONTRAST) == []
    page.emulate_media(color_scheme="dark")
    assert page.evaluate(POOR_CONTRAST) == []


def test_paper_shows_everything_and_no_controls(opened):
    page = opened(sample_report())
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.locator("#finding-3 .why").is_visible()
    assert not page.locator("#query").is_visible()
    assert not page.locator(".copy").first.is_visible()
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.locator("#finding-3").get_attribute("open") is None


def test_500_findings_over_300_packages_are_all_there(opened):
    page = opened(large_report())
    assert page.locator(".finding").count() == 500
    assert page.locator(".packages tbody tr").count() == 300
    page.locator("#query").fill("package-007")
    assert visible(page) == 2
