"""Waive an email: say that nothing has to be done any more about one that did not arrive."""

from datetime import datetime

from chalicelib.domain.audit_entry import Deed
from chalicelib.domain.error import AlreadyExists, Changed, OrderUnknown, StorageUnavailable
from chalicelib.flows.record_deed import record_deed
from chalicelib.ports import Store


def waive_email(order_id: str, email_id: str, *, key: str, by: str, store: Store, now: datetime) -> None:
    """Once; a second press does nothing. Raises OrderUnknown or StorageUnavailable."""
    for _ in range(5):
        unit = store.unit_of_work()
        order, email = unit.orders.get(order_id), unit.emails.get(email_id)
        if order is None or email is None:
            raise OrderUnknown(order_id)
        if email.waived:
            return
        unit.emails.update(email.waive())
        facts = {"email": email.kind.value}
        record_deed(Deed.MAIL_WAIVED, order=order, key=key, by=by, unit=unit, now=now, facts=facts)
        try:
            unit.commit()
        except (Changed, AlreadyExists):
            continue  # news of the mail, or a colleague, came at the same moment: look again
        return
    raise StorageUnavailable(f"email {email_id} kept changing")
