"""Settle a payment: one commit, once, whoever tells and however often."""

from datetime import date

import pytest

from chalicelib.domain.email import Delivery
from chalicelib.domain.order import Order
from chalicelib.domain.state import State
from chalicelib.flows.settle_payment import settle_payment, settle_session
from tests.desk import ANSWERS, Desk
from tests.flows.line import ASKING, meanwhile


@pytest.fixture
def order(desk: Desk) -> Order:
    return desk.open_checkout(desk.register().order).order


def settle(desk: Desk, session_id: str) -> Order | None:
    return settle_session(session_id, store=desk.store, gateway=desk.gateway, emails=desk.emails, now=desk.clock())


def test_paying_starts_the_membership_and_puts_both_mails_in_the_outbox(desk: Desk, order: Order) -> None:
    paid_at = desk.clock.advance(seconds=20)
    desk.gateway.pay(order.session_id)
    desk.clock.advance(hours=30)
    settled = settle(desk, order.session_id)
    assert settled is not None
    # however late we hear of it, it counts from when it was paid
    assert (settled.state, settled.paid_at, settled.due) == (State.PAID, paid_at, None)
    unit = desk.store.unit_of_work()
    membership, payment = unit.memberships.get(order.id), unit.payments.get(f"{order.id}#{settled.payment_id}")
    assert membership is not None
    assert payment is not None
    assert (membership.organisation, membership.domains) == (ANSWERS.organisation, ("voorbeeldstad.nl",))
    assert (membership.starts_on, membership.ends_on) == (date(2026, 11, 25), date(2027, 11, 24))
    assert (payment.amount_cents, payment.currency, payment.method) == (50000, "EUR", "ideal")
    assert sorted(desk.emails.messages) == [f"confirmation-{order.id}", f"welcome-{order.id}"]
    for email_id in desk.emails.messages:
        email = unit.emails.get(email_id)
        assert email is not None
        assert email.delivery is Delivery.QUEUED


def test_telling_it_again_does_nothing(desk: Desk, order: Order) -> None:
    desk.gateway.pay(order.session_id)
    settle(desk, order.session_id)
    before = desk.items()
    for _ in range(3):
        desk.clock.advance(minutes=1)
        settle(desk, order.session_id)
    assert desk.items() == before


def test_late_news_of_an_open_session_does_not_undo_a_payment(desk: Desk, order: Order) -> None:
    still_open = desk.gateway.fetch(order.session_id)
    assert still_open is not None
    desk.gateway.pay(order.session_id)
    settle(desk, order.session_id)
    settled = settle_payment(still_open, store=desk.store, emails=desk.emails, now=desk.clock())
    assert settled is not None
    assert settled.state is State.PAID


def test_a_session_nobody_knows_changes_nothing(desk: Desk, order: Order) -> None:
    before = desk.items()
    assert settle(desk, "cs_of_somebody_else") is None
    assert desk.items() == before


def test_a_queue_that_is_down_leaves_the_mails_to_the_sweep(desk: Desk, order: Order) -> None:
    desk.gateway.pay(order.session_id)
    desk.emails.down = True
    settled = settle(desk, order.session_id)
    assert settled is not None
    assert settled.state is State.PAID
    desk.emails.down = False
    desk.clock.advance(seconds=31)
    desk.sweep()
    desk.work()
    assert sorted(desk.sender.ids()) == [f"confirmation-{order.id}", f"welcome-{order.id}"]


def test_another_amount_is_booked_and_left_to_a_person(
    desk: Desk, order: Order, caplog: pytest.LogCaptureFixture
) -> None:
    desk.gateway.pay(order.session_id, amount_cents=1)
    settled = settle(desk, order.session_id)
    assert settled is not None
    assert settled.state is State.REVIEW
    assert len(desk.items("payment")) == 1
    assert desk.items("membership") == desk.items("email") == []
    assert "payment_amount_differs" in caplog.text


def test_a_delayed_payment_is_processing_until_it_is_settled(desk: Desk, order: Order) -> None:
    desk.gateway.pay_later(order.session_id)
    waiting = settle(desk, order.session_id)
    assert waiting is not None
    assert waiting.state is State.PROCESSING
    assert desk.items("membership") == []
    desk.clock.advance(days=2)
    desk.gateway.pay(order.session_id)
    settled = settle(desk, order.session_id)
    assert settled is not None
    assert settled.state is State.PAID


def test_a_delayed_payment_that_fails_ends_the_order(desk: Desk, order: Order) -> None:
    desk.gateway.pay_later(order.session_id)
    settle(desk, order.session_id)
    desk.gateway.fail_later(order.session_id)
    settled = settle(desk, order.session_id)
    assert settled is not None
    assert (settled.state, settled.due) == (State.EXPIRED, None)
    assert desk.items("membership") == []


def test_money_that_comes_after_the_order_was_let_go_is_accepted(desk: Desk, order: Order) -> None:
    desk.gateway.pay_later(order.session_id)
    settle(desk, order.session_id)
    desk.gateway.fail_later(order.session_id)
    settle(desk, order.session_id)
    desk.gateway.pay_later(order.session_id)
    desk.gateway.pay(order.session_id)
    settled = settle(desk, order.session_id)
    assert settled is not None
    assert settled.state is State.PAID
    assert len(desk.items("membership")) == 1


def test_who_reads_the_order_before_and_its_ledger_after_somebody_settled_sees_it_paid(
    desk: Desk, order: Order
) -> None:
    """The return page would say that it still waits for the payment."""
    desk.gateway.pay(order.session_id)
    meanwhile(desk, lambda: settle(desk, order.session_id), before=ASKING)
    settled = settle(desk, order.session_id)
    assert settled is not None
    assert settled.state is State.PAID
    assert len(desk.items("payment")) == 1


def test_two_who_hear_it_at_the_same_moment_see_the_same_order(desk: Desk, order: Order) -> None:
    """The webhook's worker commits between the return page's reading and its writing."""
    desk.gateway.pay(order.session_id)
    others: list[Order | None] = []

    def worker_first(**_: object) -> None:
        if not others:
            others.append(None)
            others.append(settle(desk, order.session_id))

    desk.client.meta.events.register_first("before-call.dynamodb.TransactWriteItems", worker_first)
    settled = settle(desk, order.session_id)
    assert settled is not None
    assert settled == others[1]
    assert settled.state is State.PAID
    assert len(desk.items("payment")) == len(desk.items("membership")) == 1
    assert len(desk.emails.messages) == 2
