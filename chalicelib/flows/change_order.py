"""Change an order: write its new form, or see what somebody else made of it meanwhile."""

import logging

from chalicelib.domain.error import Changed
from chalicelib.domain.order import Order
from chalicelib.ports import Store

log = logging.getLogger(__name__)


def change_order(order: Order, *, store: Store) -> Order:
    """The order as it now stands in the table: changed by us, or by whoever was first. Raises StorageUnavailable."""
    unit = store.unit_of_work()
    changed = unit.orders.update(order)
    try:
        unit.commit()
    except Changed:
        current = store.unit_of_work().orders.get(order.id)
        assert current is not None, "orders are never deleted"
        return current
    log.info("order_changed order_id=%s state=%s attempt=%d", changed.id, changed.state.value, changed.attempt)
    return changed
