"""The contract of what is counted against machines, on every engine: tallies, unpaid orders, and mail slots."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest

from chalicelib.adapters.dynamodb.tallies import TableTallies
from chalicelib.domain.error import HoldsTaken, SlotTaken, StorageUnavailable
from chalicelib.domain.hold import HoldMove
from chalicelib.domain.limit import Limit
from chalicelib.domain.mail_slot import MailSlot
from tests.adapters.bench import Bench, Stage
from tests.adapters.samples import NOW

UNTIL = NOW + timedelta(minutes=35)
LIMIT = Limit(name="address", most=3, period=timedelta(minutes=10))
HOLDER = "recipient-a-digest"


def _count(bench: Bench, subject: str = "a", *, minutes: int = 0) -> int:
    tallies = TableTallies(bench.client, table=bench.table)
    return tallies.count(LIMIT.tally(subject, now=NOW + timedelta(minutes=minutes)))


def _move(change: int, *, most: int | None = None, until: datetime = UNTIL) -> Stage:
    return lambda unit: unit.holds.move(HoldMove(holder=HOLDER, change=change, held_until=until), most=most)


def _open(bench: Bench, *, until: datetime = UNTIL) -> int:
    count = bench.unit().holds.get(HOLDER)
    assert count is not None
    assert (count.holder, count.held_until) == (HOLDER, until)
    return count.open


def _take(email_id: str, *, minutes: float = 0) -> Stage:
    now = NOW + timedelta(minutes=minutes)
    slot = MailSlot(id="a-digest", email_id=email_id, until=now + timedelta(minutes=10))
    return lambda unit: unit.slots.take(slot, now=now)


def test_a_tally_counts_each_subject_in_each_period(bench: Bench) -> None:
    assert [_count(bench) for _ in range(4)] == [1, 2, 3, 4]
    assert _count(bench, "b") == 1
    assert _count(bench, minutes=10) == 1
    assert _count(bench) == 5
    ends = {item["expires"]["N"] for item in bench.look()}
    assert ends == {str(int((NOW + timedelta(minutes=minutes)).timestamp())) for minutes in (10, 20)}


def test_many_who_count_at_once_miss_nobody(bench: Bench) -> None:
    with ThreadPoolExecutor(8) as pool:
        counts = list(pool.map(lambda _: _count(bench), range(40)))
    assert sorted(counts) == list(range(1, 41))


def test_a_table_that_does_not_count_is_said_to_be_unavailable(bench: Bench) -> None:
    tallies = TableTallies(bench.client, table="loket-nowhere")
    with pytest.raises(StorageUnavailable):
        tallies.count(LIMIT.tally("a", now=NOW))


def test_unpaid_orders_are_counted_up_to_what_may_be_open(bench: Bench) -> None:
    assert bench.unit().holds.get(HOLDER) is None
    bench.write(_move(1, most=2))
    bench.write(_move(1, most=2))
    before = bench.look()
    with pytest.raises(HoldsTaken) as caught:
        bench.write(_move(1, most=2))
    assert (caught.value.record, caught.value.key) == ("holds", HOLDER)
    assert bench.look() == before
    bench.write(_move(-1))
    bench.write(_move(1, most=2))
    assert _open(bench) == 2


def test_one_that_is_paid_is_never_refused_because_of_a_counter(bench: Bench) -> None:
    """The counter may be gone, or the limit lowered."""
    bench.write(_move(-1))
    assert _open(bench) == -1
    for _ in range(3):
        bench.write(_move(1, most=5))
    bench.write(_move(-1, most=1))
    assert _open(bench) == 1


def test_one_that_is_held_for_longer_counts_as_before_until_later(bench: Bench) -> None:
    later = UNTIL + timedelta(minutes=6)
    for _ in range(2):
        bench.write(_move(1, most=2))
    bench.write(_move(0, most=1, until=later))
    assert _open(bench, until=later) == 2
    bench.write(_move(-1))
    assert _open(bench, until=later) == 1, "whoever goes tells nothing of those who stay"


def test_without_a_limit_there_is_always_room(bench: Bench) -> None:
    for _ in range(3):
        bench.write(_move(1))
    assert _open(bench) == 3


def test_of_many_who_order_at_once_so_many_have_one_open(bench: Bench) -> None:
    def order(_: int) -> bool:
        try:
            bench.write(_move(1, most=5))
        except HoldsTaken:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(order, range(20))) == 5
    assert _open(bench) == 5


def test_a_slot_is_one_emails_until_it_runs_out(bench: Bench) -> None:
    bench.write(_take("ticket-1"))
    bench.write(_take("ticket-1", minutes=1))
    with pytest.raises(SlotTaken):
        bench.write(_take("ticket-2", minutes=10.9))
    slot = bench.unit().slots.get("a-digest")
    assert slot is not None
    assert (slot.email_id, slot.until) == ("ticket-1", NOW + timedelta(minutes=11))
    bench.write(_take("ticket-2", minutes=11))
    with pytest.raises(SlotTaken):
        bench.write(_take("ticket-1", minutes=12))
    assert bench.unit().slots.get("another") is None


def test_of_many_emails_one_has_the_slot(bench: Bench) -> None:
    def take(number: int) -> bool:
        try:
            bench.write(_take(f"ticket-{number}"))
        except SlotTaken:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(take, range(20))) == 1
