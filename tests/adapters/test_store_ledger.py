"""The contract of the ledger, on every engine: all money of one order and no other, guarded by the order's version."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.adapters.dynamodb import write
from chalicelib.domain.error import AlreadyExists, Changed
from chalicelib.domain.ledger import EntryKind, Ledger
from chalicelib.domain.refund import RefundState
from chalicelib.flows.keep_ledger import stage_ledger
from tests.adapters.bench import Bench
from tests.adapters.money_samples import DISPUTE, ENTRY, ENTRY_BACK, REFUND, REFUND_ELSEWHERE
from tests.adapters.rush import rush
from tests.adapters.samples import ATTENDEE, BUYER, CONSENT, EMAIL, ID, MEMBERSHIP, ORDER, PAYMENT

LEDGER = Ledger(
    payments=(PAYMENT,), refunds=(REFUND, REFUND_ELSEWHERE), disputes=(DISPUTE,), entries=(ENTRY, ENTRY_BACK)
)


def _keep(bench: Bench, ledger: Ledger, *, before: Ledger = Ledger()) -> None:  # noqa: B008  # it is frozen
    bench.write(lambda unit: stage_ledger(ledger, before=before, unit=unit))


def test_an_order_without_money_has_an_empty_ledger(bench: Bench) -> None:
    bench.write(
        lambda unit: unit.orders.add(ORDER),
        lambda unit: unit.buyers.add(BUYER),
        lambda unit: unit.consents.add(CONSENT),
        lambda unit: unit.attendees.add(replace(ATTENDEE, order_id=ID)),
        lambda unit: unit.memberships.add(MEMBERSHIP),
        lambda unit: unit.emails.add(EMAIL),
    )
    assert bench.store.ledger(ID) == Ledger()


def test_a_ledger_comes_back_whole_and_with_it_nothing_of_another_order(bench: Bench) -> None:
    for order_id in (f"{ID}2", ID[:-1]):
        other = Ledger(
            payments=(replace(PAYMENT, order_id=order_id),),
            entries=(replace(ENTRY, order_id=order_id, amount_cents=1),),
        )
        _keep(bench, other)
    bench.write(lambda unit: unit.orders.add(ORDER), lambda unit: unit.buyers.add(BUYER))
    _keep(bench, LEDGER)
    found = bench.store.ledger(ID)
    assert (found.payments, found.disputes) == (LEDGER.payments, LEDGER.disputes)
    assert set(found.refunds) == set(LEDGER.refunds)
    assert set(found.entries) == set(LEDGER.entries)
    assert (found.paid_cents, found.refunded_cents, found.disputed) == (50_000, 12_500, True)
    assert bench.unit().orders.get(ID) == ORDER
    assert bench.unit().refunds.get(REFUND.key) == REFUND
    assert bench.unit().entries.get(ENTRY.key) == ENTRY
    assert bench.unit().disputes.get(DISPUTE.key) == DISPUTE
    assert bench.unit().payments.get(PAYMENT.key) == PAYMENT


def test_payments_come_in_the_order_in_which_they_were_booked(bench: Bench) -> None:
    """Money that goes back is taken from the first one first, whatever the service calls it."""
    second = replace(PAYMENT, id="pi_1first_by_name", booked_at=PAYMENT.booked_at + timedelta(seconds=1))
    _keep(bench, Ledger(payments=(second, PAYMENT)))
    assert bench.store.ledger(ID).payments == (PAYMENT, second)


def test_a_long_ledger_comes_whole_though_it_fills_more_than_one_page(bench: Bench) -> None:
    entries = tuple(replace(ENTRY, id=f"payment-ch_{n:02}", source_id="x" * 60_000) for n in range(25))
    for start in range(0, 25, 5):
        _keep(bench, Ledger(entries=entries[start : start + 5]))
    assert bench.store.ledger(ID).entries == entries


def test_what_is_staged_is_what_is_new_or_changed_and_nothing_else(bench: Bench) -> None:
    """A row that is not touched is not written: another commit may have written it."""
    _keep(bench, LEDGER)
    paid_out = replace(ENTRY, payout_id="po_1", fee_cents=29)
    done = replace(REFUND, state=RefundState.SUCCEEDED, due=None)
    came = replace(ENTRY_BACK, id="refund_returned-re_1", kind=EntryKind.REFUND_RETURNED, amount_cents=12_500)
    after = LEDGER.with_refund(done).with_entry(paid_out)
    after = replace(after, entries=(*after.entries, came))
    staged = bench.unit()
    stage_ledger(after, before=LEDGER, unit=staged)
    elsewhere = replace(DISPUTE, status="lost", closed=True)
    bench.write(lambda unit: unit.disputes.keep(elsewhere))
    staged.commit()
    found = bench.store.ledger(ID)
    assert (found.disputes, found.payments) == ((elsewhere,), (PAYMENT,))
    assert set(found.refunds) == {done, REFUND_ELSEWHERE}
    assert set(found.entries) == {paid_out, ENTRY_BACK, came}


@pytest.mark.parametrize("one", ["payments", "refunds", "disputes", "entries"])
def test_what_happened_once_is_never_booked_over(bench: Bench, one: str) -> None:
    nouns = getattr(LEDGER, one)
    _keep(bench, Ledger(**{one: nouns}))
    before = bench.look()
    with pytest.raises(AlreadyExists):
        _keep(bench, Ledger(**{one: nouns[:1]}))
    assert bench.look() == before


# Two at one moment


def _ask(bench: Bench, number: int, ready: Callable[[], object]) -> None:
    """Each reserves three fifths of the payment, by what he read."""
    unit = bench.unit()
    order, ledger = unit.orders.get(ID), bench.store.ledger(ID)
    assert order is not None
    assert ledger.refundable(PAYMENT.id) >= 30_000
    refund = replace(REFUND, id=f"key-{number}-{PAYMENT.id}", amount_cents=30_000)
    stage_ledger(replace(ledger, refunds=(refund,)), before=ledger, unit=unit)
    unit.orders.update(order)
    ready()
    unit.commit()


def test_of_those_who_reserve_an_amount_at_one_moment_one_has_it(bench: Bench) -> None:
    bench.write(lambda unit: unit.orders.add(ORDER))
    _keep(bench, Ledger(payments=(PAYMENT,), entries=(ENTRY,)))
    assert rush(8, lambda number, ready: _ask(bench, number, ready)) == {"done": 1, Changed.__name__: 7}
    ledger = bench.store.ledger(ID)
    assert (len(ledger.refunds), ledger.refundable(PAYMENT.id)) == (1, 20_000)


def test_without_the_version_of_the_order_all_of_them_would(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(write, "UNCHANGED", "#version = :version OR attribute_exists(#pk)")
    bench.write(lambda unit: unit.orders.add(ORDER))
    _keep(bench, Ledger(payments=(PAYMENT,), entries=(ENTRY,)))
    assert rush(8, lambda number, ready: _ask(bench, number, ready)) == {"done": 8}
    assert len(bench.store.ledger(ID).refunds) == 8
