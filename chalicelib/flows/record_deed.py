"""Record a deed: stage who did what to an order, in the log and beside the order, in the commit that does it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from chalicelib.domain.audit_entry import AuditEntry, Deed, OrderDeed
from chalicelib.domain.order import Order
from chalicelib.ports import UnitOfWork


def record_deed(
    deed: Deed,
    *,
    order: Order,
    key: str,
    by: str,
    unit: UnitOfWork,
    now: datetime,
    facts: Mapping[str, str] | None = None,
    personal: Mapping[str, str] | None = None,
) -> None:
    """Stage the deed. `key` is that of the form that was sent; `personal` goes beside the order only."""
    entry = AuditEntry(id=key, at=now, by=by, deed=deed, subject=order.code, facts=facts or {})
    unit.audit.add(entry)
    unit.deeds.add(OrderDeed(order_id=order.id, entry=entry, personal=personal or {}))
