"""The page about drift in a real browser: filters, unfolding, paper, themes, the keyboard, 30 environments."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.renderers.browsing import POOR_CONTRAST
from tests.renderers.drifting import fleet_report, hostile_drift, pair_report, same_report, stage_report

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

MAKERS = [stage_report, pair_report, same_report, hostile_drift, lambda: fleet_report(30, 300)]


def rows(page: Page) -> int:
    return page.locator(".change:visible").count()


@pytest.mark.parametrize("make", MAKERS)
def test_it_opens_without_a_complaint_and_fits_the_screen(opened, make):
    page = opened(make(), viewport={"width": 390, "height": 844})
    assert page.locator("h1").is_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.set_viewport_size({"width": 1280, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") <= 1280
    assert page.evaluate("window.hacked") is None
    assert opened.complaints == []


def test_rows_are_filtered_by_conclusion_kind_form_environment_outliers_and_text(opened):
    page = opened(stage_report())
    assert rows(page) == 11
    page.get_by_text("harmless 7").click()
    assert rows(page) == 4
    assert page.locator("#shown").inner_text() == "4 of 11 differences"
    assert not page.locator("[data-section='harmless as far as known']").is_visible()
    page.get_by_text("harmless 7").click()
    page.locator("#kind").select_option("config")
    assert rows(page) == 3
    page.locator("#form").select_option("type")
    assert rows(page) == 1
    page.locator("#form").select_option("")
    page.locator("#kind").select_option("")
    page.locator("#apart").select_option("dev stands apart")
    assert page.locator(".change:visible code").all_inner_texts() == [
        "config/app#database.url",
        "package/ipython",
        "package/pywin32",
        "config/app#pool.size",
        "host#memory",
    ]
    page.locator("#outliers").check()
    assert rows(page) == 2
    page.locator("#find").fill("nothing like this")
    assert rows(page) == 0
    page.get_by_role("button", name="Clear them").click()
    assert rows(page) == 11
    page.locator("#find").fill("DB-PROD")
    assert page.locator(".change:visible code").all_inner_texts() == ["config/app#database.url"]


def test_what_follows_is_found_although_it_is_folded(opened):
    page = opened(stage_report())
    page.locator("#find").fill("triton")
    assert page.locator(".change:visible code").first.inner_text() == "package/torch"


def test_a_row_unfolds_its_origins_and_what_follows_it(opened):
    page = opened(stage_report())
    torch = page.locator("#change-1")
    assert not torch.get_by_text("torch-2.9.1.dist-info/METADATA").is_visible()
    torch.get_by_role("button", name="More of package/torch").click()
    assert torch.get_by_text("torch-2.9.1.dist-info/METADATA").is_visible()
    assert torch.get_by_text("package/triton").is_visible()
    torch.locator("code").first.click()
    assert not torch.get_by_text("package/triton").is_visible()


def test_links_lead_from_the_cause_to_its_row_and_from_the_row_to_its_finding(opened):
    page = opened(stage_report())
    page.locator("#find").fill("regex")
    page.locator(".why-it a", has_text="package/torch").click()
    page.locator("#change-1.open").wait_for()
    assert page.locator("#find").input_value() == ""
    page.locator("#change-1 .judged a", has_text="requirement-unsatisfied").first.click()
    page.locator("#finding-2[open]").wait_for()


def test_the_keyboard_reaches_everything(opened):
    page = opened(stage_report())
    page.keyboard.press("Tab")
    assert page.locator(":focus").inner_text() == "Skip to the differences"
    page.keyboard.press("/")
    assert page.locator(":focus").get_attribute("id") == "find"
    page.keyboard.type("numpy")
    assert rows(page) == 1
    page.keyboard.press("Escape")
    assert rows(page) == 11
    page.locator("#change-1 .more").focus()
    page.keyboard.press("Enter")
    assert page.locator("#change-1 .more").get_attribute("aria-expanded") == "true"
    page.locator(".scroll").focus()
    assert page.locator(":focus").get_attribute("aria-label") == "The differences by key and environment"


def test_it_is_a_table_to_those_who_cannot_see_it(opened):
    page = opened(stage_report())
    assert page.get_by_role("columnheader").all_inner_texts() == ["Key", "dev", "staging", "prod", "Judged by"]
    assert page.get_by_role("rowheader", name="package/numpy").count() == 1
    assert page.locator("#change-8").get_by_role("cell").count() == 4


def test_everything_is_readable_without_a_script(opened):
    page = opened(stage_report(), java_script_enabled=False)
    assert rows(page) == 11
    assert not page.locator("#find").is_visible()
    assert not page.locator(".more").first.is_visible()
    assert page.get_by_text("package/triton").is_visible()
    assert page.locator("#change-2").get_by_text("config/prod.yaml:12").is_visible()


def test_paper_shows_what_the_filters_left_whole(opened):
    page = opened(stage_report())
    page.locator("#kind").select_option("config")
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert rows(page) == 3
    assert page.locator("#finding-2 .why").is_visible()
    assert page.get_by_text("postgres://app@db-prod.internal.example.org:5432/orders?sslmode=require").last.is_visible()
    assert not page.locator("#find").is_visible()
    assert not page.locator(".more").first.is_visible()
    assert page.locator(".scroll").evaluate("(e) => e.scrollHeight <= e.clientHeight + 2")


@pytest.mark.parametrize("make", [stage_report, pair_report, lambda: fleet_report(30, 60)])
def test_contrast_is_enough_everywhere(opened, make):
    page = opened(make(), color_scheme="light")
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    page.evaluate("document.querySelectorAll('.change').forEach((one) => { one.classList.add('open'); })")
    assert page.evaluate(POOR_CONTRAST) == []
    page.emulate_media(color_scheme="dark")
    assert page.evaluate(POOR_CONTRAST) == []


def test_head_and_first_column_stay_in_sight(opened):
    page = opened(fleet_report(30, 300), viewport={"width": 900, "height": 700})
    page.locator(".scroll").evaluate("(e) => { e.scrollIntoView({ behavior: 'instant' }); e.scrollTo(200, 4000); }")
    page.wait_for_timeout(200)
    frame = page.locator(".scroll").bounding_box()
    head = page.locator("thead th").first.bounding_box()
    assert frame is not None
    assert head is not None
    assert abs(head["y"] - frame["y"]) <= 2
    assert abs(head["x"] - frame["x"]) <= 2
    key = page.evaluate(
        """(y) => document.elementsFromPoint(document.querySelector(".scroll").getBoundingClientRect().x + 40, y)
        .some((e) => e.matches("tbody th"))""",
        frame["y"] + 300,
    )
    assert key


def test_signs_stand_beneath_the_names_of_their_environments(opened):
    page = opened(fleet_report(30, 60))
    names = page.locator("th.strip > span:not(.sr)")
    first, last = (names.nth(number).bounding_box()["x"] for number in (0, 29))
    strip = page.locator("#change-2 td.strip b")
    start, end = (strip.nth(number).bounding_box() for number in (0, strip.count() - 1))
    assert abs(start["x"] - first) < 6
    assert abs(end["x"] + end["width"] - last) < 22


def test_30_environments_and_2000_keys_are_all_there_and_found(opened):
    page = opened(fleet_report())
    assert page.locator(".change").count() == 2000
    page.locator("#find").fill("distribution-1234")
    assert rows(page) == 1
    page.locator("#find").fill("")
    page.locator("#apart").select_option("gpu-08 stands apart")
    assert 0 < rows(page) < 400
    assert page.locator(".matrix.picked").count() == 1
