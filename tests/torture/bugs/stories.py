"""Stories that only guards ask for: two at one moment, and an index that lags."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.domain.state import State
from tests.desk import FORM
from tests.torture.catalogue import STORIES_BY_NAME as OF_ALL
from tests.torture.money_stories import EMPTY
from tests.torture.stories import MEMBERSHIP, Story, nothing

if TYPE_CHECKING:
    from datetime import datetime

    from chalicelib.domain.order import Order
    from tests.torture.people import People


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


MORE = (
    Story(name="paid while let go", tell=_paid_while_let_go, ends=(State.PAID,), mails=2),
    Story(name="an index that lags", tell=_index_lags, ends=(State.PAID,), mails=2),
    Story(name="two secretaries", tell=_two_secretaries, ends=(State.PAID,), mails=3, keeps=nothing, reports=EMPTY),
)
STORIES_BY_NAME = OF_ALL | {story.name: story for story in MORE}
