"""The stories of money that goes back, is taken, or comes twice; and of worlds in which something is dead for ever."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.domain.difference import DifferenceKind
from chalicelib.domain.order import Order
from chalicelib.domain.state import State
from tests.desk import ANSWERS, FORM
from tests.events import EVENT, attending, sample_event
from tests.torture.stories import (
    CONGRESS,
    MEMBERSHIP,
    ORDERED,
    OTHERS,
    PRESSED,
    SEATS,
    Story,
    congress,
    hold_runs_out,
    nothing,
)
from tests.torture.world import Habits, World, put_offer

if TYPE_CHECKING:
    from tests.torture.people import People

ALONE = attending(ANSWERS).fields() | PRESSED | {"member": "nee"}
PART = 1000
_A_DAY = 24 * 60
EMPTY = frozenset({DifferenceKind.REFUNDED_AND_COMING})
_TAKEN = frozenset({DifferenceKind.DISPUTED_AND_COMING})


def _paid(people: People, *, method: str = "card") -> str:
    """A membership that is paid; the session."""
    session_id = people.visit(MEMBERSHIP, FORM)
    people.pay(session_id, method=method)
    return session_id


def _second_payment(people: People) -> None:
    """He paid in a session of which nobody here knows, besides his own."""
    session_id = people.visit(MEMBERSHIP, FORM)
    people.pay_silently(people.another_session(session_id))
    people.pay(session_id)


def _refund_in_parts(people: People) -> None:
    _paid(people)
    for order in people.orders():
        people.refund(order, PART, key="first")
        people.wait(5)
        people.refund(order, order.total_cents - PART, key="second")


def _cancel_for_half(people: People) -> None:
    people.pay(people.visit(CONGRESS, ORDERED))
    for order in people.orders():
        people.cancel(order, order.total_cents // 2)


def _dashboard(people: People, *, method: str, amount: int | None) -> None:
    """Somebody makes a refund in Stripe's own pages."""
    session_id = _paid(people, method=method)
    people.wait(60)
    people.give_back(session_id, amount=amount)


def _refund_fails(people: People) -> None:
    """The buyer's bank sends it back after days, and the secretariat asks for it again."""
    _paid(people)
    for order in people.orders():
        people.refund(order, order.total_cents, key="first")
    for minutes in (5, 15, 75, 3 * _A_DAY):
        people.wait(minutes)
    people.refunds_fail()
    people.wait(1)
    people.wait(65)
    people.compare()
    for order in people.orders():
        if order.kept_cents:
            people.refund(order, order.kept_cents, key="second")


def _dispute(people: People, *, won: bool, refunded: bool = False) -> None:
    session_id = _paid(people)
    if refunded:
        for order in people.orders():
            people.refund(order, PART, key="first")
        for minutes in (5, 15, 75):
            people.wait(minutes)
    dispute_id = people.dispute(session_id)
    people.live()
    people.wait(3 * _A_DAY)
    people.decide_dispute(dispute_id, won=won)


def _refund_meets_dispute(people: People) -> None:
    """The secretariat refunds what the buyer's bank takes at that moment: Stripe refuses, and it goes back once."""
    session_id = _paid(people)
    for order in people.orders():
        people.refund(order, order.total_cents, key="first")
    if not people.made_refunds():
        dispute_id = people.dispute(session_id)
        people.wait(5)
        people.decide_dispute(dispute_id, won=False)


def _all_of_it(people: People) -> None:
    """Paid, partly refunded in Stripe's pages, and the rest disputed and lost."""
    session_id = people.visit(CONGRESS, ORDERED)
    people.pay_silently(session_id)
    for minutes in (20, 17, 5):
        people.wait(minutes)
    people.give_back(session_id, amount=PART)
    people.wait(65)
    people.compare()
    people.decide_dispute(people.dispute(session_id), won=False)


def _twice_and_too_late(people: People) -> None:
    """The money comes when the seats are somebody else's, and then comes again."""
    session_id = people.visit(CONGRESS, ORDERED)
    hold_runs_out(people)
    if people.world.habits.schedules:
        people.other(OTHERS, offer_id=EVENT, pays=True)
    people.pay_anyway(session_id)
    people.pay_another(session_id)


def _twice_and_cancelled(people: People) -> None:
    session_id = people.visit(MEMBERSHIP, FORM)
    people.pay(session_id)
    for order in people.orders():
        people.cancel(order, order.kept_cents)
    people.wait(5)
    people.pay_another(session_id)


def _twice_and_reviewed(people: People) -> None:
    session_id = people.visit(CONGRESS, ORDERED)
    people.pay(session_id, amount=PART)
    people.pay_another(session_id)


def _seat_twice(people: People, *, cancelled: bool) -> None:
    """Two orders give one person a seat, and both are paid; when the second is cancelled he comes all the same."""
    first = people.visit(CONGRESS, ALONE)
    second = people.visit(CONGRESS, ALONE | {"key": "the-form-key-of-a-colleague"})
    people.pay(first)
    people.pay(second)
    for order in people.orders():
        if cancelled and second and order.session_id == second:
            people.cancel(order, order.kept_cents)


def _refund_too_much(people: People) -> None:
    """The secretariat presses twice, and then asks for more than is left, before any of it is made."""
    _paid(people, method="ideal")
    for order in people.orders():
        people.refund(order, PART, key="first")
        people.refund(order, PART, key="first")
        people.refund(order, order.total_cents, key="second")


