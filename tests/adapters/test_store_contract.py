"""The contract of the store, on every engine: what is written is what is read, all of it or nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chalicelib.adapters.dynamodb import records
from chalicelib.adapters.dynamodb.ledger import LEDGER
from chalicelib.adapters.dynamodb.record import Record
from chalicelib.domain.answers import Answers
from chalicelib.domain.attendee import Attendee
from chalicelib.domain.error import AlreadyExists, CodeTaken, Conflict, OrderExists, StorageUnavailable
from chalicelib.domain.offer import Offer
from chalicelib.domain.reconciliation import Window
from chalicelib.domain.refund import RefundState
from chalicelib.ports import UnitOfWork
from tests.adapters import money_samples as money
from tests.adapters import staff_samples as behind
from tests.adapters.bench import Bench, Stage
from tests.adapters.nouns import Fixed, drawn, filled
from tests.adapters.samples import (
    ATTENDANCE,
    ATTENDEE,
    BUYER,
    CONGRESS,
    CONSENT,
    DRAFT,
    EMAIL,
    EMAIL_ID,
    EVENT_ORDER_ID,
    ID,
    MEMBERSHIP,
    OFFER,
    ORDER,
    PAYMENT,
)


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One kind of noun: its shelf, its record, a sample, the field that its key is made of, and how it is put there.

    `other` is another value that this field may have.
    """

    shelf: Callable[[UnitOfWork], Any]
    record: Record[Any]
    sample: Any
    named: str = "id"
    other: str = "key-1"
    exists: type[Conflict] = AlreadyExists
    kept: bool = False

    def put(self, unit: UnitOfWork, noun: Any) -> None:
        shelf = self.shelf(unit)
        if self.kept:
            shelf.keep(noun)
        else:
            shelf.add(noun)

    def get(self, bench: Bench, noun: Any) -> Any:
        """What lies where this noun would."""
        return self.shelf(bench.unit()).get(self.record.key_of(noun))


ADDED = {
    "offer": Kind(shelf=lambda unit: unit.offers, record=records.OFFER, sample=OFFER),
    "event": Kind(shelf=lambda unit: unit.offers, record=records.OFFER, sample=CONGRESS),
    "order": Kind(shelf=lambda unit: unit.orders, record=records.ORDER, sample=ORDER, exists=OrderExists),
    "buyer": Kind(shelf=lambda unit: unit.buyers, record=records.BUYER, sample=BUYER, named="order_id"),
    "consent": Kind(shelf=lambda unit: unit.consents, record=records.CONSENT, sample=CONSENT, named="order_id"),
    "payment": Kind(shelf=lambda unit: unit.payments, record=records.PAYMENT, sample=PAYMENT),
    "membership": Kind(shelf=lambda unit: unit.memberships, record=records.MEMBERSHIP, sample=MEMBERSHIP),
    "email": Kind(shelf=lambda unit: unit.emails, record=records.EMAIL, sample=EMAIL),
    "attendee": Kind(shelf=lambda unit: unit.attendees, record=records.ATTENDEE, sample=ATTENDEE, named="order_id"),
    "refund": Kind(shelf=lambda unit: unit.refunds, record=records.REFUND, sample=money.REFUND),
    "dispute": Kind(shelf=lambda unit: unit.disputes, record=records.DISPUTE, sample=money.DISPUTE),
    "entry": Kind(shelf=lambda unit: unit.entries, record=records.ENTRY, sample=money.ENTRY),
    "payout": Kind(shelf=lambda unit: unit.payouts, record=records.PAYOUT, sample=money.PAYOUT),
    "attendance": Kind(shelf=lambda unit: unit.attendances, record=records.ATTENDANCE, sample=ATTENDANCE),
    "round": Kind(
        shelf=lambda unit: unit.rounds, record=records.ROUND, sample=money.ROUND, named="window", other=Window.ALL
    ),
    "staff": Kind(shelf=lambda unit: unit.staff, record=records.STAFF, sample=behind.STAFF, named="email"),
    "staff session": Kind(
        shelf=lambda unit: unit.staff_sessions, record=records.STAFF_SESSION, sample=behind.STAFF_SESSION
    ),
    "audit entry": Kind(shelf=lambda unit: unit.audit, record=records.AUDIT_ENTRY, sample=behind.AUDIT_ENTRY),
    "deed": Kind(shelf=lambda unit: unit.deeds, record=records.DEED, sample=behind.DEED, named="order_id"),
    "retention": Kind(shelf=lambda unit: unit.retentions, record=records.RETENTION, sample=behind.RETENTION),
    "note": Kind(shelf=lambda unit: unit.notes, record=records.NOTE, sample=behind.NOTE),
}
KEPT = {
    "kept payment": Kind(shelf=lambda unit: unit.payments, record=records.PAYMENT, sample=PAYMENT, kept=True),
    "kept refund": Kind(shelf=lambda unit: unit.refunds, record=records.REFUND, sample=money.REFUND, kept=True),
    "kept dispute": Kind(shelf=lambda unit: unit.disputes, record=records.DISPUTE, sample=money.DISPUTE, kept=True),
    "kept entry": Kind(shelf=lambda unit: unit.entries, record=records.ENTRY, sample=money.ENTRY, kept=True),
    "kept payout": Kind(shelf=lambda unit: unit.payouts, record=records.PAYOUT, sample=money.PAYOUT, kept=True),
    "difference": Kind(
        shelf=lambda unit: unit.differences,
        record=records.DIFFERENCE,
        sample=money.DIFFERENCE,
        named="subject",
        kept=True,
    ),
    "draft": Kind(shelf=lambda unit: unit.drafts, record=records.DRAFT, sample=DRAFT, kept=True),
}
KINDS = ADDED | KEPT
CHANGES: dict[str, dict[str, Any]] = {
    "payment": {"method": "card"},
    "refund": {"state": RefundState.SUCCEEDED, "service_id": "re_1", "due": None},
    "dispute": {"status": "lost", "closed": True},
    "entry": {"fee_cents": 29, "payout_id": "po_1", "at": money.ENTRY.at + timedelta(days=40)},
    "payout": {"status": "failed", "others_cents": -250},
    "difference": {"facts": {}},
    "draft": {"fields": (("name", "Fenna"),), "expires_at": DRAFT.expires_at + timedelta(days=1)},
}
EVERY = [record for record in vars(records).values() if isinstance(record, Record)]
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


