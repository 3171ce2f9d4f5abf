"""A payout: what was gathered from the balance and sent to the bank."""

from dataclasses import dataclass
from typing import Literal

from devstack.stripe.wire import Json

_ALWAYS_NULL = (
    "application_fee",
    "application_fee_amount",
    "original_payout",
    "payout_method",
    "reversed_by",
    "statement_descriptor",
)
_ONE_DAY = 24 * 60 * 60


@dataclass(frozen=True, kw_only=True)
class Payout:
    """One transfer to the bank; when it fails the money is back on the balance."""

    id: str
    created: int
    amount: int
    currency: str
    balance_transaction: str
    status: Literal["paid", "failed"] = "paid"
    failure_balance_transaction: str | None = None

    @property
    def arrival_date(self) -> int:
        """The day it arrives, as the midnight before."""
        return self.created - self.created % _ONE_DAY

    def as_json(self) -> Json:
        """Return the object as the API tells it."""
        failed = self.status == "failed"
        return {
            "id": self.id,
            "object": "payout",
            **dict.fromkeys(_ALWAYS_NULL),
            "amount": self.amount,
            "arrival_date": self.arrival_date,
            "automatic": True,
            "balance_transaction": self.balance_transaction,
            "created": self.created,
            "currency": self.currency,
            "description": "STRIPE PAYOUT",
            "destination": "ba_stand_in",
            "failure_balance_transaction": self.failure_balance_transaction,
            "failure_code": "account_closed" if failed else None,
            "failure_message": "The bank account has been closed." if failed else None,
            "livemode": False,
            "metadata": {},
            "method": "standard",
            "reconciliation_status": "completed",
            "source_type": "card",
            "status": self.status,
            "trace_id": {"status": "pending", "value": None},
            "type": "bank_account",
        }