def _refund_after_dashboard(people: People) -> None:
    """A part went back by Stripe's own pages, and the secretariat asks for all of it."""
    session_id = _paid(people, method="ideal")
    people.give_back(session_id, amount=PART)
    people.wait(5)
    people.compare()
    for order in people.orders():
        people.refund(order, order.total_cents, key="after")


def _refund_after_dispute(people: People) -> None:
    """The bank has taken it back, and the secretariat would give it back once more."""
    dispute_id = people.dispute(_paid(people))
    people.live()
    people.decide_dispute(dispute_id, won=False)
    people.wait(5)
    people.compare()
    for order in people.orders():
        people.refund(order, order.total_cents, key="after")


def _refund_unheard(people: People) -> None:
    """A part is refunded, and Stripe never tells that it was."""
    _paid(people, method="ideal")
    people.wait(5)
    for order in people.orders():
        people.refund(order, PART, key="first")
        for minutes in (5, 5, 15, 75):
            people.wait(minutes)


def _room(world: World) -> None:
    put_offer(world, sample_event(event={"capacity": 5}))


def _kept_part(order: Order) -> int:
    return order.total_cents - PART


MONEY_STORIES = (
    Story(name="second payment", tell=_second_payment, ends=(State.PAID,), mails=3),
    Story(name="refund in parts", tell=_refund_in_parts, ends=(State.PAID,), mails=4, keeps=nothing, reports=EMPTY),
    Story(
        name="cancelled for half",
        prepare=congress,
        tell=_cancel_for_half,
        ends=(State.CANCELLED,),
        mails=SEATS + 1 + SEATS,
        keeps=lambda order: order.total_cents - order.total_cents // 2,
    ),
    Story(
        name="dashboard refund of a part",
        tell=lambda people: _dashboard(people, method="card", amount=PART),
        ends=(State.PAID,),
        mails=2,
        keeps=_kept_part,
    ),
    Story(
        name="dashboard refund in full",
        tell=lambda people: _dashboard(people, method="ideal", amount=None),
        ends=(State.PAID,),
        mails=2,
        keeps=nothing,
        reports=EMPTY,
    ),
    Story(name="refund fails", tell=_refund_fails, ends=(State.PAID,), mails=4, keeps=nothing, reports=EMPTY),
    Story(
        name="dispute lost",
        tell=lambda people: _dispute(people, won=False),
        ends=(State.PAID,),
        mails=2,
        keeps=nothing,
    ),
    Story(name="dispute won", tell=lambda people: _dispute(people, won=True), ends=(State.PAID,), mails=2),
    Story(
        name="refund and dispute",
        tell=lambda people: _dispute(people, won=False, refunded=True),
        ends=(State.PAID,),
        mails=3,
        keeps=nothing,
    ),
    Story(
        name="refund meets dispute",
        tell=_refund_meets_dispute,
        ends=(State.PAID,),
        mails=3,
        keeps=nothing,
        reports=_TAKEN,
    ),
    Story(
        name="reconciliation alone",
        prepare=congress,
        tell=_all_of_it,
        ends=(State.PAID,),
        mails=4,
        keeps=nothing,
        habits=Habits(webhooks=False),
        reports=_TAKEN,
    ),
    Story(
        name="queue dead",
        prepare=congress,
        tell=lambda people: people.pay(people.visit(CONGRESS, ORDERED)),
        ends=(State.PAID,),
        mails=SEATS + 1,
        habits=Habits(queues=False),
    ),
    Story(
        name="second payment, too late",
        patient=True,
        prepare=congress,
        tell=_twice_and_too_late,
        ends=(State.REFUND_DUE,),
        mails=2,
        keeps=nothing,
    ),
    Story(
        name="second payment, cancelled",
        patient=True,
        tell=_twice_and_cancelled,
        ends=(State.CANCELLED,),
        mails=4,
        keeps=nothing,
    ),
    Story(
        name="second payment, in review",
        patient=True,
        prepare=congress,
        tell=_twice_and_reviewed,
        ends=(State.REVIEW,),
        mails=1,
        keeps=lambda _: PART,
        reports=frozenset({DifferenceKind.REVIEW}),
    ),
    Story(
        name="a seat twice",
        patient=True,
        prepare=_room,
        tell=lambda people: _seat_twice(people, cancelled=False),
        ends=(State.PAID, State.PAID),
        mails=4,
    ),
    Story(
        name="refund too much",
        patient=True,
        tell=_refund_too_much,
        ends=(State.PAID,),
        mails=3,
        keeps=_kept_part,
    ),
    Story(
        name="refund after dashboard",
        patient=True,
        tell=_refund_after_dashboard,
        ends=(State.PAID,),
        mails=2,
        keeps=_kept_part,
    ),
    Story(
        name="refund in a deaf world",
        patient=True,
        tell=_refund_unheard,
        ends=(State.PAID,),
        mails=3,
        keeps=_kept_part,
        habits=Habits(webhooks=False),
    ),
    Story(
        name="refund after dispute",
        patient=True,
        tell=_refund_after_dispute,
        ends=(State.PAID,),
        mails=2,
        keeps=nothing,
        reports=_TAKEN,
    ),
    Story(
        name="a seat by two orders",
        patient=True,
        prepare=_room,
        tell=lambda people: _seat_twice(people, cancelled=True),
        ends=(State.PAID, State.CANCELLED),
        mails=5,
        keeps=lambda order: order.total_cents if order.confirmed else 0,
    ),
)
