"""The logbook of the past: what the secretariat did, as the pages behind the desk write it down."""

from datetime import datetime

from chalicelib.domain.audit_entry import AuditEntry, Deed, OrderDeed
from chalicelib.domain.order import Order
from chalicelib.ports import Store

SECRETARY = "secretariaat@lpb.example.nl"


def log_deed(order: Order, deed: Deed, *, at: datetime, store: Store, cents: int = 0) -> None:
    """In the log, and beside the order."""
    entry = AuditEntry(
        id=f"{deed.value}-{order.code}",
        at=at,
        by=SECRETARY,
        deed=deed,
        subject=order.code,
        facts={"bedrag": f"{cents / 100:.2f}".replace(".", ",")} if cents else {},
    )
    unit = store.unit_of_work()
    unit.audit.add(entry)
    unit.deeds.add(OrderDeed(order_id=order.id, entry=entry, personal={}))
    unit.commit()
