"""The stories of a form and its money until it is confirmed, or not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING

from chalicelib.domain.difference import DifferenceKind
from chalicelib.domain.membership import Membership
from chalicelib.domain.order import Order
from chalicelib.domain.state import Action, State
from tests.desk import ANSWERS, FORM, FORM_KEY
from tests.events import EVENT, FREE, attending, groups, sample_event
from tests.torture.world import Habits, World, put_offer

if TYPE_CHECKING:
    from tests.torture.people import People

MEMBERSHIP, CONGRESS = "/nl/lidmaatschap", f"/nl/{EVENT}"
PRESSED = {"key": FORM_KEY, "do": "pay"}
# The buyer and two others, of whom one is no member; there is a seat for each, and for nobody else.
SEATS = 3
ORDERED = attending(ANSWERS, "bea@elders.nl", "cas@voorbeeldstad.nl").fields() | PRESSED | {"member": "nee"}
OTHERS = attending(ANSWERS, "dirk@elders.nl", "emma@elders.nl")
# who meets for free wants the newsletter too
MET = attending(replace(ANSWERS, newsletter=True), "bea@elders.nl", group="noord").fields() | PRESSED

MEMBER = Membership(
    id="the-member",
    organisation=ANSWERS.organisation,
    registration_number="",
    domains=("voorbeeldstad.nl",),
    contact_name=ANSWERS.name,
    contact_email=ANSWERS.email,
    starts_on=date(2026, 9, 1),
    ends_on=date(2027, 8, 31),
    version=1,
)


def _all(order: Order) -> int:
    return order.total_cents


def nothing(_: Order) -> int:
    return 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """Who does what, and where it ends when nothing is lost for good.

    `ends` are the states of the visitor's orders; `keeps` is what the association has of each in the end. `habits` are
    what is special about the world it is told in. `mails` are how many the visitor's people get; `reports` is what
    reconciliation has to say of it the day after (of what was decided long after it was paid, the round of the week).
    """

    name: str
    tell: Callable[[People], None]
    ends: tuple[State, ...]
    mails: int
    prepare: Callable[[World], object] = lambda _world: None
    keeps: Callable[[Order], int] = _all
    habits: Habits = field(default_factory=Habits)
    reports: frozenset[DifferenceKind] = frozenset()
    # told only of people who try again: whoever gives up never meets the guard that it asks for
    patient: bool = False

    def __str__(self) -> str:
        return self.name


def congress(world: World) -> None:
    put_offer(world, sample_event(event={"capacity": SEATS}))
    unit = world.application.store.unit_of_work()
    unit.memberships.add(MEMBER)
    unit.commit()


def meeting(world: World) -> None:
    put_offer(world, sample_event(**FREE, event={"capacity": 4} | groups(noord=2, zuid=3)))


def _join(people: People) -> None:
    people.pay(people.visit(MEMBERSHIP, FORM))


def _go(people: People) -> None:
    people.pay(people.visit(CONGRESS, ORDERED))


def _meet(people: People) -> None:
    people.visit(CONGRESS, MET)
    people.live()


def hold_runs_out(people: People) -> None:
    for minutes in (20, 17, 5, 5):
        people.wait(minutes)


def _stay_away(people: People) -> None:
    """Nobody pays: when the hold is over somebody else can have every seat."""
    people.visit(CONGRESS, ORDERED)
    hold_runs_out(people)
    if people.world.habits.schedules:
        people.other(OTHERS, offer_id=EVENT, pays=False)
        hold_runs_out(people)


def _late(people: People) -> None:
    """The hold is over and the seats are given back, and then there is money all the same."""
    session_id = people.visit(CONGRESS, ORDERED)
    hold_runs_out(people)
    people.pay_anyway(session_id)


def _too_late(people: People) -> None:
    """As before, but by then the seats are somebody else's."""
    session_id = people.visit(CONGRESS, ORDERED)
    hold_runs_out(people)
    if people.world.habits.schedules:
        people.other(OTHERS, offer_id=EVENT, pays=True)
    people.pay_anyway(session_id)


