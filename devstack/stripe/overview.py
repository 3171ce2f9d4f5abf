"""The overview: what the developer sees of the latest payments, and of the balance."""

from typing import Any

from devstack.stripe.books import NotPossible
from devstack.stripe.charge import Charge
from devstack.stripe.checkout_session import CheckoutSession
from devstack.stripe.dispute import CHARGED_BACK, CLOSED
from devstack.stripe.shelves import Thing
from devstack.stripe.stand_in import StandIn

_SHOWN = 30
_PAYOUTS = 5


def overview(stand_in: StandIn) -> dict[str, Any]:
    """Return what the template shows."""
    books, now = stand_in.books, stand_in.now()
    return {
        "books": books,
        "balance": books.balance(now=now),
        "payouts": books.payouts()[:_PAYOUTS],
        "payments": [_payment(stand_in, session) for session in books.sessions()[:_SHOWN]],
    }


def _payment(stand_in: StandIn, session: CheckoutSession) -> dict[str, Any]:
    books, charge = stand_in.books, _charge(stand_in, session)
    refunds = books.refunds_of(charge.id) if charge else []
    disputes = books.disputes_of(charge.id) if charge else []
    paid = charge is not None and charge.status == "succeeded" and charge.refundable > 0
    undecided = [dispute for dispute in disputes if dispute.status not in CLOSED]
    things: list[Thing] = [session, *([charge] if charge else []), *refunds[::-1], *disputes[::-1]]
    return {
        "session": session,
        "intent": books.intent_of(session),
        "charge": charge,
        "refunds": refunds,
        "disputes": disputes,
        "events": sorted(
            (each for thing in things for each in books.events_of(thing.id)), key=lambda each: each.created
        ),
        "may_be_refunded": paid and not any(dispute.status in CHARGED_BACK for dispute in disputes),
        "may_be_disputed": paid and not undecided and not any(dispute.status == "lost" for dispute in disputes),
    }


def _charge(stand_in: StandIn, session: CheckoutSession) -> Charge | None:
    try:
        return stand_in.books.charge_of(session.id)
    except NotPossible:
        return None
