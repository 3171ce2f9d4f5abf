"""Every button of the payment page, and what the buyer and the mailbox see afterwards."""

import re

import pytest
from playwright.sync_api import Page

from tests.browser.buyer import Buyer
from tests.browser.conftest import OpenPage
from tests.browser.pages import NL, field, fill_in, heading, order_code, pay, press, send, wait_for_heading
from tests.browser.stack import Json, Stack, wait_until

FAILED = "De betaling is mislukt. Er is niets betaald; probeer het opnieuw."
SUBJECTS = sorted(
    (
        re.compile(NL["mail.confirmation.paid.subject"].format(code=r"L\d\d-\w{4}")),
        re.compile(r"Welkom als lid van LPB"),
    ),
    key=lambda subject: subject.pattern,
)


@pytest.fixture
def at_stripe(page: Page, buyer: Buyer) -> Page:
    """A page that has just come to the payment page."""
    page.goto(buyer.register().pay_url)
    return page


def one_of_each_kind(mails: list[Json]) -> bool:
    subjects = sorted(mail["subject"] for mail in mails)
    return len(subjects) == len(SUBJECTS) and all(
        known.fullmatch(subject) for known, subject in zip(SUBJECTS, subjects, strict=True)
    )


def test_cancel_then_pay_after_all(stack: Stack, at_stripe: Page, buyer: Buyer) -> None:
    press(at_stripe, "Annuleren")
    assert heading(at_stripe) == NL["cancelled.title"]
    code = order_code(at_stripe)
    press(at_stripe, NL["order.pay"])
    assert at_stripe.url == buyer.pay_url
    pay(at_stripe)
    assert heading(at_stripe) == NL["order.paid.title"]
    assert order_code(at_stripe) == code
    assert one_of_each_kind(stack.wait_for_mails(buyer.email))


def test_cancel_then_let_go_then_begin_again(stack: Stack, at_stripe: Page, buyer: Buyer) -> None:
    press(at_stripe, "Annuleren")
    press(at_stripe, NL["order.release"])
    assert heading(at_stripe) == NL["order.expired.title"]
    assert stack.sessions(buyer.email)[0]["status"] == "expired"
    first = order_code(at_stripe)

    press(at_stripe, NL["order.again"])
    assert field(at_stripe, "email").input_value() == buyer.email
    send(at_stripe)
    assert at_stripe.url != buyer.pay_url
    pay(at_stripe)
    assert heading(at_stripe) == NL["order.paid.title"]
    assert order_code(at_stripe) != first
    assert one_of_each_kind(stack.wait_for_mails(buyer.email))
    assert [order["state"] for order in stack.orders(buyer.email)] == ["expired", "paid"]


def test_failed_payment_can_be_tried_again_at_once(stack: Stack, at_stripe: Page, buyer: Buyer) -> None:
    press(at_stripe, "Betaling mislukt De bank weigert; opnieuw proberen kan.")
    assert at_stripe.get_by_role("alert").inner_text() == FAILED
    assert stack.orders(buyer.email)[0]["state"] == "pending"
    pay(at_stripe)
    assert heading(at_stripe) == NL["order.paid.title"]
    assert one_of_each_kind(stack.wait_for_mails(buyer.email))


def test_pay_later_is_confirmed_when_the_money_comes(stack: Stack, at_stripe: Page, buyer: Buyer) -> None:
    press(at_stripe, "Later betalen Het geld komt later, of niet: dat kiest u daarna.")
    assert heading(at_stripe) == NL["order.processing.title"]
    order_url = at_stripe.url
    assert stack.mails(buyer.email) == []

    at_stripe.goto(buyer.pay_url)
    press(at_stripe, "Het geld is binnen")
    assert one_of_each_kind(stack.wait_for_mails(buyer.email))
    at_stripe.goto(order_url)
    assert heading(at_stripe) == NL["order.paid.title"]


def test_pay_later_whose_money_never_comes(stack: Stack, at_stripe: Page, buyer: Buyer) -> None:
    press(at_stripe, "Later betalen Het geld komt later, of niet: dat kiest u daarna.")
    order_url = at_stripe.url
    at_stripe.goto(buyer.pay_url)
    press(at_stripe, "Het geld komt niet")
    at_stripe.goto(order_url)
    wait_for_heading(at_stripe, NL["order.failed.title"])
    assert at_stripe.get_by_role("button", name=NL["order.again"]).is_visible()
    [mail] = stack.wait_for_mails(buyer.email, count=1)
    assert mail["subject"].startswith(NL["mail.payment_failed.subject"].partition("(")[0])


