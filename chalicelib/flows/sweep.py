"""Sweep: each minute, look after what was left behind, whoever crashed."""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.domain.error import Changed, QueueUnavailable, Unavailable
from chalicelib.domain.link import Links
from chalicelib.domain.order import Order, State
from chalicelib.flows.release_order import release_order
from chalicelib.flows.settle_payment import settle_session
from chalicelib.ports import PaymentGateway, Queue, Store

log = logging.getLogger(__name__)

# The fast path gets this long before the sweep offers an email again.
FAST_PATH = timedelta(seconds=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Swept:
    """How much one sweep did."""

    orders: int
    emails: int
    failed: int


def sweep(
    *, store: Store, gateway: PaymentGateway, emails: Queue, links: Links, now: datetime, limit: int = 50
) -> Swept:
    """Ask the payment service about overdue orders and hand on emails left behind; one failure stops no other."""
    orders = failed = 0
    for order_id in store.due_orders(before=now, limit=limit):
        try:
            orders += _look_after(order_id, store=store, gateway=gateway, emails=emails, links=links, now=now)
        except Unavailable as error:
            failed += 1
            log.warning("sweep_order_failed order_id=%s error=%s", order_id, type(error).__name__)
    handed = 0
    for email_id in store.due_emails(before=now - FAST_PATH, limit=limit):
        try:
            emails.put(email_id)
            handed += 1
        except QueueUnavailable:
            failed += 1
            log.warning("sweep_email_failed email_id=%s", email_id)
    return Swept(orders=orders, emails=handed, failed=failed)


def _look_after(
    order_id: str, *, store: Store, gateway: PaymentGateway, emails: Queue, links: Links, now: datetime
) -> bool:
    order = store.unit_of_work().orders.get(order_id)
    if order is None or order.due is None or order.due > now:
        return False  # the index lags behind the table: somebody was here already
    if order.state is State.PENDING:
        order = release_order(order, store=store, gateway=gateway, emails=emails, links=links, now=now)
    elif order.session_id:
        order = settle_session(order.session_id, store=store, gateway=gateway, emails=emails, now=now) or order
    if order.state is State.PROCESSING and order.due is not None and order.due <= now:
        _look_later(order, store=store, now=now)
    return True


def _look_later(order: Order, *, store: Store, now: datetime) -> None:
    unit = store.unit_of_work()
    unit.orders.update(order.looked_at(now=now))
    try:
        unit.commit()
    except Changed:
        log.info("order_moved_on order_id=%s", order.id)
