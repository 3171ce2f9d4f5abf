"""Compose an email: its letter, from what is stored at this moment, if there is still something true to say."""

from datetime import datetime

from chalicelib.domain.email import OF_CONFIRMED, Email, EmailKind, Letter
from chalicelib.domain.offer import Offer
from chalicelib.domain.order import Order
from chalicelib.flows.keep_draft import find_draft
from chalicelib.ports import MailComposer, Store


def compose_email(email: Email, *, order: Order, store: Store, composer: MailComposer, now: datetime) -> Letter | None:
    """The letter; None when there is nobody to send it to any more, or nothing true to say."""
    if not is_true(email, order=order):
        return None
    refund = store.ledger(order.id).refund(email.refund_id) if email.refund_id else None
    if email.kind is EmailKind.REFUND and refund and not refund.counts:
        return None  # it was refused for good before anybody was told: what follows is a person's to say
    if refund and not refund.counts:
        refund = None  # that the order is cancelled is true all the same
    unit = store.unit_of_work()
    buyer = unit.buyers.get(email.order_id)
    attendees = store.attendees(email.order_id) if order.seats() else ()
    reached = {each.number for each in attendees if each.email}
    if buyer is None or (email.attendee not in reached if email.attendee else not buyer.answers.email):
        return None
    offer = unit.offers.get(order.offer_id)
    assert offer is not None, "an order is made of an offer in the table"
    if email.move and not is_latest(email, offer=offer):
        return None
    membership = unit.memberships.get(email.order_id)
    return composer.compose(
        email,
        order=order,
        buyer=buyer,
        offer=offer,
        membership=membership,
        attendees=attendees,
        draft=find_draft(order.draft_id, store=store, now=now) if order.draft_id else None,
        refund=refund,
    )


def is_latest(email: Email, *, offer: Offer) -> bool:
    """Whether the move that it tells of is the last one; of an older one nobody needs to hear any more."""
    return offer.event is not None and email.move == len(offer.event.moves)


def is_true(email: Email, *, order: Order) -> bool:
    """Whether it may still be said of an order, which may be cancelled before anybody was told that it is confirmed.

    Whether somebody is still to be asked for the newsletter, the order does not know.
    """
    if email.kind is EmailKind.SUBSCRIPTION:
        return False
    return order.confirmed or email.kind not in OF_CONFIRMED