def _delayed(people: People) -> None:
    session_id = people.visit(CONGRESS, ORDERED)
    people.promise(session_id)
    people.wait(60)
    people.wait(24 * 60)
    people.settle(session_id, succeeded=True)


def _delayed_in_vain(people: People) -> None:
    session_id = people.visit(CONGRESS, ORDERED)
    people.promise(session_id)
    people.wait(20)
    people.settle(session_id, succeeded=False)


def _delayed_for_long(people: People) -> None:
    session_id = people.visit(CONGRESS, ORDERED)
    people.promise(session_id)
    for minutes in (60, 7 * 60, 6 * 24 * 60):
        people.wait(minutes)
    people.settle(session_id, succeeded=False)


def _other_amount(people: People, action: Action) -> None:
    session_id = people.visit(CONGRESS, ORDERED)
    people.pay(session_id, amount=1000)
    people.wait(5)
    for order in people.orders():
        people.review(order, action)


def _replace(people: People) -> None:
    """He changes his mind before he pays, and pays the new one."""
    people.visit(MEMBERSHIP, FORM)
    other = replace(ANSWERS, organisation="Gemeente Elders").fields() | {"key": FORM_KEY, "do": "replace"}
    first = people.orders()
    people.pay(people.visit(MEMBERSHIP, other | {"replaces": first[0].id if first else ""}))


def _begin_anew(people: People) -> None:
    """He lets it go, and begins anew with the key that the page gives him."""
    people.visit(MEMBERSHIP, FORM)
    for order in people.orders():
        people.press(order, "release")
        key = people.world.application.identity.form_key_after(order.id)
        people.pay(people.visit(MEMBERSHIP, FORM | {"key": key}))


def _renewed(people: People) -> None:
    """Stripe is down for ten minutes, so that the hold is too short for a session: it is renewed."""
    people.hours_without_stripe(ended=False)
    people.visit(MEMBERSHIP, FORM)
    people.hours_without_stripe(ended=True)
    people.pay(people.visit(MEMBERSHIP, FORM))


STORIES = (
    Story(name="membership", tell=_join, ends=(State.PAID,), mails=2),
    Story(name="congress for three", prepare=congress, tell=_go, ends=(State.PAID,), mails=4),
    Story(name="free meeting", prepare=meeting, tell=_meet, ends=(State.CONFIRMED,), mails=4),
    Story(name="expired hold", prepare=congress, tell=_stay_away, ends=(State.EXPIRED,), mails=0, keeps=nothing),
    Story(name="late money with seats", prepare=congress, tell=_late, ends=(State.PAID,), mails=4),
    Story(
        name="late money without seats",
        prepare=congress,
        tell=_too_late,
        ends=(State.REFUND_DUE,),
        mails=1,
        keeps=nothing,
    ),
    Story(name="delayed money", prepare=congress, tell=_delayed, ends=(State.PAID,), mails=4),
    Story(
        name="delayed money fails",
        prepare=congress,
        tell=_delayed_in_vain,
        ends=(State.EXPIRED,),
        mails=1,
        keeps=nothing,
    ),
    Story(
        name="delayed money fails after long",
        prepare=congress,
        tell=_delayed_for_long,
        ends=(State.EXPIRED,),
        mails=1,
        keeps=nothing,
    ),
    Story(
        name="another amount accepted",
        prepare=congress,
        tell=lambda people: _other_amount(people, Action.ACCEPT),
        ends=(State.PAID,),
        mails=4,
        keeps=lambda _: 1000,
    ),
    Story(
        name="another amount returned",
        prepare=congress,
        tell=lambda people: _other_amount(people, Action.RETURN),
        ends=(State.REFUND_DUE,),
        mails=1,
        keeps=nothing,
    ),
    Story(
        name="order replaced",
        tell=_replace,
        ends=(State.EXPIRED, State.PAID),
        mails=2,
        keeps=lambda order: order.total_cents if order.confirmed else 0,
    ),
    Story(
        name="begun anew",
        tell=_begin_anew,
        ends=(State.EXPIRED, State.PAID),
        mails=2,
        keeps=lambda order: order.total_cents if order.confirmed else 0,
    ),
    Story(name="session renewed", tell=_renewed, ends=(State.PAID,), mails=2),
)
