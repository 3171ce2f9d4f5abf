"""Correct an order: other names or addresses for who ordered and who comes, with their seats and their mail."""

import logging
from collections.abc import Container, Sequence
from datetime import datetime

from chalicelib.domain.attendee import Attendance, Attendee
from chalicelib.domain.audit_entry import Deed
from chalicelib.domain.correction import FieldChange, Values, changes_of, corrected_attendees, corrected_buyer
from chalicelib.domain.dossier import Dossier
from chalicelib.domain.email import Email, EmailKind, new_email
from chalicelib.domain.error import (
    AlreadyExists,
    AttendsAlready,
    Changed,
    ChangedMeanwhile,
    OrderUnknown,
)
from chalicelib.domain.identity import Identity
from chalicelib.domain.order import Order
from chalicelib.domain.state import State
from chalicelib.flows.change_order import refuse_changed
from chalicelib.flows.dispatch import dispatch
from chalicelib.flows.record_deed import record_deed
from chalicelib.ports import Lists, Queue, Store, UnitOfWork

log = logging.getLogger(__name__)


def correct_order(
    order_id: str,
    *,
    values: Values,
    tickets: bool,
    key: str,
    by: str,
    seen: int,
    store: Store,
    lists: Lists,
    identity: Identity,
    emails: Queue,
    now: datetime,
) -> tuple[FieldChange, ...]:
    """What has changed, none when nothing did; `tickets`: whoever has another name or address gets his ticket anew.

    A second press of the same form does nothing. Raises ChangedMeanwhile, AttendsAlready, OrderUnknown or
    StorageUnavailable.
    """
    dossier = lists.dossier(order_id)
    if dossier is None:
        raise OrderUnknown(order_id)
    if dossier.was_done(key):
        return ()
    refuse_changed(dossier.order, seen=seen)
    changes = changes_of(dossier, values)
    if not changes:
        return ()
    unit = store.unit_of_work()
    people = stage_correction(dossier, changes, unit=unit, store=store, identity=identity)
    outbox = _tickets(dossier, people, key=key, now=now) if tickets and dossier.order.confirmed else []
    for email in outbox:
        unit.emails.add(email)
    record_deed(Deed.CORRECTED, order=dossier.order, key=key, by=by, unit=unit, now=now, **told(changes))
    commit_correction(unit, people=people, order=dossier.order)
    log.info("order_corrected order_id=%s fields=%d", order_id, len(changes))
    dispatch(outbox, queue=emails)
    return changes


def stage_correction(
    dossier: Dossier, changes: tuple[FieldChange, ...], *, unit: UnitOfWork, store: Store, identity: Identity
) -> tuple[Attendee, ...]:
    """Stage the changes, guarded by the order's version; the attendees who become somebody else.

    Raises AttendsAlready or StorageUnavailable.
    """
    order, buyer = dossier.order, dossier.buyer
    unit.orders.update(order)
    people = corrected_attendees(dossier, changes, identity=identity)
    if buyer:
        after = corrected_buyer(buyer, changes)
        if after != buyer:
            unit.buyers.keep(after)
            membership = unit.memberships.get(order.id)
            corrected = membership.corrected(buyer, after) if membership and buyer.known else membership
            if corrected and corrected != membership:
                unit.memberships.update(corrected)
    moved = {each.number for each in people if _moves(dossier, each)}
    _refuse_twice(dossier, people, moved=moved, store=store)
    for attendee in people:
        unit.attendees.keep(attendee)
        before = dossier.attendee(attendee.number)
        if order.confirmed and before and attendee.number in moved:
            _move_seat(order, before=before, after=attendee, unit=unit, store=store)
    return people


def commit_correction(unit: UnitOfWork, *, people: Sequence[Attendee], order: Order) -> None:
    """Commit; a colleague, or news, that was first is told apart from a seat that is somebody's already."""
    try:
        unit.commit()
    except Changed as conflict:
        raise ChangedMeanwhile(order.id) from conflict
    except AlreadyExists as conflict:
        taken = next((each.number for each in people if conflict.key.startswith(each.attendance)), None)
        if taken is None:
            raise ChangedMeanwhile(order.id) from conflict
        raise AttendsAlready(taken) from conflict


def told(changes: tuple[FieldChange, ...]) -> dict[str, dict[str, str]]:
    """What the log says of the changes, and what lies beside the order only.

    Of a name or an address that is none any more just enough is kept to be recognised: it may have been somebody
    else's, who could never be found by it to be erased.
    """
    return {
        "facts": {"fields": ", ".join(_name(each) for each in changes)},
        "personal": {_name(each): f"{_shortened(each) or '–'} → {each.after or '–'}" for each in changes},
    }


def _name(change: FieldChange) -> str:
    return f"{change.field} {change.number}" if change.number else change.field


def _shortened(change: FieldChange) -> str:
    """What it was: of an address its first letter and its domain, of a name its initials, anything else whole."""
    match change.field:
        case "email" if change.before:
            return f"{change.before[0]}…@{change.before.rpartition('@')[2]}"
        case "name":
            return " ".join(f"{word[0]}." for word in change.before.split())
    return change.before


def _moves(dossier: Dossier, after: Attendee) -> bool:
    """Whether somebody else comes in this place: what stands for his address is another."""
    before = dossier.attendee(after.number)
    return before is not None and before.attendance != after.attendance


def _refuse_twice(dossier: Dossier, people: Sequence[Attendee], *, moved: Container[int], store: Store) -> None:
    """Raise AttendsAlready: nobody comes twice, by this order or by another that is confirmed.

    Of an order that is still to be paid as well: it could never be confirmed, though its money came.
    """
    after = {each.number: each.attendance for each in dossier.attendees} | {
        each.number: each.attendance for each in people
    }
    for attendee in people:
        if attendee.number not in moved:
            continue
        twice = sum(each == attendee.attendance for each in after.values()) > 1
        if twice or store.attendances(attendee.attendance):
            raise AttendsAlready(attendee.number)


def _move_seat(order: Order, *, before: Attendee, after: Attendee, unit: UnitOfWork, store: Store) -> None:
    """Stage that somebody else has the seat."""
    for attendance in store.attendances(before.attendance):
        if attendance.order_id == order.id and attendance.number == before.number:
            unit.attendances.remove(attendance)
    free = order.state is State.CONFIRMED
    unit.attendances.add(Attendance(id=after.attendance, order_id=order.id, number=after.number, free=free))


def _tickets(dossier: Dossier, people: Sequence[Attendee], *, key: str, now: datetime) -> list[Email]:
    found = []
    for attendee in people:
        ticket = new_email(
            kind=EmailKind.TICKET,
            order_id=dossier.order.id,
            language=dossier.order.language,
            now=now,
            attendee=attendee.number,
        )
        found.append(ticket.sent_again(key=key, now=now))
    return found
