"""What reconciliation has to report of a season in which nothing is wrong: what waits for a person, and no more."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from chalicelib.domain.difference import DifferenceKind
from devstack.stripe.books import Books
from devstack.stripe.charge import Charge
from tests.ledgers.rows import CONFIRMED, Row, Rows
from tests.ledgers.statement import DISPUTES, Statement
from tests.torture.mailroom import Mailroom

_CLOSED = ("won", "lost", "warning_closed")
_OF_CONFIRMED = ("confirmation", "welcome", "ticket")
_LONGEST_REFUND = timedelta(days=1)

type Reported = set[tuple[str, DifferenceKind]]


class Expectation:
    """`reported` are the pairs of order code and kind, from what stands at Stripe and in the rows."""

    def __init__(self, *, books: Books, statement: Statement, rows: Rows, mailroom: Mailroom, now: datetime) -> None:
        self._books, self._rows, self._now = books, rows, now
        self._charges, self._sums = statement.orders(), statement.by_order()
        self._refunds = statement.refunds
        self._returned = {each.email_id for each in mailroom.sent if each.to.startswith("bounce")}
        self.reported: Reported = {
            (order["code"], kind) for order in rows.orders().values() for kind in self._kinds(order)
        }

    def _kinds(self, order: Row) -> Iterator[DifferenceKind]:
        charges = self._charges.get(order["id"], [])
        open_disputes = [
            dispute
            for charge in charges
            if charge.disputed
            for dispute in self._books.disputes_of(charge.id)
            if dispute.status not in _CLOSED
        ]
        if open_disputes:
            yield DifferenceKind.DISPUTE_OPEN
        if order["state"] == "review":
            yield DifferenceKind.REVIEW
        sums = self._sums[order["id"]]
        if sum(sums.values()) < 0:
            yield DifferenceKind.PAID_BACK_TWICE
        elif order["state"] == "paid" and not sum(sums.values()) and not open_disputes:
            taken = sums[DISPUTES] < 0
            yield DifferenceKind.DISPUTED_AND_COMING if taken else DifferenceKind.REFUNDED_AND_COMING
        if self._owes(order["id"], charges):
            yield DifferenceKind.REFUND_FAILED
        waits = [row for row in self._rows.of_order(order["id"], "refund") if row["state"] == "requested"]
        if any(self._now - _asked_at(row) > _LONGEST_REFUND for row in waits):
            yield DifferenceKind.REFUND_STUCK
        mails = [row for row in self._rows.of_order(order["id"], "email") if row["kind"] in _OF_CONFIRMED]
        # and what comes after to an address that bounced is not sent at all
        lost = [row for row in mails if row["id"] in self._returned or row["reason"] == "suppressed"]
        if order["state"] in CONFIRMED and lost:
            yield DifferenceKind.EMAIL_FAILED

    def _owes(self, order_id: str, charges: list[Charge]) -> bool:
        """Whether money that was to go back is still here, and was not asked to go again since."""
        rows = self._rows.of_order(order_id, "refund")
        failed = [row for row in rows if row["failed_at"]]
        if not failed:
            return False
        since = min(datetime.fromisoformat(row["failed_at"]) for row in failed)
        again = [row for row in rows if row["state"] != "failed" and _asked_at(row) >= since]
        owed = sum(row["amount_cents"] for row in failed) - sum(row["amount_cents"] for row in again)
        return owed > 0 and sum(self._left(charge, rows) for charge in charges) > 0

    def _left(self, charge: Charge, rows: list[Row]) -> int:
        """What of a charge has neither gone back, nor is about to, nor was taken."""
        back = [each for each in self._refunds.get(charge.id, []) if each.status in ("pending", "succeeded")]
        asked = [row for row in rows if row["payment_id"] == charge.payment_intent and row["state"] == "requested"]
        left = charge.amount - sum(each.amount for each in back) - sum(int(row["amount_cents"]) for row in asked)
        for dispute in self._books.disputes_of(charge.id):
            left += sum(self._books.balance_transaction(each).amount for each in dispute.balance_transactions)
        return max(0, left)


def _asked_at(row: Row) -> datetime:
    return datetime.fromisoformat(row["requested_at"])
