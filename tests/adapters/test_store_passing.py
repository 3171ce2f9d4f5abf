"""The contract of what goes again, on every engine: a seat that is given up, a difference that is put right."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chalicelib.domain.attendee import Attendance
from chalicelib.domain.difference import Difference, DifferenceKind
from chalicelib.domain.error import Changed
from tests.adapters.bench import Bench, Stage
from tests.adapters.money_samples import DIFFERENCE
from tests.adapters.samples import ATTENDANCE, ORDER

# What is free shares its row, whichever order gives it.
FREE = replace(ATTENDANCE, free=True)

# A seat that is given up


def test_whoever_gives_up_his_seat_comes_no_more(bench: Bench) -> None:
    other, by_another = replace(ATTENDANCE, id="somebody else"), replace(ATTENDANCE, order_id="another order")
    for each in (ATTENDANCE, other, by_another):
        bench.write(lambda unit, each=each: unit.attendances.add(each))  # type: ignore[misc]  # mypy infers no lambda default
    assert set(bench.store.attendances(ATTENDANCE.id)) == {ATTENDANCE, by_another}
    bench.write(lambda unit: unit.attendances.remove(ATTENDANCE))
    assert bench.store.attendances(ATTENDANCE.id) == [by_another]
    assert bench.store.attendances(other.id) == [other]
    assert bench.store.attendances("nobody") == []


@pytest.mark.parametrize("now", [None, replace(FREE, order_id="another order")], ids=["gone", "another's"])
def test_a_seat_that_another_order_gave_him_is_not_taken_from_him(bench: Bench, now: Attendance | None) -> None:
    if now is not None:
        bench.write(lambda unit: unit.attendances.add(now))
    before = bench.look()
    with pytest.raises(Changed) as caught:
        bench.write(lambda unit: unit.orders.add(ORDER), lambda unit: unit.attendances.remove(FREE))
    assert (caught.value.record, caught.value.key) == ("attendance", FREE.key)
    assert bench.look() == before, "and nothing beside it is done"


# A difference that is put right


def _keep(difference: Difference) -> Stage:
    return lambda unit: unit.differences.keep(difference)


def test_differences_come_all_and_by_what_they_are_about(bench: Bench) -> None:
    assert bench.store.differences() == []
    of = [
        replace(DIFFERENCE, subject=subject, kind=kind)
        for subject in ("a", "b", "po_1")
        for kind in sorted((DifferenceKind.TOTALS, DifferenceKind.PAYMENT_AMOUNT))
    ]
    bench.write(*map(_keep, reversed(of)), lambda unit: unit.orders.add(ORDER))
    assert bench.store.differences() == of
    bench.write(_keep(replace(of[0], facts={"here": "1"})))
    assert bench.store.differences() == [replace(of[0], facts={"here": "1"}), *of[1:]]


def test_a_difference_that_is_put_right_is_gone_whether_it_was_there_or_not(bench: Bench) -> None:
    other = replace(DIFFERENCE, kind=DifferenceKind.TOTALS)
    bench.write(_keep(DIFFERENCE), _keep(other))
    for _ in range(2):
        bench.write(lambda unit: unit.differences.remove(DIFFERENCE.id))
        assert bench.unit().differences.get(DIFFERENCE.id) is None
        assert bench.store.differences() == [other]
