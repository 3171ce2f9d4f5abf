"""Tell everybody who has a seat at an event that it was moved: order by order, each of them once."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain.email import Email, EmailKind, new_email
from chalicelib.domain.error import AlreadyExists, StorageUnavailable
from chalicelib.domain.offer import Event, Offer
from chalicelib.domain.order import Order
from chalicelib.flows.dispatch import dispatch
from chalicelib.ports import Lists, Queue, Store

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One order: how many of its people are told now, and how many were before."""

    code: str
    now: int
    before: int


def plan_telling(offer: Offer, *, lists: Lists, store: Store, now: datetime) -> Iterator[Told]:
    """What telling would do; nothing is written. Raises StorageUnavailable."""
    event = _event(offer)
    for order_id in _registered_before(event, offer_id=offer.id, lists=lists):
        order, missing, before = _untold(order_id, event=event, store=store, now=now)
        yield Told(code=order.code, now=len(missing), before=before)


def tell_moved(offer: Offer, *, lists: Lists, store: Store, emails: Queue, now: datetime) -> Iterator[Told]:
    """Put in the outbox what is not there yet about the last move of this event.

    The ids are made of the order, the attendee and the move, so that after a stop anywhere it can be run again.
    Raises StorageUnavailable.
    """
    event = _event(offer)
    for order_id in _registered_before(event, offer_id=offer.id, lists=lists):
        told = _tell_order(order_id, event=event, store=store, emails=emails, now=now)
        log.info("order_told_of_move order_id=%s count=%d", order_id, told.now)
        yield told


def _event(offer: Offer) -> Event:
    event = offer.event
    assert event, "only an event can be moved"
    assert event.moves, "only of a move there is something to tell"
    return event


def _registered_before(event: Event, *, offer_id: str, lists: Lists) -> Iterator[str]:
    """The confirmed orders from before the move, oldest first: whoever came later has seen where and when it is now."""
    moved_at = event.moves[-1].at
    for registration in sorted(lists.edition(offer_id), key=lambda each: each.place):
        if registration.confirmed and registration.created_at < moved_at:
            yield registration.order_id


def _tell_order(order_id: str, *, event: Event, store: Store, emails: Queue, now: datetime) -> Told:
    for _ in range(5):
        order, missing, before = _untold(order_id, event=event, store=store, now=now)
        unit = store.unit_of_work()
        for email in missing:
            unit.emails.add(email)
        if missing:
            try:
                unit.commit()
            except AlreadyExists:
                continue  # somebody else is telling them at the same time
            dispatch(missing, queue=emails)
        return Told(code=order.code, now=len(missing), before=before)
    raise StorageUnavailable(f"order {order_id} kept changing")


def _untold(order_id: str, *, event: Event, store: Store, now: datetime) -> tuple[Order, list[Email], int]:
    """The order as it is now, the emails about the move that it still needs, and how many it has."""
    order = store.unit_of_work().orders.get(order_id)
    assert order is not None, "a list shows orders that are in the table"
    wanted = [
        new_email(
            kind=EmailKind.MOVED,
            order_id=order.id,
            language=order.language,
            now=now,
            attendee=attendee.number,
            move=len(event.moves),
        )
        for attendee in (store.attendees(order.id) if order.confirmed else ())
        if attendee.email
    ]
    there = {email.id for email in store.emails(order.id)} if wanted else set()
    missing = [email for email in wanted if email.id not in there]
    return order, missing, len(wanted) - len(missing)
