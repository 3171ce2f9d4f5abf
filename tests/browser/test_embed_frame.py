"""The second choice, a frame: only where it is allowed, and everything leads out of it."""

from __future__ import annotations

import pytest
from playwright.sync_api import Frame, Page

from tests.browser.conftest import OpenPage
from tests.browser.embedding import fill_in_congress, put_page
from tests.browser.event_scenes import CONGRESS
from tests.browser.pages import (
    TEXTS,
    add_attendee,
    complaints,
    field,
    fill_in,
    follow,
    pay,
    send,
    wait_for_heading,
)
from tests.browser.stack import Stack
from tests.looks.studio import overflow, violations


def framed(page: Page, stack: Stack) -> Frame:
    """What stands in the frame, when it is there."""
    frame = page.frame(url=f"{stack.desk}/**")
    assert frame is not None
    frame.locator("form[id$=-form]").wait_for()
    return frame


def test_errors_and_paying_lead_out_of_the_frame(stack: Stack, page: Page, email: str) -> None:
    lang = "en"
    page.goto(f"{stack.website}/iframe?lang={lang}")
    frame = framed(page, stack)
    assert frame.locator("header, footer").count() == 0
    send(frame, lang=lang)
    # the answer is the whole page, which may be shown on its own only
    assert page.url == f"{stack.desk}/{lang}/lidmaatschap?send=1"
    assert page.locator(".sum").is_visible()
    fill_in(page, email=email, lang=lang)
    send(page, lang=lang)
    assert page.url.startswith(f"{stack.stripe}/pay/")
    pay(page)
    wait_for_heading(page, TEXTS[lang]["order.paid.title"])
    assert stack.counts(email) == (1, 1)
    assert len(page.frames) == 1


@pytest.mark.parametrize("javascript", [True, False], ids=["javascript", "no-javascript"])
def test_frame_pays_at_once(stack: Stack, open_page: OpenPage, email: str, javascript: bool) -> None:
    page = open_page(javascript=javascript)
    page.goto(f"{stack.website}/iframe?form={CONGRESS}")
    frame = framed(page, stack)
    fill_in_congress(frame, email=email)
    send(frame)
    assert page.url.startswith(f"{stack.stripe}/pay/")
    pay(page)
    wait_for_heading(page, TEXTS["nl"]["order.paid.title"])
    assert stack.counts(email) == (1, 1)


def test_adding_an_attendee_leads_to_the_whole_page_with_all_that_was_typed(
    stack: Stack, page: Page, email: str
) -> None:
    page.goto(f"{stack.website}/iframe?form={CONGRESS}")
    frame = framed(page, stack)
    fill_in_congress(frame, email=email)
    add_attendee(frame)
    assert page.url.startswith(f"{stack.desk}/nl/{CONGRESS}")
    assert field(page, "email").input_value() == email


def test_every_link_in_the_frame_leads_out_of_it(stack: Stack, page: Page) -> None:
    page.goto(f"{stack.website}/iframe?form={CONGRESS}")
    frame = framed(page, stack)
    assert frame.locator("base").get_attribute("target") == "_top"
    targets = frame.locator("a[target], form[target]").evaluate_all("all => all.map(e => e.target)")
    assert set(targets) <= {"_blank", "_top"}


def test_after_paying_from_a_frame_there_is_a_way_back(stack: Stack, page: Page, email: str) -> None:
    """The browser tells a frame the website, not the page."""
    page.goto(f"{stack.website}/iframe")
    frame = framed(page, stack)
    fill_in(frame, email=email)
    send(frame)
    pay(page)
    follow(page, TEXTS["nl"]["way_back.link"].format(site=stack.website.split("/")[2]))
    assert page.url == f"{stack.website}/"


def test_only_the_page_that_is_made_for_it_may_stand_in_a_frame(stack: Stack, open_page: OpenPage) -> None:
    page = open_page(faults="frame-ancestors")
    paths = ("lidmaatschap?iframe=1", "lidmaatschap", CONGRESS, "lidmaatschap?iframe=2", "order/niets", "", "insluiten")
    put_page(page, stack, "".join(f'<iframe src="{stack.desk}/nl/{path}" title="Loket"></iframe>' for path in paths))
    page.wait_for_load_state("networkidle")
    shown = [not frame.url.startswith("chrome-error://") for frame in page.frames[1:]]
    assert shown == [path == paths[0] for path in paths]


def test_website_that_is_not_allowed_gets_an_empty_frame(stack: Stack, open_page: OpenPage) -> None:
    page = open_page(faults="frame-ancestors")
    html = f'<!DOCTYPE html><title>Elders</title><iframe src="{stack.desk}/nl/lidmaatschap?iframe=1"></iframe>'
    page.context.grant_permissions(["local-network-access"])
    page.route("https://elders.example/", lambda route: route.fulfill(body=html, content_type="text/html"))
    page.goto("https://elders.example/")
    page.wait_for_load_state("networkidle")
    assert page.frames[1].url.startswith("chrome-error://")


@pytest.mark.parametrize(("offer", "lang"), [("lidmaatschap", "nl"), (CONGRESS, "en")])
def test_frame_is_for_everybody(stack: Stack, page: Page, offer: str, lang: str) -> None:
    """axe looks into each frame by itself: the framed page is opened for it, and seen at the width of a phone."""
    page.goto(f"{stack.website}/iframe?form={offer}&lang={lang}")
    assert page.locator("iframe").get_attribute("title")
    assert violations(page, "iframe") == []
    assert overflow(page) == 0
    page.set_viewport_size({"width": 320, "height": 640})
    frame = framed(page, stack)
    assert frame.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.goto(f"{stack.desk}/{lang}/{offer}?iframe=1")
    assert violations(page, "framed") == []
    assert complaints(page) == []
