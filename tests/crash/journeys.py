"""The journeys that the saboteur walks along: membership, congress, free meeting, expired hold, late money."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from chalicelib.domain.error import RegistrationRefused
from chalicelib.domain.state import State
from tests.crash.world import World
from tests.desk import ANSWERS, FORM, FORM_KEY, Desk
from tests.events import EVENT, FREE, attending, groups, sample_event

PATH = f"/nl/{EVENT}"
PRESSED = {"key": FORM_KEY, "do": "pay"}
# The buyer and two others, of whom one is no member; there is a seat for each, and for nobody else.
SEATS = 3
ORDERED = attending(ANSWERS, "bea@elders.nl", "cas@voorbeeldstad.nl").fields() | PRESSED | {"member": "nee"}
OTHERS = attending(ANSWERS, "dirk@elders.nl", "emma@elders.nl")
MET = attending(ANSWERS, "bea@elders.nl", group="noord").fields() | PRESSED


@dataclass(frozen=True, slots=True, kw_only=True)
class Journey:
    """One story: what is there before it, who does what, and how the order and the mails are when nothing fails."""

    name: str
    prepare: Callable[[Desk], object]
    story: Callable[[World], None]
    ends: State
    mails: int

    def __str__(self) -> str:
        return self.name


def _congress(desk: Desk) -> None:
    desk.put_offer(sample_event(event={"capacity": SEATS}))
    desk.member("voorbeeldstad.nl")


def _meeting(desk: Desk) -> None:
    desk.put_offer(sample_event(**FREE, event={"capacity": 4} | groups(noord=2, zuid=3)))


def _join(world: World) -> None:
    world.pay(world.visit("/nl/lidmaatschap", FORM))


def _go(world: World) -> None:
    world.pay(world.visit(PATH, ORDERED))


def _meet(world: World) -> None:
    world.visit(PATH, MET)


def _meet_again(world: World) -> None:
    """He has registered a colleague a moment ago: for the next mail of its kind he waits."""
    desk = world.desk
    with world.saboteur.resting():
        before = replace(attending(ANSWERS, "cas@elders.nl", group="zuid"), attending=False)
        order = desk.register(before, key="the-key-of-a-moment-ago", offer_id=EVENT).order
        world.others.add(order.id)
        desk.work()
    world.visit(PATH, MET)


def _stay_away(world: World) -> None:
    """Nobody pays: when the hold is over somebody else can have every seat."""
    world.visit(PATH, ORDERED)
    _hold_runs_out(world)
    _others_come(world, pay=False)


def _pay_after_all(world: World) -> None:
    """The hold is over and the seats are given back, and then there is money all the same."""
    session_id = world.visit(PATH, ORDERED)
    _hold_runs_out(world)
    world.pay_late(session_id)


def _pay_too_late(world: World) -> None:
    """As before, but by then the seats are somebody else's, and the money goes back."""
    session_id = world.visit(PATH, ORDERED)
    _hold_runs_out(world)
    _others_come(world, pay=True)
    world.pay_late(session_id)


def _hold_runs_out(world: World) -> None:
    world.wait(20, 20, 5, 5)


def _others_come(world: World, *, pay: bool) -> None:
    """Somebody else takes every seat, and nothing goes wrong with that."""
    desk = world.desk
    with world.saboteur.resting():
        try:
            order = desk.register(OTHERS, key="the-key-of-somebody-else", offer_id=EVENT).order
        except RegistrationRefused as refusal:
            world.complaints.append(f"the seats did not come back: {refusal!r}")
            return
        world.others.add(order.id)
        order = desk.open_checkout(order).order
        if pay:
            desk.gateway.pay(order.session_id)
            desk.payments.put(order.session_id)
            desk.work()


MEMBERSHIP = Journey(name="membership", prepare=Desk.offer, story=_join, ends=State.PAID, mails=2)
CONGRESS = Journey(name="congress for three", prepare=_congress, story=_go, ends=State.PAID, mails=4)
MEETING = Journey(name="free meeting", prepare=_meeting, story=_meet, ends=State.CONFIRMED, mails=3)
MEETING_TWICE = Journey(name="free meeting, twice", prepare=_meeting, story=_meet_again, ends=State.CONFIRMED, mails=5)
EXPIRED = Journey(name="expired hold", prepare=_congress, story=_stay_away, ends=State.EXPIRED, mails=0)
LATE = Journey(name="late money", prepare=_congress, story=_pay_after_all, ends=State.PAID, mails=4)
TOO_LATE = Journey(name="money too late", prepare=_congress, story=_pay_too_late, ends=State.REFUND_DUE, mails=5)


def play(journey: Journey, world: World) -> World:
    """The whole of it: the story, and an hour afterwards."""
    journey.prepare(world.desk)
    world.begin()
    with world.desk.running():
        journey.story(world)
        world.go_home()
    return world
