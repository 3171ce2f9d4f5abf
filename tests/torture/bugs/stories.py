"""Stories that only guards ask for: a second payment wherever an order may be, and a seat that two orders gave."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING

from chalicelib.domain.state import State
from tests.desk import ANSWERS, FORM
from tests.events import EVENT, attending, sample_event
from tests.torture.catalogue import STORIES_BY_NAME as OF_ALL
from tests.torture.money_stories import PART
from tests.torture.stories import (
    CONGRESS,
    MEMBERSHIP,
    ORDERED,
    OTHERS,
    PRESSED,
    Story,
    congress,
    hold_runs_out,
    nothing,
)
from tests.torture.world import Habits, World, put_offer

if TYPE_CHECKING:
    from datetime import datetime

    from chalicelib.domain.order import Order
    from tests.torture.people import People

_ALONE = attending(ANSWERS).fields() | PRESSED | {"member": "nee"}
_OTHER_KEY = "the-form-key-of-a-colleague"


def _another_session(people: People, session_id: str) -> str:
    """A session of which nobody here knows, besides his own."""
    stripe = people.world.stripe
    asked = copy.deepcopy(stripe.books.session(session_id).asked)
    asked["metadata"]["attempt"] = asked["payment_intent_data"]["metadata"]["attempt"] = "7"
    asked["expires_at"] = int(stripe.now()) + 24 * 3600
    return stripe.books.open_session(asked, now=stripe.now(), public_url=stripe.public_url).id


def _pay_another(people: People, session_id: str) -> None:
    if session_id:
        people.world.stripe.act("pay", _another_session(people, session_id))
        people.world.live()
        people.world.wait(5)


def _twice_and_too_late(people: People) -> None:
    """The money comes when the seats are somebody else's, and then comes again."""
    session_id = people.visit(CONGRESS, ORDERED)
    hold_runs_out(people)
    if people.world.habits.schedules:
        people.other(OTHERS, offer_id=EVENT, pays=True)
    people.pay_anyway(session_id)
    _pay_another(people, session_id)


def _twice_and_cancelled(people: People) -> None:
    session_id = people.visit(MEMBERSHIP, FORM)
    people.pay(session_id)
    for order in people.orders():
        people.cancel(order, order.kept_cents)
    people.world.wait(5)
    _pay_another(people, session_id)


def _twice_and_reviewed(people: People) -> None:
    session_id = people.visit(CONGRESS, ORDERED)
    people.pay(session_id, amount=PART)
    _pay_another(people, session_id)


def _refund_after_dispute(people: People) -> None:
    """The bank has taken it back, and the secretariat would give it back once more."""
    session_id = people.visit(MEMBERSHIP, FORM)
    people.pay(session_id, method="card")
    if session_id:
        dispute, _ = people.world.stripe.open_dispute(session_id)
        people.world.live()
        people.world.stripe.act_on_dispute("lost", dispute.id)
        people.world.live()
        people.world.wait(5)
        people.world.compare()
    for order in people.orders():
        people.refund(order, order.total_cents, key="after")


def _seat_by_two(people: People) -> None:
    """Two orders give one person a seat, both are paid, and the first is cancelled: he comes all the same."""
    first = people.visit(CONGRESS, _ALONE)
    second = people.visit(CONGRESS, _ALONE | {"key": _OTHER_KEY})
    people.pay(first)
    people.pay(second)
    for order in people.orders():
        if order.session_id == first:
            people.cancel(order, order.kept_cents)


def _seat_twice(people: People) -> None:
    """As before, and both orders stay."""
    first = people.visit(CONGRESS, _ALONE)
    second = people.visit(CONGRESS, _ALONE | {"key": _OTHER_KEY})
    people.pay(first)
    people.pay(second)


def _refund_after_dashboard(people: People) -> None:
    """A part went back by Stripe's own pages, and the secretariat asks for all of it."""
    session_id = people.visit(MEMBERSHIP, FORM)
    people.pay(session_id)
    if session_id:
        people.world.stripe.give_back(session_id, amount=PART)
        people.world.live()
        people.world.wait(5)
        people.world.compare()
    for order in people.orders():
        people.refund(order, order.total_cents, key="after")


def _refund_too_much(people: People) -> None:
    """The secretariat presses twice, and then asks for more than is left, before any of it is made."""
    people.pay(people.visit(MEMBERSHIP, FORM))
    for order in people.orders():
        people.refund(order, PART, key="first")
        people.refund(order, PART, key="first")
        people.refund(order, order.total_cents, key="second")


