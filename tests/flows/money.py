"""What the flows' tests do with money: settle, sweep, and look at what lies in the ledger of an order."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from chalicelib.domain.checkout import CheckoutSession, Outcome
from chalicelib.domain.ledger import Ledger
from chalicelib.domain.order import Order
from chalicelib.domain.refund import Refund
from chalicelib.flows.give_back import give_back
from chalicelib.flows.settle_payment import settle_session
from tests.desk import ANSWERS, Desk
from tests.events import EVENT, attending, sample_event

SEATS = 4
THREE = attending(ANSWERS, "bea@elders.nl", "cas@voorbeeldstad.nl")
OTHERS = attending(replace(ANSWERS, email="wim@anders.nl"), "dirk@elders.nl")


def settle(desk: Desk, session_id: str) -> Order:
    """What a webhook leads to."""
    settled = settle_session(session_id, store=desk.store, gateway=desk.gateway, emails=desk.emails, now=desk.clock())
    assert settled is not None
    assert settled == desk.order(settled.id)
    return settled


def paid_order(desk: Desk) -> Order:
    """A membership that was paid."""
    return _paid(desk, desk.register().order)


def paid_event(desk: Desk) -> Order:
    """Three seats of the four that there are, paid."""
    desk.put_offer(sample_event(event={"capacity": SEATS}))
    return _paid(desk, desk.register(THREE, offer_id=EVENT).order)


def too_late(desk: Desk) -> Order:
    """An order whose money comes when its seats are somebody else's; not yet heard of."""
    desk.put_offer(sample_event(event={"capacity": SEATS}))
    order = desk.open_checkout(desk.register(THREE, offer_id=EVENT).order).order
    desk.clock.advance(minutes=37)
    desk.sweep()
    other = desk.register(OTHERS, key="the-key-of-somebody-else", offer_id=EVENT).order
    _paid(desk, other)
    desk.gateway.pay_later(order.session_id)
    desk.gateway.pay(order.session_id)
    return desk.order(order.id)


def second_payment(desk: Desk, order: Order, number: int = 2) -> CheckoutSession:
    """The buyer pays once more, in a session that should not have been there; not yet heard of."""
    first = desk.gateway.stored[order.session_id]
    name = f"cs_{order.id}_again_{number}"
    session = replace(
        first.session, id=name, outcome=Outcome.OPEN, payment_id="", charge_id="", method="", refunds=(), disputes=()
    )
    expires_at = desk.clock() + timedelta(minutes=35)
    desk.gateway.stored[name] = replace(first, session=replace(session, charged_at=None), expires_at=expires_at)
    return desk.gateway.pay(name)


def ledger(desk: Desk, order: Order) -> Ledger:
    return desk.store.ledger(order.id)


def refund_of(desk: Desk, order: Order) -> Refund:
    """The one refund of an order."""
    (refund,) = desk.store.ledger(order.id).refunds
    return refund


def make(desk: Desk, refund: Refund) -> None:
    """What the sweep does with a refund that is due."""
    give_back(refund.key, store=desk.store, gateway=desk.gateway, emails=desk.emails, now=desk.clock())


def emails(desk: Desk, order: Order) -> list[str]:
    """The outbox of an order, without the order's id in their names."""
    found = [item["id"]["S"] for item in desk.items("email") if item["order_id"]["S"] == order.id]
    return sorted(name.replace(f"-{order.id}", "") for name in found)


def _paid(desk: Desk, order: Order) -> Order:
    order = desk.open_checkout(order).order
    desk.gateway.pay(order.session_id)
    return settle(desk, order.session_id)
