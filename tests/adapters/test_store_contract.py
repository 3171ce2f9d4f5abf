"""The contract of the store, on every engine: what is written is what is read, all of it or nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chalicelib.adapters.dynamodb import records
from chalicelib.adapters.dynamodb.records import Record
from chalicelib.domain.answers import Answers
from chalicelib.domain.email import Delivery
from chalicelib.domain.error import AlreadyExists, Changed, CodeTaken, Conflict, OrderExists, StorageUnavailable
from chalicelib.domain.offer import Offer
from chalicelib.domain.state import State
from chalicelib.ports import LivingShelf, Shelf, UnitOfWork
from tests.adapters.bench import Bench, Stage
from tests.adapters.nouns import Fixed, drawn, filled
from tests.adapters.samples import (
    BUYER,
    CONSENT,
    EMAIL,
    EMAIL_ID,
    ID,
    MEMBERSHIP,
    OFFER,
    ORDER,
    PAYMENT,
)


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One kind of noun: its shelf, its record, a sample, and the field that is its key."""

    shelf: Callable[[UnitOfWork], Shelf[Any]]
    record: Record[Any]
    sample: Any
    key: str = "id"
    exists: type[Conflict] = AlreadyExists


KINDS = {
    "offer": Kind(shelf=lambda unit: unit.offers, record=records.OFFER, sample=OFFER),
    "order": Kind(shelf=lambda unit: unit.orders, record=records.ORDER, sample=ORDER, exists=OrderExists),
    "buyer": Kind(shelf=lambda unit: unit.buyers, record=records.BUYER, sample=BUYER, key="order_id"),
    "consent": Kind(shelf=lambda unit: unit.consents, record=records.CONSENT, sample=CONSENT, key="order_id"),
    "payment": Kind(shelf=lambda unit: unit.payments, record=records.PAYMENT, sample=PAYMENT),
    "membership": Kind(shelf=lambda unit: unit.memberships, record=records.MEMBERSHIP, sample=MEMBERSHIP),
    "email": Kind(shelf=lambda unit: unit.emails, record=records.EMAIL, sample=EMAIL),
}
LIVING: dict[str, tuple[Callable[[UnitOfWork], LivingShelf[Any]], Any, dict[str, Any]]] = {
    "order": (lambda unit: unit.orders, ORDER, {"state": State.PAID, "due": None, "payment_id": "pi_1"}),
    "email": (lambda unit: unit.emails, EMAIL, {"delivery": Delivery.SENT, "due": None, "message_id": "0102"}),
}
HOSTILE = "Ὀδυσσεύς 👩🏽‍🌾 \u202e ﷽ \x00\x7f\u2028 '\"\\ <b>#pk = :pk</b> \u00e9 e\u0301"
FILLINGS = {
    # signs that take most room; an item may have 400 kB
    "longest": Fixed(text="🪑" * 1_000, number=10**15, truth=True, many=3),
    "emptiest": Fixed(text="", number=0, truth=False, many=0),
    "hostile": Fixed(text=HOSTILE, number=-1, truth=True, many=1),
}


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> Kind:
    return KINDS[request.param]


def _get(bench: Bench, kind: Kind, key: str) -> Any:
    return kind.shelf(bench.unit()).get(key)


def _key(kind: Kind, noun: Any) -> str:
    key: str = getattr(noun, kind.key)
    return key


def test_a_noun_that_nobody_added_is_not_there(bench: Bench, kind: Kind) -> None:
    assert _get(bench, kind, _key(kind, kind.sample)) is None


def test_what_is_added_is_there_after_the_commit_and_not_before(bench: Bench, kind: Kind) -> None:
    unit = bench.unit()
    kind.shelf(unit).add(kind.sample)
    assert _get(bench, kind, _key(kind, kind.sample)) is None
    unit.commit()
    assert _get(bench, kind, _key(kind, kind.sample)) == kind.sample
    assert _get(bench, kind, "another") is None