@pytest.fixture(params=ADDED)
def added(request: pytest.FixtureRequest) -> Kind:
    return ADDED[request.param]


@pytest.fixture(params=KEPT)
def kept(request: pytest.FixtureRequest) -> Kind:
    return KEPT[request.param]


def test_a_noun_that_nobody_put_there_is_not_there(bench: Bench, kind: Kind) -> None:
    assert kind.get(bench, kind.sample) is None


def test_what_is_put_there_is_there_after_the_commit_and_not_before(bench: Bench, kind: Kind) -> None:
    unit = bench.unit()
    kind.put(unit, kind.sample)
    assert kind.get(bench, kind.sample) is None
    unit.commit()
    assert kind.get(bench, kind.sample) == kind.sample
    assert kind.get(bench, replace(kind.sample, **{kind.named: kind.other})) is None


@pytest.mark.parametrize("filling", FILLINGS)
def test_extreme_values_come_back_as_they_were(bench: Bench, kind: Kind, filling: str) -> None:
    given: dict[str, Any] = {kind.named: kind.other}
    if kind.record in (*LEDGER, records.ATTENDANCE, records.NOTE):
        given["order_id"] = "order-1"  # a part of the key, of which no more than 2 kB may be made
    if kind.record is records.DEED:
        given["entry"] = behind.AUDIT_ENTRY
    if kind.record is records.MEMBERSHIP:
        given["domains"] = ("b" * 250 + ".nl", "a.nl") if filling == "longest" else ()
    noun = filled(kind.record.noun, FILLINGS[filling], **given)
    bench.write(lambda unit: kind.put(unit, noun))
    assert kind.get(bench, noun) == noun


