"""Two halves of a double click, interleaved at every outside call by a seeded schedule, while Stripe fails at times."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from typing import Any

from chalicelib.domain.checkout import Outcome
from chalicelib.domain.error import PaymentUnavailable
from chalicelib.flows.open_checkout import open_checkout
from tests.crash.saboteur import Saboteur
from tests.desk import Desk

SCHEDULES = 300
SEED = 20261125


class Schedule(Saboteur):
    """Lets one of two threads go on at a time, changing over by chance before each outside call."""

    def __init__(self, chance: random.Random) -> None:
        super().__init__()
        self._chance = chance
        self._turn = threading.Condition()
        self._running: list[str] = []
        self._at = ""

    def run(self, halves: dict[str, Callable[[], None]]) -> None:
        """Run all halves to their end."""
        self._running, self._at = list(halves), self._chance.choice(list(halves))
        threads = [threading.Thread(target=self._half, args=each, name=each[0]) for each in halves.items()]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(timeout=20)
            assert not thread.is_alive(), "a half never came to its end"

    def _half(self, name: str, work: Callable[[], None]) -> None:
        self._wait(name)
        try:
            work()
        finally:
            with self._turn:
                self._running.remove(name)
                self._at = self._running[0] if self._running else ""
                self._turn.notify_all()

    def call[Answer](self, name: str, act: Callable[[], Answer], **failing: Callable[[], Exception]) -> Answer:
        """Change over, then make the call; creating a session fails now and then, before or after it was done."""
        self._change_over()
        fails = name == "gateway.open_session" and self._chance.random() < 0.3
        if fails and self._chance.random() < 0.5:
            raise failing["broken"]()
        answer = act()
        if fails:
            raise failing["broken"]()
        return answer

    def _before_table(self, model: Any, **_: object) -> None:
        self._change_over()

    def _after_table(self, model: Any, **_: object) -> None:
        """Nothing happens after a call: the next one changes over."""

    def _change_over(self) -> None:
        name = threading.current_thread().name
        if name in self._running:
            with self._turn:
                self._at = self._chance.choice(self._running)
                self._turn.notify_all()
            self._wait(name)

    def _wait(self, name: str) -> None:
        with self._turn:
            assert self._turn.wait_for(lambda: self._at == name, timeout=20)


def double_click(seed: int) -> Desk:
    """One order, opened by two at once; whoever gets an address pays there."""
    desk = Desk()
    order = desk.register().order
    schedule = Schedule(random.Random(seed))
    schedule.sit_on(desk)
    urls: list[str] = []

    def half() -> None:
        for _ in range(3):  # a visitor who is told to try again does so
            app = desk.application
            try:
                checkout = open_checkout(
                    order,
                    store=app.store,
                    gateway=app.gateway,
                    emails=app.emails,
                    links=app.links,
                    now=desk.clock(),
                )
            except PaymentUnavailable:
                continue
            urls.append(checkout.url)
            return

    schedule.run({"first": half, "second": half})
    for url in {url for url in urls if url}:
        if desk.gateway.stored[url.rpartition("/")[2]].session.outcome is Outcome.OPEN:
            desk.gateway.pay(url.rpartition("/")[2])
    return desk


def test_nobody_pays_twice() -> None:
    paid = [0, 0, 0, 0]
    for seed in range(SEED, SEED + SCHEDULES):
        desk = double_click(seed)
        outcomes = [each.session.outcome for each in desk.gateway.stored.values()]
        paid[outcomes.count(Outcome.PAID)] += 1
        assert outcomes.count(Outcome.PAID) <= 1, f"seed {seed}: {outcomes}"
    print(f"{SCHEDULES} schedules from seed {SEED}: {paid[0]} unpaid, {paid[1]} paid once")
    assert paid[1] > SCHEDULES * 0.8
