"""Give back: carry out the command to refund, after looking whether it was carried out before."""

import logging
from datetime import datetime

from chalicelib.domain.checkout import CheckoutSession
from chalicelib.domain.error import (
    Changed,
    PaymentBusy,
    PaymentRefused,
    PaymentUnavailable,
    PaymentUnknown,
    StorageUnavailable,
)
from chalicelib.domain.ledger import Ledger
from chalicelib.domain.payment import Payment
from chalicelib.domain.refund import Refund, RefundRequest, RefundState
from chalicelib.flows.keep_ledger import stage_ledger
from chalicelib.flows.settle_payment import settle_payment
from chalicelib.ports import PaymentGateway, Queue, Store

log = logging.getLogger(__name__)

# The association's balance there is empty for the moment: that passes. Any other refusal is for good.
PASSING = frozenset({"balance_insufficient", "insufficient_balance_for_refund", "insufficient_funds"})


def give_back(refund_key: str, *, store: Store, gateway: PaymentGateway, emails: Queue, now: datetime) -> None:
    """Have a refund made at the payment service. Raises PaymentBusy or StorageUnavailable; repeating is harmless.

    Whether it was made before is looked up first, in all that became of the payment; and what then became of it is
    written by settle_payment, as all other news. It is given up only after such a look.
    """
    order_id, _, refund_id = refund_key.partition("#")
    ledger = store.ledger(order_id)
    refund = ledger.refund(refund_id)
    if refund is None or refund.due is None or refund.due > now:
        return  # the index lags behind the table: somebody was here already
    payment = ledger.payment(refund.payment_id)
    assert payment is not None, "a refund is of a payment that is booked"
    try:
        session = _fetched(payment, gateway=gateway)
        if not _told(session, ledger=ledger, refund=refund):
            if refund.exhausted:
                _write_down(refund.failed(trouble=refund.trouble, now=now), before=refund, store=store)
                return
            gateway.refund(_request(refund))
            session = _fetched(payment, gateway=gateway)
    except PaymentRefused as refusal:
        code = str(refusal)
        # the refusal is kept under its key, and what was refused was not executed: the next try needs another
        passing = code in PASSING
        after = refund.postponed(now=now, trouble=code, anew=True) if passing else refund.failed(trouble=code, now=now)
        _write_down(after, before=refund, store=store)
        return
    except PaymentBusy:
        raise  # nothing is the matter with this refund
    except PaymentUnavailable as error:
        # after a 5xx the same key may answer the same for ever: it is looked up first, then tried under another
        anew = isinstance(error, PaymentUnknown)
        log.warning("refund_tried_later order_id=%s refund_id=%s error=%s", order_id, refund.id, type(error).__name__)
        _write_down(refund.postponed(now=now, trouble=type(error).__name__, anew=anew), before=refund, store=store)
        return
    settle_payment(session, store=store, emails=emails, now=now)


def _told(session: CheckoutSession, *, ledger: Ledger, refund: Refund) -> bool:
    """Whether there is news first: this refund was made before, or one that we do not know of, which may change it."""
    known = {each.service_id for each in ledger.refunds}
    return any(news.command == refund.id or news.id not in known for news in session.refunds)


def _request(refund: Refund) -> RefundRequest:
    return RefundRequest(
        id=refund.id,
        order_id=refund.order_id,
        payment_id=refund.payment_id,
        amount_cents=refund.amount_cents,
        attempt=refund.attempt,
    )


def _fetched(payment: Payment, *, gateway: PaymentGateway) -> CheckoutSession:
    session = gateway.fetch(payment.session_id)
    if session is None:
        raise PaymentUnavailable(f"session {payment.session_id} is not known there")
    return session


def _write_down(refund: Refund, *, before: Refund, store: Store) -> None:
    """Keep what came of a try, unless somebody else wrote of it meanwhile."""
    for _ in range(5):
        unit, ledger = store.unit_of_work(), store.ledger(refund.order_id)
        order, current = unit.orders.get(refund.order_id), ledger.refund(refund.id)
        assert order is not None, "orders are never deleted"
        if current != before:
            return
        stage_ledger(ledger.with_refund(refund), before=ledger, unit=unit)
        unit.orders.update(order)
        try:
            unit.commit()
        except Changed:
            continue
        if refund.state is RefundState.FAILED:
            log.error("refund_failed order_id=%s refund_id=%s trouble=%s", order.id, refund.id, refund.trouble)
        return
    raise StorageUnavailable(f"order {refund.order_id} kept changing")
