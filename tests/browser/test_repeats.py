"""The same form sent more than once, as people do: back button, double click, Enter, changed mind."""

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.buyer import ORGANISATION, Buyer
from tests.browser.conftest import OpenPage
from tests.browser.pages import NL, field, fill_in, go_back, order_code, pay, posts, press, send, wait_for_heading
from tests.browser.stack import Stack

OTHER = "Stichting Voorbeeldwijk"


def test_back_finds_the_form_as_it_was_left(stack: Stack, page_with_back: Page, email: str) -> None:
    """With the same key in it above all: a form that comes anew would make a second order."""
    page = page_with_back
    page.goto(stack.form)
    key = page.locator("input[name=key]").input_value()
    fill_in(page, email=email)
    send(page)
    go_back(page, to=stack.form)
    assert page.locator("input[name=key]").input_value() == key
    assert field(page, "organisation").input_value() == ORGANISATION


def test_browser_may_keep_the_whole_page(
    stack: Stack, open_page: OpenPage, remembering_browser: Browser, email: str
) -> None:
    page = open_page(browser=remembering_browser)
    page.goto(stack.form)
    page.evaluate("window.kept = true")
    fill_in(page, email=email)
    send(page)
    go_back(page, to=stack.form)
    assert page.evaluate("window.kept")


def test_back_and_send_again_is_the_same_checkout(stack: Stack, page_with_back: Page, email: str) -> None:
    page = page_with_back
    page.goto(stack.form)
    fill_in(page, email=email)
    send(page)
    checkout = page.url
    go_back(page, to=stack.form)
    send(page)
    page.wait_for_url(checkout)
    assert stack.counts(email) == (1, 1)


def test_back_pay_and_back_again_leads_to_the_paid_order(stack: Stack, page_with_back: Page, email: str) -> None:
    page = page_with_back
    page.goto(stack.form)
    fill_in(page, email=email)
    send(page)
    go_back(page, to=stack.form)
    send(page)
    page.wait_for_url(f"{stack.stripe}/**")
    pay(page)
    wait_for_heading(page, NL["order.paid.title"])
    code = order_code(page)
    go_back(page, to=stack.form, steps=2)
    send(page)
    wait_for_heading(page, NL["order.paid.title"])
    assert order_code(page) == code
    assert stack.counts(email) == (1, 1)


def test_other_answers_after_paying_are_a_new_order_once_the_visitor_says_so(
    stack: Stack, page_with_back: Page, email: str
) -> None:
    """A second organisation, begun with the back button: not lost, and not taken for the first one."""
    page = page_with_back
    page.goto(stack.form)
    fill_in(page, email=email)
    send(page)
    pay(page)
    wait_for_heading(page, NL["order.paid.title"])
    code = order_code(page)
    go_back(page, to=stack.form, steps=2)
    field(page, "organisation").fill(OTHER)
    send(page)
    assert page.get_by_text(NL["form.earlier_order"].format(code=code, email="info@lpb.example.nl")).is_visible()
    assert field(page, "organisation").input_value() == OTHER
    send(page)
    assert page.url.startswith(stack.stripe)
    assert [order["state"] for order in stack.orders(email)] == ["paid", "pending"]


def test_back_after_errors_is_the_same_checkout(stack: Stack, page_with_back: Page, email: str) -> None:
    """The page with the errors answered a post: the browser must not ask to send that again."""
    page = page_with_back
    page.goto(stack.form)
    send(page)
    fill_in(page, email=email)
    send(page)
    checkout = page.url
    go_back(page, to=f"{stack.form}?send=1")
    send(page)
    assert page.url == checkout
    assert stack.counts(email) == (1, 1)


def test_back_after_beginning_again_is_the_same_checkout(stack: Stack, page_with_back: Page, buyer: Buyer) -> None:
    buyer.register().do("release")
    page = page_with_back
    expired = buyer.order_url
    page.goto(expired)
    press(page, NL["order.again"])
    send(page)
    checkout = page.url
    go_back(page, to=expired)
    send(page)
    assert page.url == checkout
    assert [session["status"] for session in stack.sessions(buyer.email)] == ["expired", "open"]


