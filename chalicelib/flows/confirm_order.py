"""Confirm an order: stage all that follows from it, in the commit that confirms it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from chalicelib.domain.attendee import Attendance, Attendee
from chalicelib.domain.draft import LIFE
from chalicelib.domain.email import Email, EmailKind, new_email
from chalicelib.domain.membership import start_membership
from chalicelib.domain.offer import OfferKind
from chalicelib.domain.order import Buyer, Order
from chalicelib.domain.state import State
from chalicelib.ports import UnitOfWork


def confirm_order(
    order: Order, *, buyer: Buyer, attendees: Sequence[Attendee], unit: UnitOfWork, now: datetime
) -> list[Email]:
    """Stage memberships, attendances, emails, and a longer life for a form that waits; the emails, to be dispatched."""

    def email(kind: EmailKind, attendee: int = 0) -> Email:
        return new_email(kind=kind, order_id=order.id, language=order.language, now=now, attendee=attendee)

    outbox = [email(EmailKind.CONFIRMATION)]
    for line in order.lines:
        if line.starts is OfferKind.MEMBERSHIP:
            assert order.paid_at is not None, "a membership is never free"
            unit.memberships.add(start_membership(order=order, line=line, buyer=buyer, paid_at=order.paid_at))
            outbox.append(email(EmailKind.WELCOME))
    free = order.state is State.CONFIRMED
    for attendee in attendees:
        seat = Attendance(id=attendee.attendance, order_id=order.id, number=attendee.number, free=free)
        unit.attendances.add(seat)
        outbox.append(email(EmailKind.TICKET, attendee.number))
    if buyer.answers.newsletter:
        # nobody is called when it does not arrive: the registration stands, and whoever wants it can ask again
        outbox.append(email(EmailKind.SUBSCRIPTION).waive())
    draft = unit.drafts.get(order.draft_id) if order.draft_id else None
    if draft:
        # a week from now: what it waited for may have taken days
        unit.drafts.keep(replace(draft, expires_at=now + LIFE))
    for each in outbox:
        unit.emails.add(each)
    return outbox
