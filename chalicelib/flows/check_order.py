"""Check an order: compare it at once, so that what needs a person is on the list now, or off it."""

from datetime import datetime

from chalicelib.flows.compare_order import CHECKED, compare_order
from chalicelib.flows.report_differences import Differences
from chalicelib.ports import Store


def check_order(order_id: str, *, store: Store, now: datetime) -> None:
    """Report what does not agree about one order. Raises StorageUnavailable; reconciliation does the same in time."""
    order = store.unit_of_work().orders.get(order_id)
    if order is None:
        return
    found = compare_order(order, ledger=store.ledger(order.id), store=store, now=now)
    Differences(store=store, now=now).report(order.id, code=order.code, checked=CHECKED, found=found)
