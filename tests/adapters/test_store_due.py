"""The sparse index of what still waits for something, on every engine: who is in it, in which order, up to when."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from chalicelib.domain.email import Delivery, Email
from chalicelib.domain.order import Order
from chalicelib.domain.refund import Refund, RefundState
from chalicelib.domain.seat import SeatMove
from chalicelib.domain.state import State
from tests.adapters import money_samples as money
from tests.adapters.bench import Bench, Stage
from tests.adapters.samples import (
    ATTENDANCE,
    ATTENDEE,
    BUYER,
    CONSENT,
    DRAFT,
    EMAIL,
    MEMBERSHIP,
    NOW,
    OFFER,
    ORDER,
    PAYMENT,
)

TICK = timedelta(microseconds=1)


def _order(name: str, *, due: datetime | None) -> Stage:
    order = replace(ORDER, id=name, due=due)
    return lambda unit: unit.orders.add(order)


def _email(name: str, *, due: datetime | None) -> Stage:
    email = replace(EMAIL, id=name, due=due)
    return lambda unit: unit.emails.add(email)


def _changed(noun: Order | Email) -> Stage:
    if isinstance(noun, Order):
        return lambda unit: unit.orders.update(noun)
    return lambda unit: unit.emails.update(noun)


def test_nothing_is_due_in_an_empty_table(bench: Bench) -> None:
    assert (bench.store.due_orders(before=NOW, limit=9), bench.store.due_emails(before=NOW, limit=9)) == ([], [])


def test_what_has_no_due_moment_is_not_in_the_index(bench: Bench) -> None:
    bench.write(
        _order("a", due=None),
        _email("b", due=None),
        lambda unit: unit.offers.add(OFFER),
        lambda unit: unit.buyers.add(BUYER),
        lambda unit: unit.consents.add(CONSENT),
        lambda unit: unit.payments.add(PAYMENT),
        lambda unit: unit.refunds.add(money.REFUND_ELSEWHERE),
        lambda unit: unit.disputes.add(money.DISPUTE),
        lambda unit: unit.entries.add(money.ENTRY),
        lambda unit: unit.payouts.add(money.PAYOUT),
        lambda unit: unit.differences.keep(money.DIFFERENCE),
        lambda unit: unit.rounds.add(money.ROUND),
        lambda unit: unit.memberships.add(MEMBERSHIP),
        lambda unit: unit.codes.add(code="L26-7KQM", order_id="a"),
        lambda unit: unit.attendees.add(ATTENDEE),
        lambda unit: unit.attendances.add(ATTENDANCE),
        lambda unit: unit.drafts.keep(DRAFT),
        lambda unit: unit.seats.move(SeatMove(counter="a", held=1, sold=0, held_until=NOW), capacity=1),
    )
    assert all("due" not in item and "due_kind" not in item for item in bench.look())
    far = NOW + timedelta(days=9999)
    assert (bench.store.due_orders(before=far, limit=9), bench.store.due_emails(before=far, limit=9)) == ([], [])
    assert bench.store.due_refunds(before=far, limit=9) == []


def test_what_is_settled_leaves_the_index(bench: Bench) -> None:
    bench.write(_order("order", due=NOW), _email("email", due=NOW))
    assert bench.store.due_orders(before=NOW, limit=9) == ["order"]
    assert bench.store.due_emails(before=NOW, limit=9) == ["email"]
    bench.write(
        _changed(replace(ORDER, id="order", state=State.PAID, due=None)),
        _changed(replace(EMAIL, id="email", delivery=Delivery.SENT, due=None)),
    )
    assert bench.store.due_orders(before=NOW, limit=9) == []
    assert bench.store.due_emails(before=NOW, limit=9) == []
    assert bench.unit().orders.get("order") == replace(ORDER, id="order", state=State.PAID, due=None, version=2)


def test_the_most_overdue_of_all_tells_how_long(bench: Bench) -> None:
    assert bench.store.overdue(now=NOW) == timedelta()
    later, hour, minute = NOW + timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
    bench.write(_order("later", due=later), _email("waits", due=NOW - minute), _order("longest", due=NOW - hour))
    assert bench.store.overdue(now=NOW) == hour
    bench.write(_changed(replace(ORDER, id="longest", state=State.PAID, due=None)))
    assert bench.store.overdue(now=NOW) == minute


def test_what_is_put_off_moves_and_what_waits_again_comes_back(bench: Bench) -> None:
    bench.write(_order("a", due=NOW), _order("b", due=NOW + timedelta(minutes=1)))
    bench.write(_changed(replace(ORDER, id="a", due=NOW + timedelta(hours=6))))
    assert bench.store.due_orders(before=NOW + timedelta(hours=1), limit=9) == ["b"]
    assert bench.store.due_orders(before=NOW + timedelta(hours=6), limit=9) == ["b", "a"]
    bench.write(_changed(replace(ORDER, id="a", due=None, version=2)))
    bench.write(_changed(replace(ORDER, id="a", due=NOW, version=3)))
    assert bench.store.due_orders(before=NOW, limit=9) == ["a"]


def test_a_refused_update_moves_nothing(bench: Bench) -> None:
    bench.write(_order("a", due=NOW), lambda unit: unit.codes.add(code="taken", order_id="x"))
    with pytest.raises(Exception, match="taken"):
        bench.write(_changed(replace(ORDER, id="a", due=None)), lambda unit: unit.codes.add(code="taken", order_id="a"))
    assert bench.store.due_orders(before=NOW, limit=9) == ["a"]


@pytest.mark.parametrize("moment", [NOW, NOW + timedelta(microseconds=5), NOW.replace(microsecond=999_999)])
def test_due_is_up_to_and_including_the_moment(bench: Bench, moment: datetime) -> None:
    bench.write(_order("order", due=moment), _email("email", due=moment))
    for before, expected in ((moment - TICK, 0), (moment, 1), (moment + TICK, 1), (moment + timedelta(days=400), 1)):
        assert len(bench.store.due_orders(before=before, limit=9)) == expected
        assert len(bench.store.due_emails(before=before, limit=9)) == expected


def test_longest_overdue_comes_first_to_the_microsecond(bench: Bench) -> None:
    moments = {
        "whole second": NOW,
        "a tick later": NOW + TICK,
        "half a second": NOW + timedelta(milliseconds=500),
        "next second": NOW + timedelta(seconds=1),
        "tomorrow": NOW + timedelta(days=1),
        "next year": NOW + timedelta(days=300),
    }
    bench.write(*[_order(name, due=due) for name, due in sorted(moments.items())])
    assert bench.store.due_orders(before=NOW + timedelta(days=999), limit=9) == list(moments)
    assert bench.store.due_orders(before=NOW + timedelta(days=999), limit=2) == ["whole second", "a tick later"]
    assert bench.store.due_orders(before=NOW + TICK, limit=9) == ["whole second", "a tick later"]


def test_of_equals_all_come_and_a_limit_cuts_among_them(bench: Bench) -> None:
    names = {f"order-{number}" for number in range(5)}
    bench.write(*[_order(name, due=NOW) for name in names], _order("later", due=NOW + TICK))
    found = bench.store.due_orders(before=NOW, limit=9)
    assert (len(found), set(found)) == (5, names)
    assert [len(bench.store.due_orders(before=NOW + TICK, limit=limit)) for limit in (1, 4, 5, 6, 7)] == [1, 4, 5, 6, 6]
    assert bench.store.due_orders(before=NOW + TICK, limit=6)[-1] == "later"


def test_orders_and_emails_do_not_mix(bench: Bench) -> None:
    bench.write(_order("same", due=NOW), _order("order", due=NOW), _email("same", due=NOW - TICK))
    assert set(bench.store.due_orders(before=NOW, limit=9)) == {"same", "order"}
    assert bench.store.due_emails(before=NOW, limit=9) == ["same"]
    assert len(bench.store.due_orders(before=NOW, limit=2)) == 2


def test_refunds_that_are_to_be_made_come_by_their_keys_until_the_service_has_them(bench: Bench) -> None:
    def refund(name: str, *, order_id: str, due: datetime) -> Refund:
        return replace(money.REFUND, id=name, order_id=order_id, due=due)

    def stage(each: Refund) -> Stage:
        return lambda unit: unit.refunds.add(each)

    refunds = [
        refund("late-pi_1", order_id="a", due=NOW),
        refund("late-pi_2", order_id="a", due=NOW - TICK),
        refund("a-form-key-pi_3", order_id="b", due=NOW + TICK),
    ]
    bench.write(_order("a", due=NOW), _email("b", due=NOW), *map(stage, refunds))
    assert bench.store.due_refunds(before=NOW, limit=9) == ["a#late-pi_2", "a#late-pi_1"]
    assert bench.store.due_refunds(before=NOW + TICK, limit=9) == ["a#late-pi_2", "a#late-pi_1", "b#a-form-key-pi_3"]
    assert bench.store.due_refunds(before=NOW + TICK, limit=1) == ["a#late-pi_2"]
    for key, each in zip(bench.store.due_refunds(before=NOW, limit=9), (refunds[1], refunds[0]), strict=True):
        assert bench.unit().refunds.get(key) == each
    bench.write(lambda unit: unit.refunds.keep(replace(refunds[1], state=RefundState.PENDING, due=None)))
    assert bench.store.due_refunds(before=NOW, limit=9) == ["a#late-pi_1"]


def test_an_id_with_a_hash_comes_back_whole(bench: Bench) -> None:
    bench.write(_order("a#b#", due=NOW))
    assert bench.store.due_orders(before=NOW, limit=9) == ["a#b#"]


def test_a_moment_counts_whatever_its_time_zone(bench: Bench) -> None:
    amsterdam = ZoneInfo("Europe/Amsterdam")
    bench.write(_order("winter", due=NOW.astimezone(amsterdam)))
    assert bench.unit().orders.get("winter") == replace(ORDER, id="winter", due=NOW)
    assert bench.store.due_orders(before=(NOW - TICK).astimezone(amsterdam), limit=9) == []
    assert bench.store.due_orders(before=NOW.astimezone(amsterdam), limit=9) == ["winter"]
