"""The journeys along which processes are killed: paid, late without a seat, cancelled, and found by comparing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from chalicelib.domain.email import EmailKind
from chalicelib.domain.order import Order
from chalicelib.domain.seat import Seating
from chalicelib.domain.state import State
from tests.desk import ANSWERS, FORM_KEY
from tests.events import EVENT, attending, sample_event
from tests.killed.world import World

SEATS = 2
PATH = f"/nl/{EVENT}"
PRESSED = {"do": "pay", "member": "nee"}
ORDERED = attending(replace(ANSWERS, newsletter=True), "bea@elders.nl").fields() | PRESSED | {"key": FORM_KEY}
OTHERS = attending(ANSWERS, "dirk@elders.nl").fields() | PRESSED | {"key": "the-key-of-somebody-else"}
# A hold and its minute of grace.
HOLD_IS_OVER = 36.5
PART = 1000
DAY = 24 * 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Journey:
    """One story, and where it ends whether or not somebody dies in it.

    `keeps` is what the association has of the visitor's order in the end; `mails` are those about it.
    """

    name: str
    prepare: Callable[[World], object]
    tell: Callable[[World], object]
    ends: State
    seating: Seating
    mails: Mapping[EmailKind, int]
    keeps: Callable[[Order], int]

    def __str__(self) -> str:
        return self.name

    def missed(self, world: World) -> Iterator[str]:
        """What of its goal was not reached."""
        books = world.books()
        if len(books.orders) != 1 + len(world.others):
            yield f"{len(books.orders)} orders"
            return
        order = world.order()
        if (order.state, order.seating, order.kept_cents) != (self.ends, self.seating, self.keeps(order)):
            yield f"it ended {order.state.value}, {order.seating.value}, {order.kept_cents} kept"
        kinds = Counter(email.kind for email in books.emails if email.order_id == order.id)
        if kinds != Counter(self.mails):
            yield f"mails {dict(kinds)}"


def play(journey: Journey, world: World) -> World:
    """The whole of it, and what comes after it."""
    journey.prepare(world)
    world.begin()
    journey.tell(world)
    world.end()
    world.go_home()
    return world


def _offer(world: World) -> None:
    world.put_offer(sample_event(event={"capacity": SEATS}))
    world.has_compared()


def _pay(world: World, session_id: str) -> None:
    """And then there is no other session that he could pay as well."""
    if session_id:
        world.stripe.act("pay", session_id, method="card")
        world.complaints += [
            f"session {each.id[:12]} can still be paid"
            for each in world.stripe.books.sessions()
            if each.status == "open"
        ]


def _go(world: World) -> None:
    session_id = world.visit(PATH, ORDERED)
    _pay(world, session_id)
    if session_id:
        world.come_back(session_id)
    world.live()


def _too_late(world: World) -> None:
    """The hold is over, others pay for the seats, and then there is money all the same."""
    session_id = world.visit(PATH, ORDERED)
    world.wait(HOLD_IS_OVER)
    world.end()
    mine = world.order()
    _pay(world, world.visit(PATH, OTHERS))
    world.live()
    world.others = {order.id for order in world.books().orders} - {mine.id}
    world.begin()
    if session_id:
        world.stripe.act("pay-anyway", session_id, method="card")
    world.live()
    world.wait(1)


def _paid(world: World) -> None:
    _offer(world)
    _pay(world, world.visit(PATH, ORDERED))
    world.live()


def _cancel(world: World) -> None:
    order = world.order()
    world.cancel(order, refund_cents=order.total_cents // 2)
    world.live()
    world.wait(1)


def _deaf(world: World) -> None:
    """He has ordered, and what Stripe tells will never come."""
    world.deaf = True
    _offer(world)
    world.visit(PATH, ORDERED)


def _find(world: World) -> None:
    """Paid, partly refunded in Stripe's own pages, and the rest disputed: all of it found by comparing."""
    [session] = world.stripe.books.sessions()
    _pay(world, session.id)
    _later(world, minutes=61)
    world.stripe.give_back(session.id, amount=PART)
    _later(world, minutes=61)
    world.stripe.open_dispute(session.id)
    _later(world, minutes=DAY)


def _later(world: World, *, minutes: float) -> None:
    world.ahead_by(minutes)
    world.compare()


# He ticks the newsletter as well.
_TICKETS = {EmailKind.CONFIRMATION: 1, EmailKind.TICKET: SEATS, EmailKind.SUBSCRIPTION: 1}

JOURNEYS = (
    Journey(
        name="congress for two",
        prepare=_offer,
        tell=_go,
        ends=State.PAID,
        seating=Seating.SOLD,
        mails=_TICKETS,
        keeps=lambda order: order.total_cents,
    ),
    Journey(
        name="money too late",
        prepare=_offer,
        tell=_too_late,
        ends=State.REFUND_DUE,
        seating=Seating.RELEASED,
        mails={EmailKind.REFUND: 1},
        keeps=lambda _: 0,
    ),
    Journey(
        name="cancelled for half",
        prepare=_paid,
        tell=_cancel,
        ends=State.CANCELLED,
        seating=Seating.RELEASED,
        mails=_TICKETS | {EmailKind.CANCELLATION: SEATS},
        keeps=lambda order: order.total_cents - order.total_cents // 2,
    ),
    Journey(
        name="found by comparing",
        prepare=_deaf,
        tell=_find,
        ends=State.PAID,
        seating=Seating.SOLD,
        mails=_TICKETS,
        keeps=lambda _: 0,
    ),
)
