"""Open the checkout of an order: find its session at the payment service, or make one."""

import logging
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.domain.checkout import CheckoutLine, CheckoutRequest, CheckoutSession, Outcome
from chalicelib.domain.error import PaymentRefused, PaymentUnavailable, PaymentUnknown, SessionNotOpen, SessionUnknown
from chalicelib.domain.link import Links
from chalicelib.domain.order import Buyer, Order
from chalicelib.domain.state import State
from chalicelib.flows.change_order import change_order
from chalicelib.flows.settle_payment import settle_payment
from chalicelib.ports import PaymentGateway, Queue, Store

log = logging.getLogger(__name__)

# Stripe opens no session that ends sooner than this; then the order needs a fresh hold.
SHORTEST_SESSION = timedelta(minutes=30)
# How far apart our clock and Stripe's may be.
SKEW = timedelta(minutes=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkout:
    """The order after looking, and the address to pay at; empty when there is nothing to pay any more."""

    order: Order
    url: str


def open_checkout(
    order: Order, *, store: Store, gateway: PaymentGateway, emails: Queue, links: Links, now: datetime
) -> Checkout:
    """Lead to the order's one open session. Raises PaymentUnavailable or StorageUnavailable; repeating is harmless."""
    # once as it is, once with a fresh hold or as another invocation left it: a visitor is waiting
    for _ in range(2):
        if order.state is not State.PENDING:
            return Checkout(order=order, url="")
        session = find_session(order, store=store, gateway=gateway, links=links, now=now)
        if session is None:
            order = change_order(order.renewed(now=now), before=order, store=store)
            continue
        order = settle_payment(session, store=store, emails=emails, now=now) or order
        # another invocation may have let the order go meanwhile, or opened a newer session: this one must not be paid
        stale = order.state is not State.PENDING or session.attempt != order.attempt
        if session.outcome is Outcome.OPEN and not stale:
            return Checkout(order=order, url=session.url)
        if session.outcome is Outcome.OPEN:
            _close(session, gateway=gateway)
    if order.state is not State.PENDING:
        return Checkout(order=order, url="")
    raise PaymentUnavailable(f"no session for order {order.id} after two tries")


def find_session(
    order: Order, *, store: Store, gateway: PaymentGateway, links: Links, now: datetime
) -> CheckoutSession | None:
    """The session of the order's current attempt as it is at the payment service.

    It is opened if it was not yet: asking with the same key and bytes is the only way to be sure which.
    None when none was ever opened for this attempt and none can be any more.
    """
    if order.session_id:
        session = gateway.fetch(order.session_id)
        if session is None:
            raise SessionUnknown(f"session {order.session_id}")
        return session
    buyer = store.unit_of_work().buyers.get(order.id)
    if buyer is None:
        raise PaymentUnavailable(f"order {order.id} has no buyer any more")
    try:
        return gateway.open_session(checkout_request(order, buyer=buyer, links=links))
    except PaymentRefused:
        if order.hold_until - now < SHORTEST_SESSION:
            return None
        raise
    except PaymentUnknown:
        since = order.created_at - SKEW
        found = [each for each in gateway.sessions_of(order.id, since=since) if each.attempt == order.attempt]
        return found[0] if found else None


def checkout_request(order: Order, *, buyer: Buyer, links: Links) -> CheckoutRequest:
    """What is asked of the payment service; only stored facts, so that each repeat is equal to the byte."""
    lines = tuple(
        CheckoutLine(name=f"{label} ({order.code})", description=description, quantity=quantity, unit_cents=unit_cents)
        for (label, description, unit_cents), quantity in _alike(order).items()
        if unit_cents
    )
    return CheckoutRequest(
        order_id=order.id,
        attempt=order.attempt,
        code=order.code,
        language=order.language.value,
        email=buyer.answers.email,
        currency=order.currency,
        lines=lines,
        expires_at=order.hold_until,
        success_url=links.paid(order),
        cancel_url=links.cancelled(order),
    )


def _alike(order: Order) -> Counter[tuple[str, str, int]]:
    """How many units there are of each kind and price, in the order of the lines: who they are for stays here."""
    found: Counter[tuple[str, str, int]] = Counter()
    for line in order.lines:
        label, description = (text.within(order.language) for text in (line.label, line.description))
        found[label, description, line.unit_cents] += line.quantity
    return found


def _close(session: CheckoutSession, *, gateway: PaymentGateway) -> None:
    try:
        gateway.close(session.id)
    except SessionNotOpen:
        log.info("session_closed_already session_id=%s", session.id)
