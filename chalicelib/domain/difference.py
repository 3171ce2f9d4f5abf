"""A difference: where two books that should agree do not, and what a person has to know of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class DifferenceKind(StrEnum):
    """What does not agree; each has its words in the texts."""

    # the payment service has money that no order knows
    PAYMENT_WITHOUT_ORDER = "payment_without_order"
    PAYMENT_NOT_BOOKED = "payment_not_booked"
    # the order says money came, the payment service does not
    PAID_WITHOUT_PAYMENT = "paid_without_payment"
    PAYMENT_AMOUNT = "payment_amount"
    REFUND_UNKNOWN_THERE = "refund_unknown_there"
    REFUND_NOT_BOOKED = "refund_not_booked"
    REFUND_STUCK = "refund_stuck"
    REFUND_FAILED = "refund_failed"
    TOTALS = "totals"
    ENTRY_UNKNOWN_THERE = "entry_unknown_there"
    TRANSACTION_NOT_BOOKED = "transaction_not_booked"
    TRANSACTION_AMOUNT = "transaction_amount"
    PAYOUT_SUM = "payout_sum"
    DISPUTE_OPEN = "dispute_open"
    SEATS = "seats"
    SEATING = "seating"
    OVERSOLD = "oversold"
    FOLLOW_UP_MISSING = "follow_up_missing"
    EMAIL_MISSING = "email_missing"
    EMAIL_FAILED = "email_failed"
    EMAIL_STUCK = "email_stuck"
    ORDER_STUCK = "order_stuck"
    REVIEW = "review"
    REFUNDED_AND_COMING = "refunded_and_coming"
    DISPUTED_AND_COMING = "disputed_and_coming"
    PAID_BACK_TWICE = "paid_back_twice"
    NOT_COMPARED = "not_compared"


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One difference: about what, and the figures or words that its text names.

    `subject` is what it is about (an order's or a payout's id, a counter); `code` is how people call that.
    """

    kind: DifferenceKind
    subject: str
    code: str
    facts: Mapping[str, str]
    found_at: datetime

    @property
    def id(self) -> str:
        return f"{self.subject}#{self.kind.value}"

    @property
    def of_order(self) -> bool:
        """Whether its subject is an order's id, and not something that has to do with one."""
        return self.subject.isalnum()
