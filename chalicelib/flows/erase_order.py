"""Erase what has to go of one order: read it, stage what becomes of it, and beside it that it went."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from chalicelib.domain.audit_entry import AuditEntry, OrderDeed
from chalicelib.domain.dossier import Dossier
from chalicelib.domain.erasure import NOTHING, Erasure
from chalicelib.domain.error import Conflict, StorageUnavailable
from chalicelib.domain.membership import Membership
from chalicelib.domain.order import Order
from chalicelib.ports import Lists, Store, UnitOfWork

# DynamoDB takes a hundred writes at once; beside these there are the order, the draft and what the log says.
MOST = 80
TRIES = 10


def erase_order(
    order_id: str,
    *,
    what: Callable[[Dossier], Erasure | None],
    entry: Callable[[Order, Erasure], AuditEntry],
    in_the_log: bool,
    lists: Lists,
    store: Store,
    now: datetime,
) -> bool | None:
    """Whether something was there and is gone; None when `what` says that it has to wait.

    Each commit is guarded by the order's version, so that nobody writes back what he read before. What is too much for
    one commit goes in several; one that stops in between is finished by doing it again. Raises StorageUnavailable.
    """
    done = False
    for _ in range(TRIES):
        dossier = lists.dossier(order_id)
        erasure = what(dossier) if dossier else NOTHING
        if erasure is None:
            return None
        if not erasure or dossier is None:
            return done
        part = erasure.beginning(MOST)
        said, unit = entry(dossier.order, part), store.unit_of_work()
        _stage(part, order=dossier.order, unit=unit, said=said, now=now)
        if in_the_log:
            unit.audit.add(said)
        done = committed(unit) or done
    raise StorageUnavailable(f"order {order_id} kept changing")


def stage_contact(membership: Membership, *, unit: UnitOfWork) -> None:
    """Stage that a membership has no contact any more; the organisation is a member all the same."""
    unit.memberships.update(replace(membership, contact_name="", contact_email=""))


def committed(unit: UnitOfWork) -> bool:
    """Whether it is written; else somebody else changed the same, and it is looked at anew."""
    try:
        unit.commit()
    except Conflict:
        return False
    return True


def _stage(erasure: Erasure, *, order: Order, unit: UnitOfWork, said: AuditEntry, now: datetime) -> None:
    unit.orders.update(order)
    if erasure.buyer:
        unit.buyers.keep(erasure.buyer)
    for attendee in erasure.attendees:
        unit.attendees.keep(attendee)
    for consent in erasure.consents:
        unit.consents.remove(consent.order_id)
    for note in erasure.notes:
        unit.notes.remove(note.key)
    for deed in erasure.deeds:
        unit.deeds.keep(deed)
    for email in erasure.emails:
        unit.emails.update(email)
    draft = unit.drafts.get(erasure.draft_id) if erasure.draft_id else None
    if draft and draft.fields:
        unit.drafts.keep(replace(draft, fields=(), expires_at=now))
    unit.deeds.add(OrderDeed(order_id=order.id, entry=said, personal={}))
