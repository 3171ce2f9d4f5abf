"""The index of what was made when, on every engine: a period page by page, over months, to the microsecond."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.adapters.dynamodb.record import FIRST, months
from chalicelib.domain.page import Page
from tests.adapters.bench import Bench, Stage
from tests.adapters.money_samples import DIFFERENCE, DISPUTE, ENTRY, PAYOUT, REFUND, ROUND
from tests.adapters.samples import BUYER, EMAIL, NOW, ORDER, PAYMENT

TICK = timedelta(microseconds=1)
TURN = datetime(2027, 1, 1, tzinfo=UTC)


class Question(Protocol):
    """One of the three questions."""

    def __call__(self, *, since: datetime, until: datetime, rest: str, limit: int) -> Page[str]: ...


def _order(name: str, at: datetime) -> Stage:
    return lambda unit: unit.orders.add(replace(ORDER, id=name, created_at=at))


def _entry(name: str, at: datetime) -> Stage:
    order_id, _, entry_id = name.partition("#")
    return lambda unit: unit.entries.add(replace(ENTRY, order_id=order_id, id=entry_id, at=at))


def _payout(name: str, at: datetime) -> Stage:
    return lambda unit: unit.payouts.add(replace(PAYOUT, id=name, made_at=at))


# How each is put there, and asked for.
KINDS: Mapping[str, tuple[Callable[[str, datetime], Stage], Callable[[Bench], Question]]] = {
    "order": (_order, lambda bench: bench.store.orders_made),
    "order#entry-1": (_entry, lambda bench: bench.store.entries_made),
    "payout": (_payout, lambda bench: bench.store.payouts_made),
}


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


def _all(ask: Question, *, since: datetime, until: datetime, limit: int = 100) -> list[str]:
    """Page by page until the end."""
    found: list[str] = []
    rest = ""
    for _ in range(200):
        page = ask(since=since, until=until, rest=rest, limit=limit)
        assert len(page.items) <= limit
        found += page.items
        rest = page.rest
        if not rest:
            return found
    raise AssertionError("it never came to an end")


def test_nothing_was_made_in_an_empty_table(bench: Bench, kind: str) -> None:
    ask = KINDS[kind][1](bench)
    assert ask(since=NOW, until=NOW + timedelta(minutes=1), rest="", limit=9) == Page([], "")
    assert _all(ask, since=NOW - timedelta(days=20 * 366), until=NOW + timedelta(days=400)) == []


def test_a_period_has_both_its_ends_to_the_microsecond(bench: Bench, kind: str) -> None:
    put, asked = KINDS[kind]
    moments = [
        NOW - TICK,
        NOW,
        NOW + timedelta(seconds=1),
        NOW + timedelta(seconds=2),
        NOW + timedelta(seconds=2) + TICK,
    ]
    names = [f"{kind}-{number}" for number in range(5)]
    bench.write(*[put(name, at) for name, at in zip(names, moments, strict=True)])
    assert _all(asked(bench), since=NOW, until=NOW + timedelta(seconds=2)) == names[1:4]
    for name, at in zip(names, moments, strict=True):
        assert _all(asked(bench), since=at, until=at) == [name]


@pytest.mark.parametrize("limit", [1, 2, 3, 100])
def test_pages_go_over_the_months_and_the_empty_ones_among_them(bench: Bench, kind: str, limit: int) -> None:
    put, asked = KINDS[kind]
    moments = [
        *(TURN - timedelta(days=40), TURN - timedelta(days=31), TURN - TICK),
        *(TURN, TURN + TICK),
        # nothing for four months
        *(TURN + timedelta(days=140), TURN + timedelta(days=140, microseconds=5), TURN + timedelta(days=200)),
    ]
    names = [f"{kind}-{number}" for number in range(len(moments))]
    for each in itertools.batched(zip(names, moments, strict=True), 3, strict=False):
        bench.write(*[put(name, at) for name, at in reversed(each)])
    assert _all(asked(bench), since=moments[0], until=moments[-1], limit=limit) == names
    assert _all(asked(bench), since=moments[0] + TICK, until=moments[-1] - TICK, limit=limit) == names[1:-1]
    assert _all(asked(bench), since=TURN - TICK, until=TURN, limit=limit) == names[2:4]
    assert (
        _all(asked(bench), since=NOW - timedelta(days=20 * 366), until=NOW + timedelta(days=900), limit=limit) == names
    )


@pytest.mark.parametrize("lag", [timedelta(0), TICK, timedelta(minutes=10), timedelta(hours=20)])
def test_the_first_moments_of_a_month_are_found_whenever_the_period_began(
    bench: Bench, kind: str, lag: timedelta
) -> None:
    """The hour of the day in which a period begins says nothing of the months it touches."""
    put, asked = KINDS[kind]
    bench.write(put(f"{kind}-1", TURN), put(f"{kind}-2", TURN + lag + TICK))
    since = (TURN - timedelta(days=1)).replace(hour=23, minute=59, second=59, microsecond=999_999)
    assert _all(asked(bench), since=since, until=TURN + lag) == [f"{kind}-1"]


def test_only_what_is_asked_for_comes(bench: Bench) -> None:
    bench.write(
        _order("order", NOW),
        _entry("order#entry", NOW),
        _payout("payout", NOW),
        lambda unit: unit.payments.add(replace(PAYMENT, booked_at=NOW)),
        lambda unit: unit.refunds.add(REFUND),
        lambda unit: unit.disputes.add(DISPUTE),
        lambda unit: unit.emails.add(EMAIL),
        lambda unit: unit.buyers.add(BUYER),
        lambda unit: unit.differences.keep(DIFFERENCE),
        lambda unit: unit.rounds.add(ROUND),
    )
    since, until = NOW - timedelta(days=60), NOW + timedelta(days=60)
    assert _all(bench.store.orders_made, since=since, until=until) == ["order"]
    assert _all(bench.store.entries_made, since=since, until=until) == ["order#entry"]
    assert _all(bench.store.payouts_made, since=since, until=until) == ["payout"]
    assert bench.unit().entries.get("order#entry") is not None


def test_a_row_whose_moment_becomes_known_better_moves(bench: Bench) -> None:
    bench.write(_entry("order#entry", NOW))
    later = replace(ENTRY, order_id="order", id="entry", at=NOW + timedelta(days=60))
    bench.write(lambda unit: unit.entries.keep(later))
    assert _all(bench.store.entries_made, since=NOW, until=NOW) == []
    assert _all(bench.store.entries_made, since=NOW, until=later.at) == ["order#entry"]


def test_what_changes_stays_where_it_was_made(bench: Bench) -> None:
    bench.write(_order("order", NOW))
    bench.write(lambda unit: unit.orders.update(replace(ORDER, id="order", created_at=NOW, due=None)))
    assert _all(bench.store.orders_made, since=NOW, until=NOW) == ["order"]


def test_of_equals_all_come_though_pages_end_among_them(bench: Bench, kind: str) -> None:
    put, asked = KINDS[kind]
    names = [f"{kind}-{number}" for number in range(5)]
    bench.write(*[put(name, NOW) for name in names])
    for limit in (1, 2, 5):
        assert sorted(_all(asked(bench), since=NOW, until=NOW, limit=limit)) == names


def test_a_period_counts_whatever_its_time_zone(bench: Bench, kind: str) -> None:
    put, asked = KINDS[kind]
    amsterdam = ZoneInfo("Europe/Amsterdam")
    bench.write(put(f"{kind}-1", (TURN - TICK).astimezone(amsterdam)), put(f"{kind}-2", TURN.astimezone(amsterdam)))
    old, new = (TURN - TICK).astimezone(amsterdam), TURN.astimezone(amsterdam)
    assert (old.year, new.year) == (2027, 2027), "where the new year began an hour before"
    for zone in (amsterdam, UTC):
        first, last = old.astimezone(zone), new.astimezone(zone)
        assert _all(asked(bench), since=first, until=first) == [f"{kind}-1"]
        assert _all(asked(bench), since=first, until=last) == [f"{kind}-1", f"{kind}-2"]


# Which months a period touches

MOMENTS = st.datetimes(datetime(2025, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001  # bare bounds


@settings(max_examples=300, deadline=None, derandomize=True)
@given(ends=st.tuples(MOMENTS, MOMENTS), share=st.floats(0, 1))
def test_every_moment_of_a_period_is_in_one_of_its_months(ends: tuple[datetime, datetime], share: float) -> None:
    since, until = sorted(ends)
    moment = since + (until - since) * share
    named: Sequence[str] = months(since, until)
    assert named == sorted(set(named))
    if moment >= FIRST:
        assert f"{moment:%Y-%m}" in named
    assert max(named) == f"{until:%Y-%m}"
    assert len(named) <= (until - max(since, min(FIRST, until))).days / 28 + 2
