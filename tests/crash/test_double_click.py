"""Two halves of a double click, interleaved at every outside call by a seeded schedule, while Stripe fails at times."""

from __future__ import annotations

import random

from chalicelib.domain.checkout import Outcome
from chalicelib.domain.error import PaymentUnavailable
from chalicelib.flows.open_checkout import open_checkout
from tests.crash.schedule import Schedule
from tests.desk import Desk

SCHEDULES = 300
SEED = 20261125


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
