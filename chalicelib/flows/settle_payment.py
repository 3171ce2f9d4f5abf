"""Settle a payment: apply what a checkout session, fetched afresh, says; from webhook, return page and sweep alike."""

import logging
from datetime import datetime

from chalicelib.domain.checkout import CheckoutSession, Outcome
from chalicelib.domain.email import Email, EmailKind, new_email
from chalicelib.domain.error import AlreadyExists, Changed, SeatsAstray, SeatsTaken, StorageUnavailable
from chalicelib.domain.ledger import Ledger
from chalicelib.domain.order import Order, Verdict
from chalicelib.domain.refund import RefundReason, RefundState
from chalicelib.domain.state import Effect, News
from chalicelib.flows.change_order import log_astray, stage_holds, stage_seats
from chalicelib.flows.confirm_order import confirm_order
from chalicelib.flows.dispatch import dispatch
from chalicelib.flows.keep_ledger import refund_in_full, stage_ledger
from chalicelib.ports import PaymentGateway, Queue, Store, UnitOfWork

log = logging.getLogger(__name__)

# What the payment service calls the payment in a session, which is all that news of a refund or a dispute tells.
PAYMENT_ID = "pi_"


def settle_news(news_id: str, *, store: Store, gateway: PaymentGateway, emails: Queue, now: datetime) -> Order | None:
    """Settle the session that a message names, by its own id or by that of its payment. Raises Unavailable."""
    session = gateway.find(news_id) if news_id.startswith(PAYMENT_ID) else gateway.fetch(news_id)
    if session is None:
        log.warning("session_not_ours news_id=%s", news_id)
        return None
    return settle_payment(session, store=store, emails=emails, now=now)


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

    The session tells all that became of its payment too: refunds, wherever they were made, and disputes.
    Twice, late, out of order: no effect. None when the order is unknown here.
    """
    seats_gone = astray = False
    for _ in range(5):
        unit = store.unit_of_work()
        order = unit.orders.get(session.order_id)
        if order is None:
            log.error("order_unknown order_id=%s session_id=%s", session.order_id, session.id)
            return None
        ledger = store.ledger(order.id) if session.outcome is Outcome.PAID else Ledger()
        booked = ledger.payment(session.payment_id) is not None
        verdict = order.hear(session, now=now, seats_gone=seats_gone, booked=booked)
        # what an order knows to be its payment stands in its ledger, or is put there
        books = Effect.BOOK in verdict.effects or (verdict.news is News.KNOWN_PAYMENT and not booked)
        heard = ledger.heard(session, books=books, now=now)
        if not verdict.changed and heard == ledger:
            log.info("payment_news_ignored order_id=%s state=%s news=%s", order.id, order.state.value, verdict.news)
            # a payment that the ledger knows and the order does not was booked between the two readings
            return unit.orders.get(order.id) if booked and not order.payment_id else order
        try:
            settled, outbox = _write(
                verdict, session, before=order, heard=heard, ledger=ledger, store=store, now=now, astray=astray
            )
        except (Changed, AlreadyExists):
            continue  # somebody heard the same news at the same time: look at what they made of it
        except SeatsAstray as conflict:
            log_astray(conflict, order=order)
            astray = True
            continue
        except SeatsTaken:
            seats_gone = True  # only an order that has let its seats go takes them here
            continue
        _tell(settled, verdict, session=session, heard=heard, ledger=ledger)
        dispatch(outbox, queue=emails)
        return settled
    raise StorageUnavailable(f"order {session.order_id} kept changing")


def _write(
    verdict: Verdict,
    session: CheckoutSession,
    *,
    before: Order,
    heard: Ledger,
    ledger: Ledger,
    store: Store,
    now: datetime,
    astray: bool,
) -> tuple[Order, list[Email]]:
    unit = store.unit_of_work()
    outbox: list[Email] = []
    if Effect.GIVE_BACK in verdict.effects:
        reason = RefundReason.SECOND if verdict.news is News.SECOND_PAYMENT else RefundReason.LATE
        heard, outbox = refund_in_full(
            heard, payment_id=session.payment_id, reason=reason, order=before, unit=unit, now=now
        )
    stage_ledger(heard, before=ledger, unit=unit)
    order = unit.orders.update(verdict.order.with_totals(heard) if heard != ledger else verdict.order)
    offer = unit.offers.get(order.offer_id) if order.seats() else None
    stage_seats(order, before=before, offer=offer, unit=unit, astray=astray)
    stage_holds(order, before=before, unit=unit)
    if Effect.CONFIRM in verdict.effects:
        outbox += _confirm(order, unit=unit, store=store, now=now)
    if Effect.TELL_FAILED in verdict.effects:
        outbox += _tell_failed(order, unit=unit, now=now)
    unit.commit()
    return order, outbox


def _confirm(order: Order, *, unit: UnitOfWork, store: Store, now: datetime) -> list[Email]:
    buyer = unit.buyers.get(order.id)
    assert buyer is not None, "a buyer is erased only after the order has ended"
    attendees = store.attendees(order.id) if order.seats() else ()
    return confirm_order(order, buyer=buyer, attendees=attendees, unit=unit, now=now)


def _tell_failed(order: Order, *, unit: UnitOfWork, now: datetime) -> list[Email]:
    """Stage the mail that says so; nothing when it was said before: late news may have made the order wait again."""
    email = new_email(kind=EmailKind.PAYMENT_FAILED, order_id=order.id, language=order.language, now=now)
    if unit.emails.get(email.id) is not None:
        return []
    unit.emails.add(email)
    return [email]


def _tell(order: Order, verdict: Verdict, *, session: CheckoutSession, heard: Ledger, ledger: Ledger) -> None:
    if verdict.alarm:
        log.error("%s order_id=%s session_id=%s", verdict.alarm, order.id, session.id)
    for refund in heard.refunds:
        before = ledger.refund(refund.id)
        if refund.state is RefundState.FAILED and (before is None or before.counts):
            log.error("refund_failed order_id=%s refund_id=%s trouble=%s", order.id, refund.id, refund.trouble)
    if heard.disputed and not ledger.disputed:
        log.error("payment_disputed order_id=%s payment_id=%s", order.id, session.payment_id)
    booked = sum(entry.amount_cents for entry in heard.entries) - sum(entry.amount_cents for entry in ledger.entries)
    amount = f" amount_cents={booked}" if booked else ""
    log.info("order_%s order_id=%s news=%s%s", order.state.value, order.id, verdict.news, amount)
