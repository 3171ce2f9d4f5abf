"""Look after an order whose hold is over, or whose payment takes long: ask Stripe, and believe it."""

import logging
from datetime import datetime

from chalicelib.domain.error import PaymentBusy, PaymentUnavailable
from chalicelib.domain.link import Links
from chalicelib.domain.state import State
from chalicelib.flows.change_order import change_order
from chalicelib.flows.release_order import release_order
from chalicelib.flows.settle_payment import settle_session
from chalicelib.ports import PaymentGateway, Queue, Store

log = logging.getLogger(__name__)


def look_after(
    order_id: str, *, store: Store, gateway: PaymentGateway, emails: Queue, links: Links, now: datetime
) -> None:
    """Release or settle an order that is due. Raises StorageUnavailable or PaymentBusy; repeating is harmless.

    While Stripe does not answer the order waits a little, so that it keeps no other from being looked after; when
    Stripe is busy that says nothing about this order, and whoever goes through them had better stop.
    """
    order = store.unit_of_work().orders.get(order_id)
    if order is None or order.due is None or order.due > now:
        return  # the index lags behind the table: somebody was here already
    try:
        if order.state is State.PENDING:
            order = release_order(order, store=store, gateway=gateway, emails=emails, links=links, now=now)
        else:
            order = settle_session(order.session_id, store=store, gateway=gateway, emails=emails, now=now) or order
    except PaymentBusy:
        raise
    except PaymentUnavailable as error:
        log.warning("order_looked_at_later order_id=%s error=%s", order_id, type(error).__name__)
        change_order(order.retried(now=now), before=order, store=store)
        return
    if order.state is State.PROCESSING and order.due is not None and order.due <= now:
        change_order(order.looked_at(now=now), before=order, store=store)
