"""The contract of what changes and of what belongs together, on every engine: the right version, and all or nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from chalicelib.domain.email import Delivery
from chalicelib.domain.error import Changed, CodeTaken, Conflict, OrderExists, StorageUnavailable
from chalicelib.domain.offer import Offer
from chalicelib.domain.reconciliation import Round
from chalicelib.domain.state import State
from chalicelib.ports import LivingShelf, UnitOfWork
from tests.adapters import money_samples as money
from tests.adapters import staff_samples as behind
from tests.adapters.bench import Bench, Stage
from tests.adapters.samples import BUYER, CONGRESS, EMAIL, ID, MEMBERSHIP, NOW, OFFER, ORDER
from tests.adapters.subscriber_samples import SUPPRESSION
from tests.adapters.written import golden

LIVING: dict[str, tuple[Callable[[UnitOfWork], LivingShelf[Any]], Any, dict[str, Any]]] = {
    "offer": (lambda unit: unit.offers, OFFER, {"closes_at": NOW, "event": CONGRESS.event}),
    "order": (lambda unit: unit.orders, ORDER, {"state": State.PAID, "due": None, "payment_id": "pi_1"}),
    "email": (lambda unit: unit.emails, EMAIL, {"delivery": Delivery.SENT, "due": None, "message_id": "0102"}),
    "membership": (lambda unit: unit.memberships, MEMBERSHIP, {"organisation": "Fusiegemeente", "domains": ()}),
    "round": (lambda unit: unit.rounds, money.ROUND, {"phase": None, "cursor": "", "finished_at": NOW}),
    "retention": (lambda unit: unit.retentions, behind.RETENTION, {"phase": None, "cursor": "", "finished_at": NOW}),
}


def _key(noun: Any) -> str:
    key: str = noun.window if isinstance(noun, Round) else noun.id
    return key


# Changing what is there


@pytest.mark.parametrize("living", LIVING)
def test_an_update_gives_and_stores_the_next_version(bench: Bench, living: str) -> None:
    shelf, sample, changes = LIVING[living]
    bench.write(lambda unit: shelf(unit).add(sample))
    unit = bench.unit()
    changed = replace(sample, **changes)
    after = shelf(unit).update(changed)
    assert (after, changed.version) == (replace(changed, version=2), 1)
    assert shelf(bench.unit()).get(_key(sample)) == sample
    unit.commit()
    assert shelf(bench.unit()).get(_key(sample)) == after
    again = bench.unit()
    assert shelf(again).update(after).version == 3
    again.commit()


@pytest.mark.parametrize("living", LIVING)
def test_a_stale_version_changes_nothing(bench: Bench, living: str) -> None:
    shelf, sample, changes = LIVING[living]
    bench.write(lambda unit: shelf(unit).add(sample))
    bench.write(lambda unit: shelf(unit).update(replace(sample, **changes)))
    with pytest.raises(Changed) as caught:
        bench.write(lambda unit: shelf(unit).update(sample))
    assert (caught.value.record, caught.value.key) == (living, _key(sample))
    assert shelf(bench.unit()).get(_key(sample)) == replace(sample, **changes, version=2)


@pytest.mark.parametrize("living", LIVING)
def test_a_version_from_the_future_changes_nothing(bench: Bench, living: str) -> None:
    shelf, sample, _ = LIVING[living]
    bench.write(lambda unit: shelf(unit).add(sample))
    with pytest.raises(Changed):
        bench.write(lambda unit: shelf(unit).update(replace(sample, version=sample.version + 1)))
    assert shelf(bench.unit()).get(_key(sample)) == sample


@pytest.mark.parametrize("living", LIVING)
def test_what_was_never_added_cannot_be_updated(bench: Bench, living: str) -> None:
    shelf, sample, _ = LIVING[living]
    with pytest.raises(Changed):
        bench.write(lambda unit: shelf(unit).update(sample))
    assert bench.look() == []


# All or nothing


def _code(number: int) -> Stage:
    return lambda unit: unit.codes.add(code=f"{number:03}", order_id=ID)


ORDER_2 = replace(ORDER, id="second", code="L26-BBBB")


@pytest.mark.parametrize("place", [0, 1, 2])
def test_one_failed_condition_stops_every_write(bench: Bench, place: int) -> None:
    bench.write(lambda unit: unit.codes.add(code="L26-7KQM", order_id="somebody"), lambda unit: unit.emails.add(EMAIL))
    before = bench.look()
    stages: list[Stage] = [lambda unit: unit.orders.add(ORDER), lambda unit: unit.emails.update(EMAIL)]
    stages.insert(place, lambda unit: unit.codes.add(code="L26-7KQM", order_id=ID))
    with pytest.raises(CodeTaken):
        bench.write(*stages)
    assert bench.look() == before


def test_of_several_conflicts_the_one_staged_first_is_told(bench: Bench) -> None:
    def taken(unit: UnitOfWork) -> None:
        unit.codes.add(code="L26-7KQM", order_id=ID)

    def exists(unit: UnitOfWork) -> None:
        unit.orders.add(ORDER)

    def changed(unit: UnitOfWork) -> None:
        unit.emails.update(replace(EMAIL, version=9))

    def new(unit: UnitOfWork) -> None:
        unit.orders.add(ORDER_2)

    bench.write(taken, exists, lambda unit: unit.emails.add(EMAIL))
    for stages, conflict in (
        ((exists, taken, changed), OrderExists),
        ((new, taken, exists, changed), CodeTaken),
        ((new, changed, exists, taken), Changed),
    ):
        with pytest.raises(Conflict) as caught:
            bench.write(*stages)
        assert type(caught.value) is conflict
    assert bench.unit().orders.get(ORDER_2.id) is None


def test_a_commit_takes_a_hundred_writes(bench: Bench) -> None:
    bench.write(*[_code(number) for number in range(100)])
    assert bench.partitions() == [f"CODE#{number:03}" for number in range(100)]


def test_more_writes_than_a_transaction_takes_are_refused_and_none_is_done(bench: Bench) -> None:
    with pytest.raises(StorageUnavailable):
        bench.write(*[_code(number) for number in range(101)])
    assert bench.look() == []


def test_too_large_an_item_is_refused_and_nothing_beside_it_is_done(bench: Bench) -> None:
    large = replace(BUYER, answers=replace(BUYER.answers, extra=(("motivation", "x" * 500_000),)))
    with pytest.raises(StorageUnavailable):
        bench.write(lambda unit: unit.orders.add(ORDER), lambda unit: unit.buyers.add(large))
    assert bench.look() == []


# An offer that decides


def _unchanged(offer: Offer) -> Stage:
    return lambda unit: unit.offers.unchanged(offer)


def test_an_offer_that_is_as_it_was_read_lets_the_rest_be_written(bench: Bench) -> None:
    bench.write(lambda unit: unit.offers.add(CONGRESS))
    before = bench.look()
    bench.write(_unchanged(CONGRESS))
    assert bench.look() == before
    bench.write(_unchanged(CONGRESS), lambda unit: unit.orders.add(ORDER))
    assert bench.unit().offers.get(CONGRESS.id) == CONGRESS
    assert bench.unit().orders.get(ID) == ORDER


def test_an_offer_that_moved_stops_what_was_decided_by_it(bench: Bench) -> None:
    bench.write(lambda unit: unit.offers.add(CONGRESS))
    bench.write(lambda unit: unit.offers.update(replace(CONGRESS, closes_at=NOW)))
    before = bench.look()
    for stale in (CONGRESS, replace(CONGRESS, version=CONGRESS.version + 2)):
        with pytest.raises(Changed) as caught:
            bench.write(lambda unit: unit.orders.add(ORDER), _unchanged(stale))
        assert (caught.value.record, caught.value.key) == ("offer", CONGRESS.id)
        assert bench.look() == before


def test_an_offer_from_before_offers_had_versions_can_be_held_to_and_changed(bench: Bench) -> None:
    def first(unit: UnitOfWork) -> None:
        unit.offers.update(replace(OFFER, closes_at=NOW))

    bench.client.put_item(TableName=bench.table, Item=golden("offer-1"))
    bench.write(_unchanged(OFFER), lambda unit: unit.orders.add(ORDER))
    bench.write(first)
    assert bench.unit().offers.get(OFFER.id) == replace(OFFER, closes_at=NOW, version=2)
    with pytest.raises(Changed):
        bench.write(first)


def test_of_what_goes_without_a_version_it_counts_that_it_is_there(bench: Bench) -> None:
    def stays(unit: UnitOfWork) -> None:
        unit.suppressions.stays(SUPPRESSION.id)

    with pytest.raises(Changed) as caught:
        bench.write(stays, lambda unit: unit.orders.add(ORDER))
    assert (caught.value.record, caught.value.key) == ("suppression", SUPPRESSION.id)
    assert bench.look() == []
    bench.write(lambda unit: unit.suppressions.keep(SUPPRESSION))
    before = bench.look()
    bench.write(stays)
    assert bench.look() == before


def test_an_offer_that_is_not_there_is_not_unchanged(bench: Bench) -> None:
    with pytest.raises(Changed):
        bench.write(_unchanged(CONGRESS), lambda unit: unit.orders.add(ORDER))
    assert bench.look() == []
