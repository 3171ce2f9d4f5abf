"""Trouble on the way: a slow service, no connection, and a second try."""

from playwright.sync_api import Page

from tests.browser.buyer import ORGANISATION
from tests.browser.pages import field, fill_in, send
from tests.browser.stack import Stack


def test_slow_stripe_only_takes_longer(stack: Stack, page: Page, email: str) -> None:
    page.goto(stack.form)
    fill_in(page, email=email)
    with stack.stripe_fault("checkout.sessions.create", "slow", seconds=2):
        send(page)
        page.wait_for_url(f"{stack.stripe}/**")
    assert (len(stack.orders(email)), len(stack.sessions(email))) == (1, 1)


def test_no_connection_loses_nothing_that_was_typed(stack: Stack, page: Page, email: str) -> None:
    page.goto(stack.form)
    fill_in(page, email=email)
    page.context.set_offline(True)
    field(page, "email").press("Enter")
    page.wait_for_url("chrome-error://**")
    page.context.set_offline(False)
    page.go_back()
    assert field(page, "organisation").input_value() == ORGANISATION
    send(page)
    page.wait_for_url(f"{stack.stripe}/**")
    assert (len(stack.orders(email)), len(stack.sessions(email))) == (1, 1)
