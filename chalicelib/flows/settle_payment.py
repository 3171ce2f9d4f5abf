"""Settle a payment: apply what a checkout session, fetched afresh, says; from webhook, return page and sweep alike."""

import logging
from datetime import datetime

from chalicelib.domain.checkout import CheckoutSession
from chalicelib.domain.email import Email, EmailKind, new_email
from chalicelib.domain.error import AlreadyExists, Changed, QueueUnavailable, StorageUnavailable
from chalicelib.domain.membership import start_membership
from chalicelib.domain.offer import OfferKind
from chalicelib.domain.order import News, Order, Verdict
from chalicelib.ports import PaymentGateway, Queue, Store, UnitOfWork

log = logging.getLogger(__name__)


def settle_session(
    session_id: str, *, store: Store, gateway: PaymentGateway, emails: Queue, now: datetime
) -> Order | None:
    """Ask the payment service about a session, then settle it. Raises Unavailable; repeating is harmless."""
    session = gateway.fetch(session_id)
    if session is None:
        log.warning("session_not_ours session_id=%s", session_id)
        return None
    return settle_payment(session, store=store, emails=emails, now=now)


def settle_payment(session: CheckoutSession, *, store: Store, emails: Queue, now: datetime) -> Order | None:
    """Apply a session to its order, in one commit with all that follows; the order as it then is.

    Twice, late, out of order: no effect. None when the order is unknown here.
    """
    for _ in range(5):
        unit = store.unit_of_work()
        order = unit.orders.get(session.order_id)
        if order is None:
            log.error("order_unknown order_id=%s session_id=%s", session.order_id, session.id)
            return None
        verdict = order.hear(session, now=now)
        if not verdict.changed or _known_second_payment(verdict, unit):
            log.info(
                "payment_news_ignored order_id=%s state=%s news=%s", order.id, order.state.value, verdict.news.value
            )
            return order
        settled, outbox = _stage(verdict, unit=unit, now=now)
        try:
            unit.commit()
        except (Changed, AlreadyExists):
            continue  # somebody heard the same news at the same time: look at what they made of it
        _tell(settled, verdict)
        dispatch(outbox, queue=emails)
        return settled
    raise StorageUnavailable(f"order {session.order_id} kept changing")


def dispatch(outbox: list[Email], *, queue: Queue) -> None:
    """Hand emails to the fast path; what it does not take is found by the sweep."""
    for email in outbox:
        try:
            queue.put(email.id)
        except QueueUnavailable:
            log.warning("email_left_for_sweep email_id=%s", email.id)


def _known_second_payment(verdict: Verdict, unit: UnitOfWork) -> bool:
    """A second payment leaves the order as it is, so only its own row tells that it was heard before."""
    if verdict.news is not News.SECOND_PAYMENT or verdict.payment is None:
        return False
    return unit.payments.get(verdict.payment.id) is not None


def _stage(verdict: Verdict, *, unit: UnitOfWork, now: datetime) -> tuple[Order, list[Email]]:
    order = unit.orders.update(verdict.order)
    if verdict.payment:
        unit.payments.add(verdict.payment)
    return order, _confirm(order, unit=unit, now=now) if verdict.confirmed else []


def _confirm(order: Order, *, unit: UnitOfWork, now: datetime) -> list[Email]:
    outbox = [new_email(kind=EmailKind.CONFIRMATION, order_id=order.id, language=order.language, now=now)]
    for line in order.lines:
        if line.starts is OfferKind.MEMBERSHIP:
            buyer = unit.buyers.get(order.id)
            assert buyer is not None, "a buyer is erased only after the order has ended"
            assert order.paid_at is not None, "only a paid order is confirmed"
            unit.memberships.add(start_membership(order=order, line=line, buyer=buyer, paid_at=order.paid_at))
            outbox.append(new_email(kind=EmailKind.WELCOME, order_id=order.id, language=order.language, now=now))
    for email in outbox:
        unit.emails.add(email)
    return outbox


def _tell(order: Order, verdict: Verdict) -> None:
    if verdict.alarm:
        session_id = verdict.payment.session_id if verdict.payment else order.session_id
        log.error("%s order_id=%s session_id=%s", verdict.alarm, order.id, session_id)
    amount = f" amount_cents={verdict.payment.amount_cents}" if verdict.payment else ""
    log.info("order_%s order_id=%s news=%s%s", order.state.value, order.id, verdict.news.value, amount)
