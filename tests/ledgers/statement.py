"""Stripe's side: every movement of the balance as the stand-in has it, and whose it is."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from devstack.stripe.balance_transaction import BalanceTransaction
from devstack.stripe.books import Books
from devstack.stripe.charge import Charge
from devstack.stripe.refund import Refund

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
OURS = {"app": "loket", "stage": "dev"}
PAYMENTS, REFUNDS, DISPUTES, PAYOUTS, OTHERS = "payments", "refunds", "disputes", "payouts", "others"
COLUMNS = (PAYMENTS, REFUNDS, DISPUTES)
_COLUMN = {
    "charge": PAYMENTS,
    "refund": REFUNDS,
    "refund_failure": REFUNDS,
    "dispute": DISPUTES,
    "dispute_reversal": DISPUTES,
    "payout": PAYOUTS,
    "payout_reversal": PAYOUTS,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """One movement: in which column it is added up, and for which order; empty when for none of this desk."""

    id: str
    column: str
    order_id: str
    amount: int
    fee: int
    at: datetime
    payout_id: str

    @property
    def day(self) -> date:
        return self.at.astimezone(AMSTERDAM).date()


class Statement:
    """All that moved, oldest first, and what it comes to; `nowhere` is an order that never was, if there is one."""

    def __init__(self, books: Books, *, nowhere: str = "") -> None:
        self._books, self._nowhere = books, nowhere
        self.charges = [each for each in books.charges() if each.status == "succeeded" and self._is_ours(each)]
        self.refunds: dict[str, list[Refund]] = defaultdict(list)
        for refund in books.refunds():
            self.refunds[refund.charge].append(refund)
        self.moved = [self._moved(each) for each in reversed(books.balance_transactions())]
        self.ours = [each for each in self.moved if each.order_id]

    def by_order(self) -> dict[str, Counter[str]]:
        """What each column comes to, per order."""
        sums: dict[str, Counter[str]] = defaultdict(Counter)
        for each in self.ours:
            sums[each.order_id][each.column] += each.amount
        return sums

    def by_day(self) -> dict[date, Counter[str]]:
        sums: dict[date, Counter[str]] = defaultdict(Counter)
        for each in self.ours:
            sums[each.day][each.column] += each.amount
            sums[each.day]["fees"] += each.fee
        return sums

    def by_payout(self) -> dict[str, Counter[str]]:
        """What each payout is made of; its own movement, and others', apart."""
        sums: dict[str, Counter[str]] = {each.id: Counter() for each in self._books.payouts()}
        own = {each.balance_transaction for each in self._books.payouts()}
        for each in self.moved:
            if each.payout_id and each.id not in own:
                if each.order_id:
                    sums[each.payout_id][each.column] += each.amount
                    sums[each.payout_id]["fees"] += each.fee
                else:
                    sums[each.payout_id][OTHERS] += each.amount - each.fee
        for payout in self._books.payouts():
            sums[payout.id]["amount"] = payout.amount
        return sums

    def total(self, column: str) -> int:
        return sum(each.amount for each in self.moved if each.column == column)

    def orders(self) -> dict[str, list[Charge]]:
        """The charges of each order that has any."""
        found: dict[str, list[Charge]] = defaultdict(list)
        for charge in self.charges:
            found[charge.asked["metadata"]["order"]].append(charge)
        return found

    def _moved(self, told: BalanceTransaction) -> Moved:
        column = _COLUMN.get(told.category, OTHERS)
        order_id = self._order_of(told) if column in COLUMNS else ""
        return Moved(
            id=told.id,
            column=column if order_id or column == PAYOUTS else OTHERS,
            order_id=order_id,
            amount=told.amount,
            fee=told.fee,
            at=datetime.fromtimestamp(told.created, UTC),
            payout_id=told.payout or "",
        )

    def _order_of(self, told: BalanceTransaction) -> str:
        match told.category:
            case "charge":
                charge = self._books.charge(told.source)
            case "refund" | "refund_failure":
                charge = self._books.charge(self._books.refund(told.source).charge)
            case _:
                charge = self._books.charge(self._books.dispute(told.source).charge)
        return str(charge.asked["metadata"]["order"]) if self._is_ours(charge) else ""

    def _is_ours(self, charge: Charge) -> bool:
        marks = charge.asked.get("metadata", {})
        return all(marks.get(name) == value for name, value in OURS.items()) and marks["order"] != self._nowhere
