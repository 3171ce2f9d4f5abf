"""Settle a payment: apply what a checkout session, fetched afresh, says; from webhook, return page and sweep alike."""

import logging
from datetime import datetime

from chalicelib.domain.checkout import CheckoutSession
from chalicelib.domain.email import Email
from chalicelib.domain.error import AlreadyExists, Changed, SeatsTaken, StorageUnavailable
from chalicelib.domain.order import Order, Verdict
from chalicelib.domain.state import News
from chalicelib.flows.change_order import stage_holds, stage_seats
from chalicelib.flows.confirm_order import confirm_order
from chalicelib.flows.dispatch import dispatch
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
    seats_gone = False
    for _ in range(5):
        unit = store.unit_of_work()
        order = unit.orders.get(session.order_id)
        if order is None:
            log.error("order_unknown order_id=%s session_id=%s", session.order_id, session.id)
            return None
        verdict = order.hear(session, now=now, seats_gone=seats_gone)
        if not verdict.changed or _known_second_payment(verdict, unit):
            log.info(
                "payment_news_ignored order_id=%s state=%s news=%s", order.id, order.state.value, verdict.news.value
            )
            return order
        try:
            settled, outbox = _write(verdict, before=order, store=store, now=now)
        except (Changed, AlreadyExists):
            continue  # somebody heard the same news at the same time: look at what they made of it
        except SeatsTaken:
            seats_gone = True  # only an order that has let its seats go takes them here
            continue
        _tell(settled, verdict)
        dispatch(outbox, queue=emails)
        return settled
    raise StorageUnavailable(f"order {session.order_id} kept changing")


def _known_second_payment(verdict: Verdict, unit: UnitOfWork) -> bool:
    """A second payment leaves the order as it is, so only its own row tells that it was heard before."""
    if verdict.news is not News.SECOND_PAYMENT or verdict.payment is None:
        return False
    return unit.payments.get(verdict.payment.id) is not None


def _write(verdict: Verdict, *, before: Order, store: Store, now: datetime) -> tuple[Order, list[Email]]:
    unit = store.unit_of_work()
    order = unit.orders.update(verdict.order)
    offer = unit.offers.get(order.offer_id) if order.seats() else None
    stage_seats(order, before=before, offer=offer, unit=unit)
    stage_holds(order, before=before, unit=unit)
    if verdict.payment:
        unit.payments.add(verdict.payment)
    outbox = _confirm(order, unit=unit, store=store, now=now) if verdict.confirmed else []
    unit.commit()
    return order, outbox


def _confirm(order: Order, *, unit: UnitOfWork, store: Store, now: datetime) -> list[Email]:
    buyer = unit.buyers.get(order.id)
    assert buyer is not None, "a buyer is erased only after the order has ended"
    attendees = store.attendees(order.id) if order.seats() else ()
    return confirm_order(order, buyer=buyer, attendees=attendees, unit=unit, now=now)


def _tell(order: Order, verdict: Verdict) -> None:
    if verdict.alarm:
        session_id = verdict.payment.session_id if verdict.payment else order.session_id
        log.error("%s order_id=%s session_id=%s", verdict.alarm, order.id, session_id)
    amount = f" amount_cents={verdict.payment.amount_cents}" if verdict.payment else ""
    log.info("order_%s order_id=%s news=%s%s", order.state.value, order.id, verdict.news.value, amount)
