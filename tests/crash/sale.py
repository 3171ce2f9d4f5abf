"""A sale of the last seats: everybody who can touch them, at one moment, and a witness of each commit."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from chalicelib.domain.answers import Answers
from chalicelib.domain.checkout import Outcome
from chalicelib.domain.error import RegistrationRefused, Unavailable
from chalicelib.domain.order import Order
from chalicelib.domain.state import State
from chalicelib.flows.look_after import look_after
from chalicelib.flows.open_checkout import open_checkout
from chalicelib.flows.register import register
from chalicelib.flows.release_order import release_order
from chalicelib.flows.replace_order import replace_order
from chalicelib.flows.settle_payment import settle_session
from tests.crash.books import Books
from tests.crash.schedule import Schedule
from tests.desk import ANSWERS, Desk
from tests.events import EVENT, FREE, attending, groups, sample_event

CAPACITY = 4
ROOMS = {"noord": 3, "zuid": 2}


class Sale:
    """Some buyers around a few seats; what they did is counted, so that a sale where nothing happens is noticed."""

    def __init__(self, seed: int, *, build: Callable[[], Desk] = Desk) -> None:
        self.chance, self.desk = random.Random(seed), build()
        free, in_rooms = self.chance.random() < 0.2, self.chance.random() < 0.5
        event = {"capacity": CAPACITY} | (groups(**ROOMS) if in_rooms else {})
        self.offer = self.desk.put_offer(sample_event(**FREE if free else {}, event=event))
        self.capacities = {name: seats for name, seats in self.offer.capacities().items() if seats is not None}
        rooms = list(ROOMS) if in_rooms else [""]
        self.wishes = [self._wish(number, rooms) for number in range(self.chance.choice([3, 4, 5]))]
        self.happened: Counter[str] = Counter()
        self.faults: list[str] = []
        self.schedule = Schedule(random.Random(seed), breaks="gateway.", rate=self.chance.choice([0, 0.15, 0.3]))
        self.schedule.sit_on(self.desk)
        # whoever made a commit, the books must balance after it
        self.desk.client.meta.events.register_last("after-call.dynamodb.TransactWriteItems", self._witness)
        self._taken: Counter[str] = Counter()

    def hold(self) -> None:
        """All of them at once; then what is left of the clock, and of the money."""
        actors = {f"buyer {number}": self._buyer(number) for number in range(len(self.wishes))}
        others = [self._sweep, self._wait, self._settle, self._let_go, self._change_mind, self._pay_late, self._lower]
        actors |= {actor.__name__: actor for actor in self.chance.sample(others, self.chance.choice([2, 3, 4]))}
        self.schedule.run({name: self._patient(actor) for name, actor in actors.items()})
        for minutes in (0, 3, 36, 3, 36):
            self._pay_late()
            self.desk.clock.advance(minutes=minutes)
            self.desk.sweep()
            self._settle()
            self.desk.work()
        # what came too late goes back with the next sweep
        self.desk.clock.advance(minutes=1)
        self.desk.sweep()
        self.desk.work()

    def found(self) -> list[str]:
        """All that was wrong, at any moment or at the end."""
        books, sent = Books(self.desk, capacities=self.capacities), Counter(self.desk.sender.ids())
        self.happened.update(order.state.value for order in books.orders)
        self.happened["sold out"] += books.taken.get(EVENT) == CAPACITY
        mails = [f"{sent[email.id]} × {email.id} sent" for email in books.emails if sent[email.id] != 1]
        return [*self.faults, *books.faults_at_the_end(), *books.faults_of_money(), *mails]

    def _witness(self, **_: object) -> None:
        books = Books(self.desk, capacities=self.capacities)
        self.faults += books.faults()
        for name, seats in books.offered.items():
            if seats < books.taken.get(name, 0) > self._taken[name]:
                self.faults.append(f"{name}: {books.taken[name]} taken when there were only {seats}")
        self._taken = Counter(books.taken)

    # Who does what.

    def _wish(self, number: int, rooms: list[str]) -> Answers:
        """Who comes with a buyer, and where to; nobody is wished for twice."""
        others = [f"persoon-{number}-{place}@elders.nl" for place in range(self.chance.choice([0, 0, 1, 2]))]
        buyer = replace(ANSWERS, email=f"koper-{number}@elders.nl", newsletter=number % 3 == 0)
        return attending(buyer, *others, group=self.chance.choice(rooms))

    def _buyer(self, number: int) -> Callable[[], None]:
        """One who pays where he is led to, or thinks better of it."""
        pays = self.chance.random() < 0.7

        def buy() -> None:
            session_id = self._order(number, self.wishes[number])
            self.schedule.change_over()
            if pays and session_id:
                self._pay(session_id)

        return buy

    def _order(self, number: int, wish: Answers, *, replaces: str = "") -> str:
        """The session he is led to; nothing when there is none, or no seat."""
        submission = self.desk.submission(wish, key=f"the-form-key-of-buyer-{number}", offer_id=EVENT)
        wires = self._wires("store", "emails", "identity")
        try:
            if replaces:
                found = replace_order(replaces, submission=submission, **wires | self._wires("gateway", "links"))
            else:
                found = register(submission, **wires)
        except RegistrationRefused as refusal:
            self.happened[type(refusal).__name__] += 1
            return ""
        if found.changed or found.order.state is not State.PENDING:
            return ""
        wires = self._wires("store", "gateway", "emails", "links")
        return open_checkout(found.order, **wires).url.rpartition("/")[2]

    def _pay(self, session_id: str) -> None:
        """Pay once for an order, in time or after the session was closed."""
        stored, gateway = self.desk.gateway.stored, self.desk.gateway
        order_id, current = stored[session_id].session.order_id, gateway.fetch(session_id)
        same = [each.session for each in stored.values() if each.session.order_id == order_id]
        if current is None or any(session.outcome is Outcome.PAID for session in same):
            return
        if current.outcome is not Outcome.OPEN:
            gateway.pay_later(session_id)
            self.happened["late money"] += 1
        gateway.pay(session_id)

    def _pay_late(self) -> None:
        for session_id, each in list(self.desk.gateway.stored.items()):
            self.schedule.change_over()
            if each.session.outcome is Outcome.EXPIRED and self.chance.random() < 0.5:
                self._pay(session_id)

    def _settle(self) -> None:
        for session_id in list(self.desk.gateway.stored):
            settle_session(session_id, **self._wires("store", "gateway", "emails"))

    def _sweep(self) -> None:
        for order_id in self.desk.store.due_orders(before=self.desk.clock(), limit=50):
            look_after(order_id, **self._wires("store", "gateway", "emails", "links"))

    def _let_go(self) -> None:
        for order in self._orders()[:2]:
            release_order(order, **self._wires("store", "gateway", "emails", "links"))

    def _change_mind(self) -> None:
        """Somebody replaces his order by one with a person less or more."""
        for number, wish in enumerate(self.wishes):
            key = f"the-form-key-of-buyer-{number}"
            order_id = self.desk.application.identity.order_id(offer_id=EVENT, form_key=key)
            if order_id in {order.id for order in self._orders()}:
                more = attending(wish, "nieuw@elders.nl", group=wish.group)
                other = more if not wish.attendees else replace(wish, attendees=())
                self._order(number, other, replaces=order_id)
                return

    def _lower(self) -> None:
        """The secretariat takes a seat away; what was promised stays promised."""
        event = self.offer.event
        assert event is not None
        self.desk.put_offer(replace(self.offer, event=replace(event, capacity=CAPACITY - 1)))

    def _wait(self) -> None:
        for _ in range(2):
            self.desk.clock.advance(minutes=self.chance.choice([1, 6, 30, 37]))
            self.schedule.change_over()

    def _orders(self) -> list[Order]:
        return Books(self.desk).orders

    def _wires(self, *names: str) -> dict[str, Any]:
        return {name: getattr(self.desk.application, name) for name in names} | {"now": self.desk.clock()}

    def _patient(self, actor: Callable[[], None]) -> Callable[[], None]:
        """Whoever is told to try again does so."""

        def act() -> None:
            for _ in range(3):
                try:
                    return actor()
                except Unavailable:
                    continue
            return None

        return act
