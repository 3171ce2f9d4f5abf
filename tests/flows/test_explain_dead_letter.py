"""Explain a dead letter: what it is about, how that stands now, and that looking changes nothing."""

from __future__ import annotations

import itertools
import json
from dataclasses import replace
from typing import Any

import pytest

from chalicelib.domain.dead_letter import DeadLetter, Explained, Matter, WorkerQueue
from chalicelib.domain.email import Delivery, MailNews
from chalicelib.domain.error import MailPostponed, PaymentRefused
from chalicelib.domain.order import Order
from chalicelib.domain.refund import RefundNews, RefundState
from chalicelib.domain.state import State
from chalicelib.flows.explain_dead_letter import explain_dead_letter
from chalicelib.flows.record_delivery import record_delivery
from chalicelib.flows.settle_payment import settle_session
from tests.crash.saboteur import Fault, Saboteur
from tests.desk import Desk

PAYMENTS, EMAILS, DELIVERIES = WorkerQueue
_ids = (f"letter-{number}" for number in itertools.count())


@pytest.fixture
def order(desk: Desk) -> Order:
    return desk.open_checkout(desk.register().order).order


def explained(desk: Desk, queue: WorkerQueue, body: str) -> Explained:
    """The letter, explained; whoever looks changes nothing."""
    before = desk.items(), list(desk.emails.messages), list(desk.sender.sent)
    letter = DeadLetter(id=next(_ids), queue=queue, body=body, put_at=desk.clock(), handed_out=6)
    found = explain_dead_letter(
        letter,
        store=desk.store,
        gateway=desk.application.gateway,
        read_news=desk.application.read_mail_event,
        now=desk.clock(),
    )
    assert (desk.items(), desk.emails.messages, desk.sender.sent) == before
    assert found.letter is letter
    return found


def settle(desk: Desk, session_id: str) -> None:
    settle_session(session_id, store=desk.store, gateway=desk.gateway, emails=desk.emails, now=desk.clock())


def event(kind: str, email_id: str, **more: Any) -> str:
    return json.dumps({"eventType": kind, "mail": {"messageId": "m-1", "tags": {"email": [email_id]}}, **more})


# Payments


def test_a_payment_that_the_order_has_not_heard_of(desk: Desk, order: Order) -> None:
    desk.gateway.pay(order.session_id)
    found = explained(desk, PAYMENTS, order.session_id)
    assert (found.matter, found.order, found.becomes) == (Matter.ORDER_BEHIND, order, State.PAID)
    assert found.to_do


def test_a_payment_that_was_heard_of_meanwhile(desk: Desk, order: Order) -> None:
    desk.gateway.pay(order.session_id)
    settle(desk, order.session_id)
    found = explained(desk, PAYMENTS, order.session_id)
    assert (found.matter, found.order) == (Matter.ORDER_UP_TO_DATE, desk.order(order.id))
    assert not found.to_do


def test_a_session_that_is_still_open_has_nothing_to_say(desk: Desk, order: Order) -> None:
    assert explained(desk, PAYMENTS, order.session_id).matter is Matter.ORDER_UP_TO_DATE


def test_a_second_payment_is_news_once(desk: Desk, order: Order) -> None:
    desk.gateway.pay(order.session_id)
    settle(desk, order.session_id)
    first, twin = desk.gateway.stored[order.session_id], f"{order.session_id}_twin"
    desk.gateway.stored[twin] = replace(first, session=replace(first.session, id=twin, payment_id=f"pi_{twin}"))
    assert explained(desk, PAYMENTS, twin).matter is Matter.ORDER_BEHIND
    settle(desk, twin)
    assert explained(desk, PAYMENTS, twin).matter is Matter.ORDER_UP_TO_DATE


def test_a_payment_of_an_order_that_is_not_there(desk: Desk, order: Order) -> None:
    desk.gateway.pay(order.session_id)
    elsewhere = Desk()
    elsewhere.application.gateway = elsewhere.gateway = desk.gateway
    assert explained(elsewhere, PAYMENTS, order.session_id).matter is Matter.ORDER_UNKNOWN


def test_a_refund_made_elsewhere_is_news_once(desk: Desk, order: Order) -> None:
    desk.gateway.pay(order.session_id)
    settle(desk, order.session_id)
    refund = RefundNews(
        id="re_1",
        command="",
        amount_cents=100,
        state=RefundState.SUCCEEDED,
        created_at=desk.clock(),
        moved_at=desk.clock(),
        returned_at=None,
        trouble="",
    )
    stored = desk.gateway.stored[order.session_id]
    stored.session = replace(stored.session, refunds=(refund,))
    found = explained(desk, PAYMENTS, order.session_id)
    assert (found.matter, found.becomes) == (Matter.ORDER_BEHIND, State.PAID)
    settle(desk, order.session_id)
    assert explained(desk, PAYMENTS, order.session_id).matter is Matter.ORDER_UP_TO_DATE


def test_a_payment_may_be_named_by_its_own_id(desk: Desk, order: Order) -> None:
    session = desk.gateway.pay(order.session_id)
    assert explained(desk, PAYMENTS, session.payment_id).matter is Matter.ORDER_BEHIND
    settle(desk, order.session_id)
    assert explained(desk, PAYMENTS, session.payment_id).matter is Matter.ORDER_UP_TO_DATE


