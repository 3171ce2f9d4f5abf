"""Explain a dead letter: what it is about, and how that stands now; reads only."""

import re
from collections.abc import Callable
from datetime import datetime

from chalicelib.domain.dead_letter import DeadLetter, Explained, Matter, WorkerQueue
from chalicelib.domain.email import Delivery, MailNews
from chalicelib.domain.error import MailNewsRefused, PaymentRefused, Unavailable
from chalicelib.flows.settle_payment import PAYMENT_ID
from chalicelib.ports import PaymentGateway, Store

# What ids are made of, ours and the payment service's. Anything else is not looked up: it could be anything.
ID = re.compile(r"[A-Za-z0-9_-]{1,255}")


def explain_dead_letter(
    letter: DeadLetter,
    *,
    store: Store,
    gateway: PaymentGateway,
    read_news: Callable[[str], MailNews | None],
    now: datetime,
) -> Explained:
    """The letter with what became of its work; NOT_SEEN while the table or the payment service does not answer."""
    try:
        match letter.queue:
            case WorkerQueue.PAYMENTS:
                return _payment(letter, store=store, gateway=gateway, now=now)
            case WorkerQueue.EMAILS:
                return _email(letter, store=store, now=now)
            case WorkerQueue.DELIVERIES:
                return _news(letter, read_news(letter.body), store=store)
    except (PaymentRefused, MailNewsRefused):
        return Explained(letter=letter, matter=Matter.UNREADABLE)
    except Unavailable:
        return Explained(letter=letter, matter=Matter.NOT_SEEN)


def _payment(letter: DeadLetter, *, store: Store, gateway: PaymentGateway, now: datetime) -> Explained:
    if not ID.fullmatch(letter.body):
        return Explained(letter=letter, matter=Matter.UNREADABLE)
    session = gateway.find(letter.body) if letter.body.startswith(PAYMENT_ID) else gateway.fetch(letter.body)
    if session is None:
        return Explained(letter=letter, matter=Matter.SESSION_UNKNOWN)
    order = store.unit_of_work().orders.get(session.order_id)
    if order is None:
        return Explained(letter=letter, matter=Matter.ORDER_UNKNOWN)
    ledger = store.ledger(order.id)
    verdict = order.hear(session, now=now, booked=ledger.payment(session.payment_id) is not None)
    if not verdict.changed and ledger.heard(session, books=False, now=now) == ledger:
        return Explained(letter=letter, matter=Matter.ORDER_UP_TO_DATE, order=order)
    return Explained(letter=letter, matter=Matter.ORDER_BEHIND, order=order, becomes=verdict.order.state)


def _email(letter: DeadLetter, *, store: Store, now: datetime) -> Explained:
    if not ID.fullmatch(letter.body):
        return Explained(letter=letter, matter=Matter.UNREADABLE)
    unit = store.unit_of_work()
    email = unit.emails.get(letter.body)
    if email is None:
        return Explained(letter=letter, matter=Matter.EMAIL_UNKNOWN)
    if email.claimable(now=now):
        matter = Matter.EMAIL_DUE
    elif email.due is not None:
        matter = Matter.EMAIL_LATER
    else:
        matter = Matter.EMAIL_GIVEN_UP if email.delivery is Delivery.FAILED else Matter.EMAIL_GONE
    return Explained(letter=letter, matter=matter, email=email, order=unit.orders.get(email.order_id))


def _news(letter: DeadLetter, news: MailNews | None, *, store: Store) -> Explained:
    if news is None:
        return Explained(letter=letter, matter=Matter.NEWS_OF_NOTHING)
    unit = store.unit_of_work()
    email = unit.emails.get(news.email_id)
    if email is None:
        return Explained(letter=letter, matter=Matter.EMAIL_UNKNOWN)
    after, order = email.heard(news), unit.orders.get(email.order_id)
    if after is None:
        return Explained(letter=letter, matter=Matter.NEWS_KNOWN, email=email, order=order)
    return Explained(letter=letter, matter=Matter.NEWS_NEW, email=email, order=order, becomes=after.delivery)
