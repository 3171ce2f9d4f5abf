"""Many at once on every engine: one wins, and without the condition the same rush shows that the race is real."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.adapters.dynamodb import write
from chalicelib.domain.error import Changed, OrderExists
from tests.adapters.bench import Bench
from tests.adapters.rush import rush
from tests.adapters.samples import BUYER, EMAIL, EMAIL_ID, ID, NOW, ORDER

VISITORS = 50
WORKERS = 20


def test_fifty_that_place_one_order_place_it_once(bench: Bench) -> None:
    outcomes = rush(VISITORS, lambda number, ready: _place(bench, number, ready))
    assert outcomes == {"done": 1, OrderExists.__name__: VISITORS - 1}
    codes = [name for name in bench.partitions() if name.startswith("CODE#")]
    [order] = [item for item in bench.look() if item["record"]["S"] == "order"]
    assert codes == [f"CODE#{order['code']['S']}"]


def test_without_the_condition_the_same_rush_places_it_many_times(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(write, "ABSENT", "attribute_not_exists(#pk) OR attribute_exists(#pk)")
    outcomes = rush(VISITORS, lambda number, ready: _place(bench, number, ready))
    assert outcomes == {"done": VISITORS}


def test_twenty_that_claim_one_email_claim_it_once(bench: Bench) -> None:
    bench.write(lambda unit: unit.emails.add(EMAIL))
    outcomes = rush(WORKERS, lambda _, ready: _claim(bench, ready))
    assert outcomes == {"done": 1, Changed.__name__: WORKERS - 1}
    email = bench.unit().emails.get(EMAIL_ID)
    assert email == replace(EMAIL.claimed(now=NOW + timedelta(hours=1)), version=2)


def test_without_the_version_all_of_them_would_send_it(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(write, "UNCHANGED", "#version = :version OR attribute_exists(#pk)")
    bench.write(lambda unit: unit.emails.add(EMAIL))
    outcomes = rush(WORKERS, lambda _, ready: _claim(bench, ready))
    assert outcomes == {"done": WORKERS}


def test_changes_that_follow_each_other_are_all_counted(bench: Bench) -> None:
    """Each reads again after a conflict: in the end every change is there."""
    bench.write(lambda unit: unit.emails.add(EMAIL))

    def change(_: int, ready: Callable[[], object]) -> None:
        ready()
        while True:
            unit = bench.unit()
            email = unit.emails.get(EMAIL_ID)
            assert email is not None
            unit.emails.update(replace(email, attempt=email.attempt + 1))
            try:
                unit.commit()
            except Changed:
                continue
            return

    assert rush(8, change) == {"done": 8}
    email = bench.unit().emails.get(EMAIL_ID)
    assert email is not None
    assert (email.attempt, email.version) == (8, 9)


def _place(bench: Bench, number: int, ready: Callable[[], object]) -> None:
    code = f"L26-{number:04}"
    unit = bench.unit()
    assert unit.orders.get(ID) is None
    unit.orders.add(replace(ORDER, code=code))
    unit.codes.add(code=code, order_id=ID)
    unit.buyers.add(BUYER)
    ready()
    unit.commit()


def _claim(bench: Bench, ready: Callable[[], object]) -> None:
    unit = bench.unit()
    email = unit.emails.get(EMAIL_ID)
    assert email is not None
    unit.emails.update(email.claimed(now=NOW + timedelta(hours=1)))
    ready()
    unit.commit()
