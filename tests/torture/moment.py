"""A moment: what may not be after any commit, and shows only beside the moment before."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from chalicelib.domain.calendar import local_date
from chalicelib.domain.order import Order
from chalicelib.domain.seat import Seating
from chalicelib.domain.state import State
from devstack.stripe.checkout_session import CheckoutSession
from tests.torture.books import Books

if TYPE_CHECKING:
    from tests.torture.world import World

# Written out a second time: the product's own table cannot be its judge.
SEATINGS = {
    State.PENDING: Seating.HELD,
    State.PROCESSING: Seating.HELD,
    State.PAID: Seating.SOLD,
    State.CONFIRMED: Seating.SOLD,
    State.EXPIRED: Seating.RELEASED,
    State.REFUND_DUE: Seating.RELEASED,
    State.CANCELLED: Seating.RELEASED,
}


class Moment:
    """The orders as they were, with which those after the next commit are compared."""

    def __init__(self) -> None:
        self._before: dict[str, Order] = {}

    def twin(self) -> Moment:
        """One that remembers as much."""
        twin = Moment()
        twin._before = dict(self._before)
        return twin

    def look(self, world: World, books: Books) -> list[str]:
        """What is wrong after a commit; it is the moment before of the next one."""
        found = [*self._sessions(world, books), *self.seats(books), *_memberships(world, books)]
        self._before = {order.id: order for order in books.orders}
        return found

    def _sessions(self, world: World, books: Books) -> Iterator[str]:
        """When an order is let go nobody can pay it any more, or is paying."""
        gone = {
            order.id: order.attempt
            for order in books.orders
            if order.state is State.EXPIRED and order.id in self._before and self._was(order).state is State.PENDING
        }
        if not gone:
            return
        world.stripe.lapse()
        for session in world.stripe.books.sessions():
            ours = gone.get(session.asked["client_reference_id"]) == int(session.asked["metadata"]["attempt"])
            if ours and _may_bring_money(world, session):
                yield f"an order was let go whose session is {session.status}"

    def seats(self, books: Books) -> Iterator[str]:
        """The seats of each order are where its state says."""
        for order in books.orders:
            if not order.seats():
                wanted = Seating.NONE
            elif order.state is State.PROCESSING and order.id in self._before:
                # late money may be on its way again while the seats are somebody else's
                released = self._was(order).seating is Seating.RELEASED
                wanted = Seating.RELEASED if released else Seating.HELD
            else:
                wanted = SEATINGS.get(order.state, order.seating)
            if order.seating is not wanted:
                yield f"order {order.code} is {order.state.value} with its seats {order.seating.value}"

    def _was(self, order: Order) -> Order:
        return self._before[order.id]


def _may_bring_money(world: World, session: CheckoutSession) -> bool:
    """Whether it is open, or was completed in time and not in vain."""
    if session.status == "open":
        return True
    ended = {"checkout.session.expired", "checkout.session.async_payment_failed"}
    happened = {event.type for event in world.stripe.books.events_of(session.id)}
    return session.status == "complete" and not ended & happened


def _memberships(world: World, books: Books) -> Iterator[str]:
    """Nobody is a member by an order that was cancelled."""
    today = local_date(world.time())
    cancelled = {order.id for order in books.orders if order.state is State.CANCELLED}
    for membership in books.memberships:
        if membership.id in cancelled and membership.ends_on >= today:
            yield "a membership goes on whose order was cancelled"