def test_a_payment_that_is_not_of_this_desk(desk: Desk) -> None:
    assert explained(desk, PAYMENTS, "cs_test_somebody_elses").matter is Matter.SESSION_UNKNOWN


@pytest.mark.parametrize("body", ["ada@voorbeeldstad.nl", "a b", "../x", "x" * 256, '{"id": 1}', "é"])
@pytest.mark.parametrize("queue", [PAYMENTS, EMAILS])
def test_what_is_no_id_is_not_looked_up_anywhere(desk: Desk, queue: WorkerQueue, body: str) -> None:
    calls = Saboteur()
    calls.sit_on(desk)
    found = explained(desk, queue, body)
    assert (found.matter, found.readable, found.to_do) == (Matter.UNREADABLE, False, False)
    assert calls.calls == []


def test_what_stripe_refuses_to_look_up_is_unreadable_too(desk: Desk, order: Order) -> None:
    desk.gateway.failures.append(PaymentRefused("parameter_invalid"))
    assert explained(desk, PAYMENTS, order.session_id).matter is Matter.UNREADABLE


def test_while_stripe_is_silent_nothing_is_seen(desk: Desk, order: Order) -> None:
    desk.gateway.silent()
    found = explained(desk, PAYMENTS, order.session_id)
    assert (found.matter, found.readable) == (Matter.NOT_SEEN, True)


@pytest.mark.parametrize("queue", WorkerQueue)
def test_while_the_table_is_silent_nothing_is_seen(desk: Desk, order: Order, queue: WorkerQueue) -> None:
    desk.gateway.pay(order.session_id)
    settle(desk, order.session_id)
    email_id = f"confirmation-{order.id}"
    body = {PAYMENTS: order.session_id, EMAILS: email_id, DELIVERIES: event("Send", email_id)}[queue]
    Saboteur(dict.fromkeys(range(1, 20), Fault.REFUSED)).sit_on(desk)
    assert explained(desk, queue, body).matter is Matter.NOT_SEEN


# Emails


@pytest.fixture
def email_id(desk: Desk, order: Order) -> str:
    desk.gateway.pay(order.session_id)
    settle(desk, order.session_id)
    return f"confirmation-{order.id}"


def test_an_email_through_its_life(desk: Desk, order: Order, email_id: str) -> None:
    found = explained(desk, EMAILS, email_id)
    assert (found.matter, found.to_do, found.order) == (Matter.EMAIL_DUE, True, desk.order(order.id))
    desk.sender.failures.append(MailPostponed("Throttling"))
    desk.send(email_id)
    found = explained(desk, EMAILS, email_id)
    assert (found.matter, found.to_do) == (Matter.EMAIL_LATER, False)
    assert found.email is not None
    assert found.email.reason == "Throttling"
    desk.clock.advance(minutes=10)
    assert explained(desk, EMAILS, email_id).matter is Matter.EMAIL_DUE
    desk.send(email_id)
    assert explained(desk, EMAILS, email_id).matter is Matter.EMAIL_GONE


def test_an_email_that_was_given_up(desk: Desk, email_id: str) -> None:
    record_delivery(
        MailNews(email_id=email_id, delivery=Delivery.FAILED, message_id="", reason="Bad content"),
        store=desk.store,
        identity=desk.application.identity,
        now=desk.clock(),
    )
    found = explained(desk, EMAILS, email_id)
    assert (found.matter, found.to_do) == (Matter.EMAIL_GIVEN_UP, False)


def test_an_email_that_nobody_knows(desk: Desk) -> None:
    assert explained(desk, EMAILS, "confirmation-of-nothing").matter is Matter.EMAIL_UNKNOWN


# What the mail service tells


def test_news_is_new_once(desk: Desk, email_id: str) -> None:
    desk.send(email_id)
    body = event("Bounce", email_id, bounce={"bounceType": "Permanent", "bounceSubType": "General"})
    found = explained(desk, DELIVERIES, body)
    assert (found.matter, found.becomes, found.to_do) == (Matter.NEWS_NEW, Delivery.BOUNCED, True)
    news = desk.application.read_mail_event(body)
    assert news is not None
    record_delivery(news, store=desk.store, identity=desk.application.identity, now=desk.clock())
    found = explained(desk, DELIVERIES, body)
    assert (found.matter, found.becomes, found.to_do) == (Matter.NEWS_KNOWN, None, False)


def test_news_of_nothing_and_of_nobody(desk: Desk, email_id: str) -> None:
    assert explained(desk, DELIVERIES, event("Open", email_id)).matter is Matter.NEWS_OF_NOTHING
    assert explained(desk, DELIVERIES, event("Send", "of-another-desk")).matter is Matter.EMAIL_UNKNOWN


@pytest.mark.parametrize("body", ["no json", "{}", "[" * 100_000, '{"eventType": 3}', "null"])
def test_news_that_cannot_be_read(desk: Desk, body: str) -> None:
    assert explained(desk, DELIVERIES, body).matter is Matter.UNREADABLE
