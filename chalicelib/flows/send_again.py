"""Send an email again: to the address as it is, or to a better one, which is then put right in the order as well."""

import logging
from datetime import datetime

from chalicelib.domain.audit_entry import Deed
from chalicelib.domain.correction import BUYER, changes_of
from chalicelib.domain.email import Email
from chalicelib.domain.error import NotAllowed, OrderUnknown
from chalicelib.domain.identity import Identity
from chalicelib.flows.change_order import refuse_changed
from chalicelib.flows.compose_email import is_true
from chalicelib.flows.correct_order import commit_correction, stage_correction, told
from chalicelib.flows.dispatch import dispatch
from chalicelib.flows.record_deed import record_deed
from chalicelib.ports import Lists, Queue, Store

log = logging.getLogger(__name__)


def send_again(
    order_id: str,
    email_id: str,
    *,
    address: str,
    key: str,
    by: str,
    seen: int,
    store: Store,
    lists: Lists,
    identity: Identity,
    emails: Queue,
    now: datetime,
) -> Email:
    """The email that goes out now, in the outbox in one commit with the address that is put right.

    A second press of the same form does nothing. Raises NotAllowed when it is not true any more, or there is nobody
    to send it to; ChangedMeanwhile, AttendsAlready, OrderUnknown or StorageUnavailable.
    """
    dossier = lists.dossier(order_id)
    email = dossier.email(email_id) if dossier else None
    if dossier is None or email is None:
        raise OrderUnknown(order_id)
    again = email.sent_again(key=key, now=now)
    sent = dossier.email(again.id)
    if sent is not None:
        return sent
    order = dossier.order
    if not is_true(email, order=order) or not dossier.to(email):
        raise NotAllowed(Deed.SENT_AGAIN.value, order.state.value)
    refuse_changed(order, seen=seen)
    attendee = dossier.attendee(email.attendee)
    number = BUYER if attendee is None or attendee.is_buyer else attendee.number
    changes = changes_of(dossier, {(number, "email"): address})
    unit = store.unit_of_work()
    people = stage_correction(dossier, changes, unit=unit, store=store, identity=identity)
    unit.emails.add(again)
    said = told(changes) if changes else {"facts": {}, "personal": {}}
    said["facts"] |= {"email": email.kind.value}
    record_deed(Deed.SENT_AGAIN, order=order, key=key, by=by, unit=unit, now=now, **said)
    commit_correction(unit, people=people, order=order)
    log.info("email_sent_again email_id=%s corrected=%s", again.id, bool(changes))
    dispatch([again], queue=emails)
    return again
