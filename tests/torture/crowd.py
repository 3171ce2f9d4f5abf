"""A crowd: everybody who can touch a form, its seats and its money, at one moment; one seed tells all of it."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from functools import partial

from chalicelib.domain.answers import Answers
from chalicelib.domain.order import Order
from chalicelib.domain.state import Action, State
from devstack.stripe.shelves import NotPossible
from devstack.stripe.stand_in import Action as StripeAction
from devstack.stripe.stand_in import DisputeAction
from devstack.stripe.wire import Refused
from tests.desk import ANSWERS
from tests.events import FREE, attending, groups, sample_event
from tests.torture.judge import Judge
from tests.torture.people import People
from tests.torture.stories import CONGRESS, MEMBERSHIP
from tests.torture.turns import Turns
from tests.torture.world import Alter, Habits, World, prepared, put_offer

SEATS = 4
KEYS = ("the-form-key-of-the-first", "the-form-key-of-the-second", "the-form-key-of-the-third")


def _paid_event(world: World) -> None:
    put_offer(world, sample_event(event={"capacity": SEATS}))


def _grouped_event(world: World) -> None:
    put_offer(world, sample_event(event={"capacity": SEATS} | groups(noord=3, zuid=2)))


def _free_event(world: World) -> None:
    put_offer(world, sample_event(**FREE, event={"capacity": SEATS}))


def _membership(_world: World) -> None:
    """Its seed is all there is."""


SCENES = (_paid_event, _paid_event, _paid_event, _grouped_event, _free_event, *[_membership] * 3)


class Crowd:
    """Some of them, drawn from a seed; what they did is counted, so that a crowd that does nothing is noticed."""

    def __init__(self, seed: int, *, alter: Alter | None = None) -> None:
        random.seed(seed)
        self.chance = random.Random(seed)
        scene = self.chance.choice(SCENES)
        skew = self.chance.choice([0, 0, 0, -290, 290])
        self.world = World(table=prepared(scene), habits=Habits(skew=skew), alter=alter)
        self.world.time_jumps = True
        self.world.time.advance(minutes=self.chance.choice([0, 61]))
        self.world.time_jumps = True
        self.people = People(self.world)
        self.path = MEMBERSHIP if scene is _membership else CONGRESS
        self.rooms = ["noord", "zuid"] if scene is _grouped_event else [""]
        self.turns = Turns(self.world, chance=self.chance, rate=self.chance.choice([0, 0, 0.01, 0.03, 0.06]))
        self.happened: Counter[str] = Counter()
        self.handed: list[str] = []

    def come_together(self) -> list[str]:
        """All of them at once, then hours in which nothing goes wrong any more; what was wrong."""
        world = self.world
        with world.running():
            around_money = self.chance.random() < 0.5
            if around_money:
                self._before()
                # what was asked for before meets what happens now
                for act in self.chance.sample(
                    [self.refund, self.cancel, self.dashboard], self.chance.choice([0, 0, 1])
                ):
                    act()
            drawn = self._drawn(self._around_money() if around_money else self._around_the_form())
            self.turns.run({f"{number} {act.__name__}": act for number, act in enumerate(drawn)})
            self._go_home()
            with world.gate.resting():
                self._count()
                return Judge(world).violations()

    def _before(self) -> None:
        """Somebody has paid already, and nothing went wrong with that."""
        session_id = self.people.visit(self.path, self._form(0))
        self.handed += [session_id] if session_id else []
        if session_id and self.chance.random() < 0.9:
            self.world.stripe.act("pay", session_id, method=self.chance.choice(["ideal", "card"]))
            if self.chance.random() < 0.8:
                self.world.live()

    def _drawn(self, actors: list[Callable[[], None]]) -> list[Callable[[], None]]:
        """Some of them, and some of those who are always about."""
        about = [
            *(self.webhooks, self.webhooks, self.payment_worker, self.payment_worker, self.mail_worker),
            *(self.mail_worker, self.event_worker, self.sweep, self.sweep, self.reconcile, self.clock, self.clock),
        ]
        some = self.chance.sample(actors, self.chance.choice([2, 3, 4, 5]))
        return some + self.chance.sample(about, self.chance.choice([2, 3, 4, 5]))

    def _around_the_form(self) -> list[Callable[[], None]]:
        return [
            *(self.buyer, self.buyer, self.buyer, self.second_buyer, self.third_buyer, self.payer, self.payer),
            *(self.change_mind, self.let_go, self.late_money, self.return_page, self.cancel, self.review),
        ]

    def _around_money(self) -> list[Callable[[], None]]:
        return [
            *(self.refund, self.refund, self.same_refund, self.same_refund, self.cancel, self.cancel),
            *(self.dashboard, self.dashboard, self.dispute, self.refund_fails, self.late_money, self.second_buyer),
        ]

    # Who does what.

    def buyer(self) -> None:
        self._buy(0)

    def second_buyer(self) -> None:
        self._buy(1)

    def third_buyer(self) -> None:
        self._buy(2)

    def _buy(self, number: int) -> None:
        session_id = self.people.visit(self.path, self._form(number))
        if session_id:
            self.handed.append(session_id)
            self.turns.pause()
            if self.chance.random() < 0.6:
                self._pay(session_id)
                self.people.come_back(session_id)

    def payer(self) -> None:
        """Whoever has an address to pay at in front of him, however old, pays there."""
        for _ in range(3):
            self.turns.pause()
            if self.handed:
                self._pay(self.chance.choice(self.handed))

    def return_page(self) -> None:
        for session_id in self.handed[:2]:
            self.people.come_back(session_id)

    def change_mind(self) -> None:
        for order in self._some(State.PENDING):
            form = self._form(0, more=True) | {"do": "replace", "replaces": order.id}
            session_id = self.people.visit(self.path, form)
            self.handed += [session_id] if session_id else []

    def let_go(self) -> None:
        for order in self._some(State.PENDING):
            self.people.press(order, "release")

    def webhooks(self) -> None:
        for _ in range(3):
            self.world.bring()
            self.turns.pause()

    def payment_worker(self) -> None:
        self._work("payments")

    def mail_worker(self) -> None:
        self._work("emails")

    def event_worker(self) -> None:
        for _ in range(3):
            self.world.hand_on()
            self.world.work("deliveries")
            self.turns.pause()

    def _work(self, queue: str) -> None:
        for _ in range(4):
            self.world.work(queue)
            self.turns.pause()

    def sweep(self) -> None:
        self.world.sweep()

    def reconcile(self) -> None:
        self.world.reconcile()

    def clock(self) -> None:
        for _ in range(2):
            self.world.time.advance(minutes=self.chance.choice([1, 4, 7, 16, 36, 61]))
            self.turns.pause()

    def refund(self) -> None:
        for order in self._some(State.PAID, State.CANCELLED, State.REVIEW):
            self.people.refund(order, self._part(order), key=f"refund-{self.chance.randrange(10**6)}")

    def same_refund(self) -> None:
        for order in self._some(State.PAID):
            self.people.refund(order, max(1, order.paid_cents // 3), key="the-same-form")

    def cancel(self) -> None:
        for order in self._some(State.PAID, State.CONFIRMED):
            self.people.cancel(order, self.chance.choice([0, order.kept_cents // 2, order.kept_cents]))

    def review(self) -> None:
        for order in self._some(State.REVIEW):
            self.people.review(order, self.chance.choice([Action.ACCEPT, Action.RETURN]))

    def dashboard(self) -> None:
        for charge in self.world.stripe.books.charges()[:2]:
            self.turns.pause()
            amount = self.chance.choice([None, 1000])
            self._possibly("dashboard", partial(self.world.stripe.give_back, charge.id, amount=amount))

    def dispute(self) -> None:
        stripe = self.world.stripe
        for charge in stripe.books.charges()[:1]:
            self._possibly("dispute", partial(stripe.open_dispute, charge.id))
        for dispute in stripe.books.disputes()[:1]:
            self.turns.pause()
            decisions: tuple[DisputeAction, ...] = ("won", "lost", "respond")
            decided = self.chance.choice(decisions)
            self._possibly(decided, partial(stripe.act_on_dispute, decided, dispute.id))

    def refund_fails(self) -> None:
        for refund in self.world.stripe.books.refunds()[:1]:
            self.turns.pause()
            self._possibly("refund fails", partial(self.world.stripe.act_on_refund, "fail", refund.id))

    def late_money(self) -> None:
        """Money for a session that is closed; nobody pays twice on purpose."""
        books = self.world.stripe.books
        for session in books.sessions():
            self.turns.pause()
            order_id = session.asked["client_reference_id"]
            ours = [each for each in books.sessions() if each.asked["client_reference_id"] == order_id]
            paid = any(each.payment_status == "paid" for each in ours)
            if session.status == "expired" and (not paid or self.chance.random() < 0.3):
                self._possibly("late money", partial(self.world.stripe.act, "pay-anyway", session.id))

    # What they do it with.

    def _pay(self, session_id: str) -> None:
        method = self.chance.choice(["ideal", "card", "card", "later"])
        amount = self.chance.choice([None] * 9 + [1500])
        act = partial(self.world.stripe.act, session_id=session_id)
        if method == "later":
            self._possibly("promise", partial(act, "later", amount=amount))
            if self.chance.random() < 0.7:
                self.turns.pause()
                ends: tuple[StripeAction, ...] = ("settle", "settle", "settle-failed")
                end = self.chance.choice(ends)
                self._possibly(end, partial(act, end))
        else:
            self._possibly("pay", partial(act, "pay", method=method, amount=amount))

    def _possibly(self, what: str, act: Callable[[], object]) -> None:
        """Stripe and the banks do what can be done at that moment."""
        self.world.stripe.lapse()
        try:
            act()
        except (NotPossible, Refused):
            return
        self.happened[what] += 1

    def _some(self, *states: State) -> list[Order]:
        """One of the orders that stand so; it waits a little for there to be one."""
        for _ in range(4):
            found = [order for order in self.world.books().orders if order.state in states]
            if found:
                return [self.chance.choice(found)]
            self.turns.pause()
        return []

    def _part(self, order: Order) -> int:
        return self.chance.choice([max(1, order.paid_cents // 4), order.paid_cents])

    def _form(self, number: int, *, more: bool = False) -> dict[str, str]:
        wish = self._wish(number, more=more)
        return wish.fields() | {"key": KEYS[number], "do": "pay", "member": "nee"}

    def _wish(self, number: int, *, more: bool) -> Answers:
        answers = replace(ANSWERS, email=f"koper-{number}@elders{number}.nl", newsletter=number % 2 == 0)
        if self.path == MEMBERSHIP:
            return replace(answers, organisation="Gemeente Elders") if more else answers
        others = [f"persoon-{number}@elders.nl"] + (["nieuw@elders.nl"] if more else [])
        return attending(answers, *others, group=self.rooms[number % len(self.rooms)])

    def _go_home(self) -> None:
        world = self.world
        for session in world.stripe.books.sessions():
            intent = world.stripe.books.intent_of(session)
            if intent is not None and intent.status == "processing":
                self._possibly("settle", partial(world.stripe.act, "settle", session.id))
        world.live()
        for minutes in (1, 6, 16, 37, 20, 61):
            world.wait(minutes)
        world.compare()
        world.wait(61, 16)
        world.compare()
        world.wait(370, 5)

    def _count(self) -> None:
        books = self.world.books()
        self.happened.update(order.state.value for order in books.orders)
        self.happened.update(refund.reason.value for ledger in books.ledgers.values() for refund in ledger.refunds)
        self.happened["faults"] += len(self.world.gate.struck)
        self.happened["places"] += len(self.world.gate.places)
        self.happened["changes"] += self.turns.changes
