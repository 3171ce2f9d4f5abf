"""A crowd around one form: whoever does what at one moment, nobody pays twice and nothing that was paid is lost."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from chalicelib.domain.checkout import Outcome
from chalicelib.domain.error import Unavailable
from chalicelib.domain.state import State
from chalicelib.flows.look_after import look_after
from chalicelib.flows.open_checkout import open_checkout
from chalicelib.flows.register import Registered, register
from chalicelib.flows.release_order import release_order
from chalicelib.flows.replace_order import replace_order
from chalicelib.flows.settle_payment import settle_session
from tests.crash.schedule import Schedule
from tests.desk import ANSWERS, Desk

SEED = 20261125
ROUNDS = 25
OTHERWISE = replace(ANSWERS, organisation="Gemeente Elders")


class Crowd:
    """Everybody who can touch one form key, each with the wires that the schedule sits on."""

    def __init__(self, seed: int) -> None:
        self.chance, self.desk = random.Random(seed), Desk()
        self.first = self.desk.register().order
        self.schedule = Schedule(random.Random(seed), breaks="gateway.", rate=self.chance.choice([0, 0.15, 0.3]))
        self.schedule.sit_on(self.desk)
        self.handed: set[str] = set()
        app = self.desk.application
        self.wires: dict[str, Any] = {
            "store": app.store,
            "gateway": app.gateway,
            "emails": app.emails,
            "links": app.links,
        }

    def come_together(self) -> None:
        """Some of them at the same moment; each tries three times when told to."""
        everybody = [
            self.click,
            self.click_again,
            self.replace,
            self.let_go,
            self.settle,
            self.sweep,
            self.pay,
            self.wait,
        ]
        actors = self.chance.sample(everybody, self.chance.choice([2, 3, 4]))
        self.schedule.run({actor.__name__: self._patient(actor) for actor in actors})

    def click(self) -> None:
        self._lead_on(register(self.desk.submission(), **self._placing()))

    def click_again(self) -> None:
        self.click()

    def replace(self) -> None:
        submission, identity = self.desk.submission(OTHERWISE), self.desk.application.identity
        found = replace_order(self.first.id, submission=submission, identity=identity, now=self._now(), **self.wires)
        self._lead_on(found)

    def let_go(self) -> None:
        release_order(self.desk.order(self.first.id), now=self._now(), **self.wires)

    def settle(self) -> None:
        for session_id in list(self.desk.gateway.stored):
            settle_session(session_id, now=self._now(), **{k: v for k, v in self.wires.items() if k != "links"})

    def sweep(self) -> None:
        for order_id in self.desk.store.due_orders(before=self._now(), limit=50):
            look_after(order_id, now=self._now(), **self.wires)

    def pay(self) -> None:
        """Somebody pays wherever an address leads to."""
        for session_id in sorted(self.handed):
            self.schedule.change_over()
            session = self.desk.gateway.fetch(session_id)
            if session is not None and session.outcome is Outcome.OPEN:
                self.desk.gateway.pay(session_id)

    def wait(self) -> None:
        for _ in range(2):
            self.desk.clock.advance(minutes=self.chance.choice([1, 6, 30, 37]))
            self.schedule.change_over()

    def _lead_on(self, registration: Registered) -> None:
        if not registration.changed and registration.order.state is State.PENDING:
            checkout = open_checkout(registration.order, now=self._now(), **self.wires)
            self.handed |= {checkout.url.rpartition("/")[2]} if checkout.url else set()

    def _placing(self) -> dict[str, Any]:
        wires = {name: self.wires[name] for name in ("store", "emails")}
        return wires | {"identity": self.desk.application.identity, "now": self._now()}

    def _now(self) -> datetime:
        return self.desk.clock()

    def _patient(self, actor: Callable[[], None]) -> Callable[[], None]:
        def act() -> None:
            for _ in range(3):
                try:
                    return actor()
                except Unavailable:
                    continue
            return None

        return act


@pytest.mark.parametrize("seed", range(SEED, SEED + 10))
def test_nobody_pays_twice_and_nothing_paid_is_lost(seed: int) -> None:
    paid = 0
    for seeded in range(seed * 1000, seed * 1000 + ROUNDS):
        crowd = Crowd(seeded)
        crowd.come_together()
        crowd.pay()
        desk = crowd.desk
        for minutes in (0, 3, 20, 40, 40):
            desk.clock.advance(minutes=minutes)
            desk.sweep()
            desk.work()
        sessions = [each.session for each in desk.gateway.stored.values() if each.session.outcome is Outcome.PAID]
        assert len(sessions) <= 1, f"seed {seeded}: paid twice"
        states = [item["state"]["S"] for item in desk.items("order")]
        assert states.count("paid") == len(sessions), f"seed {seeded}: {states}"
        assert not {"pending", "processing"}.intersection(states), f"seed {seeded}: {states}"
        counts = {record: len(desk.items(record)) for record in ("payment", "membership", "domain")}
        assert set(counts.values()) == {len(sessions)}, f"seed {seeded}: {counts}"
        assert len(desk.sender.ids()) == 2 * len(sessions), f"seed {seeded}: {desk.sender.ids()}"
        paid += len(sessions)
    assert paid > 0, "a crowd that never pays proves nothing"
