"""Seats: along any path of an order's life the counters say what its seating says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.domain.checkout import Outcome
from chalicelib.domain.order import HOLD, Order
from chalicelib.domain.seat import Seating, SeatMove
from chalicelib.domain.state import State
from tests.domain.order_samples import HEARD, NOW, Heard, event_order, order, session

HOLDING = event_order("vuur", "lucht", "vuur")
COUNTERS = {"zomerschool": 3, "zomerschool/vuur": 2, "zomerschool/lucht": 1}
LATER = NOW + timedelta(minutes=10)

# All that the flows do to an order after it was placed.
type Step = Callable[[Order, datetime], Order]


def _hear(heard: Heard) -> Step:
    def step(order: Order, now: datetime) -> Order:
        # seats cannot be gone while the order has them
        gone = heard.seats_gone and order.seating is Seating.RELEASED
        return order.hear(heard.session, now=now, seats_gone=gone).order

    return step


def _while_pending(step: Step) -> Step:
    return lambda order, now: step(order, now) if order.state is State.PENDING else order


STEPS: list[Step] = [
    *map(_hear, HEARD.values()),
    _hear(Heard(session=session(Outcome.PROCESSING), seats_gone=True)),
    _hear(Heard(session=session(Outcome.PAID, amount_cents=75_000))),
    _hear(Heard(session=session(Outcome.PAID, amount_cents=75_000), seats_gone=True)),
    _while_pending(lambda order, now: order.renewed(now=now)),
    _while_pending(lambda order, _: order.let_go()),
    lambda order, now: order.looked_at(now=now),
    lambda order, now: order.retried(now=now),
    lambda order, _: order.with_session("cs_1"),
]
# And whatever a later version may make of it.
TURNS: list[Step] = [lambda order, _, state=state: order.turned(state) for state in State]  # type: ignore[misc]


class Books:
    """The counters as they are kept, and what must hold after every entry."""

    def __init__(self) -> None:
        self.held: Counter[str] = Counter()
        self.sold: Counter[str] = Counter()
        self.until: dict[str, datetime] = {}

    def enter(self, order: Order, before: Order | None) -> None:
        moves = order.seat_moves(before)
        assert len({move.counter for move in moves}) == len(moves), "a transaction takes one write for each counter"
        for move in moves:
            self.held[move.counter] += move.held
            self.sold[move.counter] += move.sold
            if move.held_until:
                self.until[move.counter] = move.held_until
        self._check(order, before, moves)

    def _check(self, order: Order, before: Order | None, moves: tuple[SeatMove, ...]) -> None:
        seats = order.seats()
        for name, count in seats.items():
            assert self.held[name] == (count if order.seating is Seating.HELD else 0)
            assert self.sold[name] == (count if order.seating is Seating.SOLD else 0)
            if order.seating is Seating.HELD:
                assert self.until[name] == order.hold_until
        had = before is not None and before.seating in (Seating.HELD, Seating.SOLD)
        has = order.seating in (Seating.HELD, Seating.SOLD)
        # only what takes seats may fail for want of them
        assert any(move.taken > 0 for move in moves) is (has and not had)
        if before is not None and (before.seating, before.hold_until) == (order.seating, order.hold_until):
            assert moves == ()


def _live(start: Order, steps: list[Step]) -> Order:
    books, now = Books(), NOW
    books.enter(start, None)
    for step in steps:
        now += timedelta(minutes=1)
        after = step(start, now)
        books.enter(after, start)
        start = after
    return start


@settings(max_examples=400, deadline=None)
@given(steps=st.lists(st.sampled_from(STEPS), max_size=12))
def test_along_any_life_the_counters_say_what_the_order_says(steps: list[Step]) -> None:
    _live(HOLDING, steps)


@settings(deadline=None)
@given(steps=st.lists(st.sampled_from(STEPS + TURNS), max_size=12), cents=st.sampled_from([0, 25_000]))
def test_along_any_path_of_states_too(steps: list[Step], cents: int) -> None:
    _live(event_order("vuur", "lucht", cents=cents), steps)


@settings(deadline=None)
@given(steps=st.lists(st.sampled_from(STEPS + TURNS), max_size=12))
def test_an_order_without_seats_never_moves_any(steps: list[Step]) -> None:
    start = order()
    for step in steps:
        after = step(start, LATER)
        assert after.seating is Seating.NONE
        assert after.seat_moves(start) == start.seat_moves(None) == ()
        start = after


@settings(deadline=None)
@given(steps=st.lists(st.sampled_from(STEPS), max_size=12))
def test_what_is_paid_or_free_keeps_its_seats_whatever_comes(steps: list[Step]) -> None:
    paid = HOLDING.hear(session(Outcome.PAID, amount_cents=75_000), now=NOW).order
    for start in (paid, event_order("vuur", cents=0)):
        assert _live(start, steps).seating is Seating.SOLD


# One by one


def _moves(order: Order, before: Order | None) -> set[tuple[Any, ...]]:
    return {(move.counter, move.held, move.sold, move.held_until) for move in order.seat_moves(before)}


def test_placing_holds_them_until_the_hold_ends() -> None:
    until = NOW.replace(microsecond=0) + HOLD
    assert _moves(HOLDING, None) == {(name, count, 0, until) for name, count in COUNTERS.items()}


def test_paying_sells_what_was_held() -> None:
    paid = HOLDING.turned(State.PAID)
    assert _moves(paid, HOLDING) == {(name, -count, count, None) for name, count in COUNTERS.items()}


@pytest.mark.parametrize("ended", [HOLDING.turned(State.EXPIRED), HOLDING.let_go()], ids=["expired", "let go"])
def test_ending_without_money_gives_them_back(ended: Order) -> None:
    assert ended.due is None or ended.state is State.EXPIRED
    assert _moves(ended, HOLDING) == {(name, -count, 0, None) for name, count in COUNTERS.items()}
    assert ended.seat_moves(ended) == ()


def test_late_money_sells_them_again() -> None:
    expired = HOLDING.turned(State.EXPIRED)
    assert _moves(expired.turned(State.PAID), expired) == {(name, 0, count, None) for name, count in COUNTERS.items()}


def test_a_late_promise_holds_them_again() -> None:
    expired = HOLDING.turned(State.EXPIRED)
    until = HOLDING.hold_until
    held_again = {(name, count, 0, until) for name, count in COUNTERS.items()}
    assert _moves(expired.turned(State.PROCESSING), expired) == held_again


def test_a_fresh_hold_takes_nothing_and_says_until_when() -> None:
    renewed = HOLDING.renewed(now=LATER)
    assert renewed.hold_until > HOLDING.hold_until
    assert _moves(renewed, HOLDING) == {(name, 0, 0, renewed.hold_until) for name in COUNTERS}


@pytest.mark.parametrize("state", [State.PENDING, State.EXPIRED, State.PAID])
def test_a_review_leaves_them_as_they_are(state: State) -> None:
    before = HOLDING.turned(state)
    review = before.turned(State.REVIEW)
    assert (review.seating, review.seat_moves(before)) == (before.seating, ())


def test_a_line_of_several_draws_on_its_counters_as_often() -> None:
    several = replace(HOLDING, lines=(replace(HOLDING.lines[0], quantity=4), HOLDING.lines[1]))
    assert several.seats() == Counter({"zomerschool": 5, "zomerschool/vuur": 4, "zomerschool/lucht": 1})
