"""A season: some months of an association and its money, drawn from a seed, in simulated time."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from datetime import datetime, timedelta

from chalicelib.domain.order import Order
from chalicelib.domain.reconciliation import Window
from devstack.stripe.terms import Terms
from tests.ledgers.account import Account
from tests.ledgers.aftermath import Aftermath
from tests.ledgers.agenda import Agenda
from tests.ledgers.audit import Audit
from tests.ledgers.bad_post import BadPost
from tests.ledgers.buyers import Buyers
from tests.ledgers.fair import Crowd, Visit, prepared_for
from tests.torture.people import People
from tests.torture.virtual_time import BEGIN
from tests.torture.world import Alter, prepared

# What is younger is still being made, for reconciliation; and Stripe books what was paid a while later.
SETTLES = timedelta(minutes=5)
_HOURS = (8, 22)


class Season:
    """`pass_by` lets all of it happen; `wrong` is what an audit found along the way or in the end.

    For so many `weeks` people order, and what becomes of it takes some more. After a share of the weeks, `audits`, the
    books are looked at; `say` hears how far it is.
    """

    def __init__(
        self,
        seed: int,
        *,
        orders: int,
        weeks: int = 3,
        audits: float = 0.15,
        say: Callable[[str], object] = lambda _line: None,
        alter: Alter | None = None,
    ) -> None:
        random.seed(seed)  # the pauses of the SDKs
        self.seed, self.orders, self.say, self.sales = seed, orders, say, timedelta(weeks=weeks)
        # how often happens what is rare: in a small season so often that it happens at all
        self.rarely = 1 if orders > 1_000 else 2
        self.chance, self.agenda = random.Random(seed), Agenda()
        self.world = BadPost(table=prepared(prepared_for(orders)), chance=self.chance, agenda=self.agenda, alter=alter)
        self.world.stripe.books.terms = Terms(
            balance_delay=90, available_after=3 * 24 * 60 * 60, dispute_fee_returned=self.chance.random() < 0.5
        )
        self.people, self.crowd = People(self.world), Crowd(self.chance, rarely=self.rarely)
        self.buyers, self.aftermath, self.account = Buyers(self), Aftermath(self), Account(self)
        self.world.on_news = self.aftermath.hear
        self.happened = self.world.happened
        self.made, self.audited, self.wrong = 0, 0, list[str]()
        self.seconds = 0.0
        self._audits, self._swept, self._busy = audits, BEGIN, False

    def pass_by(self) -> list[str]:
        """All of it, to the end; what was wrong."""
        begun = time.process_time()
        with self.world.running():
            self._begin()
            while not self.agenda.is_done and not self.wrong:
                self._sweep_until(self.agenda.next_at)
                self._go_to(self.agenda.next_at)
                self._busy |= not self.agenda.next_recurs
                self.agenda.take()()
                self.world.live()
            if not self.wrong:
                self._end()
        self.seconds += time.process_time() - begun
        return self.wrong

    # What others ask of it.

    def plan(self, after: timedelta, act: Callable[[], object]) -> None:
        self.agenda.plan(self.world.time() + after, act)

    def count(self, what: str) -> None:
        self.happened[what] += 1

    def order_id(self, visit: Visit) -> str:
        return self.world.application.identity.order_id(offer_id=visit.offer_id, form_key=visit.key)

    def order(self, order_id: str) -> Order | None:
        with self.world.gate.resting():
            return self.world.application.store.unit_of_work().orders.get(order_id)

    # How it goes.

    def _begin(self) -> None:
        self.agenda.plan(BEGIN, self._somebody)
        # a round of the last hours reaches back three of them
        self._each(timedelta(hours=3), self._hours)
        self._each(timedelta(days=1), self._day)
        self._each(timedelta(weeks=1), self._week)

    def _each(self, every: timedelta, act: Callable[[], object]) -> None:
        def again() -> None:
            act()
            self.agenda.plan(self.world.time() + every, again, recurs=True)

        self.agenda.plan(BEGIN + every, again, recurs=True)

    def _somebody(self) -> None:
        """Somebody comes along, by day; the next one so much later that all come in the season."""
        self.made += self.buyers.come_along()
        if self.made < self.orders:
            left = max(BEGIN + self.sales - self.world.time(), timedelta(hours=1)) * ((_HOURS[1] - _HOURS[0]) / 24)
            gap = left / (self.orders - self.made) * self.chance.expovariate(1)
            self.agenda.plan(_by_day(self.world.time() + gap), self._somebody)

    def _hours(self) -> None:
        """Reconciliation runs; after hours in which nobody did anything it would find nothing."""
        if self._busy or self.world.time().hour < 3:
            self._busy = False
            self._reconcile()

    def _reconcile(self) -> None:
        """As the schedule: it goes on every few minutes until its rounds are done."""
        self.world.reconcile()
        if self._is_under_way():
            self.plan(timedelta(minutes=5), self._reconcile)

    def _is_under_way(self) -> bool:
        with self.world.gate.resting():
            rounds = self.world.application.store.unit_of_work().rounds
            known = [rounds.get(window.value) for window in Window]
        return any(each is not None and each.phase is not None for each in known)

    def _day(self) -> None:
        for _ in range(max(1, self.orders // 1_000)):
            if self.chance.random() < 0.5:
                self.account.strange_payment()

    def _week(self) -> None:
        self.account.fee()
        self.account.pay_out()
        if self.chance.random() < self._audits:
            self.audit()
        week, differences = (self.world.time() - BEGIN).days // 7, self.world.application.store.differences
        with self.world.gate.resting():
            known = len(differences())
        self.say(f"week {week}: {self.made:,} orders, {known} differences, {time.process_time():,.0f} s")

    def _end(self) -> None:
        """Everybody has gone home; what waits for a sweep or a bank has had its time."""
        for hours in (1, 6, 24, 24, 24, 48):
            until = self.world.time() + timedelta(hours=hours)
            self._sweep_until(until)
            self._go_to(until)
            self._reconcile()
            self.world.live()
        self.account.pay_out()
        self.audit(ended=True)

    def audit(self, *, ended: bool = False) -> None:
        """Let reconciliation look at everything, and then look oneself."""
        self.settle()
        with self.world.gate.resting():
            self.compare()
            self.wrong += Audit(self.world, ended=ended).findings()
        self.audited += 1

    def settle(self) -> None:
        self.world.time.moment += SETTLES
        self.world.stripe.lapse()
        self.world.live()
        self.world.time.moment += SETTLES
        self.world.sweep()
        self.world.live()
        self.world.time.moment += SETTLES

    def compare(self) -> None:
        """One weekly round, all of it."""
        self.world.application.reconciliation().reconcile(Window.ALL, goes_on=lambda _: True, anew=True)

    def _sweep_until(self, until: datetime) -> None:
        """Each minute in which there is something to do."""
        while (due := self.world.next_due()) is not None:
            minute = max(_minute_after(due), _minute_after(self._swept))
            if minute > until:
                return
            self._go_to(minute)
            self._swept = self.world.time()
            self.world.sweep()
            self.world.live()

    def _go_to(self, moment: datetime) -> None:
        self.world.time.moment = max(self.world.time.moment, moment)
        self.world.stripe.lapse()


def _minute_after(moment: datetime) -> datetime:
    return moment.replace(second=0, microsecond=0) + timedelta(minutes=1)


def _by_day(moment: datetime) -> datetime:
    if moment.hour >= _HOURS[1]:
        moment += timedelta(hours=24 - _HOURS[1] + _HOURS[0])
    elif moment.hour < _HOURS[0]:
        moment += timedelta(hours=_HOURS[0])
    return moment
