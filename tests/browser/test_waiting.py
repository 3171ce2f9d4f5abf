"""In Chromium: who cannot pay yet is led on by his page, also out of another website, and can stop that or go back."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenPage
from tests.browser.embedding import embedded, example, submit_label
from tests.browser.pages import NL, fill_in, follow, heading, order_code, pay, press, send, wait_for_heading
from tests.browser.stack import Stack

BUSY = NL["payment_unavailable.busy_title"]
CREATE = "checkout.sessions.create"
# Two pauses of 4 to 10 seconds, and the machine may be busy.
PATIENCE_MS = 45_000


def wait_for_stripe(page: Page, stack: Stack) -> None:
    page.wait_for_url(f"{stack.stripe}/pay/**", timeout=PATIENCE_MS)


@pytest.mark.parametrize(("fault", "title"), [("rate_limit_429", "busy_title"), ("error_500", "title")])
def test_page_leads_on_by_itself(stack: Stack, any_page: Page, email: str, fault: str, title: str) -> None:
    """With a script or without, and whatever was the matter."""
    page = any_page
    page.goto(stack.form)
    fill_in(page, email=email)
    with stack.stripe_fault(CREATE, fault, times=1000):
        send(page)
        assert heading(page) == NL[f"payment_unavailable.{title}"]
        code = order_code(page)
        with page.expect_navigation(timeout=PATIENCE_MS):
            pass  # it looks for the first time
        wait_for_heading(page, NL[f"payment_unavailable.{title}"])
    wait_for_stripe(page, stack)
    assert stack.counts(email) == (1, 1)
    pay(page)
    wait_for_heading(page, NL["order.paid.title"])
    assert order_code(page) == code


@pytest.mark.parametrize("path", ["/strikt", "/thema"])
def test_embedded_form_ends_at_stripe_too(stack: Stack, page: Page, email: str, path: str) -> None:
    example(page, stack, path)
    with stack.stripe_fault(CREATE, "rate_limit_429", times=2):
        fill_in(page, email=email)
        embedded(page).get_by_role("button", name=submit_label(), exact=True).click()
        wait_for_heading(page, BUSY)
        assert page.url.startswith(f"{stack.desk}/nl/order/"), "the window itself, not a frame in it"
        wait_for_stripe(page, stack)
    assert stack.counts(email) == (1, 1)


def test_button_does_not_wait(stack: Stack, page: Page, email: str) -> None:
    page.goto(stack.form)
    fill_in(page, email=email)
    with stack.stripe_fault(CREATE, "rate_limit_429", times=3):
        send(page)
        for _ in range(2):
            press(page, NL["payment_unavailable.retry"])
            assert heading(page) == BUSY
        press(page, NL["payment_unavailable.retry"])
        wait_for_stripe(page, stack)
    assert stack.counts(email) == (1, 1)


def test_link_stops_it(stack: Stack, page: Page, email: str) -> None:
    page.goto(stack.form)
    fill_in(page, email=email)
    with stack.stripe_fault(CREATE, "rate_limit_429"):
        send(page)
    follow(page, NL["order.stop_refresh"])
    assert page.locator("meta[http-equiv=refresh]").count() == 0
    expect(page.get_by_text(NL["payment_unavailable.stopped"])).to_be_visible()
    assert stack.counts(email) == (1, 0)
    press(page, NL["payment_unavailable.retry"])
    wait_for_stripe(page, stack)


def test_back_from_stripe_is_a_page_that_leaves_time_to_think(
    stack: Stack, open_page: OpenPage, page_with_back: Page, email: str
) -> None:
    """However often the page looked: one step back it is there, and does not lead on at once."""
    page = page_with_back
    page.goto(stack.form)
    fill_in(page, email=email)
    with stack.stripe_fault(CREATE, "rate_limit_429", times=3):
        send(page)
        wait_for_stripe(page, stack)
    for place in (f"{stack.desk}/nl/order/.+[?]from=busy$", f"{stack.form}$"):
        page.evaluate("setTimeout(() => history.back())")
        page.wait_for_url(re.compile(place), wait_until="commit")  # a page that was kept whole is not loaded again
        page.wait_for_timeout(2000)
        assert re.match(place, page.url)
