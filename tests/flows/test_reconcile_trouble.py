"""Reconciliation in trouble: records that cannot be read, two at once, books that go on meanwhile, old orders."""

from __future__ import annotations

from typing import Any

import pytest

from chalicelib.adapters.dynamodb import records
from chalicelib.domain.checkout import CheckoutSession
from chalicelib.domain.difference import DifferenceKind
from chalicelib.domain.error import PaymentUnavailable
from chalicelib.domain.reconciliation import Window
from chalicelib.domain.state import State
from chalicelib.entrypoints import schedules
from chalicelib.flows.refund_order import refund_order
from tests.desk import TABLE, Desk
from tests.flows.fair import fair, found, paid_order

__all__ = ["fair"]


def test_two_at_once_go_on_with_one_round(fair: Desk) -> None:
    """A person runs it while the schedule is at it: both come to the end, and find what there is, once."""
    order = paid_order(fair, 4)
    del fair.gateway.stored[order.session_id]
    fair.clock.advance(minutes=90)
    one, other = fair.application.reconciliation(), fair.application.reconciliation()

    def meanwhile(_: object) -> bool:
        other.reconcile(Window.ALL, goes_on=lambda _: True)
        return True

    current = one.reconcile(Window.ALL, goes_on=meanwhile, anew=True)
    assert current is not None
    assert current.finished_at is not None
    assert found(fair) == [(order.code, DifferenceKind.PAID_WITHOUT_PAYMENT)]


def test_one_record_that_cannot_be_read_stops_nothing(fair: Desk) -> None:
    """It is on the list itself, and so is what comes after it."""
    order, broken = paid_order(fair, 4), paid_order(fair, 5, told=False)
    del fair.gateway.stored[order.session_id]
    item = next(item for item in fair.items("order") if item["id"]["S"] == broken.id)
    fair.client.put_item(TableName=TABLE, Item=item | {"lines": {"S": "what is this?"}})
    fair.clock.advance(minutes=90)
    current = fair.reconcile()
    assert current.finished_at is not None
    kinds = {kind for _, kind in found(fair)}
    assert kinds >= {DifferenceKind.NOT_COMPARED, DifferenceKind.PAID_WITHOUT_PAYMENT}
    fair.client.put_item(TableName=TABLE, Item=item)
    fair.reconcile()
    assert found(fair) == [(order.code, DifferenceKind.PAID_WITHOUT_PAYMENT)]
    assert fair.order(broken.id).state is State.PAID


def test_a_round_that_stumbles_for_ever_is_given_up_and_begun_anew(
    fair: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    fair.books.failures = [PaymentUnavailable("a cursor that is not known any more")]
    with pytest.raises(PaymentUnavailable):
        fair.application.reconciliation().reconcile(Window.HOUR, goes_on=lambda _: True)
    before = fair.store.unit_of_work().rounds.get("hour")
    assert before is not None
    fair.clock.advance(minutes=181)
    after = fair.application.reconciliation().reconcile(Window.HOUR, goes_on=lambda _: True)
    assert after is not None
    assert (after.started_at, after.phase) == (fair.clock(), None)
    assert "round_given_up window=hour" in caplog.text


def test_one_window_that_stumbles_stops_no_other(fair: Desk) -> None:
    fair.books.failures = [PaymentUnavailable("silent")]
    with fair.running():
        schedules.reconcile()
    rounds = {item["window"]["S"]: "NULL" not in item["finished_at"] for item in fair.items("round")}
    assert rounds == {"hour": False, "two_days": True, "all": True}


def test_a_refund_that_was_sent_again_is_owed_no_more(fair: Desk) -> None:
    order = paid_order(fair, 4)

    def refund(key: str) -> str:
        wires: dict[str, Any] = {"store": fair.store, "emails": fair.emails, "now": fair.clock()}
        refund_order(order.id, amount_cents=4_000, key=key, by="penningmeester", **wires)
        fair.sweep()
        return fair.store.ledger(order.id).refunds[-1].service_id

    first = refund("a-form")
    fair.clock.advance(minutes=60 * 24)
    fair.gateway.fail_refund(first)
    fair.reconcile(Window.TWO_DAYS)
    assert found(fair) == [(order.code, DifferenceKind.REFUND_FAILED)]
    refund("b-form")
    fair.clock.advance(minutes=5)
    fair.reconcile(Window.TWO_DAYS)
    assert found(fair) == []


def test_what_is_settled_on_an_old_order_leaves_the_list_within_the_hour(fair: Desk) -> None:
    order = paid_order(fair, 4)
    fair.clock.advance(minutes=60 * 24 * 20)
    dispute = fair.gateway.dispute(order.session_id)
    fair.clock.advance(minutes=5)
    fair.reconcile(Window.HOUR)
    assert found(fair) == [(order.code, DifferenceKind.DISPUTE_OPEN)]
    fair.clock.advance(minutes=60 * 24 * 9)
    fair.gateway.close_dispute(dispute.id, won=False)
    fair.reconcile(Window.HOUR)
    assert found(fair) == [(order.code, DifferenceKind.DISPUTED_AND_COMING)]


def test_more_went_back_than_was_paid(fair: Desk) -> None:
    order = paid_order(fair, 4)
    fair.gateway.refund_elsewhere(order.session_id, order.total_cents)
    fair.gateway.dispute(order.session_id)
    fair.clock.advance(minutes=5)
    fair.reconcile(Window.HOUR)
    assert {kind for _, kind in found(fair)} == {DifferenceKind.PAID_BACK_TWICE, DifferenceKind.DISPUTE_OPEN}


def test_money_without_an_order_that_was_given_back_is_nobodys_any_more(fair: Desk) -> None:
    order = paid_order(fair, 4)
    for record in (records.ORDER, records.BUYER):
        fair.client.delete_item(TableName=TABLE, Key=record.key(order.id))
    fair.clock.advance(minutes=5)
    fair.reconcile()
    assert DifferenceKind.PAYMENT_WITHOUT_ORDER in {kind for _, kind in found(fair)}
    fair.gateway.refund_elsewhere(order.session_id, order.total_cents)
    fair.clock.advance(minutes=5)
    fair.reconcile()
    assert DifferenceKind.PAYMENT_WITHOUT_ORDER not in {kind for _, kind in found(fair)}


def test_a_refund_made_beside_the_round_is_no_difference(fair: Desk) -> None:
    """The session is read, then the sweep makes a refund, then the ledger is read."""
    order = paid_order(fair, 4)
    wires: dict[str, Any] = {"store": fair.store, "emails": fair.emails, "now": fair.clock()}
    refund_order(order.id, amount_cents=4_000, key="a-form", by="penningmeester", **wires)
    fetch, left = fair.gateway.fetch, [True]

    def slow(session_id: str) -> CheckoutSession | None:
        session = fetch(session_id)
        if session_id == order.session_id and left and left.pop():
            fair.sweep()
        return session

    fair.gateway.fetch = slow  # type: ignore[method-assign]  # somebody else acts between two reads
    fair.clock.advance(minutes=5)
    fair.reconcile()
    assert not left
    assert found(fair) == []