def test_webhook_twice_gives_one_mail_of_each_kind(stack: Stack, at_stripe: Page, buyer: Buyer) -> None:
    press(at_stripe, "Betalen, webhook tweemaal Hetzelfde bericht komt twee keer tegelijk.")
    assert heading(at_stripe) == NL["order.paid.title"]
    wait_until(
        lambda: [each["status"] for each in deliveries(stack, buyer)] == [200, 200],
        seconds=15,
        what=lambda: f"two deliveries; there are {deliveries(stack, buyer)}",
    )
    order_id = stack.orders(buyer.email)[0]["id"]
    # what the worker makes of the second one is in the log: only then there is no more to come
    wait_until(
        lambda: stack.said().count(f"payment_news_ignored order_id={order_id}") >= 2,
        seconds=15,
        what=lambda: "both webhooks are dealt with",
    )
    assert one_of_each_kind(stack.wait_for_mails(buyer.email))


def test_webhook_before_the_buyer_is_back(stack: Stack, at_stripe: Page, buyer: Buyer) -> None:
    press(at_stripe, "Betalen, webhook eerst Het bericht is er vóór de koper terugkeert.")
    assert heading(at_stripe) == NL["order.paid.title"]
    assert one_of_each_kind(stack.wait_for_mails(buyer.email))


def test_lost_webhook_is_made_good_by_the_page_the_buyer_returns_to(
    stack: Stack, at_stripe: Page, buyer: Buyer
) -> None:
    press(at_stripe, "Betalen, webhook verloren Het bericht komt nooit aan.")
    assert heading(at_stripe) == NL["order.paid.title"]
    assert one_of_each_kind(stack.wait_for_mails(buyer.email))
    assert deliveries(stack, buyer) == []


def test_page_refreshes_itself_while_stripe_does_not_answer(stack: Stack, open_page: OpenPage, buyer: Buyer) -> None:
    """The webhook is lost and Stripe is down when the buyer returns: he is told to wait, and need not do a thing."""
    page = open_page(javascript=False)
    page.goto(buyer.register().pay_url)
    with stack.stripe_fault("checkout.sessions.retrieve", "error_500", times=1000):
        press(page, "Betalen, webhook verloren Het bericht komt nooit aan.")
        assert heading(page) == NL["order.waiting.title"]
        assert page.get_by_role("button", name=NL["order.pay"]).count() == 0
    wait_for_heading(page, NL["order.paid.title"])
    assert one_of_each_kind(stack.wait_for_mails(buyer.email))


def test_paid_order_cannot_be_paid_again(stack: Stack, at_stripe: Page, buyer: Buyer) -> None:
    """Back on the payment page, and on a cancel page that was kept open meanwhile."""
    pay(at_stripe)
    wait_for_heading(at_stripe, NL["order.paid.title"])
    at_stripe.goto(buyer.pay_url)
    assert heading(at_stripe) == "Deze betaling is al gedaan"
    at_stripe.goto(f"{buyer.order_url}?from=cancel")
    assert heading(at_stripe) == NL["order.paid.title"]
    assert buyer.do("pay") == buyer.order_url
    assert buyer.do("release") == buyer.order_url
    assert [order["state"] for order in stack.orders(buyer.email)] == ["paid"]


def test_silent_stripe_leaves_a_page_with_a_button(stack: Stack, page: Page, email: str) -> None:
    page.goto(stack.form)
    fill_in(page, email=email)
    with stack.stripe_fault("checkout.sessions.create", "error_500", times=1000):
        send(page)
        assert heading(page) == NL["payment_unavailable.title"]
    code = order_code(page)
    press(page, NL["payment_unavailable.retry"])
    pay(page)
    wait_for_heading(page, NL["order.paid.title"])
    assert order_code(page) == code
    assert len(stack.orders(email)) == 1


def deliveries(stack: Stack, buyer: Buyer) -> list[Json]:
    """The attempts to bring this buyer's news."""
    books = stack.books()
    events = {event["id"] for event in books["events"] if event["data"]["object"]["id"] == buyer.session_id}
    return [delivery for delivery in books["deliveries"] if delivery["event"] in events]
