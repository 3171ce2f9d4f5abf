"""Add a note: what the secretariat wants to remember of an order."""

from datetime import datetime

from chalicelib.domain.audit_entry import Deed
from chalicelib.domain.error import AlreadyExists, Changed, OrderUnknown, StorageUnavailable
from chalicelib.domain.note import Note
from chalicelib.flows.record_deed import record_deed
from chalicelib.ports import Store


def add_note(order_id: str, text: str, *, key: str, by: str, store: Store, now: datetime) -> None:
    """Once, however often the form with this key is sent. Raises OrderUnknown or StorageUnavailable.

    It goes over the order's version: at the moment at which somebody is erased, his name must not come in again.
    """
    for _ in range(5):
        unit = store.unit_of_work()
        order = unit.orders.get(order_id)
        if order is None:
            raise OrderUnknown(order_id)
        unit.orders.update(order)
        unit.notes.add(Note(id=key, order_id=order_id, text=text, by=by, at=now))
        record_deed(Deed.NOTED, order=order, key=key, by=by, unit=unit, now=now)
        try:
            unit.commit()
        except AlreadyExists:
            return
        except Changed:
            continue
        return
    raise StorageUnavailable(f"order {order_id} kept changing")