@pytest.mark.parametrize("choice", ["pay", "replace"])
def test_changed_answers_after_back_ask_which_order_counts(
    stack: Stack, page_with_back: Page, email: str, choice: str
) -> None:
    page = page_with_back
    page.goto(stack.form)
    fill_in(page, email=email)
    send(page)
    first = page.url
    go_back(page, to=stack.form)
    field(page, "organisation").fill(OTHER)
    send(page)
    wait_for_heading(page, NL["open_order.title"])
    shown = page.get_by_role("main").inner_text()
    assert ORGANISATION in shown
    assert OTHER in shown
    assert stack.counts(email) == (1, 1)

    press(page, NL[f"open_order.{choice}"])
    page.wait_for_url(f"{stack.stripe}/**")
    if choice == "pay":
        assert page.url == first
        assert stack.counts(email) == (1, 1)
    else:
        assert page.url != first
        assert [session["status"] for session in stack.sessions(email)] == ["expired", "open"]
    pay(page)
    wait_for_heading(page, NL["order.paid.title"])
    assert (ORGANISATION if choice == "pay" else OTHER) in page.get_by_role("main").inner_text()
    assert [order["state"] for order in stack.orders(email)] == ["paid"] if choice == "pay" else ["expired", "paid"]
    stack.wait_for_mails(email)
    assert len(stack.mails(email)) == 2


def test_double_click_is_one_order(stack: Stack, page: Page, email: str) -> None:
    page.goto(stack.form)
    fill_in(page, email=email)
    seen = posts(page)
    page.get_by_role("button", name=NL["form.submit"], exact=True).dblclick()
    page.wait_for_url(f"{stack.stripe}/**")
    print(f"\ndouble click: {len(seen)} posts")
    assert stack.counts(email) == (1, 1)


def test_enter_three_times_is_one_order(stack: Stack, page: Page, email: str) -> None:
    page.goto(stack.form)
    fill_in(page, email=email)
    seen = posts(page)
    field(page, "email").focus()
    for _ in range(3):
        page.keyboard.press("Enter")
    page.wait_for_url(f"{stack.stripe}/**")
    print(f"\nthree times Enter: {len(seen)} posts")
    assert stack.counts(email) == (1, 1)


def test_impatience_while_stripe_is_slow_still_ends_at_the_checkout(stack: Stack, page: Page, email: str) -> None:
    """The browser shows the answer to the last post, and that one finds Stripe busy with the first."""
    page.goto(stack.form)
    fill_in(page, email=email)
    seen = posts(page)
    field(page, "email").focus()
    with stack.stripe_fault("checkout.sessions.create", "slow", seconds=1.5):
        for _ in range(3):
            page.keyboard.press("Enter")
            page.wait_for_timeout(200)
        page.wait_for_url(lambda url: url != stack.form)
    print(f"\nimpatience: {len(seen)} posts")
    assert stack.counts(email) == (1, 1)
    assert page.url.startswith(stack.stripe)


def test_two_tabs_with_their_own_form_are_two_orders(stack: Stack, open_page: OpenPage, email: str) -> None:
    """Two organisations of one person: nothing is thrown together that was filled in apart."""
    for organisation in (ORGANISATION, OTHER):
        page = open_page()
        page.goto(stack.form)
        fill_in(page, email=email, organisation=organisation)
        send(page)
        assert page.url.startswith(stack.stripe)
    assert stack.counts(email) == (2, 2)


def test_reload_of_the_payment_page_and_of_the_order_changes_nothing(stack: Stack, page: Page, email: str) -> None:
    page.goto(stack.form)
    fill_in(page, email=email)
    send(page)
    page.reload()
    pay(page)
    wait_for_heading(page, NL["order.paid.title"])
    page.reload()
    wait_for_heading(page, NL["order.paid.title"])
    assert stack.counts(email) == (1, 1)
    assert len(stack.wait_for_mails(email)) == 2
