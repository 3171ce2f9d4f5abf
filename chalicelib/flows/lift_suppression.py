"""Lift a suppression: mail an address again, because somebody knows that it works, or that it is wanted."""

import logging
from datetime import datetime

from chalicelib.domain.audit_entry import AuditEntry, Deed
from chalicelib.domain.error import AlreadyExists, Changed, ChangedMeanwhile
from chalicelib.domain.suppression import Suppression
from chalicelib.flows.record_deed import record_deed
from chalicelib.ports import Store

log = logging.getLogger(__name__)


def lift_suppression(suppression: Suppression, *, seen: str, key: str, by: str, store: Store, now: datetime) -> None:
    """Take it off the list, in one commit with who did it; of an order it is written beside the order as well.

    A second press of the same form does nothing. `seen` is the mark of what whoever decides has looked at. Raises
    ChangedMeanwhile when it is not that any more, since it may have become a complaint, or StorageUnavailable.
    """
    if suppression.mark != seen:
        raise ChangedMeanwhile(suppression.id)
    unit = store.unit_of_work()
    unit.suppressions.remove(suppression)
    facts = {"why": suppression.cause.value}
    order = unit.orders.get(suppression.order_id) if suppression.order_id else None
    if order:
        record_deed(Deed.SUPPRESSION_LIFTED, order=order, key=key, by=by, unit=unit, now=now, facts=facts)
    else:
        # the log may not hold the address; by this much of its id whoever has the address finds it
        subject = suppression.id[:12]
        unit.audit.add(AuditEntry(id=key, at=now, by=by, deed=Deed.SUPPRESSION_LIFTED, subject=subject, facts=facts))
    try:
        unit.commit()
    except AlreadyExists:
        return
    except Changed:
        if store.unit_of_work().suppressions.get(suppression.id):
            raise ChangedMeanwhile(suppression.id) from None
        return
    log.info("suppression_lifted suppression_id=%s cause=%s", suppression.id[:12], suppression.cause.value)
