"""A fair: a desk with a congress and three paid orders, a while ago; and what reconciliation finds there."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chalicelib.domain.difference import DifferenceKind
from chalicelib.domain.order import Order
from tests.desk import ANSWERS, Desk
from tests.events import EVENT, attending, sample_event


def paid_order(desk: Desk, number: int = 1, *, offer_id: str = EVENT, told: bool = True) -> Order:
    """An order that was paid; `told`: the desk heard of it, and sent its mails."""
    answers = attending(replace(ANSWERS, email=f"koper-{number}@elders.nl"), f"gast-{number}@elders.nl")
    answers = answers if offer_id == EVENT else replace(ANSWERS, email=f"koper-{number}@elders.nl")
    order = desk.register(answers, key=f"the-form-key-of-buyer-{number}", offer_id=offer_id).order
    order = desk.open_checkout(order).order
    desk.gateway.pay(order.session_id)
    if told:
        desk.payments.put(order.session_id)
        desk.work()
    return desk.order(order.id)


@pytest.fixture
def fair(desk: Desk) -> Desk:
    """A desk with a congress, three paid orders, and a while since then."""
    desk.put_offer(sample_event(event={"capacity": 10}))
    for number in (1, 2, 3):
        paid_order(desk, number)
    desk.clock.advance(minutes=90)
    return desk


def found(desk: Desk) -> list[tuple[str, DifferenceKind]]:
    return [(difference.code, difference.kind) for difference in desk.store.differences()]