def _two_secretaries(people: People) -> None:
    """A colleague refunds all of it between the look and the word of another, who asks for all of it too."""
    people.pay(people.visit(MEMBERSHIP, FORM))
    world = people.world
    for order in people.orders():
        before, waiting = world.gate.on_arrival, [order]

        def arrive(call: str, waiting: list[Order] = waiting) -> None:
            if call == "table.TransactWriteItems" and waiting:
                mine = waiting.pop()
                with world.meanwhile(), world.gate.resting():
                    people.refund(mine, mine.total_cents, key="colleague")

        world.gate.on_arrival = arrive
        people.refund(order, order.total_cents, key="first")
        world.gate.on_arrival = before


def _paid_while_let_go(people: People) -> None:
    """He lets his order go on one page, and pays it on another at that moment."""
    session_id, world = people.visit(MEMBERSHIP, FORM), people.world
    before, waiting = world.gate.on_arrival, [session_id] if session_id else []

    def arrive(call: str) -> None:
        if call == "stripe.checkout.sessions.expire" and waiting:
            world.stripe.act("pay", waiting.pop())

    world.gate.on_arrival = arrive
    for order in people.orders():
        people.press(order, "release")
    world.gate.on_arrival = before
    world.live()


def _index_lags(people: People) -> None:
    """The index of what is due tells of orders that are not due any more, or not yet."""
    store, world = people.world.application.store, people.world

    def every_order(*, before: datetime, limit: int) -> list[str]:
        return [order.id for order in world.books().orders]

    store.due_orders = every_order  # type: ignore[method-assign]  # an index that lags
    session_id = people.visit(MEMBERSHIP, FORM)
    world.wait(5)
    people.pay(session_id)


def _refund_unheard(people: People) -> None:
    """A part is refunded, and Stripe never tells that it was."""
    people.pay(people.visit(MEMBERSHIP, FORM))
    people.world.wait(5)
    for order in people.orders():
        people.refund(order, PART, key="first")
        people.world.wait(5, 5, 15, 75)


def _room(world: World) -> None:
    put_offer(world, sample_event(event={"capacity": 5}))


MORE = (
    Story(
        name="second payment, too late",
        prepare=congress,
        tell=_twice_and_too_late,
        ends=(State.REFUND_DUE,),
        mails=2,
        keeps=nothing,
    ),
    Story(name="second payment, cancelled", tell=_twice_and_cancelled, ends=(State.CANCELLED,), mails=4, keeps=nothing),
    Story(
        name="second payment, in review",
        prepare=congress,
        tell=_twice_and_reviewed,
        ends=(State.REVIEW,),
        mails=1,
        keeps=lambda _: PART,
    ),
    Story(name="a seat twice", prepare=_room, tell=_seat_twice, ends=(State.PAID, State.PAID), mails=4),
    Story(
        name="refund too much",
        tell=_refund_too_much,
        ends=(State.PAID,),
        mails=3,
        keeps=lambda order: order.total_cents - PART,
    ),
    Story(
        name="refund after dashboard",
        tell=_refund_after_dashboard,
        ends=(State.PAID,),
        mails=2,
        keeps=lambda order: order.total_cents - PART,
    ),
    Story(name="paid while let go", tell=_paid_while_let_go, ends=(State.PAID,), mails=2),
    Story(name="an index that lags", tell=_index_lags, ends=(State.PAID,), mails=2),
    Story(name="two secretaries", tell=_two_secretaries, ends=(State.PAID,), mails=3, keeps=nothing),
    Story(
        name="refund in a deaf world",
        tell=_refund_unheard,
        ends=(State.PAID,),
        mails=3,
        keeps=lambda order: order.total_cents - PART,
        habits=Habits(webhooks=False),
    ),
    Story(name="refund after dispute", tell=_refund_after_dispute, ends=(State.PAID,), mails=2, keeps=nothing),
    Story(
        name="a seat by two orders",
        prepare=_room,
        tell=_seat_by_two,
        ends=(State.CANCELLED, State.PAID),
        mails=5,
        keeps=lambda order: order.total_cents if order.confirmed else 0,
    ),
)
STORIES_BY_NAME = OF_ALL | {story.name: story for story in MORE}
