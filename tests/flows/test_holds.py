"""Unpaid orders: somebody has only so many open, and each that is paid or let go makes room, whichever way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from chalicelib.adapters.dynamodb import records
from chalicelib.domain.hold import Holder
from chalicelib.domain.order import Order
from chalicelib.domain.refusal import TooMany, TooManyHolds
from chalicelib.domain.state import State
from chalicelib.flows.register import Registered, nothing_against, register
from chalicelib.flows.release_order import release_order
from chalicelib.flows.replace_order import replace_order
from tests.desk import ANSWERS, Desk
from tests.events import EVENT, FREE, attending, sample_event
from tests.flows.line import before_writing

HALL = Holder(key="address-the-town-hall", most=3)
ADA = Holder(key="recipient-ada", most=2)
BOB = Holder(key="recipient-bob", most=2)


def order(desk: Desk, number: int, *holders: Holder) -> Order:
    return desk.register(key=f"form-key-number-{number}", holders=holders).order


def counts(desk: Desk) -> dict[str, int]:
    read = [records.HOLDS.read(item) for item in desk.items("holds")]
    return {count.holder: count.open for count in read}


def test_so_many_may_be_open_and_the_next_is_told_how_long_it_takes(desk: Desk) -> None:
    order(desk, 1, ADA)
    desk.clock.advance(minutes=5)
    order(desk, 2, ADA)
    with pytest.raises(TooManyHolds) as refused:
        order(desk, 3, ADA)
    assert (refused.value.limit, refused.value.minutes) == ("holds_recipient", 37)
    assert counts(desk) == {ADA.key: 2}
    assert len(desk.items("order")) == len(desk.items("buyer")) == 2


def test_the_network_and_the_address_for_mail_are_counted_apart(desk: Desk) -> None:
    for number, holder in enumerate((ADA, BOB, BOB)):
        order(desk, number, HALL, holder)
    with pytest.raises(TooManyHolds) as refused:
        order(desk, 4, HALL, ADA)
    assert refused.value.limit == "holds_address"
    assert counts(desk) == {HALL.key: 3, ADA.key: 1, BOB.key: 2}
    order(desk, 5, ADA)


def test_the_same_form_again_is_the_same_order_however_many_are_open(desk: Desk) -> None:
    first = order(desk, 1, ADA)
    order(desk, 2, ADA)
    assert order(desk, 1, ADA) == first
    assert counts(desk) == {ADA.key: 2}


def test_the_other_half_of_a_double_click_finds_its_order_in_the_last_place(desk: Desk) -> None:
    order(desk, 1, ADA)
    first: list[Order] = []
    before_writing(desk, lambda: first.append(order(desk, 2, ADA)))
    assert order(desk, 2, ADA) == first[0]
    assert counts(desk) == {ADA.key: 2}


def _news(desk: Desk, placed: Order) -> None:
    desk.payments.put(placed.session_id)
    desk.work()


def _pay(desk: Desk, placed: Order) -> None:
    desk.gateway.pay(placed.session_id)
    _news(desk, placed)


def _pay_otherwise(desk: Desk, placed: Order) -> None:
    desk.gateway.pay(placed.session_id, amount_cents=1)
    _news(desk, placed)


def _pay_later(desk: Desk, placed: Order) -> None:
    desk.gateway.pay_later(placed.session_id)
    _news(desk, placed)


def _let_go(desk: Desk, placed: Order) -> None:
    links = desk.application.links
    release_order(placed, store=desk.store, gateway=desk.gateway, emails=desk.emails, links=links, now=desk.clock())


def _wait(desk: Desk, placed: Order) -> None:
    desk.clock.advance(minutes=37)
    desk.sweep()


@pytest.mark.parametrize(
    ("end", "state"),
    [
        (_pay, State.PAID),
        (_pay_otherwise, State.REVIEW),
        (_pay_later, State.PROCESSING),
        (_let_go, State.EXPIRED),
        (_wait, State.EXPIRED),
    ],
)
def test_whichever_way_it_ends_there_is_room_again(
    desk: Desk, end: Callable[[Desk, Order], None], state: State
) -> None:
    placed = desk.open_checkout(order(desk, 1, HALL, ADA)).order
    assert counts(desk) == {ADA.key: 1, HALL.key: 1}
    end(desk, placed)
    assert desk.order(placed.id).state is state
    assert desk.order(placed.id).holders == ()
    assert counts(desk) == {ADA.key: 0, HALL.key: 0}


def test_one_whose_payment_was_never_begun_makes_room_too(desk: Desk) -> None:
    order(desk, 1, ADA)
    desk.clock.advance(minutes=37)
    desk.sweep()
    assert counts(desk) == {ADA.key: 0}


def test_one_that_is_held_for_longer_is_told_of_at_the_counters(desk: Desk) -> None:
    """Its payment was begun so late that it needed a fresh hold: whoever meets the limit waits for that one."""
    order(desk, 1, ADA)
    late = order(desk, 2, ADA)
    desk.clock.advance(minutes=6)
    renewed = desk.open_checkout(late).order
    assert renewed.hold_until > late.hold_until
    with pytest.raises(TooManyHolds) as refused:
        order(desk, 3, ADA)
    assert refused.value.minutes == 37
    assert counts(desk) == {ADA.key: 2}
    _pay(desk, renewed)
    assert counts(desk) == {ADA.key: 1}


def test_late_money_counts_nobody_again(desk: Desk) -> None:
    placed = desk.open_checkout(order(desk, 1, ADA)).order
    _let_go(desk, placed)
    _pay_later(desk, placed)
    _pay(desk, placed)
    assert desk.order(placed.id).state is State.PAID
    assert counts(desk) == {ADA.key: 0}


def replaced(
    desk: Desk, replaces: str, *, admit: Callable[[], None] = nothing_against, holder: Holder = ADA
) -> Registered:
    return replace_order(
        replaces,
        submission=desk.submission(replace(ANSWERS, reference="anders"), holders=(HALL, holder)),
        identity=desk.application.identity,
        store=desk.store,
        gateway=desk.gateway,
        emails=desk.emails,
        links=desk.application.links,
        now=desk.clock(),
        admit=admit,
    )


def test_an_order_in_the_last_place_can_be_replaced(desk: Desk) -> None:
    order(desk, 2, ADA)
    placed = desk.register(holders=(HALL, ADA)).order
    asked: list[int] = []
    new = replaced(desk, placed.id, admit=lambda: asked.append(1)).order
    assert new.id != placed.id
    assert counts(desk) == {HALL.key: 1, ADA.key: 2}
    assert asked == [1], "a new order is counted, once"


@pytest.mark.parametrize("full", [HALL, BOB], ids=["network", "address for mail"])
def test_an_order_is_not_let_go_for_one_that_would_be_too_many(desk: Desk, full: Holder) -> None:
    placed = desk.register(holders=(ADA,)).order
    for number in range(full.most):
        order(desk, number, full)
    with pytest.raises(TooManyHolds) as refused:
        replaced(desk, placed.id, holder=BOB)
    assert (refused.value.limit, refused.value.minutes) == (f"holds_{full.key.partition('-')[0]}", 37)
    assert desk.order(placed.id).state is State.PENDING
    _let_go(desk, order(desk, 0, full))
    assert replaced(desk, placed.id, holder=BOB).order.state is State.PENDING
    assert desk.order(placed.id).state is State.EXPIRED


def test_nor_when_fewer_may_be_open_than_there_are(desk: Desk) -> None:
    """The limit has been lowered since."""
    order(desk, 1, ADA)
    order(desk, 2, ADA)
    placed = desk.register(holders=(replace(ADA, most=3),)).order
    with pytest.raises(TooManyHolds):
        replaced(desk, placed.id)
    assert desk.order(placed.id).state is State.PENDING


def test_whoever_may_not_send_more_keeps_the_order_that_he_would_replace(desk: Desk) -> None:
    placed = desk.register(holders=(ADA,)).order

    def refuse() -> None:
        raise TooMany("address", minutes=3)

    with pytest.raises(TooMany):
        replaced(desk, placed.id, admit=refuse)
    assert desk.order(placed.id).state is State.PENDING


def test_whoever_sends_the_same_form_again_is_not_asked_whether_he_may(desk: Desk) -> None:
    asked: list[int] = []

    def admit() -> None:
        asked.append(1)
        if len(asked) > 1:
            raise TooMany("address", minutes=3)

    wires = {"store": desk.store, "identity": desk.application.identity, "emails": desk.emails}
    placed = [
        register(desk.submission(), **wires, now=desk.clock(), admit=admit).order  # type: ignore[arg-type]
        for _ in range(3)
    ]
    assert asked == [1]
    assert placed == placed[:1] * 3


def test_what_costs_nothing_is_not_counted(desk: Desk) -> None:
    desk.put_offer(sample_event(**FREE))
    placed = desk.register(attending(ANSWERS), offer_id=EVENT, holders=(ADA,)).order
    assert placed.holders == ()
    assert counts(desk) == {}


def test_an_order_that_nobody_was_counted_for_is_paid_as_ever(desk: Desk) -> None:
    placed = desk.open_checkout(desk.register().order).order
    _pay(desk, placed)
    assert desk.order(placed.id).state is State.PAID
    assert counts(desk) == {}
