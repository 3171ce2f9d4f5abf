"""What is looked at besides, after each commit, as long as the harness itself does not."""

from __future__ import annotations

from chalicelib.domain.calendar import local_date
from chalicelib.domain.email import Delivery
from chalicelib.domain.order import Order
from chalicelib.domain.seat import Seating
from chalicelib.domain.state import State
from tests.torture.books import Books
from tests.torture.world import World

# No case comes near so many calls: one that does goes round in circles.
MOST = 20_000
# Written out a second time: a table cannot be the judge of itself.
_HELD = (State.PENDING, State.PROCESSING)
_SOLD = (State.PAID, State.CONFIRMED)
_RELEASED = (State.EXPIRED, State.REFUND_DUE, State.CANCELLED)


class Endless(BaseException):
    """Going round in circles; nothing in the code may catch this."""


def watch(world: World) -> None:
    """Look closer at a world."""
    before: dict[str, Order] = {}
    looks = world.engine.on_commit

    def look() -> None:
        looks()
        if world.watches:
            books = world.books()
            found = [*_sessions(world, books, before), *_seats(books, before), *_memberships(world, books)]
            world.complaints += [f"at a moment: {each}" for each in found]
            world.watches = not found
            before.update({order.id: order for order in books.orders})

    def count(_: str) -> None:
        if len(world.gate.places) > MOST:
            raise Endless

    world.engine.on_commit, world.gate.says = look, count


def _sessions(world: World, books: Books, before: dict[str, Order]) -> list[str]:
    """When an order is let go, Stripe has closed its session."""
    gone = {
        order.id: order.attempt
        for order in books.orders
        if order.state is State.EXPIRED and order.id in before and before[order.id].state is State.PENDING
    }
    if not gone:
        return []
    world.stripe.lapse()
    return [
        f"an order was let go whose session is {session.status}"
        for session in world.stripe.books.sessions()
        if session.status in ("open", "complete")
        and gone.get(session.asked["client_reference_id"]) == int(session.asked["metadata"]["attempt"])
    ]


def _seats(books: Books, before: dict[str, Order]) -> list[str]:
    """An order has the seats that it should have."""
    wanted = dict.fromkeys(_HELD, Seating.HELD) | dict.fromkeys(_SOLD, Seating.SOLD)
    wanted |= dict.fromkeys(_RELEASED, Seating.RELEASED)
    return [
        f"order {order.code} is {order.state.value} and its seats are {order.seating.value}"
        for order in books.orders
        if order.seating is not Seating.NONE
        and order.seating is not wanted.get(order.state, order.seating)
        and not _was_late(order, before)
    ]


def unheard(world: World) -> list[str]:
    """In the end every mail that arrived is known to have, unless the news of it got lost."""
    if not world.habits.queues or any("never" in each for each in world.gate.struck):
        return []
    arrived = {each.email_id for each in world.mailroom.sent}
    return [
        f"email {email.kind} has arrived and is {email.delivery.value}"
        for email in world.books().emails
        if email.id in arrived and email.delivery is not Delivery.DELIVERED
    ]


def _memberships(world: World, books: Books) -> list[str]:
    """Nobody is a member by an order that was cancelled."""
    today = local_date(world.time())
    ended = {order.id for order in books.orders if order.state is State.CANCELLED}
    return [
        "a membership goes on whose order was cancelled"
        for membership in books.memberships
        if membership.id in ended and membership.ends_on >= today
    ]


def _was_late(order: Order, before: dict[str, Order]) -> bool:
    """Late money may be on its way again while the seats are somebody else's."""
    known = before.get(order.id)
    return order.state is State.PROCESSING and known is not None and known.seating is Seating.RELEASED
