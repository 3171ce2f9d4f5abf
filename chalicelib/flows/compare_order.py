"""Compare an order with its money at the payment service, its seats, its mails and all that follows from it."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from chalicelib.domain.calendar import local_date
from chalicelib.domain.difference import DifferenceKind
from chalicelib.domain.email import ARRIVED_NOT, Delivery, Email, EmailKind
from chalicelib.domain.ledger import Ledger
from chalicelib.domain.offer import OfferKind
from chalicelib.domain.order import Order
from chalicelib.domain.refund import RefundState
from chalicelib.domain.seat import Seating
from chalicelib.domain.state import SEATING, State
from chalicelib.ports import Store

type Found = dict[DifferenceKind, Mapping[str, str]]

# What this file finds; whatever of it is found no more has been put right.
CHECKED = (
    DifferenceKind.TOTALS,
    DifferenceKind.REFUND_STUCK,
    DifferenceKind.REFUND_FAILED,
    DifferenceKind.SEATING,
    DifferenceKind.FOLLOW_UP_MISSING,
    DifferenceKind.EMAIL_MISSING,
    DifferenceKind.EMAIL_FAILED,
    DifferenceKind.EMAIL_STUCK,
    DifferenceKind.ORDER_STUCK,
    DifferenceKind.REVIEW,
    DifferenceKind.REFUNDED_AND_COMING,
    DifferenceKind.DISPUTED_AND_COMING,
    DifferenceKind.PAID_BACK_TWICE,
    DifferenceKind.DISPUTE_OPEN,
)
# What the sweep and the workers should have done long ago.
LONG = timedelta(hours=1)
# A delayed payment that takes longer than any bank.
LONGEST_PAYMENT = timedelta(days=15)
LONGEST_REFUND = timedelta(days=1)


def compare_order(order: Order, *, ledger: Ledger, store: Store, now: datetime) -> Found:
    """What about this order does not agree, by kind, each with the figures that its words need. Only reads."""
    found: Found = {}
    booked = sum(payment.amount_cents for payment in ledger.payments)
    if order != order.with_totals(ledger) or ledger.paid_cents != booked:
        found[DifferenceKind.TOTALS] = {
            "order": str(order.kept_cents),
            "ledger": str(order.with_totals(ledger).kept_cents),
            "booked": str(booked),
        }
    _compare_refunds(ledger, found, now=now)
    if order.state is State.REVIEW:
        found[DifferenceKind.REVIEW] = {"paid": str(order.paid_cents), "asked": str(order.total_cents)}
    _compare_what_is_left(order, found)
    if order.disputed:
        disputed = sum(each.amount_cents for each in ledger.disputes if not each.closed)
        found[DifferenceKind.DISPUTE_OPEN] = {"amount": str(disputed)}
    if _stuck(order, now=now):
        found[DifferenceKind.ORDER_STUCK] = {"state": order.state.value}
    wanted = SEATING.get(order.state, order.seating) if order.seats() else Seating.NONE
    # late money may be on its way while the seats are somebody else's
    late = (order.state, order.seating) == (State.PROCESSING, Seating.RELEASED)
    if order.seating is not wanted and not late:
        found[DifferenceKind.SEATING] = {"state": order.state.value, "seating": order.seating.value}
    _compare_follow_ups(order, found, store=store, now=now)
    _compare_emails(order, found, store=store, now=now)
    return found


def _compare_refunds(ledger: Ledger, found: Found, *, now: datetime) -> None:
    asked = [refund for refund in ledger.refunds if refund.state is RefundState.REQUESTED]
    stuck = [refund for refund in asked if now - refund.requested_at > LONGEST_REFUND]
    if stuck:
        amount = sum(refund.amount_cents for refund in stuck)
        found[DifferenceKind.REFUND_STUCK] = {"amount": str(amount), "trouble": stuck[0].trouble}
    # what was to go back, came back, and was not sent again
    if ledger.owed_cents:
        trouble = next(each.trouble for each in ledger.refunds if each.failed_at)
        found[DifferenceKind.REFUND_FAILED] = {"amount": str(ledger.owed_cents), "trouble": trouble}


def _compare_what_is_left(order: Order, found: Found) -> None:
    if order.kept_cents < 0:
        found[DifferenceKind.PAID_BACK_TWICE] = {"amount": str(-order.kept_cents)}
    elif order.state is State.PAID and not order.kept_cents and not order.disputed:
        taken = order.disputed_cents > 0
        kind = DifferenceKind.DISPUTED_AND_COMING if taken else DifferenceKind.REFUNDED_AND_COMING
        found[kind] = {"refunded": str(order.disputed_cents if taken else order.refunded_cents)}


def _stuck(order: Order, *, now: datetime) -> bool:
    if order.state is State.PENDING:
        return now - order.hold_until > LONG
    return order.state is State.PROCESSING and now - order.created_at > LONGEST_PAYMENT


def _compare_follow_ups(order: Order, found: Found, *, store: Store, now: datetime) -> None:
    unit, missing, left = store.unit_of_work(), 0, 0
    for attendee in store.attendees(order.id) if order.seats() else ():
        comes = any(each.order_id == order.id for each in store.attendances(attendee.attendance))
        missing += order.confirmed and not comes
        left += not order.confirmed and comes
    if any(line.starts is OfferKind.MEMBERSHIP for line in order.lines):
        membership = unit.memberships.get(order.id)
        missing += order.confirmed and membership is None
        left += not order.confirmed and membership is not None and membership.ends_on >= local_date(now)
    if missing or left:
        found[DifferenceKind.FOLLOW_UP_MISSING] = {"missing": str(missing), "left": str(left)}


def _compare_emails(order: Order, found: Found, *, store: Store, now: datetime) -> None:
    if not order.confirmed:
        return
    emails, wanted = store.emails(order.id), wanted_emails(order)
    missing = set(wanted) - {email.id for email in emails}
    if missing:
        found[DifferenceKind.EMAIL_MISSING] = {"count": str(len(missing))}
    # of those that were sent again the last one counts, and whatever somebody has seen to does not
    latest = {(email.kind, email.attendee): email for email in emails}
    first = [email for email in emails if email.id in wanted]
    known = [each for each in (latest[email.kind, email.attendee] for email in first) if not each.waived]
    failed = [email for email in known if email.delivery in ARRIVED_NOT]
    if failed:
        found[DifferenceKind.EMAIL_FAILED] = {"count": str(len(failed)), "reason": failed[0].reason}
    stuck = [email for email in known if _email_stuck(email, now=now)]
    if stuck:
        found[DifferenceKind.EMAIL_STUCK] = {"count": str(len(stuck)), "reason": stuck[0].reason}


def _email_stuck(email: Email, *, now: datetime) -> bool:
    waiting = email.delivery in (Delivery.QUEUED, Delivery.SENDING)
    return waiting and (email.due is None or now - email.due > LONG)


def wanted_emails(order: Order) -> list[str]:
    """The ids of the emails that a confirmed order leaves in the outbox."""
    starts = any(line.starts is OfferKind.MEMBERSHIP for line in order.lines)
    tickets = [f"{EmailKind.TICKET.value}-{order.id}-{line.attendee}" for line in order.lines if line.attendee]
    welcome = [f"{EmailKind.WELCOME.value}-{order.id}"] if starts else []
    return [f"{EmailKind.CONFIRMATION.value}-{order.id}", *welcome, *tickets]
