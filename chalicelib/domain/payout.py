"""What the payment service's books say: each transaction of the balance, and what it paid out to the bank."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from chalicelib.domain.ledger import EntryKind


class TransactionKind(StrEnum):
    """What a transaction of the balance is; OTHER is whatever has to do with no order."""

    PAYMENT = "payment"
    REFUND = "refund"
    REFUND_RETURNED = "refund_returned"
    DISPUTE = "dispute"
    PAYOUT = "payout"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Transaction:
    """One transaction of the balance there; `order_id` is empty when it belongs to no order of this desk."""

    id: str
    kind: TransactionKind
    order_id: str
    payment_id: str
    source_id: str
    amount_cents: int
    fee_cents: int
    currency: str
    at: datetime

    @property
    def entry_id(self) -> str:
        """The entry of the order's ledger that it is; empty when it can be none."""
        if self.kind in (TransactionKind.PAYOUT, TransactionKind.OTHER):
            return ""
        source = self.id if self.kind is TransactionKind.DISPUTE else self.source_id
        return f"{EntryKind(self.kind.value).value}-{source}"

    @property
    def net_cents(self) -> int:
        return self.amount_cents - self.fee_cents


@dataclass(frozen=True, slots=True, kw_only=True)
class PaidOut:
    """What the payment service tells of a payout; `status` in its own words."""

    id: str
    amount_cents: int
    currency: str
    status: str
    arrives_on: date
    made_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Payout:
    """What the payment service paid out to the bank, and what it is made of; all in cents.

    `others_cents` is what in it belongs to no order; which entries are in it, they say themselves. `status` is in the
    service's own words.
    """

    id: str
    amount_cents: int
    currency: str
    status: str
    arrives_on: date
    made_at: datetime
    payments_cents: int
    refunds_cents: int
    disputes_cents: int
    fees_cents: int
    others_cents: int

    @property
    def sum_cents(self) -> int:
        """What it should be, by its parts."""
        parts = self.payments_cents + self.refunds_cents + self.disputes_cents + self.others_cents
        return parts - self.fees_cents
