"""Release an order that nobody pays: first close its session at the payment service, then believe what that says."""

import logging
from datetime import datetime, timedelta

from chalicelib.domain.checkout import Outcome
from chalicelib.domain.error import PaymentRefused, SessionNotOpen, SessionUnknown
from chalicelib.domain.link import Links
from chalicelib.domain.order import Order
from chalicelib.domain.state import State
from chalicelib.flows.change_order import change_order
from chalicelib.flows.open_checkout import find_session
from chalicelib.flows.settle_payment import settle_payment, settle_session
from chalicelib.ports import PaymentGateway, Queue, Store

log = logging.getLogger(__name__)

# A session that was open cannot be open any more.
LONG_OVER = timedelta(days=1)


def release_order(
    order: Order, *, store: Store, gateway: PaymentGateway, emails: Queue, links: Links, now: datetime
) -> Order:
    """The order after its session was closed; it may turn out to be paid. Raises Unavailable; repeating is harmless."""
    if order.state is not State.PENDING:
        return order
    try:
        session = find_session(order, store=store, gateway=gateway, links=links, now=now)
    except PaymentRefused:
        if order.session_id:
            raise
        session = None  # what was refused was never opened
    except SessionUnknown:
        if now - order.hold_until < LONG_OVER:
            raise
        session = None  # it was made under another key, or wiped: nobody can pay it
        log.error("session_unknown_there order_id=%s session_id=%s", order.id, order.session_id)
    if session is None:
        return change_order(order.let_go(), before=order, store=store)
    if session.outcome is Outcome.OPEN:
        try:
            session = gateway.close(session.id)
        except SessionNotOpen:
            return settle_session(session.id, store=store, gateway=gateway, emails=emails, now=now) or order
    return settle_payment(session, store=store, emails=emails, now=now) or order
