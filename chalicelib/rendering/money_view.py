"""The money of an order as its page shows it: what was paid, what went back, and what is still on its way."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from chalicelib.domain.ledger import Entry, EntryKind, Ledger
from chalicelib.domain.order import Order
from chalicelib.domain.refund import Refund, RefundReason, RefundState
from chalicelib.domain.state import State


class Back(StrEnum):
    """How far the money got that goes back; TAKEN is all of it, by the buyer's bank."""

    NONE = "none"
    UNDERWAY = "underway"
    DONE = "done"
    FAILED = "failed"
    TAKEN = "taken"


@dataclass(frozen=True, slots=True, kw_only=True)
class MoneyLine:
    """An amount that moved, or will (then without a moment); `kind` names the text. Cents, what goes back negative."""

    kind: str
    at: datetime | None
    amount_cents: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MoneyView:
    """The payments and refunds of an order; no lines when all there is to tell is that it was paid.

    `back_cents` is the amount that `back` tells of; `late` and `twice` say why money goes back.
    """

    lines: tuple[MoneyLine, ...]
    total_cents: int
    back: Back
    back_cents: int
    late: bool
    twice: bool


def money_view(order: Order, *, ledger: Ledger) -> MoneyView:
    """What an order's ledger comes to; one that was booked before there were ledgers has its totals only."""
    waiting = tuple(each for each in ledger.refunds if _waits(each))
    moved = tuple(_line(entry) for entry in sorted(ledger.entries, key=lambda each: each.at)) or _totals(order)
    known = {entry.source_id for entry in ledger.entries}
    to_come = (each for each in waiting if each.service_id not in known)
    lines = (*moved, *(MoneyLine(kind="underway", at=None, amount_cents=-each.amount_cents) for each in to_come))
    back, back_cents = _back(order, refunds=ledger.refunds, waiting=waiting)
    reasons = {each.reason for each in ledger.refunds}
    plain = len(lines) == 1 and lines[0].amount_cents == order.total_cents
    return MoneyView(
        lines=() if plain else lines,
        total_cents=sum(line.amount_cents for line in lines),
        back=back,
        back_cents=back_cents,
        late=RefundReason.REVIEW not in reasons or RefundReason.LATE in reasons,
        twice=RefundReason.SECOND in reasons,
    )


def _waits(refund: Refund) -> bool:
    return refund.state in (RefundState.REQUESTED, RefundState.PENDING)


def _line(entry: Entry) -> MoneyLine:
    won = entry.kind is EntryKind.DISPUTE and entry.amount_cents > 0
    return MoneyLine(kind="dispute_won" if won else entry.kind.value, at=entry.at, amount_cents=entry.amount_cents)


def _totals(order: Order) -> tuple[MoneyLine, ...]:
    totals = (
        MoneyLine(kind=EntryKind.PAYMENT.value, at=order.paid_at, amount_cents=order.paid_cents),
        MoneyLine(kind=EntryKind.REFUND.value, at=None, amount_cents=-order.refunded_cents),
        MoneyLine(kind=EntryKind.DISPUTE.value, at=None, amount_cents=-order.disputed_cents),
    )
    return tuple(line for line in totals if line.amount_cents)


def _back(order: Order, *, refunds: tuple[Refund, ...], waiting: tuple[Refund, ...]) -> tuple[Back, int]:
    """How far the money got that goes back, and how much that is; what is not there yet is told first."""
    due = order.state is State.REFUND_DUE
    last = max(refunds, key=lambda each: each.requested_at, default=None)
    if waiting:
        return Back.UNDERWAY, sum(each.amount_cents for each in waiting)
    if last and last.state is RefundState.FAILED and order.kept_cents > 0:
        # of what was to go back as a whole, all that is still here failed
        return Back.FAILED, order.kept_cents if due else last.amount_cents
    if due and order.kept_cents > 0:
        return Back.UNDERWAY, order.kept_cents
    if order.refunded_cents > 0:
        return Back.DONE, order.refunded_cents
    return (Back.TAKEN, order.disputed_cents) if due else (Back.NONE, 0)
