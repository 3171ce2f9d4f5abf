"""The queue refuses every message for ever: all that it would have carried happens by the sweep."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest
import stripe

from chalicelib.domain.email import Delivery, EmailKind
from chalicelib.domain.order import Order
from chalicelib.domain.state import State
from chalicelib.entrypoints.schedules import EMAIL_PATIENCE
from chalicelib.flows.cancel_order import cancel_order
from chalicelib.flows.refund_order import refund_order
from chalicelib.ports import MailSender
from devstack.environment import WEBHOOK_SECRET
from tests.crash.books import Books
from tests.desk import ANSWERS, FORM, Desk
from tests.events import EVENT, FREE, attending, sample_event

PAIR = attending(ANSWERS, "bea@elders.nl")
OTHERS = attending(replace(ANSWERS, email="carla@elders.nl"), "dirk@elders.nl")
# A hold and a minute, then Stripe is asked.
HOLD_IS_OVER = 36


@pytest.fixture
def dead(desk: Desk) -> Desk:
    """A desk whose queues have never taken anything, and a congress of two seats."""
    desk.emails.down = desk.payments.down = True
    desk.put_offer(sample_event(event={"capacity": 2}))
    return desk


def wait(desk: Desk, *minutes: int) -> None:
    for duration in minutes:
        desk.clock.advance(minutes=duration)
        desk.sweep()


def paid(desk: Desk, *, key: str = "a-form-key-of-a-visitor") -> Order:
    """Two for the congress, paid; nobody has told us."""
    order = desk.open_checkout(desk.register(PAIR, key=key, offer_id=EVENT).order).order
    desk.gateway.pay(order.session_id)
    return order


def mails(desk: Desk) -> Counter[str]:
    return Counter(email_id.partition("-")[0] for email_id in desk.sender.ids())


def is_right(desk: Desk) -> None:
    """The books are right, every mail went once, and the queues were never used."""
    books = Books(desk)
    assert [*books.faults_at_the_end(), *books.faults_of_money()] == []
    assert {email.delivery for email in books.emails} <= {Delivery.SENT}
    assert set(Counter(desk.sender.ids()).values()) <= {1}
    assert desk.emails.messages == desk.payments.messages == []


def test_a_webhook_is_not_thanked_for_so_stripe_brings_it_again(dead: Desk) -> None:
    order = paid(dead)
    body = json.dumps(
        {
            "id": "evt_1",
            "object": "event",
            "api_version": "2026-10-28.endive",
            "livemode": False,
            "type": "checkout.session.completed",
            "data": {"object": {"id": order.session_id, "metadata": {"app": "loket", "stage": "dev"}}},
        }
    )
    stamp = int(dead.clock().timestamp())
    signature = stripe.WebhookSignature.generate_signature_header(body, WEBHOOK_SECRET, timestamp=stamp)
    headers = {"content_type": "application/json", "stripe_signature": signature}
    assert dead.post("/webhooks/stripe", body, **headers).status_code == 503
    dead.payments.down = False
    assert dead.post("/webhooks/stripe", body, **headers).status_code == 200
    assert dead.payments.take() == [order.session_id]


def test_a_paid_order_is_settled_at_the_end_of_its_hold_and_its_mails_go(dead: Desk) -> None:
    order = paid(dead)
    wait(dead, HOLD_IS_OVER - 1)
    assert dead.order(order.id).state is State.PENDING
    wait(dead, 1)
    assert dead.order(order.id).state is State.PAID
    wait(dead, 1)
    assert mails(dead) == {EmailKind.CONFIRMATION: 1, EmailKind.TICKET: 2}
    is_right(dead)


def test_a_buyer_who_comes_back_is_confirmed_at_once_and_his_mails_go_within_two_minutes(dead: Desk) -> None:
    answer = dead.post("/nl/lidmaatschap", FORM)
    session_id = answer.headers["Location"].rpartition("/")[2]
    dead.gateway.pay(session_id)
    [order] = Books(dead).orders
    page = dead.application.links.paid(order).removeprefix(dead.application.settings.base_url)
    assert dead.get(page).status_code == 200
    assert dead.order(order.id).state is State.PAID
    wait(dead, 1)
    assert mails(dead) == {EmailKind.CONFIRMATION: 1, EmailKind.WELCOME: 1}
    is_right(dead)


def test_a_free_registration_is_confirmed_and_told(dead: Desk) -> None:
    dead.put_offer(sample_event(**FREE, id="vergadering"))
    order = dead.register(PAIR, offer_id="vergadering").order
    assert order.state is State.CONFIRMED
    wait(dead, 1)
    assert mails(dead) == {EmailKind.CONFIRMATION: 1, EmailKind.TICKET: 2}
    is_right(dead)


def test_late_money_whose_seats_are_gone_goes_back(dead: Desk) -> None:
    order = dead.open_checkout(dead.register(PAIR, offer_id=EVENT).order).order
    wait(dead, HOLD_IS_OVER)
    assert dead.order(order.id).state is State.EXPIRED
    other = dead.open_checkout(dead.register(OTHERS, key="the-key-of-somebody-else", offer_id=EVENT).order).order
    dead.gateway.pay(other.session_id)
    wait(dead, HOLD_IS_OVER)
    # no webhook came through, and nothing is due: the comparison with Stripe finds it
    dead.gateway.pay_anyway(order.session_id)
    dead.clock.advance(minutes=5)
    dead.reconcile()
    assert dead.order(order.id).state is State.REFUND_DUE
    wait(dead, 1, 1)
    assert dead.order(order.id).kept_cents == 0
    assert mails(dead)[EmailKind.REFUND] == 1
    dead.reconcile()
    is_right(dead)


def test_a_refund_and_a_cancellation_are_carried_out_and_told(dead: Desk) -> None:
    order = paid(dead)
    wait(dead, HOLD_IS_OVER, 1)
    store, emails = dead.store, dead.emails
    refund_order(order.id, amount_cents=1000, key="part", by="staff", store=store, emails=emails, now=dead.clock())
    wait(dead, 1, 1)
    assert dead.order(order.id).refunded_cents == 1000
    cancel_order(order.id, refund_cents=2000, key="cancel", by="staff", store=store, emails=emails, now=dead.clock())
    wait(dead, 1, 1)
    after = dead.order(order.id)
    assert (after.state, after.refunded_cents) == (State.CANCELLED, 3000)
    told = mails(dead)
    assert (told[EmailKind.REFUND], told[EmailKind.CANCELLATION] >= 1) == (1, True)
    assert dead.seats(EVENT) == {EVENT: (0, 0)}
    dead.reconcile()
    is_right(dead)


def test_a_queue_that_takes_everything_and_hands_out_nothing_is_as_dead(desk: Desk) -> None:
    """Nobody works: what was offered for ten minutes the sweep sends itself."""
    desk.put_offer(sample_event(**FREE, id="vergadering"))
    desk.register(PAIR, offer_id="vergadering")
    wait(desk, *[1] * 9)
    assert mails(desk) == {}
    wait(desk, 1)
    assert mails(desk) == {EmailKind.CONFIRMATION: 1, EmailKind.TICKET: 2}
    # and a worker that comes to life finds nothing to do
    assert len(desk.emails.messages) > 3
    desk.work()
    is_right(desk)


def test_while_a_dead_queue_and_a_slow_mail_service_last_the_orders_have_their_time(dead: Desk) -> None:
    """However many mails wait, the sweep turns to the orders, and goes on with the mails a minute later."""
    dead.put_offer(sample_event(**FREE, id="vergadering", event={"capacity": 100}))
    for number in range(8):
        dead.register(ANSWERS, key=f"a-form-key-of-visitor-{number}", offer_id="lidmaatschap")
    people = attending(ANSWERS, *(f"persoon{number}@elders.nl" for number in range(19)))
    dead.register(people, offer_id="vergadering")
    dead.application.sender = _Slow(dead, takes=timedelta(seconds=2))
    wait(dead, HOLD_IS_OVER)
    sent = len(dead.sender.ids())
    assert sent == EMAIL_PATIENCE // timedelta(seconds=2) + 1
    assert {order.state for order in Books(dead).orders} == {State.CONFIRMED, State.EXPIRED}
    wait(dead, 1, 1, 1)
    assert mails(dead) == {EmailKind.CONFIRMATION: 1, EmailKind.TICKET: 20}
    is_right(dead)


def test_a_queue_that_refuses_once_in_a_sweep_is_not_asked_again_in_it(dead: Desk) -> None:
    """It may take seconds to refuse; the next sweep asks again, and then leaves the mails to the worker."""
    asked: list[str] = []
    dead.put_offer(sample_event(**FREE, id="vergadering"))
    dead.register(PAIR, offer_id="vergadering")

    class Counting:
        """The queue, and how often it was asked."""

        def put(self, message: str) -> None:
            asked.append(message)
            dead.emails.put(message)

    dead.application.emails = Counting()
    dead.clock.advance(minutes=1)
    dead.sweep()
    assert (len(asked), len(dead.sender.ids())) == (1, 3)
    dead.register(OTHERS, key="the-key-of-somebody-else", offer_id="vergadering")
    dead.emails.down, asked[:] = False, []
    dead.clock.advance(minutes=1)
    dead.sweep()
    assert (len(asked), len(dead.sender.ids())) == (3, 3)


class _Slow:
    """A mail service that takes its time."""

    def __init__(self, desk: Desk, *, takes: timedelta) -> None:
        self._desk, self._sender, self._takes = desk, desk.sender, takes

    def send(self, letter: object, *, email_id: str) -> str:
        self._desk.clock.moment += self._takes
        sender: MailSender = self._sender
        return sender.send(letter, email_id=email_id)  # type: ignore[arg-type]  # a letter
