"""Waive an email: say that nothing has to be done any more about one that did not arrive."""

from datetime import datetime

from chalicelib.domain.audit_entry import Deed
from chalicelib.domain.error import AlreadyExists, Changed, ChangedMeanwhile, OrderUnknown
from chalicelib.flows.record_deed import record_deed
from chalicelib.ports import Store


def waive_email(order_id: str, email_id: str, *, key: str, by: str, store: Store, now: datetime) -> None:
    """Once; a second press does nothing. Raises ChangedMeanwhile, OrderUnknown or StorageUnavailable."""
    unit = store.unit_of_work()
    order, email = unit.orders.get(order_id), unit.emails.get(email_id)
    if order is None or email is None or email.order_id != order_id:
        raise OrderUnknown(order_id)
    if email.waived:
        return
    unit.emails.update(email.waive())
    record_deed(Deed.MAIL_WAIVED, order=order, key=key, by=by, unit=unit, now=now, facts={"email": email.kind.value})
    try:
        unit.commit()
    except (Changed, AlreadyExists) as conflict:
        raise ChangedMeanwhile(order_id) from conflict
