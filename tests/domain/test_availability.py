"""Availability: open or not, why not, how many are left, and after how long to come back."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.domain.availability import SWEEP, Availability, Sale, availability
from chalicelib.domain.offer import Group, Offer
from chalicelib.domain.seat import SeatCount
from tests.domain.order_samples import OFFER as MEMBERSHIP
from tests.domain.summer_school import summer_school

SCHOOL = summer_school()
NOW = datetime(2028, 6, 1, 12, 0, tzinfo=UTC)
ENDS = NOW + timedelta(minutes=35)
TICK = timedelta(microseconds=1)

type Seats = tuple[int, int]


def _offer(capacity: int | None, **groups: int | None) -> Offer:
    assert SCHOOL.event is not None
    title = SCHOOL.title
    of = tuple(Group(id=name, title=title, capacity=most) for name, most in groups.items())
    return replace(SCHOOL, id="x", event=replace(SCHOOL.event, capacity=capacity, groups=of))


def _look(
    offer: Offer, event: Seats = (0, 0), *, until: datetime | None = ENDS, now: datetime = NOW, **groups: Seats
) -> Availability:
    """What is left when so many are held and sold: in the event, and in each group."""
    seats = {"x": event} | {f"x/{name}": taken for name, taken in groups.items()}
    counts = {
        name: SeatCount(counter=name, held=held, sold=sold, held_until=until) for name, (held, sold) in seats.items()
    }
    return availability(offer, counts, now=now)


# By the dates


def test_before_it_opens_and_from_when_it_closes_nothing_is_sold() -> None:
    opens, closes = datetime(2028, 3, 25, 8, 0, tzinfo=UTC), datetime(2028, 7, 1, 10, 0, tzinfo=UTC)
    assert (SCHOOL.opens_at, SCHOOL.closes_at) == (opens, closes), "winter time, summer time"
    found = {now: availability(SCHOOL, {}, now=now).sale for now in (opens - TICK, opens, closes - TICK, closes)}
    assert list(found.values()) == [Sale.NOT_YET, Sale.OPEN, Sale.OPEN, Sale.CLOSED]


def test_the_dates_count_before_the_seats() -> None:
    assert SCHOOL.opens_at is not None
    assert SCHOOL.closes_at is not None
    full = {"zomerschool": SeatCount(counter="zomerschool", held=0, sold=30)}
    assert availability(SCHOOL, full, now=SCHOOL.opens_at - TICK).sale is Sale.NOT_YET
    assert availability(SCHOOL, full, now=SCHOOL.closes_at).sale is Sale.CLOSED
    assert availability(SCHOOL, full, now=NOW).sale is Sale.SOLD_OUT


@pytest.mark.parametrize("now", [datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)])
def test_without_dates_and_seats_there_is_always_room(now: datetime) -> None:
    expected = Availability(sale=Sale.OPEN, free=None, by_group={}, held_groups=frozenset(), minutes=0)
    assert availability(MEMBERSHIP, {}, now=now) == expected


# By the seats


@pytest.mark.parametrize(
    ("capacity", "taken", "sale", "free"),
    [
        (10, (0, 0), Sale.OPEN, 10),
        (10, (4, 5), Sale.OPEN, 1),
        (10, (5, 5), Sale.ALL_HELD, 0),
        (10, (10, 0), Sale.ALL_HELD, 0),
        (10, (1, 9), Sale.ALL_HELD, 0),
        (10, (0, 10), Sale.SOLD_OUT, 0),
        (0, (0, 0), Sale.SOLD_OUT, 0),
        # the capacity was lowered
        (5, (0, 10), Sale.SOLD_OUT, 0),
        (5, (4, 5), Sale.SOLD_OUT, 0),
        (5, (6, 4), Sale.ALL_HELD, 0),
        (0, (4, 0), Sale.SOLD_OUT, 0),
        (None, (900, 900), Sale.OPEN, None),
    ],
)
def test_what_is_left_of_an_event(capacity: int | None, taken: Seats, sale: Sale, free: int | None) -> None:
    found = _look(_offer(capacity), taken)
    assert (found.sale, found.free, found.by_group) == (sale, free, {})


def test_a_counter_that_was_never_used_has_all_its_seats() -> None:
    found = availability(_offer(3, a=2, b=None), {}, now=NOW)
    assert (found.sale, found.free, found.by_group, found.minutes) == (Sale.OPEN, 3, {"a": 2}, 0)


def test_the_event_and_all_its_groups_together_say_how_many_are_free() -> None:
    assert _look(_offer(10, a=4, b=3)).free == 7, "the groups have fewer"
    assert _look(_offer(5, a=4, b=3)).free == 5, "the event has fewer"
    assert _look(_offer(None, a=4, b=3)).free == 7
    assert _look(_offer(None, a=4, b=None)).free is None, "there is always room in one group"
    assert _look(_offer(9, a=4, b=None)).free == 9
    found = _look(_offer(10, a=4, b=3), (2, 3), a=(1, 3), b=(1, 0))
    assert (found.sale, found.free, found.by_group) == (Sale.OPEN, 2, {"a": 0, "b": 2})
    lowered = _look(_offer(10, a=1, b=3), (2, 3), a=(1, 3), b=(1, 0))
    assert (lowered.free, lowered.by_group) == (2, {"a": 0, "b": 2}), "one group's lack is not the other's"


@pytest.mark.parametrize(
    ("offer", "event", "a", "b", "sale"),
    [
        # all groups full, though the event is not
        (_offer(10, a=2, b=2), (0, 4), (0, 2), (0, 2), Sale.SOLD_OUT),
        (_offer(10, a=2, b=2), (1, 3), (0, 2), (1, 1), Sale.ALL_HELD),
        (_offer(None, a=2, b=2), (0, 4), (0, 2), (0, 2), Sale.SOLD_OUT),
        (_offer(None, a=2, b=2), (4, 0), (2, 0), (2, 0), Sale.ALL_HELD),
        # the event full, though the groups are not
        (_offer(3, a=2, b=2), (0, 3), (0, 2), (0, 1), Sale.SOLD_OUT),
        (_offer(3, a=2, b=2), (1, 2), (0, 2), (1, 0), Sale.ALL_HELD),
        (_offer(3, a=2, b=None), (1, 2), (1, 1), (0, 1), Sale.ALL_HELD),
        (_offer(3, a=2, b=None), (0, 3), (0, 2), (0, 1), Sale.SOLD_OUT),
        # one group is full: there is room in another
        (_offer(None, a=2, b=None), (0, 2), (0, 2), (0, 0), Sale.OPEN),
        (_offer(10, a=2, b=2), (0, 3), (0, 2), (0, 1), Sale.OPEN),
    ],
)
def test_sold_out_or_only_held(offer: Offer, event: Seats, a: Seats, b: Seats, sale: Sale) -> None:
    assert _look(offer, event, a=a, b=b).sale is sale


@settings(deadline=None)
@given(capacity=st.integers(0, 5), held=st.integers(0, 7), sold=st.integers(0, 7))
def test_held_means_that_there_would_be_room_if_nobody_paid(capacity: int, held: int, sold: int) -> None:
    now, later = _look(_offer(capacity), (held, sold)), _look(_offer(capacity), (0, sold))
    assert (now.sale is Sale.SOLD_OUT) is (later.sale is Sale.SOLD_OUT)
    assert (now.sale is Sale.OPEN) is (now.free != 0) is (held + sold < capacity)


# After how long to come back


@pytest.mark.parametrize(
    ("left", "minutes"),
    [
        (timedelta(minutes=35), 37),
        (timedelta(minutes=35) - TICK, 37),
        (timedelta(minutes=34) + TICK, 37),
        (timedelta(minutes=34), 36),
        (TICK, 3),
        (timedelta(0), 2),
        (-TICK, 2),
        (-SWEEP + TICK, 1),
        (-SWEEP, 0),
        # a bank has been thinking about it for days
        (-timedelta(days=3), 0),
    ],
)
def test_the_minutes_are_rounded_up_and_leave_time_for_the_sweep(left: timedelta, minutes: int) -> None:
    assert _look(_offer(3), (3, 0), until=NOW + left).minutes == minutes


def test_nobody_can_say_when_nothing_is_held_or_no_hold_was_ever_made() -> None:
    assert _look(_offer(3), (0, 3)).minutes == 0
    assert _look(_offer(3), (3, 0), until=None).minutes == 0


def test_the_last_hold_of_all_counters_counts_but_not_one_that_ended() -> None:
    def count(name: str, held: int, minutes: int) -> SeatCount:
        return SeatCount(counter=name, held=held, sold=0, held_until=NOW + timedelta(minutes=minutes))

    counts = {each.counter: each for each in (count("x", 2, 10), count("x/a", 1, 20), count("x/b", 0, 30))}
    assert availability(_offer(3, a=2, b=2), counts, now=NOW).minutes == 22
