"""A charge: one movement of money from a buyer, tried or done."""

from dataclasses import dataclass, replace
from typing import Literal

from devstack.stripe.wire import Json, metadata_of

type Status = Literal["pending", "succeeded", "failed"]

_ALWAYS_NULL = (
    "application",
    "application_fee",
    "application_fee_amount",
    "calculated_statement_descriptor",
    "customer",
    "failure_balance_transaction",
    "on_behalf_of",
    "payment_method",
    "receipt_number",
    "receipt_url",
    "review",
    "shipping",
    "source",
    "source_transfer",
    "transfer_data",
    "transfer_group",
)
ATTEMPT_FAILED = "The payment attempt failed: the buyer's bank did not approve it."


@dataclass(frozen=True, kw_only=True)
class Charge:
    """One charge; `refunded_cents` counts every refund that has not failed, `asked` is what its intent was made of."""

    id: str
    created: int
    payment_intent: str
    amount: int
    currency: str
    method: str
    status: Status
    asked: Json
    refunded_cents: int = 0
    disputed: bool = False
    balance_transaction: str | None = None

    @property
    def refundable(self) -> int:
        """What has not been given back yet."""
        return self.amount - self.refunded_cents

    def settled(self, *, succeeded: bool) -> "Charge":
        """Return this charge after the delayed method brought the money, or did not."""
        return replace(self, status="succeeded" if succeeded else "failed")

    def as_json(self) -> Json:
        """Return the object as the API tells it."""
        done, failed = self.status == "succeeded", self.status == "failed"
        return {
            "id": self.id,
            "object": "charge",
            **dict.fromkeys(_ALWAYS_NULL),
            "amount": self.amount,
            "amount_captured": self.amount if done else 0,
            "amount_refunded": self.refunded_cents,
            "balance_transaction": self.balance_transaction,
            "billing_details": dict.fromkeys(("address", "email", "name", "phone", "tax_id")),
            "captured": done,
            "created": self.created,
            "currency": self.currency,
            "description": self.asked.get("description"),
            "disputed": self.disputed,
            "failure_code": "payment_failed" if failed else None,
            "failure_message": ATTEMPT_FAILED if failed else None,
            "fraud_details": {},
            "livemode": False,
            "metadata": metadata_of(self.asked),
            "outcome": None,
            "paid": not failed,
            "payment_intent": self.payment_intent,
            "payment_method_details": {"type": self.method, self.method: {}},
            "radar_options": {},
            "receipt_email": self.asked.get("receipt_email"),
            "refunded": self.refunded_cents == self.amount,
            "statement_descriptor": self.asked.get("statement_descriptor"),
            "statement_descriptor_suffix": self.asked.get("statement_descriptor_suffix"),
            "status": self.status,
        }
