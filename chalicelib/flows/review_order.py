"""Review an order whose payment does not fit: accept it after all, or give everything back."""

import logging
from datetime import datetime

from chalicelib.domain.audit_entry import Deed
from chalicelib.domain.error import AlreadyExists, Changed, NotAllowed, OrderUnknown, SeatsAstray, StorageUnavailable
from chalicelib.domain.order import Order
from chalicelib.domain.refund import RefundReason
from chalicelib.domain.state import Action, Effect
from chalicelib.flows.change_order import log_astray, refuse_changed, stage_holds, stage_seats
from chalicelib.flows.confirm_order import confirm_order
from chalicelib.flows.dispatch import dispatch
from chalicelib.flows.keep_ledger import refund_in_full, stage_ledger
from chalicelib.flows.record_deed import record_deed
from chalicelib.flows.refund_order import refundable_of
from chalicelib.ports import Queue, Store

log = logging.getLogger(__name__)

DEEDS = {Action.ACCEPT: Deed.ACCEPTED, Action.RETURN: Deed.RETURNED}


def review_order(
    order_id: str,
    *,
    action: Action,
    key: str,
    by: str,
    store: Store,
    emails: Queue,
    now: datetime,
    seen: int | None = None,
) -> Order:
    """The order as the secretariat decides: confirmed with what was paid (ACCEPT), or refunded in full (RETURN).

    `key` is that of the form that was sent; `seen` is the version at which `by` saw the order, None when that does not
    matter. Raises ChangedMeanwhile; NotAllowed when it is not under review (any more), or is to be accepted with
    nothing left of what was paid; SeatsTaken when it has let its seats go and there are none; OrderUnknown or
    StorageUnavailable.
    """
    astray = False
    for _ in range(5):
        unit = store.unit_of_work()
        order = unit.orders.get(order_id)
        if order is None:
            raise OrderUnknown(order_id)
        refuse_changed(order, seen=seen)
        verdict = order.act(action)
        ledger = store.ledger(order_id)
        # what went back meanwhile, or is about to, cannot be accepted any more
        nothing_left = order.kept_cents <= 0 or refundable_of(ledger) <= 0
        if verdict is None or (Effect.CONFIRM in verdict.effects and nothing_left):
            raise NotAllowed(action.value, order.state.value)
        after, outbox = ledger, []
        if Effect.GIVE_BACK in verdict.effects:
            for payment in ledger.payments:
                after, mails = refund_in_full(
                    after, payment_id=payment.id, reason=RefundReason.REVIEW, order=order, unit=unit, now=now, by=by
                )
                outbox += mails
        stage_ledger(after, before=ledger, unit=unit)
        reviewed = unit.orders.update(verdict.order)
        offer = unit.offers.get(order.offer_id) if order.seats() else None
        stage_seats(reviewed, before=order, offer=offer, unit=unit, astray=astray)
        stage_holds(reviewed, before=order, unit=unit)
        record_deed(DEEDS[action], order=order, key=key, by=by, unit=unit, now=now)
        if Effect.CONFIRM in verdict.effects:
            buyer = unit.buyers.get(order.id)
            assert buyer is not None, "a buyer is erased only after the order has ended"
            attendees = store.attendees(order.id) if order.seats() else ()
            outbox += confirm_order(reviewed, buyer=buyer, attendees=attendees, unit=unit, now=now)
        try:
            unit.commit()
        except SeatsAstray as conflict:
            log_astray(conflict, order=order)
            astray = True
            continue
        except (Changed, AlreadyExists):
            continue
        log.info("order_reviewed order_id=%s action=%s", order.id, action.value)
        dispatch(outbox, queue=emails)
        return reviewed
    raise StorageUnavailable(f"order {order_id} kept changing")
