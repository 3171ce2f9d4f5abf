"""Lists, on every engine: what the pages behind the desk ask is found by one question each, and all of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.adapters.dynamodb.lists import TableLists
from chalicelib.domain.error import StorageUnavailable
from chalicelib.domain.state import State
from chalicelib.ports import Lists
from tests.adapters import money_samples as money
from tests.adapters import staff_samples as behind
from tests.adapters.bench import Bench
from tests.adapters.samples import (
    ATTENDEE,
    BUYER,
    COLLEAGUE,
    CONGRESS,
    CONSENT,
    EVENT_BUYER,
    EVENT_ORDER,
    EVENT_ORDER_ID,
    ID,
    MEMBERSHIP,
    NOW,
    ORDER,
    PAYMENT,
    TICKET,
)


@pytest.fixture
def lists(bench: Bench) -> Lists:
    return TableLists(bench.client, table=bench.table)


@pytest.fixture
def full(bench: Bench) -> Bench:
    bench.write(
        lambda unit: unit.orders.add(ORDER),
        lambda unit: unit.codes.add(code=ORDER.code, order_id=ID),
        lambda unit: unit.buyers.add(BUYER),
        lambda unit: unit.consents.add(CONSENT),
        lambda unit: unit.payments.add(PAYMENT),
        lambda unit: unit.refunds.add(money.REFUND),
        lambda unit: unit.entries.add(money.ENTRY),
        lambda unit: unit.disputes.add(money.DISPUTE),
        lambda unit: unit.memberships.add(MEMBERSHIP),
    )
    bench.write(
        lambda unit: unit.orders.add(EVENT_ORDER),
        lambda unit: unit.buyers.add(EVENT_BUYER),
        lambda unit: unit.attendees.add(COLLEAGUE),
        lambda unit: unit.attendees.add(ATTENDEE),
        lambda unit: unit.emails.add(TICKET),
        lambda unit: unit.emails.add(behind.AGAIN),
        lambda unit: unit.notes.add(behind.NOTE),
        lambda unit: unit.deeds.add(behind.DEED),
        lambda unit: unit.audit.add(behind.DEED.entry),
    )
    return bench


def test_in_an_empty_table_nothing_is_found(lists: Lists) -> None:
    assert lists.order_of_code(ORDER.code) == ""
    assert lists.dossier(ID) is None
    assert lists.edition(ORDER.offer_id) == []
    assert lists.registrations([]) == []
    assert lists.registrations([ID]) == []
    assert (lists.orders_of("zoe@example.nl"), lists.memberships_of("zoe@example.nl")) == ([], [])
    assert lists.buyers("gemeente", limit=9) == []
    assert lists.memberships() == []


def test_a_dossier_is_all_that_lies_with_an_order(full: Bench, lists: Lists) -> None:
    mine = lists.dossier(ID)
    assert mine
    assert (mine.order, mine.buyer, mine.consents) == (ORDER, BUYER, (CONSENT,))
    assert (mine.ledger.payments, mine.ledger.refunds) == ((PAYMENT,), (money.REFUND,))
    assert (mine.ledger.entries, mine.ledger.disputes) == ((money.ENTRY,), (money.DISPUTE,))
    assert (mine.attendees, mine.emails, mine.notes, mine.deeds) == ((), (), (), ())
    other = lists.dossier(EVENT_ORDER_ID)
    assert other
    assert other.attendees == (ATTENDEE, COLLEAGUE), "by number"
    assert other.emails == (TICKET, behind.AGAIN), "first to last"
    assert (other.notes, other.deeds) == ((behind.NOTE,), (behind.DEED,))
    assert full.store.emails(EVENT_ORDER_ID) == [TICKET, behind.AGAIN]


def test_an_edition_is_its_orders_with_who_ordered_and_who_comes(full: Bench, lists: Lists) -> None:
    [found] = lists.edition(CONGRESS.id)
    answers = EVENT_BUYER.answers
    assert (found.order_id, found.code, found.offer_id) == (EVENT_ORDER_ID, EVENT_ORDER.code, CONGRESS.id)
    assert (found.state, found.created_at) == (EVENT_ORDER.state, EVENT_ORDER.created_at)
    assert (found.total_cents, found.paid_cents) == (EVENT_ORDER.total_cents, EVENT_ORDER.paid_cents)
    assert (found.organisation, found.name, found.email) == (answers.organisation, answers.name, answers.email)
    assert found.people == ((ATTENDEE.name, ATTENDEE.email), (COLLEAGUE.name, COLLEAGUE.email))
    [other] = lists.edition(ORDER.offer_id)
    assert (other.order_id, other.people) == (ID, ())


def test_what_an_order_has_become_is_seen_in_its_list(full: Bench, lists: Lists) -> None:
    full.write(lambda unit: unit.orders.update(replace(EVENT_ORDER, state=State.CANCELLED, refunded_cents=123)))
    [found] = lists.edition(CONGRESS.id)
    assert (found.state, found.refunded_cents) == (State.CANCELLED, 123)


def test_who_was_erased_is_found_no_more_and_his_order_still_is(full: Bench, lists: Lists) -> None:
    full.write(
        lambda unit: unit.buyers.remove(EVENT_ORDER_ID),
        lambda unit: unit.attendees.keep(replace(ATTENDEE, name="", email="")),
    )
    [found] = lists.edition(CONGRESS.id)
    assert (found.organisation, found.name, found.email, found.people[0]) == ("", "", "", ("", ""))
    assert lists.orders_of(ATTENDEE.email) == [ID], "where he is a buyer still"
    dossier = lists.dossier(EVENT_ORDER_ID)
    assert dossier
    assert dossier.buyer is None


def test_an_address_is_found_however_it_is_written(full: Bench, lists: Lists) -> None:
    assert lists.orders_of(BUYER.answers.email.upper()) == sorted([ID, EVENT_ORDER_ID])
    assert lists.orders_of(COLLEAGUE.email.lower()) == [EVENT_ORDER_ID]
    assert lists.memberships_of(MEMBERSHIP.contact_email) == [MEMBERSHIP.id]
    assert lists.orders_of("jelle") == []


def test_organisations_are_found_by_the_beginning_of_their_name(full: Bench, lists: Lists) -> None:
    assert sorted(lists.buyers("gemeente  SÚDWEST", limit=9)) == sorted([ID, EVENT_ORDER_ID])
    assert len(lists.buyers("gemeente", limit=1)) == 1
    assert lists.buyers("fryslân", limit=9) == []
    found = {each.order_id: each for each in lists.registrations([ID, EVENT_ORDER_ID, "nothing"])}
    assert set(found) == {ID, EVENT_ORDER_ID}
    assert (found[ID].offer_id, found[ID].organisation) == (ORDER.offer_id, BUYER.answers.organisation)


def test_memberships_are_listed_by_name(full: Bench, lists: Lists) -> None:
    for number, name in enumerate(("Zwolle", "aalten", "Ålst")):
        full.write(
            lambda unit, number=number, name=name: unit.memberships.add(  # type: ignore[misc]  # mypy infers no lambda default
                replace(MEMBERSHIP, id=f"m{number}", organisation=name, domains=())
            )
        )
    assert [each.organisation for each in lists.memberships()] == ["aalten", MEMBERSHIP.organisation, "Zwolle", "Ålst"]


def test_a_code_leads_to_its_order(full: Bench, lists: Lists) -> None:
    assert lists.order_of_code(ORDER.code) == ID
    assert lists.order_of_code(ORDER.code.lower()) == ""


def test_what_an_answer_left_out_is_asked_for_again(full: Bench, lists: Lists) -> None:
    left = [2]

    def leave_out(parsed: dict[str, Any], **_: object) -> None:
        items = parsed["Responses"][full.table]
        if left[0] and items:
            left[0] -= 1
            keys = [{name: item[name] for name in ("pk", "sk")} for item in items[1:]]
            parsed["Responses"][full.table] = items[:1]
            parsed["UnprocessedKeys"] = {full.table: {"Keys": keys}} if keys else {}

    full.client.meta.events.register("after-call.dynamodb.BatchGetItem", leave_out)
    found = lists.registrations([ID, EVENT_ORDER_ID])
    assert {each.order_id: each.name for each in found} == {
        ID: BUYER.answers.name,
        EVENT_ORDER_ID: EVENT_BUYER.answers.name,
    }
    assert left == [0]


def test_what_is_left_out_for_ever_is_not_passed_over_in_silence(full: Bench, lists: Lists) -> None:
    def leave_out(parsed: dict[str, Any], **_: object) -> None:
        keys = [{name: item[name] for name in ("pk", "sk")} for item in parsed["Responses"][full.table]]
        parsed["Responses"], parsed["UnprocessedKeys"] = {full.table: []}, {full.table: {"Keys": keys}}

    full.client.meta.events.register("after-call.dynamodb.BatchGetItem", leave_out)
    with pytest.raises(StorageUnavailable):
        lists.registrations([ID])


def test_an_edition_that_takes_more_than_one_answer_is_whole(bench: Bench, lists: Lists) -> None:
    long = "Samenwerkingsverband " * 600
    for number in range(110):
        order = replace(ORDER, id=f"order{number}", code=f"L26-{number:04}", created_at=NOW + timedelta(seconds=number))
        buyer = replace(BUYER, order_id=order.id, answers=replace(BUYER.answers, organisation=long))
        bench.write(lambda unit, order=order: unit.orders.add(order), lambda unit, buyer=buyer: unit.buyers.add(buyer))  # type: ignore[misc]  # mypy infers no lambda default
    found = lists.edition(ORDER.offer_id)
    assert len({each.order_id for each in found}) == 110
    assert all(each.organisation == long for each in found)
    ids = [each.order_id for each in found][:90]
    assert {each.order_id for each in lists.registrations(ids)} == set(ids), "more keys than one question takes"
