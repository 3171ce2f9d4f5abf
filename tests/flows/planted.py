"""Differences planted by hand: what a bug, a slip or somebody else could leave behind, one kind each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from chalicelib.adapters.dynamodb import records
from chalicelib.adapters.dynamodb.record import Record
from chalicelib.domain.difference import DifferenceKind
from chalicelib.domain.email import Delivery
from chalicelib.domain.order import Order
from chalicelib.domain.refund import Refund, RefundReason, RefundState
from chalicelib.domain.seat import Seating
from chalicelib.domain.state import State
from tests.desk import TABLE, Desk


@dataclass(frozen=True, kw_only=True)
class Planted:
    """What is done to a paid order, and the kind under which it must be reported."""

    name: str
    plant: Callable[[Desk, Order], object]
    found: DifferenceKind

    def __str__(self) -> str:
        return self.name


def put(desk: Desk, record: Record[Any], noun: Any) -> None:
    """Write past every guard."""
    desk.client.put_item(TableName=TABLE, Item=record.write(noun))


def delete(desk: Desk, record: Record[Any], key: str) -> None:
    desk.client.delete_item(TableName=TABLE, Key=record.key(key))


def _forget_order(desk: Desk, order: Order) -> None:
    for record in (records.ORDER, records.BUYER):
        delete(desk, record, order.id)


def _lose_payment_there(desk: Desk, order: Order) -> None:
    del desk.gateway.stored[order.session_id]


def _book_other_amount(desk: Desk, order: Order) -> None:
    [payment] = desk.store.ledger(order.id).payments
    put(desk, records.PAYMENT, replace(payment, amount_cents=payment.amount_cents - 1))


def _book_refund_never_made(desk: Desk, order: Order) -> None:
    put(desk, records.REFUND, _refund(order, state=RefundState.SUCCEEDED, service_id="re_never"))


def _leave_refund_waiting(desk: Desk, order: Order) -> None:
    asked_at = desk.clock() - timedelta(days=2)
    waiting = _refund(order, state=RefundState.REQUESTED, service_id="")
    put(desk, records.REFUND, replace(waiting, requested_at=asked_at, due=None))


def _let_refund_fail(desk: Desk, order: Order) -> None:
    failed = _refund(order, state=RefundState.REQUESTED, service_id="")
    put(desk, records.REFUND, failed.failed(trouble="account_closed", now=desk.clock()))


def _refund(order: Order, *, state: RefundState, service_id: str) -> Refund:
    return Refund(
        id="planted",
        order_id=order.id,
        payment_id=order.payment_id,
        amount_cents=100,
        currency="EUR",
        reason=RefundReason.STAFF,
        state=state,
        service_id=service_id,
        attempt=1,
        tries=0,
        due=None,
        requested_at=order.created_at,
        by="penningmeester",
        trouble="",
    )


def _change_totals(desk: Desk, order: Order) -> None:
    put(desk, records.ORDER, replace(order, paid_cents=order.paid_cents + 1))


def _lose_entry(desk: Desk, order: Order) -> None:
    [entry] = desk.store.ledger(order.id).entries
    delete(desk, records.ENTRY, entry.key)


def _invent_entry(desk: Desk, order: Order) -> None:
    [entry] = desk.store.ledger(order.id).entries
    at = desk.clock() - timedelta(days=2)
    put(
        desk,
        records.ENTRY,
        replace(entry, id="refund-re_never", amount_cents=-1, at=at, booked_at=at, transaction_id=""),
    )


def _change_their_amount(desk: Desk, order: Order) -> None:
    [entry] = desk.store.ledger(order.id).entries
    moved = next(each for each in desk.gateway.transactions if each.source_id == entry.source_id)
    desk.books.change(moved.id, amount_cents=moved.amount_cents + 1)


def _count_one_seat_more(desk: Desk, order: Order) -> None:
    counter = next(iter(order.seats()))
    count = desk.store.seats(order.offer_id)[counter]
    item = records.SEATS.write(replace(count, sold=count.sold + 1)) | {"taken": {"N": str(count.taken + 1)}}
    desk.client.put_item(TableName=TABLE, Item=item)


def _free_its_seats(desk: Desk, order: Order) -> None:
    put(desk, records.ORDER, replace(order, seating=Seating.RELEASED))


def _forget_attendance(desk: Desk, order: Order) -> None:
    attendee = desk.store.attendees(order.id)[0]
    delete(desk, records.ATTENDANCE, f"{attendee.attendance}#{order.id}")


def _forget_confirmation(desk: Desk, order: Order) -> None:
    delete(desk, records.EMAIL, f"confirmation-{order.id}")


def _fail_confirmation(desk: Desk, order: Order) -> None:
    _change_email(desk, order, delivery=Delivery.BOUNCED, due=None, reason="Permanent")


def _leave_confirmation(desk: Desk, order: Order) -> None:
    _change_email(desk, order, delivery=Delivery.SENDING, due=None)


def _change_email(desk: Desk, order: Order, **changes: Any) -> None:
    email = desk.store.unit_of_work().emails.get(f"confirmation-{order.id}")
    assert email is not None
    put(desk, records.EMAIL, replace(email, **changes))


def _review(desk: Desk, order: Order) -> None:
    put(desk, records.ORDER, replace(order, state=State.REVIEW))


def _refund_elsewhere(desk: Desk, order: Order) -> None:
    desk.gateway.refund_elsewhere(order.session_id, order.total_cents)


def _dispute(desk: Desk, order: Order) -> None:
    desk.gateway.dispute(order.session_id)


def _pay_out_less(desk: Desk, order: Order) -> None:
    paid_out = desk.books.pay_out()
    desk.books.paid_out[-1] = replace(paid_out, amount_cents=paid_out.amount_cents - 1)


PLANTED = (
    Planted(name="the order is gone", plant=_forget_order, found=DifferenceKind.PAYMENT_WITHOUT_ORDER),
    Planted(name="no such payment there", plant=_lose_payment_there, found=DifferenceKind.PAID_WITHOUT_PAYMENT),
    Planted(name="booked with another amount", plant=_book_other_amount, found=DifferenceKind.PAYMENT_AMOUNT),
    Planted(
        name="a refund that was never made", plant=_book_refund_never_made, found=DifferenceKind.REFUND_UNKNOWN_THERE
    ),
    Planted(name="a refund that waits", plant=_leave_refund_waiting, found=DifferenceKind.REFUND_STUCK),
    Planted(name="a refund that failed", plant=_let_refund_fail, found=DifferenceKind.REFUND_FAILED),
    Planted(name="other totals", plant=_change_totals, found=DifferenceKind.TOTALS),
    Planted(name="a money row is gone", plant=_lose_entry, found=DifferenceKind.TRANSACTION_NOT_BOOKED),
    Planted(name="a money row too many", plant=_invent_entry, found=DifferenceKind.ENTRY_UNKNOWN_THERE),
    Planted(name="another amount in their books", plant=_change_their_amount, found=DifferenceKind.TRANSACTION_AMOUNT),
    Planted(name="one seat too many is counted", plant=_count_one_seat_more, found=DifferenceKind.SEATS),
    # settling takes them again, as of any paid order; what the counter lacked before, it then has too much
    Planted(name="its seats are free", plant=_free_its_seats, found=DifferenceKind.SEATS),
    Planted(name="an attendee is not known to come", plant=_forget_attendance, found=DifferenceKind.FOLLOW_UP_MISSING),
    Planted(name="no confirmation", plant=_forget_confirmation, found=DifferenceKind.EMAIL_MISSING),
    Planted(name="the confirmation bounced", plant=_fail_confirmation, found=DifferenceKind.EMAIL_FAILED),
    Planted(name="the confirmation waits for ever", plant=_leave_confirmation, found=DifferenceKind.EMAIL_STUCK),
    Planted(name="nobody decides", plant=_review, found=DifferenceKind.REVIEW),
    Planted(name="refunded there, still coming", plant=_refund_elsewhere, found=DifferenceKind.REFUNDED_AND_COMING),
    Planted(name="a dispute", plant=_dispute, found=DifferenceKind.DISPUTE_OPEN),
    Planted(name="a payout of another sum", plant=_pay_out_less, found=DifferenceKind.PAYOUT_SUM),
)
