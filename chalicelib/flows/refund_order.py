"""Refund an order: reserve an amount of what was paid, and command that it goes back."""

import logging
from datetime import datetime

from chalicelib.domain.audit_entry import Deed
from chalicelib.domain.email import Email
from chalicelib.domain.error import AlreadyExists, Changed, NotAllowed, NotRefundable, OrderUnknown, StorageUnavailable
from chalicelib.domain.ledger import Ledger
from chalicelib.domain.order import Order
from chalicelib.domain.refund import RefundReason
from chalicelib.domain.state import Action
from chalicelib.flows.change_order import refuse_changed
from chalicelib.flows.dispatch import dispatch
from chalicelib.flows.keep_ledger import stage_ledger, stage_refund_email
from chalicelib.flows.record_deed import record_deed
from chalicelib.ports import Queue, Store, UnitOfWork

log = logging.getLogger(__name__)


def refund_order(
    order_id: str,
    *,
    amount_cents: int,
    key: str,
    by: str,
    store: Store,
    emails: Queue,
    now: datetime,
    seen: int | None = None,
) -> Order:
    """The order with the command to refund `amount_cents` of it; the sweep carries it out. It stays confirmed.

    `key` is that of the form that was sent, so that a second press does nothing; `by` is who asks for it; `seen` is the
    version at which he saw it, None when that does not matter. Raises ChangedMeanwhile, NotAllowed, NotRefundable (more
    than is left), OrderUnknown or StorageUnavailable.
    """
    for _ in range(5):
        unit, order, ledger = _read(order_id, store=store)
        if was_asked(ledger, key=key):
            return order
        refuse_changed(order, seen=seen)
        if order.act(Action.REFUND) is None:
            raise NotAllowed(Action.REFUND.value, order.state.value)
        after, outbox = stage_refunds(
            ledger,
            amount_cents=amount_cents,
            reason=RefundReason.STAFF,
            key=key,
            by=by,
            order=order,
            unit=unit,
            now=now,
        )
        stage_ledger(after, before=ledger, unit=unit)
        changed = unit.orders.update(order)
        facts = {"refund": str(amount_cents)}
        record_deed(Deed.REFUNDED, order=order, key=key, by=by, unit=unit, now=now, facts=facts)
        try:
            unit.commit()
        except (Changed, AlreadyExists):
            continue
        log.info("refund_requested order_id=%s amount_cents=%d", order.id, amount_cents)
        dispatch(outbox, queue=emails)
        return changed
    raise StorageUnavailable(f"order {order_id} kept changing")


def stage_refunds(
    ledger: Ledger,
    *,
    amount_cents: int,
    reason: RefundReason,
    key: str,
    by: str,
    order: Order,
    unit: UnitOfWork,
    now: datetime,
    mails: bool = True,
) -> tuple[Ledger, list[Email]]:
    """The ledger with commands for this amount, and mails: first of a payment whose refund has failed, else the oldest.

    Raises NotRefundable.
    """
    left, outbox = amount_cents, []
    if not 0 < amount_cents <= refundable_of(ledger):
        raise NotRefundable(refundable_of(ledger))
    again = {refund.payment_id for refund in ledger.refunds if refund.failed_at}
    for payment in sorted(ledger.payments, key=lambda payment: payment.id not in again):
        part = min(left, ledger.refundable(payment.id))
        if not part:
            continue
        refund_id = _id(key, payment_id=payment.id)
        ledger = ledger.requested(payment.id, refund_id=refund_id, amount_cents=part, reason=reason, by=by, now=now)
        if mails:
            outbox.append(stage_refund_email(refund_id, order=order, unit=unit, now=now))
        left -= part
    return ledger, outbox


def refundable_of(ledger: Ledger) -> int:
    """What of all payments of an order can still go back, in cents."""
    return sum(ledger.refundable(payment.id) for payment in ledger.payments)


def was_asked(ledger: Ledger, *, key: str) -> bool:
    """Whether the form with this key has had its refund commanded."""
    return any(refund.id == _id(key, payment_id=refund.payment_id) for refund in ledger.refunds)


def _id(key: str, *, payment_id: str) -> str:
    return f"{key}-{payment_id}"


def _read(order_id: str, *, store: Store) -> tuple[UnitOfWork, Order, Ledger]:
    unit = store.unit_of_work()
    order = unit.orders.get(order_id)
    if order is None:
        raise OrderUnknown(order_id)
    return unit, order, store.ledger(order_id)
