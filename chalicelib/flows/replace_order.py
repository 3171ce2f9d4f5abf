"""Replace an open order by one with changed answers: the old one is closed at the payment service first."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from chalicelib.domain.hold import Holder, kind_of
from chalicelib.domain.identity import Identity
from chalicelib.domain.link import Links
from chalicelib.domain.order import Order
from chalicelib.domain.refusal import TooManyHolds, refuse_unless_on_sale, refuse_without_seats
from chalicelib.domain.state import State
from chalicelib.flows.decide import Submission, decide, refuse_known, seats_wanted
from chalicelib.flows.register import Registered, nothing_against, register
from chalicelib.flows.release_order import release_order
from chalicelib.ports import PaymentGateway, Queue, Store


def replace_order(
    replaces: str,
    *,
    submission: Submission,
    identity: Identity,
    store: Store,
    gateway: PaymentGateway,
    emails: Queue,
    links: Links,
    now: datetime,
    admit: Callable[[], None] = nothing_against,
) -> Registered:
    """Register after releasing the order that the visitor saw and chose to replace, and only that one.

    Raises RegistrationRefused, before anything is released unless somebody else takes the seats in between, or
    Unavailable; repeating is harmless. When the old order turns out to be paid, that one is given back.
    """
    registration = register(submission, store=store, identity=identity, emails=emails, now=now, admit=admit)
    if not registration.changed or registration.order.id != replaces or registration.order.state is not State.PENDING:
        return registration
    _refuse(registration.order, submission=submission, store=store, identity=identity, now=now, admit=admit)
    released = release_order(registration.order, store=store, gateway=gateway, emails=emails, links=links, now=now)
    if released.state is not State.EXPIRED:
        return Registered(order=released, changed=True)
    return register(submission, store=store, identity=identity, emails=emails, now=now)


def _refuse(
    order: Order,
    *,
    submission: Submission,
    store: Store,
    identity: Identity,
    now: datetime,
    admit: Callable[[], None],
) -> None:
    """Refuse what the released order's place could not be taken by, as placing an order would."""
    offer = submission.offer
    own = order.seats()
    counts = {
        name: replace(count, held=max(0, count.held - own[name]))
        for name, count in (store.seats(offer.id) if own else {}).items()
    }
    refuse_unless_on_sale(offer, counts=counts, now=now)
    refuse_without_seats(offer, wanted=seats_wanted(submission, offer=offer), counts=counts, now=now)
    decision = decide(submission, offer=offer, order_id=order.id, store=store, identity=identity, now=now)
    admit()
    refuse_known(decision.attendees, store=store)
    if sum(line.total_cents for line in decision.lines):
        _refuse_holders(order, submission.holders, store=store, now=now)


def _refuse_holders(order: Order, holders: Sequence[Holder], *, store: Store, now: datetime) -> None:
    """Raise TooManyHolds for whoever has as many other orders open as he may."""
    holds = store.unit_of_work().holds
    for holder in holders:
        count = holds.get(holder.key)
        if count and count.open - (holder.key in order.holders) >= holder.most:
            raise TooManyHolds(kind_of(holder.key), minutes=count.minutes_left(now=now))
