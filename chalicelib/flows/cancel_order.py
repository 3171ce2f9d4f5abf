"""Cancel an order: take back all that followed from it, free its seats, and refund what is decided."""

import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from chalicelib.domain.audit_entry import Deed
from chalicelib.domain.calendar import local_date
from chalicelib.domain.email import Email, EmailKind, new_email
from chalicelib.domain.error import AlreadyExists, Changed, NotAllowed, OrderUnknown, SeatsAstray, StorageUnavailable
from chalicelib.domain.order import Order
from chalicelib.domain.refund import RefundReason
from chalicelib.domain.state import Action, State
from chalicelib.flows.change_order import log_astray, refuse_changed, stage_holds, stage_seats
from chalicelib.flows.dispatch import dispatch
from chalicelib.flows.keep_ledger import stage_ledger, stage_refund_email
from chalicelib.flows.record_deed import record_deed
from chalicelib.flows.refund_order import stage_refunds, was_asked
from chalicelib.ports import Queue, Store, UnitOfWork

log = logging.getLogger(__name__)


def cancel_order(
    order_id: str,
    *,
    refund_cents: int,
    key: str,
    by: str,
    store: Store,
    emails: Queue,
    now: datetime,
    seen: int | None = None,
) -> Order:
    """The cancelled order, in one commit with its seats, its refund, and the mails that say so.

    A second press of the same form, and cancelling without a refund what is cancelled already, does nothing.
    `seen` is the version at which whoever decides saw it, None when that does not matter. Raises ChangedMeanwhile,
    NotAllowed, NotRefundable, OrderUnknown or StorageUnavailable.
    """
    astray = False
    for _ in range(5):
        unit = store.unit_of_work()
        order = unit.orders.get(order_id)
        if order is None:
            raise OrderUnknown(order_id)
        if order.state is State.CANCELLED:
            # somebody else was first: whoever decided that money goes back must hear that it does not
            if refund_cents and not was_asked(store.ledger(order_id), key=key):
                raise NotAllowed(Action.CANCEL.value, order.state.value)
            return order
        refuse_changed(order, seen=seen)
        verdict = order.act(Action.CANCEL)
        if verdict is None:
            raise NotAllowed(Action.CANCEL.value, order.state.value)
        ledger = store.ledger(order_id)
        after = ledger
        if refund_cents:
            after, _ = stage_refunds(
                ledger,
                amount_cents=refund_cents,
                reason=RefundReason.CANCELLED,
                key=key,
                by=by,
                order=order,
                unit=unit,
                now=now,
                mails=False,
            )
        stage_ledger(after, before=ledger, unit=unit)
        cancelled = unit.orders.update(verdict.order)
        stage_seats(cancelled, before=order, offer=None, unit=unit, astray=astray)
        stage_holds(cancelled, before=order, unit=unit)
        _undo(order, unit=unit, store=store, now=now)
        refunds = [refund.id for refund in after.refunds if ledger.refund(refund.id) is None]
        facts = {"refund": str(refund_cents)} if refund_cents else {}
        record_deed(Deed.CANCELLED, order=order, key=key, by=by, unit=unit, now=now, facts=facts)
        outbox = _tell(cancelled, refunds=refunds, unit=unit, store=store, now=now)
        try:
            unit.commit()
        except SeatsAstray as conflict:
            log_astray(conflict, order=order)
            astray = True
            continue
        except (Changed, AlreadyExists):
            continue
        log.info("order_cancelled order_id=%s refund_cents=%d", order.id, refund_cents)
        dispatch(outbox, queue=emails)
        return cancelled
    raise StorageUnavailable(f"order {order_id} kept changing")


def _undo(order: Order, *, unit: UnitOfWork, store: Store, now: datetime) -> None:
    """Stage that nobody comes by this order any more, and that its membership ends."""
    for attendee in store.attendees(order.id) if order.seats() else ():
        # one that is free shares its row: somebody else may have it by now, and that one is his
        for attendance in store.attendances(attendee.attendance):
            if attendance.order_id == order.id:
                unit.attendances.remove(attendance)
    membership = unit.memberships.get(order.id)
    if membership is not None:
        yesterday = local_date(now) - timedelta(days=1)
        unit.memberships.update(replace(membership, ends_on=min(membership.ends_on, yesterday)))


def _tell(order: Order, *, refunds: Sequence[str], unit: UnitOfWork, store: Store, now: datetime) -> list[Email]:
    """Stage the mails that say so: to the buyer, with what goes back; to whoever else has a ticket at his own address.

    A mail tells of one refund: when several payments go back, the others are told of apart.
    """

    def email(attendee: int = 0) -> Email:
        kind = EmailKind.CANCELLATION
        return new_email(kind=kind, order_id=order.id, language=order.language, now=now, attendee=attendee)

    first, *others = refunds or [""]
    outbox = [replace(email(), refund_id=first)]
    buyer = unit.buyers.get(order.id)
    for attendee in store.attendees(order.id) if order.seats() and buyer else ():
        if buyer and attendee.email and attendee.email.lower() != buyer.answers.email.lower():
            outbox.append(email(attendee.number))
    for each in outbox:
        unit.emails.add(each)
    return outbox + [stage_refund_email(refund_id, order=order, unit=unit, now=now) for refund_id in others]
