"""A refund: money on its way back to the buyer, that may arrive, or not."""

from dataclasses import dataclass, replace
from typing import Literal

from devstack.stripe.wire import Json, metadata_of

type Status = Literal["pending", "succeeded", "failed", "canceled"]

_ALWAYS_NULL = (
    "customer",
    "customer_account",
    "payment_method",
    "receipt_number",
    "source_transfer_reversal",
    "transfer_reversal",
)
FAILURES = (
    *("charge_for_pending_refund_disputed", "declined", "expired_or_canceled_card", "insufficient_funds"),
    *("lost_or_stolen_card", "merchant_request", "unknown"),
)


@dataclass(frozen=True, kw_only=True)
class Refund:
    """One refund; `balance_transaction` is there once the money left, the second one once it came back."""

    id: str
    created: int
    charge: str
    payment_intent: str
    method: str
    amount: int
    currency: str
    status: Status
    asked: Json
    balance_transaction: str | None = None
    failure_balance_transaction: str | None = None
    failure_reason: str | None = None

    def ended(self, *, status: Status, returned_by: str | None, reason: str) -> "Refund":
        """Return this refund after it failed or was canceled."""
        return replace(self, status=status, failure_balance_transaction=returned_by, failure_reason=reason)

    @property
    def pending_reason(self) -> str | None:
        """Why it waits: for the buyer's bank, or for money on our own balance."""
        if self.status != "pending":
            return None
        return "insufficient_funds" if self.balance_transaction is None else "processing"

    def as_json(self) -> Json:
        """Return the object as the API tells it; what does not apply is left out, as Stripe does."""
        told = {
            "id": self.id,
            "object": "refund",
            **dict.fromkeys(_ALWAYS_NULL),
            "amount": self.amount,
            "balance_transaction": self.balance_transaction,
            "charge": self.charge,
            "created": self.created,
            "currency": self.currency,
            "destination_details": self._destination(),
            "metadata": metadata_of(self.asked),
            "payment_intent": self.payment_intent,
            "reason": self.asked.get("reason"),
            "status": self.status,
        }
        if self.pending_reason:
            told["pending_reason"] = self.pending_reason
        if self.failure_reason:
            told["failure_balance_transaction"] = self.failure_balance_transaction
            told["failure_reason"] = self.failure_reason
        return told

    def _destination(self) -> Json | None:
        if self.method != "card":
            return None
        card = {"reference_status": "pending", "reference_type": "acquirer_reference_number", "type": "refund"}
        return {"card": card, "type": "card"}
