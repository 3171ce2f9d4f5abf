"""Send what is written when an order does not end as it began: each mail tells of its own money, and of no other."""

from __future__ import annotations

import pytest

from chalicelib.domain.email import Letter
from chalicelib.domain.order import Order
from chalicelib.domain.state import State
from chalicelib.flows.cancel_order import cancel_order
from chalicelib.flows.refund_order import refund_order
from tests.desk import ANSWERS, Desk
from tests.events import EVENT, attending, sample_event

BEA = "bea@elders.nl"


@pytest.fixture
def order(desk: Desk) -> Order:
    """A paid order of two, whose mails have gone."""
    desk.put_offer(sample_event())
    registered = desk.register(attending(ANSWERS, BEA), offer_id=EVENT).order
    return paid(desk, desk.open_checkout(registered).order)


def paid(desk: Desk, order: Order) -> Order:
    desk.gateway.pay(order.session_id)
    return heard(desk, order)


def heard(desk: Desk, order: Order) -> Order:
    """The order after news of it, whose mails have gone."""
    desk.payments.put(order.session_id)
    desk.work()
    return desk.order(order.id)


def letters_after(desk: Desk, *, sent: int) -> list[tuple[str, Letter]]:
    desk.work()
    return desk.sender.sent[sent:]


def refund(desk: Desk, order: Order, *, cents: int, key: str) -> None:
    refund_order(
        order.id, amount_cents=cents, key=key, by="staff", store=desk.store, emails=desk.emails, now=desk.clock()
    )


def cancel(desk: Desk, order: Order, *, cents: int) -> None:
    cancel_order(
        order.id, refund_cents=cents, key="cancel", by="staff", store=desk.store, emails=desk.emails, now=desk.clock()
    )


def test_each_refund_has_a_mail_with_its_own_amount(desk: Desk, order: Order) -> None:
    sent = len(desk.sender.sent)
    refund(desk, order, cents=1234, key="one")
    refund(desk, order, cents=567, key="two")
    (_, first), (_, second) = letters_after(desk, sent=sent)
    assert [letter.to for letter in (first, second)] == [ANSWERS.email] * 2
    for part in ("html", "text", "subject"):
        assert ("12,34" in getattr(first, part), "5,67" in getattr(first, part)) == (True, False)
        assert ("12,34" in getattr(second, part), "5,67" in getattr(second, part)) == (False, True)


@pytest.mark.parametrize("cents", [0, 5000])
def test_the_buyer_of_a_cancelled_order_is_told_what_goes_back_and_nobody_else(
    desk: Desk, order: Order, cents: int
) -> None:
    sent = len(desk.sender.sent)
    cancel(desk, order, cents=cents)
    (_, letter), *others = letters_after(desk, sent=sent)
    assert letter.to == ANSWERS.email
    assert others
    for _, other in others:
        assert other.to != ANSWERS.email
        assert "is niet meer geldig" in other.text
        assert "€" not in other.html + other.text
        assert desk.application.links.order(order.id, order.language) not in other.html + other.text
    for part in (letter.html, letter.text):
        assert "De tickets zijn niet meer geldig." in part
        assert ("50,00" in part) == bool(cents)
        assert ("€" in part) == bool(cents)


def test_a_cancellation_does_not_tell_of_an_earlier_refund(desk: Desk, order: Order) -> None:
    refund(desk, order, cents=1234, key="one")
    desk.work()
    sent = len(desk.sender.sent)
    cancel(desk, order, cents=0)
    (_, letter), *_ = letters_after(desk, sent=sent)
    assert "12,34" not in letter.html + letter.text


def test_who_believes_to_have_paid_is_told_that_it_failed(desk: Desk) -> None:
    order = desk.open_checkout(desk.register().order).order
    desk.gateway.pay_later(order.session_id)
    assert heard(desk, order).state is State.PROCESSING
    desk.gateway.fail_later(order.session_id)
    assert heard(desk, order).state is State.EXPIRED
    ((email_id, letter),) = desk.sender.sent
    assert email_id == f"payment_failed-{order.id}"
    page = desk.application.links.order(order.id, order.language)
    assert page in letter.html
    assert page in letter.text
    assert "vervallen" in letter.text
