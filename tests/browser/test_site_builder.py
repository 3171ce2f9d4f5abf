"""The page for site builders in a browser: the form is live in it, and its code can be taken along."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import DESKTOP, PHONE, SMALLEST, OpenPage
from tests.browser.pages import TEXTS, complaints, press
from tests.browser.stack import Stack
from tests.looks.studio import overflow, small_targets, violations

OFFERS = ("lidmaatschap", "congres-2027", "lancering", "werkgroep")
HEIGHT = "document.querySelector('loket-form').getBoundingClientRect().height"


def open_it(page: Page, stack: Stack, *, lang: str = "nl", query: str = "") -> None:
    page.goto(f"{stack.desk}/{lang}/insluiten{query}")
    page.locator("loket-form form").wait_for()


@pytest.mark.parametrize("lang", ["nl", "en"])
@pytest.mark.parametrize("size", [DESKTOP, PHONE, SMALLEST], ids=["desktop", "phone", "smallest"])
def test_form_is_live_and_the_page_is_for_everybody(stack: Stack, open_page: OpenPage, lang: str, size: object) -> None:
    page = open_page(size=size)  # type: ignore[arg-type]  # one of the three sizes above
    open_it(page, stack, lang=lang)
    assert (violations(page, "site-builder"), complaints(page)) == ([], [])
    # what only machines fill in is out of sight
    assert [target for target in small_targets(page) if 'name="website"' not in target] == []
    assert overflow(page) <= 0
    page.locator("loket-form").get_by_role("button", name=TEXTS[lang]["form.submit"]).last.click()
    page.locator("loket-form .sum").wait_for()


def test_choosing_and_copying(stack: Stack, open_page: OpenPage) -> None:
    page = open_page()
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    open_it(page, stack)
    page.get_by_label(TEXTS["nl"]["site_builder.form"], exact=True).select_option("lancering")
    page.get_by_label(TEXTS["nl"]["site_builder.language"]).select_option("en")
    press(page, TEXTS["nl"]["site_builder.choose"])
    form = page.locator("loket-form form")
    form.wait_for()
    assert page.locator("loket-form .loket").get_attribute("lang") == "en"
    page.get_by_role("button", name=TEXTS["nl"]["site_builder.copy"]).first.click()
    page.get_by_text(TEXTS["nl"]["site_builder.copied"]).wait_for()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == page.get_by_label(TEXTS["nl"]["site_builder.code"]).input_value()
    assert re.search(rf'href="{stack.desk}/en/lancering"', copied)


def test_without_javascript_the_code_is_there_and_the_link_works(stack: Stack, open_page: OpenPage) -> None:
    page = open_page(javascript=False)
    page.goto(f"{stack.desk}/nl/insluiten?form=lidmaatschap")
    assert page.get_by_label(TEXTS["nl"]["site_builder.code"]).input_value().startswith("<script async src=")
    assert page.get_by_text(TEXTS["nl"]["site_builder.copy_by_hand"]).first.is_visible()
    assert not page.get_by_role("button", name=TEXTS["nl"]["site_builder.copy"]).count()
    page.locator(".loket-form a").click()
    assert page.url == stack.form


@pytest.mark.parametrize("offer_id", [*OFFERS, "nieuwsbrief"])
@pytest.mark.parametrize("lang", ["nl", "en"])
def test_reserved_room_is_about_what_the_form_takes(stack: Stack, page: Page, offer_id: str, lang: str) -> None:
    open_it(page, stack, query=f"?form={offer_id}&lang={lang}")
    style = page.locator(".loket-form").get_attribute("style")
    reserved = int(re.findall(r"min-height:(\d+)em", style or "")[0]) * 16
    needed = page.evaluate(HEIGHT)
    assert needed - 16 <= reserved <= needed + 80