@pytest.mark.parametrize("filling", FILLINGS)
def test_extreme_values_come_back_as_they_were(bench: Bench, kind: Kind, filling: str) -> None:
    given: dict[str, Any] = {kind.key: "key-1"}
    if kind.record is records.MEMBERSHIP:
        given["domains"] = ("b" * 250 + ".nl", "a.nl") if filling == "longest" else ()
    noun = filled(kind.record.noun, FILLINGS[filling], **given)
    bench.write(lambda unit: kind.shelf(unit).add(noun))
    assert _get(bench, kind, "key-1") == noun


@settings(max_examples=15, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_values_come_back_as_they_were(bench: Bench, kind: Kind, data: st.DataObject) -> None:
    noun = data.draw(drawn(kind.record.noun))
    item = kind.record.write(noun) | kind.record.key("one-place")
    bench.client.put_item(TableName=bench.table, Item=item)
    stored = bench.client.get_item(TableName=bench.table, Key=kind.record.key("one-place"))["Item"]
    assert kind.record.read(stored) == noun


def test_the_nouns_of_one_order_do_not_get_in_each_others_way(bench: Bench) -> None:
    bench.write(
        lambda unit: unit.orders.add(ORDER),
        lambda unit: unit.buyers.add(BUYER),
        lambda unit: unit.consents.add(CONSENT),
        lambda unit: unit.memberships.add(MEMBERSHIP),
    )
    unit = bench.unit()
    found = unit.orders.get(ID), unit.buyers.get(ID), unit.consents.get(ID), unit.memberships.get(ID)
    assert found == (ORDER, BUYER, CONSENT, MEMBERSHIP)


def _offer(offer: Offer) -> Stage:
    return lambda unit: unit.offers.add(offer)


def _code(number: int) -> Stage:
    return lambda unit: unit.codes.add(code=f"{number:03}", order_id=ID)


# Adding what is there


def test_adding_twice_is_a_conflict_of_its_own_kind(bench: Bench, kind: Kind) -> None:
    bench.write(lambda unit: kind.shelf(unit).add(kind.sample))
    with pytest.raises(Conflict) as caught:
        bench.write(lambda unit: kind.shelf(unit).add(kind.sample))
    assert type(caught.value) is kind.exists
    assert (caught.value.record, caught.value.key) == (kind.record.kind, _key(kind, kind.sample))
    assert _get(bench, kind, _key(kind, kind.sample)) == kind.sample


def test_adding_never_changes_what_is_there(bench: Bench) -> None:
    bench.write(lambda unit: unit.buyers.add(BUYER))
    other = replace(BUYER, answers=Answers(organisation="Indringer", name="X", email="x@example.org"))
    with pytest.raises(AlreadyExists):
        bench.write(lambda unit: unit.buyers.add(other))
    assert bench.unit().buyers.get(ID) == BUYER


def test_a_code_is_given_out_once(bench: Bench) -> None:
    bench.write(lambda unit: unit.codes.add(code="L26-7KQM", order_id=ID))
    with pytest.raises(CodeTaken) as caught:
        bench.write(lambda unit: unit.codes.add(code="L26-7KQM", order_id="another"))
    assert caught.value.key == "L26-7KQM"
    [item] = bench.look()
    assert item["order_id"] == {"S": ID}


# Changing what is there


@pytest.mark.parametrize("living", LIVING)
def test_an_update_gives_and_stores_the_next_version(bench: Bench, living: str) -> None:
    shelf, sample, changes = LIVING[living]
    bench.write(lambda unit: shelf(unit).add(sample))
    unit = bench.unit()
    changed = replace(sample, **changes)
    after = shelf(unit).update(changed)
    assert (after, changed.version) == (replace(changed, version=2), 1)
    assert shelf(bench.unit()).get(sample.id) == sample
    unit.commit()
    assert shelf(bench.unit()).get(sample.id) == after
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
    assert (caught.value.record, caught.value.key) == (living, sample.id)
    assert shelf(bench.unit()).get(sample.id) == replace(sample, **changes, version=2)


@pytest.mark.parametrize("living", LIVING)
def test_a_version_from_the_future_changes_nothing(bench: Bench, living: str) -> None:
    shelf, sample, _ = LIVING[living]
    bench.write(lambda unit: shelf(unit).add(sample))
    with pytest.raises(Changed):
        bench.write(lambda unit: shelf(unit).update(replace(sample, version=2)))
    assert shelf(bench.unit()).get(sample.id) == sample


@pytest.mark.parametrize("living", LIVING)
def test_what_was_never_added_cannot_be_updated(bench: Bench, living: str) -> None:
    shelf, sample, _ = LIVING[living]
    with pytest.raises(Changed):
        bench.write(lambda unit: shelf(unit).update(sample))
    assert bench.look() == []


# All or nothing

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


# What goes with a noun


def test_a_membership_can_be_recognised_by_each_of_its_domains(bench: Bench) -> None:
    noun = replace(MEMBERSHIP, domains=("gemeente.example.nl", "zorg.example.nl"))
    bench.write(lambda unit: unit.memberships.add(noun))
    rows = [item for item in bench.look() if item["record"]["S"] == "domain"]
    assert [(row["pk"]["S"], row["membership_id"]["S"], row["ends_on"]["S"]) for row in rows] == [
        ("DOMAIN#gemeente.example.nl", ID, "2027-11-24"),
        ("DOMAIN#zorg.example.nl", ID, "2027-11-24"),
    ]


def test_two_memberships_may_share_a_domain(bench: Bench) -> None:
    renewal = replace(MEMBERSHIP, id="next-year")
    bench.write(lambda unit: unit.memberships.add(MEMBERSHIP))
    bench.write(lambda unit: unit.memberships.add(renewal))
    assert bench.partitions().count(f"DOMAIN#{MEMBERSHIP.domains[0]}") == 2
    assert bench.unit().memberships.get("next-year") == renewal


def test_an_existing_membership_gets_no_further_domains(bench: Bench) -> None:
    bench.write(lambda unit: unit.memberships.add(MEMBERSHIP))
    with pytest.raises(AlreadyExists) as caught:
        bench.write(lambda unit: unit.memberships.add(replace(MEMBERSHIP, domains=("other.example.nl",))))
    assert caught.value.record == "membership"
    assert "DOMAIN#other.example.nl" not in bench.partitions()


def test_offers_come_by_id(bench: Bench) -> None:
    assert bench.store.offers() == []
    ids = ("lidmaatschap", "congres-2027", "lid", "congres", "a0")
    bench.write(*[_offer(replace(OFFER, id=offer_id)) for offer_id in ids], lambda unit: unit.orders.add(ORDER))
    assert bench.store.offers() == [replace(OFFER, id=offer_id) for offer_id in sorted(ids)]


def test_offers_come_all_even_when_they_fill_more_than_one_page(bench: Bench) -> None:
    large = [filled(Offer, FILLINGS["longest"], id=f"offer-{number}") for number in range(5)]
    bench.write(*map(_offer, large))
    assert bench.store.offers() == large


# Reads see what was written


def test_a_noun_is_read_as_it_is_now(memory: Bench) -> None:
    asked: list[Any] = []
    memory.client.meta.events.register_first(
        "provide-client-params.dynamodb.GetItem", lambda params, **_: asked.append(params)
    )
    for kind in KINDS.values():
        _get(memory, kind, "any")
    assert [params["ConsistentRead"] for params in asked] == [True] * len(KINDS)


# The request token


def test_a_unit_committed_twice_is_applied_once(bench_with_tokens: Bench) -> None:
    bench = bench_with_tokens
    unit = bench.unit()
    unit.orders.add(ORDER)
    unit.commit()
    bench.write(lambda other: other.orders.update(ORDER))
    unit.commit()
    assert bench.unit().orders.get(ID) == replace(ORDER, version=2)
    with pytest.raises(OrderExists):
        bench.write(lambda other: other.orders.add(ORDER))


def test_a_unit_that_has_grown_since_its_commit_is_refused(bench_with_tokens: Bench) -> None:
    bench = bench_with_tokens
    unit = bench.unit()
    unit.orders.add(ORDER)
    unit.commit()
    unit.emails.add(EMAIL)
    with pytest.raises(StorageUnavailable):
        unit.commit()
    assert bench.unit().emails.get(EMAIL_ID) is None