@pytest.mark.parametrize("record", EVERY, ids=lambda record: record.kind)
@settings(max_examples=15, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_values_come_back_as_they_were(bench: Bench, record: Record[Any], data: st.DataObject) -> None:
    noun = data.draw(drawn(record.noun))
    item = record.write(noun) | record.key("one-place")
    bench.client.put_item(TableName=bench.table, Item=item)
    stored = bench.client.get_item(TableName=bench.table, Key=record.key("one-place"))["Item"]
    assert record.read(stored) == noun


def test_the_nouns_of_one_order_do_not_get_in_each_others_way(bench: Bench) -> None:
    bench.write(
        lambda unit: unit.orders.add(ORDER),
        lambda unit: unit.buyers.add(BUYER),
        lambda unit: unit.consents.add(CONSENT),
        lambda unit: unit.memberships.add(MEMBERSHIP),
        lambda unit: unit.attendees.add(replace(ATTENDEE, order_id=ID)),
    )
    unit = bench.unit()
    found = unit.orders.get(ID), unit.buyers.get(ID), unit.consents.get(ID), unit.memberships.get(ID)
    assert found == (ORDER, BUYER, CONSENT, MEMBERSHIP)
    assert bench.store.attendees(ID) == [replace(ATTENDEE, order_id=ID)]


def _offer(offer: Offer) -> Stage:
    return lambda unit: unit.offers.add(offer)


def _attendee(attendee: Attendee) -> Stage:
    return lambda unit: unit.attendees.add(attendee)


# Adding what is there


def test_adding_twice_is_a_conflict_of_its_own_kind(bench: Bench, added: Kind) -> None:
    bench.write(lambda unit: added.put(unit, added.sample))
    with pytest.raises(Conflict) as caught:
        bench.write(lambda unit: added.put(unit, added.sample))
    assert type(caught.value) is added.exists
    assert (caught.value.record, caught.value.key) == (added.record.kind, added.record.key_of(added.sample))
    assert added.get(bench, added.sample) == added.sample


def test_of_what_is_kept_the_last_one_counts(bench: Bench, kept: Kind) -> None:
    second = replace(kept.sample, **CHANGES[kept.record.kind])
    bench.write(lambda unit: kept.put(unit, kept.sample))
    bench.write(lambda unit: kept.put(unit, second), lambda unit: unit.orders.add(ORDER))
    assert kept.get(bench, kept.sample) == second
    assert len(bench.look()) == 2, "in the place of the first one"
    with pytest.raises(OrderExists):
        bench.write(lambda unit: kept.put(unit, kept.sample), lambda unit: unit.orders.add(ORDER))
    assert kept.get(bench, kept.sample) == second


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


# What is found by a question


def test_the_attendees_of_an_order_come_by_number_and_no_others_do(bench: Bench) -> None:
    assert bench.store.attendees(EVENT_ORDER_ID) == []
    crowd = [replace(ATTENDEE, number=number, name=f"Nr. {number}") for number in range(1, 21)]
    others = [replace(ATTENDEE, order_id=f"{EVENT_ORDER_ID}{more}") for more in ("a", "2")]
    others.append(replace(ATTENDEE, order_id=EVENT_ORDER_ID[:-1], number=3))
    bench.write(*map(_attendee, reversed(crowd)), *map(_attendee, others))
    bench.write(
        lambda unit: unit.orders.add(replace(ORDER, id=EVENT_ORDER_ID)),
        lambda unit: unit.buyers.add(replace(BUYER, order_id=EVENT_ORDER_ID)),
    )
    assert bench.store.attendees(EVENT_ORDER_ID) == crowd
    assert bench.unit().attendees.get(f"{EVENT_ORDER_ID}#07") == crowd[6]
    for other in others:
        assert bench.store.attendees(other.order_id) == [other]


def test_offers_come_by_id(bench: Bench) -> None:
    assert bench.store.offers() == []
    ids = ("lidmaatschap", "congres-2027", "lid", "congres", "a0")
    bench.write(*[_offer(replace(OFFER, id=offer_id)) for offer_id in ids], lambda unit: unit.orders.add(ORDER))
    assert bench.store.offers() == [replace(OFFER, id=offer_id) for offer_id in sorted(ids)]


def test_offers_come_all_even_when_they_fill_more_than_one_page(bench: Bench) -> None:
    large = [filled(Offer, FILLINGS["longest"], id=f"offer-{number}") for number in range(5)]
    for offer in large:  # together they are more than an emulator takes in one call
        bench.write(_offer(offer))
    assert bench.store.offers() == large


# Reads see what was written


def test_a_noun_is_read_as_it_is_now(memory: Bench) -> None:
    asked: list[Any] = []
    for operation in ("GetItem", "Query"):
        memory.client.meta.events.register_first(
            f"provide-client-params.dynamodb.{operation}", lambda params, **_: asked.append(params)
        )
    for kind in KINDS.values():
        kind.get(memory, kind.sample)
    memory.store.attendees("any")
    memory.store.ledger("any")
    memory.store.differences()
    memory.store.seats("any")
    memory.store.member_domains("any")
    assert [params["ConsistentRead"] for params in asked] == [True] * (len(KINDS) + 5)


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
