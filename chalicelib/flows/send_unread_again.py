"""Send unread mail again: what of an order did not reach somebody, to the address that a visitor puts right."""

from datetime import datetime

from chalicelib.domain.correction import BUYER
from chalicelib.domain.dossier import Dossier
from chalicelib.domain.email import Email, unread
from chalicelib.domain.error import NeedsPerson, OrderUnknown
from chalicelib.domain.identity import Identity
from chalicelib.domain.mail_domain import mail_domain
from chalicelib.domain.suppression import suppression_id
from chalicelib.flows.check_order import check_order
from chalicelib.flows.compose_email import is_true
from chalicelib.flows.send_again import send_again
from chalicelib.ports import Lists, Queue, Store

# Who does it, as the log names him.
VISITOR = "bezoeker"


def unread_of(dossier: Dossier) -> dict[int, tuple[Email, ...]]:
    """What did not arrive and is still true, by the number of whoever it is for (0: the buyer)."""
    found: dict[int, tuple[Email, ...]] = {}
    for email in unread(dossier.emails):
        attendee = dossier.attendee(email.attendee)
        number = BUYER if attendee is None or attendee.is_buyer else attendee.number
        if dossier.to(email) and is_true(email, order=dossier.order):
            found[number] = (*found.get(number, ()), email)
    return found


def _leaves_member(dossier: Dossier, number: int, *, address: str) -> bool:
    """Whether a seat at the price of a member would go to somebody who does not read mail there (decision 0014)."""
    people = [each for each in dossier.attendees if (each.is_buyer if number == BUYER else each.number == number)]
    priced = {line.attendee for line in dossier.order.lines if line.reason.membership_id}
    return any(each.number in priced and mail_domain(each.email) != mail_domain(address) for each in people)


def send_unread_again(
    order_id: str,
    number: int,
    *,
    address: str,
    key: str,
    store: Store,
    lists: Lists,
    identity: Identity,
    emails: Queue,
    now: datetime,
) -> int:
    """How many mails go out again; none when all of them did already.

    It may stop anywhere: what was sent again is unread no more, and pressing again sends the rest. Raises
    ChangedMeanwhile, AttendsAlready, NeedsPerson, OrderUnknown or StorageUnavailable.
    """
    dossier = lists.dossier(order_id)
    if dossier is None:
        raise OrderUnknown(order_id)
    waiting, version = unread_of(dossier).get(number, ()), dossier.order.version
    if not waiting:
        return 0
    suppression = store.unit_of_work().suppressions.get(suppression_id(address, identity=identity))
    if _leaves_member(dossier, number, address=address) or (suppression and suppression.complained):
        raise NeedsPerson(order_id)
    for place, email in enumerate(waiting):
        send_again(
            order_id,
            email.id,
            address=address,
            key=f"{key}-{place}",
            by=VISITOR,
            # each of them puts the order a version further
            seen=version + place,
            store=store,
            lists=lists,
            identity=identity,
            emails=emails,
            now=now,
        )
    check_order(order_id, store=store, now=now)
    return len(waiting)
