"""Stripe's webhooks are dead for ever and nobody comes back: what was paid is confirmed all the same, and in time.

The bounds are those of the schedules: a sweep each minute asks Stripe at the end of a hold, and each hour, begun by the
first of the ten-minute runs that finds it due, the last three hours are compared.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from chalicelib.domain.difference import DifferenceKind
from chalicelib.domain.order import GRACE, HOLD
from chalicelib.domain.reconciliation import EVERY, Window
from chalicelib.domain.state import State
from chalicelib.entrypoints import schedules
from tests.crash.books import Books
from tests.desk import ANSWERS, Desk
from tests.events import EVENT, attending, sample_event

SEED = 20261125
BUYERS = 20
MINUTE = timedelta(minutes=1)
RUN = 10  # minutes between the runs of the schedule that compares
# The sweep after the end of the hold, and the one that hands out what Stripe said.
BY_SWEEP = HOLD + GRACE + MINUTE
# Something that happens right after a round began is younger than two minutes for that one; the next comes an hour
# later, and its run may be ten minutes late.
BY_COMPARING = EVERY[Window.HOUR] + 2 * MINUTE + RUN * MINUTE


class Day:
    """A day of a desk that hears nothing; its schedules run as on AWS, unless they are off."""

    def __init__(self, desk: Desk, *, sweeps: bool = True) -> None:
        self.desk, self.sweeps = desk, sweeps
        self.began = desk.clock()
        desk.put_offer(sample_event(event={"capacity": 2 * BUYERS}))
        self.happens: dict[int, list[Callable[[], None]]] = {}
        self.watched: dict[str, tuple[datetime, Callable[[], bool]]] = {}
        self.took: dict[str, timedelta] = {}

    def at(self, minute: int, act: Callable[[], None]) -> None:
        self.happens.setdefault(minute, []).append(act)

    def watch(self, name: str, holds: Callable[[], bool]) -> None:
        """From now on, until it holds."""
        self.watched[name] = (self.desk.clock(), holds)

    def run(self, minutes: int) -> None:
        for minute in range(minutes):
            for act in self.happens.pop(minute, ()):
                act()
            self.desk.clock.advance(minutes=1)
            if self.sweeps:
                self.desk.sweep()
            if minute % RUN == 0:
                with self.desk.running():
                    schedules.reconcile()
            self.desk.work()
            self._look()

    def _look(self) -> None:
        for name, (since, holds) in list(self.watched.items()):
            if holds():
                self.took[name] = self.desk.clock() - since
                del self.watched[name]

    def slowest(self) -> timedelta:
        assert not self.watched, f"never: {sorted(self.watched)}"
        return max(self.took.values())

    # What buyers do, none of whom comes back from the payment page.

    def buyer(self, number: int, *, pays_after: int, begins: int) -> None:
        orders: list[str] = []

        def order() -> None:
            answers = attending(replace(ANSWERS, email=f"koper{number}@elders.nl"), f"persoon{number}@elders.nl")
            registered = self.desk.register(answers, key=f"a-form-key-of-buyer-{number}", offer_id=EVENT)
            orders.append(self.desk.open_checkout(registered.order).order.id)

        def pay() -> None:
            self.desk.gateway.pay(self.desk.order(orders[0]).session_id, method="card")
            self.watch(f"buyer {number}", lambda: self.desk.order(orders[0]).state is State.PAID)

        self.at(begins, order)
        self.at(begins + pays_after, pay)

    def is_right(self) -> None:
        books = Books(self.desk)
        assert [*books.faults_at_the_end(), *books.faults_of_money()] == []
        # what a person has to know of, and nothing that does not agree
        told = {DifferenceKind.DISPUTE_OPEN, DifferenceKind.REFUNDED_AND_COMING}
        assert {difference.kind for difference in self.desk.store.differences()} <= told


def _buyers(day: Day, dice: random.Random) -> None:
    for number in range(BUYERS):
        day.buyer(number, begins=dice.randrange(240), pays_after=dice.randrange(33))


def test_by_the_sweep_everybody_is_confirmed_when_his_hold_ends(desk: Desk) -> None:
    day = Day(desk)
    _buyers(day, random.Random(SEED))
    day.run(300)
    print(f"{len(day.took)} paid and never heard of: confirmed within {day.slowest()} (bound {BY_SWEEP})")
    assert len(day.took) == BUYERS
    assert day.slowest() <= BY_SWEEP
    day.is_right()


def test_without_any_sweep_the_comparison_of_each_hour_confirms_them(desk: Desk) -> None:
    day = Day(desk, sweeps=False)
    _buyers(day, random.Random(SEED))
    day.run(360)
    print(f"{len(day.took)} paid, no sweep: confirmed within {day.slowest()} (bound {BY_COMPARING})")
    assert len(day.took) == BUYERS
    assert day.slowest() <= BY_COMPARING
    day.is_right()


def test_refunds_in_the_dashboard_and_disputes_are_found_within_the_hour(desk: Desk) -> None:
    """However long ago it was paid: what happened lately is asked for, not what was paid lately."""
    day, dice = Day(desk), random.Random(SEED)
    _buyers(day, dice)
    day.run(300)
    day.took.clear()
    desk.clock.advance(days=40)
    orders = [order.id for order in Books(desk).orders]
    for number, order_id in enumerate(orders):
        _something_happens(day, order_id, minute=dice.randrange(240), kind=KINDS[number % len(KINDS)])
    day.run(420)
    print(f"{len(day.took)} refunds and disputes: found within {day.slowest()} (bound {BY_COMPARING})")
    assert len(day.took) == BUYERS + len(orders[:: len(KINDS)])
    assert day.slowest() <= BY_COMPARING
    day.is_right()


KINDS = ("refund", "dispute", "inquiry")


def _something_happens(day: Day, order_id: str, *, minute: int, kind: str) -> None:
    """A part is refunded by hand and an hour later the rest; or the bank is asked for it, or asks what it was for."""
    desk, part = day.desk, 1000
    order = desk.order(order_id)

    def refund(cents: int, kept: int) -> None:
        desk.gateway.refund_elsewhere(order.session_id, cents)
        day.watch(f"{kept} kept of {order_id}", lambda: desk.order(order_id).kept_cents == kept)

    def dispute() -> None:
        desk.gateway.dispute(order.session_id, inquiry=kind == "inquiry")
        day.watch(f"{kind} of {order_id}", lambda: bool(desk.store.ledger(order_id).disputes))

    if kind == "refund":
        rest = order.total_cents - part
        day.at(minute, lambda: refund(part, rest))
        day.at(minute + 90, lambda: refund(rest, 0))
    else:
        day.at(minute, dispute)


def test_late_money_is_found_within_the_hour_and_goes_back(desk: Desk) -> None:
    """The session ended, others have the seats, and then there is money of which nobody tells."""
    day = Day(desk)
    desk.put_offer(sample_event(event={"capacity": 2}))
    late = desk.open_checkout(desk.register(attending(ANSWERS, "bea@elders.nl"), offer_id=EVENT).order).order

    def others_come() -> None:
        people = attending(replace(ANSWERS, email="carla@elders.nl"), "dirk@elders.nl")
        other = desk.register(people, key="the-key-of-somebody-else", offer_id=EVENT)
        desk.gateway.pay(desk.open_checkout(other.order).order.session_id)

    def pay() -> None:
        desk.gateway.pay_anyway(late.session_id)
        day.watch("refunded", lambda: desk.order(late.id).paid_cents > 0 == desk.order(late.id).kept_cents)

    day.at(40, others_come)
    day.at(41, pay)
    day.run(180)
    print(f"late money found and given back within {day.slowest()} (bound {BY_COMPARING + 2 * MINUTE})")
    assert desk.order(late.id).state is State.REFUND_DUE
    assert day.slowest() <= BY_COMPARING + 2 * MINUTE
